package site

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"hark/internal/auth"
	"hark/internal/fetch"
	"hark/internal/indieauth"
	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/posts"
	"hark/internal/settings"
)

// visitor has a site of their own, where they say yes to whatever is asked.
type visitor struct {
	*httptest.Server
	me      string // that the site names
	asked   url.Values
	visited int // its page
}

func newVisitor(t testing.TB) *visitor {
	t.Helper()
	p := &visitor{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/meta":
			json.NewEncoder(w).Encode(map[string]string{"issuer": p.URL + "/", "authorization_endpoint": p.URL + "/auth"})
		case r.URL.Path == "/auth" && indieauth.Proves(r.PostFormValue("code_verifier"), p.asked.Get("code_challenge")):
			json.NewEncoder(w).Encode(map[string]string{"me": p.me})
		case r.URL.Path == "/auth":
			w.WriteHeader(http.StatusBadRequest)
		default:
			p.visited++
			w.Header().Set("Link", `</meta>; rel="indieauth-metadata"`)
		}
	}))
	t.Cleanup(p.Close)
	p.me = p.URL + "/"
	return p
}

// lets opens or shuts the door of readers.
func (b *blog) lets(in bool) {
	b.t.Helper()
	chosen := settings.Readers{}
	if in {
		chosen.Door = settings.Yes
	}
	if err := b.Settings.SaveReaders(b.t.Context(), chosen); err != nil {
		b.t.Fatal(err)
	}
}

// browser is one that somebody reads with: it keeps cookies, also those that go by
// https alone.
type browser struct {
	*blog
	cookies map[string]*http.Cookie
}

func (b *blog) browser() *browser { return &browser{b, map[string]*http.Cookie{}} }

func (v *browser) send(method, path, form string, headers ...string) reading {
	v.t.Helper()
	r, err := http.NewRequest(method, v.Server.URL+path, strings.NewReader(form))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != "" {
		r.Header.Set("Content-Type", formType)
	}
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	got := v.carry(r, headers)
	for _, c := range got.Cookies() {
		if v.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
		if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-hark-") {
			v.t.Errorf("%s sets the cookie %s", path, c)
		}
	}
	return got
}

func (v *browser) read(path string, headers ...string) reading {
	return v.send(http.MethodGet, path, "", headers...)
}

// asks types an address, and gives where that leads.
func (v *browser) asks(me, next string) *url.URL {
	v.t.Helper()
	r := v.send(http.MethodPost, forYouPath, url.Values{"me": {me}, "next": {next}}.Encode())
	if r.StatusCode != http.StatusOK {
		v.t.Fatalf("%s is answered %d: %s", me, r.StatusCode, r.body)
	}
	to, err := url.Parse(attribute(r.one(v.t, "a.button"), "href"))
	if err != nil {
		v.t.Fatal(err)
	}
	return to
}

// back is the path by which their site sends the browser back.
func (p *visitor) back(to *url.URL) string {
	p.asked = to.Query()
	return strings.TrimPrefix(p.asked.Get("redirect_uri"), public) + "?" + url.Values{"code": {"x"}, "state": {p.asked.Get("state")}, "iss": {p.URL + "/"}}.Encode()
}

// shows signs somebody in, and gives where that leads.
func (v *browser) shows(p *visitor, next string) string {
	v.t.Helper()
	r := v.read(p.back(v.asks(p.URL, next)), "Sec-Fetch-Site: cross-site")
	if r.StatusCode != http.StatusSeeOther {
		v.t.Fatalf("%s is answered %d: %s", p.URL, r.StatusCode, r.body)
	}
	return r.Header.Get("Location")
}

const zebra = "The zebra sees."

// letter is a private post for people.
func (b *blog) letter(people ...*visitor) *posts.Post {
	b.t.Helper()
	p := posts.Post{
		Title: "Zebra", Content: zebra, Tags: []string{"zebra"}, Series: "Zebras", Visibility: posts.Private, Pinned: true,
		Properties: posts.Properties{"photo": {"/media/zebra.jpg"}, "syndication": {"https://elsewhere.example/zebra"}},
	}
	for _, one := range people {
		p.Audience = append(p.Audience, one.URL)
	}
	return b.publish(time.Hour, p)
}

