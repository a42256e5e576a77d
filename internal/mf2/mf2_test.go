package mf2

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

const (
	page   = "https://alice.example/2026/answer"
	target = "https://hark.example/2026/first"
)

func isTarget(address string) bool { return address == target }

func parse(t testing.TB, body string) *Document {
	t.Helper()
	d, err := parseAt(body, page)
	if err != nil {
		t.Fatalf("parse: %v", err)
	}
	return d
}

func parseAt(body, address string) (*Document, error) {
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return Parse(root, base)
}

func entry(t *testing.T, body string) *Entry {
	t.Helper()
	e, ok := parse(t, strings.ReplaceAll(body, "TARGET", target)).Entry(isTarget)
	if !ok {
		t.Fatalf("no entry found in %s", body)
	}
	return e
}

func TestANestedCiteCountsByAnyOfItsAddresses(t *testing.T) {
	if e := entry(t, `<div class="h-entry"><div class="u-like-of h-cite"><a class="u-url" href="https://short.example/x">x</a> <a class="u-url" href="TARGET">long</a></div></div>`); e.Kind != Like {
		t.Errorf("got %+v", e)
	}
}

func TestKindComesFromThePropertyThatPointsAtUs(t *testing.T) {
	cases := []struct {
		name, body string
		want       Kind
	}{
		{"reply", `<div class="h-entry"><a class="u-in-reply-to" href="TARGET">re</a><p class="e-content">well said</p></div>`, Reply},
		{"like", `<div class="h-entry"><a class="u-like-of" href="TARGET">liked</a></div>`, Like},
		{"repost", `<div class="h-entry"><a class="u-repost-of" href="TARGET">again</a></div>`, Repost},
		{"bookmark", `<div class="h-entry"><a class="u-bookmark-of" href="TARGET">kept</a></div>`, Bookmark},
		{"rsvp", `<div class="h-entry"><a class="u-in-reply-to" href="TARGET">event</a><data class="p-rsvp" value="YES">there</data></div>`, RSVP},
		{"rsvp of no known word", `<div class="h-entry"><a class="u-in-reply-to" href="TARGET">event</a><p class="p-rsvp">purple</p></div>`, Reply},
		{"rsvp to another event", `<div class="h-entry"><a class="u-in-reply-to" href="https://else.example/">event</a><p class="p-rsvp">yes</p><p class="e-content"><a href="TARGET">see</a></p></div>`, Mention},
		{"one emoji", `<div class="h-entry"><a class="u-in-reply-to" href="TARGET"></a><p class="e-content">👍🏽</p></div>`, Reaction},
		{"two emoji", `<div class="h-entry"><a class="u-in-reply-to" href="TARGET"></a><p class="e-content">👍👍</p></div>`, Reply},
		{"tag", `<div class="h-entry"><a class="u-tag-of" href="TARGET">x</a><p class="p-category">blue</p></div>`, Tag},
		{"person tag", `<div class="h-entry"><a class="u-category h-card" href="TARGET">Ola</a></div>`, Tag},
		{"link in the text", `<div class="h-entry"><p class="e-content">I saw <a href="TARGET">this</a></p></div>`, Mention},
		{"like of another post", `<div class="h-entry"><a class="u-like-of" href="https://else.example/">x</a><p class="e-content"><a href="TARGET">see</a></p></div>`, Mention},
		{"nested cite by its url", `<div class="h-entry"><div class="u-like-of h-cite"><p class="p-name">Old</p><a class="u-url" href="TARGET">x</a></div></div>`, Like},
		{"nested cite of another", `<div class="h-entry"><div class="u-like-of h-cite"><a class="u-url" href="https://else.example/">x</a></div><a href="TARGET">y</a></div>`, Mention},
		{"event", `<div class="h-event"><h1 class="p-name">Meeting</h1><a class="u-in-reply-to" href="TARGET">x</a></div>`, Reply},
		{"a like that others gave is no like of ours", `<div class="h-entry"><div class="e-content"><a href="TARGET">x</a></div><div class="u-like h-cite"><a class="u-url" href="TARGET">x</a></div></div>`, Mention},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := entry(t, c.body).Kind; got != c.want {
				t.Errorf("kind is %q, want %q", got, c.want)
			}
		})
	}
}

