package micropub

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

func TestCommandsAreNoPropertiesAndUnknownOnesAreKept(t *testing.T) {
	want := Create{
		Type:       "entry",
		Properties: Properties{"content": one("x"), "mood": one("fine"), "url": one("https://a.example/")},
		Commands:   map[string][]any{"mp-slug": one("hello"), "mp-syndicate-to": {"a", "b"}},
	}
	for contentType, body := range map[string]string{
		formType: "content=x&mood=fine&url=https://a.example/&mp-slug=hello&mp-syndicate-to[]=a&mp-syndicate-to[]=b&summary=&category[]=",
		jsonType: `{"properties":{"content":["x"],"mood":["fine"],"url":["https://a.example/"],"mp-slug":["hello"],"mp-syndicate-to":["a","b"],"category":[]}}`,
	} {
		got, err := decode(contentType, []byte(body))
		if err != nil || !reflect.DeepEqual(got.create, want) {
			t.Errorf("%s: %+v, %v, want %+v", contentType, got.create, err, want)
		}
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	for name, c := range map[string]struct{ contentType, body, words string }{
		"another type":          {formType, "h=review&name=x", `h="review"`},
		"another JSON type":     {jsonType, `{"type":["h-review"],"properties":{"name":["x"]}}`, `["h-event"]`},
		"two types":             {jsonType, `{"type":["h-entry","h-card"],"properties":{"name":["x"]}}`, `["h-entry"]`},
		"type is a string":      {jsonType, `{"type":"h-entry","properties":{"name":["x"]}}`, `["h-entry"]`},
		"empty form":            {formType, "", "empty"},
		"only h":                {formType, "h=entry&content=", "empty"},
		"only commands":         {formType, "h=entry&mp-slug=x", "empty"},
		"no properties":         {jsonType, `{"type":["h-entry"]}`, "empty"},
		"null properties":       {jsonType, `{"type":["h-entry"],"properties":null}`, "empty"},
		"properties as array":   {jsonType, `{"type":["h-entry"],"properties":[]}`, `{"content": ["…"]}`},
		"property as string":    {jsonType, `{"type":["h-entry"],"properties":{"content":"x"}}`, `"content": [`},
		"property null":         {jsonType, `{"type":["h-entry"],"properties":{"content":null}}`, `"content": [`},
		"token as property":     {jsonType, `{"type":["h-entry"],"properties":{"access_token":["x"]}}`, "header"},
		"odd name":              {jsonType, `{"type":["h-entry"],"properties":{"a b":["x"]}}`, `"a b"`},
		"brackets with a key":   {formType, "h=entry&content[html]=x", `"content[html]"`},
		"update":                {formType, "action=update&url=https://hark.example/x", "Content-Type application/json"},
		"update of nothing":     {jsonType, `{"action":"update","url":"https://hark.example/x"}`, "replace, add or delete"},
		"update of a string":    {jsonType, `{"action":"update","url":"https://hark.example/x","replace":"x"}`, "replace must be an object"},
		"update to a string":    {jsonType, `{"action":"update","url":"https://hark.example/x","replace":{"content":"x"}}`, `"content": ["…"]`},
		"adding a string":       {jsonType, `{"action":"update","url":"https://hark.example/x","add":{"category":"x"}}`, `"category": ["…"]`},
		"deleting a string":     {jsonType, `{"action":"update","url":"https://hark.example/x","delete":"category"}`, "delete must be an object"},
		"deleting odd names":    {jsonType, `{"action":"update","url":"https://hark.example/x","delete":["a b"]}`, `"a b"`},
		"update of odd names":   {jsonType, `{"action":"update","url":"https://hark.example/x","add":{"a b":["x"]}}`, `"a b"`},
		"update without url":    {jsonType, `{"action":"update","replace":{"content":["x"]}}`, `"url": "…"`},
		"unknown action":        {formType, "action=explode&url=https://hark.example/x", `"explode"`},
		"action as array":       {jsonType, `{"action":["delete"],"url":"https://hark.example/x"}`, `"action": "…"`},
		"delete without url":    {formType, "action=delete", "url"},
		"delete relative":       {formType, "action=delete&url=/2026/one", "absolute"},
		"JSON without url":      {jsonType, `{"action":"delete"}`, "url"},
		"JSON array":            {jsonType, `[]`, "JSON object"},
		"JSON null":             {jsonType, `null`, "JSON object"},
		"broken JSON":           {jsonType, `{"type":["h-entry"`, "JSON object"},
		"JSON and more":         {jsonType, `{"properties":{"content":["x"]}} {}`, "JSON object"},
		"JSON in Latin-1":       {jsonType, "{\"properties\":{\"content\":[\"\xe9\"]}}", "JSON object"},
		"deep JSON":             {jsonType, `{"properties":{"content":` + strings.Repeat("[", 20000), "JSON object"},
		"form in Latin-1":       {formType, "content=%e9", `"content" is not in UTF-8`},
		"broken form":           {formType, "content=%zz", "hexadecimal"},
		"no media type":         {"", "h=entry&content=x", "Content-Type"},
		"another media type":    {"text/plain", "h=entry&content=x", "Content-Type"},
		"multipart, no border":  {multipartType, "x", "boundary=…"},
		"multipart, no parts":   {multipartType + "; boundary=b", "", "encoded"},
		"multipart, broken off": {multipartType + "; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nhello", `"content"`},
	} {
		t.Run(name, func(t *testing.T) {
			b := &blog{}
			b.wantRefused(t, b.send(t, http.MethodPost, "", "good", c.contentType, c.body), 400, "invalid_request", c.words)
			if len(b.asked) != 1 || b.asked[0] != "" && b.asked[0] != "create" && b.asked[0] != "delete" && b.asked[0] != "update" {
				t.Errorf("asked for the scopes %q, want once", b.asked)
			}
		})
	}
}

func TestFilesAreNotTaken(t *testing.T) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	w.WriteField("h", "entry")
	part, err := w.CreateFormFile("photo[]", "sunset.jpg")
	if err != nil {
		t.Fatal(err)
	}
	part.Write([]byte("\xff\xd8\xff"))
	w.Close()
	b := &blog{}
	res := b.send(t, http.MethodPost, "", "good", w.FormDataContentType(), body.String())
	b.wantRefused(t, res, 400, "invalid_request", `"photo"`)
}

