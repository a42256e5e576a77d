package site

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/auth/authtest"
	"hark/internal/look"
	"hark/internal/media"
	"hark/internal/mentions"
	"hark/internal/posts"
	"hark/internal/settings"
)

// watch follows a blog: every address that any of its pages ever led to, and what each
// of them answers.
type watch struct {
	*blog
	known map[string]string // what each said when it was looked at last
}

// look reads pages, and those that they lead to and that were not known.
func (w *watch) look(open ...string) {
	w.t.Helper()
	for len(open) > 0 {
		path := open[0]
		open = open[1:]
		r := w.ask(http.MethodGet, path)
		if r.StatusCode >= 500 || r.StatusCode == http.StatusTooManyRequests {
			w.t.Fatalf("%s answers %d", path, r.StatusCode)
		}
		w.known[path] = unguessed(r.StatusCode, r.body)
		for _, next := range r.leads() {
			if _, known := w.known[next]; !known {
				w.known[next] = ""
				open = append(open, next)
			}
		}
	}
}

// paths are the known ones.
func (w *watch) paths() []string { return slices.Sorted(maps.Keys(w.known)) }

// leads are the pages, feeds and style sheets of this site to which a page leads, but
// not those posts that are there to fill lists.
func (r reading) leads() (paths []string) {
	base, err := url.Parse(public + r.Request.URL.RequestURI())
	if err != nil {
		return nil
	}
	for _, n := range r.all("a[href], link[rel=alternate], link[rel=stylesheet], link[rel=canonical]") {
		to, err := base.Parse(attribute(n, "href"))
		if err != nil || to.Scheme+"://"+to.Host != public || elsewhereKept.MatchString(to.RequestURI()) {
			continue
		}
		paths = append(paths, to.RequestURI())
	}
	return paths
}

var elsewhereKept = regexp.MustCompile(`^/(?:static/|media|faces/|search\?|login|reader|\d{4}/old-|[a-z].*\?before=|\d{4}/\d\d/)`)

