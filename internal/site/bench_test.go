package site

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/page"
	"hark/internal/posts"
)

// essay is a text of some 400 words, as an article has them.
var essay = strings.Repeat("The jar was **never** meant to last. My [neighbour](https://hollis.example/) set it on the gatepost the week the clocks went back.\n\n", 18)

// BenchmarkPostPage measures the first view of a post after a change.
func BenchmarkPostPage(b *testing.B) {
	for _, mentions := range []int{0, 50} {
		b.Run(fmt.Sprint(mentions, " mentions"), func(b *testing.B) {
			blog := newBlog(b)
			blog.publish(30*day24, posts.Post{Title: "Before", Content: essay})
			p := blog.publish(20*day24, posts.Post{Title: "Six years of rain", Content: essay, Tags: []string{"rain", "jars"}})
			blog.publish(10*day24, posts.Post{Title: "After", Content: essay})
			blog.answered(p, replies(mentions)...)
			measure(b, func(ctx context.Context) (*page.Answer, error) {
				return blog.below(ctx, p.Path, "", nil, blog.postPage)
			})
		})
	}
}

// BenchmarkPostPageWith5000Mentions measures the first view of a post, and of a
// further page of its answers, after a change.
func BenchmarkPostPageWith5000Mentions(b *testing.B) {
	blog := newBlog(b)
	p := blog.publish(20*day24, posts.Post{Title: "Six years of rain", Content: essay, Tags: []string{"rain", "jars"}})
	blog.show(p.ID, crowd(5000)...)
	for _, path := range []string{p.Path, p.Path + "/answers/2"} {
		b.Run(path, func(b *testing.B) {
			measure(b, func(ctx context.Context) (*page.Answer, error) {
				if path == p.Path {
					return blog.below(ctx, path, "", nil, blog.postPage)
				}
				site, err := blog.Settings.Site(ctx)
				if err != nil {
					return nil, err
				}
				return blog.furtherPage(ctx, site, blog.subject(p, nil), 2, nil)
			})
		})
	}
}

// crowd is many answers of all kinds. Of the replies, a half answer another.
func crowd(n int) []mentions.Mention {
	kinds := []mf2.Kind{mf2.Reply, mf2.Like, mf2.Reply, mf2.Repost, mf2.Mention, mf2.Reply, mf2.Like, mf2.Bookmark, mf2.RSVP, mf2.Reply}
	list := make([]mentions.Mention, n)
	for i := range list {
		m := &list[i]
		m.Source = fmt.Sprintf("https://reader%d.example/2026/%d", i, i)
		m.Content = mentions.Content{
			Kind: kinds[i%len(kinds)], AuthorName: fmt.Sprint("Reader ", i), AuthorURL: fmt.Sprintf("https://reader%d.example/", i), Title: "A page",
			HTML: "<p>I keep a jar as well, and lose a good two millimetres a week to the sun in July.</p>", RSVP: "yes", Face: strings.Repeat("0f", 16),
		}
		if i%4 == 0 && i >= 40 {
			m.ReplyTo = fmt.Sprintf("reader%d.example/2026/%d", i-20, i-20)
		}
	}
	return list
}

// BenchmarkHome measures the first view of the home page after a change.
func BenchmarkHome(b *testing.B) {
	blog := newFull(b)
	measure(b, func(ctx context.Context) (*page.Answer, error) { return blog.listPage(ctx, scope{path: "/"}, nil) })
}

// BenchmarkFeed measures the first reading of a feed after a change.
func BenchmarkFeed(b *testing.B) {
	for _, form := range forms {
		b.Run(form.name, func(b *testing.B) {
			blog := newFull(b)
			measure(b, func(ctx context.Context) (*page.Answer, error) {
				return blog.feedAnswer(ctx, scope{path: "/"}, form, "/feed."+form.name)
			})
		})
	}
}

// BenchmarkPingbackInAStorm measures what turning one away costs.
func BenchmarkPingbackInAStorm(b *testing.B) {
	blog := newBlog(b)
	blog.storm()
	r := httptest.NewRequest(http.MethodPost, "/pingback", nil)
	w := &ignored{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		blog.Server.Config.Handler.ServeHTTP(w, r)
	}
	if w.status != http.StatusServiceUnavailable {
		b.Errorf("answered %d", w.status)
	}
}

// ignored keeps of an answer the status alone.
type ignored struct {
	header http.Header
	status int
}

func (i *ignored) Header() http.Header         { return i.header }
func (i *ignored) WriteHeader(status int)      { i.status = status }
func (i *ignored) Write(b []byte) (int, error) { return len(b), nil }

// newFull is a blog with more than a page of articles and notes.
func newFull(b *testing.B) *blog {
	blog := newBlog(b)
	for n := range pageLength + 5 {
		p := posts.Post{Content: "Eleven curlews on the mudflat this morning.", Tags: []string{"birds"}}
		if n%2 == 0 {
			p = posts.Post{Title: fmt.Sprint("Post ", n), Content: essay, Tags: []string{"rain", "jars"}}
		}
		blog.publish(time.Duration(n)*7*time.Hour, p)
	}
	return blog
}

func replies(n int) []string {
	pages := make([]string, n)
	for i := range pages {
		pages[i] = fmt.Sprintf(`<a class="p-author h-card" href="/">Writer %d</a> <a class="u-in-reply-to" href="%%s">re</a> <p class="e-content">I keep a jar as well, and lose a good two millimetres a week to the sun in July.</p>`, i)
	}
	return pages
}

func measure(b *testing.B, make page.Maker) {
	answer, err := make(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(answer.Body)), "bytes")
	b.ReportAllocs()
	before := processor(b)
	for b.Loop() {
		if _, err := make(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((processor(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

// processor is the processor time that this program has used so far. On a machine that
// has more to do it says more than the clock.
func processor(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
