package desk

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"hark/internal/auth"
	"hark/internal/media"
	"hark/internal/posts"
)

func TestAPhotoIsPublishedWithoutAScript(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("text", "Since Tuesday.")
	fields.Set("do", "publish")
	a := v.send("/desk/write", fields, sent{"show", "jar.png", dot(t, 200)}, sent{"show", "gutter.png", dot(t, 100)}).is(http.StatusOK)
	a.says("[role=status].banner:not([hidden])", "Say of each picture what it shows")
	if n, err := h.posts.Count(t.Context(), posts.Published); err != nil || n != 0 {
		t.Fatalf("%d posts are published before anybody said what the pictures show (%v)", n, err)
	}
	fields = a.fields("form.write")
	if rows := a.all(`[data-part=files] li img[src^="/media/"]`); len(rows) != 2 || fields.Get("text") != "Since Tuesday." || len(fields["attached-alt"]) != 2 {
		t.Fatalf("the editor came back with %v", fields)
	}
	if len(a.all(`.preview .pictures img[src^="/media/"]`)) != 2 {
		t.Error("the preview does not show them")
	}
	a.says("[data-part=files] li:nth-child(2) b", "Photo 2")
	h.speaks(v, "de")
	fields["attached-alt"] = []string{"A jar, half full", "A gutter"}
	fields["attached-caption"] = []string{"In May", ""}
	fields.Set("file-up", fields["attached"][1])
	a = v.send("/desk/write", fields).is(http.StatusOK).says("[data-part=files] li:nth-child(2) b", "Foto 2")
	moved := a.fields("form.write")
	if !reflect.DeepEqual(moved["attached-alt"], []string{"A gutter", "A jar, half full"}) || moved["attached"][0] != fields["attached"][1] {
		t.Fatalf("after moving one up they stand as %v, %v", moved["attached"], moved["attached-alt"])
	}
	moved.Set("do", "publish")
	a = v.send("/desk/write", moved).is(http.StatusSeeOther)
	p, err := h.posts.ByPath(t.Context(), a.header.Get("Location"))
	if err != nil || p.Kind != posts.Photo {
		t.Fatalf("it became %+v (%v)", p, err)
	}
	if got := p.Photos(); len(got) != 2 || got[0].Alt != "A gutter" || got[1].Alt != "A jar, half full" || got[1].Caption != "In May" || !strings.HasPrefix(got[0].Address, "/media/") {
		t.Errorf("its photos are %v", got)
	}

	fields = v.editor("/desk/write/" + p.ID)
	fields.Set("file-out", fields["attached"][0])
	fields = v.send("/desk/write/"+p.ID, fields).is(http.StatusOK).fields("form.write")
	fields.Set("do", "publish")
	v.send("/desk/write/"+p.ID, fields).is(http.StatusSeeOther)
	if got := h.kept(p.ID).Photos(); len(got) != 1 || got[0].Alt != "A jar, half full" {
		t.Errorf("after one was taken out there are %v", got)
	}
}

func TestWhatThePostSaysOfAFileIsOfferedWhereItIsUsedAgain(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	saidOf := func(address string) string {
		t.Helper()
		for _, f := range h.files() {
			if f.Path() == address {
				return f.Alt
			}
		}
		t.Fatalf("there is no %s", address)
		return ""
	}
	shown, within, described, mute := v.brings("a.png", dot(t, 10)).Path(), v.brings("b.png", dot(t, 20)).Path(), v.brings("c.png", dot(t, 30)).Path(), v.brings("d.png", dot(t, 40)).Path()
	if err := h.media.Describe(t.Context(), h.user().ID, map[string]string{described: "What Media says"}); err != nil {
		t.Fatal(err)
	}
	v.post("/desk/write", url.Values{"do": {"draft"}, "attachable": {""}, "attached": {"photo " + shown}, "attached-alt": {"A jar"}, "attached-caption": {""}, "attached-poster": {""},
		"text": {"![A *gutter*](" + within + ")\n\n![Something else](" + described + ")\n\n![](" + mute + ")"}}).is(http.StatusSeeOther)
	for address, want := range map[string]string{shown: "A jar", within: "A gutter", described: "What Media says", mute: ""} {
		if got := saidOf(address); got != want {
			t.Errorf("of %s is said %q, want %q", address, got, want)
		}
	}
	if a := v.get("/desk/media"); !strings.Contains(a.body, "![A gutter]("+within) {
		t.Error("Media does not offer it")
	}

	// What somebody else has uploaded keeps silent.
	reed := h.person("reed", auth.Author)
	reed.post("/desk/write", url.Values{"do": {"draft"}, "text": {"![Forged](" + mute + ")"}}).is(http.StatusSeeOther)
	if got := saidOf(mute); got != "" {
		t.Errorf("another account says %q of it", got)
	}
}