func TestEntryIsTheOneThatHoldsTheLink(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"in a feed", `<div class="h-feed"><div class="h-entry"><b class="p-name">One</b><p class="e-content">x</p></div>
			<div class="h-entry"><b class="p-name">Two</b><p class="e-content"><a href="TARGET">x</a></p></div></div>`, "Two"},
		{"an answer before a link", `<div class="h-entry"><b class="p-name">One</b><p class="e-content"><a href="TARGET">x</a></p></div>
			<div class="h-entry"><b class="p-name">Two</b><a class="u-in-reply-to" href="TARGET">x</a></div>`, "Two"},
		{"the page's own before another's answer", `<div class="h-entry"><a class="u-url p-name" href="/2026/answer">Own</a><p class="e-content"><a href="TARGET">x</a></p></div>
			<div class="h-entry"><b class="p-name">Related</b><a class="u-like-of" href="TARGET">x</a></div>`, "Own"},
		{"else the page's own", `<div class="h-entry"><b class="p-name">One</b></div>
			<div class="h-entry"><a class="u-url p-name" href="https://ALICE.example/2026/answer/">Two</a></div><a href="TARGET">x</a>`, "Two"},
		{"else the only one", `<div class="h-entry"><b class="p-name">Only</b></div><a href="TARGET">x</a>`, "Only"},
		{"a comment by somebody else", `<div class="h-entry"><b class="p-name">Post</b><p class="e-content">x</p>
			<div class="p-comment h-cite"><b class="p-name">Comment</b><p class="e-content"><a href="TARGET">x</a></p></div></div>`, "Comment"},
		{"hAtom", `<div class="hentry"><h2 class="entry-title">Classic</h2><div class="entry-content"><a href="TARGET">x</a></div></div>`, "Classic"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := entry(t, c.body).Name; got != c.want {
				t.Errorf("entry is %q, want %q", got, c.want)
			}
		})
	}
}

func TestNoEntryIsChosenAmongSeveralThatDoNotHoldTheLink(t *testing.T) {
	d := parse(t, `<div class="h-entry"><b class="p-name">One</b></div><div class="h-entry"><b class="p-name">Two</b></div>`)
	if e, ok := d.Entry(isTarget); ok {
		t.Errorf("chose %q, want none", e.Name)
	}
	if !d.Several() {
		t.Error("two entries are not several")
	}
}

func TestAnEntryWithItsCommentsIsOne(t *testing.T) {
	d := parse(t, `<div class="h-entry"><b class="p-name">Post</b><div class="p-comment h-cite">x</div><div class="p-comment h-cite">y</div></div>`)
	if d.Several() {
		t.Error("what others said of an entry counts as entries of the page")
	}
}

func TestHoldsTellsWhetherTheLinkStandsInTheEntry(t *testing.T) {
	if e := entry(t, `<div class="h-entry"><p class="e-content"><a href="TARGET">x</a></p></div>`); !e.Holds {
		t.Error("a link in the content is not said to be held")
	}
	if e := entry(t, `<div class="h-entry"><p class="e-content">x</p></div><a href="TARGET">x</a>`); e.Holds {
		t.Error("a link outside is said to be held")
	}
}

func TestANoteHasNoName(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"name and content are one", `<div class="h-entry"><a class="u-in-reply-to" href="TARGET"></a><p class="e-content p-name">Well said.</p></div>`, ""},
		{"name is a cut of the content", `<div class="h-entry"><b class="p-name">Well …</b><p class="e-content">Well said.<a href="TARGET"></a></p></div>`, ""},
		{"a title of its own", `<div class="h-entry"><b class="p-name">On saying</b><p class="e-content">Well said.<a href="TARGET"></a></p></div>`, "On saying"},
		{"a name implied from the whole", `<p class="h-entry"><a href="TARGET">x</a> all there is</p>`, "x all there is"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := entry(t, c.body).Name; got != c.want {
				t.Errorf("name is %q, want %q", got, c.want)
			}
		})
	}
}

