package mentions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
	"hark/internal/queue"
)

// takesWebmentions gives a blog a page that takes webmentions, whose endpoint
// answers with a status, a header given as name and value, and a text.
func (b *blog) takesWebmentions(path string, status int, text string, header ...string) string {
	b.serve("/wm", func(w http.ResponseWriter, r *http.Request) {
		b.hear(r.FormValue("source") + " -> " + r.FormValue("target"))
		for n := 0; n < len(header); n += 2 {
			w.Header().Set(header[n], header[n+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, text)
	})
	return b.html(path, `<link rel="webmention" href="/wm?key=1"><link rel="pingback" href="/never">`)
}

// takesPingbacks gives a blog a page that takes pingbacks, whose endpoint
// answers with a value or, for a code that is not negative, a fault.
func (b *blog) takesPingbacks(path string, code int, text string) string {
	b.serve("/xmlrpc", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.hear(string(body))
		w.Header().Set("Content-Type", "text/xml")
		if code < 0 {
			fmt.Fprintf(w, `<?xml version="1.0"?><methodResponse><params><param><value><string>%s</string></value></param></params></methodResponse>`, text)
			return
		}
		fmt.Fprintf(w, `<?xml version="1.0"?><methodResponse><fault><value><struct><member><name>faultCode</name><value><int>%d</int></value></member>`+
			`<member><name>faultString</name><value><string>%s</string></value></member></struct></value></fault></methodResponse>`, code, text)
	})
	return b.serve(path, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Pingback", b.URL+"/xmlrpc") })
}

// link is Markdown that links to an address.
func link(to string) string { return "I read [this](" + to + ")." }

// wants fails unless a delivery stands so.
func (w *world) wants(d *Delivery, state Outcome, protocol string, tries int, answer string) {
	w.t.Helper()
	if d.State != state || d.Protocol != protocol || d.Tries != tries || !strings.Contains(d.Answer, answer) {
		w.t.Errorf("got %s by %q after %d tries: %q; want %s by %q after %d: %q",
			d.State, d.Protocol, d.Tries, d.Answer, state, protocol, tries, answer)
	}
}

func TestAPostTellsByWebmentionAndNotByBoth(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 201, "Thank you.", "Location", "/status/1")
	p := w.post(link(target))
	d := w.delivery(p.ID)
	w.wants(d, Sent, byWebmention, 1, "Thank you.")
	if d.Location != b.URL+"/status/1" || d.Endpoint != b.URL+"/wm?key=1" || !d.Linked || !d.Next.IsZero() {
		t.Errorf("got %+v", d)
	}
	if got := b.heard(); len(got) != 1 || got[0] != ours(p)+" -> "+target || b.visited("/never") != 0 {
		t.Errorf("the blog heard %q", got)
	}
}

func TestAPostTellsByPingbackWhereThereIsNoWebmention(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesPingbacks("/a", -1, "Thank you.")
	p := w.post(link(target))
	w.wants(w.delivery(p.ID), Sent, byPingback, 1, "Thank you.")
	got := b.heard()
	if len(got) != 1 || !strings.Contains(got[0], ">"+ours(p)+"<") || !strings.Contains(got[0], ">"+target+"<") {
		t.Errorf("the blog heard %q", got)
	}
}

func TestATargetThatTakesNeitherIsDeaf(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.html("/a", "Nothing.")))
	w.wants(w.delivery(p.ID), Deaf, "", 1, "names no address")
	if n := w.number("SELECT count(*) FROM jobs"); n != 0 {
		t.Errorf("%d jobs are left", n)
	}
}

func TestT16AnUnchangedSaveTellsNobody(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.takesWebmentions("/a", 202, "")))
	b.heard()
	visits := b.visited("/a")
	for range 3 {
		p.Tags = append(p.Tags, fmt.Sprint("tag", len(p.Tags)))
		w.save(p)
		w.after(time.Hour)
	}
	if got := b.heard(); len(got) != 0 || b.visited("/a") != visits {
		t.Errorf("the blog heard %q", got)
	}
}

