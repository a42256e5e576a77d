package desk

import (
	"context"
	"fmt"
	"image"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hark/internal/answer/fuzztest"
	"hark/internal/auth"
)

// saysOfThemselves saves what somebody says of themselves, with these fields changed.
func (v *visitor) saysOfThemselves(fields map[string]string, files ...sent) *answer {
	v.h.t.Helper()
	all := v.get(profilePath).fields("main form")
	for name, value := range fields {
		all.Set(name, value)
	}
	return v.send(profilePath, all, files...)
}

// face is a photo of somebody, as a file.
func face(name string, body []byte) sent { return sent{"file", name, string(body)} }

func (h *house) photoOf(name string) string {
	h.t.Helper()
	writers, err := h.gate.Writers(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, one := range writers {
		if one.Name == name {
			return one.Photo
		}
	}
	return ""
}

// measured is how wide and high a kept picture is.
func (h *house) measured(path string) image.Point {
	h.t.Helper()
	f, file, _, err := h.media.Open(context.Background(), strings.TrimPrefix(path, "/media/"))
	if err != nil {
		h.t.Fatalf("%q: %v", path, err)
	}
	file.Close()
	return image.Pt(f.Width, f.Height)
}

func TestAPhotoThatWasRemovedStaysAway(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.saysOfThemselves(nil, face("me.png", drawing(t, 64, 64))).leadsTo(profilePath + "?saved")
	stale := v.get(profilePath).fields("main form")
	v.saysOfThemselves(map[string]string{"do": "remove"}).leadsTo(profilePath + "?saved")
	stale.Set("bio", "I wade.")
	v.post(profilePath, stale).leadsTo(profilePath + "?saved")
	if kept, err := h.gate.Profile(t.Context(), h.user().ID); err != nil || kept.Photo != "" || kept.Bio != "I wade." {
		t.Errorf("kept is %+v, %v", kept, err)
	}
}

func TestAPhotoIsCutToASquareAndEverybodyHasTheirOwn(t *testing.T) {
	h := newHouse(t)
	v, reed := h.owner(), h.person("reed", auth.Author)
	fields := v.get(profilePath).fields("main form")
	fields.Set("bio", "I listen.")
	v.post(profilePath, fields).leadsTo(profilePath + "?saved")
	v.saysOfThemselves(nil, face("me.png", drawing(t, 640, 400))).leadsTo(profilePath + "?saved")
	photo := h.photoOf("Wren Adair")
	if got := h.measured(photo); got != image.Pt(photoSide, photoSide) {
		t.Errorf("it measures %v", got)
	}
	reed.saysOfThemselves(nil, face("me.png", drawing(t, 90, 120))).leadsTo(profilePath + "?saved")
	if got := h.photoOf("Reed"); got == photo || h.measured(got) != image.Pt(90, 90) {
		t.Errorf("a small one, which is never enlarged, is %q", got)
	}
	if h.photoOf("Wren Adair") != photo {
		t.Error("one took the place of another’s")
	}
	a := v.get(profilePath)
	if got := attr(a.one("main img.shown"), "src"); got != photo || a.value("bio") != "\nI listen." && a.value("bio") != "I listen." {
		t.Errorf("the page shows %q and %q", got, a.value("bio"))
	}
	v.post(profilePath, a.fields("main form")).leadsTo(profilePath + "?saved")
	if h.photoOf("Wren Adair") != photo {
		t.Error("saving the words lost the photo")
	}
	v.saysOfThemselves(map[string]string{"do": "remove"}).leadsTo(profilePath + "?saved")
	if got := h.photoOf("Wren Adair"); got != "" {
		t.Errorf("after it was removed there is %q", got)
	}
}

func TestAPhotoThatIsNoneIsRefusedWithASentence(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.saysOfThemselves(nil, face("me.svg", []byte("<svg/>"))).is(http.StatusUnprocessableEntity).says("#wrong-photo", "no picture")
	v.saysOfThemselves(nil, face("me.jpg", make([]byte, pictureBytes+1))).is(http.StatusUnprocessableEntity).says("#wrong-photo", "20 MiB at most")
	for from, want := range map[string]string{
		"ftp://a.example/x.png": "whole address", "me.png": "whole address", "https://wren:secret@a.example/": "whole address",
		"http://192.168.0.1/me.png": "could not be read",
	} {
		a := v.saysOfThemselves(map[string]string{"from": from}).is(http.StatusUnprocessableEntity).says("#wrong-from", want)
		if got := a.value("from"); got != from {
			t.Errorf("%s came back as %q", from, got)
		}
	}
	if got := h.photoOf("Wren Adair"); got != "" {
		t.Errorf("kept is %q", got)
	}
}

// Elements that are left open are opened anew in each paragraph that follows.
func TestAPageThatExplodesIsAskedForNoPhoto(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	var words strings.Builder
	words.WriteString("<p>")
	for n := range 400 {
		fmt.Fprintf(&words, "<font size=%d>", n)
	}
	words.WriteString("</p>" + strings.Repeat("<p>x", 8000))
	theirs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, words.String())
	}))
	defer theirs.Close()
	work := fuzztest.Begin()
	v.saysOfThemselves(map[string]string{"from": theirs.URL}).is(http.StatusUnprocessableEntity).says("#wrong-from", "does not say which photo")
	work.Holds(t, words.Len(), 16<<20)
}

func TestAPhotoComesFromTheWeb(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	served := http.NewServeMux()
	page := func(words string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Write([]byte(words))
		}
	}
	served.HandleFunc("/me.png", func(w http.ResponseWriter, _ *http.Request) { w.Write(drawing(t, 300, 300)) })
	served.HandleFunc("/about", page(`<div class="h-card"><a class="u-url u-uid p-name" href="/about">Wren</a><img class="u-photo" src="/me.png" alt=""></div>`))
	served.HandleFunc("/plain", page(`<p>Nobody.</p>`))
	served.HandleFunc("/loop", page(`<div class="h-card"><a class="u-url u-uid p-name" href="/loop">Wren</a><img class="u-photo" src="/loop" alt=""></div>`))
	theirs := httptest.NewServer(served)
	defer theirs.Close()
	for _, path := range []string{"/me.png", "/about"} {
		v.saysOfThemselves(map[string]string{"do": "remove"})
		v.saysOfThemselves(map[string]string{"from": " " + theirs.URL + path}).leadsTo(profilePath + "?saved")
		if got := h.measured(h.photoOf("Wren Adair")); got != image.Pt(photoSide, photoSide) {
			t.Errorf("%s measures %v", path, got)
		}
	}
	kept := h.photoOf("Wren Adair")
	for path, want := range map[string]string{"/plain": "does not say which photo", "/loop": "names another page", "/none": "answered 404"} {
		v.saysOfThemselves(map[string]string{"from": theirs.URL + path}).is(http.StatusUnprocessableEntity).says("#wrong-from", want)
	}
	if got := h.photoOf("Wren Adair"); got != kept {
		t.Errorf("what was refused took the place of %q: %q", kept, got)
	}
}
