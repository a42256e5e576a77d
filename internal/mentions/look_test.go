package mentions

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
)

// What was found is used for a while, and then looked for anew.
func TestAnEndpointIsRememberedForAWhile(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.takesWebmentions("/a", 202, "")))
	edit := func(after time.Duration) {
		t.Helper()
		p.Content += " More."
		w.after(after)
		w.save(p)
	}
	edit(time.Minute)
	if n := b.visited("/a"); n != 1 {
		t.Errorf("for a quick edit it was visited %d times", n)
	}
	edit(lookFresh)
	if n := b.visited("/a"); n != 2 {
		t.Errorf("after a while it was visited %d times", n)
	}
	if n := len(b.heard()); n != 3 {
		t.Errorf("it was told %d times", n)
	}
}

// An endpoint that moved meanwhile is found, and nothing is given up for it.
func TestARememberedEndpointMayHaveMoved(t *testing.T) {
	for name, old := range map[string]http.HandlerFunc{
		"it is gone":          http.NotFound,
		"it gives no answer":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"it says it is moved": func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(410) },
	} {
		t.Run(name, func(t *testing.T) {
			w, b := newWorld(t), newBlog(t)
			p := w.post(link(b.takesWebmentions("/a", 202, "")))
			b.heard()
			b.html("/a", `<link rel="webmention" href="/new">`)
			b.serve("/wm", old)
			b.serve("/new", func(rw http.ResponseWriter, _ *http.Request) {
				b.hear("new")
				rw.WriteHeader(202)
			})
			p.Content += " More."
			w.after(time.Minute)
			w.save(p)
			for range 5 {
				w.after(webmentionGap)
			}
			w.after(time.Minute) // a host that gave no answer is left alone for that long
			d := w.delivery(p.ID)
			w.wants(d, Sent, byWebmention, d.Tries, "")
			if d.Tries > 2 {
				t.Errorf("it took %d tries", d.Tries)
			}
			if got := b.heard(); len(got) != 1 || d.Endpoint != b.URL+"/new" {
				t.Errorf("it heard %q at %s", got, d.Endpoint)
			}
		})
	}
}

// So it is where a turn at the host had to be waited for.
func TestAnEndpointMayMoveBeforeItsTurn(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	one, two := b.takesWebmentions("/a", 202, ""), b.takesWebmentions("/b", 202, "")
	p := w.post(link(one) + link(two))
	w.after(webmentionGap)
	b.heard()
	for _, path := range []string{"/a", "/b"} {
		b.html(path, `<link rel="webmention" href="/new">`)
	}
	b.serve("/wm", http.NotFound)
	b.serve("/new", func(rw http.ResponseWriter, _ *http.Request) {
		b.hear("new")
		rw.WriteHeader(202)
	})
	p.Content += " More."
	w.after(time.Minute)
	w.save(p)
	for range 5 {
		w.after(webmentionGap)
	}
	w.after(time.Minute)
	for range 5 {
		w.after(webmentionGap)
	}
	for _, d := range w.deliveries(p.ID) {
		if d.State != Sent || d.Endpoint != b.URL+"/new" || d.Tries > 2 || d.Refused {
			t.Errorf("got %+v", d)
		}
	}
	if got := b.heard(); len(got) != 2 {
		t.Errorf("it heard %q", got)
	}
}

// An endpoint that its page names and that is not there is tried twice at most.
func TestAnEndpointThatIsNotThereIsTheEnd(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post(link(b.takesWebmentions("/a", 404, "")) + link(b.takesWebmentions("/b", 404, "")))
	for range 10 {
		w.after(time.Minute)
	}
	for _, d := range w.deliveries(p.ID) {
		if d.State != Failed || !d.Refused || d.Tries > 2 {
			t.Errorf("got %+v", d)
		}
	}
	if got := b.heard(); len(got) > 4 || w.number("SELECT count(*) FROM jobs") != 0 {
		t.Errorf("it heard %q", got)
	}
}

