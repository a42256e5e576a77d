package auth_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/indieauth"
)

const (
	quill    = "https://quill.example/"
	done     = "https://quill.example/done"
	me       = "https://blog.example/"
	verifier = "a-verifier-that-is-long-enough-for-the-standard"

	acceptedBy = "Accepted login for alice (indieauth) from 203.0.113.5"
	refusedAs  = "Authentication failure for https://blog.example/ (indieauth) from 198.51.100.66"
	refusedAny = "Authentication failure for - (indieauth) from 198.51.100.66"
)

// asks is what the app asks for, and alice allows.
func asks(scopes ...string) auth.Consent {
	return auth.Consent{Client: quill, Name: "Quill", Redirect: done, Challenge: indieauth.Challenge(verifier), Me: me, Scopes: scopes}
}

func (h *house) allow(u *auth.User, c auth.Consent) indieauth.Redemption {
	h.t.Helper()
	code, err := h.Allow(h.t.Context(), u, c)
	if err != nil {
		h.t.Fatal(err)
	}
	return indieauth.Redemption{Code: code, Client: quill, Redirect: done, Verifier: verifier}
}

func (h *house) redeem(r indieauth.Redemption) *auth.Pass {
	h.t.Helper()
	pass, err := h.Redeem(h.t.Context(), r, home)
	if err != nil {
		h.t.Fatal(err)
	}
	return pass
}

// opens tells whether a token is good.
func (h *house) opens(token, scope string) bool {
	h.t.Helper()
	_, err := h.Token(h.t.Context(), token, scope, home)
	return err == nil
}

func TestACodeGivesATokenOnce(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	c := asks("profile", "create")
	c.Life = 24 * time.Hour
	r := h.allow(alice, c)
	pass := h.redeem(r)
	h.wantLines(acceptedBy)
	if pass.Me != me || pass.Client != quill || *pass.User != *alice || !slices.Equal(pass.Scopes, c.Scopes) || !pass.Expires.Equal(h.clock().Add(24*time.Hour)) {
		t.Fatalf("got %+v", pass)
	}
	if !h.opens(pass.Token, "create") || !h.opens(pass.Token, "profile") || h.opens(pass.Token, "update") {
		t.Error("the token opens other things than were allowed")
	}
	apps := h.apps(alice.ID)
	if len(apps) != 1 || apps[0].Name != "Quill" || apps[0].Client != quill || !slices.Equal(apps[0].Scopes, c.Scopes) || !apps[0].Expires.Equal(pass.Expires) {
		t.Errorf("the apps are %+v", apps)
	}
	h.lines()
	if _, err := h.Redeem(t.Context(), r, attacker); err != auth.ErrNoCode {
		t.Errorf("once more: %v", err)
	}
	h.wantLines(refusedAs)
	if h.opens(pass.Token, "create") || len(h.apps(alice.ID)) != 0 {
		t.Error("a code that was used twice takes nothing back")
	}
	if _, err := h.Renew(t.Context(), indieauth.Renewal{Refresh: pass.Refresh, Client: quill}, attacker); err != auth.ErrNoCode {
		t.Errorf("its refresh token: %v", err)
	}
	got, err := h.Activity(t.Context(), alice.ID, "", 20)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[auth.What]int{}
	for _, one := range got {
		kept[one.What] += one.Times
	}
	if kept[auth.SignedIn] != 2 || kept[auth.TokenMade] != 1 || kept[auth.TokenRevoked] != 1 || kept[auth.Refused] != 4 {
		t.Errorf("kept is %v of %+v", kept, got)
	}
}

func TestACodeIsBoundToAllThatWasAsked(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	for name, change := range map[string]func(*indieauth.Redemption){
		"another app":      func(r *indieauth.Redemption) { r.Client = "https://mallory.example/" },
		"another address":  func(r *indieauth.Redemption) { r.Redirect = done + "/" },
		"another verifier": func(r *indieauth.Redemption) { r.Verifier = "another-verifier-that-is-long-enough-as-well" },
		"no verifier":      func(r *indieauth.Redemption) { r.Verifier = "" },
		"the challenge":    func(r *indieauth.Redemption) { r.Verifier = indieauth.Challenge(verifier) },
		"too late":         func(*indieauth.Redemption) { h.pass(10 * time.Minute) },
	} {
		for _, redeem := range []func(r indieauth.Redemption) (*auth.Pass, error){
			func(r indieauth.Redemption) (*auth.Pass, error) { return h.Redeem(t.Context(), r, attacker) },
			func(r indieauth.Redemption) (*auth.Pass, error) { return h.Identify(t.Context(), r, attacker) },
		} {
			r := h.allow(alice, asks("create"))
			wrong := r
			change(&wrong)
			if pass, err := redeem(wrong); err != auth.ErrNoCode || pass != nil {
				t.Errorf("%s: %+v, %v", name, pass, err)
			}
			h.wantLines(refusedAs)
			if _, err := redeem(r); err != auth.ErrNoCode { // one try is all there is
				t.Errorf("%s, then rightly: %v", name, err)
			}
			h.wantLines(refusedAs)
		}
		h.pass(time.Minute) // the budget of the address
	}
	for _, code := range []string{"", "made up\n\x00\xff", digestOf(t)} {
		if _, err := h.Redeem(t.Context(), indieauth.Redemption{Code: code, Client: quill, Redirect: done}, attacker); err != auth.ErrNoCode {
			t.Errorf("%q: %v", code, err)
		}
		h.wantLines(refusedAny)
	}
}

