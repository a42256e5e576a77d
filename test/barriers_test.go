package test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// seen is a page that somebody meets. Words in capitals stand for what the test has made.
type seen struct {
	name, path string
	status     int64 // 200 when zero
}

// Whoever adds a kind of page adds it here.
var (
	publicPages = []seen{
		{name: "home", path: "/"},
		{name: "post with answers", path: "POST"},
		{name: "note", path: "NOTE"},
		{name: "reply", path: "REPLY"},
		{name: "archive", path: "/archive"},
		{name: "year", path: "/YEAR"},
		{name: "tag", path: "/tag/rain"},
		{name: "kind", path: "/kind/article"},
		{name: "about", path: "/about"},
		{name: "author", path: "/author/" + ownerName},
		{name: "search", path: "/search?q=rain"},
		{name: "search that finds nothing", path: "/search?q=nowhere"},
		{name: "on this day", path: "/on-this-day"},
		{name: "webmention form", path: "/webmention"},
		{name: "for certain readers", path: "/for-you"},
		{name: "webmention status", path: "/webmention/MENTION"},
		{name: "login", path: "/login"},
		{name: "invitation", path: "INVITE"},
		{name: "link for a password", path: "RESET"},
	}
	brokenPages = []seen{
		{name: "missing", path: "/nothing/here", status: 404},
		{name: "gone", path: "GONE", status: 410},
		{name: "used setup link", path: "/setup?token=none", status: 403},
		{name: "used invitation", path: "/invite?token=none", status: 403},
		{name: "used link for a password", path: "/reset?token=none", status: 403},
	}
	deskPages = []seen{
		{name: "home, signed in", path: "/"},
		{name: "post, signed in", path: "POST"},
		{name: "posts", path: "/desk/posts"},
		{name: "write", path: "/desk/write"},
		{name: "edit", path: "/desk/write/EDIT"},
		{name: "earlier versions", path: "/desk/posts/KEY/revisions"},
		{name: "templates", path: "/desk/templates"},
		{name: "template", path: "TEMPLATE"},
		{name: "deleted posts", path: "/desk/posts?status=deleted"},
		{name: "scheduled posts", path: "/desk/posts?status=scheduled"},
		{name: "like", path: "/desk/write?like=https://a.example/b"},
		{name: "media", path: "/desk/media"},
		{name: "media, nothing", path: "/desk/media?kind=video"},
		{name: "edit a photo", path: "/desk/write/PHOTO"},
		{name: "posts to link to", path: "/desk/find"},
		{name: "posts to link to that are none", path: "/desk/find?q=nowhere"},
		{name: "write from other pages", path: "/desk/share"},
		{name: "event", path: "/desk/write?event"},
		{name: "check-in", path: "/desk/write?checkin"},
		{name: "inbox, held", path: "/desk/inbox"},
		{name: "inbox, shown", path: "/desk/inbox?state=shown"},
		{name: "inbox, empty", path: "/desk/inbox?state=spam"},
		{name: "mention", path: "/desk/inbox/MENTION"},
		{name: "rules", path: "/desk/inbox/rules"},
		{name: "outbox", path: "/desk/outbox"},
		{name: "defence", path: "/desk/defence"},
		{name: "settings", path: "/desk/settings"},
		{name: "look", path: "/desk/settings/look"},
		{name: "settings of answers", path: "/desk/settings/answers"},
		{name: "settings of telling", path: "/desk/settings/telling"},
		{name: "letters", path: "/desk/settings/letters"},
		{name: "readers", path: "/desk/settings/readers"},
		{name: "people", path: "/desk/people"},
		{name: "account", path: "/desk/account"},
		{name: "own page", path: "/desk/account/page"},
		{name: "activity", path: "/desk/account/activity"},
		{name: "apps", path: "/desk/account/apps"},
		{name: "new app", path: "/desk/account/apps/new"},
		{name: "passkeys", path: "/desk/account/passkeys"},
		{name: "new passkey", path: "/desk/account/passkeys/new"},
		{name: "codes", path: "/desk/account/codes"},
		{name: "prove", path: "/desk/account/prove?next=/desk/account/codes"},
	}
	freshPages = []seen{
		{name: "welcome", path: "/"},
		{name: "setup", path: "SETUP"},
	}
	codePages = []seen{
		{name: "code", path: "/login/code"},
	}
)

