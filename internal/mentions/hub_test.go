package mentions

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/posts"
	"hark/internal/queue"
	"hark/internal/settings"
)

// hub is a WebSub hub that answers with a status.
func (b *blog) hub(status int) string {
	return b.serve("/hub", func(rw http.ResponseWriter, r *http.Request) {
		b.hear(r.FormValue("hub.mode") + " " + r.FormValue("hub.url"))
		rw.WriteHeader(status)
	})
}

func newWorldWithHub(t *testing.T, status int) (*world, *blog) {
	w, b := newWorld(t), newBlog(t)
	w.outbox.topics = func(p *posts.Post) []string { return []string{p.Path, "/", "/feed.atom"} }
	w.must(w.settings.SaveTelling(context.Background(), settings.Telling{Hub: b.hub(status)}))
	return w, b
}

func TestAHubIsToldOfWhatAPostChanges(t *testing.T) {
	w, b := newWorldWithHub(t, 204)
	p := w.post("A note.")
	want := []string{"publish " + ourSite + "/", "publish " + ourSite + "/feed.atom", "publish " + ours(p)}
	told := func(when string, want ...string) {
		t.Helper()
		got := b.heard()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s it heard %q, want %q", when, got, want)
		}
	}
	told("after publishing", want...)
	if len(w.deliveries(p.ID)) != 0 {
		t.Error("the hub stands among the links of the post")
	}
	list, err := w.outbox.List(context.Background(), Outgoing{Hub: true, Limit: 10})
	w.must(err)
	if len(list) != 3 || list[0].State != Sent || list[0].Protocol != byWebSub {
		t.Errorf("got %+v", list)
	}
	w.must(w.queue.Drain(context.Background()))
	w.after(time.Minute)
	w.must(w.db.InTx(context.Background(), func(tx *database.Tx) error { return w.queue.Enqueue(tx, posts.Changed, p.ID) }))
	w.drain()
	told("without a change")
	p.Tags = []string{"rain"}
	w.save(p)
	told("after a change", want...)
	w.must(w.posts.Delete(context.Background(), p.ID))
	w.drain()
	told("after the deletion", want...)
	w.save(&posts.Post{AuthorID: w.author, Status: posts.Draft, Content: "A draft."})
	told("after a draft")
	w.must(w.settings.SaveTelling(context.Background(), settings.Telling{}))
	w.post("Another.")
	told("once there is no hub")
}

// A list that a post has left has changed as well, once.
func TestAHubIsToldOfWhatAPostHasLeft(t *testing.T) {
	w, b := newWorldWithHub(t, 204)
	w.outbox.topics = func(p *posts.Post) (topics []string) {
		for _, tag := range p.Tags {
			topics = append(topics, "/tag/"+tag)
		}
		return append(topics, p.Path)
	}
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "A note.", Tags: []string{"rain", "sun"}}
	w.save(p)
	b.heard()
	p.Tags = []string{"sun"}
	w.save(p)
	if got := b.heard(); !slices.Contains(got, "publish "+ourSite+"/tag/rain") || len(got) != 3 {
		t.Errorf("it heard %q", got)
	}
	p.Content = "Another."
	w.save(p)
	if got := b.heard(); slices.Contains(got, "publish "+ourSite+"/tag/rain") {
		t.Errorf("it heard %q", got)
	}
}

func TestManyChangesAreToldAtOnce(t *testing.T) {
	w, b := newWorldWithHub(t, 204)
	for range 5 {
		w.must(w.posts.Save(context.Background(), &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "A note."}))
	}
	// All five are compared before the hub's turn comes.
	for range 5 {
		w.drain()
	}
	if n := w.number("SELECT count(*) FROM deliveries WHERE post_id = ''"); n != 7 {
		t.Errorf("there are %d topics", n)
	}
	if got := len(b.heard()); got < 7 || got > 9 {
		t.Errorf("the hub heard %d", got)
	}
}

func TestAHubThatFailsIsToldLater(t *testing.T) {
	w, b := newWorldWithHub(t, 503)
	w.post("A note.")
	b.heard()
	b.hub(202)
	w.after(time.Minute)
	if got := b.heard(); len(got) != 3 {
		t.Errorf("it heard %q", got)
	}
}

func TestATopicThatWaitsIsToldToTheHubOfTheDay(t *testing.T) {
	w, b := newWorldWithHub(t, 503)
	w.post("A note.")
	b.heard()
	w.must(w.settings.SaveTelling(context.Background(), settings.Telling{Hub: strings.Replace(b.hub(202), "127.0.0.1", "localhost", 1)}))
	w.after(time.Minute)
	if got := b.heard(); len(got) != 3 {
		t.Errorf("it heard %q", got)
	}
	list, err := w.outbox.List(context.Background(), Outgoing{Hub: true, Limit: 10})
	w.must(err)
	for _, d := range list {
		if d.State != Sent || d.Host != targetHost(d.Endpoint) || !strings.HasPrefix(d.Host, "localhost") {
			t.Errorf("%s by %s at %s", d.State, d.Host, d.Endpoint)
		}
	}
}

// On PostgreSQL two posts that change the same topics would else wait for each other.
func TestTopicsAreWrittenInOneOrder(t *testing.T) {
	w, _ := newWorldWithHub(t, 204)
	w.outbox.topics = func(p *posts.Post) (topics []string) {
		for _, tag := range p.Tags {
			topics = append(topics, "/tag/"+tag)
		}
		return topics
	}
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "A note.", Tags: []string{"c", "a", "d", "b"}}
	w.must(w.posts.Save(context.Background(), p))
	w.must(w.outbox.postChanged(context.Background(), queue.Job{Payload: []byte(`"` + p.ID + `"`)}))
	place := "rowid"
	if w.db.Postgres() {
		place = "ctid"
	}
	rows, err := w.db.Query(context.Background(), "SELECT target FROM deliveries ORDER BY "+place)
	w.must(err)
	got, err := database.Column(rows)
	if w.must(err); len(got) != 4 || !slices.IsSorted(got) {
		t.Errorf("written are %q", got)
	}
}