// A header on the way counts for nothing, the page in the end for all.
func TestT14ALinkOnARedirectIsNotThePages(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	b.takesWebmentions("/x/page", 202, "")
	b.html("/x/page", `<link rel="webmention" href="endpoint">`)
	b.serve("/x/endpoint", b.pages["/wm"])
	old := b.status("/old", 301, "Location", "/x/page", "Link", "</wrong>; rel=webmention", "X-Pingback", b.URL+"/wrong")
	p := w.post(link(old))
	d := w.delivery(p.ID)
	w.wants(d, Sent, byWebmention, 1, "")
	if got := b.heard(); d.Endpoint != b.URL+"/x/endpoint" || len(got) != 1 || !strings.HasSuffix(got[0], " -> "+old) {
		t.Errorf("%s heard %q", d.Endpoint, got)
	}
}

func TestT14AHostThatRefusesHEADIsTold(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	target := b.takesWebmentions("/a", 202, "")
	page := b.pages["/a"]
	b.serve("/a", func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			rw.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		page(rw, r)
	})
	w.wants(w.delivery(w.post(link(target)).ID), Sent, byWebmention, 1, "")
}

// Targets that are no pages, or too large ones, still say in their headers or in
// their first megabyte where they want to be told.
func TestT14HugeAndForeignTargets(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	b.takesWebmentions("/wm-page", 202, "")
	filler := strings.Repeat("<p>words</p>", 100_000)
	huge := b.html("/huge", `<link rel="webmention" href="/wm">`+filler)
	late := b.html("/late", filler+`<link rel="webmention" href="/wm">`)
	film := b.serve("/film", func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "video/mp4")
		rw.Header().Set("Link", "</wm>; rel=webmention")
		rw.(http.Flusher).Flush()
		<-r.Context().Done() // nobody looks at it to the end
	})
	script := b.serve("/text", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/plain")
		io.WriteString(rw, `<link rel="webmention" href="/wm">`)
	})
	p := w.post(link(huge) + link(late) + link(film) + link(script))
	for range 3 {
		w.after(webmentionGap)
	}
	want := map[string]Outcome{huge: Sent, late: Deaf, film: Sent, script: Deaf}
	for _, d := range w.deliveries(p.ID) {
		if d.State != want[d.Target] {
			t.Errorf("%s: %s, %q; want %s", d.Target, d.State, d.Answer, want[d.Target])
		}
	}
}

// Many links to a host that is down cost one visit a round.
func TestASilentHostIsAskedOnceARound(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	text := ""
	asked := 0
	for n := range 10 {
		text += link(b.serve(fmt.Sprintf("/%d", n), func(http.ResponseWriter, *http.Request) {
			asked++
			panic(http.ErrAbortHandler)
		}))
	}
	p := w.post(text)
	for range 20 {
		w.after(lineGap)
	}
	if asked > 2 { // two may be on their way before the first says why
		t.Errorf("it was asked %d times", asked)
	}
	for _, d := range w.deliveries(p.ID) {
		w.wants(d, Queued, "", 1, "The page could not be read")
	}
	for n := range 10 {
		b.html(fmt.Sprintf("/%d", n), "Nothing.")
	}
	w.after(2 * time.Minute)
	for range 20 {
		w.after(lineGap)
	}
	for _, d := range w.deliveries(p.ID) {
		w.wants(d, Deaf, "", 2, "names no address")
	}
}

func TestAnEndpointLongerThanAnyAddressIsNone(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	long := "/wm?" + strings.Repeat("x", 900<<10)
	page, ping := b.html("/a", `<link rel="webmention" href="`+long+`">`), b.html("/b", `<link rel="pingback" href="`+b.URL+long+`">`)
	for _, d := range w.deliveries(w.post(link(page) + link(ping)).ID) {
		w.wants(d, Deaf, "", 1, "names no address")
	}
	if n := w.number("SELECT max(length(endpoint)) FROM looks"); n > maxAddress {
		t.Errorf("%d bytes of an endpoint are kept", n)
	}
}