func TestAFileForTheTextIsPutAtItsEnd(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("text", "The figures:\r\n")
	fields.Set("do", "publish")
	a := v.send("/desk/write", fields, sent{"file", "rain [6 years].pdf", "%PDF-1.7"}).is(http.StatusSeeOther)
	p, err := h.posts.ByPath(t.Context(), a.header.Get("Location"))
	want := `The figures:` + "\n\n" + `[rain \[6 years\].pdf](` + h.files()[0].Path() + ")"
	if err != nil || p.Content != want || p.Kind != posts.Note {
		t.Errorf("it became %+v (%v), want %q", p, err, want)
	}
	fields = v.editor("/desk/write")
	fields.Set("do", "preview")
	a = v.send("/desk/write", fields, sent{"file", "jar.png", dot(t, 9)}, sent{"file", "", ""}).is(http.StatusOK)
	if got := a.value("text"); !strings.HasPrefix(got, "![](/media/") || !strings.Contains(text(a.one("[role=status].banner:not([hidden])")), "brackets") {
		t.Errorf("the text is %q", got)
	}
	pictures, err := h.media.List(t.Context(), media.List{Kind: "image"})
	if err != nil || len(pictures) != 1 {
		t.Fatal(pictures, err)
	}
	if err := h.media.SetAlt(t.Context(), pictures[0].Key, h.user().ID, "A jar *full* of [rain]"); err != nil {
		t.Fatal(err)
	}
	fields.Set("text", "Look:")
	fields.Set("do", "draft")
	a = v.send("/desk/write", fields, sent{"file", "again.png", dot(t, 9)}).is(http.StatusSeeOther)
	if got := v.get(a.header.Get("Location")).value("text"); !strings.Contains(got, `![A jar \*full\* of \[rain\]](/media/`) {
		t.Errorf("what was said of the picture before is not in its place: %q", got)
	}
}

func TestFilmsAndRecordingsAreShownAsWhatTheyAre(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for name, c := range map[string]struct {
		body    string
		kind    posts.Kind
		element string
	}{
		"song.mp3": {"ID3\x04 a song", posts.Audio, ".preview audio[controls]"},
		"film.mp4": {"\x00\x00\x00\x18ftypmp42", posts.Video, ".preview video[controls]"},
	} {
		fields := v.editor("/desk/write")
		fields.Set("do", "publish")
		a := v.send("/desk/write", fields, sent{"show", name, c.body}).is(http.StatusSeeOther)
		p, err := h.posts.ByPath(t.Context(), a.header.Get("Location"))
		if err != nil || p.Kind != c.kind {
			t.Fatalf("%s: it became %+v (%v)", name, p, err)
		}
		a = v.get("/desk/write/" + p.ID).is(http.StatusOK)
		a.one(c.element)
		fields = a.fields("form.write")
		fields.Set("attached-poster", "/media/poster.jpg")
		fields.Set("do", "publish")
		v.send("/desk/write/"+p.ID, fields).is(http.StatusSeeOther)
		if all := append(h.kept(p.ID).Videos(), h.kept(p.ID).Audios()...); len(all) != 1 || all[0].Poster != "/media/poster.jpg" {
			t.Errorf("%s: it is kept as %v", name, all)
		}
	}
}

