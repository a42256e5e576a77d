package mentions

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"
)

// portrait is a picture of one colour.
func portrait(side int, shade uint8) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range m.Pix {
		m.Pix[i] = shade
	}
	m.Set(0, 0, color.NRGBA{A: 255})
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func (b *blog) picture(path string, body []byte) string {
	return b.serve(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Write(body)
	})
}

// withPhoto is a reply by somebody whose photo is at an address.
func withPhoto(photo, to string) string {
	return strings.Replace(reply(to, "Well said."), "Anna Blume</a>", `<img class="u-photo" src="`+photo+`" alt=""> <span class="p-name">Anna Blume</span></a>`, 1)
}

func TestThePhotoOfAnAuthorIsMadeSmallAndOurs(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	photo := b.picture("/me.png", portrait(400, 200))
	before := w.generation(p.ID)
	m := w.arrive(b.html("/1", withPhoto(photo, ours(p))), ours(p))
	if m.Photo != photo || m.Face == "" || w.generation(p.ID) < before+2 {
		t.Fatalf("got %+v", m)
	}
	small, err := w.inbox.Face(context.Background(), m.Face)
	w.must(err)
	read, _, err := image.DecodeConfig(bytes.NewReader(small.Bytes))
	if err != nil || read.Width != FaceSide || read.Height != FaceSide || len(small.Bytes) > 20<<10 {
		t.Errorf("%d bytes of %+v (%v)", len(small.Bytes), read, err)
	}
	second := w.arrive(b.html("/2", withPhoto(photo, ours(p))), ours(p))
	if second.Face != m.Face || b.visited("/me.png") != 1 {
		t.Errorf("the second has %q, after %d visits", second.Face, b.visited("/me.png"))
	}
	if _, err := w.inbox.Face(context.Background(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody's face: %v", err)
	}
}

func TestWhatIsNoPhotoLeavesInitials(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	for name, photo := range map[string]string{
		"html":     b.html("/html", "<script>alert(1)</script>"),
		"svg":      b.serve("/svg", answer("image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg"/>`)),
		"gone":     b.status("/gone", 410),
		"internal": "http://10.0.0.1/me.png",
		"broken":   b.picture("/broken", portrait(50, 9)[:90]),
	} {
		m := w.arrive(b.html("/by-"+name, withPhoto(photo, ours(p))), ours(p))
		if m.State != Shown || m.Face != "" || m.Initials() != "AB" {
			t.Errorf("%s: %s, face %q, initials %q", name, m.State, m.Face, m.Initials())
		}
	}
	if n := w.number("SELECT count(*) FROM jobs WHERE kind = 'face'"); n != 0 {
		t.Errorf("%d photos are still asked for", n)
	}
}

func TestAPhotoIsLookedAtAgainAfterAMonthAndStaysIfItIsGone(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	photo := b.picture("/me.png", portrait(100, 1))
	m := w.arrive(b.html("/1", withPhoto(photo, ours(p))), ours(p))
	old := m.Face
	b.picture("/me.png", portrait(100, 2))
	w.after(time.Hour)
	if m = w.again(m); m.Face != old {
		t.Error("it was looked at within a month")
	}
	w.after(photoAge)
	if m = w.again(m); m.Face == old || m.Face == "" {
		t.Errorf("after a month it is %q", m.Face)
	}
	young := m.Face
	b.status("/me.png", 404)
	w.after(2 * photoAge)
	if m = w.again(m); m.Face != young {
		t.Errorf("the photo is gone, and the face is %q", m.Face)
	}
}

func TestNobodysPhotoIsAskedForWhoseWordsNobodySees(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	photo := b.picture("/me.png", portrait(100, 1))
	w.rule(Block, ByAuthor, b.URL+"/")
	m := w.arrive(b.html("/1", withPhoto(photo, ours(p))), ours(p))
	if w.expect(m.ID, Spam); b.visited("/me.png") != 0 {
		t.Error("the photo was fetched")
	}
}