// A page that breaks off comes first; its host answers all the same.
func TestABrokenPageDoesNotSpeakForItsHost(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	breaksOff := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	broken, fine := b.serve("/broken", breaksOff), b.takesWebmentions("/fine", 202, "")
	p := w.post(link(broken) + link(fine))
	w.after(silenceKept)
	w.wants(w.deliveryTo(p.ID, broken), Queued, "", 1, "broke off")
	if d := w.deliveryTo(p.ID, fine); d.State != Sent {
		t.Errorf("it is %s: %q", d.State, d.Answer)
	}
	// And nobody is given up who was never asked, however many break off.
	text := link(fine)
	for n := range 5 {
		text = link(b.serve(fmt.Sprintf("/%d", n), breaksOff)) + text
	}
	p = w.post(text)
	for range 6 * 24 * 4 {
		w.after(15 * time.Minute)
	}
	for _, d := range w.deliveries(p.ID) {
		if want := map[bool]Outcome{true: Sent, false: Failed}[d.Target == fine]; d.State != want {
			t.Errorf("%s: %s after %d tries, %q; want %s", d.Target, d.State, d.Tries, d.Answer, want)
		}
	}
}

// A host whose redirect leads to one that is down has answered for itself.
func TestTheHostThatRedirectsIsNotTheSilentOne(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	down := newBlog(t)
	down.Close()
	moved, target := b.status("/old", 301, "Location", down.URL+"/new"), b.takesWebmentions("/a", 202, "Thank you.")
	silent := w.post(link(moved))
	w.wants(w.delivery(silent.ID), Queued, "", 1, "The page could not be read")
	w.wants(w.delivery(w.post(link(target)).ID), Sent, byWebmention, 1, "Thank you.")
	// Who links to the silent one itself shares its answer.
	w.wants(w.delivery(w.post(link(down.URL+"/b")).ID), Queued, "", 1, "The page could not be read")
}

func TestProspectsTellWhoWillBeTold(t *testing.T) {
	ctx := context.Background()
	w, b := newWorld(t), newBlog(t)
	c := newBlog(t)
	wm, ping := b.takesWebmentions("/a", 202, ""), c.takesPingbacks("/b", -1, "")
	deaf, broken := b.html("/deaf", "Nothing."), b.status("/broken", 503)
	mine := w.post("One of mine.")
	p := &posts.Post{AuthorID: w.author, Status: posts.Draft, Properties: posts.Properties{"in-reply-to": {wm}},
		Content: link(ping) + link(deaf) + link(broken) + link(mine.Path) + link("/about") + link(wm), Quiet: []string{deaf}}
	w.must(w.posts.Preview(ctx, p))
	wills := func() map[string]Prospect {
		t.Helper()
		list, err := w.outbox.Prospects(ctx, p)
		w.must(err)
		of := map[string]Prospect{}
		for _, one := range list {
			of[one.Target] = one
		}
		if len(of) != 5 || len(list) != 5 || list[0].Target != wm || list[0].Property != "in-reply-to" {
			t.Fatalf("got %+v", list)
		}
		return of
	}
	for _, one := range wills() {
		if one.Will != WillUnknown && one.Will != WillOwn {
			t.Errorf("before asking: %+v", one)
		}
	}
	w.drain()
	if b.visited("/a") != 0 {
		t.Error("a look at who will be told is a visit")
	}
	w.must(w.outbox.Ask(ctx, p))
	w.drain()
	of := wills()
	for target, want := range map[string]Will{wm: WillWebmention, ping: WillPingback, ourSite + mine.Path: WillOwn, broken: WillUnknown, deaf: WillUnknown} {
		if of[target].Will != want {
			t.Errorf("%s: got %q, want %q", target, of[target].Will, want)
		}
	}
	if !of[deaf].Quiet || b.visited("/deaf") != 0 || of[broken].Problem != "The page answers 503." {
		t.Errorf("got %+v and %+v", of[deaf], of[broken])
	}
	p.Quiet = nil
	w.must(w.outbox.Ask(ctx, p))
	w.drain()
	if got := wills()[deaf].Will; got != WillNothing {
		t.Errorf("the deaf one: %q", got)
	}
	// What was asked before publishing is not asked again.
	p.Status = posts.Published
	w.save(p)
	if b.visited("/a") != 1 || c.visited("/b") != 1 || b.visited("/deaf") != 1 || len(b.heard()) != 1 || len(c.heard()) != 1 {
		t.Error("publishing asked again, or did not tell")
	}
	// A draft tells nobody, however often it is looked at.
	if n := w.number("SELECT count(*) FROM jobs WHERE kind = 'look'"); n != 0 {
		t.Errorf("%d looks wait", n)
	}
	w.pass(lookKept + time.Hour)
	if got := wills()[deaf].Will; got != WillUnknown {
		t.Errorf("a day later: %q", got)
	}
}

