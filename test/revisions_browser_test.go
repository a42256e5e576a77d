package test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestWhatWasWrittenBeforeIsFoundAgain is somebody who changes a post, looks at what has become of
// it, restores what it said before, and thinks better of that.
func TestWhatWasWrittenBeforeIsFoundAgain(t *testing.T) {
	t.Parallel()
	for _, scripts := range []string{"with scripts", "without scripts"} {
		t.Run(scripts, func(t *testing.T) {
			s := start(t)
			s.owner()
			b := newBrowser(t)
			if scripts == "without scripts" {
				b.withoutScripts()
			}
			b.signIn(s, ownerName, ownerPassword)
			b.visit(s.url + "/desk/write")
			b.fill("#title", "Rain")
			b.fill("#text", "The jar was never meant to last.")
			b.press("button[name=do][value=publish]")
			post := b.location()
			b.becomes(".just", "Published a moment ago.")

			b.press(".stamp a[href^='/desk/write/']")
			b.do(chromedp.Clear(chromedp.CSS("#text"), chromedp.NodeVisible))
			b.fill("#text", "The jar was not meant to last. It did.")
			b.press("button[name=do][value=publish]")
			b.becomes(".just", "Changed a moment ago.")
			b.press(".just a")
			b.becomes(".differs del", "never")
			b.becomes(".differs ins", "not")
			for _, scheme := range []string{"light", "dark"} {
				b.look(360, scheme)
				b.picture("revisions-360-" + scheme)
				if wide := b.measure("document.documentElement.scrollWidth"); wide > 360 {
					t.Errorf("it is %v pixels wide in a window of 360", wide)
				}
				b.look(1280, scheme)
				b.picture("revisions-1280-" + scheme)
			}

			b.do(chromedp.Click(chromedp.CSS("main details summary"), chromedp.NodeVisible))
			b.press("main details button")
			b.becomes(".banner", "says again what it said")
			b.picture("revisions-restored")
			says := func(words string) {
				t.Helper()
				if got := text(all(from(t, "127.0.0.1").page(post), ".e-content")[0]); !strings.Contains(got, words) {
					t.Errorf("readers read %q, want %q", got, words)
				}
			}
			says("never")
			b.press(".banner button")
			says("not meant to last. It did.")
			b.stayedAt(s)
		})
	}
}
