package desk

import (
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
)

func TestTheEditorSaysWhichFilesAreElsewhere(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	answer := http.StatusServiceUnavailable
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if w.WriteHeader(answer); answer == http.StatusOK {
			jpeg.Encode(w, image.NewGray(image.Rect(0, 0, 30, 20)), nil)
		}
	}))
	defer other.Close()
	_, editor := h.draft(posts.Post{Content: "Frost.", Properties: posts.Properties{"photo": {other.URL + "/a.jpg"}}})
	section := func() string {
		words := ""
		for _, text := range v.get(editor).is(http.StatusOK).texts("section") {
			if strings.Contains(text, "Files elsewhere") {
				words = text
			}
		}
		return words
	}
	for _, step := range []struct {
		answer int
		want   string
	}{
		{http.StatusServiceUnavailable, "Not brought here yet. Its host answers 503. It is tried again."},
		{http.StatusNotFound, "Its host answers 404. It stays there. Saving the post tries it once more."},
	} {
		answer = step.answer
		h.clock.pass(10 * time.Minute)
		h.work()
		if got := section(); !strings.Contains(got, step.want) || !strings.Contains(got, "/a.jpg") {
			t.Errorf("after %d the editor says %q", step.answer, got)
		}
	}
	_, again := h.draft(posts.Post{Content: "Frost.", Properties: posts.Properties{"photo": {other.URL + "/b.jpg"}}})
	answer = http.StatusOK
	h.work()
	editor = again
	if got := section(); got != "" {
		t.Errorf("what is here is listed: %q", got)
	}
}

// A photo that was brought is the one that the writer has named: who was told of the post
// has nothing new to learn, whichever of its addresses the next save names.
func TestBringingAPhotoHasNobodyToldAgain(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	photos := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		jpeg.Encode(w, image.NewGray(image.Rect(0, 0, 30, 20)), nil)
	}))
	defer photos.Close()
	named := func() posts.Properties {
		return posts.Properties{"photo": {map[string]any{"value": photos.URL + "/a.jpg", "alt": "A jar"}}}
	}
	p := &posts.Post{AuthorID: h.user().ID, Status: posts.Published, Content: other.links("/wind", "/rain"), Properties: named()}
	if err := h.posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	stale := v.editor("/desk/write/" + p.ID)
	h.told(other, "/rain", "/wind")
	if at := h.kept(p.ID).Photos()[0].Address; !strings.HasPrefix(at, h.URL+"/media/") {
		t.Fatalf("the photo is at %s", at)
	}
	for name, fields := range map[string]url.Values{"as it is": v.editor("/desk/write/" + p.ID), "from an editor of before": stale} {
		fields.Set("version", v.editor("/desk/write/"+p.ID).Get("version"))
		fields.Set("do", "publish")
		v.get("/desk/write/"+p.ID).says("[data-part=tell]", "Saved as it stands, nobody is told again.")
		v.post("/desk/write/"+p.ID, fields).is(http.StatusSeeOther)
		if h.told(other); t.Failed() {
			t.Fatalf("so it is saved %s", name)
		}
	}
	p = h.kept(p.ID)
	p.Properties["photo"] = []any{photos.URL + "/b.jpg"}
	if err := h.posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	h.told(other, "/rain", "/wind")
}
