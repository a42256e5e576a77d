package auth_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/auth"
)

// keyed is a house at a name, whose alice has a passkey.
type keyed struct {
	*house
	*auth.Passkeys
	alice *auth.User
	key   *key
}

func withPasskey(t *testing.T) *keyed {
	t.Helper()
	h := build(t)
	k := &keyed{house: h, Passkeys: h.passkeys("https://blog.example"), alice: h.add("alice", auth.Owner), key: newKey(t)}
	if err := k.addKey(k.key, "The phone"); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Hour)
	return k
}

func (h *house) passkeys(address string) *auth.Passkeys {
	h.t.Helper()
	p, err := auth.NewPasskeys(h.Gate, address)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

func (k *keyed) addKey(key *key, name string) error {
	k.t.Helper()
	c, err := k.BeginAdd(k.t.Context(), k.alice)
	if err != nil {
		return err
	}
	return k.Add(k.t.Context(), k.alice, c.Token, key.create(c), name)
}

func (k *keyed) asked() *auth.Ceremony {
	k.t.Helper()
	c, err := k.BeginLogin(k.t.Context(), home)
	if err != nil {
		k.t.Fatal(err)
	}
	return c
}

func (k *keyed) enter(c *auth.Ceremony, answer []byte, device string, from netip.Addr) (auth.Session, error) {
	return k.Passkeys.Login(k.t.Context(), c.Token, answer, device, from, "Browser/1.0")
}

func (k *keyed) mustEnter(device string, from netip.Addr) auth.Session {
	k.t.Helper()
	c := k.asked()
	s, err := k.enter(c, k.key.get(c), device, from)
	if err != nil {
		k.t.Fatal(err)
	}
	return s
}

func (k *keyed) list() []auth.Passkey {
	k.t.Helper()
	list, err := k.List(k.t.Context(), k.alice.ID)
	if err != nil {
		k.t.Fatal(err)
	}
	return list
}

func TestPasskeyBeginsASession(t *testing.T) {
	k := withPasskey(t)
	k.wantLines()
	s := k.mustEnter("", home)
	if s.User != *k.alice || s.Token == "" || s.Device == "" || !s.Expires.Equal(k.clock().Add(90*24*time.Hour)) {
		t.Errorf("got %+v", s)
	}
	if u, err := k.Session(t.Context(), s.Token); err != nil || *u != *k.alice {
		t.Errorf("the session is %v's (%v)", u, err)
	}
	if again := k.mustEnter(s.Device, home); again.Device != s.Device || again.Token == s.Token {
		t.Error("a login should make a new token and keep the device")
	}
	k.wantLines("Accepted login for alice (passkey) from 203.0.113.5", "Accepted login for alice (passkey) from 203.0.113.5")
	list := k.list()
	if len(list) != 1 || list[0].Name != "The phone" || !list[0].Created.Equal(k.clock().Add(-time.Hour)) || !list[0].Used.Equal(k.clock()) {
		t.Errorf("the list is %+v", list)
	}
}

func TestBrowsersAreAskedForPasskeysThatProveThePerson(t *testing.T) {
	k := withPasskey(t)
	c, err := k.BeginAdd(t.Context(), k.alice)
	if err != nil {
		t.Fatal(err)
	}
	o := read(t, c).PublicKey
	if o.RP.ID != "blog.example" || o.User.Name != "alice" || o.User.DisplayName != "alice" || len(unb64(t, o.Challenge)) < 32 ||
		o.AuthenticatorSelection.ResidentKey != "required" || !o.AuthenticatorSelection.RequireResidentKey || o.AuthenticatorSelection.UserVerification != "required" ||
		len(o.ExcludeCredentials) != 1 || o.ExcludeCredentials[0].ID != b64(k.key.id) || o.Attestation != "" && o.Attestation != "none" {
		t.Errorf("to add one: %s", c.Options)
	}
	c = k.asked()
	o = read(t, c).PublicKey
	if o.RPID != "blog.example" || len(unb64(t, o.Challenge)) < 32 || o.UserVerification != "required" || len(o.AllowCredentials) != 0 {
		t.Errorf("to sign in: %s", c.Options)
	}
	if !c.Expires.Equal(k.clock().Add(5*time.Minute)) || len(c.Token) != 64 {
		t.Errorf("the ceremony is %+v", c)
	}
}

func TestPasskeyAsksForNoCode(t *testing.T) {
	k := withPasskey(t)
	k.switchOn(k.alice)
	k.mustEnter("", home)
	k.wantLines("Accepted login for alice (passkey) from 203.0.113.5")
}

func TestT20RefusedPasskeyWritesOneLine(t *testing.T) {
	const known, unknown = "Authentication failure for alice (passkey) from 198.51.100.66", "Authentication failure for - (passkey) from 198.51.100.66"
	for name, c := range map[string]struct {
		answer func(*keyed, *auth.Ceremony) []byte
		line   string
	}{
		"of another site's page": {func(k *keyed, c *auth.Ceremony) []byte { k.key.origin = "https://evil.example"; return k.key.get(c) }, known},
		"of a page beneath ours": {func(k *keyed, c *auth.Ceremony) []byte {
			k.key.origin = "https://evil.blog.example"
			return k.key.get(c)
		}, known},
		"without https":        {func(k *keyed, c *auth.Ceremony) []byte { k.key.origin = "http://blog.example"; return k.key.get(c) }, known},
		"for another site":     {func(k *keyed, c *auth.Ceremony) []byte { k.key.site = "evil.example"; return k.key.get(c) }, known},
		"without the person":   {func(k *keyed, c *auth.Ceremony) []byte { k.key.flags = present | backable; return k.key.get(c) }, known},
		"without anybody":      {func(k *keyed, c *auth.Ceremony) []byte { k.key.flags = backable; return k.key.get(c) }, known},
		"that was moved":       {func(k *keyed, c *auth.Ceremony) []byte { k.key.flags = present | verified; return k.key.get(c) }, known},
		"of somebody else":     {func(k *keyed, c *auth.Ceremony) []byte { k.key.handle = []byte("bob"); return k.key.get(c) }, known},
		"of nobody":            {func(k *keyed, c *auth.Ceremony) []byte { k.key.handle = nil; return k.key.get(c) }, known},
		"signed by another":    {func(k *keyed, c *auth.Ceremony) []byte { k.key.private = newKey(t).private; return k.key.get(c) }, known},
		"for another ceremony": {func(k *keyed, c *auth.Ceremony) []byte { return k.key.get(k.asked()) }, known},
		"for adding one":       {func(k *keyed, c *auth.Ceremony) []byte { b, _ := k.BeginAdd(t.Context(), k.alice); return k.key.get(b) }, known},
		"that nobody has": {func(k *keyed, c *auth.Ceremony) []byte {
			other := newKey(t)
			other.handle = k.key.handle
			return other.get(c)
		}, unknown},
		"that is none":    {func(*keyed, *auth.Ceremony) []byte { return []byte("{}") }, unknown},
		"that is nothing": {func(*keyed, *auth.Ceremony) []byte { return nil }, unknown},
		"that forges a line": {func(*keyed, *auth.Ceremony) []byte {
			return []byte(`{"id":"x\nAccepted login for alice from 203.0.113.5"}`)
		}, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			k := withPasskey(t)
			asked := k.asked()
			if _, err := k.enter(asked, c.answer(k, asked), "", attacker); err != auth.ErrRefused {
				t.Errorf("got %v", err)
			}
			k.wantLines(c.line)
			if n := k.count("SELECT COUNT(*) FROM sessions"); n != 0 {
				t.Errorf("there are %d sessions", n)
			}
		})
	}
}

