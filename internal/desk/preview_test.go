package desk

import (
	"net/http"
	"strings"
	"testing"
)

func TestThePreviewSaysWhyAPictureIsALink(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	const sentence = "Pictures and films of other hosts are links"
	a := v.post("/desk/preview", v.typedText("![A jar](https://other.example/jar.jpg)")).is(http.StatusOK)
	a.says(`[data-part=preview] a[href="https://other.example/jar.jpg"]`, "A jar").says("[data-part=preview] .hint", sentence)
	a = v.post("/desk/preview", v.typedText("![A jar](/media/jar.jpg) ![Another]("+h.URL+"/media/jar.jpg)")).is(http.StatusOK)
	if len(a.all("[data-part=preview] img")) != 2 || strings.Contains(a.body, sentence) {
		t.Errorf("pictures that lie here are drawn as\n%s", a.body)
	}
}
