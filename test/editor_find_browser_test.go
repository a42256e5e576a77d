package test

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestAPostIsFoundAndLinkedToFromTheEditor looks for a post in the middle of a sentence.
func TestAPostIsFoundAndLinkedToFromTheEditor(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.owner()
	jar := s.publish(token, "Six years of *rain*", "<p>In a jam jar.</p>")
	s.publish(token, "Wind", "<p>From the west.</p>")
	path := jar[len(s.url):]
	b := newBrowser(t)
	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/write")
	b.fill("#text", "As in ")
	b.click("#find")
	b.becomes("#finder .hits", "Wind")
	b.fill("#finder-q", "jam")
	b.becomes("#finder [role=status]", "Found")
	if n := b.measure("document.querySelectorAll('#finder .hits button').length"); n != 1 {
		t.Errorf("%v posts are found", n)
	}
	pages(b, "a post is found to link to")
	b.key(kb.Tab)
	b.enter()
	b.holds(`As in [Six years of \*rain\*](` + path + `)`)
	b.becomes("[data-part=preview]", "Six years of *rain*")
	b.chord("z")
	b.holds("As in ")
	b.measure("document.querySelector('#text').setSelectionRange(3, 5), 1")
	b.click("#find")
	b.becomes("#finder .hits", "Six years")
	b.click("#finder .hits li:first-child button")
	b.holds("As [in](" + path + ") ")
	b.becomes("#status", "Saved at")
	b.stayedAt(s)

	b.withoutScripts()
	b.visit(s.url + "/desk/find")
	b.fill("#q", "jam")
	if status := b.press(".seek button"); status != 200 {
		t.Fatalf("searching answers %d", status)
	}
	pages(b, "posts to link to, without scripts")
}
