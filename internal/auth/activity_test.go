package auth_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/database"
)

func TestWhatHappensToAnAccountIsKept(t *testing.T) {
	h := build(t)
	u := h.add("alice", auth.Owner)
	token := h.newToken("create")
	s := h.mustLogin("", home)
	h.pass(time.Minute)
	for range 3 {
		h.login("alice", wrong, "", attacker)
	}
	h.pass(time.Minute)
	for range 2 { // the second within the hour is no row
		if _, err := h.Token(t.Context(), token, "create", home); err != nil {
			t.Fatal(err)
		}
	}
	h.pass(time.Minute)
	h.Token(t.Context(), token, "delete", home)
	h.pass(time.Minute)
	if err := h.Logout(t.Context(), s.Token, home); err != nil {
		t.Fatal(err)
	}
	h.pass(time.Minute)
	if err := h.SetPassword(t.Context(), "alice", another); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range h.happened(u.ID) {
		got = append(got, fmt.Sprintf("%s %s %s %s %d", one.What, one.How, one.Address, one.Agent, one.Times))
	}
	want := []string{
		"password command   1",
		"logout  203.0.113.5  1",
		"refused token 203.0.113.5 phone 1",
		"login token 203.0.113.5 phone 1",
		"refused  198.51.100.66 Browser/1.0 3",
		"login  203.0.113.5 Browser/1.0 1",
		"token command  phone 1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	older, err := h.Activity(t.Context(), u.ID, h.happened(u.ID)[3].ID, 1)
	if err != nil || len(older) != 1 || older[0].What != auth.Refused {
		t.Errorf("the next page has %+v (%v)", older, err)
	}
}

func TestWhatOpensAnAccountIsKept(t *testing.T) {
	k := withPasskey(t)
	id := k.list()[0].ID
	keys, gate := k.Passkeys.From(home, "Browser/1.0"), k.Gate.From(home, "Browser/1.0")
	k.house.Gate = gate
	app := k.switchOn(k.alice)
	k.pass(time.Second)
	if err := keys.Rename(t.Context(), k.alice.ID, id, "Old phone"); err != nil {
		t.Fatal(err)
	}
	if err := keys.Remove(t.Context(), k.alice.ID, id); err != nil {
		t.Fatal(err)
	}
	k.pass(time.Second)
	if _, err := gate.RenewRecovery(t.Context(), k.alice, wrong, "", home); err != auth.ErrRefused {
		t.Fatal(err)
	}
	k.pass(time.Second)
	if _, err := gate.RenewRecovery(t.Context(), k.alice, password, "", home); err != nil {
		t.Fatal(err)
	}
	k.pass(time.Minute)
	if err := gate.CodesOff(t.Context(), k.alice, app.code(), "", home); err != nil {
		t.Fatal(err)
	}
	if err := k.house.DropCodes(t.Context(), "alice"); err != nil { // they are off
		t.Fatal(err)
	}
	k.wantHappened(k.alice.ID,
		"passkey   ",
		"codes  203.0.113.5 Browser/1.0",
		"passkey-removed  203.0.113.5 Browser/1.0",
		"refused  203.0.113.5 Browser/1.0",
		"recovery  203.0.113.5 Browser/1.0",
		"codes-off  203.0.113.5 Browser/1.0")
}

func TestWhatOthersDoToAnAccountIsKept(t *testing.T) {
	h := build(t)
	alice, bob := h.add("alice", auth.Owner), h.add("bob", auth.Author)
	gate := h.From(home, "Browser/1.0")
	for _, do := range []func() error{
		func() error { return gate.SetRole(t.Context(), alice, bob.ID, auth.Editor) },
		func() error { return gate.SwitchOff(t.Context(), alice, bob.ID) },
		func() error { return gate.SwitchOn(t.Context(), alice, bob.ID) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
		h.pass(time.Second)
	}
	h.wantHappened(bob.ID, "role editor 203.0.113.5 alice", "off  203.0.113.5 alice", "on  203.0.113.5 alice")
}

func TestANewPasswordEndsWhatElseIsAskedFor(t *testing.T) {
	k := withPasskey(t)
	token, s := k.newToken("create"), k.mustLogin("", home)
	change := func(present, next string, also auth.Also) {
		t.Helper()
		if err := k.ChangePassword(t.Context(), k.alice, s.Token, present, next, s.Device, also, home, "Browser/1.0"); err != nil {
			t.Fatal(err)
		}
	}
	change(password, another, auth.Also{})
	if _, err := k.Token(t.Context(), token, "create", home); err != nil || len(k.list()) != 1 {
		t.Fatalf("apps and passkeys did not stay: %v, %v", err, k.list())
	}
	code := k.allow(k.alice, asks("create"))
	change(another, password, auth.Also{Apps: true, Passkeys: true})
	if _, err := k.Redeem(t.Context(), code, home); err != auth.ErrNoCode {
		t.Errorf("a code that no app had shown yet: %v", err)
	}
	if _, err := k.Token(t.Context(), token, "create", home); err != auth.ErrNoToken || len(k.list()) != 0 {
		t.Errorf("apps and passkeys stay: %v, %v", err, k.list())
	}
}

func (h *house) wantHappened(userID string, want ...string) {
	h.t.Helper()
	var got []string
	for _, one := range h.happened(userID) {
		got = append(got, fmt.Sprintf("%s %s %s %s", one.What, one.How, one.Address, one.Agent))
	}
	slices.Reverse(got)
	if !slices.Equal(got, want) {
		h.t.Errorf("got %q, want %q", got, want)
	}
}

func TestActivityIsOfItsAccountAlone(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	bob := h.add("bob", auth.Author)
	h.mustLogin("", home)
	if got := h.happened(bob.ID); len(got) != 0 {
		t.Errorf("bob sees %+v", got)
	}
}

func TestNamesThatNobodyHasAreCountedAndNotKept(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	for i := range 4 {
		h.login(fmt.Sprintf("stranger%d", i), wrong, "", attacker)
	}
	h.Token(t.Context(), "no token", "", attacker)
	if n, err := h.Strangers(t.Context()); n != 5 || err != nil {
		t.Errorf("counted are %d (%v), want 5", n, err)
	}
	var rows int
	if err := h.db.QueryRow(t.Context(), "SELECT COUNT(*) FROM activity").Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d rows are kept (%v)", rows, err)
	}
	h.pass(91 * 24 * time.Hour)
	if n, err := h.Strangers(t.Context()); n != 0 || err != nil {
		t.Errorf("after 91 days %d are counted (%v)", n, err)
	}
}

func TestAFloodOfFailuresIsBoundedAndWashesNothingAway(t *testing.T) {
	h := build(t)
	u := h.add("alice", auth.Owner)
	h.mustLogin("", home)
	h.pass(time.Minute)
	flood := func(n int) {
		t.Helper()
		for i := range n {
			from := netip.AddrFrom4([4]byte{198, 18, byte(i >> 8), byte(i)})
			h.login("alice", wrong, "", from)
		}
	}
	flood(1200) // ten are looked at, the others turned away
	rows := len(h.happened(u.ID))
	if rows > 15 {
		t.Errorf("a flood within a moment leaves %d rows", rows)
	}
	err := h.db.InTx(t.Context(), func(tx *database.Tx) error {
		for i := range 3000 {
			if _, err := tx.Exec(`
				INSERT INTO activity (id, user_id, at, what, how, address, agent, times, bad, fold, device, mailed_at)
				VALUES ($1, $2, $3, 'refused', '', '', '', 1, TRUE, $1, '', 0)`, fmt.Sprintf("zz%05d", i), u.ID, h.clock().Unix()+int64(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.pass(2 * time.Hour)
	flood(1)
	got := h.happened(u.ID)
	if len(got) != 1001 || got[len(got)-1].What != auth.SignedIn {
		t.Errorf("%d rows are left, the last of them %v", len(got), got[len(got)-1].What)
	}
	h.pass(91 * 24 * time.Hour)
	h.mustLogin("", home)
	if got := h.whats(u.ID); !slices.Equal(got, []auth.What{auth.SignedIn, auth.NewBrowser}) && !slices.Equal(got, []auth.What{auth.NewBrowser, auth.SignedIn}) {
		t.Errorf("after 90 days the activity is %v", got)
	}
}

func TestANewBrowserIsNewsToTheOthers(t *testing.T) {
	h := build(t)
	u := h.add("alice", auth.Owner)
	var due []time.Time
	h.OnArrival(func(_ *database.Tx, at time.Time) error {
		due = append(due, at)
		return nil
	})
	news := func(device string) (from []string) {
		t.Helper()
		list, err := h.News(t.Context(), u.ID, device)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range list {
			from = append(from, one.Address)
		}
		return from
	}
	put := func(device, of string) {
		t.Helper()
		list, err := h.News(t.Context(), u.ID, of)
		if err != nil || len(list) == 0 {
			t.Fatal(err, list)
		}
		if err := h.Told(t.Context(), u.ID, device, list[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	first := h.mustLogin("", home).Device
	h.mustLogin(first, attacker) // from elsewhere, but known
	if got := news(first); len(got) != 0 || len(due) != 0 {
		t.Fatalf("the first browser is news: %v, %v", got, due)
	}
	second := h.mustLogin("", attacker).Device
	if got := news(first); !slices.Equal(got, []string{attacker.String()}) {
		t.Errorf("the first is told of %v", got)
	}
	if got := news(second); len(got) != 0 {
		t.Errorf("the second is told of %v", got)
	}
	put(second, first) // whoever it is cannot hide from the first
	if got := news(first); len(got) != 1 {
		t.Errorf("put away by the second, the first is told of %v", got)
	}
	put(first, first)
	if got := news(first); len(got) != 0 {
		t.Errorf("put away, it is told of %v", got)
	}
	third := h.mustLogin("", netip.MustParseAddr("192.0.2.77")).Device
	if got := news(first); !slices.Equal(got, []string{"192.0.2.77"}) {
		t.Errorf("the first is told of %v", got)
	}
	if got := news(third); len(got) != 1 {
		t.Errorf("the third is told of %v", got)
	}
	h.pass(15 * 24 * time.Hour)
	if got := news(first); len(got) != 0 {
		t.Errorf("after two weeks it is told of %v", got)
	}

	if len(due) != 2 || !due[0].Equal(due[1]) {
		t.Errorf("letters are due at %v", due)
	}
}

func TestLettersOfNewBrowsersAreFew(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	var due time.Time
	h.OnArrival(func(_ *database.Tx, at time.Time) error {
		due = at
		return nil
	})
	h.mustLogin("", home)
	h.mustLogin("", attacker)
	list, err := h.Unmailed(t.Context())
	if err != nil || len(list) != 1 || list[0].User != "alice" || !due.Equal(h.clock()) {
		t.Fatalf("to write of is %+v at %v (%v)", list, due, err)
	}
	if err := h.Mailed(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	if list, err := h.Unmailed(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("still to write of is %+v (%v)", list, err)
	}
	written := h.clock()
	h.pass(time.Minute)
	h.mustLogin("", attacker)
	if want := written.Add(6 * time.Hour); !due.Equal(want) {
		t.Errorf("the next letter is due at %v, want %v", due, want)
	}
}
