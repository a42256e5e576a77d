package site

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"willnorris.com/go/microformats"

	"hark/internal/database"
	"hark/internal/posts"
	"hark/internal/settings"
)

func TestHomeIsAFeedOfEntriesUnderTheAuthorsCard(t *testing.T) {
	b := newBlog(t)
	article := b.publish(2*time.Hour, posts.Post{Title: "Six years of rain", Content: "First paragraph.\n\nSecond."})
	note := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	r := b.get("/")
	feed := r.item(t, "/")
	if feed.Type[0] != "h-feed" || len(feed.Children) != 2 {
		t.Fatalf("the home page is %v with %d entries", feed.Type, len(feed.Children))
	}
	for i, p := range []*posts.Post{note, article} {
		if got := feed.Children[i].Properties["url"][0]; got != public+p.Path {
			t.Errorf("entry %d is %q, want %q", i, got, public+p.Path)
		}
	}
	if got := feed.Properties["author"][0].(*microformats.Microformat).Properties["name"][0]; got != "Wren Adair" {
		t.Errorf("the feed's author is %q", got)
	}
	if got := attribute(r.one(t, "header.h-card [class*=p-name]"), "value"); got != "Wren Adair" {
		t.Errorf("the card is of %q", got)
	}
	if got := r.texts("h1"); !slices.Equal(got, []string{"Tidewrack"}) {
		t.Errorf("h1 = %q", got)
	}
	if strings.Contains(r.body, "Second.") || !strings.Contains(r.body, "First paragraph.") {
		t.Error("an article does not show its first paragraph alone")
	}
	if got := r.texts(".tabs.kinds a"); !slices.Equal(got, []string{"All", "Articles", "Notes"}) {
		t.Errorf("tabs = %q, want those in use", got)
	}
	if got := b.get("/kind/note").texts(".kinds [aria-current]"); !slices.Equal(got, []string{"Notes"}) {
		t.Errorf("the current tab is %q", got)
	}
}

func TestBeforeThereIsAnOwnerHomeSaysWhatToDo(t *testing.T) {
	b := newEmptyBlog(t)
	r := b.get("/")
	if words := wordsIn(r.doc); !strings.Contains(words, "one-time link") {
		t.Errorf("home says %q", words)
	}
	if _, err := b.Gate.Add(t.Context(), "wren", "Wren", "four plain words suffice", "owner"); err != nil {
		t.Fatal(err)
	}
	if words := wordsIn(b.get("/").doc); strings.Contains(words, "one-time link") || !strings.Contains(words, "Nothing is written here yet") {
		t.Errorf("with an owner, home says %q", words)
	}
}

func TestOlderPostsAreOnFurtherPages(t *testing.T) {
	b := newBlog(t)
	for n := range pageLength + 5 {
		b.publish(time.Duration(n+1)*time.Hour, posts.Post{Title: fmt.Sprint("Post ", n), Content: "x", Tags: []string{"wet"}})
	}
	for _, path := range []string{"/", "/tag/wet"} {
		first := b.get(path)
		if got := len(first.all(".h-entry")); got != pageLength {
			t.Fatalf("%s has %d entries, want %d", path, got, pageLength)
		}
		second := b.get(path + attribute(first.one(t, ".pager [rel=next]"), "href"))
		if got := second.texts(".h-entry h2"); len(got) != 5 || got[0] != fmt.Sprint("Post ", pageLength) {
			t.Errorf("the second page of %s has %q", path, got)
		}
		if len(second.all(".pager [rel=next]")) != 0 {
			t.Errorf("the last page of %s leads on", path)
		}
		if got := attribute(second.one(t, ".pager [rel=prev]"), "href"); got != path {
			t.Errorf("the second page of %s leads back to %q", path, got)
		}
	}
}

func TestQueriesOfStrangersMeetTheSameKeptPage(t *testing.T) {
	b := newBlog(t)
	b.publish(time.Hour, posts.Post{Title: "Rain", Content: "x"})
	b.get("/")
	kept := b.Cache.Stats().Pages
	for _, query := range []string{"?utm_source=x", "?before=", "?before=nonsense", "?before=" + strings.ToUpper(database.NewID()), "?before=" + database.NewID()} {
		if r := b.get("/" + query); len(r.all(".h-entry")) != 1 {
			t.Errorf("/%s shows another page", query)
		}
	}
	if got := b.Cache.Stats().Pages; got != kept {
		t.Errorf("%d pages are kept, want %d", got, kept)
	}
}

