package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"hark/internal/auth"
)

const step = 30 * time.Second

// app is the program on alice's phone that makes one-time codes.
type app struct {
	h        *house
	user     *auth.User
	secret   string
	recovery []string
}

// withCodes is a house whose alice has one-time codes on, since a while.
func withCodes(t *testing.T) (*house, *app) {
	t.Helper()
	h := build(t)
	a := h.switchOn(h.add("alice", auth.Owner))
	h.pass(time.Hour)
	return h, a
}

func (h *house) switchOn(u *auth.User) *app {
	h.t.Helper()
	ctx := h.t.Context()
	if err := h.NewKey(ctx, u.ID); err != nil {
		h.t.Fatal(err)
	}
	key, err := h.Key(ctx, u, "blog.example")
	if err != nil || key == nil {
		h.t.Fatalf("no key waits: %v", err)
	}
	a := &app{h: h, user: u, secret: key.Secret()}
	if a.recovery, err = h.ConfirmCodes(ctx, u.ID, a.code()); err != nil {
		h.t.Fatal(err)
	}
	return a
}

// at is the code that the app shows some time from now.
func (a *app) at(later time.Duration) string {
	a.h.t.Helper()
	code, err := totp.GenerateCode(a.secret, a.h.clock().Add(later))
	if err != nil {
		a.h.t.Fatal(err)
	}
	return code
}

func (a *app) code() string { return a.at(0) }

// wrong is six digits that are no code of about now.
func (a *app) wrong() string {
	right := a.at(-step) + a.at(0) + a.at(step)
	for n := 0; ; n++ {
		if code := fmt.Sprintf("%06d", n*111111); !strings.Contains(right, code) {
			return code
		}
	}
}

// half logs in by the password, up to the code.
func (h *house) half(device string, from netip.Addr) (pending string) {
	h.t.Helper()
	s, err := h.login("alice", password, device, from)
	var p *auth.Pending
	if !errors.As(err, &p) || s.Token != "" || s.Device != "" || p.Token == "" {
		h.t.Fatalf("the right password gives %+v, %v; want a login that waits", s, err)
	}
	return p.Token
}

func (h *house) second(pending, code, device string, from netip.Addr) (auth.Session, error) {
	return h.Second(h.t.Context(), pending, code, device, from, "Browser/1.0")
}

