package test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// give hands a file to the page as a paste or a drop does.
func (b *browser) give(how, selector, name, kind, body string) {
	b.t.Helper()
	event := "new DragEvent('drop', {dataTransfer: given, bubbles: true, cancelable: true})"
	if how == "paste" {
		event = "new ClipboardEvent('paste', {clipboardData: given, bubbles: true, cancelable: true})"
	}
	b.measure(fmt.Sprintf(`(() => { const given = new DataTransfer();
		given.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], %q, {type: %q}));
		return document.querySelector(%q).dispatchEvent(%s) ? 0 : 1 })()`, base64.StdEncoding.EncodeToString([]byte(body)), name, kind, selector, event))
}

// count waits until so many elements fit.
func (b *browser) count(selector string, want int) {
	b.t.Helper()
	eventually(b.t, 20*time.Second, fmt.Sprintf("%d fit %s", want, selector), func() error {
		if n := b.measure(fmt.Sprintf("document.querySelectorAll(%q).length", selector)); int(n) != want {
			return fmt.Errorf("%v do", n)
		}
		return nil
	})
}

// typed is what stands in the text.
func (b *browser) typed() string {
	b.t.Helper()
	return b.says("document.querySelector('#text').value")
}

func TestANewcomerPublishesAPhoto(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.owner()
	folder := t.TempDir()
	jar, gutter := filepath.Join(folder, "jar.png"), filepath.Join(folder, "gutter.png")
	write(t, jar, view(t, 30))
	write(t, gutter, view(t, 230))
	b := newBrowser(t)
	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/write")
	step := pictures(b, "photo")
	b.do(chromedp.Click(chromedp.CSS("#shows summary"), chromedp.NodeVisible))
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#show"), []string{jar, gutter}))
	b.count("#shows li", 2)
	b.count(".preview .pictures img", 2)
	b.fill("#shows li:nth-child(1) [name=attached-alt]", "The jar at dawn")
	b.fill("#shows li:nth-child(2) [name=attached-alt]", "The gutter at dusk")
	b.becomes("#status", "Saved at")
	step("two photos before the text")
	b.do(chromedp.Click(chromedp.CSS("#shows li:nth-child(2) [name=file-up]"), chromedp.NodeVisible))
	eventually(t, 10*time.Second, "the second comes first", func() error {
		if got := b.says("[...document.querySelectorAll('[name=attached-alt]')].map((one) => one.value).join()"); got != "The gutter at dusk,The jar at dawn" {
			return errors.New(got)
		}
		return nil
	})
	b.look(360, "dark")
	step("narrow and dark")
	b.look(1280, "light")
	if status := b.press("button[name=do][value=publish]"); status != 200 {
		t.Fatalf("publishing leads to a page that answers %d", status)
	}
	step("published")
	post := from(t, "127.0.0.1").page(b.location())
	photos := all(post, ".h-entry .u-photo")
	if len(photos) != 2 || attr(photos[0], "alt") != "The gutter at dusk" {
		t.Errorf("the page has %d photos, and says %q", len(photos), text(post))
	}
	b.stayedAt(s)
}