func TestAnEditTellsAllCurrentTargetsAgain(t *testing.T) {
	w, b, c := newWorld(t), newBlog(t), newBlog(t)
	one, two := b.takesWebmentions("/a", 202, ""), c.takesWebmentions("/b", 202, "")
	p := w.post(link(one) + link(two))
	b.heard()
	c.heard()
	p.Content += " And more."
	w.after(time.Minute)
	w.save(p)
	if x, y := b.heard(), c.heard(); len(x) != 1 || len(y) != 1 {
		t.Errorf("the blogs heard %q and %q", x, y)
	}
	// A link that is gone is told once, and with it who stays, of the new text.
	w.after(time.Minute)
	p.Content = link(two)
	w.save(p)
	if x, y := b.heard(), c.heard(); len(x) != 1 || len(y) != 1 {
		t.Errorf("the blogs heard %q and %q", x, y)
	}
	w.after(time.Minute)
	p.Content += " Again."
	w.save(p)
	if x, y := b.heard(), c.heard(); len(x) != 0 || len(y) != 1 {
		t.Errorf("the blogs heard %q and %q", x, y)
	}
	for _, d := range w.deliveries(p.ID) {
		if d.Linked != (d.Target == two) || d.State != Sent {
			t.Errorf("got %+v", d)
		}
	}
}

func TestADeletionIsToldAfterThePageIsGone(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 202, "")
	p := w.post(link(target))
	b.heard()
	var status posts.Status
	b.serve("/wm", func(http.ResponseWriter, *http.Request) {
		now, err := w.posts.ByPath(context.Background(), p.Path)
		w.must(err)
		status = now.Status
		b.hear("told")
	})
	w.pass(time.Minute)
	w.must(w.posts.Delete(context.Background(), p.ID))
	w.drain()
	if got := b.heard(); len(got) != 1 || status != posts.Deleted {
		t.Errorf("the blog heard %q while the post was %s", got, status)
	}
	w.pass(time.Minute)
	w.must(w.posts.Restore(context.Background(), p.ID))
	w.drain()
	if got := b.heard(); len(got) != 1 || status != posts.Published || !w.delivery(p.ID).Linked {
		t.Errorf("after the restore the blog heard %q while the post was %s", got, status)
	}
}

// Its endpoint is slow, and has read the post before that is gone.
func TestADeletionWhileItIsToldIsToldToo(t *testing.T) {
	ctx := context.Background()
	for name, test := range map[string]struct {
		meanwhile func(*world, string) error
		heard     int
		linked    bool
	}{
		"deleted": {func(w *world, id string) error { return w.posts.Delete(ctx, id) }, 2, false},
		"deleted and restored": {func(w *world, id string) error {
			return errors.Join(w.posts.Delete(ctx, id), w.queue.Drain(ctx), w.posts.Restore(ctx, id))
		}, 2, true},
		"edited and deleted": {func(w *world, id string) error {
			p, err := w.posts.ByID(ctx, id)
			if err != nil {
				return err
			}
			p.Content += " More."
			return errors.Join(w.posts.Save(ctx, p), w.queue.Drain(ctx), w.posts.Delete(ctx, id))
		}, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			w, b := newWorld(t), newBlog(t)
			p, calls := &posts.Post{AuthorID: w.author, Status: posts.Published}, 0
			b.serve("/wm", func(_ http.ResponseWriter, r *http.Request) {
				if calls++; calls > 1 {
					return
				}
				if err := errors.Join(test.meanwhile(w, p.ID), w.queue.Drain(ctx)); err != nil {
					t.Error(err)
				}
			})
			p.Content = link(b.html("/a", `<link rel="webmention" href="/wm">`))
			w.save(p)
			for range 5 {
				w.after(webmentionGap)
			}
			d := w.delivery(p.ID)
			w.wants(d, Sent, byWebmention, 1, "")
			if calls != test.heard || d.Linked != test.linked {
				t.Errorf("it heard %d messages, the last with a link: %t; want %d, %t", calls, d.Linked, test.heard, test.linked)
			}
		})
	}
}

func TestADraftTellsNobody(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 202, "")
	p := &posts.Post{AuthorID: w.author, Status: posts.Draft, Content: link(target), Published: w.now()}
	w.save(p)
	if got := b.heard(); len(got) != 0 || b.visited("/a") != 0 || len(w.deliveries(p.ID)) != 0 {
		t.Errorf("the blog heard %q", got)
	}
	p.Status = posts.Published
	w.save(p)
	if got := b.heard(); len(got) != 1 {
		t.Errorf("after publishing the blog heard %q", got)
	}
}