// jar is what the post is about.
var jar = []string{
	"The jar was never meant to last. It had held plums, it stood on the step because the step was where I stood, and on the evening of the first storm I held a ruler against it and wrote a number on the back of an envelope.",
	"Six years later the envelope is a notebook, and the jar has a neighbour: a proper gauge, bought with the money from a broken window, whose figures agree with nobody. The gauge is right. The jar is merely faithful, and it is the jar that I go out to look at when it rains at night.",
	"What one learns from a jar is mostly about the jar. It leans, so it lies a little, and always in the same direction. Leaves come in October. Once there was a snail, which raised the level by two millimetres and left in its own time.",
}

// furnish writes what the pages show, and returns what stands for it.
func furnish(t *testing.T, s *site) *strings.Replacer {
	t.Helper()
	token := s.owner()
	theirs := newBlog(t, "127.0.10.1", "Juniper Hale", "http://nobody.example/")
	photo := s.entry(token, map[string]any{"photo": map[string]string{"value": s.upload(token, "hill.png", view(t, 90)), "alt": "A hill"}})
	post := s.entry(token, map[string]any{"name": "Six years of rain in a jam jar", "category": "rain", "content": map[string]string{
		"html": "<p>" + strings.Join(jar, "</p><p>") + "</p><h2>Figures</h2><blockquote><p>Until the proper one comes.</p></blockquote>" +
			"<pre><code class=\"language-go\">rate := 2 * tip / 900 // a line of code that is much longer than a narrow window is wide, and then some</code></pre>" +
			"<table><tr><th>Month</th><th>Jar</th><th>Bucket</th><th>Corrected</th></tr><tr><td>November</td><td>88.0</td><td>81.3</td><td>87.1</td></tr></table>"}})
	note := s.entry(token, map[string]any{"content": "Eleven millimetres since breakfast."})
	reply := s.entry(token, map[string]any{"content": "Mine has a snail in it.", "in-reply-to": theirs + "/reply"})
	gone := s.publish(token, "A mistake", "<p>Of mine.</p>")
	from(t, "127.0.0.1").must(tokenForm(s, token, url.Values{"action": {"delete"}, "url": {gone}}))
	mention(t, s, newBlog(t, "127.0.10.2", "Otis Wren", post)+"/reply", post)

	v := from(t, "127.0.0.1")
	v.login(s)
	v.tellsOfItself(s, token)
	v.letsReadersIn(s)
	v.hold(s)
	held := v.post(s.url+"/webmention", url.Values{"source": {newBlog(t, "127.0.10.3", "Della Moss", post) + "/reply"}, "target": {post}})
	_, id, _ := strings.Cut(held.header.Get("Location"), "/webmention/")
	eventually(t, patience, "a mention is held", func() error {
		if len(all(v.page(s.url+"/desk/inbox"), `a[href^="/desk/inbox/`+id+`"]`)) == 0 {
			return fmt.Errorf("the inbox has no %q", id)
		}
		return nil
	})
	edit := attr(all(v.page(s.url+"/desk/posts"), `a[href^="/desk/write/"]`)[0], "href")
	v.post(s.url+edit, url.Values{"do": {"publish"}, "version": {"1"}, "text": {"Mine has a snail in it, and moss."}, "tags": {"moss"}, "in-reply-to": {theirs + "/reply"}})
	v.post(s.url+"/desk/write", url.Values{"do": {"template"}, "template-name": {"Weekly note"}, "title": {"Week of {{date}}"}, "text": {"Rain:"}})
	template := attr(all(v.page(s.url+"/desk/templates"), ".shelf a.voice")[0], "href")
	editPhoto := attr(all(v.page(photo), `a[href^="/desk/write/"]`)[0], "href")
	invited := text(parse(t, v.post(s.url+"/desk/people/invitations", url.Values{"role": {"author"}}).body))
	invite := regexp.MustCompile(`/invite\?token=\w+`).FindString(invited)
	path := func(address string) string { return strings.TrimPrefix(address, s.url) }
	return strings.NewReplacer("POST", path(post), "NOTE", path(note), "REPLY", path(reply), "GONE", path(gone),
		"/desk/write/EDIT", edit, "/desk/write/PHOTO", editPhoto, "KEY", strings.TrimPrefix(edit, "/desk/write/"), "MENTION", id, "INVITE", invite, "TEMPLATE", template,
		"RESET", path(s.command("", "user", "reset", ownerName)), "YEAR", path(post)[1:5])
}

