package test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	appmanifest "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestOtherPagesAndAppsOpenTheEditorFilledIn shares a page as a phone does, then answers one by a
// bookmarklet.
func TestOtherPagesAndAppsOpenTheEditorFilledIn(t *testing.T) {
	t.Parallel()
	theirs := listenOn(t, "127.7.2.1", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `<!doctype html><title>Wind &amp; chimes</title><p id="say">Mine has four notes.<br>Or five.`)
	})
	s, b := atDesk(t)
	b.visit(s.url + "/desk/share")
	if problems := b.manifestProblems(); problems != "" {
		t.Errorf("the browser says of the manifest: %s", problems)
	}
	pages(b, "how other pages lead to the editor")
	code := b.says("decodeURIComponent([...document.querySelectorAll('.marklets a')].find((a) => a.textContent === 'Reply').href)")
	if typed := b.says("document.querySelector('#code-1').value"); typed != code {
		t.Errorf("the code to copy is %s, the link %s", typed, code)
	}
	b.visit(s.url + "/desk/write?title=Wind+chimes&text=Four+notes.&url=" + theirs + "/chimes")
	b.becomes("[data-part=preview]", "Four notes.")
	pages(b, "a page was shared to the editor")
	if got := b.says("document.querySelector('#as').value + ' ' + document.querySelector('#re').value"); got != "bookmark-of "+theirs+"/chimes" {
		t.Errorf("the editor says %s", got)
	}
	b.stayedAt(s)
	if status := b.press("button[name=do][value=publish]"); status != 200 {
		t.Fatalf("publishing leads to a page that answers %d", status)
	}

	b.visit(theirs + "/chimes")
	b.measure("getSelection().selectAllChildren(document.querySelector('#say')), 1")
	b.do(chromedp.Evaluate[chromedp.Void](strings.TrimPrefix(code, "javascript:") + "; undefined"))
	b.arrives("/desk/write?reply=")
	b.becomes("[data-part=preview]", "Mine has four notes.")
	if got := b.says("document.querySelector('#text').value"); got != "> Mine has four notes.\n> Or five." {
		t.Errorf("quoted is %q", got)
	}
	if got := b.says("document.querySelector('#as').value + ' ' + document.querySelector('#re').value"); got != "in-reply-to "+theirs+"/chimes" {
		t.Errorf("the editor says %s", got)
	}
}

// manifestProblems are what the browser has against the manifest of the page, or that there is none.
func (b *browser) manifestProblems() string {
	b.t.Helper()
	var said []string
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		got, err := cdp.Call(ctx, tab, appmanifest.GetAppManifest, appmanifest.GetAppManifestParams{})
		if err != nil {
			return err
		}
		if !strings.Contains(got.Data, "share_target") {
			said = append(said, "it has no share target")
		}
		for _, one := range got.Errors {
			said = append(said, one.Message)
		}
		return nil
	}))
	return strings.Join(said, ", ")
}