func TestOwnLinksShowWithoutHTTP(t *testing.T) {
	w := newWorld(t)
	target := w.post("The first.")
	before := w.generation(target.ID)
	from := w.post("As I [said](" + target.Path + ") and [again](" + ours(target) + "#x).")
	check := func(when string, want int) {
		t.Helper()
		if got := w.answers(target.ID); got.Count() != want || len(got.Mentions) != want {
			t.Errorf("%s: beneath the post stand %d", when, got.Count())
		}
	}
	check("after publishing", 1)
	m := w.answers(target.ID).Mentions[0]
	if m.Via != Own || m.Source != ours(from) || m.AuthorName != "hark" || !strings.Contains(string(m.HTML), "As I") || w.generation(target.ID) == before {
		t.Errorf("got %+v", m)
	}
	if len(w.deliveries(from.ID)) != 0 {
		t.Error("our own site was told")
	}
	from.Slug = "another-address"
	w.save(from)
	check("after the move", 1)
	if got := w.answers(target.ID).Mentions[0]; got.Source != ours(from) || got.ID != m.ID {
		t.Errorf("after the move: %+v", got)
	}
	w.must(w.posts.Delete(context.Background(), from.ID))
	w.drain()
	check("after the delete", 0)
	w.must(w.posts.Restore(context.Background(), from.ID))
	w.drain()
	check("after the restore", 1)
	from, err := w.posts.ByID(context.Background(), from.ID)
	w.must(err)
	from.Content = "Nothing."
	w.save(from)
	check("without the link", 0)
	from.Content = link(ours(target))
	w.save(from)
	check("with the link again", 1)
	w.decide(m.ID, Delete)
	from.Content, from.Slug = link(target.Path), "a-third-address"
	w.save(from)
	check("after the owner removed it", 0)
}

func TestAnOwnLinkToADeletedPostIsThereOnceItIsRestored(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	one, before, since := w.post("One."), w.post("Before."), w.post("Since.")
	link := func(p *posts.Post) {
		t.Helper()
		p, err := w.posts.ByID(ctx, p.ID)
		w.must(err)
		p.Content += " See [one](" + ours(one) + ")."
		w.save(p)
	}
	link(before)
	w.must(w.posts.Delete(ctx, one.ID))
	w.drain()
	link(before)
	link(since)
	w.must(w.posts.Restore(ctx, one.ID))
	w.drain()
	if n := len(w.answers(one.ID).Mentions); n != 2 {
		t.Errorf("%d of the two posts that link there are shown", n)
	}
}

func TestAnOwnReplyIsAReply(t *testing.T) {
	w := newWorld(t)
	target := w.post("The first.")
	from := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Yes, [this](" + target.Path + "#x).",
		Properties: posts.Properties{"in-reply-to": {ours(target)}}}
	w.save(from)
	if a := w.answers(target.ID); len(a.Threads) != 1 || a.Count() != 1 {
		t.Errorf("got %+v", a)
	}
	self := w.post("Myself.")
	self.Content = link(self.Path) + link(ourSite+"/") + link(ourSite+"/2026/nothing")
	w.save(self)
	if w.answers(self.ID).Count() != 0 || w.answers("").Count() != 0 || len(w.deliveries(self.ID)) != 0 {
		t.Error("a link to itself, to the home page or to nothing is a mention")
	}
}

func TestLinksAreToldExactlyAsTyped(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	b.takesWebmentions("/a", 202, "")
	b.takesWebmentions("/in", 202, "")
	want := []string{
		b.URL + "/in?x=1&y=2", // what the post answers comes first
		b.URL + "/a?one=1&two=%20#part",
		strings.ToUpper(b.URL[:4]) + b.URL[4:] + "/a?utm_source=x",
		b.URL + "/a",
	}
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Properties: posts.Properties{"in-reply-to": {want[0]}},
		Content: fmt.Sprintf("[a](%s) [b](%s) <a href=\"%s\">c</a> [d](%s) [m](mailto:a@b.example) [f](ftp://a.example/) [x](#x) ![i](%s/i.png)",
			want[1], want[2], want[3], want[3], b.URL)}
	w.save(p)
	for range 4 {
		w.after(webmentionGap)
	}
	heard := map[string]bool{}
	for _, call := range b.heard() {
		_, target, _ := strings.Cut(call, " -> ")
		heard[target] = true
	}
	for _, d := range w.deliveries(p.ID) {
		if !heard[d.Target] || d.State != Sent {
			t.Errorf("%s was not told: %+v", d.Target, d)
		}
	}
	for _, target := range want {
		if !heard[target] {
			t.Errorf("nobody was told %s", target)
		}
	}
	if len(heard) != len(want) {
		t.Errorf("heard %v", heard)
	}
}

