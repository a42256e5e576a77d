package test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestANewcomerGoesFromThePrintedLinkToAPublishedPost(t *testing.T) {
	t.Parallel()
	for _, scripts := range []string{"with scripts", "without scripts"} {
		t.Run(scripts, func(t *testing.T) {
			s := start(t)
			b := newBrowser(t)
			b.clockIn("Asia/Tokyo")
			if scripts == "without scripts" {
				b.withoutScripts()
			}
			step := pictures(b, "first-run "+scripts)

			b.visit(s.url + "/")
			step("the empty home page")
			b.visit(s.setupLink())
			step("the one-time link")
			b.fill("input[name=name]", "Wren Adair")
			b.fill("input[name=username]", ownerName)
			b.fill("input[name=password]", ownerPassword)
			b.fill("input[name=title]", "Tidewrack")
			b.fill("input[name=description]", "Rain, mostly")
			step("filled in")
			b.press("form[action='/setup'] button")
			step("where the setup leads")
			if !strings.HasSuffix(b.location(), "/desk/write") {
				b.press("a[href='/desk/write']")
			}
			step("the empty page")
			zone := map[string]string{"with scripts": "Date, in Asia/Tokyo", "without scripts": "Date, in UTC"}[scripts]
			if got := b.text("label[for=when]"); got != zone {
				t.Errorf("the editor asks for a %q, want %q", got, zone)
			}
			b.fill("input[name=title]", "Six years of rain")
			b.fill("textarea[name=text]", "The jar was never meant to last.")
			step("written")
			if status := b.press("button[name=do][value=publish]"); status != 200 {
				t.Fatalf("publishing leads to a page that answers %d, want 200", status)
			}
			step("published")
			published := b.location()
			b.stayedAt(s)

			reader := from(t, "127.0.0.1")
			post := reader.page(published)
			if names := all(post, ".h-entry .p-name"); len(names) == 0 || text(names[0]) != "Six years of rain" {
				t.Errorf("%s has no h-entry of that name; it says %q", published, text(post))
			}
			if contents := all(post, ".h-entry .e-content"); len(contents) == 0 || !strings.Contains(text(contents[0]), "never meant to last") {
				t.Errorf("%s does not hold what was written; it says %q", published, text(post))
			}
			home := text(reader.page(s.url + "/"))
			for _, words := range []string{"Tidewrack", "Six years of rain"} {
				if !strings.Contains(home, words) {
					t.Errorf("the home page says %q, want %q on it", home, words)
				}
			}
		})
	}
}

// pictures numbers the pictures of a story.
func pictures(b *browser, story string) (step func(what string)) {
	n := 0
	return func(what string) {
		n++
		b.picture(strings.ReplaceAll(fmt.Sprintf("%s %02d %s", story, n, what), " ", "-"))
	}
}

// brightnessOfPage sums red, green and blue of what a page is painted on.
const brightnessOfPage = `[document.body, document.documentElement]
	.map(e => getComputedStyle(e).backgroundColor.match(/[\d.]+/g).map(Number))
	.find(c => c.length < 4 || c[3] > 0).slice(0, 3).reduce((a, b) => a + b)`