func digestOf(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("%064d", 0)
}

func TestACodeWithoutScopeSaysOnlyWhoItIs(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	r := h.allow(alice, asks())
	if pass, err := h.Redeem(t.Context(), r, home); err != auth.ErrNoGrant || pass != nil {
		t.Errorf("a token without scope: %+v, %v", pass, err)
	}
	pass, err := h.Identify(t.Context(), r, home)
	if err != nil || pass.Me != me || pass.Token != "" || pass.Refresh != "" {
		t.Errorf("got %+v, %v", pass, err)
	}
	h.wantLines(acceptedBy)
	if len(h.apps(alice.ID)) != 0 {
		t.Error("there is a token")
	}
	r = h.allow(alice, asks("profile", "create"))
	if pass, err := h.Identify(t.Context(), r, home); err != nil || pass.Token != "" || !slices.Contains(pass.Scopes, "profile") {
		t.Errorf("with scopes at that door: %+v, %v", pass, err)
	}
	if _, err := h.Redeem(t.Context(), r, home); err != auth.ErrNoCode {
		t.Errorf("then at the other: %v", err)
	}
}

// Of many who show one code at once, one gets a token, and the next takes it back.
func TestOneCodeAtOnceGivesNoTwoTokens(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	r := h.allow(alice, asks("create"))
	var given []*auth.Pass
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			pass, err := h.Redeem(t.Context(), r, home)
			if err != nil && err != auth.ErrNoCode {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				given = append(given, pass)
			}
		})
	}
	all.Wait()
	if len(given) != 1 || h.opens(given[0].Token, "") || len(h.apps(alice.ID)) != 0 {
		t.Errorf("%d were given a token, and these are good: %+v", len(given), h.apps(alice.ID))
	}
}

func TestARefreshTokenGivesTheNextOnce(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	c := asks("create", "update")
	c.Life, c.Renews = 30*24*time.Hour, true
	first := h.redeem(h.allow(alice, c))
	if !first.Expires.Equal(h.clock().Add(time.Hour)) {
		t.Errorf("the token of an app that renews ends at %v", first.Expires)
	}
	h.pass(2 * time.Hour)
	if h.opens(first.Token, "") {
		t.Error("it is good after that")
	}
	renew := func(refresh string, scopes ...string) (*auth.Pass, error) {
		return h.Renew(t.Context(), indieauth.Renewal{Refresh: refresh, Client: quill, Scopes: scopes}, attacker)
	}
	h.lines()
	if _, err := renew(first.Refresh, "create", "delete"); err != auth.ErrScope {
		t.Errorf("more than was allowed: %v", err)
	}
	if _, err := h.Renew(t.Context(), indieauth.Renewal{Refresh: first.Refresh, Client: "https://mallory.example/"}, attacker); err != auth.ErrNoCode {
		t.Errorf("another app: %v", err)
	}
	h.wantLines(refusedAs)
	second, err := renew(first.Refresh, "create")
	if err != nil || second.Me != me || !slices.Equal(second.Scopes, []string{"create"}) || !second.Expires.Equal(h.clock().Add(time.Hour)) {
		t.Fatalf("got %+v, %v", second, err)
	}
	if !h.opens(second.Token, "create") || h.opens(second.Token, "update") {
		t.Error("fewer scopes are not what was given")
	}
	third, err := renew(second.Refresh)
	if err != nil || !slices.Equal(third.Scopes, c.Scopes) {
		t.Fatalf("all scopes again: %+v, %v", third, err)
	}
	if h.opens(second.Token, "") || !h.opens(third.Token, "update") {
		t.Error("the token before is good, or this one is not")
	}
	if apps := h.apps(alice.ID); len(apps) != 1 || !apps[0].Expires.Equal(first.Issued.Add(c.Life)) || apps[0].Expired {
		t.Errorf("the apps are %+v", apps)
	}
	h.lines()
	if _, err := renew(first.Refresh); err != auth.ErrNoCode {
		t.Errorf("the first once more: %v", err)
	}
	h.wantLines(refusedAs)
	if _, err := renew(third.Refresh); err != auth.ErrNoCode || h.opens(third.Token, "") {
		t.Errorf("a stolen refresh token does not take everything back: %v", err)
	}
	if _, err := renew("made up"); err != auth.ErrNoCode {
		t.Error(err)
	}
}

