package auth_test

import (
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/database"
)

func (h *house) newToken(scope string) string {
	h.t.Helper()
	token, err := h.NewToken(h.t.Context(), "alice", scope, "phone")
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

func (h *house) change(query string, args ...any) {
	h.t.Helper()
	err := h.db.InTx(h.t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestTokenAllowsWhatItsScopeSays(t *testing.T) {
	h := build(t)
	alice := h.add("alice", auth.Owner)
	token := h.newToken("create  media")
	if len(token) < 43 {
		t.Errorf("token %q has fewer than 256 bits", token)
	}
	for _, c := range []struct {
		scope string
		want  error
	}{
		{"create", nil}, {"media", nil}, {"", nil}, {"update create", nil},
		{"update", auth.ErrScope}, {"delete undelete", auth.ErrScope}, {"crea", auth.ErrScope}, {"create,media", auth.ErrScope},
	} {
		u, err := h.Token(t.Context(), token, c.scope, home)
		if err != c.want || err == nil && *u != *alice {
			t.Errorf("scope %q: %v %v, want %v", c.scope, u, err, c.want)
		}
	}
}

func TestTokenNeedsAKnownScopeAndUser(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	for _, scope := range []string{"", " ", "admin", "create admin"} {
		_, err := h.NewToken(t.Context(), "alice", scope, "")
		wantInvalid(t, err, "scope")
	}
	_, err := h.NewToken(t.Context(), "alice", "create", "two\nlines")
	wantInvalid(t, err, "name")
	if _, err := h.NewToken(t.Context(), "bob", "create", ""); err != auth.ErrNoUser {
		t.Errorf("nobody's token: %v", err)
	}
}

func TestT20RefusedTokenWritesOneLine(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	token := h.newToken("create")
	refused := func(token, scope string, want error, line string) {
		t.Helper()
		if _, err := h.Token(t.Context(), token, scope, attacker); err != want {
			t.Errorf("got %v, want %v", err, want)
		}
		h.wantLines(line)
	}
	const nobody = "Authentication failure for API User from 198.51.100.66"
	const alice = "Authentication failure for alice (token) from 198.51.100.66"
	refused("", "", auth.ErrNoToken, nobody)
	refused("made up\n\x00\xff", "create", auth.ErrNoToken, nobody)
	refused(token, "delete", auth.ErrScope, alice)

	h.change("UPDATE tokens SET expires_at = $1", h.clock().Add(time.Minute).Unix())
	if _, err := h.Token(t.Context(), token, "create", home); err != nil {
		t.Errorf("before it expires: %v", err)
	}
	h.lines()
	h.pass(time.Minute)
	refused(token, "create", auth.ErrNoToken, alice)
	h.change("UPDATE tokens SET expires_at = 0, revoked_at = $1", h.clock().Unix())
	refused(token, "create", auth.ErrNoToken, alice)
}

func TestTokenInUseIsLoggedOnceAnHour(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	token := h.newToken("create")
	use := func() {
		t.Helper()
		if _, err := h.Token(t.Context(), token, "create", home); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := h.Token(t.Context(), token, "create", home); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	h.wantLines("Accepted login for alice (token) from 203.0.113.5")
	h.pass(59 * time.Minute)
	use()
	h.wantLines()
	h.pass(time.Minute)
	use()
	h.wantLines("Accepted login for alice (token) from 203.0.113.5")
}

func TestBadTokensAreThrottledByAddressAndGoodOnesNever(t *testing.T) {
	h := build(t)
	h.add("alice", auth.Owner)
	token := h.newToken("create")
	for i := range 30 {
		if _, err := h.Token(t.Context(), "made up", "", attacker); err != auth.ErrNoToken {
			t.Fatalf("attempt %d: %v", i, err)
		}
	}
	h.lines()
	if _, err := h.Token(t.Context(), "made up", "", attacker); !isThrottled(err) {
		t.Errorf("the 31st: %v", err)
	}
	if _, err := h.Token(t.Context(), token, "delete", attacker); !isThrottled(err) {
		t.Errorf("a wrong scope after that: %v", err)
	}
	if _, err := h.Token(t.Context(), "made up", "", netip.MustParseAddr("2001:db8::1")); err != auth.ErrNoToken {
		t.Errorf("from another address: %v", err)
	}
	if got := h.lines(); len(got) != 3 || got[0] != "Too many authentication failures for - from 198.51.100.66" ||
		got[1] != "Too many authentication failures for alice from 198.51.100.66" || !strings.Contains(got[2], "API User") {
		t.Errorf("the auth log has %q", got)
	}
	if _, err := h.Token(t.Context(), token, "create", attacker); err != nil {
		t.Errorf("a good token: %v", err)
	}
}