func TestPagesFitNarrowAndWideWindowsInBothSchemes(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.owner()
	long := "<p>" + strings.Repeat("The jar was never meant to last. ", 40) + "</p>" +
		"<pre><code>rate = $2 * tip / 900 # a line of code that is much longer than a narrow window is wide, and then some</code></pre>" +
		"<table><tr><th>Month</th><th>Jar</th><th>Bucket</th><th>Corrected</th></tr><tr><td>November</td><td>88.0</td><td>81.3</td><td>87.1</td></tr></table>"
	post := s.publish(token, "Six years of rain in a jam jar", long)
	mention(t, s, newBlog(t, "127.0.10.1", "Juniper Hale", post)+"/reply", post)
	hill := s.upload(token, strings.Repeat("a-hill-with-a-long-name-", 4)+".png", view(t, 90))
	s.entry(token, map[string]any{"photo": hill})
	s.upload(token, "song.mp3", "ID3\x04 a song")
	v := from(t, "127.0.0.1")
	v.login(s)
	v.tellsOfItself(s, token)
	b := newBrowser(t)

	pages := []struct{ name, address string }{
		{"home", s.url + "/"}, {"post", post}, {"author", s.url + "/author/" + ownerName}, {"search", s.url + "/search?q=jar"}, {"login", s.url + "/login"}, {"write", s.url + "/desk/write"},
		{"own-page", s.url + "/desk/account/page"}, {"media", s.url + "/desk/media"},
	}
	for _, page := range pages {
		if page.name == "write" {
			b.signIn(s, ownerName, ownerPassword)
		}
		brightness := map[string]float64{}
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{360, 1280} {
				b.look(width, scheme)
				b.visit(page.address)
				b.picture(fmt.Sprintf("look-%s-%d-%s", page.name, width, scheme))
				if wide := b.measure("document.documentElement.scrollWidth"); wide > float64(width) {
					t.Errorf("%s is %v pixels wide in a window of %d", page.name, wide, width)
				}
				brightness[scheme] = b.measure(brightnessOfPage)
			}
		}
		if brightness["dark"] >= brightness["light"] {
			t.Errorf("%s is as bright in the dark scheme (%v) as in the light one (%v)", page.name, brightness["dark"], brightness["light"])
		}
	}
	v.speaks(s, "de") // whose words are longer
	v.post(s.url+"/desk/defence/bans", url.Values{"do": {"ban"}, "address": {"2001:db8:1234:5678::/64"}, "for": {"168h"}, "why": {"tries passwords"}})
	b.look(360, "light")
	for _, page := range deskPages {
		if page.path == strings.ToLower(page.path) { // the others are of a post
			b.visit(s.url + page.path)
			if wide := b.measure("document.documentElement.scrollWidth"); wide > 360 {
				t.Errorf("in German, %s is %v pixels wide in a window of 360", page.name, wide)
			}
		}
	}
	b.stayedAt(s)
	if status := b.follow(chromedp.Navigate(s.url + "/nothing/here")); status != 404 {
		t.Errorf("a page that is not there answers %d, want 404", status)
	}
}

// TestWhatIsReadFromTheRightPointsWhereItGoes publishes Arabic between two posts in English.
func TestWhatIsReadFromTheRightPointsWhereItGoes(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.owner()
	s.publish(token, "First", "<p>Rain.</p>")
	arabic := s.entry(token, map[string]any{"name": "مطر", "lang": "ar", "content": map[string]string{"html": "<p>كان <code>/desk/</code></p><pre><code>a = 1; // b</code></pre>"}})
	last := s.publish(token, "Last", "<p>Rain.</p>")
	b := newBrowser(t)
	const arrows = `(e => getComputedStyle(e[0], '::before').content + (e[1] ? getComputedStyle(e[1], '::after').content : ''))([...document.querySelectorAll('.foot .pager a')])`
	b.visit(last)
	if got := b.says(arrows); !strings.Contains(got, "←") {
		t.Errorf("in English the arrow to the older post is %s", got)
	}
	b.visit(arabic)
	if got := b.says(arrows); !strings.Contains(got, "→") || strings.Index(got, "→") > strings.Index(got, "←") {
		t.Errorf("in Arabic the arrows to the older and the newer post are %s", got)
	}
	for _, selector := range []string{"p code", "pre"} {
		if got := b.says(fmt.Sprintf("getComputedStyle(document.querySelector('.e-content %s')).direction", selector)); got != "ltr" {
			t.Errorf("the direction of %s in Arabic is %s", selector, got)
		}
	}
}

// speaks has the pages speak a language, chosen in the settings by who is signed in.
func (v *visitor) speaks(s *site, language string) {
	v.t.Helper()
	if a := v.post(s.url+"/desk/settings", url.Values{"title": {"Tidewrack"}, "language": {"en"}, "interface": {language}}); a.status != http.StatusSeeOther {
		v.t.Fatalf("the settings answer %d:\n%s", a.status, a.body)
	}
}

// mention sends a webmention and waits until it is shown.
func mention(t testing.TB, s *site, source, target string) {
	t.Helper()
	reader := from(t, "127.0.0.1")
	if a := reader.post(s.url+"/webmention", map[string][]string{"source": {source}, "target": {target}}); a.status != 201 {
		t.Fatalf("a webmention is answered %d, want 201:\n%s", a.status, a.body)
	}
	eventually(t, patience, "the mention is shown", func() error {
		if page := reader.page(target); len(citing(page, source)) == 0 {
			return fmt.Errorf("the page says %q", text(page))
		}
		return nil
	})
}