// tokenForm is a form that an app sends.
func tokenForm(s *site, token string, form url.Values) (*http.Request, error) {
	req, err := formRequest(s.url+"/micropub", form)
	if err == nil {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, err
}

func TestNoPageHasABarrier(t *testing.T) {
	t.Parallel()
	axe := axeCore(t)
	b := newBrowser(t)
	walk := func(s *site, names *strings.Replacer, pages []seen) {
		for _, p := range pages {
			t.Run(p.name, func(t *testing.T) {
				b := b.in(t)
				b.meets(s.url+names.Replace(p.path), max(p.status, 200), axe)
				b.portrait(p.name)
			})
		}
	}
	fresh := start(t)
	walk(fresh, strings.NewReplacer("SETUP", strings.TrimPrefix(fresh.setupLink(), fresh.url)), freshPages)
	fresh.stop()
	s := start(t)
	names := furnish(t, s)
	walk(s, names, publicPages)
	walk(s, names, brokenPages)
	b.signIn(s, ownerName, ownerPassword)
	walk(s, names, deskPages[:3])
	b.press(".news button") // a browser was new, as the last page has said
	walk(s, names, deskPages[3:])
	withCodes(t, s)
	b.leave()
	b.signIn(s, ownerName, ownerPassword)
	walk(s, names, codePages)
}

// leave forgets who was signed in.
func (b *browser) leave() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
}

// meets opens a page and looks at it as people do who see, read and type differently.
func (b *browser) meets(address string, status int64, axe string) {
	b.t.Helper()
	b.look(320, "light")
	if got := b.follow(chromedp.Navigate(address)); got != status {
		b.t.Fatalf("%s answers %d, want %d", address, got, status)
	}
	if wide := b.measure("document.documentElement.scrollWidth"); wide > 320 {
		b.t.Errorf("it is %v pixels wide in a window of 320", wide)
	}
	b.keyboard()
	b.do(chromedp.Evaluate[chromedp.Void](axe))
	for _, width := range []int64{360, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			b.look(width, scheme)
			b.barriers(fmt.Sprintf("%d pixels wide and %s", width, scheme))
		}
	}
}

// unfocused lists what can have the focus of the keyboard without showing it.
const unfocused = `[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
	.filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled)
	.filter(e => { e.focus(); const s = getComputedStyle(e); return document.activeElement !== e || !e.matches(':focus-visible') || s.outlineStyle === 'none' || parseFloat(s.outlineWidth) < 2 })
	.map(e => e.outerHTML.slice(0, 120)).join('\n')`

// fromTheTop puts the keyboard before everything, wherever a page has put it.
const fromTheTop = `{ const top = document.createElement('i'); top.tabIndex = -1; document.body.prepend(top); top.focus(); top.remove() }`

// keyboard walks the page with it: the link to the text comes first, and whoever has
// the focus shows it.
func (b *browser) keyboard() {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](fromTheTop))
	b.key(kb.Tab)
	first := b.says(`(e => { const at = e.getBoundingClientRect(); return e.matches('a.skip') && at.top >= 0 && at.left >= 0 && at.height >= 24 ? '' : e.outerHTML.slice(0, 120) })(document.activeElement)`)
	if first != "" {
		b.t.Errorf("the first to have the focus is not a visible link to the text, but %s", first)
	}
	if hidden := b.says(unfocused); hidden != "" {
		b.t.Errorf("these do not show that they have the focus:\n%s", hidden)
	}
}

// says asks the page for words.
func (b *browser) says(expression string) string {
	b.t.Helper()
	words, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		b.t.Fatal(err)
	}
	return words
}

// levels are what axe looks for: everything of WCAG 2.2 up to AA that a program can see.
const levels = `{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa'], resultTypes: ['violations']}`

// barriers has axe look at the page as it is now.
func (b *browser) barriers(when string) {
	b.t.Helper()
	type rule struct {
		ID, Impact, Help string
		Nodes            []struct{ HTML, FailureSummary string }
	}
	found, err := chromedp.Run(b.ctx, chromedp.Evaluate[struct{ Passes, Violations []rule }]("axe.run("+levels+")", chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	if !slices.ContainsFunc(found.Passes, func(r rule) bool { return r.ID == "color-contrast" }) {
		b.t.Errorf("%s: axe has found no text that can be read", when)
	}
	for _, violation := range found.Violations {
		for _, n := range violation.Nodes {
			b.t.Errorf("%s: %s (%s, %s)\n%.300s\n%s", when, violation.Help, violation.ID, violation.Impact, n.HTML, n.FailureSummary)
		}
	}
}
