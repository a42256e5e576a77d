package auth_test

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"hark/internal/auth"
)

const another = "quite other words now"

// alive tells whether a session is one.
func (h *house) alive(s auth.Session) bool {
	h.t.Helper()
	_, err := h.Session(h.t.Context(), s.Token)
	if err != nil && !errors.Is(err, auth.ErrNoSession) {
		h.t.Fatal(err)
	}
	return err == nil
}

func (h *house) stays(userID, token string) []auth.Stay {
	h.t.Helper()
	list, err := h.Sessions(h.t.Context(), userID, token)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func (h *house) devices(userID, device string) []auth.Device {
	h.t.Helper()
	list, err := h.Devices(h.t.Context(), userID, device)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func (h *house) happened(userID string) (list []auth.Activity) {
	h.t.Helper()
	list, err := h.Activity(h.t.Context(), userID, "", 10_000)
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func (h *house) whats(userID string) (all []auth.What) {
	h.t.Helper()
	for _, one := range h.happened(userID) {
		all = append(all, one.What)
	}
	return all
}

func TestSessionsAreListedWithThisOneFirst(t *testing.T) {
	h := build(t)
	u := h.add("alice", auth.Owner)
	first := h.mustLogin("", home)
	h.pass(time.Hour)
	second, err := h.Login(t.Context(), "alice", password, "", netip.MustParseAddr("2001:db8::5"), "Other/2")
	if err != nil {
		t.Fatal(err)
	}
	got := h.stays(u.ID, first.Token)
	if len(got) != 2 || !got[0].Current || got[1].Current || got[1].Agent != "Other/2" || got[1].Address != "2001:db8::5" || !got[1].Begun.Equal(h.clock()) {
		t.Errorf("got %+v", got)
	}
	if got := h.stays(u.ID, second.Token); !got[0].Current || got[0].Agent != "Other/2" {
		t.Errorf("got %+v", got)
	}
	h.pass(15 * 24 * time.Hour)
	if got := h.stays(u.ID, first.Token); len(got) != 0 {
		t.Errorf("ended ones are listed: %+v", got)
	}
}

func TestASessionIsEndedByItsOwnerAlone(t *testing.T) {
	h := build(t)
	alice, bob := h.add("alice", auth.Owner), h.add("bob", auth.Author)
	mine, other := h.mustLogin("", home), h.mustLogin("", home)
	id := h.stays(alice.ID, mine.Token)[1].ID
	for user, forged := range map[string]string{bob.ID: id, alice.ID: "made up", "": id} {
		if err := h.EndSession(t.Context(), user, forged, home, ""); !errors.Is(err, auth.ErrNoSession) {
			t.Errorf("%q ends %q: %v", user, forged, err)
		}
	}
	if n, err := h.EndOthers(t.Context(), bob.ID, "", home, ""); n != 0 || err != nil {
		t.Errorf("bob ends %d sessions (%v)", n, err)
	}
	if !h.alive(other) || !h.alive(mine) {
		t.Fatal("a session was ended by somebody else")
	}
	if err := h.EndSession(t.Context(), alice.ID, id, home, ""); err != nil {
		t.Fatal(err)
	}
	if h.alive(other) || !h.alive(mine) {
		t.Error("the wrong session was ended")
	}
	third := h.mustLogin("", home)
	if n, err := h.EndOthers(t.Context(), alice.ID, mine.Token, home, ""); n != 1 || err != nil || h.alive(third) || !h.alive(mine) {
		t.Errorf("%d others were ended (%v)", n, err)
	}
	if got := h.whats(alice.ID); !slices.Contains(got, auth.Ended) {
		t.Errorf("the activity is %v", got)
	}
}

func TestADeviceIsForgottenByItsOwnerAlone(t *testing.T) {
	h := build(t)
	alice, bob := h.add("alice", auth.Owner), h.add("bob", auth.Author)
	s := h.mustLogin("", home)
	got := h.devices(alice.ID, s.Device)
	if len(got) != 1 || !got[0].Current || got[0].Agent != "Browser/1.0" || got[0].Address != home.String() {
		t.Fatalf("got %+v", got)
	}
	if err := h.ForgetDevice(t.Context(), bob.ID, got[0].ID); !errors.Is(err, auth.ErrNoDevice) {
		t.Errorf("bob forgets it: %v", err)
	}
	if err := h.ForgetDevice(t.Context(), alice.ID, got[0].ID); err != nil {
		t.Fatal(err)
	}
	if len(h.devices(alice.ID, s.Device)) != 0 || !h.alive(s) {
		t.Error("it should be forgotten, and its session go on")
	}
	if again := h.mustLogin(s.Device, home); again.Device == s.Device {
		t.Error("a forgotten device is known")
	}
}

func TestAPasswordIsChangedByWhoKnowsThePresentOne(t *testing.T) {
	h := build(t)
	u := h.add("alice", auth.Owner)
	mine, other := h.mustLogin("", home), h.mustLogin("", home)
	h.lines()
	change := func(present, next string) error {
		return h.ChangePassword(t.Context(), u, mine.Token, present, next, mine.Device, auth.Also{}, home, "Browser/1.0")
	}
	wantInvalid(t, change(password, "password123"), "password")
	h.wantLines()
	if err := change(wrong, another); err != auth.ErrRefused {
		t.Fatalf("with a wrong one: %v", err)
	}
	h.wantLines("Authentication failure for alice from 203.0.113.5")
	if !h.alive(other) {
		t.Fatal("a refused change ends sessions")
	}
	if err := change(password, another); err != nil {
		t.Fatal(err)
	}
	if !h.alive(mine) || h.alive(other) {
		t.Error("the session of the change should stay, and others end")
	}
	if err := change(password, "and yet other words"); err != auth.ErrRefused {
		t.Errorf("with the old one: %v", err)
	}
	if got := h.whats(u.ID); !slices.Contains(got, auth.PasswordChanged) {
		t.Errorf("the activity is %v", got)
	}
}

func TestOfTwoPasswordsChangedAtOnceOneIs(t *testing.T) {
	h := build(t)
	u := h.register("alice", auth.Owner)
	s := h.mustLogin("", home)
	answers := make(chan error)
	for _, next := range []string{another, "a third choice of words"} {
		go func() {
			answers <- h.ChangePassword(t.Context(), u, s.Token, password, next, s.Device, auth.Also{}, home, "")
		}()
	}
	a, b := <-answers, <-answers
	if (a == nil) == (b == nil) || !errors.Is(errors.Join(a, b), auth.ErrRefused) {
		t.Errorf("got %v and %v, want one done and one refused", a, b)
	}
}

func TestTheNameThatIsShownCanBeChanged(t *testing.T) {
	h := build(t)
	u := h.add("alice", auth.Owner)
	wantInvalid(t, h.Rename(t.Context(), u.ID, "  "), "display")
	wantInvalid(t, h.Rename(t.Context(), u.ID, "two\nlines"), "display")
	if err := h.Rename(t.Context(), u.ID, " Alice of Example "); err != nil {
		t.Fatal(err)
	}
	got, err := h.Session(t.Context(), h.mustLogin("", home).Token)
	if err != nil || got.DisplayName != "Alice of Example" {
		t.Errorf("got %+v, %v", got, err)
	}
}