func TestAReaderWhoIsNamedReadsAPrivatePost(t *testing.T) {
	b, jane := newBlog(t), newVisitor(t)
	b.lets(true)
	p, v := b.letter(jane), b.browser()
	if r := v.read(p.Path); r.StatusCode != http.StatusNotFound || len(r.all(`main a[href="/for-you"]`)) != 1 {
		t.Fatalf("before she has shown who she is she gets %d: %s", r.StatusCode, r.body)
	}
	form := v.read(forYouPath, "Referer: "+public+p.Path)
	if next := attribute(form.one(t, "input[name=next]"), "value"); next != p.Path {
		t.Errorf("afterwards she is led to %q", next)
	}
	if to := v.shows(jane, p.Path); to != p.Path {
		t.Errorf("she is led to %q, want %q", to, p.Path)
	}
	r := v.read(p.Path)
	if r.StatusCode != http.StatusOK || !strings.Contains(r.body, zebra) || len(r.all("form.tell, a[href^='/desk/write']")) != 0 {
		t.Errorf("she gets %d: %s", r.StatusCode, r.body)
	}
	for name, want := range map[string]string{"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Link": "", "X-Pingback": ""} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("the page has %s %q, want %q", name, got, want)
		}
	}
	if len(r.all("meta[name=robots]")) == 0 || len(r.all("link[rel=webmention], link[rel=alternate], meta[property]")) != 0 || strings.Contains(r.body, jane.URL) {
		t.Errorf("its head is wrong, or it names those whom it is for: %s", r.body)
	}
	list := v.read(forYouPath)
	if got := list.texts("article h2"); !slices.Equal(got, []string{"Zebra"}) || list.Header.Get("Cache-Control") != "private, no-store" || list.Header.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("for her there are %q, with %v", got, list.Header)
	}

	v.send(http.MethodPost, outPath, "")
	if len(v.cookies) != 0 {
		t.Errorf("after she has signed out she holds %v", v.cookies)
	}
	if r := v.read(p.Path); r.StatusCode != http.StatusNotFound {
		t.Errorf("after she has signed out she gets %d", r.StatusCode)
	}
}