func TestPicturesAreGivenToTheTextAndNoneIsLost(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	step := pictures(b, "text")
	b.fill("#text", "Since Tuesday.")
	b.give("paste", "#text", "image.png", "image/png", view(t, 30))
	b.count("#arrivals li img[src]", 1)
	b.give("drop", "#text", "gutter.png", "image/png", view(t, 230))
	b.count("#arrivals li img[src]", 2)
	b.do(chromedp.SendKeys(chromedp.CSS("#arrivals li:nth-child(1) input"), "A [jar]", chromedp.NodeVisible))
	step("two pictures on their way")
	b.key(kb.Enter)
	b.count("#arrivals li", 1)
	if got := b.typed(); !strings.HasPrefix(got, "Since Tuesday.\n\n![A \\[jar\\]](/media/") {
		t.Errorf("the text is %q", got)
	}
	b.becomes("#status", "Saved at")
	steps := 0
	for ; b.typed() != "Since Tuesday."; steps++ { // the browser counts what was typed beside it, too
		if b.measure("document.execCommand('undo') ? 1 : 0") == 0 || steps > 3 {
			t.Fatalf("taken back, the text is %q", b.typed())
		}
	}
	for range steps {
		b.measure("document.execCommand('redo') ? 1 : 0")
	}

	// What is no file for a page says so, and the form waits for a decision.
	b.give("drop", "#text", "page.html", "text/html", "<!doctype html>")
	b.becomes("#arrivals li:last-child .on", "not kept here")
	step("one that is not taken")
	b.do(chromedp.Click(chromedp.CSS("button[name=do][value=publish]"), chromedp.NodeVisible))
	b.becomes("#status", "page.html: HTML is not kept here")
	b.becomes("#status", "To go on without it, leave it out.")
	b.do(chromedp.Click(chromedp.CSS("#arrivals li:last-child [value=leave]"), chromedp.NodeVisible))
	b.count("#arrivals li", 0) // the other one went to its place when Publish was pressed

	// The site goes away, and comes back.
	s.process.end(syscall.SIGKILL, 5*time.Second)
	b.give("paste", "#text", "late.png", "image/png", view(t, 130))
	b.becomes("#arrivals .on", "The site does not answer. Try again once it does.")
	b.do(chromedp.Click(chromedp.CSS("button[name=do][value=publish]"), chromedp.NodeVisible))
	b.becomes("#status", "late.png: The site does not answer.")
	s.start()
	b.do(chromedp.Click(chromedp.CSS("#arrivals [value=send]"), chromedp.NodeVisible))
	b.count("#arrivals li img[src]", 1)
	if status := b.press("button[name=do][value=publish]"); status != 200 {
		t.Fatalf("publishing leads to a page that answers %d", status)
	}
	step("published")
	post := from(t, "127.0.0.1").page(b.location())
	if photos := all(post, ".e-content img"); len(photos) != 3 || attr(photos[0], "alt") != "A [jar]" {
		t.Errorf("the page has %d pictures, and says %q", len(photos), text(post))
	}
}

// TestAFileThatIsLeftOutOnItsWayIsNotComplainedOf leaves a picture out while the site is slow to take it.
func TestAFileThatIsLeftOutOnItsWayIsNotComplainedOf(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	if err := s.process.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	b.give("paste", "#text", "late.png", "image/png", view(t, 30))
	b.count("#arrivals li", 1)
	b.click("#arrivals [value=leave]")
	b.count("#arrivals li", 0)
	if got := b.text("#status"); got != "" {
		t.Errorf("the editor says %q", got)
	}
	if err := s.process.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	b.give("paste", "#text", "soon.png", "image/png", view(t, 130))
	b.count("#arrivals li img[src]", 1)
}

func TestPhotosAreOfferedAgainWithTheWordsThatTheSiteDidNotTake(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	b.give("drop", "#shows", "jar.png", "image/png", view(t, 30))
	b.count("#shows [data-part] li", 1)
	b.give("drop", "#shows", "gutter.png", "image/png", view(t, 230))
	b.count("#shows [data-part] li", 2)
	b.becomes("#status", "Saved at")
	s.process.end(syscall.SIGKILL, 5*time.Second)
	b.fill("#shows [data-part] li:nth-child(1) [name=attached-alt]", "A jar")
	b.fill("#shows [data-part] li:nth-child(2) [name=attached-caption]", "In May")
	b.becomes("#status", "kept in this browser")
	b.measure("(onbeforeunload = null, unsaved = false, 1)")
	s.start()
	b.visit(s.url + "/desk/write")
	b.becomes("#here:not([hidden])", "kept in this browser")
	b.do(chromedp.Click(chromedp.CSS("#here [value=take]"), chromedp.NodeVisible))
	b.count("#shows [data-part] li img[src]", 2)
	if status := b.press("button[name=do][value=publish]"); status != 200 {
		t.Fatalf("publishing leads to a page that answers %d", status)
	}
	post := from(t, "127.0.0.1").page(b.location())
	photos := all(post, ".u-photo")
	if len(photos) != 2 || attr(photos[0], "alt") != "A jar" || len(all(post, "figcaption")) != 1 {
		t.Errorf("the page has %d photos, and says %q", len(photos), text(post))
	}

	// Who is signed out is told so, and nothing is lost.
	b.visit(s.url + "/desk/write")
	b.leave()
	b.give("paste", "#text", "late.png", "image/png", view(t, 130))
	b.becomes("#arrivals .on", "You are signed out")
	b.count("#arrivals [value=send]:not([hidden])", 1)
}