func TestALinkThatNoIndexTakesStopsNoOther(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	var text strings.Builder
	fmt.Fprintf(&text, "[long](https://a.example/")
	for n := range 1000 {
		fmt.Fprintf(&text, "%x", n*n*7919)
	}
	p := w.post(text.String() + ") " + link(b.takesWebmentions("/a", 202, "")))
	w.wants(w.delivery(p.ID), Sent, byWebmention, 1, "")
}

func TestAnAnsweredPageThatNoIndexTakesStopsNoLink(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	var long strings.Builder
	long.WriteString("https://a.invalid/?")
	for dice := rand.New(rand.NewPCG(1, 2)); long.Len() < maxAddress-8; {
		if dice.IntN(3) == 0 {
			long.WriteByte('\\')
		} else {
			long.WriteByte('a' + byte(dice.IntN(26)) - byte(32*dice.IntN(2))) // letters that nothing makes shorter
		}
	}
	target := b.takesWebmentions("/a", 202, "")
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: link(target),
		Properties: posts.Properties{"bookmark-of": {long.String()}}, Quiet: []string{long.String()}}
	w.save(p)
	w.wants(w.deliveryTo(p.ID, long.String()), Quiet, "", 0, "You chose not to tell")
	w.wants(w.deliveryTo(p.ID, target), Sent, byWebmention, 1, "")
	w.must(w.outbox.Ask(context.Background(), p))
}

func TestOfVeryManyLinksTheFirstFiveHundredAreTold(t *testing.T) {
	w := newWorld(t)
	var text strings.Builder
	for n := range maxLinks + 20 {
		fmt.Fprintf(&text, "[x](https://%d.invalid/) ", n)
	}
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: text.String()}
	w.must(w.posts.Save(context.Background(), p))
	w.must(w.outbox.postChanged(context.Background(), queue.Job{Payload: []byte(`"` + p.ID + `"`)}))
	list := w.deliveries(p.ID)
	if len(list) != maxLinks {
		t.Fatalf("%d are told", len(list))
	}
	for _, d := range list {
		if d.Target == fmt.Sprintf("https://%d.invalid/", maxLinks) {
			t.Error("the last links are told instead of the first")
		}
	}
}

func TestAgainTellsAtOnce(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.takesWebmentions("/a", 400, "Not this one.")))
	d := w.delivery(p.ID)
	w.wants(d, Failed, byWebmention, 1, "Not this one.")
	b.takesWebmentions("/a", 202, "Now.")
	b.heard()
	w.pass(time.Minute)
	w.must(w.outbox.Again(context.Background(), d.ID))
	if d := w.delivery(p.ID); d.State != Queued || d.Answer != "" {
		t.Errorf("before it is told: %+v", d)
	}
	w.drain()
	w.wants(w.delivery(p.ID), Sent, byWebmention, 1, "Now.")
	if err := w.outbox.Again(context.Background(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestTheOutboxIsListedPageByPage(t *testing.T) {
	w := newWorld(t)
	want := map[string]bool{}
	for n := range 5 {
		p := w.post(link(fmt.Sprintf("http://%d.invalid/", n)))
		want[w.delivery(p.ID).ID] = true
		w.pass(time.Second)
	}
	before := ""
	for len(want) > 0 {
		list, err := w.outbox.List(context.Background(), Outgoing{Before: before, Limit: 2})
		w.must(err)
		if len(list) == 0 {
			t.Fatalf("%d are not listed", len(want))
		}
		for _, d := range list {
			if !want[d.ID] {
				t.Fatalf("%s is listed twice", d.ID)
			}
			delete(want, d.ID)
			before = d.ID
		}
	}
}