// TestNothingForSomePeopleLeaks asks at every door there is, as nobody, as a reader
// who is not named, and after one who is has been everywhere.
func TestNothingForSomePeopleLeaks(t *testing.T) {
	b, jane, otis := newBlog(t), newVisitor(t), newVisitor(t)
	b.lets(true)
	shown := b.publish(2*time.Hour, posts.Post{Title: "Shown", Content: "Words.", Tags: []string{"rain"}})
	p := b.letter(jane)
	page := b.publish(time.Hour, posts.Post{Title: "Zebra page", Content: zebra, Apart: true, Visibility: posts.Private, Audience: []string{jane.URL}})
	b.publish(time.Hour, posts.Post{Title: "Otis", Content: "Words.", Visibility: posts.Private, Audience: []string{otis.URL}})
	moved := *p
	before := p.Path
	moved.Slug = "zebra-moved"
	p = b.save(moved)
	var said []mentions.Mention
	for n := range 230 {
		said = append(said, mentions.Mention{Source: fmt.Sprintf("https://other.example/zebra/%d", n), Content: mentions.Content{Kind: mf2.Reply, AuthorName: "Zebra"}})
	}
	b.show(p.ID, said...)
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	own := []string{p.Path, page.Path, before, p.Path + "/answers/2"}
	doors := []string{
		"/", "/archive", "/about", "/about/answers/2", "/kind/article", "/kind/photo", "/tag/zebra", "/tag/rain", "/series/zebras", "/author/wren-adair", "/on-this-day", shown.Path, forYouPath,
		p.Published.Format("/2006"), p.Published.Format("/2006/01"), p.Published.Format("/2006/01/02"), "/search", "/search?q=zebra", "/search?q=sees", "/search?q=tag:zebra", "/search?q=author:wren", "/nothing", "/zebra",
		"/2026/zebr", "/opensearch.xml", "/robots.txt", "/sitemap.xml", "/sitemap-1.xml", "/healthz", "/site.webmanifest", "/mentions.jf2", "/api/mentions.jf2", "/mentions.jf2?target=" + public + p.Path,
		"/api/count?target=" + public + p.Path, "/micropub?q=source&url=" + public + p.Path, "/micropub?q=source", "/micropub?q=category", "/media?q=last", "/preview/" + p.ID + ".png", "/?before=" + p.ID,
		"/tag/zebra?before=" + p.ID, clientPath, backPath, backPath + "?code=x&state=y", "/webmention", "/webmention?target=" + public + p.Path, "/userinfo", "/.well-known/oauth-authorization-server",
		p.Path + ".json", p.Path + ".jf2", p.Path + "?format=json", strings.ToUpper(p.Path), p.Path + "/answers/3", p.Path + "/answers/x",
	}
	for _, f := range forms {
		for _, at := range []string{"", "/kind/photo", "/tag/zebra", "/author/wren-adair", "/mentions", p.Path, page.Path, before} {
			doors = append(doors, at+"/feed."+f.name)
		}
	}
	stranger, other, named := b.browser(), b.browser(), b.browser()
	other.shows(otis, "")
	leaks := func(who string, v *browser, paths []string) {
		t.Helper()
		for _, path := range paths {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
				r := v.send(method, path, "", "Accept: text/html")
				all := strings.ToLower(r.body + fmt.Sprint(r.Header))
				for _, asked := range saidBy(path) {
					all = strings.ReplaceAll(all, strings.ToLower(asked), "")
				}
				if at := strings.Index(all, "zebra"); at >= 0 || strings.Contains(all, strings.ToLower(p.ID)) && !strings.Contains(path, p.ID) {
					t.Errorf("%s %s tells %s: %d …%s…", method, path, who, r.StatusCode, all[max(0, at-150):min(len(all), max(at, 0)+80)])
				}
			}
		}
	}
	missing := func(who string, v *browser) {
		t.Helper()
		want := v.read("/2026/there-is-nothing-of-this-name")
		for _, path := range own {
			got := v.read(path)
			if got.StatusCode != http.StatusNotFound || got.body != want.body || !sameHeaders(got, want) {
				t.Errorf("%s learns by %s (%d) that there is something: %v\n%s", who, path, got.StatusCode, got.Header, got.body)
			}
		}
	}
	round := func() {
		t.Helper()
		leaks("a stranger", stranger, slices.Concat(own, doors))
		leaks("another reader", other, slices.Concat(own, doors))
		missing("a stranger", stranger)
		missing("another reader", other)
	}
	round()
	named.shows(jane, "")
	for _, path := range slices.Concat(own, doors) {
		named.read(path)
	}
	for path, want := range map[string]int{p.Path: 200, page.Path: 200, before: 301, p.Path + "/answers/2": 200, p.Path + "/feed.atom": 404} {
		if r := named.read(path); r.StatusCode != want {
			t.Errorf("who is named gets %d by %s, want %d", r.StatusCode, path, want)
		}
	}
	if r := named.read(before); r.Header.Get("Location") != public+p.Path || r.Header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("who is named is led to %v", r.Header)
	}
	leaks("who is named", named, slices.DeleteFunc(slices.Clone(doors), func(path string) bool {
		return path == forYouPath || strings.HasPrefix(path, p.Path+"?") || strings.HasPrefix(path, p.Path+"/answers/")
	}))
	round()

	if got := b.ask(http.MethodPost, "/webmention", "Content-Type: "+formType); got.StatusCode == http.StatusCreated {
		t.Error("it takes mentions")
	}
	if topics := Topics(p); len(topics) != 0 {
		t.Errorf("a hub is told of %v", topics)
	}
}

// saidBy is what whoever asks has said, and may hear again.
func saidBy(path string) []string {
	u, err := url.Parse(path)
	if err != nil {
		return []string{path}
	}
	all := []string{path, url.QueryEscape(path)}
	for _, values := range u.Query() {
		all = append(all, values...)
	}
	return all
}

func sameHeaders(a, b reading) bool {
	for _, r := range []reading{a, b} {
		r.Header.Del("Date")
	}
	return fmt.Sprint(a.Header) == fmt.Sprint(b.Header)
}

func TestAReaderSeesNoMoreThanTheyAreNamedFor(t *testing.T) {
	b, jane := newBlog(t), newVisitor(t)
	b.lets(true)
	p, v := b.letter(jane), b.browser()
	v.shows(jane, "")
	want := func(what string, status int) {
		t.Helper()
		if r := v.read(p.Path); r.StatusCode != status {
			t.Errorf("%s: she gets %d, want %d", what, r.StatusCode, status)
		}
	}
	want("named", 200)
	for _, path := range []string{"/desk", "/desk/write/" + p.ID} { // which other rooms serve
		if r := v.read(path); strings.Contains(r.body, zebra) || r.StatusCode == http.StatusOK {
			t.Errorf("%s answers a reader %d", path, r.StatusCode)
		}
	}
	if r := v.send(http.MethodPost, "/micropub", "action=delete&url="+public+p.Path); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a reader deletes it: %d", r.StatusCode)
	}
	b.lets(false)
	want("the door shut", 404)
	b.lets(true)
	want("the door open again", 200)
	p.Audience = []string{"https://otis.example/"}
	p = b.save(*p)
	want("not named any more", 404)
	p.Audience = []string{jane.URL}
	p = b.save(*p)
	want("named again", 200)
	if err := b.Posts.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	want("deleted", 404)
	if err := b.Posts.Restore(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	want("restored", 200)
	if err := b.Visitors.End(t.Context(), jane.URL+"/"); err != nil {
		t.Fatal(err)
	}
	want("ended by the owner", 404)
	v.shows(jane, "")
	want("signed in again", 200)
	b.at = b.at.Add(30 * 24 * time.Hour)
	want("after 30 days", 404)
}

