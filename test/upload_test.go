package test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"testing"
)

// view is a picture of a hill, in the colours of an hour.
func view(t testing.TB, hour uint8) string {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, 640, 420))
	for y := range 420 {
		for x := range 640 {
			c := color.RGBA{hour, uint8(120 + y/4), uint8(200 - y/3), 255}
			if y > 260+(x-320)*(x-320)/900 {
				c = color.RGBA{40, uint8(90 + hour/4), 60, 255}
			}
			picture.SetRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// upload sends a file as an app does, and returns its address.
func (s *site) upload(token, name, body string) string {
	s.t.Helper()
	req, err := fileForm(s.url+"/media", "file", name, body)
	if err == nil {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return s.published(req, err)
}

// fileForm is a form with a file in one of its fields.
func fileForm(address, field, name, body string) (*http.Request, error) {
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	part, err := parts.CreateFormFile(field, name)
	if err != nil {
		return nil, err
	}
	part.Write([]byte(body))
	parts.Close()
	req, err := http.NewRequest(http.MethodPost, address, &form)
	if err == nil {
		req.Header.Set("Content-Type", parts.FormDataContentType())
	}
	return req, err
}