func TestAnswerServesOnce(t *testing.T) {
	k := withPasskey(t)
	c := k.asked()
	answer := k.key.get(c)
	if _, err := k.enter(c, answer, "", home); err != nil {
		t.Fatal(err)
	}
	k.lines()
	if _, err := k.enter(c, answer, "", attacker); err != auth.ErrNoPending {
		t.Errorf("the same again: %v", err)
	}
	k.wantLines("Authentication failure for alice (passkey) from 198.51.100.66")
	if _, err := k.enter(k.asked(), answer, "", attacker); err != auth.ErrRefused {
		t.Errorf("the same to another ceremony: %v", err)
	}
	k.wantLines("Authentication failure for alice (passkey) from 198.51.100.66")
	c = k.asked()
	wrong := newKey(t)
	wrong.id, wrong.handle = k.key.id, k.key.handle
	if _, err := k.enter(c, wrong.get(c), "", home); err != auth.ErrRefused {
		t.Fatal(err)
	}
	if _, err := k.enter(c, k.key.get(c), "", home); err != auth.ErrNoPending {
		t.Errorf("a ceremony that was answered wrongly: %v", err)
	}
}

func TestCeremonyWaitsFiveMinutes(t *testing.T) {
	k := withPasskey(t)
	early, late := k.asked(), k.asked()
	k.pass(5*time.Minute - time.Second)
	if _, err := k.enter(early, k.key.get(early), "", home); err != nil {
		t.Errorf("just before: %v", err)
	}
	k.pass(time.Second)
	if _, err := k.enter(late, k.key.get(late), "", home); err != auth.ErrNoPending {
		t.Errorf("after it: %v", err)
	}
	ahead := k.asked()
	k.pass(-time.Hour)
	if _, err := k.enter(ahead, k.key.get(ahead), "", home); err != auth.ErrNoPending {
		t.Errorf("begun by a clock of tomorrow: %v", err)
	}
	for _, token := range []string{"", "x"} {
		c := k.asked()
		c.Token = token
		if _, err := k.enter(c, k.key.get(c), "", home); err != auth.ErrNoPending {
			t.Errorf("token %q: %v", token, err)
		}
	}
	k.pass(2 * time.Hour)
	k.asked()
	if n := k.count("SELECT COUNT(*) FROM ceremonies"); n != 1 {
		t.Errorf("%d ceremonies are kept, want 1", n)
	}
}

