package test

import (
	"net/url"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestTagsAreCompletedByKeyboard types the beginnings of tags that others of the site have.
func TestTagsAreCompletedByKeyboard(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.owner()
	for _, tags := range [][]string{{"Rain", "Räume & more"}, {"Rain", "jars"}, {"trains"}} {
		s.published(tokenForm(s, token, url.Values{"h": {"entry"}, "content": {"Words."}, "category[]": tags}))
	}
	b := newBrowser(t)
	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/write")
	value := func(want string) {
		t.Helper()
		if got := b.says("document.querySelector('#tags').value"); got != want {
			t.Errorf("the field says %q, want %q", got, want)
		}
	}
	b.fill("#tags", "ra")
	b.becomes("#offered", "Rain 2 posts")
	if got := b.text("#offered"); got != "Rain 2 postsRäume & more 1 posttrains 1 post" {
		t.Errorf("offered are %q", got)
	}
	b.key(kb.ArrowDown)
	b.key(kb.ArrowDown)
	if got := b.says("document.getElementById(document.querySelector('#tags').getAttribute('aria-activedescendant')).dataset.tag"); got != "Räume & more" {
		t.Errorf("chosen is %q", got)
	}
	pages(b, "tags are completed")
	b.enter()
	value("Räume & more, ")
	b.fill("#tags", "JA")
	b.key(kb.ArrowUp)
	b.enter()
	value("Räume & more, jars, ")
	b.fill("#tags", "rau")
	if hidden := b.measure("document.querySelector('#offered').hidden ? 1 : 0"); hidden != 1 {
		t.Errorf("offered is what is there: %q", b.text("#offered"))
	}
	b.key(kb.ArrowDown) // nothing fits
	b.key(kb.Backspace)
	b.key(kb.Backspace)
	b.becomes("#offered", "Rain")
	b.key(kb.Escape)
	value("Räume & more, jars, r")
	b.key(kb.ArrowDown)
	b.key(kb.ArrowDown)
	b.enter()
	value("Räume & more, jars, Rain, ")
	b.becomes("#status", "Saved at")
	b.stayedAt(s)

	b.withoutScripts()
	b.visit(s.url + "/desk/write")
	b.click("#inuse > summary")
	if got := b.text(".inuse"); got != "Rain 2jars 1Räume & more 1trains 1" {
		t.Errorf("without scripts the page lists %q", got)
	}
	pages(b, "tags in use")
}