func TestAtOnceARefreshTokenGivesNoTwoTokens(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	first := h.redeem(h.allow(alice, asks("create")))
	var given int
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			_, err := h.Renew(t.Context(), indieauth.Renewal{Refresh: first.Refresh, Client: quill}, home)
			if err != nil && err != auth.ErrNoCode {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				given++
			}
		})
	}
	all.Wait()
	if given != 1 || len(h.apps(alice.ID)) != 0 {
		t.Errorf("%d were given a token, and these are good: %+v", given, h.apps(alice.ID))
	}
}

func TestWhatWasAllowedEndsWhenItShould(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	c := asks("create")
	c.Life = 24 * time.Hour
	day := h.redeem(h.allow(alice, c))
	ever := h.redeem(h.allow(alice, asks("create")))
	h.pass(23 * time.Hour)
	renewed, err := h.Renew(t.Context(), indieauth.Renewal{Refresh: day.Refresh, Client: quill}, home)
	if err != nil || !renewed.Expires.Equal(day.Expires) {
		t.Fatalf("renewing makes a day longer: %+v, %v", renewed, err)
	}
	h.pass(time.Hour)
	if _, err := h.Renew(t.Context(), indieauth.Renewal{Refresh: renewed.Refresh, Client: quill}, home); err != auth.ErrNoCode || h.opens(renewed.Token, "") {
		t.Errorf("after a day: %v", err)
	}
	h.pass(179 * 24 * time.Hour)
	if !ever.Expires.IsZero() || !h.opens(ever.Token, "create") {
		t.Error("what was allowed until it is revoked has ended")
	}
	if _, err := h.Renew(t.Context(), indieauth.Renewal{Refresh: ever.Refresh, Client: quill}, home); err != auth.ErrNoCode {
		t.Errorf("a refresh token that nobody used for half a year: %v", err)
	}
	h.redeem(h.allow(alice, asks("create"))) // forgets what ended long ago
	if got := h.apps(alice.ID); len(got) != 2 {
		t.Errorf("the apps are %+v", got)
	}
}

func TestATokenIsGivenBackByItsApp(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	for _, which := range []func(*auth.Pass) string{
		func(p *auth.Pass) string { return p.Token },
		func(p *auth.Pass) string { return p.Refresh },
	} {
		pass := h.redeem(h.allow(alice, asks("create")))
		other := h.newToken("create")
		h.lines()
		for range 2 {
			if err := h.Withdraw(t.Context(), which(pass), attacker); err != nil {
				t.Fatal(err)
			}
		}
		h.wantLines()
		if h.opens(pass.Token, "") || !h.opens(other, "") {
			t.Error("it is good, or another is not")
		}
		if _, err := h.Renew(t.Context(), indieauth.Renewal{Refresh: pass.Refresh, Client: quill}, home); err != auth.ErrNoCode {
			t.Errorf("it is renewed: %v", err)
		}
	}
	if err := h.Withdraw(t.Context(), "made up\x00", attacker); err != nil {
		t.Error(err)
	}
}

func TestATokenIsInspectedWithoutAnyUseOfIt(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	pass := h.redeem(h.allow(alice, asks("profile", "create")))
	h.lines()
	got, err := h.Inspect(t.Context(), pass.Token)
	if err != nil || got == nil || got.Me != me || got.Client != quill || !got.Issued.Equal(pass.Issued) || !slices.Equal(got.Scopes, pass.Scopes) {
		t.Errorf("got %+v, %v", got, err)
	}
	if used := h.apps(alice.ID)[0].Used; !used.IsZero() {
		t.Errorf("it was used at %v", used)
	}
	for _, bad := range []string{"", "made up", pass.Refresh} {
		if got, err := h.Inspect(t.Context(), bad); err != nil || got != nil {
			t.Errorf("%q: %+v, %v", bad, got, err)
		}
	}
	if err := h.RevokeApp(t.Context(), alice.ID, h.apps(alice.ID)[0].ID, home); err != nil {
		t.Fatal(err)
	}
	if got, err := h.Inspect(t.Context(), pass.Token); err != nil || got != nil {
		t.Errorf("revoked: %+v, %v", got, err)
	}
	h.wantLines()
}

