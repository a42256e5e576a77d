package micropub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

// blog stands for what is behind the door. It knows two tokens: "good" may do
// everything, "reader" nothing that has a scope.
type blog struct {
	asked    []string // the scopes Authorize was asked for
	created  []Create
	updated  []Update
	listed   []Listing
	deleted  []string
	restored []string
	err      error
	failed   []error
}

type userKey struct{}

func (b *blog) service(t *testing.T) Service {
	check := func(ctx context.Context) {
		if ctx.Value(userKey{}) != "alice" {
			t.Error("the context of Authorize was not handed on")
		}
	}
	return Service{
		Authorize: func(ctx context.Context, token, scope string) (context.Context, error) {
			b.asked = append(b.asked, scope)
			switch {
			case token == "reader" && scope != "":
				return nil, InsufficientScope(scope)
			case token != "good" && token != "reader":
				return nil, Unauthorized("This token is not known.")
			}
			return context.WithValue(ctx, userKey{}, "alice"), nil
		},
		Create: func(ctx context.Context, c Create) (string, error) {
			check(ctx)
			b.created = append(b.created, c)
			return "https://hark.example/2026/one", b.err
		},
		Update: func(ctx context.Context, u Update) (string, error) {
			check(ctx)
			b.updated = append(b.updated, u)
			if u.Replace["mp-slug"] != nil {
				return "https://hark.example/2026/moved", b.err
			}
			return u.URL, b.err
		},
		Source: func(ctx context.Context, url string) (Item, error) {
			check(ctx)
			return post, b.err
		},
		List: func(ctx context.Context, l Listing) ([]Item, string, error) {
			check(ctx)
			b.listed = append(b.listed, l)
			return []Item{post}, "k1", b.err
		},
		Categories: func(ctx context.Context, filter string) ([]string, error) {
			check(ctx)
			return []string{"rain", filter}, b.err
		},
		Types:  []PostType{{"note", "Note"}},
		Config: map[string]any{"media-endpoint": "https://hark.example/media"},
		Delete: func(ctx context.Context, url string) error {
			check(ctx)
			b.deleted = append(b.deleted, url)
			return b.err
		},
		Undelete: func(ctx context.Context, url string) error {
			check(ctx)
			b.restored = append(b.restored, url)
			return b.err
		},
		Failed: func(_ context.Context, err error) { b.failed = append(b.failed, err) },
	}
}

// post is the one that is there.
var post = Item{Type: []string{"h-entry"}, Properties: Properties{"content": one("Words."), "category": {"a", "b"}}}