func TestPasskeyThatCountsBackwardsIsRefused(t *testing.T) {
	k := withPasskey(t)
	k.key.counter = 10
	k.mustEnter("", home)
	k.lines()
	for _, counter := range []uint32{10, 9, 3} { // and one more, as it is used
		k.key.counter = counter
		c := k.asked()
		if _, err := k.enter(c, k.key.get(c), "", attacker); err != auth.ErrRefused {
			t.Errorf("after 11 comes %d: %v", counter+1, err)
		}
		k.wantLines("Authentication failure for alice (passkey) from 198.51.100.66")
	}
	k.key.counter = 0
	c := k.asked()
	if _, err := k.enter(c, k.key.get(c), "", attacker); err != auth.ErrRefused {
		t.Errorf("one that does not count any more: %v", err)
	}
	k.key.counter = 20
	k.mustEnter("", home)
}

func TestOfManyAtOnceOnePasskeyGetsIn(t *testing.T) {
	for _, c := range []struct {
		name  string
		count uint32
		one   bool // ceremony for all of them
	}{{"with one ceremony", 0, true}, {"with one count of the key", 10, false}} {
		t.Run(c.name, func(t *testing.T) {
			k := withPasskey(t)
			processes := []*auth.Passkeys{k.Passkeys, (&house{Gate: auth.New(k.db, k.log, k.clock), t: t}).passkeys("https://blog.example")}
			asked := k.asked()
			var all sync.WaitGroup
			outcomes := make(chan error, 4)
			for i := range 4 {
				if !c.one {
					asked = k.asked()
				}
				k.key.counter = c.count
				token, answer := asked.Token, k.key.get(asked)
				all.Go(func() {
					from := netip.MustParseAddr(fmt.Sprintf("198.51.%d.1", i))
					_, err := processes[i%2].Login(t.Context(), token, answer, "", from, "")
					outcomes <- err
				})
			}
			all.Wait()
			close(outcomes)
			in := 0
			for err := range outcomes {
				if err == nil {
					in++
				} else if err != auth.ErrRefused && err != auth.ErrNoPending {
					t.Error(err)
				}
			}
			if in != 1 || len(k.lines()) != 4 {
				t.Errorf("%d got in, want 1, with a line for each", in)
			}
		})
	}
}