func TestAnAccountAllowsNoMoreThanItMay(t *testing.T) {
	h := build(t)
	alice, bob := h.add("alice", auth.Owner), h.add("bob", auth.Author)
	for _, scopes := range [][]string{{"admin"}, {"create", "read"}, {"email"}, {"create,update"}} {
		_, err := h.Allow(t.Context(), alice, asks(scopes...))
		wantInvalid(t, err, "scope")
	}
	c := asks("create")
	c.Challenge = ""
	if _, err := h.Allow(t.Context(), alice, c); err != auth.ErrNoProof {
		t.Errorf("without a proof: %v", err)
	}
	r, early := h.allow(bob, asks("create")), h.redeem(h.allow(bob, asks("create")))
	if err := h.SwitchOff(t.Context(), alice, bob.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Redeem(t.Context(), r, home); err != auth.ErrNoCode {
		t.Errorf("a code of one who was switched off: %v", err)
	}
	if _, err := h.Renew(t.Context(), indieauth.Renewal{Refresh: early.Refresh, Client: quill}, home); err != auth.ErrNoCode {
		t.Errorf("a refresh token of one who was switched off: %v", err)
	}
	if _, err := h.Allow(t.Context(), bob, asks()); err == nil {
		t.Error("one who was switched off allows something")
	}
	if first, err := h.FirstOwner(t.Context()); err != nil || first.ID != alice.ID {
		t.Errorf("the first owner is %+v (%v)", first, err)
	}
	r = h.allow(alice, asks("create"))
	if err := h.SetPassword(t.Context(), "alice", "four other words here"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Redeem(t.Context(), r, home); err != auth.ErrNoCode {
		t.Errorf("a code from before the new password: %v", err)
	}
}

func TestAnOldAppNeedsToBeLetIn(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	wantInvalid(t, h.LetOld(t.Context(), alice.ID, "quill"), "client")
	for range 2 {
		if err := h.LetOld(t.Context(), alice.ID, " https://QUILL.example "); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := h.OldApps(t.Context(), alice.ID); err != nil || !slices.Equal(got, []string{quill}) {
		t.Errorf("the old apps are %v (%v)", got, err)
	}
	c := asks("create")
	c.Challenge = ""
	r := h.allow(alice, c)
	if _, err := h.Redeem(t.Context(), r, home); err != auth.ErrNoCode { // it must show none, where none was asked for
		t.Errorf("with a verifier: %v", err)
	}
	r = h.allow(alice, c)
	r.Verifier = ""
	h.redeem(r)
	if err := h.BarOld(t.Context(), alice.ID, quill); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Allow(t.Context(), alice, c); err != auth.ErrNoProof {
		t.Errorf("barred: %v", err)
	}
}

func TestWrongCodesAreThrottledByAddressAndGoodOnesNever(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	for range 30 {
		if _, err := h.Redeem(t.Context(), indieauth.Redemption{Code: "made up", Client: quill, Redirect: done}, attacker); err != auth.ErrNoCode {
			t.Fatal(err)
		}
	}
	h.lines()
	r := h.allow(alice, asks("create"))
	wrong := r
	wrong.Verifier = ""
	if _, err := h.Redeem(t.Context(), wrong, attacker); !isThrottled(err) {
		t.Errorf("the 31st: %v", err)
	}
	h.wantLines("Too many authentication failures for https://blog.example/ from 198.51.100.66")
	if _, err := h.Renew(t.Context(), indieauth.Renewal{Refresh: "made up", Client: quill}, attacker); !isThrottled(err) {
		t.Errorf("a refresh token after that: %v", err)
	}
	h.wantLines("Too many authentication failures for - from 198.51.100.66")
	if _, err := h.Redeem(t.Context(), h.allow(alice, asks("create")), attacker); err != nil {
		t.Errorf("a good code: %v", err)
	}
}

func TestCodesThatWaitAreBounded(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	first := h.allow(alice, asks())
	h.pass(time.Second)
	var last indieauth.Redemption
	for range 50 {
		last = h.allow(alice, asks())
	}
	if _, err := h.Identify(t.Context(), first, home); err != auth.ErrNoCode {
		t.Errorf("the oldest of 51: %v", err)
	}
	if _, err := h.Identify(t.Context(), last, home); err != nil {
		t.Errorf("the newest: %v", err)
	}
	for range 50 {
		h.redeem(h.allow(alice, asks("create")))
	}
	_, err := h.Allow(t.Context(), alice, asks("create"))
	if invalid := (*auth.Invalid)(nil); !errors.As(err, &invalid) {
		t.Errorf("the 51st token: %v", err)
	}
}