// send makes a request. The token goes into the header unless it is empty.
func (b *blog) send(t *testing.T, method, query, token, contentType, body string) *http.Response {
	t.Helper()
	server := httptest.NewServer(Handler(b.service(t)))
	defer server.Close()
	r, err := http.NewRequest(method, server.URL+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func (b *blog) form(t *testing.T, token, body string) *http.Response {
	t.Helper()
	return b.send(t, http.MethodPost, "", token, formType+"; charset=utf-8", body)
}

func (b *blog) json(t *testing.T, token, body string) *http.Response {
	t.Helper()
	return b.send(t, http.MethodPost, "", token, jsonType, body)
}

// wantCreated holds that the one post that was made has these properties.
func (b *blog) wantCreated(t *testing.T, res *http.Response, want Properties) {
	t.Helper()
	if res.StatusCode != http.StatusCreated || res.Header.Get("Location") != "https://hark.example/2026/one" {
		t.Fatalf("status %d, Location %q, %s", res.StatusCode, res.Header.Get("Location"), describe(res))
	}
	if len(b.created) != 1 || b.created[0].Type != "entry" || !reflect.DeepEqual(b.created[0].Properties, want) {
		t.Errorf("created %+v, want %v", b.created, want)
	}
	if len(b.asked) != 1 || b.asked[0] != "create" {
		t.Errorf("asked for the scopes %q, want create once", b.asked)
	}
}

// wantRefused holds that nothing was done, and why.
func (b *blog) wantRefused(t *testing.T, res *http.Response, status int, code, words string) {
	t.Helper()
	text := describe(res)
	var got struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("status %d, no JSON: %s", res.StatusCode, text)
	}
	if res.StatusCode != status || got.Error != code || !strings.Contains(got.Description, words) {
		t.Errorf("status %d %s, want %d %s with %q", res.StatusCode, text, status, code, words)
	}
	if len(b.created)+len(b.deleted)+len(b.restored) > 0 {
		t.Error("something was done all the same")
	}
}

func describe(res *http.Response) string {
	var b bytes.Buffer
	b.ReadFrom(res.Body)
	return b.String()
}

func one(v any) []any { return []any{v} }

// The numbers are those of the server tests of micropub.rocks.

func TestRocks100CreateByForm(t *testing.T) {
	b := &blog{}
	res := b.form(t, "good", "h=entry&content=Micropub+test+of+creating+a+basic+h-entry")
	b.wantCreated(t, res, Properties{"content": one("Micropub test of creating a basic h-entry")})
}

func TestRocks101CategoriesByForm(t *testing.T) {
	for _, body := range []string{
		"h=entry&content=x&category[]=test1&category[]=test2",
		"h=entry&content=x&category%5B%5D=test1&category%5B%5D=test2",
		"h=entry&content=x&category=test1&category=test2",
		"h=entry&content=x&category=test1&category[]=test2",
	} {
		b := &blog{}
		b.wantCreated(t, b.form(t, "good", body), Properties{"content": one("x"), "category": {"test1", "test2"}})
	}
}

func TestRocks104PhotoByAddressByForm(t *testing.T) {
	b := &blog{}
	res := b.form(t, "good", "h=entry&content=x&photo=https%3A%2F%2Fmicropub.rocks%2Fmedia%2Fsunset.jpg")
	b.wantCreated(t, res, Properties{"content": one("x"), "photo": one("https://micropub.rocks/media/sunset.jpg")})
}

func TestRocks107OneCategoryByForm(t *testing.T) {
	b := &blog{}
	res := b.form(t, "good", "h=entry&content=x&category=test1")
	b.wantCreated(t, res, Properties{"content": one("x"), "category": one("test1")})
}

func TestRocks200CreateByJSON(t *testing.T) {
	b := &blog{}
	res := b.json(t, "good", `{"type":["h-entry"],"properties":{"content":["Hello"]}}`)
	b.wantCreated(t, res, Properties{"content": one("Hello")})
}

func TestRocks201CategoriesByJSON(t *testing.T) {
	b := &blog{}
	res := b.json(t, "good", `{"type":["h-entry"],"properties":{"content":["x"],"category":["test1","test2"]}}`)
	b.wantCreated(t, res, Properties{"content": one("x"), "category": {"test1", "test2"}})
}

func TestRocks202HTMLByJSON(t *testing.T) {
	b := &blog{}
	res := b.json(t, "good", `{"type":["h-entry"],"properties":{"content":[{"html":"<p>This has <b>HTML</b>.</p>"}]}}`)
	b.wantCreated(t, res, Properties{"content": one(map[string]any{"html": "<p>This has <b>HTML</b>.</p>"})})
}

func TestRocks203PhotoByAddressByJSON(t *testing.T) {
	b := &blog{}
	res := b.json(t, "good", `{"type":["h-entry"],"properties":{"content":["x"],"photo":["https://micropub.rocks/media/sunset.jpg"]}}`)
	b.wantCreated(t, res, Properties{"content": one("x"), "photo": one("https://micropub.rocks/media/sunset.jpg")})
}

func TestRocks204NestedObjectByJSON(t *testing.T) {
	b := &blog{}
	res := b.json(t, "good", `{"type":["h-entry"],"properties":{"published":["2026-11-23T12:00:00+01:00"],"content":["Lunch"],
		"checkin":[{"type":["h-card"],"properties":{"name":["Los Gorditos"],"latitude":[45.5]}}]}}`)
	b.wantCreated(t, res, Properties{
		"published": one("2026-11-23T12:00:00+01:00"),
		"content":   one("Lunch"),
		"checkin": one(map[string]any{"type": one("h-card"), "properties": map[string]any{
			"name": one("Los Gorditos"), "latitude": one(45.5)}}),
	})
}

func TestRocks205PhotoWithAltByJSON(t *testing.T) {
	b := &blog{}
	res := b.json(t, "good", `{"type":["h-entry"],"properties":{"photo":[{"value":"https://micropub.rocks/media/sunset.jpg","alt":"A sunset"}]}}`)
	b.wantCreated(t, res, Properties{"photo": one(map[string]any{"value": "https://micropub.rocks/media/sunset.jpg", "alt": "A sunset"})})
}

func TestRocks206SeveralPhotosByJSON(t *testing.T) {
	b := &blog{}
	res := b.json(t, "good", `{"type":["h-entry"],"properties":{"photo":["https://a.example/1.jpg","https://a.example/2.jpg"]}}`)
	b.wantCreated(t, res, Properties{"photo": {"https://a.example/1.jpg", "https://a.example/2.jpg"}})
}

func TestRocks500To503DeleteAndUndelete(t *testing.T) {
	const url = "https://hark.example/2026/one"
	deleteForm := func(b *blog) *http.Response { return b.form(t, "good", "action=delete&url="+url) }
	deleteJSON := func(b *blog) *http.Response { return b.json(t, "good", `{"action":"delete","url":"`+url+`"}`) }
	undeleteForm := func(b *blog) *http.Response { return b.form(t, "good", "action=undelete&url="+url) }
	undeleteJSON := func(b *blog) *http.Response { return b.json(t, "good", `{"action":"undelete","url":"`+url+`"}`) }
	for name, c := range map[string]struct {
		send              func(*blog) *http.Response
		scope             string
		deleted, restored []string
	}{
		"500 delete by form":   {deleteForm, "delete", []string{url}, nil},
		"501 delete by JSON":   {deleteJSON, "delete", []string{url}, nil},
		"502 undelete by form": {undeleteForm, "undelete", nil, []string{url}},
		"503 undelete by JSON": {undeleteJSON, "undelete", nil, []string{url}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &blog{}
			res := c.send(b)
			if res.StatusCode != http.StatusNoContent {
				t.Errorf("status %d, want 204", res.StatusCode)
			}
			if !reflect.DeepEqual(b.deleted, c.deleted) || !reflect.DeepEqual(b.restored, c.restored) || len(b.created) > 0 {
				t.Errorf("deleted %q, restored %q, created %v", b.deleted, b.restored, b.created)
			}
			if len(b.asked) != 1 || b.asked[0] != c.scope {
				t.Errorf("asked for %q, want %s", b.asked, c.scope)
			}
		})
	}
}