func TestTagsHaveOneAddressAndTheNameThatWasTyped(t *testing.T) {
	b := newBlog(t)
	b.publish(time.Hour, posts.Post{Content: "x", Tags: []string{"Дождь и снег"}})
	path := attribute(b.get("/archive").one(t, "a[rel=tag]"), "href")
	if got := b.get(path).texts("h1"); !slices.Equal(got, []string{"Дождь и снег"}) {
		t.Errorf("h1 = %q", got)
	}
	b.get(strings.ToLower(path)) // as some clients write it
	if r := b.ask(http.MethodGet, "/tag/%D0%94ождь%20и%20снег"); r.StatusCode != http.StatusMovedPermanently || r.Header.Get("Location") != public+path {
		t.Errorf("another spelling answers %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	b.get(path + "/feed.atom")
}

func TestATagOfNothingIsNoList(t *testing.T) {
	b := newBlog(t)
	b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words.", Tags: []string{"wet", "😀", ".."}})
	for _, path := range []string{"/tag/%2F", "/tag/..", "/tag/%F0%9F%98%80", "/tag//feed.atom", "/tag/-/feed.json"} {
		if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404: no post has a tag without letters\n%s", path, r.StatusCode, r.body)
		}
	}
}

func TestAnAddressIsAnsweredAlikeHoweverItIsWritten(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words.", Tags: []string{"wet"}})
	for path, written := range map[string]string{
		"/about": "/%61bout", "/feed.atom": "/f%65ed.atom", "/tag/wet": "/%74ag/w%65t", p.Path: p.Path[:6] + "r%61in",
	} {
		before := b.ask(http.MethodGet, written)
		if kept := b.get(path); before.StatusCode != http.StatusOK || before.body != kept.body {
			t.Errorf("%s answers %d before %s was asked for", written, before.StatusCode, path)
		}
		if r := b.ask(http.MethodGet, written); r.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d while %s is kept", written, r.StatusCode, path)
		}
	}
}

func TestYearsAndMonthsHoldWhatWasPublishedInThem(t *testing.T) {
	b := newBlog(t)
	b.save(posts.Post{Status: posts.Published, Title: "Old year's night", Content: "x", Published: time.Date(2020, 12, 31, 23, 59, 59, 0, time.UTC)})
	b.save(posts.Post{Status: posts.Published, Title: "New year", Content: "x", Published: time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)})
	for path, want := range map[string]string{"/2020": "Old year's night", "/2020/12": "Old year's night", "/2021": "New year", "/2021/01": "New year", "/2020/12/31": "Old year's night", "/2021/01/01": "New year"} {
		if got := b.get(path).texts(".h-entry h2"); !slices.Equal(got, []string{want}) {
			t.Errorf("%s has %q, want %q", path, got, want)
		}
	}
	if got := b.get("/2020/12").texts("h1"); !slices.Equal(got, []string{"December 2020"}) {
		t.Errorf("h1 = %q", got)
	}
	for path, want := range map[string]string{"/2020": "2021", "/2020/12": "January 2021", "/2020/12/31": "1 January 2021"} {
		if got := b.get(path).texts(".times a"); !slices.Equal(got, []string{want}) {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
	if got := attribute(b.get("/2021/01").one(t, ".times [rel=prev]"), "href"); got != "/2020/12" {
		t.Errorf("January leads back to %q", got)
	}
	for _, path := range []string{"/2021/02/30", "/2021/01/02", "/2021/13/01"} {
		if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", path, r.StatusCode)
		}
	}
	r := b.get("/archive")
	if got := r.texts("main h2"); !slices.Equal(got, []string{"2021", "2020"}) {
		t.Errorf("the archive has years %q", got)
	}
	r.one(t, `a[href="/2020/12"]`)
}

func TestOnThisDayIsWhatEarlierYearsHadOnIt(t *testing.T) {
	b := newBlog(t)
	b.at = time.Date(2024, 2, 29, 10, 0, 0, 0, time.UTC)
	b.save(posts.Post{Status: posts.Published, Title: "Today", Content: "x", Published: b.at.Add(-time.Hour)})
	if got := wordsIn(b.get("/on-this-day").one(t, "main")); !strings.Contains(got, "Nothing was published on this day") {
		t.Errorf("without any it says %q", got)
	}
	for title, at := range map[string]time.Time{
		"Leap":    time.Date(2020, 2, 29, 23, 59, 59, 0, time.UTC),
		"Before":  time.Date(2020, 2, 28, 23, 59, 59, 0, time.UTC),
		"March":   time.Date(2023, 3, 1, 0, 0, 0, 0, time.UTC),
		"Earlier": time.Date(2016, 2, 29, 0, 0, 0, 0, time.UTC),
	} {
		b.save(posts.Post{Status: posts.Published, Title: title, Content: "x", Published: at})
	}
	b.save(posts.Post{Status: posts.Published, Title: "Secret", Content: "x", Published: time.Date(2012, 2, 29, 1, 0, 0, 0, time.UTC), Visibility: posts.Unlisted})
	if got := b.get("/on-this-day").texts(".h-entry h2"); !slices.Equal(got, []string{"Leap", "Earlier"}) {
		t.Errorf("on 29 February there are %q", got)
	}
	b.at = b.at.Add(24 * time.Hour)
	if got := b.get("/on-this-day").texts(".h-entry h2"); !slices.Equal(got, []string{"March"}) {
		t.Errorf("a day later there are %q", got)
	}
}

