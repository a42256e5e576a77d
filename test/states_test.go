package test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// emptyPages are those of a site on which nothing has happened yet.
var emptyPages = []seen{
	{name: "home, nothing yet", path: "/"},
	{name: "posts, none yet", path: "/desk/posts"},
	{name: "inbox, nothing yet", path: "/desk/inbox"},
	{name: "outbox, nothing yet", path: "/desk/outbox"},
	{name: "media, nothing yet", path: "/desk/media"},
	{name: "templates, none yet", path: "/desk/templates"},
}

// everything is a text with all that a text can have.
const everything = `[TOC]

The jar was never meant to last.[^step] It had held plums, says ` + "`rain.csv`" + `, and whoever presses <kbd>Ctrl</kbd>+<kbd>S</kbd> keeps it. More of it stands at https://a-host-with-a-name-of-some-length.example/and/an/address/that/is/longer/than/a/narrow/window/is/wide.

## What was measured, and with what

![A hill in the rain](PICTURE "The hill behind the shed, from where the weather comes; the jar stands on its other side.")

> Until the proper one comes.
>
> That was six years ago.

` + "```go" + `
// Rate is what falls in an hour.
func Rate(tips int) float64 {
	return 2 * float64(tips) / 900 // a line of code that is much longer than a narrow window is wide, and then some
}
` + "```" + `

### All of it

| Month | Jar | Bucket | Corrected | Wind | Temperature | Remarks |
|:--|--:|--:|--:|---|--:|---|
| November | 88.0 | 81.3 | 87.1 | north-west | 4.2 | a snail, which left in its own time |
| December | 101.5 | 93.9 | 100.4 | west | −1.0 | frost for eleven days, and no readings |

- [x] the jar
- [ ] the proper one

1. It leans,
   - a little,
   - and always in the same direction.
2. It is faithful.

Gauge
: A jar that was bought.

---

<details><summary>And the bucket?</summary>

It had a hole.

</details>

[^step]: It stood on the step, because the step was where I stood, on the evening of the first storm.
`

// state looks at the page as it stands there, after what was done to it.
func (b *browser) state(name, axe string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](axe))
	for _, width := range []int64{320, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			b.look(width, scheme)
			b.barriers(fmt.Sprintf("%s, %d pixels wide and %s", name, width, scheme))
		}
		if wide := b.measure("document.documentElement.scrollWidth"); wide > float64(width) {
			b.t.Errorf("%s is %v pixels wide in a window of %d", name, wide, width)
		}
	}
	b.portrait(name)
}

// writes publishes what the form of the editor holds, and returns where it is.
func (v *visitor) writes(s *site, form url.Values) string {
	v.t.Helper()
	form.Set("do", "publish")
	a := v.post(s.url+"/desk/write", form)
	if a.status != http.StatusSeeOther {
		v.t.Fatalf("the editor answers %d:\n%s", a.status, a.body)
	}
	path, _, _ := strings.Cut(a.header.Get("Location"), "?")
	return s.url + path
}

// TestNoStateOfAPageHasABarrier: before there is anything, with all that there can
// be, and after something went wrong.
func TestNoStateOfAPageHasABarrier(t *testing.T) {
	t.Parallel()
	axe := axeCore(t)
	s, b := atAName(t), newBrowser(t)
	b.withAuthenticator()
	token := s.owner()
	b.signIn(s, ownerName, ownerPassword)
	for _, p := range emptyPages {
		b.meets(s.url+p.path, http.StatusOK, axe)
		b.portrait(p.name)
	}
	b.leave()
	v := from(t, "127.0.0.1")
	v.login(s)
	b.full(s, v, token, axe)
	b.signIn(s, ownerName, ownerPassword)
	b.press(".news button")
	b.astray(s, v, axe)
	b.second(s, axe)
}