func TestRocks800TokenInTheHeader(t *testing.T) {
	for _, scheme := range []string{"Bearer ", "bearer ", "BEARER  "} {
		b := &blog{}
		r := httptest.NewRequest(http.MethodPost, "/micropub", strings.NewReader("h=entry&content=x"))
		r.Header.Set("Content-Type", formType)
		r.Header.Set("Authorization", scheme+"good")
		w := httptest.NewRecorder()
		Handler(b.service(t)).ServeHTTP(w, r)
		b.wantCreated(t, w.Result(), Properties{"content": one("x")})
	}
}

func TestRocks801And802TokenInTheFormIsNotStored(t *testing.T) {
	for _, name := range []string{"access_token", "access_token[]"} {
		b := &blog{}
		b.wantCreated(t, b.form(t, "", "h=entry&content=x&"+name+"=good"), Properties{"content": one("x")})
		if len(b.created[0].Commands) > 0 {
			t.Errorf("commands %v, want none", b.created[0].Commands)
		}
	}
}

func TestRocks803NoToken(t *testing.T) {
	const post = `{"type":["h-entry"],"properties":{"content":["x"]}}`
	for name, send := range map[string]func(*blog) *http.Response{
		"form":        func(b *blog) *http.Response { return b.form(t, "", "h=entry&content=x") },
		"JSON":        func(b *blog) *http.Response { return b.json(t, "", post) },
		"broken JSON": func(b *blog) *http.Response { return b.json(t, "", "{") },
		"query":       func(b *blog) *http.Response { return b.send(t, http.MethodGet, "?q=config", "", "", "") },
		"token in the q.": func(b *blog) *http.Response {
			return b.send(t, http.MethodGet, "?q=config&access_token=good", "", "", "")
		},
		"JSON with token": func(b *blog) *http.Response { return b.json(t, "", `{"access_token":"good",`+post[1:]) },
	} {
		t.Run(name, func(t *testing.T) {
			b := &blog{}
			res := send(b)
			b.wantRefused(t, res, 401, "unauthorized", "missing")
			if got := res.Header.Get("WWW-Authenticate"); got != "Bearer" {
				t.Errorf("WWW-Authenticate %q, want Bearer", got)
			}
			if len(b.asked) > 0 {
				t.Error("Authorize was asked about no token")
			}
		})
	}
}