func TestAKeptPageLastsAsLongAsItsDates(t *testing.T) {
	b := newBlog(t)
	p := b.publish(90*time.Minute, posts.Post{Title: "Rain", Content: "x"})
	answer, err := b.listPage(t.Context(), scope{path: "/"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := p.Published.Add(2 * time.Hour); answer.Until.IsZero() || answer.Until.After(want) {
		t.Errorf("home is good until %v, want at most %v", answer.Until, want)
	}
	for _, name := range []string{posts.Lists, settings.Generation, p.Generation()} {
		if !slices.Contains(answer.DependsOn, name) {
			t.Errorf("home depends on %q, without %q", answer.DependsOn, name)
		}
	}
}

func TestAKeptPageIsAnsweredWithNotModified(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "x"})
	for _, path := range []string{"/", p.Path, "/feed.atom"} {
		tag := b.get(path).Header.Get("Etag")
		if r := b.ask(http.MethodGet, path, "If-None-Match: "+tag); r.StatusCode != http.StatusNotModified {
			t.Errorf("%s with its tag answers %d, want 304", path, r.StatusCode)
		}
	}
	p.Content = "y"
	tag := b.get(p.Path).Header.Get("Etag")
	b.save(*p)
	if r := b.ask(http.MethodGet, p.Path, "If-None-Match: "+tag); r.StatusCode != http.StatusOK || !strings.Contains(r.body, "<p>y</p>") {
		t.Errorf("after an edit it answers %d", r.StatusCode)
	}
}

func TestTheAboutPageIsWhatTheOwnerWrote(t *testing.T) {
	b := newBlog(t)
	if words := wordsIn(b.get("/about").doc); !strings.Contains(words, "Wren Adair has not written") {
		t.Errorf("an empty one says %q", words)
	}
	b.choose(func(s *settings.Site) { s.About = "I keep *gauges*." })
	if got := b.get("/about").texts("main em"); !slices.Equal(got, []string{"gauges"}) {
		t.Errorf("about = %q", got)
	}
}

func TestProgramsFindTheirFiles(t *testing.T) {
	b := newBlog(t)
	if r := b.get("/healthz"); r.body != "ok\n" {
		t.Errorf("/healthz says %q", r.body)
	}
	if r := b.get("/robots.txt"); !strings.Contains(r.body, "Sitemap: "+public+"/sitemap.xml") {
		t.Errorf("robots.txt says %q", r.body)
	}
	if r := b.get("/favicon.ico"); r.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("favicon.ico is %q", r.Header.Get("Content-Type"))
	}
	if r := b.get(attribute(b.get("/").one(t, "link[rel=stylesheet]"), "href")); !strings.HasPrefix(r.Header.Get("Content-Type"), "text/css") {
		t.Errorf("the style sheet is %q", r.Header.Get("Content-Type"))
	}
	b.Ping = func(context.Context) error { return errors.New("no database") }
	if r := b.ask(http.MethodGet, "/healthz"); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without a database /healthz answers %d", r.StatusCode)
	}
}

func TestAKeptPageIsForVisitorsAlone(t *testing.T) {
	b := newBlog(t)
	post := b.publish(time.Hour, posts.Post{Content: "Eleven curlews."})
	for range 2 { // made, then kept
		b.get(post.Path)
	}
	b.seen = b.wren
	if r := b.ask(http.MethodGet, post.Path); len(r.all(".deskbar")) != 1 {
		t.Error("the owner gets the page that is kept for visitors")
	}
	b.seen = nil
	if r := b.get(post.Path); len(r.all(".deskbar")) != 0 {
		t.Error("a visitor gets the owner's page")
	}
	if r := b.ask(http.MethodDelete, post.Path); r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("another method is answered %d from what is kept", r.StatusCode)
	}
}

func TestProgramsAreAskedToStayOut(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "x"})
	if r := b.get("/robots.txt"); strings.Contains(r.body, "GPTBot") || strings.Count(r.body, "User-agent") != 1 {
		t.Errorf("before anything was chosen it says %q", r.body)
	}
	b.choose(func(s *settings.Site) { s.Unread = settings.Yes })
	r := b.get("/robots.txt")
	_, theirs, _ := strings.Cut(r.body, "\n\nUser-agent: AI2Bot\n")
	if group, rest, _ := strings.Cut(theirs, "\n\n"); !strings.Contains(group, "\nUser-agent: GPTBot\n") || !strings.HasSuffix(group, "\nDisallow: /") || !strings.HasPrefix(rest, "Sitemap: ") {
		t.Errorf("those who gather are asked %q", r.body)
	}
	if len(b.get("/").all("meta[name=robots]")) != 0 {
		t.Error("search engines are asked, too")
	}
	b.choose(func(s *settings.Site) { s.Unread, s.Unlisted = "", settings.Yes })
	if r := b.get("/robots.txt"); strings.Contains(r.body, "Sitemap") || strings.Contains(r.body, "Disallow: /\n") {
		t.Errorf("a site that is left out says %q", r.body)
	}
	for _, path := range []string{"/", p.Path, "/archive", "/about"} {
		b.get(path).one(t, "meta[name=robots][content=noindex]")
	}
}
