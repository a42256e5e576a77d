package webmention

import (
	"net/http"
	"strings"
	"testing"
)

func TestStatusPagesAreRead(t *testing.T) {
	for name, c := range map[string]struct {
		code       int
		kind, body string
		want       Status
	}{
		"hark, shown":              {200, "application/json", `{"source":"a","target":"b","status":"shown","summary":"It is shown."}`, Status{"It is shown.", false}},
		"hark, refused":            {200, "application/json", `{"status":"refused","summary":"The page was read, but no link was found in it."}`, Status{"refused: The page was read, but no link was found in it.", true}},
		"a state with underscores": {200, "application/json", `{"status":"no_link_found","summary":"Sorry"}`, Status{"no link found: Sorry", true}},
		"a state alone":            {200, "application/json", `{"state":"queued"}`, Status{"queued", false}},
		"an error with a 400":      {400, "application/json", `{"error":"target_not_supported","error_description":"Not ours."}`, Status{"target not supported: Not ours.", true}},
		"values that are no texts": {200, "application/json", `{"status":200,"summary":["x"]}`, Status{"", false}},
		"JSON that is no object":   {200, "application/json", `[1,2]`, Status{"", false}},
		"JSON under another name":  {200, "text/html", `{"status":"success"}`, Status{"success", false}},
		"a page":                   {200, "text/html", `<title>x</title><nav>Home</nav><main><h1>Thanks</h1><p>It waits.<script>1</script></p></main><footer>f</footer>`, Status{"Thanks It waits.", false}},
		"a page with a heading":    {200, "text/html; charset=iso-8859-1", "<nav>Home</nav><h1>Gepr\xfcft</h1><p>…", Status{"Geprüft", false}},
		"a page that is all words": {200, "text/html", `<p>Accepted.</p>`, Status{"Accepted.", false}},
		"a main that never ends":   {200, "text/html", `<nav>Home</nav><main><p>Held.`, Status{"Held.", false}},
		"plain text":               {200, "text/plain", "Held\nfor now\u202e", Status{"Held for now", false}},
		"a picture":                {200, "image/png", "\x89PNG", Status{"", false}},
		"not there":                {404, "text/html", "x", Status{"The status page is not there any more.", false}},
		"gone":                     {410, "text/html", "x", Status{"The status page is not there any more.", false}},
		"a broken server":          {503, "text/html", "Oops", Status{"", false}},
		"a page that is a refusal": {400, "text/html", "<main>No.</main>", Status{"No.", true}},
		"a page for others":        {403, "text/html", "<main>Just a moment …</main>", Status{"Just a moment …", false}},
		"a login":                  {401, "text/html", "<main>Sign in</main>", Status{"Sign in", false}},
		"asked too often":          {429, "text/plain", "Slow down.", Status{"Slow down.", false}},
		"a refusal for others":     {403, "application/json", `{"status":"rejected"}`, Status{"rejected", true}},
	} {
		if got := ReadStatus(c.code, http.Header{"Content-Type": {c.kind}}, []byte(c.body)); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func FuzzReadStatus(f *testing.F) {
	f.Add(200, "application/json", `{"status":"shown","summary":"x"}`)
	f.Add(200, "text/html", "<main><h1>x</h1><main></main>")
	f.Add(200, "text/html; charset=utf-16", "\xff\xfe<\x00m\x00")
	f.Fuzz(func(t *testing.T, code int, kind, body string) {
		got := ReadStatus(code, http.Header{"Content-Type": {kind}}, []byte(body))
		if len([]rune(got.Text)) > 300 || strings.ContainsAny(got.Text, "\n\r\x00\u202e") {
			t.Errorf("got %q", got.Text)
		}
	})
}
