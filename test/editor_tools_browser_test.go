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
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	b.fill("#text", "The jar")
	b.becomes("[data-part=count]", "2 words, 1 minute to read")
	mark := func(from, to int) {
		t.Helper()
		b.measure(fmt.Sprintf("document.querySelector('#text').focus(), document.querySelector('#text').setSelectionRange(%d, %d), 1", from, to))
	}
	for _, c := range []struct{ tool, want string }{
		{"**", "The **jar**"}, {"_", "The _jar_"}, {"`", "The `jar`"}, {"[", "The [jar](url)"},
		{"- ", "- The jar"}, {"1. ", "1. The jar"},
	} {
		mark(4, 7)
		b.tool(c.tool)
		b.holds(c.want)
		b.chord("z")
		b.holds("The jar")
	}
	for _, c := range []struct{ tool, want string }{{"## ", "## The jar"}, {"> ", "> The jar"}, {"- [ ] ", "- [ ] The jar"}} {
		mark(0, 7)
		b.tool(c.tool)
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
	eventually(t, 10*time.Second, "the caret is where it was", func() error {
		if shown := b.shown(); shown != "The _‹jar›_" {
			return errors.New("it stands so: " + shown)
		}
		return nil
	})
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

// TestTheToolsTakeBackWhatTheyHaveMarked uses each tool twice. Between ‹ and › stands what is selected.
func TestTheToolsTakeBackWhatTheyHaveMarked(t *testing.T) {
	t.Parallel()
	s, b := atDesk(t)
	b.visit(s.url + "/desk/write")
	for _, c := range []struct{ before, tool, once, twice string }{
		{"The ‹jar› here", "**", "The **‹jar›** here", "The ‹jar› here"},
		{"The ‹jar ›here", "_", "The _‹jar›_ here", "The ‹jar› here"},
		{"Das Gl‹›äschen.", "_", "Das _Gl‹›äschen_.", "Das Gl‹›äschen."},
		{"Das Gläs‹chen›", "_", "Das Gläs*‹chen›*", "Das Gläs‹chen›"},
		{"これは‹重要›です", "_", "これは*‹重要›*です", "これは‹重要›です"},
		{"**‹jar›**", "_", "**_‹jar›_**", "**‹jar›**"},
		{"The ‹**jar**›", "**", "The ‹jar›", "The **‹jar›**"},
		{"The ‹›", "**", "The **‹›**", "The ‹›"},
		{"A\n‹ one\ntwo›\nB", "`", "A\n```\n ‹one\ntwo›\n```\nB", "A\n ‹one\ntwo›\nB"},
		{"The ‹jar›", "[", "The [jar](‹url›)", "The ‹jar›"},
		{"The ‹https://jar.example/›", "[", "The [‹›](https://jar.example/)", "The ‹https://jar.example/›"},
		{"The ‹›", "[", "The [‹›](url)", "The ‹›"},
		{"![A](/a) [j‹›ar](/jar) ![B](/b)", "[", "![A](/a) ‹jar› ![B](/b)", "![A](/a) [jar](‹url›) ![B](/b)"},
		{"# T‹›he jar", "## ", "## T‹›he jar", "T‹›he jar"},
		{"A\n‹one\n\ntwo›\nB", "> ", "A\n\n> ‹one\n> \n> two›\n\nB", "A\n\n‹one\n\ntwo›\n\nB"},
		{"> A\nj‹›ar", "> ", "> A\n> j‹›ar", "> A\nj‹›ar"},
		{"‹one\ntwo\n\nthree›", "- ", "- ‹one\n- two\n\n- three›", "‹one\ntwo\n\nthree›"},
		{"‹one\n›two", "- ", "- ‹one›\n\ntwo", "‹one›\n\ntwo"},
		{"o‹ne\n\ntw›o", "1. ", "1. o‹ne\n\n2. tw›o", "o‹ne\n\ntw›o"},
		{"- one\n  - t‹›wo", "1. ", "- one\n  1. t‹›wo", "- one\n  t‹›wo"},
		{"- [x] ‹one\n- [ ] two›", "- [ ] ", "‹one\ntwo›", "- [ ] ‹one\n- [ ] two›"},
		{"‹›* one", "- ", "‹›- one", "‹›one"},
		{"‹›", "- ", "- ‹›", "‹›"},
	} {
		b.chosen(c.before)
		b.tool(c.tool)
		once := b.shown()
		b.tool(c.tool)
		if twice := b.shown(); once != c.once || twice != c.twice {
			t.Errorf("of %q the tool %q makes\n%q, then\n%q; want\n%q, then\n%q", c.before, c.tool, once, twice, c.once, c.twice)
		}
		b.measure("document.execCommand('undo'), document.execCommand('undo'), 1")
		if got, want := b.typed(), strings.NewReplacer("‹", "", "›", "").Replace(c.before); got != want {
			t.Errorf("taken back, %q is %q", want, got)
		}
	}
	b.do(chromedp.Focus(chromedp.CSS("#title")))
	for _, step := range []struct{ key, at string }{{kb.Tab, "Bold"}, {kb.ArrowLeft, "Task list"}, {kb.ArrowRight, "Bold"}, {kb.End, "Task list"}, {kb.Home, "Bold"}, {kb.ArrowRight, "Italic"}} {
		b.key(step.key)
		if at := b.says("document.activeElement.ariaLabel ?? ''"); at != step.at {
			t.Errorf("a key leads to %q, want %q", at, step.at)
		}
	}
	if tabbed := b.says("[...document.querySelectorAll('.tools button')].filter((one) => one.tabIndex === 0).map((one) => one.ariaLabel).join()"); tabbed != "Italic" {
		t.Errorf("Tab leads back to %q", tabbed)
	}
}

// chosen writes the text, with what stands between ‹ and › selected.
func (b *browser) chosen(words string) {
	b.t.Helper()
	b.measure(fmt.Sprintf(`((text, words) => { text.value = words.replace(/[‹›]/g, ''); text.focus(); text.setSelectionRange(words.indexOf('‹'), words.indexOf('›') - 1); return 1 })(document.querySelector('#text'), %q)`, words))
}

// shown is the text, with the selection between ‹ and ›.
func (b *browser) shown() string {
	b.t.Helper()
	return b.says("(({ value, selectionStart, selectionEnd }) => value.slice(0, selectionStart) + '‹' + value.slice(selectionStart, selectionEnd) + '›' + value.slice(selectionEnd))(document.querySelector('#text'))")
}

// tool clicks the tool that puts such a mark.
func (b *browser) tool(mark string) {
	b.t.Helper()
	b.click(fmt.Sprintf(".tools [value=%q]", mark))
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
