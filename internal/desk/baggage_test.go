package desk

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hark/internal/media"
)

// sent is a file as a browser sends it.
type sent struct{ field, name, body string }

// dot is a picture of one colour.
func dot(t testing.TB, shade uint8) string {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 3, 2))
	for n := range picture.Pix {
		picture.Pix[n] = shade
	}
	picture.Set(0, 0, color.Black)
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// parts is a form with files, as a browser sends it.
func (h *house) parts(path string, fields url.Values, files ...sent) *http.Request {
	h.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, values := range fields {
		for _, value := range values {
			if err := form.WriteField(name, value); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	for _, f := range files {
		part, err := form.CreateFormFile(f.field, f.name)
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := io.WriteString(part, f.body); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		h.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, h.URL+path, &body)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// send sends a form with files.
func (v *visitor) send(path string, fields url.Values, files ...sent) *answer {
	v.h.t.Helper()
	return v.do(v.h.parts(path, fields, files...))
}

// files are those that are kept.
func (h *house) files() []*media.File {
	h.t.Helper()
	list, err := h.media.List(h.t.Context(), media.List{Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

func TestAScriptSendsAFileAndIsToldWhereItIs(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	ask := func(v *visitor, files ...sent) (*answer, uploaded) {
		t.Helper()
		r := h.parts("/desk/media", nil, files...)
		r.Header.Set("Accept", "application/json")
		a := v.do(r)
		var told uploaded
		if err := json.Unmarshal([]byte(a.body), &told); err != nil && a.status != http.StatusSeeOther {
			t.Fatalf("answered is %d %q", a.status, a.body)
		}
		return a, told
	}
	a, told := ask(v, sent{"file", "jar.png", dot(t, 7)})
	if a.is(http.StatusCreated); told.Address != h.files()[0].Path() || told.Name != "jar.png" || told.Property != "photo" {
		t.Errorf("told is %+v", told)
	}
	a, told = ask(v, sent{"file", "a.html", "<!doctype html>"})
	if a.is(http.StatusUnprocessableEntity); told.Error == "" || told.Address != "" {
		t.Errorf("told is %+v", told)
	}
	a, told = ask(v)
	if a.is(http.StatusUnprocessableEntity); told.Error == "" {
		t.Errorf("told is %+v", told)
	}
	a, _ = ask(h.visitor(), sent{"file", "jar.png", dot(t, 8)})
	if a.is(http.StatusSeeOther); len(h.files()) != 1 {
		t.Error("a file of nobody is kept")
	}
}

func TestAScriptIsToldInTheLanguageOfTheDeskWhyAFileIsNotKept(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.speaks(v, "de")
	for name, c := range map[string]struct{ content, want string }{
		"a.html":    {"<!doctype html>", "HTML wird hier nicht aufbewahrt"},
		"large.mp3": {"ID3" + strings.Repeat("\x00", media.MaxBytes), "Eine Datei hat höchstens"},
		"torn.png":  {"\x89PNG\r\n\x1a\n", "Dieses Bild"},
		"empty.png": {"", "Diese Datei ist leer"},
	} {
		r := h.parts("/desk/media", nil, sent{"file", name, c.content})
		r.Header.Set("Accept", "application/json")
		a := v.do(r)
		var told uploaded
		if err := json.Unmarshal([]byte(a.body), &told); err != nil || a.status/100 != 4 || !strings.HasPrefix(told.Error, c.want) {
			t.Errorf("%s: answered is %d %q, %v; want %q", name, a.status, a.body, err, c.want)
		}
	}
}

func FuzzParted(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nwords\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\nGIF8\r\n--b--\r\n"), "b")
	f.Add([]byte("--b\r\n\r\n\r\n--b--"), "b")
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=text\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=3\r\n--b--"), "b")
	f.Fuzz(func(t *testing.T, body []byte, boundary string) {
		const words = 100
		fields, err := parted(bytes.NewReader(body), boundary, words, func(field, name string, _ io.Reader) error {
			if field != fileField && field != showField || name == "" {
				t.Errorf("a file comes in %q as %q", field, name)
			}
			return nil
		})
		held := 0
		for name, values := range fields {
			for _, value := range values {
				held += len(name) + len(value)
			}
		}
		if err == nil && held > words || err != nil && fields != nil {
			t.Errorf("%d bytes are held (%v)", held, err)
		}
	})
}