// TestNoPageIsKeptThatWouldBeMadeOtherwise changes everything that can be changed, one
// after the other, and compares each page that was kept with the one that is made by a
// server which has kept nothing.
func TestNoPageIsKeptThatWouldBeMadeOtherwise(t *testing.T) {
	b := newBlog(t)
	w := &watch{blog: b, known: map[string]string{}}
	for _, path := range []string{
		"/", "/archive", "/about", "/on-this-day", "/search", "/nothing", "/feed.atom", "/feed.rss", "/feed.json", "/sitemap.xml", "/sitemap-1.xml",
		"/robots.txt", "/opensearch.xml", "/theme.css", "/custom.css", "/mentions/feed.atom", "/mentions/feed.rss", "/mentions/feed.json", "/mentions.jf2",
		"/author/wren-adair", "/author/ben", "/author/benjamin", "/series/walks", "/series/strolls", "/tag/later", "/kind/event", "/later", "/apart",
		"/2026/later", "/about/answers/2",
	} {
		w.known[path] = ""
	}
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	day := 24 * time.Hour
	long := b.publish(400*day, posts.Post{Title: "A year ago", Content: strings.Repeat("Many words. ", 500) + "\n\n## Part\n\nMore.", Tags: []string{"rain"}, Series: "Walks"})
	note := b.publish(3*day, posts.Post{Content: "A note #rain without a title.", Tags: []string{"c++"}, Series: "Walks"})
	event := b.publish(2*day, posts.Post{Title: "A walk", Content: "Come.", Properties: posts.Properties{"start": {"2026-12-24T18:00"}, "end": {"2026-12-24T20:00"}}})
	reply := b.publish(time.Hour, posts.Post{Content: "I agree.", Properties: posts.Properties{"in-reply-to": {public + long.Path}}})
	for n := range 21 {
		b.publish(time.Duration(500+n)*day, posts.Post{Title: fmt.Sprintf("Old %d", n), Content: "Words.", Tags: []string{"old"}})
	}
	b.save(posts.Post{Title: "Elsewhere", Slug: "apart", Content: "A page.", Apart: true, Status: posts.Published, Published: b.at.Add(-time.Hour)})
	sources := b.answered(long,
		`<a class="u-in-reply-to" href="%s">x</a> <p class="p-name">Yes</p> <a class="p-author h-card" href="/">Ada</a> <p class="e-content">Well said.</p>`,
		`<a class="u-like-of" href="%s">x</a> <a class="p-author h-card" href="/">Bo</a>`,
		`<a class="u-in-reply-to" href="%s">x</a> <p class="e-content">Nonsense.</p>`)
	answers, err := b.Inbox.Find(ctx, mentions.Wanted{Host: sources[0][len("http://"):strings.LastIndex(sources[0], "/")], Limit: 2})
	must(err)
	if len(answers) != 1 {
		t.Fatalf("%d answers came from %s", len(answers), sources[0])
	}
	decide := func(d mentions.Decision) {
		t.Helper()
		_, err := b.Inbox.Decide(ctx, d, b.wren.ID, answers[0].ID)
		must(err)
	}
	edit := func(p *posts.Post, change func(p *posts.Post)) {
		t.Helper()
		now, err := b.Posts.ByID(ctx, p.ID)
		must(err)
		change(now)
		must(b.Posts.Save(ctx, now))
	}
	dress := func(change func(l *settings.Look)) {
		t.Helper()
		site, err := b.Settings.Site(ctx)
		must(err)
		change(&site.Look)
		must(b.Settings.SaveLook(ctx, site.Look))
	}
	w.look(w.paths()...)
	var ben *auth.User
	var theirs, draft, planned *posts.Post
	var photo *media.File

	for _, step := range []struct {
		name   string
		change func()
	}{
		{"a post is published", func() {
			draft = b.publish(time.Minute, posts.Post{Title: "New", Content: "Words.", Tags: []string{"rain", "later"}, Series: "Walks"})
		}},
		{"a title changes", func() { edit(draft, func(p *posts.Post) { p.Title = "Newer" }) }},
		{"a title goes", func() { edit(draft, func(p *posts.Post) { p.Title = "" }) }},
		{"a text changes", func() { edit(note, func(p *posts.Post) { p.Content = "Another note." }) }},
		{"a slug changes", func() { edit(long, func(p *posts.Post) { p.Slug = "renamed" }) }},
		{"a tag changes its writing", func() { edit(note, func(p *posts.Post) { p.Tags = []string{"C++"} }) }},
		{"a tag goes", func() { edit(draft, func(p *posts.Post) { p.Tags = nil }) }},
		{"a series is renamed", func() { edit(long, func(p *posts.Post) { p.Series = "Strolls" }) }},
		{"a series is left", func() { edit(note, func(p *posts.Post) { p.Series = "" }) }},
		{"a kind changes", func() { edit(event, func(p *posts.Post) { p.Properties = nil }) }},
		{"a post is closed", func() { edit(long, func(p *posts.Post) { p.Closed = true }) }},
		{"a post is pinned", func() { edit(long, func(p *posts.Post) { p.Pinned = true }) }},
		{"a post is unlisted", func() { edit(long, func(p *posts.Post) { p.Visibility = posts.Unlisted }) }},
		{"a post is private", func() { edit(long, func(p *posts.Post) { p.Visibility = posts.Private }) }},
		{"a post is public", func() { edit(long, func(p *posts.Post) { p.Visibility = posts.Public }) }},
		{"a post stands elsewhere in time", func() { edit(note, func(p *posts.Post) { p.Published = p.Published.Add(-800 * day) }) }},
		{"a post is in another language", func() { edit(note, func(p *posts.Post) { p.Lang = "ar" }) }},
		{"a post is copied elsewhere", func() {
			edit(note, func(p *posts.Post) { p.Properties = posts.Properties{"syndication": {"https://elsewhere.example/1"}} })
		}},
		{"a post stands apart", func() { edit(draft, func(p *posts.Post) { p.Title, p.Apart, p.Slug = "Later", true, "later" }) }},
		{"a post stands apart no more", func() { edit(draft, func(p *posts.Post) { p.Apart = false }) }},
		{"a post is deleted", func() { must(b.Posts.Delete(ctx, long.ID)) }},
		{"a post is restored", func() { must(b.Posts.Restore(ctx, long.ID)) }},
		{"a change is undone", func() {
			edit(draft, func(p *posts.Post) { p.Content = "Wrong." })
			w.look(w.paths()...)
			now, err := b.Posts.ByID(ctx, draft.ID)
			must(err)
			must(b.Posts.Undo(ctx, now))
		}},
		{"an earlier version comes back", func() {
			edit(note, func(p *posts.Post) { p.Content = "Once more." })
			w.look(w.paths()...)
			now, err := b.Posts.ByID(ctx, note.ID)
			must(err)
			list, err := b.Posts.Revisions(ctx, now)
			must(err)
			must(b.Posts.Revert(ctx, now, list[0].Version))
		}},
		{"a post is deleted for good", func() {
			must(b.Posts.Delete(ctx, reply.ID))
			must(b.Posts.Purge(ctx, reply.ID, b.wren.ID))
		}},
		{"the time of a planned post comes", func() {
			planned = b.save(posts.Post{Title: "Soon", Content: "Words.", Status: posts.Scheduled, Published: b.at.Add(time.Hour)})
			b.at = b.at.Add(2 * time.Hour)
		}},
		{"an answer is spam", func() { decide(mentions.CallSpam) }},
		{"an answer is none", func() { decide(mentions.NotSpam); decide(mentions.Show) }},
		{"an author is blocked", func() { decide(mentions.BlockHost) }},
		{"an author is trusted", func() { decide(mentions.TrustAuthor) }},
		{"an answer is deleted", func() { decide(mentions.Delete) }},
		{"the site has another name", func() { b.choose(func(s *settings.Site) { s.Title = "Wrack" }) }},
		{"another line", func() { b.choose(func(s *settings.Site) { s.Description = "Snow." }) }},
		{"another author", func() { b.choose(func(s *settings.Site) { s.Author = "W." }) }},
		{"about it something is said", func() { b.choose(func(s *settings.Site) { s.About = "A *site*." }) }},
		{"its posts are in another language", func() {
			b.choose(func(s *settings.Site) { s.Language = "de" })
			must(b.Posts.OutdateLanguage(ctx))
			must(b.Posts.Renew(ctx))
		}},
		{"its pages are in another language", func() { b.choose(func(s *settings.Site) { s.Interface = "en" }) }},
		{"its clock is another", func() { b.choose(func(s *settings.Site) { s.Zone = "Pacific/Auckland" }) }},
		{"it is not to be found", func() { b.choose(func(s *settings.Site) { s.Unlisted, s.Unread = settings.Yes, settings.Yes }) }},
		{"it is to be found", func() { b.choose(func(s *settings.Site) { s.Unlisted, s.Unread = "", "" }) }},
		{"it has a theme", func() { dress(func(l *settings.Look) { l.Theme = look.Themes[1].Name }) }},
		{"it has another colour", func() { dress(func(l *settings.Look) { l.Accent = "#882244" }) }},
		{"it has its own sheet", func() { dress(func(l *settings.Look) { l.CSS = "p { color: green }" }) }},
		{"it has no more", func() { dress(func(l *settings.Look) { l.CSS = "" }) }},
		{"it has links", func() { dress(func(l *settings.Look) { l.Links = "Friends https://friends.example/" }) }},
		{"it has a foot", func() { dress(func(l *settings.Look) { l.Footer = "By *me*." }) }},
		{"readers can show who they are", func() { must(b.Settings.SaveReaders(ctx, settings.Readers{Door: settings.Yes})) }},
		{"a picture is shown", func() {
			var drawn bytes.Buffer
			must(png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 1200, 900))))
			photo, err = b.Media.Save(ctx, &drawn, "rain.png", b.wren.ID)
			must(err)
			edit(note, func(p *posts.Post) { p.Properties = posts.Properties{"photo": {photo.Path()}} })
			edit(draft, func(p *posts.Post) { p.Content = "![](" + photo.Path() + ")" })
		}},
		{"it hangs above", func() {
			dress(func(l *settings.Look) { l.Picture, l.Size = photo.Path(), "1200x900" })
		}},
		{"it stands for the name", func() { dress(func(l *settings.Look) { l.Position = "name" }) }},
		{"somebody says who they are", func() {
			must(b.Gate.SaveProfile(ctx, b.wren.ID, auth.Profile{Bio: "I write.", Links: []string{"https://wren.example/"}, Photo: photo.Path()}))
		}},
		{"another person writes", func() { ben = authtest.Add(t, b.db, "ben", "Ben", "four plain words suffice", auth.Author, b.at) }},
		{"what they write is published", func() {
			theirs = &posts.Post{Title: "By Ben", Content: "Words.", AuthorID: ben.ID, Status: posts.Published, Published: b.at}
			must(b.Posts.Save(ctx, theirs))
		}},
		{"they have another name", func() { must(b.Gate.Rename(ctx, ben.ID, "Benjamin")) }},
		{"they say who they are", func() { must(b.Gate.SaveProfile(ctx, ben.ID, auth.Profile{Bio: "Me too."})) }},
		{"what they wrote is gone", func() { must(b.Posts.Delete(ctx, theirs.ID)) }},
		{"they are gone", func() { must(b.Gate.SwitchOff(ctx, b.wren, ben.ID)) }},
		{"they are back", func() { must(b.Gate.SwitchOn(ctx, b.wren, ben.ID)) }},
		{"what was planned is gone", func() { must(b.Posts.Delete(ctx, planned.ID)) }},
	} {
		step.change()
		must(b.queue.Drain(ctx))
		w.compare(step.name)
	}
	if len(w.known) < 80 {
		t.Errorf("only %d pages were compared", len(w.known))
	}
}