func TestWhoMayChangeAPostSeesItAsSuch(t *testing.T) {
	b, jane := newBlog(t), newVisitor(t)
	b.lets(true)
	p, v := b.letter(jane), b.browser()
	v.shows(jane, "")
	b.seen = b.wren
	if r := v.read(p.Path); r.StatusCode != 200 || len(r.all("a[href='/desk/write/"+p.ID+"']")) != 1 {
		t.Errorf("its author gets %d without a way to change it", r.StatusCode)
	} else if doors := r.Header.Get("Link") + r.Header.Get("X-Pingback"); doors != "" || r.Header.Get("X-Robots-Tag") != "noindex" {
		t.Errorf("its author is told of the doors %q that what is private has not", doors)
	}
	b.seen = &auth.User{ID: "otis", Role: auth.Author}
	if r := v.read(p.Path); r.StatusCode != 200 || len(r.all("a[href='/desk/write/"+p.ID+"']")) != 0 {
		t.Errorf("another author, who is named, gets %d", r.StatusCode)
	}
	v.send(http.MethodPost, outPath, "")
	before := p.Path
	p.Slug = "elsewhere"
	p = b.save(*p)
	for _, path := range []string{p.Path, before} {
		if r := v.read(path); r.StatusCode != 404 || strings.Contains(fmt.Sprint(r.Header), "elsewhere") {
			t.Errorf("another author, who is not, gets %d by %s, %v", r.StatusCode, path, r.Header)
		}
	}
}

func TestWhileTheDoorIsShutThereIsNone(t *testing.T) {
	b, jane := newBlog(t), newVisitor(t)
	b.letter(jane)
	v := b.browser()
	v.cookies["x"] = &http.Cookie{Name: "x", Value: "y"}
	want := v.read("/nothing-is-here")
	if strings.Contains(want.body, forYouPath) {
		t.Error("what is missing offers a way in")
	}
	if r := v.send(http.MethodPost, outPath, ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("whoever signs out is answered %d", r.StatusCode)
	}
	for _, path := range []string{forYouPath, backPath, backPath + "?code=x&state=y"} {
		if r := v.read(path); r.StatusCode != http.StatusNotFound || r.body != want.body {
			t.Errorf("%s answers %d: %s", path, r.StatusCode, r.body)
		}
	}
	if r := v.send(http.MethodPost, forYouPath, "me="+url.QueryEscape(jane.URL)); r.StatusCode != http.StatusNotFound || jane.visited != 0 {
		t.Errorf("whoever asks is answered %d, after %d visits", r.StatusCode, jane.visited)
	}
	if r := v.read(clientPath); r.StatusCode != http.StatusNotFound {
		t.Errorf("an app is described, %d", r.StatusCode)
	}
	if len(v.cookies) != 1 {
		t.Errorf("cookies are set: %v", v.cookies)
	}
	b.lets(true)
	if r := v.read("/nothing-is-here"); !strings.Contains(r.body, forYouPath) {
		t.Error("what is missing offers no way in")
	}
}

func TestWhoGoesAwayShutsNobodyOut(t *testing.T) {
	b := newBlog(t)
	b.lets(true)
	ctx, goAway := context.WithCancel(t.Context())
	jane := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		goAway()
		<-r.Context().Done()
	}))
	t.Cleanup(jane.Close)
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, forYouPath, strings.NewReader("me="+url.QueryEscape(jane.URL)))
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	b.Server.Config.Handler.ServeHTTP(httptest.NewRecorder(), r)
	if ctx.Err() == nil {
		t.Fatal("the page was not visited")
	}
	if wait, just := b.Guard.JustNoWay(jane.URL + "/"); just {
		t.Errorf("the address rests for %s, and nothing is known of it", wait)
	}
}