// mustSecond logs in by password and code.
func (h *house) mustSecond(code, device string, from netip.Addr) auth.Session {
	h.t.Helper()
	s, err := h.second(h.half(device, from), code, device, from)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *house) codes(u *auth.User) auth.Codes {
	h.t.Helper()
	c, err := h.Codes(h.t.Context(), u.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *house) count(query string) (n int) {
	h.t.Helper()
	if err := h.db.QueryRow(context.Background(), query).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func TestPasswordAndCodeBeginASession(t *testing.T) {
	h, app := withCodes(t)
	pending := h.half("", home)
	h.wantLines()
	if n := h.count("SELECT COUNT(*) FROM sessions") + h.count("SELECT COUNT(*) FROM devices"); n != 0 {
		t.Errorf("the password alone leaves %d rows of sessions and devices", n)
	}
	if u, err := h.Pending(t.Context(), pending); err != nil || *u != *app.user {
		t.Errorf("the login that waits is %v's (%v)", u, err)
	}
	s, err := h.second(pending, app.code(), "", home)
	if err != nil {
		t.Fatal(err)
	}
	if s.User != *app.user || s.Token == "" || s.Device == "" || s.Token == pending || !s.Expires.Equal(h.clock().Add(90*24*time.Hour)) {
		t.Errorf("got %+v", s)
	}
	if u, err := h.Session(t.Context(), s.Token); err != nil || *u != *app.user {
		t.Errorf("the session is %v's (%v)", u, err)
	}
	h.wantLines("Accepted login for alice from 203.0.113.5")
}

func TestRecoveryCodeStandsInForAnother(t *testing.T) {
	h, app := withCodes(t)
	if c := h.codes(app.user); !c.On || c.Recovery != 10 || len(app.recovery) != 10 || !c.Since.Equal(h.clock().Add(-time.Hour)) {
		t.Fatalf("got %+v and %d recovery codes", c, len(app.recovery))
	}
	h.mustSecond(app.recovery[3], "", home)
	h.wantLines("Accepted login for alice (recovery-code) from 203.0.113.5")
	if c := h.codes(app.user); c.Recovery != 9 {
		t.Errorf("%d recovery codes are left, want 9", c.Recovery)
	}
	if _, err := h.second(h.half("", home), app.recovery[3], "", home); err != auth.ErrRefused {
		t.Errorf("the same again: %v", err)
	}
	h.wantLines("Authentication failure for alice (recovery-code) from 203.0.113.5")
	h.mustSecond(app.recovery[4], "", home)
}

func TestT20RefusedCodeWritesOneLine(t *testing.T) {
	h, app := withCodes(t)
	for _, c := range []struct{ code, how string }{
		{app.wrong(), "second-factor"},
		{"", "second-factor"},
		{"not-a-code", "recovery-code"},
		{"0000-0000-0000-0000", "recovery-code"},
		{app.code() + app.code(), "recovery-code"},
		{password, "recovery-code"},
		{app.code() + "\x00", "recovery-code"},
		{"\xff\nAccepted login for alice from 203.0.113.5", "recovery-code"},
		{strings.Repeat("1", 60_000), "recovery-code"},
	} {
		pending := h.half("", home)
		_, err := h.second(pending, c.code, "", attacker)
		if err != auth.ErrRefused {
			t.Errorf("%.40q: %v", c.code, err)
		}
		h.wantLines("Authentication failure for alice (" + c.how + ") from 198.51.100.66")
		h.pass(2 * time.Minute)
	}
}

func TestWrongCodeLeavesTheLoginWaiting(t *testing.T) {
	h, app := withCodes(t)
	pending := h.half("", home)
	if _, err := h.second(pending, app.wrong(), "", home); err != auth.ErrRefused {
		t.Fatal(err)
	}
	if _, err := h.second(pending, app.code(), "", home); err != nil {
		t.Errorf("the right one after it: %v", err)
	}
}

func TestClocksMayBeAStepApart(t *testing.T) {
	for off, ok := range map[time.Duration]bool{-2 * step: false, -step: true, 0: true, step: true, 2 * step: false} {
		h, app := withCodes(t)
		if _, err := h.second(h.half("", home), app.at(off), "", home); (err == nil) != ok {
			t.Errorf("a code of %v from now: %v", off, err)
		}
	}
}

func TestCodeCountsOnce(t *testing.T) {
	h, app := withCodes(t)
	h.mustSecond(app.code(), "", home)
	refused := func(code string) {
		t.Helper()
		h.lines()
		if _, err := h.second(h.half("", home), code, "", home); err != auth.ErrRefused {
			t.Errorf("%s: %v", code, err)
		}
		h.wantLines("Authentication failure for alice (second-factor) from 203.0.113.5")
	}
	refused(app.code())
	refused(app.at(-step)) // older than one that was used
	h.pass(step)
	refused(app.at(-step))
	h.mustSecond(app.code(), "", home)
	h.pass(10 * step)
	h.mustSecond(app.at(step), "", home) // of a phone that is ahead
	refused(app.code())
}

func TestCodeThatSwitchedThemOnLogsNobodyIn(t *testing.T) {
	h := build(t)
	app := h.switchOn(h.add("alice", auth.Owner))
	if _, err := h.second(h.half("", home), app.code(), "", home); err != auth.ErrRefused {
		t.Errorf("got %v", err)
	}
	h.pass(step)
	h.mustSecond(app.code(), "", home)
}

func TestCodesAreTakenAsTheyAreCopied(t *testing.T) {
	h, app := withCodes(t)
	for i, spoil := range []func(string) string{
		func(code string) string { return " " + code[:3] + " " + code[3:] + "\r\n" },
		func(code string) string { return code[:3] + "\u00a0" + code[3:] },
		func(code string) string { return code[:3] + "-" + code[3:] },
	} {
		h.pass(2 * step)
		if _, err := h.second(h.half("", home), spoil(app.code()), "", home); err != nil {
			t.Errorf("one-time code %d: %v", i, err)
		}
	}
	for i, spoil := range []func(string) string{
		strings.ToUpper,
		func(code string) string { return strings.ReplaceAll(code, "-", "") },
		func(code string) string { return " " + strings.ReplaceAll(code, "-", " - ") + "\t" },
		func(code string) string { return strings.NewReplacer("0", "O", "1", "l").Replace(code) },
		func(code string) string { return strings.NewReplacer("0", "o", "1", "I").Replace(code) },
	} {
		if _, err := h.second(h.half("", home), spoil(app.recovery[i]), "", home); err != nil {
			t.Errorf("recovery code %q: %v", spoil(app.recovery[i]), err)
		}
	}
}

func TestPendingLoginEndsOnce(t *testing.T) {
	h, app := withCodes(t)
	pending := h.half("", home)
	if _, err := h.second(pending, app.code(), "", home); err != nil {
		t.Fatal(err)
	}
	h.pass(step)
	h.lines()
	if _, err := h.second(pending, app.code(), "", attacker); err != auth.ErrNoPending {
		t.Errorf("the same again: %v", err)
	}
	h.wantLines("Authentication failure for - (second-factor) from 198.51.100.66")
	h.mustSecond(app.code(), "", home) // and the code is not spent by it
}

func TestPendingLoginWaitsFiveMinutes(t *testing.T) {
	h, app := withCodes(t)
	pending := h.half("", home)
	h.pass(5*time.Minute - time.Second)
	if _, err := h.Pending(t.Context(), pending); err != nil {
		t.Errorf("just before: %v", err)
	}
	h.pass(time.Second)
	if _, err := h.Pending(t.Context(), pending); err != auth.ErrNoPending {
		t.Errorf("after it: %v", err)
	}
	if _, err := h.second(pending, app.code(), "", home); err != auth.ErrNoPending {
		t.Errorf("a code after it: %v", err)
	}
	for _, token := range []string{"", "x", pending + "0"} {
		if _, err := h.Pending(t.Context(), token); err != auth.ErrNoPending {
			t.Errorf("token %q: %v", token, err)
		}
	}
	h.half("", home)
	if n := h.count("SELECT COUNT(*) FROM pending_logins"); n != 1 {
		t.Errorf("%d logins are kept waiting, want 1", n)
	}
}

func TestMadeUpPendingLoginsAreThrottledByAddress(t *testing.T) {
	h, app := withCodes(t)
	for i := range 5 {
		if _, err := h.second("made up", app.code(), "", attacker); err != auth.ErrNoPending {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	h.lines()
	if _, err := h.second("made up", app.code(), "", attacker); !isThrottled(err) {
		t.Errorf("the sixth: %v", err)
	}
	h.wantLines("Too many authentication failures for - from 198.51.100.66")
	h.mustSecond(app.code(), "", home)
}

func TestNewPasswordEndsPendingLoginsAndKeepsCodesOn(t *testing.T) {
	h, app := withCodes(t)
	pending := h.half("", home)
	if err := h.SetPassword(t.Context(), "alice", "another set of words"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.second(pending, app.code(), "", home); err != auth.ErrNoPending {
		t.Errorf("a login begun with the old password: %v", err)
	}
	if c := h.codes(app.user); !c.On || c.Recovery != 10 {
		t.Errorf("a new password leaves codes %+v", c)
	}
	_, err := h.login("alice", "another set of words", "", home)
	if p := (*auth.Pending)(nil); !errors.As(err, &p) {
		t.Errorf("the new password alone: %v", err)
	}
}

func TestCodesAreGuessedAtTenTimesAtMost(t *testing.T) {
	h, app := withCodes(t)
	device := h.mustSecond(app.code(), "", home).Device
	h.pass(2 * step)
	pending := h.half("", attacker)
	bot := func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("198.51.%d.1", i)) }
	for i := range 10 {
		if i == 7 { // the password, which is known, gives no tries back
			pending = h.half("", bot(100))
		}
		if _, err := h.second(pending, app.wrong(), "", bot(i)); err != auth.ErrRefused {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	h.lines()
	if _, err := h.second(pending, app.code(), "", bot(11)); !isThrottled(err) {
		t.Errorf("the eleventh: %v", err)
	}
	h.wantLines("Too many authentication failures for alice from 198.51.11.1")
	if _, err := h.login("alice", password, "", bot(12)); !isThrottled(err) {
		t.Errorf("the password after that: %v", err)
	}
	h.mustSecond(app.code(), device, home) // a device that signed in before
}

func TestKnownDeviceHasABudgetOfItsOwn(t *testing.T) {
	h, app := withCodes(t)
	device := h.mustSecond(app.code(), "", home).Device
	h.pass(2 * step)
	pending := h.half(device, home)
	for i := range 10 {
		from := netip.MustParseAddr(fmt.Sprintf("198.51.%d.1", i))
		if _, err := h.second(pending, app.wrong(), device, from); err != auth.ErrRefused {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if _, err := h.second(pending, app.code(), device, home); !isThrottled(err) {
		t.Errorf("the eleventh from a stolen device: %v", err)
	}
	h.mustSecond(app.code(), "", home)
}

func TestCodesOfAnAddressAreLimited(t *testing.T) {
	h, app := withCodes(t)
	pending := h.half("", home)
	for i := range 5 {
		if _, err := h.second(pending, app.wrong(), "", attacker); err != auth.ErrRefused {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	if _, err := h.second(pending, app.code(), "", attacker); !isThrottled(err) {
		t.Errorf("the sixth of an address: %v", err)
	}
	if _, err := h.second(pending, app.code(), "", home); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
}

// atOnce counts how many of several gates, as if of several processes, let
// somebody in who shows each the same.
func atOnce(t *testing.T, gates []*auth.Gate, pending []string, code string) (in int) {
	t.Helper()
	var all sync.WaitGroup
	outcomes := make(chan error, len(pending))
	for i := range pending {
		all.Go(func() {
			_, err := gates[i%len(gates)].Second(t.Context(), pending[i], code, "", netip.MustParseAddr(fmt.Sprintf("198.51.%d.1", i)), "")
			outcomes <- err
		})
	}
	all.Wait()
	close(outcomes)
	for err := range outcomes {
		switch {
		case err == nil:
			in++
		case !errors.Is(err, auth.ErrRefused) && !errors.Is(err, auth.ErrNoPending):
			t.Error(err)
		}
	}
	return in
}

func TestOfManyAtOnceOneGetsIn(t *testing.T) {
	for _, c := range []struct {
		name string
		code func(*app) string
		tabs func(*house) []string
		line string
	}{
		{"with one code", (*app).code, func(h *house) []string {
			return []string{h.half("", home), h.half("", home), h.half("", home), h.half("", home)}
		}, "second-factor"},
		{"with one recovery code", func(a *app) string { return a.recovery[0] }, func(h *house) []string {
			return []string{h.half("", home), h.half("", home), h.half("", home), h.half("", home)}
		}, "recovery-code"},
		{"with one pending login", (*app).code, func(h *house) []string { p := h.half("", home); return []string{p, p, p, p} }, "second-factor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, app := withCodes(t)
			gates := []*auth.Gate{h.Gate, auth.New(h.db, h.log, h.clock)}
			if in := atOnce(t, gates, c.tabs(h), c.code(app)); in != 1 {
				t.Errorf("%d got in, want 1", in)
			}
			accepted, failed := 0, 0
			for _, line := range h.lines() {
				if strings.HasPrefix(line, "Accepted login for alice") {
					accepted++
				} else if strings.Contains(line, "("+c.line+")") {
					failed++
				}
			}
			if accepted != 1 || failed != 3 {
				t.Errorf("%d lines of success and %d of failure, want 1 and 3", accepted, failed)
			}
			if n := h.count("SELECT COUNT(*) FROM sessions"); n != 1 {
				t.Errorf("%d sessions were made, want 1", n)
			}
		})
	}
}

func TestAnotherProcessTakesTheCode(t *testing.T) {
	h, app := withCodes(t)
	other := auth.New(h.db, h.log, h.clock)
	pending := h.half("", home)
	s, err := other.Second(t.Context(), pending, app.code(), "", home, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Session(t.Context(), s.Token); err != nil {
		t.Error(err)
	}
	if _, err := h.second(h.half("", home), app.code(), "", home); err != auth.ErrRefused {
		t.Errorf("the same code here: %v", err)
	}
}

func TestClockThatIsSetBackOpensNothing(t *testing.T) {
	h, app := withCodes(t)
	used := app.code()
	h.mustSecond(used, "", home)
	later := app.at(time.Hour)
	h.pass(time.Hour) // it went wrong, while the phone's did not
	if _, err := h.second(h.half("", home), app.at(-time.Hour), "", home); err != auth.ErrRefused {
		t.Errorf("a code of an hour ago: %v", err)
	}
	ahead := h.half("", home)
	h.pass(-time.Hour)
	if _, err := h.second(ahead, app.at(step), "", home); err != auth.ErrNoPending {
		t.Errorf("a login that was begun by a clock of tomorrow: %v", err)
	}
	pending := h.half("", home)
	for _, code := range []string{used, later} {
		if _, err := h.second(pending, code, "", home); err != auth.ErrRefused {
			t.Errorf("code %s: %v", code, err)
		}
	}
	if _, err := h.second(pending, app.at(step), "", home); err != nil {
		t.Errorf("the next code: %v", err)
	}
}

func TestClockThatIsAMinuteWrongKeepsNobodyOut(t *testing.T) {
	h, app := withCodes(t)
	h.mustSecond(app.code(), "", home) // while the clock is half a minute behind the phone's
	pending := h.half("", home)
	h.pass(-step)
	if _, err := h.second(pending, app.at(step), "", home); err != auth.ErrRefused {
		t.Errorf("the used one: %v", err)
	}
	h.pass(step)
	if _, err := h.second(pending, app.at(step), "", home); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

func TestSwitchingOffAsksForPasswordOrCode(t *testing.T) {
	h, app := withCodes(t)
	device := h.mustSecond(app.recovery[0], "", home).Device
	h.lines()
	for proof, line := range map[string]string{
		wrong:           "Authentication failure for alice from 203.0.113.5",
		"":              "Authentication failure for alice from 203.0.113.5",
		app.recovery[1]: "Authentication failure for alice from 203.0.113.5",
		app.wrong():     "Authentication failure for alice (second-factor) from 203.0.113.5",
	} {
		if err := h.CodesOff(t.Context(), app.user, proof, device, home); err != auth.ErrRefused {
			t.Errorf("%q: %v", proof, err)
		}
		h.wantLines(line)
	}
	h.pass(time.Minute)
	if c := h.codes(app.user); !c.On || c.Recovery != 9 {
		t.Fatalf("a refused attempt leaves %+v", c)
	}
	used := app.code()
	pending := h.half("", home)
	if err := h.CodesOff(t.Context(), app.user, used, device, home); err != nil {
		t.Fatal(err)
	}
	if c := h.codes(app.user); c.On || c.Recovery != 0 {
		t.Errorf("switched off they are %+v", c)
	}
	if _, err := h.second(pending, app.recovery[1], "", home); err != auth.ErrNoPending {
		t.Errorf("a login that waits for a code of then: %v", err)
	}
	h.lines()
	h.mustLogin("", home)
	h.wantLines("Accepted login for alice from 203.0.113.5")

	h.switchOn(app.user)
	if err := h.CodesOff(t.Context(), app.user, password, device, home); err != nil {
		t.Errorf("by the password: %v", err)
	}
	h.wantLines()
}

func TestProofsAreGuessedAtTenTimesAtMost(t *testing.T) {
	h, app := withCodes(t)
	device := h.mustSecond(app.code(), "", home).Device
	h.pass(2 * step)
	for i := range 10 {
		from := netip.MustParseAddr(fmt.Sprintf("198.51.%d.1", i))
		if err := h.CodesOff(t.Context(), app.user, app.wrong(), device, from); err != auth.ErrRefused {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	h.lines()
	if err := h.CodesOff(t.Context(), app.user, app.code(), device, home); !isThrottled(err) {
		t.Errorf("the eleventh: %v", err)
	}
	h.wantLines("Too many authentication failures for alice from 203.0.113.5")
}

func TestRecoveryCodesAreRenewed(t *testing.T) {
	h, app := withCodes(t)
	if _, err := h.RenewRecovery(t.Context(), app.user, wrong, "", home); err != auth.ErrRefused {
		t.Errorf("with a wrong password: %v", err)
	}
	h.mustSecond(app.recovery[0], "", home)
	fresh, err := h.RenewRecovery(t.Context(), app.user, app.code(), "", home)
	if err != nil || len(fresh) != 10 {
		t.Fatalf("got %d codes (%v)", len(fresh), err)
	}
	if c := h.codes(app.user); c.Recovery != 10 {
		t.Errorf("%d are left, want 10", c.Recovery)
	}
	if _, err := h.second(h.half("", home), app.recovery[1], "", home); err != auth.ErrRefused {
		t.Errorf("one of before: %v", err)
	}
	h.mustSecond(fresh[9], "", home)
	seen := map[string]bool{}
	for _, code := range append(fresh, app.recovery...) {
		if len(code) != 19 || seen[code] {
			t.Errorf("recovery code %q", code)
		}
		seen[code] = true
	}
}

func TestCodesAreNotOnBeforeTheFirstOne(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	if key, err := h.Key(t.Context(), alice, "blog.example"); key != nil || err != nil {
		t.Errorf("a key waits that nobody made: %v", err)
	}
	if err := h.NewKey(t.Context(), alice.ID); err != nil {
		t.Fatal(err)
	}
	key, err := h.Key(t.Context(), alice, "blog.example")
	if err != nil {
		t.Fatal(err)
	}
	if key.Issuer() != "blog.example" || key.AccountName() != "alice" || len(key.Secret()) != 32 || key.Type() != "totp" {
		t.Errorf("the key is %s", key)
	}
	h.mustLogin("", home)
	app := &app{h: h, user: alice, secret: key.Secret()}
	for _, code := range []string{app.wrong(), "", app.at(2 * step)} {
		_, err := h.ConfirmCodes(t.Context(), alice.ID, code)
		wantInvalid(t, err, "code")
	}
	if h.codes(alice).On || h.count("SELECT COUNT(*) FROM recovery_codes") != 0 {
		t.Error("a wrong code switches them on")
	}
	if err := h.NewKey(t.Context(), alice.ID); err != nil {
		t.Fatal(err)
	}
	_, err = h.ConfirmCodes(t.Context(), alice.ID, app.code())
	wantInvalid(t, err, "code") // of the key before
	key, _ = h.Key(t.Context(), alice, "blog.example")
	app.secret = key.Secret()
	h.pass(time.Hour)
	if key, _ := h.Key(t.Context(), alice, "blog.example"); key != nil {
		t.Error("a key of an hour ago is still shown")
	}
	_, err = h.ConfirmCodes(t.Context(), alice.ID, app.code())
	wantInvalid(t, err, "code")
	h.lines()
	h.switchOn(alice)
	h.wantLines()
}

func TestKeyIsNotShownOnceItIsConfirmed(t *testing.T) {
	h, app := withCodes(t)
	h.change("UPDATE codes SET created_at = $1", h.clock().Unix())
	if key, err := h.Key(t.Context(), app.user, "blog.example"); key != nil || err != nil {
		t.Errorf("it is shown (%v)", err)
	}
	if err := h.NewKey(t.Context(), app.user.ID); err != nil {
		t.Fatal(err)
	}
	h.mustSecond(app.code(), "", home) // and no other has taken its place
	_, err := h.ConfirmCodes(t.Context(), app.user.ID, app.at(step))
	wantInvalid(t, err, "code")
}

func TestWhoHoldsTheMachineSwitchesCodesOff(t *testing.T) {
	h, app := withCodes(t)
	pending := h.half("", home)
	if err := h.DropCodes(t.Context(), "Alice"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.second(pending, app.code(), "", home); err != auth.ErrNoPending {
		t.Errorf("a login that waits: %v", err)
	}
	h.mustLogin("", home)
	if err := h.DropCodes(t.Context(), "alice"); err != nil {
		t.Errorf("where they are off: %v", err)
	}
	if err := h.DropCodes(t.Context(), "nobody"); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("nobody's: %v", err)
	}
}

func TestSomebodyElsesCodesOpenNothing(t *testing.T) {
	h, _ := withCodes(t)
	bob := h.switchOn(h.add("bob", auth.Author))
	h.pass(time.Hour)
	for _, code := range []string{bob.code(), bob.recovery[0]} {
		if _, err := h.second(h.half("", home), code, "", home); err != auth.ErrRefused {
			t.Errorf("bob's %s: %v", code, err)
		}
	}
	if c := h.codes(bob.user); c.Recovery != 10 {
		t.Errorf("bob has %d recovery codes left", c.Recovery)
	}
}

func TestRecoveryCodesAndPendingLoginsAreKeptHashed(t *testing.T) {
	h, app := withCodes(t)
	pending := h.half("", home)
	for _, query := range []string{"SELECT code_hash FROM recovery_codes", "SELECT token_hash FROM pending_logins"} {
		rows, err := h.db.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var kept string
			if err := rows.Scan(&kept); err != nil {
				t.Fatal(err)
			}
			for _, secret := range append(app.recovery, pending) {
				if strings.Contains(kept, secret) || strings.Contains(kept, strings.ReplaceAll(secret, "-", "")) {
					t.Errorf("%s gives %q", query, kept)
				}
			}
		}
		rows.Close()
	}
}
