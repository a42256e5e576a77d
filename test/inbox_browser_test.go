package test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestTheInboxHoldsFiveHundred is an evening of an owner who let five hundred answers wait.
func TestTheInboxHoldsFiveHundred(t *testing.T) {
	t.Parallel()
	const waiting, hosts = 500, 25
	s := start(t)
	post := s.publish(s.owner(), "Six years of rain in a jam jar", "<p>The jar was never meant to last.</p>")
	owner := from(t, "127.0.0.1")
	owner.login(s)
	owner.hold(s)
	voices(t, s, post, waiting, hosts)
	eventually(t, time.Minute, "all wait for the owner", func() error {
		if found := text(owner.page(s.url + "/desk/inbox")); !strings.Contains(found, fmt.Sprintf("Held %d", waiting)) {
			return fmt.Errorf("the inbox says %.200q", found)
		}
		return nil
	})

	b := newBrowser(t)
	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/inbox")
	pages(b, "the inbox with five hundred")
	t.Run("by keyboard, one by one", func(t *testing.T) {
		b := b.in(t)
		first := b.text(".held .p-name")
		b.key("j")
		b.key("a")
		b.becomes(".deskbar b", "499")
		b.becomes(".done", "Shown: "+first)
		b.key("s")
		b.becomes(".deskbar b", "498")
		b.key("d")
		b.becomes(".deskbar b", "497")
		b.key("u")
		b.becomes(".deskbar b", "498")
		if found := text(from(t, "127.0.0.1").page(post)); !strings.Contains(found, "1 answer") || !strings.Contains(found, first) {
			t.Errorf("the post says %.300q", found)
		}
	})
	t.Run("all that match, and back", func(t *testing.T) {
		b := b.in(t)
		b.fill("#q", "number 7")
		b.press(".seek button")
		pages(b, "the inbox, searched")
		b.do(chromedp.Click(chromedp.CSS("[name=all][value=page]"), chromedp.NodeVisible))
		b.do(chromedp.Click(chromedp.CSS("#bulk button[value=spam]"), chromedp.NodeVisible))
		b.becomes(".done", "spam")
		pages(b, "the inbox after many were decided")
		b.do(chromedp.Click(chromedp.CSS(".done button"), chromedp.NodeVisible))
		b.becomes(".deskbar b", "498")
	})
	t.Run("without scripts, every one at once", func(t *testing.T) {
		b := newBrowser(t)
		b.withoutScripts()
		b.signIn(s, ownerName, ownerPassword)
		b.visit(s.url + "/desk/inbox")
		b.do(chromedp.Click(chromedp.CSS("[name=all][value=match]"), chromedp.NodeVisible))
		b.press("#bulk button[value=show]")
		if found := b.words(); !strings.Contains(found, "Nothing waits for you") || !strings.Contains(found, "498") {
			t.Errorf("the inbox says %.400q", found)
		}
		b.stayedAt(s)
		if found := text(from(t, "127.0.0.1").page(post)); !strings.Contains(found, "499 answers") {
			t.Errorf("the post says %.300q", found)
		}
		b.visit(post)
		pages(b, "a post with five hundred answers")
	})
	b.stayedAt(s)
}

// hold has every mention wait, by the form in the settings.
func (v *visitor) hold(s *site) {
	v.t.Helper()
	form := url.Values{}
	for _, field := range all(v.page(s.url+"/desk/settings/answers"), "main form input[name]:not([type=radio]), main form textarea[name]") {
		form.Set(attr(field, "name"), attr(field, "value")+text(field))
	}
	form.Set("mode", "none")
	if a := v.post(s.url+"/desk/settings/answers", form); a.status != http.StatusSeeOther {
		v.t.Fatalf("the settings answer %d:\n%s", a.status, a.body)
	}
}

// voices have many reply to a post, a few from each host.
func voices(t *testing.T, s *site, post string, count, hosts int) {
	t.Helper()
	blogs := make([]string, hosts)
	for n := range blogs {
		blogs[n] = listenOn(t, fmt.Sprintf("127.5.%d.1", n), func(w http.ResponseWriter, r *http.Request) {
			number := strings.TrimPrefix(r.URL.Path, "/")
			fmt.Fprintf(w, `<!doctype html><title>A reply</title><article class="h-entry"><p class="p-author h-card"><a class="u-url p-name" href="/">Reader %s</a></p>
<p>In reply to <a class="u-in-reply-to" href="%s">a post</a></p><div class="e-content"><p>This is number %s of those who keep a jar. Mine stands on the sill, loses two millimetres a week to the sun, and has a snail in it.</p></div></article>`, number, post, number)
		})
	}
	for n := range count {
		sender := sendingFrom(fmt.Sprintf("127.6.%d.1", n/perSender))
		res, err := sender.PostForm(s.url+"/webmention", url.Values{"target": {post}, "source": {fmt.Sprintf("%s/%d", blogs[n%hosts], n)}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		sender.CloseIdleConnections()
		if res.StatusCode != http.StatusCreated {
			t.Fatalf("webmention %d is answered %s", n, res.Status)
		}
	}
}

// pages takes pictures of a page, narrow and wide, light and dark.
func pages(b *browser, name string) {
	b.t.Helper()
	for _, width := range []int64{360, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			b.look(width, scheme)
			b.picture(strings.ReplaceAll(fmt.Sprintf("%s %d %s", name, width, scheme), " ", "-"))
		}
	}
	if wide := b.measure("document.documentElement.scrollWidth"); wide > 1280 {
		b.t.Errorf("%s is %v pixels wide on a screen of 1280", name, wide)
	}
	b.look(360, "light")
	if wide := b.measure("document.documentElement.scrollWidth"); wide > 360 {
		b.t.Errorf("%s is %v pixels wide on a screen of 360", name, wide)
	}
	b.look(1280, "light")
}