func TestAFileThatIsNotTakenCostsNoWord(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("text", "Long thought about.")
	fields.Set("do", "publish")
	for name, c := range map[string]struct {
		file   sent
		status int
		says   string
	}{
		"another kind": {sent{"file", "a.svg", "<svg/>"}, http.StatusUnprocessableEntity, "a.svg: "},
		"too large":    {sent{"show", "b.pdf", "%PDF-" + strings.Repeat(" ", media.MaxBytes)}, http.StatusRequestEntityTooLarge, "b.pdf: A file has at most 50 MiB"},
	} {
		a := v.send("/desk/write", fields, sent{"file", "good.png", dot(t, 1)}, c.file).is(c.status).says("#wrong-"+c.file.field, c.says).says(".wrong[role=alert]:not([id])", "not saved yet")
		if got := a.value("text"); !strings.HasPrefix(got, "Long thought about.\n\n![](/media/") {
			t.Errorf("%s: the text came back as %q", name, got)
		}
	}
	if n, err := h.posts.Count(t.Context(), posts.Published); err != nil || n != 0 {
		t.Errorf("%d posts are published (%v)", n, err)
	}
}

func TestWordsThatComeWithFilesAfterTheSessionEndedAreNotLost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.editor("/desk/write")
	fields.Set("text", "Long thought about.")
	fields.Set("do", "publish")
	h.clock.pass(monthLater)
	a := v.send("/desk/write", fields, sent{"show", "jar.png", dot(t, 7)}).is(http.StatusUnauthorized)
	if len(h.files()) != 0 {
		t.Fatal("a file of nobody is kept")
	}
	carried := a.fields("form")
	carried.Set("username", ownerName)
	carried.Set("password", ownerPassword)
	a = v.post(attr(a.one("form"), "action"), carried).is(http.StatusUnprocessableEntity).says("#wrong-file", "jar.png")
	if a.value("text") != "Long thought about." {
		t.Errorf("the text came back as %q", a.value("text"))
	}
	if n, err := h.posts.Count(t.Context(), posts.Published); err != nil || n != 0 {
		t.Errorf("%d posts are published without their picture (%v)", n, err)
	}
}

func TestAFormWithFilesHasTheLimitsOfOneWithout(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	long := url.Values{"text": {strings.Repeat("a", writeLimit)}, "do": {"draft"}}
	v.send("/desk/write", long, sent{"file", "a.pdf", "%PDF-1"}).is(http.StatusRequestEntityTooLarge)
	h.visitor().send("/desk/write", long).is(http.StatusRequestEntityTooLarge)
	r := h.parts("/desk/write", url.Values{"text": {"x"}, "do": {"publish"}}, sent{"file", "a.pdf", "%PDF-1"})
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	v.do(r).is(http.StatusForbidden)
	r = h.parts("/desk/write", url.Values{"text": {"x"}, "do": {"publish"}}, sent{"file", "a.pdf", "%PDF-1" + strings.Repeat("x", 9000)})
	whole, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	kept := len(h.files())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(whole[:len(whole)-5000])), int64(len(whole)-5000)
	v.do(r).is(http.StatusBadRequest).says("main", "broke off")
	many := make([]sent, mostFiles+1)
	for n := range many {
		many[n] = sent{"file", "a.exe", "MZ"}
	}
	v.send("/desk/write", url.Values{"text": {"x"}, "do": {"draft"}}, many...).is(http.StatusUnprocessableEntity).says("#wrong-file", "50 files at most")
	if got := len(h.files()); got != kept {
		t.Errorf("%d files are kept, want %d", got, kept)
	}
}

func TestAWorkingCopyOfBeforeLosesNoFile(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p := &posts.Post{AuthorID: h.user().ID, Status: posts.Published, Properties: posts.Properties{"photo": {"/media/a.jpg"}}}
	if err := h.posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	fields := typing(v.editor("/desk/write/"+p.ID), "a", "1", "words")
	for _, name := range []string{"attachable", "attached", "attached-alt"} {
		fields.Del(name)
	}
	v.post("/desk/copy", fields).is(http.StatusNoContent)
	fields = v.editor("/desk/write/" + p.ID)
	fields.Set("do", "publish")
	v.post("/desk/write/"+p.ID, fields).is(http.StatusSeeOther)
	if got := h.kept(p.ID); len(got.Photos()) != 1 || got.Content != "words" {
		t.Errorf("it became %+v", got)
	}
}
