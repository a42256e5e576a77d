package test

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestNoWordIsLostWhenSomethingDies is a bad day at the editor: the server is killed in the middle
// of a sentence, the browser is gone, two windows write the same, the session ends.
func TestNoWordIsLostWhenSomethingDies(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	b.fill("#text", "The jar was ")
	b.becomes("#status", "Saved at")
	s.process.end(syscall.SIGKILL, 5*time.Second)
	b.fill("#text", "never meant ")
	b.becomes("#status", "does not answer")
	s.start()
	b.becomes("#status", "Saved at")

	// The first browser is as good as dead; all that is left is what the server has.
	second := newBrowser(t)
	second.signIn(s, ownerName, ownerPassword)
	second.visit(s.url + "/desk/posts?status=draft")
	pages(second, "words that are not saved yet")
	second.press(".shelf a.voice")
	second.holds("The jar was never meant ")
	pages(second, "the editor goes on")
	second.measure("document.querySelector('#text').setSelectionRange(99, 99), 1")
	second.fill("#text", "to last.")
	second.becomes("#status", "Saved at")
	second.visit(s.url + "/desk/write") // as who loads the page anew, and finds it empty
	second.press(".banner a[href*=copy]")
	second.holds("The jar was never meant to last.")

	// It was not dead after all: it is told at once, and shown both texts.
	b.fill("#text", "to hold. ")
	b.becomes(".wrong", "another tab")
	if got := b.text("#other"); got != "The jar was never meant to last." {
		t.Errorf("beside it stands %q", got)
	}
	b.holds("The jar was never meant to hold. ")
	pages(b, "two windows write the same")
	if status := b.press("button[name=do][value=draft]"); status != 200 {
		t.Fatalf("saving it knowingly leads to a page that answers %d", status)
	}
	b.holds("The jar was never meant to hold.")

	// A session that has ended.
	b.visit(s.url + "/desk/write")
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, network.ClearBrowserCookies, cdp.Empty{})
		return err
	}))
	b.fill("#text", "Rain again.")
	b.becomes("#out:not([hidden])", "signed out")
	b.becomes("#status", "kept in this browser")
	pages(b, "the session has ended")
	b.measure("unsaved = false, 1") // as who says that the page may be left
	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/write")
	b.becomes("#here:not([hidden])", "kept in this browser")
	pages(b, "words that the browser kept")
	b.do(chromedp.Click(chromedp.CSS("#here [value=take]"), chromedp.NodeVisible))
	b.holds("Rain again.")
	b.becomes("#status", "Saved at")
	if status := b.press("button[name=do][value=publish]"); status != 200 {
		t.Fatalf("publishing leads to a page that answers %d", status)
	}
	b.visit(s.url + "/desk/write")
	if b.measure("document.querySelector('#here').hidden ? 1 : 0") != 1 {
		t.Error("words are offered that were published")
	}

	// Three buttons pressed faster than the site answers are three presses.
	b.fill("#text", "[One](http://127.7.1.1/) [two](http://127.7.1.2/) [three](http://127.7.1.3/)")
	b.becomes("[data-part=tell]", "127.7.1.3")
	b.measure("[...document.querySelectorAll('[data-part=tell] [name=never]')].map((one) => one.click()).length")
	eventually(t, 10*time.Second, "all three hosts are silenced", func() error {
		if n := b.measure("document.querySelectorAll('[data-part=tell] [name=again-to]').length"); n != 3 {
			return fmt.Errorf("%v are", n)
		}
		return nil
	})
}

