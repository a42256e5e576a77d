package test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// letsReadersIn opens the door at which readers show who they are.
func (v *visitor) letsReadersIn(s *site) {
	v.t.Helper()
	if a := v.post(s.url+"/desk/settings/readers", url.Values{"readers": {"no", "yes"}, "do": {"save"}}); a.status != http.StatusSeeOther {
		v.t.Fatalf("opening the door of readers is answered %d:\n%s", a.status, a.body)
	}
}

// twoHarks are a blog whose owner has written a letter to the owner of the other.
func twoHarks(t *testing.T) (blog, other *site, letter string) {
	t.Helper()
	blog, other = atAName(t), newSite(t, "HARK_ADDR="+freeAddress(t, "127.0.0.1"))
	other.url = "http://" + other.setting("HARK_ADDR")
	other.settings = append(other.settings, "HARK_URL="+other.url)
	other.start()
	other.owner()
	token := blog.owner()
	letter = blog.entry(token, map[string]any{"name": "A letter", "content": "The zebra sees.", "visibility": "private", "audience": other.url})
	owner := from(t, "127.0.0.1")
	owner.login(blog)
	owner.letsReadersIn(blog)
	return blog, other, letter
}

func TestTheOwnerOfAnotherHarkReadsWhatIsWrittenForThem(t *testing.T) {
	t.Parallel()
	blog, other, letter := twoHarks(t)
	stranger, reader := from(t, "127.0.0.31"), from(t, "127.0.0.1")
	missing := stranger.get(blog.url + "/2026/nothing-of-this-name")
	if a := stranger.get(letter); a.status != http.StatusNotFound || a.body != missing.body {
		t.Fatalf("a stranger is answered %d:\n%s", a.status, a.body)
	}
	reader.login(other)
	if a := reader.get(letter); a.status != http.StatusNotFound {
		t.Fatalf("before they have shown who they are, they are answered %d", a.status)
	}
	asked := reader.post(blog.url+"/for-you", url.Values{"me": {other.url}, "next": {strings.TrimPrefix(letter, blog.url)}})
	if asked.status != http.StatusOK {
		t.Fatalf("asked at the blog: %d\n%s", asked.status, asked.body)
	}
	way := attr(all(parse(t, asked.body), "main a.button")[0], "href")
	back := reader.allow(other, way).String()
	if !strings.HasPrefix(back, blog.url+"/for-you/back?") {
		t.Fatalf("the other hark leads back to %s", back)
	}
	if a := stranger.get(back); a.status != http.StatusUnauthorized || a.header.Get("Set-Cookie") != "" {
		t.Errorf("in another browser the answer is answered %d", a.status)
	}
	if a := reader.get(back); a.status != http.StatusSeeOther || blog.url+a.header.Get("Location") != letter {
		t.Fatalf("the answer is answered %d, and leads to %q:\n%s", a.status, a.header.Get("Location"), a.body)
	}
	if a := reader.get(letter); a.status != http.StatusOK || !strings.Contains(a.body, "The zebra sees.") || a.header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("the letter is answered %d, %v", a.status, a.header)
	}
	if list := reader.page(blog.url + "/for-you"); text(all(list, "main article h2")[0]) != "A letter" {
		t.Error("it is not listed for them")
	}
	for _, path := range []string{"/", "/feed.atom", "/sitemap.xml", "/search?q=zebra", "/archive", "/mentions.jf2"} {
		if a := reader.get(blog.url + path); strings.Contains(a.body, "A letter") {
			t.Errorf("%s tells of it", path)
		}
	}
	if a := stranger.get(letter); a.status != http.StatusNotFound || a.body != missing.body {
		t.Errorf("after it was read a stranger is answered %d", a.status)
	}
	if a := reader.get(blog.url + "/desk"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/login") {
		t.Errorf("the desk answers a reader %d", a.status)
	}

	owner := from(t, "127.0.0.32")
	owner.login(blog)
	if list := text(all(owner.page(blog.url+"/desk/settings/readers"), "main .shelf")[0]); !strings.Contains(list, strings.TrimPrefix(other.url, "http://")) {
		t.Errorf("the owner is shown %q", list)
	}
	owner.post(blog.url+"/desk/settings/readers", url.Values{"do": {"end"}, "address": {other.url + "/"}})
	if a := reader.get(letter); a.status != http.StatusNotFound {
		t.Errorf("after the owner has ended it, they are answered %d", a.status)
	}
	// Who reads is no writer: nothing of it stands where fail2ban looks.
	want := []string{
		"Accepted login for " + ownerName + " (token) from 127.0.0.1",
		"Accepted login for " + ownerName + " from 127.0.0.1",
		"Accepted login for " + ownerName + " from 127.0.0.32",
	}
	eventually(t, 5*time.Second, "the lines of writers alone", func() error {
		if got := authLines(t, blog); !slices.Equal(got, want) {
			return fmt.Errorf("the auth log of the blog holds %q, want %q", got, want)
		}
		return nil
	})
}

// TestALoopbackAddressIsNotVisitedForAReader: without HARK_FETCH_ALLOW.
func TestALoopbackAddressIsNotVisitedForAReader(t *testing.T) {
	t.Parallel()
	s := newSite(t, "HARK_FETCH_ALLOW=")
	s.start()
	s.owner()
	v := from(t, "127.0.0.1")
	v.login(s)
	v.letsReadersIn(s)
	var visits atomic.Int64
	theirs := listenOn(t, "127.0.0.1", func(http.ResponseWriter, *http.Request) { visits.Add(1) })
	for _, me := range []string{theirs, strings.Replace(theirs, "127.0.0.1", "localhost", 1)} {
		if a := v.post(s.url+"/for-you", url.Values{"me": {me}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "Nothing could be read") {
			t.Errorf("%s is answered %d", me, a.status)
		}
	}
	if n := visits.Load(); n > 0 {
		t.Errorf("it was visited %d times", n)
	}
}

func TestNoPageOfReadersHasABarrier(t *testing.T) {
	t.Parallel()
	axe := axeCore(t)
	blog, other, letter := twoHarks(t)
	b := newBrowser(t)
	b.signIn(other, ownerName, ownerPassword)
	b.meets(letter, http.StatusNotFound, axe)
	b.press("main a[href='/for-you']")
	b.fill("#me", "no address at all")
	b.press("form.tell button")
	b.do(chromedp.Evaluate[chromedp.Void](axe))
	b.barriers("what is wrong with an address")
	b.portrait("for certain readers, refused")
	b.follow(chromedp.Navigate(letter))
	b.press("main a[href='/for-you']")
	b.fill("#me", other.url)
	b.press("form.tell button")
	b.do(chromedp.Evaluate[chromedp.Void](axe))
	b.barriers("the way to the other hark")
	b.portrait("way to a site")
	b.press("main a.button")
	b.press("button[name=do][value=allow]")
	if b.location() != letter || !strings.Contains(b.words(), "The zebra sees.") {
		t.Fatalf("the way leads to %s, which says %q", b.location(), b.words())
	}
	b.meets(letter, http.StatusOK, axe)
	b.portrait("letter")
	b.meets(blog.url+"/for-you", http.StatusOK, axe)
	b.portrait("for you")
	b.press("form[action='/for-you/out'] button")
	if !strings.Contains(b.words(), "Written for you?") {
		t.Errorf("signed out, it says %q", b.words())
	}
}