func TestBrokenFormWithoutTokenSaysWhatIsBroken(t *testing.T) {
	b := &blog{}
	b.wantRefused(t, b.form(t, "", "access_token=good&content=%zz"), 400, "invalid_request", "encoded")
}

func TestWrongRequestsAreToldToHoldersOfATokenOnly(t *testing.T) {
	b := &blog{}
	b.wantRefused(t, b.json(t, "bad", "{"), 401, "unauthorized", "not known")
	b.wantRefused(t, b.form(t, "", "h=review&name=x&access_token=bad"), 401, "unauthorized", "not known")
	b.wantRefused(t, b.form(t, "", "h=review&name=x"), 401, "unauthorized", "missing")
}

func TestLimitHoldsWhateverTheTransferCoding(t *testing.T) {
	b := &blog{}
	body := "h=entry&content=" + strings.Repeat("x", maxBody)
	b.wantRefused(t, b.form(t, "good", body), 413, "invalid_request", "1 MiB")

	server := httptest.NewServer(Handler(b.service(t)))
	defer server.Close()
	r, _ := http.NewRequest(http.MethodPost, server.URL, struct{ io.Reader }{strings.NewReader(body)})
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Authorization", "Bearer good")
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b.wantRefused(t, res, 413, "invalid_request", "1 MiB")
}

func TestOtherMethodsAreRefused(t *testing.T) {
	b := &blog{}
	res := b.send(t, http.MethodPut, "", "good", jsonType, "{}")
	b.wantRefused(t, res, 405, "invalid_request", "POST")
	if got := res.Header.Get("Allow"); got != "GET, HEAD, OPTIONS, POST" {
		t.Errorf("Allow %q", got)
	}
}

// decodeAny reads a body, a form in parts, too.
func decodeAny(contentType string, body []byte) (request, error) {
	boundary := boundaryOf(contentType)
	if boundary == "" {
		return decode(contentType, body)
	}
	a := &album{handler: &handler{}, form: arrive(bytes.NewReader(body), boundary, func(string) error { return nil })}
	a.form.body.open = true
	return a.read()
}

// FuzzRequest holds that no body brings the reader down, that a post it took
// never holds the token, and that the post means the same as JSON.
func FuzzRequest(f *testing.F) {
	types := []string{formType, multipartType + "; boundary=b", jsonType}
	f.Add(byte(0), []byte("h=entry&content=x&category[]=a&access_token=t&mp-slug=s"))
	f.Add(byte(1), []byte("--b\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nx\r\n--b--\r\n"))
	f.Add(byte(2), []byte(`{"type":["h-entry"],"properties":{"content":[{"html":"<b>x</b>"}],"mp-slug":["s"]}}`))
	f.Add(byte(2), []byte(`{"action":"delete","url":"https://hark.example/x"}`))
	f.Add(byte(2), []byte(`{"type":["h-event"],"properties":{"name":["x"],"start":["2026-12-01"]}}`))
	f.Add(byte(2), []byte(`{"action":"update","url":"https://hark.example/x","replace":{"content":["x"]},"add":{"a":["b"]},"delete":{"c":[{"d":1}]}}`))
	f.Add(byte(2), []byte(`{"action":"update","url":"https://hark.example/x","delete":["category"]}`))
	f.Fuzz(func(t *testing.T, kind byte, body []byte) {
		got, err := decodeAny(types[int(kind)%len(types)], body)
		if err == nil && got.action == actionUpdate {
			u := got.update
			if u.URL != got.url || len(u.Replace)+len(u.Add)+len(u.Delete)+len(u.Drop) == 0 {
				t.Fatalf("an update of nothing was taken: %+v", u)
			}
		}
		if err != nil || got.action != actionCreate {
			return
		}
		properties := map[string][]any{}
		for name, values := range got.create.Properties {
			if name == "access_token" {
				t.Fatalf("the token is a property: %+v", got.create)
			}
			properties[name] = values
		}
		for name, values := range got.create.Commands {
			properties[name] = values
		}
		again, err := json.Marshal(map[string]any{"type": []string{"h-" + got.create.Type}, "properties": properties})
		if err != nil {
			t.Fatal(err)
		}
		same, err := decode(jsonType, again)
		if err != nil || !reflect.DeepEqual(same.create, got.create) {
			t.Fatalf("%+v became %+v, %v", got.create, same.create, err)
		}
	})
}
