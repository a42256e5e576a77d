package desk

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hark/internal/look"
	"hark/internal/settings"
)

func (h *house) keptLook() settings.Look {
	h.t.Helper()
	site, err := h.settings.Site(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return site.Look
}

// drawing is a picture of a size, as a file.
func drawing(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// upload posts a form with a file; one without a name is a form without a file.
func (v *visitor) upload(path, field, name string, content []byte) *answer {
	v.h.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	w.WriteField("other", "words")
	if name != "" {
		part, err := w.CreateFormFile(field, name)
		if err != nil {
			v.h.t.Fatal(err)
		}
		part.Write(content)
	}
	w.Close()
	r, err := http.NewRequest(http.MethodPost, v.h.URL+path, &body)
	if err != nil {
		v.h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.do(r)
}

func TestALookIsTriedOnBeforeItIsKept(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	a := v.get("/desk/settings/look").is(http.StatusOK).says("main .tabs [aria-current]", "Its look")
	if len(a.all(".sample[inert]")) != 2 {
		t.Error("there are no samples by day and by night")
	}
	fields := a.fields("form.looks")
	for name, value := range map[string]string{"theme": "broadsheet", "accent": "#ffee00", "type": "plain", "width": "wide", "links": "Photos /kind/photo", "footer": "Thanks.", "css": "h1 { color: red }"} {
		if !fields.Has(name) {
			t.Errorf("there is no field %s", name)
		}
		fields.Set(name, value)
	}
	fields.Set("do", "try")
	a = v.post("/desk/settings/look", fields).is(http.StatusOK).says(".banner", "not saved yet").says("#accent-hint", "darker by day")
	if got := h.keptLook(); got != (settings.Look{}) {
		t.Errorf("kept is %+v", got)
	}
	sheet := v.get(attr(a.one("#sample"), "href")).is(http.StatusOK)
	if !strings.Contains(sheet.body, ".sample.night {") || !strings.Contains(sheet.body, "Broadsheet") || sheet.header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("the sheet of the samples is %v", sheet.header)
	}
	again := a.fields("form.looks")
	again.Set("do", "save")
	v.post("/desk/settings/look", again).leadsTo("/desk/settings/look?saved")
	want := settings.Look{Choice: look.Choice{Theme: "broadsheet", Accent: "#ffee00", Type: "plain", Width: "wide"}, Links: "Photos /kind/photo", Footer: "Thanks.", CSS: "h1 { color: red }"}
	if got := h.keptLook(); got != want {
		t.Errorf("kept is %+v, want %+v", got, want)
	}
	v.get("/desk/settings/look/sample.css?accent=red%3B%7D").is(http.StatusBadRequest)
}

func TestALookThatCannotBeKeptComesBackAsItWasTyped(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for name, value := range map[string]string{"accent": "reddish", "links": "no address", "css": "@import 'x'", "footer": strings.Repeat("x", 9<<10)} {
		fields := v.get("/desk/settings/look").fields("form.looks")
		fields.Set(name, value)
		fields.Set("do", "save")
		a := v.post("/desk/settings/look", fields).is(http.StatusUnprocessableEntity)
		a.one("#wrong-" + name)
		if got := strings.TrimPrefix(a.value(name), "\n"); got != value {
			t.Errorf("%s came back as %q", name, got)
		}
		fields.Set("do", "try")
		v.post("/desk/settings/look", fields).is(http.StatusOK)
	}
	if got := h.keptLook(); got != (settings.Look{}) {
		t.Errorf("kept is %+v", got)
	}
}

// meanwhile is a part of a body in which nothing stands, but something happens.
type meanwhile func()

func (m meanwhile) Read([]byte) (int, error) {
	m()
	return 0, io.EOF
}

func TestALookThatIsSavedWhileAPictureComesStays(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	saved := settings.Look{CSS: "main { color: red }"}
	const head = "--parts\r\nContent-Disposition: form-data; name=\"file\"; filename=\"wall.png\"\r\n\r\n"
	body := io.MultiReader(strings.NewReader(head), meanwhile(func() {
		if err := h.settings.SaveLook(t.Context(), saved); err != nil {
			t.Error(err)
		}
	}), bytes.NewReader(drawing(t, 640, 120)), strings.NewReader("\r\n--parts--\r\n"))
	r := httptest.NewRequest(http.MethodPost, h.URL+"/desk/settings/look/picture", body)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=parts")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for _, cookie := range v.Jar.Cookies(r.URL) {
		r.AddCookie(cookie)
	}
	w := httptest.NewRecorder()
	h.Config.Handler.ServeHTTP(w, r)
	if got := h.keptLook(); w.Code != http.StatusSeeOther || got.Picture == "" || got.CSS != saved.CSS {
		t.Errorf("it is answered %d, and kept is %+v", w.Code, got)
	}
}

func TestAPictureIsHungAndTakenDown(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	const path = "/desk/settings/look/picture"
	v.upload(path, "file", "wall.png", drawing(t, 640, 120)).leadsTo("/desk/settings/look?hung")
	got := h.keptLook()
	if !strings.HasPrefix(got.Picture, "/media/") || got.Size != "640x120" {
		t.Errorf("kept is %+v", got)
	}
	fields := v.get("/desk/settings/look").fields("form.looks")
	fields.Set("picture_alt", "A wall")
	fields.Set("picture_position", "name")
	fields.Set("do", "save")
	v.post("/desk/settings/look", fields).leadsTo("/desk/settings/look?saved")
	v.upload(path, "file", "words.txt", []byte("words")).is(http.StatusUnprocessableEntity).says("#wrong-picture", "not kept here")
	v.upload(path, "file", "words.pdf", []byte("%PDF-1.4 words")).is(http.StatusUnprocessableEntity).says("#wrong-picture", "no picture")
	if now := h.keptLook(); now.Picture != got.Picture || now.Alt != "A wall" || now.Position != "name" {
		t.Errorf("after others were refused: %+v", now)
	}
	v.upload(path, "file", "", nil).leadsTo("/desk/settings/look?taken")
	if now := h.keptLook(); now != (settings.Look{}) {
		t.Errorf("after it was taken down: %+v", now)
	}
}
