package test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// receiver is a site that takes webmentions as webmention.rocks does: whenever it is told it reads
// the source, and remembers what it has found there.
type receiver struct {
	t   *testing.T
	url string

	mu    sync.Mutex
	found []string
}

func newReceiver(t *testing.T, host string) *receiver {
	r := &receiver{t: t}
	r.url = listenOn(t, host, r.answer)
	return r
}

func (r *receiver) answer(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		w.Header().Set("Link", `</webmention>; rel="webmention"`)
		return
	}
	target := req.PostFormValue("target")
	path, ours := strings.CutPrefix(target, r.url)
	if req.URL.Path != "/webmention" || !ours {
		r.t.Errorf("%s was told of %q", req.URL, target)
	}
	ask, err := http.NewRequest(http.MethodGet, req.PostFormValue("source"), nil)
	if err != nil {
		r.t.Error(err)
		return
	}
	source, err := from(r.t, "127.0.0.1").do(ask)
	if err != nil {
		r.t.Errorf("the source cannot be read: %v", err)
	}
	found := fmt.Sprintf("%s: %d", path, source.status)
	for _, link := range all(parse(r.t, source.body), ".h-entry a") {
		if attr(link, "href") == target {
			found += ", linked"
			break
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found = append(r.found, found)
}

// finds waits until the receiver was told as often as wanted, and expects what it found.
func (r *receiver) finds(when string, want ...string) {
	r.t.Helper()
	eventually(r.t, 20*time.Second, "the receiver is told, "+when, func() error {
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.found) < len(want) {
			return fmt.Errorf("it was told %q", r.found)
		}
		return nil
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.Sort(r.found)
	if !slices.Equal(r.found, want) {
		r.t.Errorf("%s the receiver found %q, want %q", when, r.found, want)
	}
	r.found = nil
}

// delete takes a post away by Micropub.
func (s *site) delete(token, post string) {
	s.t.Helper()
	req, err := formRequest(s.url+"/micropub", url.Values{"action": {"delete"}, "url": {post}})
	if err == nil {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if a := from(s.t, "127.0.0.1").must(req, err); a.status/100 != 2 {
		s.t.Fatalf("micropub answers a deletion with %d:\n%s", a.status, a.body)
	}
}

func linkTo(address string) string {
	return fmt.Sprintf(`<p>I read <a href="%s">this</a>.</p>`, address)
}

// The update and delete tests of webmention.rocks, by their public descriptions.
func TestWebmentionRocksHearsOfUpdatesAndDeletions(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.owner()
	owner := from(t, "127.0.0.1")
	owner.login(s)

	t.Run("update 1: a link is added", func(t *testing.T) {
		t.Parallel()
		rocks := newReceiver(t, "127.0.20.1")
		post := s.publish(token, "Update 1", linkTo(rocks.url+"/update/1"))
		rocks.finds("after publishing", "/update/1: 200, linked")
		owner.edit(s, post, func(form url.Values) {
			form.Set("text", form.Get("text")+"\n\n"+linkTo(rocks.url+"/update/1/part/2"))
		})
		rocks.finds("after the edit", "/update/1/part/2: 200, linked", "/update/1: 200, linked")
	})
	t.Run("update 2: a link is removed", func(t *testing.T) {
		t.Parallel()
		rocks := newReceiver(t, "127.0.20.2")
		post := s.publish(token, "Update 2", linkTo(rocks.url+"/update/2")+linkTo(rocks.url+"/update/2/part/2"))
		rocks.finds("after publishing", "/update/2/part/2: 200, linked", "/update/2: 200, linked")
		owner.edit(s, post, func(form url.Values) {
			form.Set("text", linkTo(rocks.url+"/update/2"))
		})
		rocks.finds("after the edit", "/update/2/part/2: 200", "/update/2: 200, linked")
	})
	t.Run("delete 1: the post is deleted", func(t *testing.T) {
		t.Parallel()
		rocks := newReceiver(t, "127.0.20.3")
		post := s.publish(token, "Delete 1", linkTo(rocks.url+"/delete/1"))
		rocks.finds("after publishing", "/delete/1: 200, linked")
		s.delete(token, post)
		rocks.finds("after the deletion", "/delete/1: 410")
	})
}