// TestWordsThatLeftWithTheFormAndDidNotArriveAreOffered presses Publish while the site does not
// answer, and goes back to a form whose post has come out.
func TestWordsThatLeftWithTheFormAndDidNotArriveAreOffered(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	b.fill("#text", "The jar was ")
	b.becomes("#status", "Saved at")
	if err := s.process.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	b.fill("#text", "never meant to last.")
	eventually(t, 10*time.Second, "the browser keeps what the site is slow to take", func() error {
		if kept := b.says("JSON.stringify(localStorage)"); !strings.Contains(kept, "never meant to last.") {
			return fmt.Errorf("it keeps %s", kept)
		}
		return nil
	})
	b.do(chromedp.Click(chromedp.CSS("button.go[value=publish]"), chromedp.NodeVisible))
	eventually(t, 10*time.Second, "the form is on its way", func() error {
		if kept := b.says("Object.values(localStorage).join()"); !strings.Contains(kept, `"left":true`) {
			return fmt.Errorf("the browser keeps %s", kept)
		}
		return nil
	})
	s.process.end(syscall.SIGKILL, 5*time.Second)
	eventually(t, 10*time.Second, "the browser gives up", func() error {
		if at := b.location(); !strings.HasPrefix(at, "chrome-error:") {
			return fmt.Errorf("it is at %s", at)
		}
		return nil
	})
	s.start()
	b.visit(s.url + "/desk/write")
	b.becomes("#here:not([hidden])", "the site does not have them")
	b.do(chromedp.Click(chromedp.CSS("#here [value=take]"), chromedp.NodeVisible))
	b.holds("The jar was never meant to last.")
	b.becomes("#status", "Saved at")
	b.press("button.go[value=publish]")
	published := b.location()
	b.do(chromedp.NavigateBack())
	eventually(t, 10*time.Second, "going back leads to the editor of the post", func() error {
		if at := b.location(); !strings.HasPrefix(at, s.url+"/desk/write/") {
			return fmt.Errorf("it is %s", at)
		}
		return nil
	})
	b.fill("#tags", "jars") // once the page is there
	b.holds("The jar was never meant to last.")
	b.press("button.go[value=publish]")
	if at := b.location(); at != published {
		t.Errorf("changes of %s stand at %s", published, at)
	}
	b.visit(s.url + "/desk/write")
	if kept := b.says("JSON.stringify(localStorage)"); kept != "{}" {
		t.Errorf("the browser still keeps %s", kept)
	}
}

// TestWordsAreKeptAfterASubmitThatWasStopped presses Publish, stops the browser at once, and writes on.
func TestWordsAreKeptAfterASubmitThatWasStopped(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	b.fill("#text", "The jar was full.")
	b.measure("form.addEventListener('submit', (event) => event.preventDefault()), 1") // after the editor has seen it leave
	b.do(chromedp.Click(chromedp.CSS("button.go[value=publish]"), chromedp.NodeVisible))
	b.fill("#text", " Or so.")
	b.becomes("#status", "Saved at")
	b.visit(s.url + "/desk/posts?status=draft")
	if got := b.text(".shelf"); !strings.Contains(got, "The jar was full. Or so.") {
		t.Errorf("the list says %q", got)
	}
}

// TestWordsThatLeftAfterOthersHadLandedAreOffered publishes, and sends the form once more, which
// never arrives.
func TestWordsThatLeftAfterOthersHadLandedAreOffered(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	b.fill("#text", "The jar was full.")
	writer, key := b.says("document.querySelector('form.write').dataset.writer"), b.says("document.querySelector('[name=copy]').value")
	b.press("button.go[value=publish]")
	b.measure(fmt.Sprintf(`localStorage.setItem('hark %s %s', JSON.stringify({ left: true, at: Date.now(), fresh: false,
		fields: [['id', %q], ['text', 'The jar was empty.'], ['at', Date.now() + 1]] })), 1`, writer, key, key))
	b.visit(s.url + "/desk/write/" + key)
	b.becomes("#here:not([hidden])", "the site does not have them")
	b.do(chromedp.Click(chromedp.CSS("#here [value=take]"), chromedp.NodeVisible))
	b.holds("The jar was empty.")
}

// holds waits until the editor's text is that.
func (b *browser) holds(words string) {
	b.t.Helper()
	quoted := strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(words)
	eventually(b.t, 10*time.Second, "the editor holds "+words, func() error {
		if b.measure("document.querySelector('#text').value === '"+quoted+"' ? 1 : 0") != 1 {
			return fmt.Errorf("it holds %q", b.says("document.querySelector('#text').value"))
		}
		return nil
	})
}