// A site of a reader that was visited often has its next turn in two seconds. Whoever
// cannot wait for it is told when to try again, and nothing is held against the address.
func TestWhoseSiteWasVisitedTooOftenIsToldToTryAgain(t *testing.T) {
	b, jane := newBlog(t), newVisitor(t)
	b.lets(true)
	for {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		var err error
		for err == nil {
			_, err = b.Visitors.Fetch.GetText(ctx, jane.URL, nil)
		}
		visits := jane.visited
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, forYouPath, strings.NewReader("next=/archive&me="+url.QueryEscape(jane.URL)))
		r.Header.Set("Content-Type", formType)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		w := httptest.NewRecorder()
		b.Server.Config.Handler.ServeHTTP(w, r)
		late := ctx.Err() != nil
		cancel()
		if late { // so it has proved nothing
			continue
		}
		if !errors.Is(err, fetch.ErrBusy) {
			t.Fatalf("the site is visited until %v", err)
		}
		doc, parsed := html.Parse(strings.NewReader(w.Body.String()))
		if parsed != nil {
			t.Fatal(parsed)
		}
		page := reading{w.Result(), w.Body.String(), doc}
		if page.StatusCode != http.StatusServiceUnavailable || page.Header.Get("Retry-After") != "10" || !strings.Contains(page.body, "Try again in a few seconds.") {
			t.Errorf("it is answered %d, Retry-After %q: %s", page.StatusCode, page.Header.Get("Retry-After"), page.body)
		}
		if me, next := attribute(page.one(t, "#me"), "value"), attribute(page.one(t, "[name=next]"), "value"); me != jane.URL || next != "/archive" {
			t.Errorf("of what was typed is left %q, to %q", me, next)
		}
		if jane.visited != visits {
			t.Error("her site was visited all the same")
		}
		break
	}
	if wait, just := b.Guard.JustNoWay(jane.URL + "/"); just {
		t.Errorf("the address rests for %s, and nothing is known of it", wait)
	}
}

func TestWhoIsNamedByNothingIsNotKept(t *testing.T) {
	b, jane, otis := newBlog(t), newVisitor(t), newVisitor(t)
	b.lets(true)
	b.letter(jane)
	b.save(posts.Post{Status: posts.Draft, Content: "Later.", Visibility: posts.Private, Audience: []string{otis.URL}})
	v := b.browser()
	r := v.read(otis.back(v.asks(otis.URL, "/archive")))
	if r.StatusCode != http.StatusOK || !strings.Contains(r.body, otis.URL+"/") || len(v.cookies) != 0 {
		t.Errorf("he gets %d and %v: %s", r.StatusCode, v.cookies, r.body)
	}
	if list, err := b.Visitors.Visitors(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("kept are %v (%v)", list, err)
	}
}

// TestNobodyIsSignedInByAnother: neither by a form elsewhere, nor by an answer that
// was got in another browser, nor with a cookie that somebody else has put there.
func TestNobodyIsSignedInByAnother(t *testing.T) {
	b, jane, evil := newBlog(t), newVisitor(t), newVisitor(t)
	b.lets(true)
	b.letter(jane, evil)
	v := b.browser()
	for _, headers := range [][]string{{"Sec-Fetch-Site: cross-site"}, {"Sec-Fetch-Site: ", "Origin: https://evil.example"}, {"Sec-Fetch-Site: same-site"}} {
		for path, form := range map[string]string{forYouPath: "me=" + url.QueryEscape(evil.URL), outPath: ""} {
			if r := v.send(http.MethodPost, path, form, headers...); r.StatusCode != http.StatusForbidden || len(v.cookies) != 0 {
				t.Errorf("%s with %q is answered %d", path, headers, r.StatusCode)
			}
		}
	}
	theirs := b.browser()
	if r := v.read(evil.back(theirs.asks(evil.URL, ""))); r.StatusCode != http.StatusUnauthorized || len(v.cookies) != 0 {
		t.Errorf("another's answer is answered %d, %v", r.StatusCode, v.cookies)
	}
	to := v.asks(jane.URL, "")
	if r := v.read(evil.back(theirs.asks(evil.URL, ""))); r.StatusCode != http.StatusUnauthorized || v.cookies["__Host-hark-reader"] != nil {
		t.Errorf("another's answer while she is asked is answered %d, %v", r.StatusCode, v.cookies)
	}
	if r := v.read(jane.back(to)); r.StatusCode != http.StatusSeeOther {
		t.Errorf("it has spoilt hers: %d", r.StatusCode)
	}
	first := v.cookies["__Host-hark-reader"].Value
	v.shows(jane, "")
	if v.cookies["__Host-hark-reader"].Value == first {
		t.Error("who signs in anew keeps the token")
	}
	if _, err := b.Visitors.Who(t.Context(), first); err == nil {
		t.Error("the token of before still opens")
	}
	if r := v.read(backPath + "?code=x&state=y"); r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != forYouPath {
		t.Errorf("who loads the page again gets %d", r.StatusCode)
	}
}