func TestRocks804TokenThatMayNot(t *testing.T) {
	b := &blog{}
	res := b.form(t, "bad", "h=entry&content=x")
	b.wantRefused(t, res, 401, "unauthorized", "not known")
	if got := res.Header.Get("WWW-Authenticate"); got != `Bearer error="invalid_token"` {
		t.Errorf("WWW-Authenticate %q", got)
	}
	b = &blog{}
	res = b.form(t, "reader", "h=entry&content=x")
	b.wantRefused(t, res, 403, "insufficient_scope", "create")
	if got := res.Header.Get("WWW-Authenticate"); got != `Bearer error="insufficient_scope", scope="create"` {
		t.Errorf("WWW-Authenticate %q", got)
	}
}

func TestRocks805TwoTokens(t *testing.T) {
	b := &blog{}
	b.wantRefused(t, b.form(t, "good", "h=entry&content=x&access_token=good"), 400, "invalid_request", "not both")
	b.wantRefused(t, b.form(t, "", "h=entry&content=x&access_token=good&access_token=bad"), 400, "invalid_request", "once")
	if len(b.asked) > 0 {
		t.Error("Authorize was asked about one of two")
	}
}

func TestRefusalsOfTheServiceAreAnsweredAndFailuresHidden(t *testing.T) {
	b := &blog{err: &Error{Status: 400, Code: "invalid_request", Text: "The property published is no date.", Retry: 90 * time.Second}}
	res := b.form(t, "good", "h=entry&content=x&published=x")
	if text := describe(res); res.StatusCode != 400 || !strings.Contains(text, "published") || res.Header.Get("Retry-After") != "90" || len(b.failed) > 0 {
		t.Errorf("status %d %s, told %v", res.StatusCode, text, b.failed)
	}
	b = &blog{err: Forbidden("This post is not yours.")}
	res = b.form(t, "good", "action=undelete&url=https://hark.example/x")
	if text := describe(res); res.StatusCode != 403 || !strings.Contains(text, `"forbidden"`) || res.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("status %d %s", res.StatusCode, text)
	}
	b = &blog{err: errors.New("disk on fire")}
	res = b.form(t, "good", "action=delete&url=https://hark.example/x")
	if text := describe(res); res.StatusCode != 500 || strings.Contains(text, "disk") || len(b.failed) != 1 || !errors.Is(b.failed[0], b.err) {
		t.Errorf("status %d %s, told %v", res.StatusCode, text, b.failed)
	}
}

func TestFieldsOfAMultipartForm(t *testing.T) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, field := range [][2]string{{"h", "entry"}, {"content", "Grüße\n& more"}, {"category[]", "a"}, {"category[]", "b"}, {"access_token", "good"}} {
		w.WriteField(field[0], field[1])
	}
	w.Close()
	b := &blog{}
	res := b.send(t, http.MethodPost, "", "", w.FormDataContentType(), body.String())
	b.wantCreated(t, res, Properties{"content": one("Grüße\n& more"), "category": {"a", "b"}})
}

func TestAppsInABrowserMayAsk(t *testing.T) {
	b := &blog{}
	res := b.send(t, http.MethodOptions, "", "", "", "")
	if h := res.Header; res.StatusCode != http.StatusNoContent || h.Get("Access-Control-Allow-Headers") != "Authorization, Content-Type" || h.Get("Access-Control-Allow-Methods") != "GET, POST" {
		t.Errorf("the question before is answered %d with %v", res.StatusCode, h)
	}
	for name, res := range map[string]*http.Response{
		"the question before": res,
		"a post":              b.form(t, "good", "content=x"),
		"a query":             b.send(t, http.MethodGet, "?q=config", "reader", "", ""),
		"a refusal":           b.form(t, "", "content=x"),
	} {
		if h := res.Header; h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Access-Control-Expose-Headers") != "Location" || h.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: scripts of other sites get %v", name, h)
		}
	}
}
