package auth_test

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"hark/internal/auth"
)

func (h *house) reset(name string) string {
	h.t.Helper()
	token, err := h.Reset(h.t.Context(), name)
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

func (h *house) choose(token, password string) (auth.Session, error) {
	return h.ChoosePassword(h.t.Context(), token, password, "", home, "Browser/1.0")
}

func TestALinkLetsOneChooseAPasswordOnce(t *testing.T) {
	h := build(t)
	u := h.add("alice", auth.Owner)
	old := h.mustLogin("", home)
	h.lines()
	token := h.reset(" Alice ")
	if got, err := h.ResetOf(t.Context(), token); err != nil || got.ID != u.ID {
		t.Errorf("it is for %v (%v)", got, err)
	}
	_, err := h.choose(token, "password123")
	wantInvalid(t, err, "password")
	h.wantLines()
	s, err := h.choose(token, another)
	if err != nil || !h.alive(s) || h.alive(old) {
		t.Fatalf("the new session should be alive alone: %v", err)
	}
	h.wantLines("Accepted login for alice (reset) from 203.0.113.5")
	if _, err := h.choose(token, "and yet other words"); err != auth.ErrNoLink {
		t.Errorf("used twice: %v", err)
	}
	h.wantLines("Authentication failure for - (reset) from 203.0.113.5")
	if _, err := h.login("alice", another, "", home); err != nil {
		t.Error(err)
	}
	if got := h.whats(u.ID); !slices.Contains(got, auth.PasswordChanged) {
		t.Errorf("the activity is %v", got)
	}
}

func TestOfTwoWhoHoldALinkOneUsesIt(t *testing.T) {
	h := build(t)
	h.register("alice", auth.Owner)
	token := h.reset("alice")
	answers := make(chan error)
	for range 2 {
		go func() {
			_, err := h.choose(token, another)
			answers <- err
		}()
	}
	if a, b := <-answers, <-answers; (a == nil) == (b == nil) || !errors.Is(errors.Join(a, b), auth.ErrNoLink) {
		t.Errorf("got %v, %v", a, b)
	}
}

func TestALinkForAPasswordEnds(t *testing.T) {
	h := build(t)
	bob, alice := h.add("bob", auth.Owner), h.add("alice", auth.Author)
	s := h.mustLogin("", home)
	for name, end := range map[string]func(){
		"after an hour":       func() { h.pass(time.Hour) },
		"by another":          func() { h.reset("alice") },
		"by a new password":   func() { h.SetPassword(t.Context(), "alice", password) },
		"with who may not in": func() { h.SwitchOff(t.Context(), bob, alice.ID) },
	} {
		if err := h.SwitchOn(t.Context(), bob, alice.ID); err != nil && err != auth.ErrNoUser {
			t.Fatal(err)
		}
		token := h.reset("alice")
		end()
		if _, err := h.choose(token, another); err != auth.ErrNoLink {
			t.Errorf("%s: %v", name, err)
		}
		h.pass(time.Minute)
	}
	invitation := h.invite(bob, auth.Owner)
	if _, err := h.choose(invitation, another); err != auth.ErrNoLink {
		t.Errorf("an invitation sets a password: %v", err)
	}
	if _, err := h.Invited(t.Context(), h.reset("bob")); err != auth.ErrNoLink {
		t.Errorf("a link for a password is an invitation: %v", err)
	}
	if _, err := h.Reset(t.Context(), "nobody"); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("for nobody: %v", err)
	}
	_ = s
}

func TestAnAccountIsUnlockedFromAnotherProcess(t *testing.T) {
	h := build(t)
	u := h.add("alice", auth.Owner)
	device := h.mustLogin("", home).Device
	bot := func(i int) netip.Addr { return netip.MustParseAddr(fmt.Sprintf("198.51.%d.1", i)) }
	lock := func(first int) {
		t.Helper()
		for i := range 10 {
			if _, err := h.login("alice", wrong, "", bot(first+i)); err != auth.ErrRefused {
				t.Fatalf("attempt %d: %v", i, err)
			}
		}
		if _, err := h.login("alice", password, "", bot(first+10)); !isThrottled(err) {
			t.Fatalf("the eleventh: %v", err)
		}
	}
	lock(0)
	other := auth.New(h.db, h.log, h.clock) // as the command has it
	if err := other.Unlock(t.Context(), "nobody"); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
	h.pass(time.Second)
	if err := other.Unlock(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.login("alice", password, "", bot(20)); err != nil {
		t.Errorf("after the unlocking: %v", err)
	}
	lock(30) // it fills the budget once

	for i := range 20 { // as it does that of each device
		h.login("alice", wrong, device, bot(60+i))
	}
	if _, err := h.login("alice", password, device, bot(80)); !isThrottled(err) {
		t.Fatalf("the known device: %v", err)
	}
	h.pass(time.Second)
	if err := other.Unlock(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.login("alice", password, device, bot(81)); err != nil {
		t.Errorf("the known device after the unlocking: %v", err)
	}
	if got := h.whats(u.ID); !slices.Contains(got, auth.Unlocked) {
		t.Errorf("the activity is %v", got)
	}
	h.pass(time.Hour)
	lock(90) // and later it says nothing any more
	h.pass(time.Hour)
	later := auth.New(h.db, h.log, h.clock)
	for i := range 10 {
		later.Login(t.Context(), "alice", wrong, "", bot(110+i), "")
	}
	if _, err := later.Login(t.Context(), "alice", password, "", bot(130), ""); !isThrottled(err) {
		t.Errorf("an unlocking of long ago: %v", err)
	}
}