// full meets a post that has everything, and where it stands in a row.
func (b *browser) full(s *site, v *visitor, token, axe string) {
	b.t.Helper()
	long, series := strings.Repeat("rain", 15), "A year of rain"
	picture := strings.TrimPrefix(s.upload(token, "hill.png", view(b.t, 90)), s.url)
	v.writes(s, url.Values{"title": {"The first winter"}, "text": {"It froze."}, "more": {"yes"}, "series": {series}})
	post := v.writes(s, url.Values{
		"title": {"Six years of rain in a jam jar, and what a Niederschlagsmengenmessgerät has to say to them"}, "text": {strings.ReplaceAll(everything, "PICTURE", picture)},
		"more": {"yes"}, "series": {series}, "tags": {"rain, jar, the weather, " + long},
	})
	v.writes(s, url.Values{"title": {"The second winter"}, "text": {"It did not."}, "more": {"yes"}, "series": {series}})
	mention(b.t, s, newBlog(b.t, "127.0.10.1", "Juniper"+long, post)+"/reply", post)
	year := strings.TrimPrefix(post, s.url)[:5]
	month := attr(all(v.page(s.url+"/archive"), `.years a[href^="`+year+`/"]`)[0], "href")
	for _, p := range []seen{
		{name: "post with everything", path: strings.TrimPrefix(post, s.url)},
		{name: "series", path: "/series/a-year-of-rain"},
		{name: "month", path: month},
		{name: "archive with long tags", path: "/archive"},
	} {
		b.meets(s.url+p.path, http.StatusOK, axe)
		b.portrait(p.name)
	}
}

// astray does what is answered with a page that says what is wrong, or asks.
func (b *browser) astray(s *site, v *visitor, axe string) {
	b.t.Helper()
	b.visit(s.url + "/desk/settings")
	b.do(chromedp.Clear(chromedp.CSS("#z"), chromedp.NodeVisible))
	b.fill("#z", "Nowhere/Land")
	if status := b.press("main form button.go"); status != http.StatusUnprocessableEntity {
		b.t.Errorf("a time zone that is none is answered %d", status)
	}
	b.state("settings, refused", axe)

	note := v.writes(s, url.Values{"text": {"Eleven millimetres since breakfast."}})
	editor := attr(all(v.page(note), `a[href^="/desk/write/"]`)[0], "href")
	b.visit(s.url + editor)
	v.edit(s, note, func(form url.Values) { form.Set("text", "Twelve millimetres since breakfast.") })
	b.fill("#text", "Rain again. ")
	if status := b.press("button[name=do][value=publish]"); status != http.StatusConflict {
		b.t.Errorf("what was saved elsewhere meanwhile is answered %d", status)
	}
	b.state("edit, saved elsewhere", axe)
	b.press("button[name=do][value=publish]") // nothing unsaved keeps it from leaving

	b.visit(s.url + "/desk/people")
	b.press("form[action='/desk/people/invitations'] button")
	b.state("invitation that was made", axe)

	app := newBlog(b.t, "127.0.0.1", "Marginalia", s.url) // where alone an app may be without a name
	b.visit(s.url + "/auth?" + url.Values{
		"response_type": {"code"}, "client_id": {app + "/"}, "redirect_uri": {app + "/back"}, "state": {"7"}, "scope": {"create media profile"},
		"code_challenge": {strings.Repeat("a", 43)}, "code_challenge_method": {"S256"},
	}.Encode())
	b.state("app that asks", axe)
	if status := b.follow(chromedp.Navigate(s.url + "/auth?client_id=none")); status != http.StatusBadRequest {
		b.t.Errorf("an app that says nothing of itself is answered %d", status)
	}
	b.state("app that is refused", axe)
}

// second adds a passkey, switches one-time codes on, and fails to sign in.
func (b *browser) second(s *site, axe string) {
	b.t.Helper()
	b.visit(s.url + "/desk/account/passkeys/new")
	b.state("passkey to add", axe)
	b.fill("#name", "The phone")
	b.press("button[data-begin]")
	b.state("passkeys that are there", axe)
	b.visit(s.url + codesPage)
	b.press("button[name=do][value=begin]")
	b.state("codes, the key", axe)
	b.fill("#code", codeOf(b.t, strings.ReplaceAll(b.text("code.secret"), " ", ""), 0))
	b.press("button[name=do][value=confirm]")
	b.state("codes for a lost phone", axe)
	b.leave()
	b.visit(s.url + "/login")
	b.fill("input[name=username]", ownerName)
	b.fill("input[name=password]", "three plain words")
	b.press("form[action='/login'] button")
	b.state("login, refused", axe)
}