func TestAMixUpIsNoticed(t *testing.T) {
	b, jane, evil := newBlog(t), newVisitor(t), newVisitor(t)
	b.lets(true)
	p := b.letter(jane, evil)
	v := b.browser()
	back := evil.back(v.asks(evil.URL, p.Path))
	r := v.read(strings.Replace(back, url.QueryEscape(evil.URL+"/"), url.QueryEscape(jane.URL+"/"), 1))
	if r.StatusCode != http.StatusUnauthorized || !strings.Contains(r.body, "another place") || v.cookies["__Host-hark-reader"] != nil {
		t.Errorf("an answer of another server is answered %d: %s", r.StatusCode, r.body)
	}
	evil.me = jane.URL + "/"
	r = v.read(evil.back(v.asks(evil.URL, p.Path)))
	if r.StatusCode != http.StatusUnauthorized || !strings.Contains(r.body, "not vouched for") || v.cookies["__Host-hark-reader"] != nil {
		t.Errorf("who speaks for another is answered %d: %s", r.StatusCode, r.body)
	}
}

func TestNobodyIsLedAwayFromTheDoorOfReaders(t *testing.T) {
	b, jane := newBlog(t), newVisitor(t)
	b.lets(true)
	b.letter(jane)
	for next, want := range map[string]string{
		"/archive?x=y": "/archive?x=y", "": forYouPath, "https://evil.example/": forYouPath, "//evil.example/": forYouPath, `/\evil.example`: forYouPath, "javascript:alert(1)": forYouPath,
	} {
		if got := b.browser().shows(jane, next); got != want {
			t.Errorf("%q leads to %q, want %q", next, got, want)
		}
		b.at = b.at.Add(10 * time.Minute)
	}
	for from, want := range map[string]int{public + "/archive": 1, "https://evil.example/archive": 0, public + ".evil.example/": 0, public + "//evil.example/": 0, public + forYouPath: 0, "": 0} {
		if got := b.browser().read(forYouPath, "Referer: "+from).all("input[name=next]"); len(got) != want {
			t.Errorf("from %q it leads on to %d places", from, len(got))
		}
	}
}

func TestStrangersHaveFewSitesVisited(t *testing.T) {
	b := newBlog(t)
	b.lets(true)
	v := b.browser()
	silent := httptest.NewServer(http.NotFoundHandler())
	defer silent.Close()
	try := func(me string) reading { return v.send(http.MethodPost, forYouPath, url.Values{"me": {me}}.Encode()) }
	if r := try(silent.URL); r.StatusCode != http.StatusUnprocessableEntity || attribute(r.one(t, "#me"), "value") != silent.URL {
		t.Errorf("where nobody signs in it is answered %d", r.StatusCode)
	}
	if r := try(silent.URL + "/"); r.StatusCode != http.StatusTooManyRequests || r.Header.Get("Retry-After") != "60" {
		t.Errorf("right after it, it is answered %d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
	}
	if r := try("no address"); r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("no address is answered %d", r.StatusCode)
	}
	last := 0
	for n := range 8 {
		last = try(fmt.Sprintf("%s/%d", silent.URL, n)).StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after many it is answered %d", last)
	}
	if err := b.alog.Reopen(); err != nil { // waits for the lines before it
		t.Fatal(err)
	}
	if lines, err := os.ReadFile(b.authLog); err != nil || len(lines) != 0 {
		t.Errorf("in the log for fail2ban stands %q (%v): who reads cannot be banned for a typing error", lines, err)
	}
}

func TestTheSiteSaysWhatItIsToTheServersOfReaders(t *testing.T) {
	b := newBlog(t)
	b.lets(true)
	r := b.get(clientPath)
	at, err := url.Parse(public + clientPath)
	if err != nil {
		t.Fatal(err)
	}
	said, err := indieauth.ReadClient(public+clientPath, at, r.Header, []byte(r.body))
	if err != nil || said.Name != "Tidewrack" || said.Page != public+"/" || !slices.Contains(said.Redirects, public+backPath) {
		t.Errorf("it says %+v (%v)", said, err)
	}
}
