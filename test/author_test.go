package test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"testing"
)

// tellsOfItself fills the page of who is signed in, with a photo.
func (v *visitor) tellsOfItself(s *site, token string) {
	v.t.Helper()
	a := v.post(s.url+"/desk/account/page", url.Values{
		"bio": {"I *measure rain*, and walk a dog who would rather not."}, "links": {"https://wren.example/\nhttps://a-rather-long-name-of-a-site.example/people/wren"},
		"photo": {upload(v.t, s, token)},
	})
	if a.status != http.StatusSeeOther {
		v.t.Fatalf("the page of an author is answered %d:\n%s", a.status, a.body)
	}
}

// upload sends a small picture, and returns its address.
func upload(t testing.TB, s *site, token string) string {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 120, 120))
	for i := range 120 * 120 {
		picture.Set(i%120, i/120, color.RGBA{uint8(40 + i%120), uint8(90 + i/120), 140, 255})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return s.upload(token, "wren.png", file.String())
}
