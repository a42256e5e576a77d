package desk

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
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

// hangs saves the look with a picture.
func (v *visitor) hangs(name string, content []byte) *answer {
	v.h.t.Helper()
	fields := v.get(lookPath).fields("form.looks")
	fields.Set("do", "save")
	return v.send(lookPath, fields, sent{"file", name, string(content)})
}

func TestALookIsTriedOnBeforeItIsKept(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	a := v.get(lookPath).is(http.StatusOK).says("main .tabs [aria-current]", "Its look")
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
	a = v.post(lookPath, fields).is(http.StatusOK).says(".banner", "not saved yet").says("#accent-hint", "darker by day")
	if got := h.keptLook(); got != (settings.Look{}) {
		t.Errorf("kept is %+v", got)
	}
	sheet := v.get(attr(a.one("#sample"), "href")).is(http.StatusOK)
	if !strings.Contains(sheet.body, ".sample.night {") || !strings.Contains(sheet.body, "Broadsheet") || sheet.header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("the sheet of the samples is %v", sheet.header)
	}
	again := a.fields("form.looks")
	again.Set("do", "save")
	v.post(lookPath, again).leadsTo(lookPath + "?saved")
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
		fields := v.get(lookPath).fields("form.looks")
		fields.Set(name, value)
		fields.Set("do", "save")
		a := v.post(lookPath, fields).is(http.StatusUnprocessableEntity)
		a.one("#wrong-" + name)
		if got := strings.TrimPrefix(a.value(name), "\n"); got != value {
			t.Errorf("%s came back as %q", name, got)
		}
		fields.Set("do", "try")
		v.post(lookPath, fields).is(http.StatusOK)
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
	fields := v.get(lookPath).fields("form.looks")
	const part = "--parts\r\nContent-Disposition: form-data; name="
	head := fmt.Sprintf(part+"\"seen\"\r\n\r\n%s\r\n"+part+"\"footer\"\r\n\r\nThanks.\r\n"+part+"\"file\"; filename=\"wall.png\"\r\n\r\n", fields.Get("seen"))
	body := io.MultiReader(strings.NewReader(head), meanwhile(func() {
		if err := h.settings.SaveLook(t.Context(), saved); err != nil {
			t.Error(err)
		}
	}), bytes.NewReader(drawing(t, 640, 120)), strings.NewReader("\r\n--parts--\r\n"))
	r, err := http.NewRequest(http.MethodPost, h.URL+lookPath, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "multipart/form-data; boundary=parts")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	a := v.do(r).is(http.StatusConflict).says("main", "saved elsewhere").says("#wrong-picture", "once more")
	if n := len(a.all("[autofocus]")); n != 0 {
		t.Errorf("%d fields take the focus from what is said of the whole form", n)
	}
	if got := a.fields("form.looks").Get("footer"); got != "Thanks." {
		t.Errorf("the footer comes back as %q", got)
	}
	if got := h.keptLook(); got.Picture != "" || got.CSS != saved.CSS {
		t.Errorf("kept is %+v", got)
	}
}

func TestAPictureIsHungAndTakenDown(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.hangs("wall.png", drawing(t, 640, 120)).leadsTo(lookPath + "?hung")
	got := h.keptLook()
	if !strings.HasPrefix(got.Picture, "/media/") || got.Size != "640x120" {
		t.Errorf("kept is %+v", got)
	}
	form := v.get(lookPath)
	form.one(".field:has(#file) + .field #picture_alt")
	fields := form.fields("form.looks")
	fields.Set("picture_alt", "A wall")
	fields.Set("picture_position", "name")
	fields.Set("do", "save")
	v.post(lookPath, fields).leadsTo(lookPath + "?saved")
	v.hangs("words.txt", []byte("words")).is(http.StatusUnprocessableEntity).says("#wrong-picture", "not kept here")
	v.hangs("words.pdf", []byte("%PDF-1.4 words")).is(http.StatusUnprocessableEntity).says("#wrong-picture", "no picture")
	v.hangs("wall.png", make([]byte, pictureBytes+1)).is(http.StatusUnprocessableEntity).says("#wrong-picture", "20 MiB at most").one("#file[autofocus]")
	if now := h.keptLook(); now.Picture != got.Picture || now.Alt != "A wall" || now.Position != "name" {
		t.Errorf("after others were refused: %+v", now)
	}
	fields = v.get(lookPath).fields("form.looks")
	fields.Set("do", "take")
	v.send(lookPath, fields).leadsTo(lookPath + "?taken")
	if now := h.keptLook(); now != (settings.Look{}) {
		t.Errorf("after it was taken down: %+v", now)
	}
}

func TestWhatIsTypedBesideAPictureIsSavedWithItAndComesBackWithoutIt(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.get(lookPath).fields("form.looks")
	fields.Set("css", "main { color: red }")
	fields.Set("do", "save")
	a := v.send(lookPath, fields, sent{"file", "words.txt", "words"}).is(http.StatusUnprocessableEntity)
	if got := a.fields("form.looks").Get("css"); got != "main { color: red }" {
		t.Errorf("the style sheet comes back as %q", got)
	}
	fields.Set("do", "try")
	v.send(lookPath, fields, sent{"file", "wall.png", string(drawing(t, 640, 120))}).is(http.StatusOK).says("#wrong-picture", "Choose the picture once more").one("#file:not([autofocus])")
	if got := h.keptLook(); got != (settings.Look{}) {
		t.Errorf("trying kept %+v", got)
	}
	fields.Set("do", "save")
	v.send(lookPath, fields, sent{"file", "wall.png", string(drawing(t, 640, 120))}).leadsTo(lookPath + "?hung")
	if got := h.keptLook(); got.CSS != "main { color: red }" || got.Picture == "" {
		t.Errorf("kept is %+v", got)
	}
}

func TestASessionThatEndedCostsNoWordBesideAPicture(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for path, c := range map[string]struct{ form, field, wrong string }{
		lookPath:    {"form.looks", "css", "#wrong-picture"},
		profilePath: {"main form", "bio", "#wrong-photo"},
	} {
		fields := v.get(path).fields(c.form)
		fields.Set(c.field, "/* typed long */")
		fields.Set("do", "save")
		h.clock.pass(monthLater)
		a := v.send(path, fields, sent{"file", "wall.png", string(drawing(t, 64, 64))}).is(http.StatusUnauthorized)
		carried := a.fields("form")
		carried.Set("username", ownerName)
		carried.Set("password", ownerPassword)
		a = v.post(attr(a.one("form"), "action"), carried).is(http.StatusUnprocessableEntity).says(c.wrong, "You were signed out when it came")
		if got := a.fields(c.form).Get(c.field); got != "/* typed long */" {
			t.Errorf("%s: %s comes back as %q", path, c.field, got)
		}
	}
}
