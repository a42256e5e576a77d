package mentions

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"hark/internal/settings"
)

// service stands in for Akismet: it speaks its documented protocol, and calls
// spam what has the word viagra in it.
type service struct {
	*httptest.Server
	mu    sync.Mutex
	calls []string
	down  bool
}

func newService(t *testing.T) *service {
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		call := strings.TrimPrefix(r.URL.Path, "/1.1/")
		s.calls = append(s.calls, call)
		switch {
		case s.down:
			w.WriteHeader(http.StatusInternalServerError)
		case r.PostFormValue("api_key") != "goodkey1" || r.PostFormValue("blog") != ourSite+"/":
			w.Header().Set("X-Akismet-Debug-Help", "Unknown key")
			fmt.Fprint(w, "invalid")
		case call == "verify-key":
			fmt.Fprint(w, "valid")
		case r.PostFormValue("user_ip") != stranger.String():
			w.Header().Set("X-Akismet-Debug-Help", "Empty \"user_ip\" value")
			fmt.Fprint(w, "invalid")
		case call == "comment-check":
			fmt.Fprint(w, strings.Contains(r.PostFormValue("comment_content"), "viagra"))
		case call == "submit-spam", call == "submit-ham":
			fmt.Fprint(w, "Thanks for making the web a better place.")
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) asked() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.Sort(s.calls) // some are made at the same time
	calls := strings.Join(s.calls, " ")
	s.calls = nil
	return calls
}

func (w *world) withAkismet(s *service, key string) {
	w.t.Helper()
	w.rooms.Akismet = s.URL
	w.inbox = NewInbox(w.rooms)
	answers := settings.DefaultAnswers
	answers.Akismet = key
	w.must(w.settings.SaveAnswers(context.Background(), answers))
}

func TestAkismetIsASignAmongOthersAndLearnsWhereItWasWrong(t *testing.T) {
	w, b, s := newWorld(t), newBlog(t), newService(t)
	w.withAkismet(s, "goodkey1")
	p := w.post("Words.")
	wrong := w.arrive(b.html("/1", linkingSaying(ours(p), "viagra, said the doctor")), ours(p))
	w.expect(wrong.ID, Held)
	right := w.arrive(b.html("/2", linkingSaying(ours(p), "quite so")), ours(p))
	w.expect(right.ID, Shown)
	if got := s.asked(); got != "comment-check comment-check" || signOf(wrong, "akismet") >= 0 || signOf(right, "akismet") <= 0 {
		t.Errorf("it was asked %s; signs %+v and %+v", got, wrong.Signs, right.Signs)
	}
	w.decideAll(NotSpam, wrong.ID)
	w.decideAll(CallSpam, right.ID)
	w.drain()
	if got := s.asked(); got != "submit-ham submit-spam" {
		t.Errorf("it was told %s", got)
	}
	agreed := w.arrive(b.html("/3", linkingSaying(ours(p), "more viagra")), ours(p))
	s.asked()
	w.decideAll(CallSpam, agreed.ID)
	w.drain()
	if got := s.asked(); got != "" {
		t.Errorf("it was told %s, though it was right", got)
	}
}

func TestAMentionIsJudgedWithoutAkismetWhenItDoesNotAnswer(t *testing.T) {
	w, b, s := newWorld(t), newBlog(t), newService(t)
	w.withAkismet(s, "goodkey1")
	s.down = true
	p := w.post("Words.")
	m := w.arrive(b.html("/1", linkingSaying(ours(p), "viagra")), ours(p))
	if w.expect(m.ID, Shown); signOf(m, "akismet") != 0 {
		t.Errorf("signs %+v", m.Signs)
	}
	w.withAkismet(s, "")
	s.asked()
	w.arrive(b.html("/2", linkingSaying(ours(p), "viagra")), ours(p))
	if got := s.asked(); got != "" {
		t.Errorf("without a key it was asked %s", got)
	}
}

func TestAKeyIsTriedBeforeItIsKept(t *testing.T) {
	w, s := newWorld(t), newService(t)
	w.withAkismet(s, "")
	if err := w.inbox.TryAkismet(context.Background(), "goodkey1"); err != nil {
		t.Errorf("the good key: %v", err)
	}
	if err := w.inbox.TryAkismet(context.Background(), "badkey"); err == nil || !strings.Contains(err.Error(), "does not know this key") {
		t.Errorf("the bad key: %v", err)
	}
	s.down = true
	if err := w.inbox.TryAkismet(context.Background(), "goodkey1"); err == nil || !strings.Contains(err.Error(), "could not be asked") {
		t.Errorf("nobody answers: %v", err)
	}
}

// linkingSaying is an ordinary page with some words around its link.
func linkingSaying(to, words string) string {
	return fmt.Sprintf(`<!doctype html><title>On blogs</title><p>I say %s, as you can <a href="%s">read there</a> today and on other days.</p>`, words, to)
}
