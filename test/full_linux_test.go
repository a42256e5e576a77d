package test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestAFileThatAFullDiskRefusedIsSentAgain fills the disk of the site, small as it is, while somebody
// writes. Once there is room, the words are saved by themselves and the picture by a button.
func TestAFileThatAFullDiskRefusedIsSentAgain(t *testing.T) {
	t.Parallel()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
		t.Skip("no disk can be made here:", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, 0) })
	s := start(t, "HARK_DATA="+disk)
	s.owner()
	b := newBrowser(t)
	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/write")
	filler := filepath.Join(disk, "filler")
	if err := os.WriteFile(filler, make([]byte, 8<<20), 0o600); err == nil {
		t.Fatal("the disk is not full")
	}
	b.measure(`enter(text, "Rain, and more of it. ".repeat(400)), 1`)
	b.becomes("#status", "The disk of the site is full; your words are kept in this browser.")
	b.give("paste", "#text", "gutter.png", "image/png", view(t, 230))
	b.becomes("#arrivals .on", "Make room on it, then try again.")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	b.becomes("#status", "Saved at")
	b.click("#arrivals [value=send]")
	b.count("#arrivals li img[src]", 1)
	b.press("button[name=do][value=publish]")
	if post := from(t, "127.0.0.1").page(b.location()); len(all(post, ".e-content img")) != 1 || !strings.Contains(text(post), "more of it") {
		t.Errorf("the page says %.200q", text(post))
	}
}