func TestAnotherProcessTakesTheAnswer(t *testing.T) {
	k := withPasskey(t)
	other := (&house{Gate: auth.New(k.db, k.log, k.clock), t: t}).passkeys("https://blog.example")
	c := k.asked()
	s, err := other.Login(t.Context(), c.Token, k.key.get(c), "", home, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Session(t.Context(), s.Token); err != nil {
		t.Error(err)
	}
}

func TestRemovedPasskeyOpensNothing(t *testing.T) {
	k := withPasskey(t)
	id := k.list()[0].ID
	c := k.asked()
	answer := k.key.get(c)
	bob := k.add("bob", auth.Author)
	if err := k.Remove(t.Context(), bob.ID, id); !errors.Is(err, auth.ErrNoPasskey) {
		t.Errorf("bob removes alice's: %v", err)
	}
	if err := k.Remove(t.Context(), k.alice.ID, id); err != nil {
		t.Fatal(err)
	}
	if err := k.Remove(t.Context(), k.alice.ID, id); !errors.Is(err, auth.ErrNoPasskey) {
		t.Errorf("twice: %v", err)
	}
	if _, err := k.enter(c, answer, "", home); err != auth.ErrRefused {
		t.Errorf("got %v", err)
	}
	k.wantLines("Authentication failure for - (passkey) from 203.0.113.5")
}

func TestPasskeysAreNamed(t *testing.T) {
	k := withPasskey(t)
	id := k.list()[0].ID
	if err := k.Rename(t.Context(), k.alice.ID, id, "  Old phone "); err != nil {
		t.Fatal(err)
	}
	if got := k.list()[0].Name; got != "Old phone" {
		t.Errorf("it is called %q", got)
	}
	wantInvalid(t, k.Rename(t.Context(), k.alice.ID, id, "two\nlines"), "name")
	if err := k.Rename(t.Context(), k.add("bob", auth.Author).ID, id, "Mine"); !errors.Is(err, auth.ErrNoPasskey) {
		t.Errorf("bob names alice's: %v", err)
	}
	wantInvalid(t, k.addKey(newKey(t), strings.Repeat("x", 101)), "name")
	if err := k.addKey(newKey(t), " "); err != nil || k.list()[1].Name != "A passkey" {
		t.Errorf("without a name: %v", err)
	}
}

func TestWhatIsNoPasskeyIsNotKept(t *testing.T) {
	for name, spoil := range map[string]func(*key){
		"of another site's page": func(k *key) { k.origin = "https://evil.example" },
		"for another site":       func(k *key) { k.site = "evil.example" },
		"without the person":     func(k *key) { k.flags = present },
		"with no name":           func(k *key) { k.id = nil },
	} {
		k := withPasskey(t)
		bad := newKey(t)
		spoil(bad)
		if err := k.addKey(bad, ""); err == nil || len(k.list()) != 1 {
			t.Errorf("one %s: %v, and %d are kept", name, err, len(k.list()))
		} else {
			wantInvalid(t, err, "passkey")
		}
	}
	k := withPasskey(t)
	wantInvalid(t, k.addKey(k.key, ""), "passkey") // which is there already
	bob := k.add("bob", auth.Author)
	c, err := k.BeginAdd(t.Context(), k.alice)
	if err != nil {
		t.Fatal(err)
	}
	other := newKey(t)
	wantInvalid(t, k.Add(t.Context(), bob, c.Token, other.create(c), ""), "passkey")
	wantInvalid(t, k.Add(t.Context(), k.alice, c.Token, []byte("{}"), ""), "passkey")
	wantInvalid(t, k.Add(t.Context(), k.alice, c.Token, other.create(c), ""), "passkey") // the ceremony is over
	login := k.asked()
	wantInvalid(t, k.Add(t.Context(), k.alice, login.Token, other.create(login), ""), "passkey")
	k.wantLines()
	for i := len(k.list()); i < 25; i++ {
		if err := k.addKey(newKey(t), ""); err != nil {
			t.Fatal(err)
		}
	}
	wantInvalid(t, k.addKey(newKey(t), ""), "passkey")
}

func TestPasskeysAreLimitedLikePasswords(t *testing.T) {
	k := withPasskey(t)
	device := k.mustEnter("", home).Device
	bad := newKey(t)
	bad.id, bad.handle = k.key.id, k.key.handle
	for i := range 10 {
		c := k.asked()
		k.pass(3 * time.Second) // no begun login is refused, and the account's budget stays spent
		if _, err := k.enter(c, bad.get(c), "", netip.MustParseAddr(fmt.Sprintf("198.51.%d.1", i))); err != auth.ErrRefused {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	k.lines()
	c := k.asked()
	if _, err := k.enter(c, k.key.get(c), "", attacker); !isThrottled(err) {
		t.Errorf("the eleventh: %v", err)
	}
	k.wantLines("Too many authentication failures for alice from 198.51.100.66")
	if _, err := k.enter(c, k.key.get(c), device, home); err != nil {
		t.Errorf("a device that signed in before, with the ceremony that was not looked at: %v", err)
	}

	k.pass(time.Hour)
	for range 5 {
		k.enter(k.asked(), []byte("{}"), "", attacker)
	}
	k.lines()
	if _, err := k.enter(k.asked(), []byte("{}"), "", attacker); !isThrottled(err) {
		t.Errorf("the sixth of an address: %v", err)
	}
	k.wantLines("Too many authentication failures for - from 198.51.100.66")
	if _, err := k.login("alice", password, "", attacker); !isThrottled(err) {
		t.Errorf("a password from there: %v", err)
	}
}

func TestNotManyLoginsAreBegunFromAnAddress(t *testing.T) {
	k := withPasskey(t)
	for i := range 20 {
		if _, err := k.BeginLogin(t.Context(), attacker); err != nil {
			t.Fatalf("number %d: %v", i, err)
		}
	}
	if _, err := k.BeginLogin(t.Context(), attacker); !isThrottled(err) {
		t.Errorf("number 21: %v", err)
	}
	k.wantLines("Too many authentication failures for - from 198.51.100.66")
	k.mustEnter("", home)
}

func TestManyBegunLoginsMakeRoom(t *testing.T) {
	k := withPasskey(t)
	mine, err := k.BeginAdd(t.Context(), k.alice)
	if err != nil {
		t.Fatal(err)
	}
	first := k.asked()
	k.change(`
		INSERT INTO ceremonies (token_hash, user_id, asked, expires_at)
		WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 2500)
		SELECT 'made up ' || n, '', '', CAST($1 AS BIGINT) FROM counted`, k.clock().Add(5*time.Minute+time.Second).Unix())
	k.pass(2 * time.Second)
	last := k.asked()
	if n := k.count("SELECT COUNT(*) FROM ceremonies WHERE user_id = ''"); n != 2000 {
		t.Errorf("%d are under way, want 2000", n)
	}
	if _, err := k.enter(first, k.key.get(first), "", home); err != auth.ErrNoPending {
		t.Errorf("the oldest: %v", err)
	}
	if _, err := k.enter(last, k.key.get(last), "", home); err != nil {
		t.Errorf("the newest: %v", err)
	}
	if err := k.Add(t.Context(), k.alice, mine.Token, newKey(t).create(mine), ""); err != nil {
		t.Errorf("one who is signed in: %v", err)
	}
}

func TestPasskeysNeedANameAndASafeWay(t *testing.T) {
	h := build(t)
	for address, able := range map[string]bool{
		"https://blog.example": true, "https://blog.example:8443": true, "http://localhost:8080": true, "http://hark.localhost": true,
		"http://blog.example": false, "https://203.0.113.5": false, "http://127.0.0.1:8080": false, "https://[2001:db8::1]": false,
	} {
		if got := h.passkeys(address).Able(); got != able {
			t.Errorf("at %s: %v, want %v", address, got, able)
		}
	}
	k := withPasskey(t)
	c := k.asked()
	k.Passkeys = k.passkeys("http://203.0.113.5") // where the site has moved
	if _, err := k.enter(c, k.key.get(c), "", home); err != auth.ErrRefused {
		t.Errorf("where there are none: %v", err)
	}
	k.wantLines("Authentication failure for - (passkey) from 203.0.113.5")
	if (*auth.Passkeys)(nil).Able() {
		t.Error("without any there are some")
	}
}

func TestPortOfTheSiteBelongsToIt(t *testing.T) {
	for address, origin := range map[string]string{
		"https://blog.example:8443": "https://blog.example:8443", "https://blog.example:443": "https://blog.example",
	} {
		k := withPasskey(t)
		k.Passkeys = k.passkeys(address)
		k.key.origin = origin
		k.mustEnter("", home)
	}
	k := withPasskey(t)
	k.Passkeys = k.passkeys("https://blog.example:8443")
	c := k.asked()
	if _, err := k.enter(c, k.key.get(c), "", home); err != auth.ErrRefused {
		t.Errorf("of a page at another port: %v", err)
	}
}

func TestSessionIsFreshForTenMinutes(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	s := h.mustLogin("", home)
	fresh := func(want bool) {
		t.Helper()
		if got, err := h.Fresh(t.Context(), s.Token); err != nil || got != want {
			t.Errorf("fresh is %v (%v), want %v", got, err, want)
		}
	}
	fresh(true)
	h.pass(10*time.Minute - time.Second)
	fresh(true)
	h.pass(time.Second)
	fresh(false)
	h.lines()
	if err := h.Prove(t.Context(), alice, s.Token, wrong, s.Device, home); err != auth.ErrRefused {
		t.Errorf("a wrong password: %v", err)
	}
	h.wantLines("Authentication failure for alice from 203.0.113.5")
	fresh(false)
	if err := h.Prove(t.Context(), alice, s.Token, password, s.Device, home); err != nil {
		t.Fatal(err)
	}
	h.wantLines()
	fresh(true)
	h.pass(-time.Hour) // by a clock that was set back it is of the future
	fresh(false)
	if got, err := h.Fresh(t.Context(), "made up"); got || err != nil {
		t.Errorf("a session made up is %v (%v)", got, err)
	}
}
