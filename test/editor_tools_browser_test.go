package test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestTheToolsOfTheEditorWorkByMouseAndKeyboard marks words, and takes it back as the browser does.
func TestTheToolsOfTheEditorWorkByMouseAndKeyboard(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.owner()
	b := newBrowser(t)
	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/write")
	b.fill("#text", "The jar")
	b.becomes("[data-part=count]", "2 words, 1 minute to read")
	mark := func(from, to int) {
		t.Helper()
		b.measure(fmt.Sprintf("document.querySelector('#text').focus(), document.querySelector('#text').setSelectionRange(%d, %d), 1", from, to))
	}
	for _, c := range []struct{ tool, want string }{
		{"md-bold", "The **jar**"}, {"md-italic", "The _jar_"}, {"md-code", "The `jar`"}, {"md-link", "The [jar](url)"},
		{"md-unordered-list", "- The jar"}, {"md-ordered-list", "1. The jar"},
	} {
		mark(4, 7)
		b.click(c.tool)
		b.holds(c.want)
		b.chord("z")
		b.holds("The jar")
	}
	for _, c := range []struct{ tool, want string }{{"md-header", "## The jar"}, {"md-quote", "> The jar"}, {"md-task-list", "- [ ] The jar"}} {
		mark(0, 7)
		b.click(c.tool)
		b.holds(c.want)
		b.chord("z")
		b.holds("The jar")
	}
	for key, want := range map[string]string{"b": "The **jar**", "i": "The _jar_", "k": "The [jar](url)"} {
		mark(4, 7)
		b.chord(key)
		b.holds(want)
		b.chord("z")
		b.holds("The jar")
	}

	// By keyboard alone: from the title to the tools, along them, and back to the words.
	mark(4, 7)
	b.do(chromedp.Focus(chromedp.CSS("#title")))
	b.key(kb.Tab)
	b.key(kb.ArrowRight)
	if got := b.says("document.activeElement.ariaLabel"); got != "Italic" {
		t.Errorf("the keyboard stands on %q", got)
	}
	b.enter()
	b.holds("The _jar_")
	if got := b.says("document.activeElement.id"); got != "text" {
		t.Errorf("after that it stands on %q", got)
	}
	b.becomes("#status", "Saved at") // it was typed, as far as anybody can tell

	b.chord("s")
	b.arrives("/desk/write/")
	b.becomes("#status", "A draft, saved")
	if at := b.measure("document.querySelector('#text').selectionStart"); at == 0 {
		t.Error("the caret is back at the beginning")
	}
	b.click("#shortcuts > summary")
	pages(b, "the tools and keys of the editor")
	b.do(chromedp.Focus(chromedp.CSS("#text")))
	b.chord(kb.Enter)
	b.arrives("/the-jar")
	b.stayedAt(s)

	b.withoutScripts()
	b.visit(s.url + "/desk/write")
	if n := b.measure("[...document.querySelectorAll('.tools, #shortcuts, [data-locate]')].filter((e) => e.checkVisibility()).length"); n != 0 {
		t.Errorf("%v tools are there that do nothing", n)
	}
}

// ctrl is the bit of that key.
const ctrl = 2

// chord presses a key while Ctrl is held down.
func (b *browser) chord(key string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		code, virtual, commands := "Key"+string(key[0]-'a'+'A'), int64(key[0]-'a'+'A'), []string(nil)
		name := key
		if key == kb.Enter {
			name, code, virtual = "Enter", "Enter", 13
		}
		if key == "z" {
			commands = []string{"undo"} // what the system makes of it
		}
		for _, step := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
			if _, err := cdp.Call(ctx, tab, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: step, Modifiers: ctrl, Key: name, Code: code, WindowsVirtualKeyCode: virtual, Commands: commands}); err != nil {
				return err
			}
			commands = nil
		}
		return nil
	}))
}

// enter presses Enter as a keyboard does: what its key types is not typed where a page takes the key.
func (b *browser) enter() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		for _, step := range []input.DispatchKeyEventParams{{Type: input.DispatchKeyEventTypeKeyDown, Text: "\r"}, {Type: input.DispatchKeyEventTypeKeyUp}} {
			step.Key, step.Code, step.WindowsVirtualKeyCode = "Enter", "Enter", 13
			if _, err := cdp.Call(ctx, tab, input.DispatchKeyEvent, step); err != nil {
				return err
			}
		}
		return nil
	}))
}

// arrives waits until the browser is at an address that holds these words.
func (b *browser) arrives(part string) {
	b.t.Helper()
	eventually(b.t, 20*time.Second, "the browser is at "+part, func() error {
		if where := b.location(); !strings.Contains(where, part) {
			return errors.New("it is at " + where)
		}
		return nil
	})
}
