package test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// browser is a person at a real browser with a fresh profile.
type browser struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	asked    []string // every address the browser asked for
	protests []string // what stands in its console as an error
}

// newBrowser opens one window of Chromium. It asks nobody but the pages under test.
func newBrowser(t testing.TB) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(peer(t, "chromium", "chromium-browser", "google-chrome")),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	window, closeWindow := chromedp.NewContext(allocator, chromedp.WithErrorf(t.Logf))
	t.Cleanup(closeWindow)
	b := &browser{t: t, ctx: window}
	if err := chromedp.Listen(window, b.note); err != nil {
		t.Fatalf("open a browser: %v", err)
	}
	b.do(
		chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
			_, err := cdp.Call(ctx, tab, network.Enable, network.EnableParams{})
			return err
		}),
		chromedp.EmulateViewport(1280, 900),
	)
	return b
}

// note remembers what the browser asked for and what it complained about.
func (b *browser) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, e.Request.URL)
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError {
			b.protests = append(b.protests, e.Entry.Text+" "+e.Entry.URL)
		}
	}
}

// do works on the page, with patience for slow machines.
func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("in the browser, at %s: %v\n%s", b.location(), err, b.words())
	}
}

// follow does something that leads to another page and returns that page's status.
func (b *browser) follow(steps ...chromedp.Action[chromedp.Void]) (status int64) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		b.t.Fatalf("in the browser, at %s: %v\n%s", b.location(), err, b.words())
	}
	return res.Status
}

// visit opens an address that must answer 200.
func (b *browser) visit(address string) {
	b.t.Helper()
	if status := b.follow(chromedp.Navigate(address)); status != 200 {
		b.t.Fatalf("%s answers the browser %d, want 200", address, status)
	}
}

// press clicks what leads on and returns the status of the page it leads to.
func (b *browser) press(selector string) (status int64) {
	b.t.Helper()
	return b.follow(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// fill types into an empty field, as a person would.
func (b *browser) fill(selector, words string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(selector), words, chromedp.NodeVisible))
}

// signIn tries a name and a password at the login page.
func (b *browser) signIn(s *site, name, password string) {
	b.t.Helper()
	b.visit(s.url + "/login")
	b.fill("input[name=username]", name)
	b.fill("input[name=password]", password)
	b.press("form[action='/login'] button:not([name])")
}

// atDesk starts a site, with its owner signed in in a browser.
func atDesk(t testing.TB) (*site, *browser) {
	t.Helper()
	s := start(t)
	s.owner()
	b := newBrowser(t)
	b.signIn(s, ownerName, ownerPassword)
	return s, b
}

// in is the same window in a part of the test.
func (b *browser) in(t testing.TB) *browser {
	return &browser{t: t, ctx: b.ctx}
}

// key presses a key where the focus is.
func (b *browser) key(key string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(key))
}

// text is what stands in the first such element.
func (b *browser) text(selector string) string {
	b.t.Helper()
	words, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q)?.textContent ?? ''", selector)))
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.TrimSpace(words)
}

// becomes waits until the first such element says something.
func (b *browser) becomes(selector, words string) {
	b.t.Helper()
	eventually(b.t, 20*time.Second, fmt.Sprintf("%s says %q", selector, words), func() error {
		if now := b.text(selector); !strings.Contains(now, words) {
			return fmt.Errorf("it says %.200q", now)
		}
		return nil
	})
}

// location is where the browser is.
func (b *browser) location() string {
	where, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		return err.Error()
	}
	return where
}

// words are what a person reads on the page.
func (b *browser) words() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	// In one step: a node that was found may be of a page that is left meanwhile.
	words, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body?.innerText ?? ''"))
	if err != nil {
		return err.Error()
	}
	return words
}

// picture writes the whole page as a PNG into the folder of artifacts.
func (b *browser) picture(name string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatalf("take a picture: %v", err)
	}
	folder := os.Getenv("HARK_ARTIFACTS")
	if folder == "" {
		folder = filepath.Join(root(b.t), "artifacts")
	}
	write(b.t, filepath.Join(folder, name+".png"), string(png))
}

// look sets the width of the window and the scheme, light or dark, that the person prefers.
func (b *browser) look(width int64, scheme string) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return err
	}))
}

// withoutScripts forbids the pages to run any script.
func (b *browser) withoutScripts() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// stayedAt fails the test where a page made the browser ask another host or stood in its console with an error.
func (b *browser) stayedAt(s *site) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, address := range b.asked {
		if !strings.HasPrefix(address, s.url+"/") && !strings.HasPrefix(address, "data:") {
			b.t.Errorf("a page of %s made the browser ask %s", s.url, address)
		}
	}
	for _, protest := range b.protests {
		b.t.Errorf("the browser's console says: %s", protest)
	}
}

// measure asks the page for a number.
func (b *browser) measure(expression string) float64 {
	b.t.Helper()
	n, err := chromedp.Run(b.ctx, chromedp.Evaluate[float64](expression))
	if err != nil {
		b.t.Fatal(fmt.Errorf("measure %s: %w", expression, err))
	}
	return n
}