func TestAuthorshipFollowsTheAlgorithm(t *testing.T) {
	content := `<p class="e-content"><a href="TARGET">x</a></p>`
	cases := []struct {
		name, body string
		want       Author
		ask        string
	}{
		{"h-card", `<div class="h-entry">` + content + `<a class="p-author h-card" href="/"><img class="u-photo" src="/a.jpg" alt=""><b class="p-name">Alice</b><i class="u-url">https://alice.example/</i></a></div>`,
			Author{"Alice", "https://alice.example/", "https://alice.example/a.jpg"}, ""},
		{"the words beside a photo", `<div class="h-entry">` + content + `<a class="p-author h-card" href="/"><img class="u-photo" src="/a.jpg" alt="">Alice</a></div>`,
			Author{"Alice", "", "https://alice.example/a.jpg"}, ""},
		{"implied from a link", `<div class="h-entry">` + content + `<a class="p-author h-card" href="/">Alice</a></div>`,
			Author{"Alice", "https://alice.example/", ""}, ""},
		{"only a name", `<div class="h-entry">` + content + `<b class="p-author">Alice  B.</b></div>`, Author{Name: "Alice B."}, ""},
		{"only an address", `<div class="h-entry">` + content + `<a class="u-author" href="/about">me</a></div>`,
			Author{URL: "https://alice.example/about"}, "https://alice.example/about"},
		{"the feed's", `<div class="h-feed"><a class="p-author h-card" href="/">Alice</a><div class="h-entry">` + content + `</div></div>`,
			Author{"Alice", "https://alice.example/", ""}, ""},
		{"rel=author", `<link rel="author" href="/about"><div class="h-entry">` + content + `</div>`, Author{}, "https://alice.example/about"},
		{"hCard", `<div class="hentry"><div class="entry-content"><a href="TARGET">x</a></div><span class="author vcard"><a class="url fn n" href="/author/alice/">Alice</a></span></div>`,
			Author{"Alice", "https://alice.example/author/alice/", ""}, ""},
		{"a script as address", `<div class="h-entry">` + content + `<a class="p-author h-card" href="javascript:alert(1)">Alice</a></div>`, Author{Name: "Alice"}, ""},
		{"none", `<div class="h-entry">` + content + `</div>`, Author{}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := entry(t, c.body)
			if e.Author != c.want || e.AuthorPage != c.ask {
				t.Errorf("author is %+v asked at %q, want %+v at %q", e.Author, e.AuthorPage, c.want, c.ask)
			}
		})
	}
}

func TestPersonIsTheRepresentativeCard(t *testing.T) {
	home := "https://alice.example/"
	cases := []struct{ name, body, want string }{
		{"url and uid", `<a class="h-card" href="/">Friend</a><div class="h-card"><a class="u-url u-uid p-name" href="/">Alice</a></div>`, "Alice"},
		{"rel=me", `<a class="h-card" href="/friend">Friend</a><a class="h-card" rel="me" href="https://social.example/alice">Alice</a>`, "Alice"},
		{"url", `<a class="h-card" href="https://bob.example/">Bob</a><a class="h-card" href="http://alice.example">Alice</a>`, "Alice"},
		{"inside a feed", `<div class="h-feed"><a class="p-author h-card" href="/">Alice</a></div>`, "Alice"},
		{"only others", `<a class="h-card" href="https://bob.example/">Bob</a>`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d, err := parseAt(c.body, home)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := d.Person(home)
			if got.Name != c.want || ok != (c.want != "") {
				t.Errorf("person is %q (%v), want %q", got.Name, ok, c.want)
			}
		})
	}
}

func TestOwnerIsTheOneCardOfTheSite(t *testing.T) {
	got, ok := parse(t, `<a class="h-card" href="/">Alice</a><a class="h-card" href="https://bob.example/">Bob</a>`).Owner()
	if !ok || got.Name != "Alice" {
		t.Errorf("owner is %q (%v), want Alice", got.Name, ok)
	}
	if got, ok := parse(t, `<a class="h-card" href="/a">Alice</a><a class="h-card" href="/b">Bea</a>`).Owner(); ok {
		t.Errorf("owner is %q where two share the site", got.Name)
	}
}

func TestEntryKeepsWhatElseItSays(t *testing.T) {
	e := entry(t, `<div class="h-entry"><a class="u-url" href="https://claimed.example/1"></a>
		<time class="dt-published" datetime="2026-03-01T12:00:00+01:00">March</time><p class="p-summary">short</p>
		<img class="u-photo" src="/p.jpg" alt="a cat"><a class="u-syndication" href="https://social.example/1"></a>
		<div class="e-content"><p>Read <a href="TARGET">this</a>.</p></div></div>`)
	if e.URL != "https://claimed.example/1" || e.Summary != "short" || e.Photo != "https://alice.example/p.jpg" {
		t.Errorf("url, summary, photo are %q, %q, %q", e.URL, e.Summary, e.Photo)
	}
	if want := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC); !e.Published.Equal(want) {
		t.Errorf("published is %v, want %v", e.Published, want)
	}
	if len(e.Syndication) != 1 || !strings.Contains(e.HTML, "<p>Read <a") || e.Text != "Read this." {
		t.Errorf("syndication, html, text are %v, %q, %q", e.Syndication, e.HTML, e.Text)
	}
}

func TestEmojiIsOnePictureAndNothingElse(t *testing.T) {
	for _, s := range []string{"👍", " ❤️ ", "👍🏽", "👨‍👩‍👧‍👦", "🇫🇷", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "⭐", "🏳️‍🌈"} {
		if !IsEmoji(s) {
			t.Errorf("%q is not taken for an emoji", s)
		}
	}
	for _, s := range []string{"", "a", "👍👍", "👍 yes", "1", "12⃣", "\u200d", "\ufe0f", "🇫", "🇫🇷👍", strings.Repeat("👍‍", 50)} {
		if IsEmoji(s) {
			t.Errorf("%q is taken for an emoji", s)
		}
	}
}