// TestWordsGoOnWhenTheirWriterSignsInElsewhere ends a session in the middle of a sentence. The
// writer signs in in another tab, and comes back to words that the site has.
func TestWordsGoOnWhenTheirWriterSignsInElsewhere(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	if b.measure("dispatchEvent(new Event('beforeunload', { cancelable: true })) ? 1 : 0") != 1 {
		t.Error("a page with nothing on it asks before it is left")
	}
	b.leave()
	b.fill("#text", "Rain, and more of it.")
	b.becomes("#out:not([hidden])", "signed out")
	if b.measure("dispatchEvent(new Event('beforeunload', { cancelable: true })) ? 1 : 0") != 0 {
		t.Error("a page whose words are not saved is left without a question")
	}
	// To the site and to the browser's cookies this is a sign-in in another tab.
	b.measure(fmt.Sprintf("fetch('/login', { method: 'POST', body: new URLSearchParams({ username: %q, password: %q }) }), 1", ownerName, ownerPassword))
	b.becomes("#status", "Saved at")
	b.holds("Rain, and more of it.")
	if b.measure("document.querySelector('#out').hidden && dispatchEvent(new Event('beforeunload', { cancelable: true })) ? 1 : 0") != 1 {
		t.Error("the page still says that its writer is signed out, or asks before it is left")
	}
	b.visit(s.url + "/desk/posts?status=draft")
	if got := b.text(".shelf"); !strings.Contains(got, "Rain, and more of it.") {
		t.Errorf("the list says %q", got)
	}
}

// TestAPageThatIsLeftBeforeItHasLoadedStillTellsWhatWasSaved saves a draft and goes on to an empty
// editor, faster than the pictures of the page between come in.
func TestAPageThatIsLeftBeforeItHasLoadedStillTellsWhatWasSaved(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	b.fill("#text", "The jar was never meant to last.")
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: "addEventListener('pageshow', (event) => event.stopImmediatePropagation(), true)"})
		return err
	}))
	b.press("button[name=do][value=draft]")
	if kept := b.says("JSON.stringify(localStorage)"); kept != "{}" {
		t.Errorf("the browser still keeps %s", kept)
	}
}

// TestTheEditorShowsATableAndArabicAsThePageDoes compares what is previewed with what is published:
// cells are not broken within their words, and what is read from the right stands at the right, where
// it is typed, too.
func TestTheEditorShowsATableAndArabicAsThePageDoes(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	const lines = "(() => { const r = document.createRange(); r.selectNodeContents(document.querySelector('.wide td')); return r.getClientRects().length })()"
	table := "| " + strings.Repeat("Precipitation | ", 12) + "\n|" + strings.Repeat("---|", 12) + "\n| " + strings.Repeat("millimetres | ", 12)
	for _, width := range []int64{360, 1280} {
		b.look(width, "light")
		b.visit(s.url + "/desk/write")
		b.measure(fmt.Sprintf("enter(document.querySelector('#text'), %q), 1", table))
		b.becomes("[data-part=preview]", "millimetres")
		if got := b.measure(lines); got != 1 {
			t.Errorf("in a window of %d a word of the previewed table has %v lines", width, got)
		}
		if wide := b.measure("document.documentElement.scrollWidth"); wide > float64(width) {
			t.Errorf("the editor is %v pixels wide in a window of %d", wide, width)
		}
		b.press("button[name=do][value=publish]")
		if got := b.measure(lines); got != 1 {
			t.Errorf("in a window of %d a word of the published table has %v lines", width, got)
		}
	}
	b.visit(s.url + "/desk/write")
	b.fill("#title", "مطر")
	b.fill("#text", "كان الجو ممطرا.")
	for _, field := range []string{"#title", "#text"} {
		if b.measure(fmt.Sprintf("document.querySelector(%q).matches(':dir(rtl)') ? 1 : 0", field)) != 1 {
			t.Errorf("Arabic is typed from the left in %s", field)
		}
	}
}
