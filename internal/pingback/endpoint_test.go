package pingback

import (
	"net/http"
	"net/url"
	"testing"
)

func TestEndpointIsFound(t *testing.T) {
	const page = "https://other.example/2026/post?x=1"
	const want = "https://other.example/xmlrpc"
	link := `<link rel="pingback" href="` + want + `">`
	for name, c := range map[string]struct{ header, contentType, body, want string }{
		"header":                     {want, "", "", want},
		"header before element":      {want, "", `<link rel="pingback" href="https://third.example/">`, want},
		"header of a picture":        {want, "image/png", "", want},
		"header that is no address":  {"ftp://x.example/", "", link, want},
		"empty header":               {" ", "", link, want},
		"element":                    {"", "text/html; charset=utf-8", "<!doctype html><title>x</title>" + link + "<p>x</p>", want},
		"XHTML":                      {"", "application/xhtml+xml", `<link rel="pingback" href="` + want + `" />`, want},
		"no content type":            {"", "", link, want},
		"broken content type":        {"", "text/html; charset=a b", link, want},
		"href before rel":            {"", "", `<link href='` + want + `' rel=pingback>`, want},
		"upper case, several rels":   {"", "", `<LINK REL="webmention PingBack" HREF="` + want + `">`, want},
		"entities":                   {"", "", `<link rel="pingback" href="https://other.example/?a=1&amp;b=2">`, "https://other.example/?a=1&b=2"},
		"the first":                  {"", "", link + `<link rel="pingback" href="https://third.example/">`, want},
		"the first with an address":  {"", "", `<link rel="pingback"><link rel="pingback" href="">` + link, want},
		"T14 relative":               {"", "", `<link rel="pingback" href="/xmlrpc">`, want},
		"T14 relative to the base":   {"", "", `<base href="/wp/"><base href="/no/"><link rel="pingback" href="xmlrpc.php">`, "https://other.example/wp/xmlrpc.php"},
		"T14 relative header":        {"../xmlrpc", "", "", want},
		"fragment":                   {want + "#x", "", "", want},
		"no such word in rel":        {"", "", `<link rel="pingbacks x-pingback" href="` + want + `">`, ""},
		"an anchor":                  {"", "", `<a rel="pingback" href="` + want + `">x</a>`, ""},
		"in a comment":               {"", "", "<!-- " + link + " -->", ""},
		"in a script":                {"", "", "<script>" + link + "</script>", ""},
		"in a style":                 {"", "", "<style>" + link + "</style>", ""},
		"in a textarea":              {"", "", "<textarea>" + link + "</textarea>", ""},
		"in a template":              {"", "", "<template><template></template>" + link + "</template>", ""},
		"after a template":           {"", "", "</template><template></template>" + link, want},
		"as text":                    {"", "", "&lt;link rel=pingback href=" + want + "&gt;", ""},
		"plain text":                 {"", "text/plain", link, ""},
		"JSON":                       {"", "application/json; charset=utf-8", link, ""},
		"a user":                     {"https://alice:secret@other.example/", "", "", ""},
		"another scheme":             {"", "", `<link rel="pingback" href="javascript:alert(1)">`, ""},
		"no host":                    {"http:///xmlrpc", "", "", ""},
		"T7 stray ends, broken HTML": {"", "", "</p></link></html <" + link + "<b", ""},
		"nothing":                    {"", "", "<p>Hello</p>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			from, _ := url.Parse(page)
			header := http.Header{}
			if c.header != "" {
				header.Set("X-Pingback", c.header)
			}
			if c.contentType != "" {
				header.Set("Content-Type", c.contentType)
			}
			got := ""
			u, ok := Endpoint(from, header, []byte(c.body))
			if ok {
				got = u.String()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
