package auth_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"hark/internal/auth"
)

func (h *house) invite(by *auth.User, role string) string {
	h.t.Helper()
	token, err := h.Invite(h.t.Context(), by, role)
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

func TestAnInvitationMakesOneAccount(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	_, err := h.Invite(t.Context(), alice, "king")
	wantInvalid(t, err, "role")
	token := h.invite(alice, auth.Editor)
	if role, err := h.Invited(t.Context(), token); role != auth.Editor || err != nil {
		t.Errorf("it is for %q (%v)", role, err)
	}
	_, err = h.Accept(t.Context(), token, "alice", "", password, home)
	wantInvalid(t, err, "name")
	_, err = h.Accept(t.Context(), token, "bob", "", "password123", home)
	wantInvalid(t, err, "password")
	h.wantLines()

	var done sync.WaitGroup
	made := make(chan error, 2)
	for _, name := range []string{"bob", "carol"} {
		done.Go(func() {
			_, err := h.Accept(t.Context(), token, name, "", password, home)
			made <- err
		})
	}
	done.Wait()
	if a, b := <-made, <-made; (a == nil) == (b == nil) || !errors.Is(errors.Join(a, b), auth.ErrNoLink) {
		t.Errorf("of two at once: %v, %v", a, b)
	}
	h.wantLines("Authentication failure for - from 203.0.113.5")
	people, err := h.People(t.Context())
	if err != nil || len(people) != 2 || people[1].Role != auth.Editor {
		t.Errorf("there are %+v (%v)", people, err)
	}
}

func TestAnInvitationEnds(t *testing.T) {
	h := build(t)
	alice, bob := h.add("alice", auth.Owner), h.add("bob", auth.Owner)
	good := func(token string) bool {
		_, err := h.Invited(t.Context(), token)
		if err != nil && err != auth.ErrNoLink {
			t.Fatal(err)
		}
		return err == nil
	}
	old := h.invite(alice, auth.Author)
	h.pass(7 * 24 * time.Hour)
	if good(old) {
		t.Error("it is good after a week")
	}
	taken := h.invite(alice, auth.Author)
	list, err := h.Invitations(t.Context())
	if err != nil || len(list) != 1 || list[0].By != "alice" || list[0].Role != auth.Author {
		t.Fatalf("open are %+v (%v)", list, err)
	}
	if err := h.TakeBack(t.Context(), list[0].ID); err != nil || good(taken) {
		t.Errorf("taken back it is good (%v)", err)
	}
	if err := h.TakeBack(t.Context(), list[0].ID); err != auth.ErrNoLink {
		t.Errorf("taken back twice: %v", err)
	}
	demoted := h.invite(bob, auth.Owner)
	if err := h.SetRole(t.Context(), alice, bob.ID, auth.Editor); err != nil || good(demoted) {
		t.Errorf("who may not invite any more has invited (%v)", err)
	}
	if _, err := h.Invite(t.Context(), bob, auth.Owner); !errors.Is(err, auth.ErrNoRight) {
		t.Errorf("an editor invites: %v", err)
	}
	if good("") || good("made up") {
		t.Error("a made up one is good")
	}
}

func TestWhoIsSwitchedOffIsLetInNoMore(t *testing.T) {
	h := build(t)
	bob := h.add("bob", auth.Owner)
	alice := h.add("alice", auth.Author)
	token, s := h.newToken("create"), h.mustLogin("", home)
	if err := h.SwitchOff(t.Context(), bob, alice.ID); err != nil {
		t.Fatal(err)
	}
	h.lines()
	if h.alive(s) {
		t.Error("the session goes on")
	}
	if _, err := h.Token(t.Context(), token, "create", home); !errors.Is(err, auth.ErrNoToken) {
		t.Errorf("the token: %v", err)
	}
	if _, err := h.login("alice", password, s.Device, home); err != auth.ErrRefused {
		t.Errorf("a login: %v", err)
	}
	h.wantLines("Authentication failure for alice (token) from 203.0.113.5", "Invalid user alice from 203.0.113.5")
	if _, err := h.NewToken(t.Context(), "alice", "create", ""); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("a new token: %v", err)
	}
	if _, err := h.AddApp(t.Context(), alice, "create", "Quill", home); !errors.Is(err, auth.ErrRefused) {
		t.Errorf("a token by the page: %v", err)
	}
	if err := h.SwitchOff(t.Context(), bob, alice.ID); err != auth.ErrNoUser {
		t.Errorf("switched off twice: %v", err)
	}
	if err := h.SwitchOn(t.Context(), bob, alice.ID); err != nil {
		t.Fatal(err)
	}
	h.mustLogin("", home)
	if _, err := h.Token(t.Context(), token, "create", home); !errors.Is(err, auth.ErrNoToken) {
		t.Errorf("the token of before: %v", err)
	}
}

func TestALoginUnderWayDoesNotOutliveTheSwitch(t *testing.T) {
	h := build(t)
	bob, alice := h.register("bob", auth.Owner), h.register("alice", auth.Author)
	for range 20 {
		answers := make(chan auth.Session)
		go func() {
			s, _ := h.login("alice", password, "", home)
			answers <- s
		}()
		if err := h.SwitchOff(t.Context(), bob, alice.ID); err != nil {
			t.Fatal(err)
		}
		if s := <-answers; s.Token != "" && h.alive(s) {
			t.Fatal("a session began beside the switch")
		}
		if err := h.SwitchOn(t.Context(), bob, alice.ID); err != nil {
			t.Fatal(err)
		}
		if got := h.stays(alice.ID, ""); len(got) != 0 {
			t.Fatalf("there are %+v", got)
		}
		h.pass(time.Hour)
	}
}

func TestOneOwnerRemains(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	bob := h.add("bob", auth.Author)
	wantInvalid(t, h.SetRole(t.Context(), alice, alice.ID, auth.Editor), "role")
	wantInvalid(t, h.SwitchOff(t.Context(), alice, alice.ID), "role")
	wantInvalid(t, h.SetRole(t.Context(), alice, bob.ID, "king"), "role")
	if err := h.SetRole(t.Context(), alice, "nobody", auth.Owner); err != auth.ErrNoUser {
		t.Errorf("got %v", err)
	}
	for _, forged := range []func() error{
		func() error { return h.SetRole(t.Context(), bob, bob.ID, auth.Owner) },
		func() error { return h.SwitchOff(t.Context(), bob, alice.ID) },
		func() error { return h.SwitchOn(t.Context(), bob, alice.ID) },
	} {
		if err := forged(); err != auth.ErrNoRight {
			t.Errorf("an author: %v", err)
		}
	}
	if err := h.SetRole(t.Context(), alice, bob.ID, auth.Owner); err != nil {
		t.Fatal(err)
	}
	answers := make(chan error)
	go func() { answers <- h.SetRole(t.Context(), alice, bob.ID, auth.Author) }()
	go func() { answers <- h.SwitchOff(t.Context(), bob, alice.ID) }()
	if a, b := <-answers, <-answers; (a == nil) == (b == nil) {
		t.Errorf("each shuts the other out: %v, %v", a, b)
	}
	people, err := h.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	owners := 0
	for _, one := range people {
		if one.Role == auth.Owner && one.Off.IsZero() {
			owners++
		}
	}
	if owners != 1 {
		t.Errorf("%d owners are left", owners)
	}
}
