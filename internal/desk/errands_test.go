package desk

import (
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
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
