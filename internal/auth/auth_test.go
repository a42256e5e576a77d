package auth_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/auth/authtest"
	"hark/internal/authlog"
	"hark/internal/database"
)

const (
	password = "four small words here"
	wrong    = "not the right words"
)

var (
	home     = netip.MustParseAddr("203.0.113.5")
	attacker = netip.MustParseAddr("198.51.100.66")
)

// house is a gate with a clock and a log that a test can read.
type house struct {
	*auth.Gate
	db   *database.DB
	t    *testing.T
	log  *authlog.Log
	path string

	mu  sync.Mutex
	now time.Time
}

func build(t *testing.T) *house {
	t.Helper()
	h := &house{
		t:    t,
		db:   database.Test(t),
		path: filepath.Join(t.TempDir(), "auth.log"),
		now:  time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC),
	}
	var err error
	if h.log, err = authlog.Open("file:"+h.path, "hark"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.log.Close() })
	h.Gate = auth.New(h.db, h.log, h.clock)
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// lines are the messages in the auth log since they were read last.
func (h *house) lines() []string {
	h.t.Helper()
	if err := h.log.Reopen(); err != nil { // waits for the lines before it
		h.t.Fatal(err)
	}
	text, err := os.ReadFile(h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := os.Truncate(h.path, 0); err != nil {
		h.t.Fatal(err)
	}
	var messages []string
	for row := range strings.Lines(string(text)) {
		_, message, _ := strings.Cut(strings.TrimSpace(row), "]: ")
		messages = append(messages, message)
	}
	return messages
}

func (h *house) wantLines(want ...string) {
	h.t.Helper()
	if got := h.lines(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		h.t.Errorf("the auth log has %q, want %q", got, want)
	}
}

// add makes a user whose password costs little to compare.
func (h *house) add(name, role string) *auth.User {
	h.t.Helper()
	return authtest.Add(h.t, h.db, name, "", password, role, h.clock())
}

// register makes a user by the gate's own door, at the full cost of a password.
func (h *house) register(name, role string) *auth.User {
	h.t.Helper()
	u, err := h.Add(h.t.Context(), name, "", password, role)
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

func (h *house) login(name, secret, device string, from netip.Addr) (auth.Session, error) {
	return h.Login(h.t.Context(), name, secret, device, from, "Browser/1.0")
}

func (h *house) mustLogin(device string, from netip.Addr) auth.Session {
	h.t.Helper()
	s, err := h.login("alice", password, device, from)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func wantInvalid(t *testing.T, err error, field string) {
	t.Helper()
	var invalid *auth.Invalid
	if !errors.As(err, &invalid) || invalid.Field != field || invalid.Text == "" {
		t.Errorf("got %v, want something said about the %s", err, field)
	}
}

func isThrottled(err error) bool {
	var throttled *auth.Throttled
	return errors.As(err, &throttled) && throttled.RetryAfter > 0
}

func TestUserIsAddedByARegularName(t *testing.T) {
	h := build(t)
	u, err := h.Add(t.Context(), " Alice ", "Alice of Example", password, auth.Author)
	if err != nil {
		t.Fatal(err)
	}
	if u.Name != "alice" || u.DisplayName != "Alice of Example" || u.Role != auth.Author || u.ID == "" || !u.Created.Equal(h.clock()) {
		t.Errorf("got %+v", u)
	}
	_, err = h.Add(t.Context(), "ALICE", "", password, auth.Author)
	wantInvalid(t, err, "name")
	for _, name := range []string{"", "a b", "älice", "alice\nx", "-alice", "al\x00ice", "a/b", strings.Repeat("a", 65)} {
		_, err := h.Add(t.Context(), name, "", password, auth.Author)
		wantInvalid(t, err, "name")
	}
	_, err = h.Add(t.Context(), "bob", "Bob\x00", password, auth.Author)
	wantInvalid(t, err, "display")
	_, err = h.Add(t.Context(), "bob", "", password, "king")
	wantInvalid(t, err, "role")
}

func TestOwnerIsKnownOnceAdded(t *testing.T) {
	h := build(t)
	h.register("bob", auth.Author)
	if has, err := h.HasOwner(t.Context()); has || err != nil {
		t.Errorf("an author counts as the owner: %v", err)
	}
	h.register("alice", auth.Owner)
	if has, err := h.HasOwner(t.Context()); !has || err != nil {
		t.Errorf("the owner is not known: %v", err)
	}
}

func TestSetupTokenMakesTheOwnerOnce(t *testing.T) {
	h := build(t)
	ctx := t.Context()
	first, err := h.SetupToken(ctx)
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.SetupToken(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(token) < 43 || h.ValidSetup(ctx, first) || !h.ValidSetup(ctx, token) || h.ValidSetup(ctx, "") {
		t.Fatal("only the newest token should be good")
	}
	for _, bad := range []string{"", first, token + "x", strings.ToUpper(token)} {
		if _, err := h.Setup(ctx, bad, "mallory", "", password); !errors.Is(err, auth.ErrNoSetup) {
			t.Errorf("token %q: %v", bad, err)
		}
	}
	_, err = h.Setup(ctx, token, "alice", "", "short")
	wantInvalid(t, err, "password")
	u, err := h.Setup(ctx, token, "alice", "Alice", password)
	if err != nil || u.Role != auth.Owner {
		t.Fatalf("a bad password spoiled the token: %v %v", u, err)
	}
	if _, err := h.Setup(ctx, token, "mallory", "", password); !errors.Is(err, auth.ErrNoSetup) {
		t.Errorf("the token works twice: %v", err)
	}
	if _, err := h.SetupToken(ctx); !errors.Is(err, auth.ErrHasOwner) {
		t.Errorf("another token with an owner there: %v", err)
	}
	h.mustLogin("", home)
}

func TestAddedOwnerEndsSetup(t *testing.T) {
	h := build(t)
	token, err := h.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.register("alice", auth.Owner)
	if _, err := h.Setup(t.Context(), token, "mallory", "", password); !errors.Is(err, auth.ErrNoSetup) {
		t.Errorf("the setup link still makes an owner: %v", err)
	}
}

func TestSetupAtOnceMakesOneOwner(t *testing.T) {
	h := build(t)
	token, err := h.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	outcomes := make(chan error, 6)
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		all.Go(func() {
			_, err := h.Setup(t.Context(), token, name, "", password)
			outcomes <- err
		})
	}
	all.Wait()
	close(outcomes)
	made := 0
	for err := range outcomes {
		switch {
		case err == nil:
			made++
		case !errors.Is(err, auth.ErrNoSetup):
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d owners made, want 1", made)
	}
}

func TestNewPasswordEndsSessions(t *testing.T) {
	h := build(t)
	h.register("alice", auth.Owner)
	h.register("bob", auth.Author)
	alice := h.mustLogin("", home)
	bob, err := h.login("bob", password, "", home)
	if err != nil {
		t.Fatal(err)
	}
	wantInvalid(t, h.SetPassword(t.Context(), "alice", "alice12345"), "password")
	if err := h.SetPassword(t.Context(), "Alice", "another set of words"); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Session(t.Context(), alice.Token); !errors.Is(err, auth.ErrNoSession) {
		t.Errorf("the old session: %v", err)
	}
	if _, err := h.Session(t.Context(), bob.Token); err != nil {
		t.Errorf("somebody else's session: %v", err)
	}
	if _, err := h.login("alice", password, "", home); !errors.Is(err, auth.ErrRefused) {
		t.Errorf("the old password: %v", err)
	}
	if _, err := h.login("alice", "another set of words", "", home); err != nil {
		t.Errorf("the new password: %v", err)
	}
	if err := h.SetPassword(t.Context(), "nobody", password); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("nobody: %v", err)
	}
}

func TestSecretsAreKeptHashed(t *testing.T) {
	h := build(t)
	h.register("alice", auth.Owner)
	s := h.mustLogin("", home)
	token, err := h.NewToken(t.Context(), "alice", "create", "phone")
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{
		"SELECT password FROM users", "SELECT token_hash FROM sessions",
		"SELECT token_hash FROM devices", "SELECT token_hash FROM tokens",
	} {
		var kept string
		if err := h.db.QueryRow(context.Background(), query).Scan(&kept); err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{password, s.Token, s.Device, token} {
			if strings.Contains(kept, secret) {
				t.Errorf("%s gives %q", query, kept)
			}
		}
		if strings.Contains(query, "users") && !strings.HasPrefix(kept, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("the password is kept as %q", kept)
		}
	}
}