// compare reads each known page from the blog and from one that was begun this moment.
func (w *watch) compare(after string) {
	w.t.Helper()
	made := w.restarted()
	defer made.Server.Close()
	var changed []string
	for _, path := range w.paths() {
		kept, was := w.answer(path)
		anew, is := made.answer(path)
		if kept.StatusCode != anew.StatusCode {
			w.t.Errorf("after %s %s answers %d, made anew %d", after, path, kept.StatusCode, anew.StatusCode)
			continue
		}
		if was, is := kept.Header.Get("Link"), anew.Header.Get("Link"); was != is {
			w.t.Errorf("after %s %s is announced by\n%s\nmade anew by\n%s", after, path, was, is)
		}
		if was != is {
			w.t.Errorf("after %s %s says\n%s\nmade anew\n%s", after, path, apart(was, is), apart(is, was))
		}
		if is != w.known[path] {
			changed = append(changed, path)
		}
	}
	if len(changed) == 0 {
		w.t.Errorf("%s changes no page", after)
	}
	w.look(changed...)
}

// answer is what a visitor is told at a path.
func (b *blog) answer(path string) (*http.Response, string) {
	b.t.Helper()
	res, err := http.DefaultTransport.RoundTrip(httptest.NewRequest(http.MethodGet, b.Server.URL+path, nil))
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res, unguessed(res.StatusCode, string(body))
}

// unguessed is what a page says, without what may have been meant: that is guessed only
// so often.
func unguessed(status int, body string) string {
	if status == http.StatusNotFound {
		return guesses.ReplaceAllString(body, "")
	}
	return body
}

var guesses = regexp.MustCompile(`(?s)<p>[^<]*</p>\n<ul>.*?</ul>\n`)

// apart is where one text goes another way than another.
func apart(one, other string) string {
	n := 0
	for n < min(len(one), len(other)) && one[n] == other[n] {
		n++
	}
	return "…" + one[max(0, n-80):min(len(one), n+120)] + "…"
}
