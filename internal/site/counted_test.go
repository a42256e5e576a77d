package site

import (
	"net/http"
	"testing"
	"time"

	"hark/internal/authlog"
	"hark/internal/guard"
	"hark/internal/posts"
)

func TestEveryPingIsCountedOnceByItsDoorAndItsEnd(t *testing.T) {
	b := newBlog(t)
	books := b.Guard.Books()
	books.Keep(b.db)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	at := public + post.Path
	b.mention(theirs(t, http.StatusOK, linking(post)), at)
	b.mention(theirs(t, http.StatusOK, "Nothing of hers."), at)
	b.mention("https://spam.example/", public+"/nowhere")
	b.mention("javascript:alert(1)", at)
	b.mention("https://spam.example/", "")
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[guard.Event]uint64{
		{Door: "webmention", Outcome: guard.Taken}:                                      2,
		{Door: "webmention", Outcome: guard.Shown}:                                      1,
		{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.NoLink)}:    1,
		{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.NoTarget)}:  1,
		{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.BadSource)}: 1,
		{Door: "webmention", Outcome: guard.Refused, Reason: string(authlog.Malformed)}: 1,
	}
	got := books.Totals()
	for e, n := range want {
		if got[e] != n {
			t.Errorf("%v is counted %d times, want %d", e, got[e], n)
		}
	}
	if len(got) != len(want) {
		t.Errorf("counted is %v", got)
	}
	if err := books.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	hosts, err := books.Busiest(t.Context(), guard.ByHost, b.at, 10)
	if err != nil || len(hosts) != 2 || hosts[0].N != 1 || hosts[1].Name != "spam.example" && hosts[0].Name != "spam.example" {
		t.Errorf("blamed are %v, %v", hosts, err)
	}
}
