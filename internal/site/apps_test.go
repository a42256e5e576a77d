package site

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
)

// queryIn is a query that a row of a table names.
var queryIn = regexp.MustCompile("`q=([a-z-]+)`")

func TestTheQueriesInTheTableOfExtensionsAreThere(t *testing.T) {
	text, err := os.ReadFile("../../docs/indieweb.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| extension | here | how |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	if !found {
		t.Fatal("docs/indieweb.md has no table of extensions")
	}
	b := newBlog(t)
	token := b.token("create media")
	config := b.said(b.ask(http.MethodGet, "/micropub?q=config", token))
	listed := fmt.Sprint(config["q"])
	named := map[string]bool{"syndicate-to": true} // which is no extension
	for _, row := range strings.Split(table, "\n")[1:] {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		if len(cells) != 3 || cells[1] != "yes" && cells[1] != "no" && cells[1] != "in part" {
			t.Errorf("the row %q is not of an extension, here or not, and how", row)
			continue
		}
		there := cells[1] != "no"
		for _, query := range queryIn.FindAllStringSubmatch(cells[0], -1) {
			door := "/micropub"
			if strings.Contains(cells[0], "media endpoint") {
				door = "/media"
			} else if named[query[1]] = true; there != strings.Contains(listed, query[1]) && query[1] != "channel" {
				t.Errorf("%s: q=config lists %s", cells[0], listed)
			}
			r := b.ask(http.MethodGet, door+"?q="+query[1], token)
			if answered := r.StatusCode == http.StatusOK; answered != there && query[1] != "channel" {
				t.Errorf("%s: q=%s is answered %d, and the table says %q", cells[0], query[1], r.StatusCode, cells[1])
			}
		}
	}
	for _, query := range config["q"].([]any) {
		if !named[query.(string)] {
			t.Errorf("the table says nothing of q=%s", query)
		}
	}
	for member, want := range map[string]any{"visibility": "[public unlisted private]", "media-endpoint": public + "/media"} {
		if fmt.Sprint(config[member]) != want {
			t.Errorf("q=config says %v for %s", config[member], member)
		}
	}
}

// The requests are as the sources of Quill and Micropublish make them, and as those
// who serve iA Writer have seen it ask.
func TestAppsThatTheDocsNameAreUnderstood(t *testing.T) {
	t.Run("Quill", func(t *testing.T) {
		b := newBlog(t)
		token := b.said(b.send("/token", formType, b.code("create", "update", "media", "profile").Encode()))["access_token"].(string)
		a := &app{b, "Authorization: Bearer " + token}
		if err := b.Gate.LetOld(t.Context(), b.wren.ID, someApp); err != nil {
			t.Fatal(err)
		}
		form := func(fields string) string { return "h=entry&access_token=" + token + "&" + fields }
		day := url.QueryEscape("2026-11-20 14:00:00 +01:00")
		a.holds(a.makes(formType, form("content=Low+water&category%5B%5D=tide&published="+day+"&mp-slug=low&p3k-content-type=text%2Fmarkdown")),
			map[string]any{"content": values("Low water"), "category": values("tide"), "published": values("2026-11-20T13:00:00Z"), "p3k-content-type": values("text/markdown")})
		a.holds(a.makes(formType, form("bookmark-of=https%3A%2F%2Fother.example%2Fa&name=A&content=B")), map[string]any{"bookmark-of": values("https://other.example/a")})
		a.holds(a.makes(formType, form("like-of=https%3A%2F%2Fother.example%2Fb")), map[string]any{"like-of": values("https://other.example/b")})
		at := strings.TrimPrefix(b.keepsPicture(t, a.token), public)
		a.holds(a.makes(jsonType, `{"type":["h-entry"],"properties":{"content":["High water"],"photo":[{"value":"`+public+at+`","alt":"A marsh"}]}}`),
			map[string]any{"photo": values(map[string]any{"value": public + at, "alt": "A marsh"})})
		if last := b.said(b.ask(http.MethodGet, "/media?q=source&limit=1", a.token))["items"].([]any); len(last) != 1 || last[0].(map[string]any)["url"] != public+at {
			t.Errorf("the last file is %v", last)
		}
	})
	t.Run("Micropublish", func(t *testing.T) {
		a := newBlog(t).app("create update delete undelete")
		made := a.makes("application/json; charset=utf-8", `{"type":["h-entry"],"properties":{"name":["Tides"],"content":["Twice a day."],"category":["tide"],"post-status":["published"],"visibility":["unlisted"]}}`)
		a.updates(made, `"replace":{"content":["Twice a day, and a bit."]},"add":{"category":["moon"]},"delete":["name"],"mp-syndicate-to":[]`,
			map[string]any{"content": values("Twice a day, and a bit."), "category": values("tide", "moon"), "visibility": values("unlisted")})
		for _, action := range []string{"delete", "undelete"} {
			if r := a.send("/micropub", formType, "action="+action+"&url="+url.QueryEscape(made), a.token); r.StatusCode != http.StatusNoContent {
				t.Errorf("%s is answered %d %s", action, r.StatusCode, r.body)
			}
		}
		a.makes(formType, "h=entry&in-reply-to=https%3A%2F%2Fother.example%2Fparty&rsvp=yes&content=I+come")
	})
	t.Run("iA Writer", func(t *testing.T) {
		b := newBlog(t)
		a := b.app("draft media")
		if config := b.said(b.ask(http.MethodGet, "/micropub?q=config", a.token)); config["media-endpoint"] != public+"/media" {
			t.Errorf("the media endpoint is %v", config["media-endpoint"])
		}
		at := b.keepsPicture(t, a.token)
		for _, content := range []string{`"# Tides\n\nTwice a day. #moon\n\n![](` + at + `)"`, `{"html":"<h1>Tides</h1>\n\n<p>Twice a day.</p>"}`} {
			draft := a.makes(jsonType, `{"type":["h-entry"],"properties":{"name":["Tides"],"content":[`+content+`],"post-status":["draft"]}}`)
			if !strings.HasPrefix(draft, public+deskPath) {
				t.Errorf("the draft is at %s", draft)
			}
		}
	})
}

// keepsPicture uploads one as an app does, and gives its address.
func (b *blog) keepsPicture(t *testing.T, token string) string {
	t.Helper()
	kind, body := upload(t, "file", snapshot(t))
	r := b.send("/media", kind, body, token)
	if r.StatusCode != http.StatusCreated {
		t.Fatalf("a picture is answered %d %s", r.StatusCode, r.body)
	}
	return r.Header.Get("Location")
}