func TestDatesAreReadInManyForms(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for s, want := range map[string]string{
		"2026-03-01T12:00:00+01:00":       "2026-03-01T11:00:00Z",
		"2026-03-01T12:00:00.123+0100":    "2026-03-01T11:00:00Z",
		"2026-03-01 12:00:00 -0500":       "2026-03-01T17:00:00Z",
		"2026-03-01 12:00-05":             "2026-03-01T17:00:00Z",
		"2026-03-01T12:00Z":               "2026-03-01T12:00:00Z",
		" 2026-03-01 ":                    "2026-03-01T00:00:00Z",
		"2026-060":                        "2026-03-01T00:00:00Z",
		"20260301T120000Z":                "2026-03-01T12:00:00Z",
		"Sun, 01 Mar 2026 12:00:00 +0100": "2026-03-01T11:00:00Z",
		"March 1, 2026":                   "2026-03-01T00:00:00Z",
		"2026-06-01T20:00:00Z":            "2026-06-01T20:00:00Z",
		"2026-06-02T20:00:00Z":            "",
		"1969-12-31T00:00:00Z":            "",
		"2026-13-01":                      "",
		"yesterday":                       "",
		"":                                "",
	} {
		got, ok := ParseDate(s, now)
		if ok != (want != "") || ok && got.UTC().Truncate(time.Second).Format(time.RFC3339) != want {
			t.Errorf("%q is %v (%v), want %q", s, got, ok, want)
		}
	}
}

func TestAPageMadeToCostMuchIsRefused(t *testing.T) {
	deep := strings.Repeat(`<div class="h-entry"><div class="e-content">`, 200)
	cases := map[string]string{
		"many classes":     `<div class="h-entry"><div class="` + strings.Repeat("e-x ", 50_000) + `">` + strings.Repeat("word ", 100_000) + `</div></div>`,
		"nested content":   deep + strings.Repeat("word ", 100_000),
		"long base":        `<base href="https://alice.example/` + strings.Repeat("x", 100_000) + `"><div class="h-entry e-content p-name">` + strings.Repeat(`<img src=a>`, 10_000),
		"nested summaries": `<div class="hentry">` + strings.Repeat(`<div class="summary">`, 400) + strings.Repeat("word ", 100_000),
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := parseAt(body, page); !errors.Is(err, ErrTooCostly) {
				t.Errorf("error is %v, want %v", err, ErrTooCostly)
			}
		})
	}
}

func TestRelationsBeyondReasonAreLeftOut(t *testing.T) {
	var body strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&body, `<a rel="me" href="/%d">x</a>`, i)
	}
	if got := len(parse(t, body.String()).Rel("me")); got != maxRelations {
		t.Errorf("%d relations are kept, want %d", got, maxRelations)
	}
}

func TestIncludesThatTurnInCirclesEnd(t *testing.T) {
	parse(t, `<div class="hentry" id="a" itemref="b"><p id="b" itemref="c"><i id="c" itemref="a d"></i></p></div>
		<div class="hentry" id="d" itemref="a"><a class="include" href="#a"></a><table><tr><td headers="a b c d">x</table></div>`)
}

func TestItemsGivenManyTimesAreLookedAtOnce(t *testing.T) {
	body := strings.Repeat(`<div class="h-entry e-content p-comment p-entry">`, 60) + `<a class="u-in-reply-to" href="` + target + `">x</a>`
	if got := len(parse(t, body).candidates()); got > 60 {
		t.Errorf("%d candidates from 60 items", got)
	}
}

func TestALongOrdinaryPageIsRead(t *testing.T) {
	body := `<body class="hfeed"><div><main><article class="post hentry h-entry"><div><div class="entry-content e-content">` +
		strings.Repeat("<p>Some words in a paragraph of a long article.</p>", 15_000) + `<a href="` + target + `">x</a></div></div></article></main></div>`
	if _, ok := parse(t, body).Entry(isTarget); !ok {
		t.Error("no entry found")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`</p></div></a><div class="h-entry"><a class="u-like-of" href="` + target + `">`)
	f.Add(`<div class="h-feed"><p class="h-entry e-content p-name u-url"><a class="p-author h-card" rel="me author" href="//x">`)
	f.Add(`<td class="hentry" headers="a" id="a" itemref="a"><span class="value-title dt-published" title="2026-02-30">`)
	f.Fuzz(func(t *testing.T, body string) {
		d, err := parseAt(body, page)
		if err != nil {
			return
		}
		if e, ok := d.Entry(isTarget); ok && e.Kind == "" {
			t.Error("an entry without a kind")
		}
		d.Person(page)
		d.Owner()
	})
}
