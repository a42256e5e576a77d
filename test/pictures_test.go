package test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// painted is kept once the page was drawn as it is now: what scrolls within it comes a frame later.
const painted = `new Promise(kept => requestAnimationFrame(() => requestAnimationFrame(kept)))`

// portrait writes the page into the folder that HARK_PICTURES names, if it does, as
// NAME-WIDTH-SCHEME.webp: scripts/pictures.sh makes docs/pictures/pages of them.
func (b *browser) portrait(name string) {
	b.t.Helper()
	folder := os.Getenv("HARK_PICTURES")
	if folder == "" {
		return
	}
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == ',' }), "-")
	b.do(chromedp.Evaluate[chromedp.Void]("document.activeElement.blur()"))
	for _, width := range []int64{360, 768, 1280} {
		for _, scheme := range []string{"light", "dark"} {
			b.look(width, scheme)
			b.do(chromedp.Evaluate[chromedp.Void](painted, chromedp.EvalAwaitPromise))
			file := filepath.Join(folder, fmt.Sprintf("%s-%d-%s.webp", name, width, scheme))
			if err := os.WriteFile(file, b.webp(), 0o644); err != nil {
				b.t.Fatal(err)
			}
		}
	}
}

// webp is a picture of the whole page.
func (b *browser) webp() []byte {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	quality, whole := int64(45), true
	picture, err := chromedp.Run(ctx, chromedp.Action[[]byte](func(ctx context.Context, tab *chromedp.Target) ([]byte, error) {
		taken, err := cdp.Call(ctx, tab, page.CaptureScreenshot, page.CaptureScreenshotParams{
			Format: page.CaptureScreenshotFormatWebp, Quality: &quality, CaptureBeyondViewport: &whole,
		})
		if err != nil {
			return nil, err
		}
		return taken.Data, nil
	}))
	if err != nil {
		b.t.Fatalf("take a picture: %v", err)
	}
	return picture
}