// A page that is not there takes nothing either, and the writer learns why.
func TestAPageThatIsNotThereIsNoDeafOne(t *testing.T) {
	ctx := context.Background()
	for _, status := range []int{403, 404, 410} {
		w, b := newWorld(t), newBlog(t)
		target := b.status("/a", status)
		p := &posts.Post{AuthorID: w.author, Status: posts.Draft, Content: link(target)}
		w.must(w.posts.Preview(ctx, p))
		w.must(w.outbox.Ask(ctx, p))
		w.drain()
		list, err := w.outbox.Prospects(ctx, p)
		w.must(err)
		want := fmt.Sprintf("The page answers %d.", status)
		if len(list) != 1 || list[0].Will != WillUnknown || list[0].Problem != want {
			t.Errorf("%d: the editor has %+v", status, list)
		}
		p.Status = posts.Published
		w.save(p)
		w.wants(w.delivery(p.ID), Deaf, "", 1, want)
		// It may name an address all the same.
		b.status("/a", status, "Link", "</wm>; rel=webmention")
		b.serve("/wm", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(202) })
		w.must(w.outbox.Again(ctx, w.delivery(p.ID).ID))
		w.drain()
		w.wants(w.delivery(p.ID), Sent, byWebmention, 1, "")
	}
}

func TestACardIsReadOnceAndOnDemand(t *testing.T) {
	ctx := context.Background()
	w, b := newWorld(t), newBlog(t)
	page := func(title string) string {
		return b.html("/a", `<!doctype html><title>x</title><link rel=webmention href=/wm><article class="h-entry"><h1 class="p-name">`+title+`</h1>
<a class="p-author h-card" href="/">Anna Blume</a><p class="e-content">Rain on the roof, and nothing else all day.</p></article>`)
	}
	b.takesWebmentions("/a", 202, "")
	target := page("Six years of rain")
	card := func() *Card {
		t.Helper()
		cards, err := w.outbox.Cards(ctx, target, "https://nobody.example/")
		w.must(err)
		return cards[target]
	}
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Yes.", Properties: posts.Properties{"in-reply-to": {target}}}
	before, err := w.db.Generations(ctx, CardsGeneration)
	w.must(err)
	w.save(p)
	after, err := w.db.Generations(ctx, CardsGeneration)
	w.must(err)
	c := card()
	if c == nil || c.Title != "Six years of rain" || c.Author != "Anna Blume" || c.AuthorURL != b.URL+"/" || c.Read.IsZero() || before[0] == after[0] {
		t.Fatalf("got %+v", c)
	}
	if n := b.visited("/a"); n != 1 {
		t.Errorf("it was visited %d times", n)
	}
	// It stays as it was read, whatever becomes of the page.
	page("Other words")
	p.Content += " More."
	w.after(48 * time.Hour)
	w.save(p)
	if c := card(); c.Title != "Six years of rain" {
		t.Errorf("got %+v", c)
	}
	w.must(w.outbox.Refresh(ctx, target))
	w.drain()
	if c := card(); c.Title != "Other words" {
		t.Errorf("after a refresh: %+v", c)
	}
	b.status("/a", 404)
	w.must(w.outbox.Refresh(ctx, target))
	w.drain()
	if c := card(); c.Title != "Other words" {
		t.Errorf("of a page that is gone: %+v", c)
	}
}

// A page that is not told is visited for its card all the same, until it answers.
func TestAQuietTargetHasItsCard(t *testing.T) {
	ctx := context.Background()
	w, b := newWorld(t), newBlog(t)
	target := b.status("/a", 503)
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Yes.", Properties: posts.Properties{"in-reply-to": {target}}, Quiet: []string{target}}
	w.save(p)
	b.html("/a", "<title>Rain</title>")
	w.after(time.Minute)
	cards, err := w.outbox.Cards(ctx, target)
	w.must(err)
	if c := cards[target]; c == nil || c.Title != "Rain" {
		t.Errorf("got %+v", c)
	}
	w.wants(w.delivery(p.ID), Quiet, "", 0, quietLink)
}
