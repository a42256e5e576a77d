package micropub

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
)

func TestRocks400To404Updates(t *testing.T) {
	const url = "https://hark.example/2026/one"
	for name, c := range map[string]struct {
		body string
		want Update
	}{
		"400 replace a property":           {`"replace":{"content":["This is the updated text."]}`, Update{URL: url, Replace: Properties{"content": one("This is the updated text.")}}},
		"401 add a value":                  {`"add":{"category":["test2"]}`, Update{URL: url, Add: Properties{"category": one("test2")}}},
		"403 remove a value":               {`"delete":{"category":["test1"]}`, Update{URL: url, Delete: Properties{"category": one("test1")}}},
		"404 remove a property":            {`"delete":["category"]`, Update{URL: url, Drop: []string{"category"}}},
		"all at once, with nested objects": {`"replace":{"a":[{"type":["h-card"]}]},"add":{"b":[1]},"delete":["c"]`, Update{URL: url, Replace: Properties{"a": one(map[string]any{"type": one("h-card")})}, Add: Properties{"b": one(1.0)}, Drop: []string{"c"}}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &blog{}
			res := b.json(t, "good", `{"action":"update","url":"`+url+`",`+c.body+`}`)
			if res.StatusCode != http.StatusNoContent || len(b.updated) != 1 || !reflect.DeepEqual(b.updated[0], c.want) {
				t.Errorf("status %d, updated %+v, want %+v", res.StatusCode, b.updated, c.want)
			}
			if len(b.asked) != 1 || b.asked[0] != "update" {
				t.Errorf("asked for the scopes %q", b.asked)
			}
		})
	}
}

func TestAnUpdateThatMovesThePostSaysWhere(t *testing.T) {
	b := &blog{}
	res := b.json(t, "good", `{"action":"update","url":"https://hark.example/2026/one","replace":{"mp-slug":["moved"]}}`)
	if res.StatusCode != http.StatusCreated || res.Header.Get("Location") != "https://hark.example/2026/moved" {
		t.Errorf("status %d, Location %q", res.StatusCode, res.Header.Get("Location"))
	}
}

func TestRocks405AnOperationThatIsNoArrayIsRefused(t *testing.T) {
	b := &blog{}
	b.wantRefused(t, b.json(t, "good", `{"action":"update","url":"https://hark.example/2026/one","replace":"This is not a valid update request."}`), 400, "invalid_request", "replace must be an object")
	b.wantRefused(t, b.json(t, "good", `{"action":"update","url":"https://hark.example/2026/one","replace":{"content":"x"}}`), 400, "invalid_request", "must be an array")
	if len(b.updated) != 0 {
		t.Errorf("updated %+v", b.updated)
	}
}

func TestRocks600To603Queries(t *testing.T) {
	for query, want := range map[string]string{
		"?q=config":                                   `{"media-endpoint":"https://hark.example/media","post-types":[{"type":"note","name":"Note"}],"q":["config","source","syndicate-to","category","post-types","channel"],"syndicate-to":[]}`,
		"?q=syndicate-to":                             `{"syndicate-to":[]}`,
		"?q=channel":                                  `{"channels":[]}`,
		"?q=post-types":                               `{"post-types":[{"type":"note","name":"Note"}]}`,
		"?q=category":                                 `{"categories":["rain",""]}`,
		"?q=category&filter=wi":                       `{"categories":["rain","wi"]}`,
		"?q=category&filter=wi&limit=1":               `{"categories":["rain"]}`,
		"?q=category&filter=wi&limit=5&offset=1":      `{"categories":["wi"]}`,
		"?q=category&offset=9":                        `{"categories":[]}`,
		"?q=post-types&limit=1":                       `{"post-types":[{"type":"note","name":"Note"}]}`,
		"?q=source&url=https://hark.example/2026/one": `{"type":["h-entry"],"properties":{"category":["a","b"],"content":["Words."]}}`,
		"?q=source&properties=content&url=https://hark.example/2026/one":                         `{"properties":{"content":["Words."]}}`,
		"?q=source&properties[]=content&properties[]=category&url=https://hark.example/2026/one": `{"properties":{"category":["a","b"],"content":["Words."]}}`,
		"?q=source&properties=mood&url=https://hark.example/2026/one":                            `{"properties":{}}`,
		"?q=source&limit=1&after=k0&post-type=note":                                              `{"items":[{"type":["h-entry"],"properties":{"category":["a","b"],"content":["Words."]}}],"paging":{"after":"k1"}}`,
		"?q=source&properties=category":                                                          `{"items":[{"type":["h-entry"],"properties":{"category":["a","b"]}}],"paging":{"after":"k1"}}`,
	} {
		b := &blog{}
		token := "reader"
		if strings.Contains(query, "source") {
			token = "good"
		}
		res := b.send(t, http.MethodGet, query, token, "", "")
		got := strings.TrimSpace(describe(res))
		if res.StatusCode != http.StatusOK || got != want || res.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: status %d, %s, want %s", query, res.StatusCode, got, want)
		}
		if strings.Contains(query, "after=k0") && b.listed[0] != (Listing{Kind: "note", After: "k0", Limit: 1}) {
			t.Errorf("listed %+v", b.listed)
		}
	}
}

func TestWhatCannotBeAskedIsRefusedByName(t *testing.T) {
	b := &blog{}
	b.wantRefused(t, b.send(t, http.MethodGet, "?q=contact", "good", "", ""), 400, "invalid_request", `"contact"`)
	b.wantRefused(t, b.send(t, http.MethodGet, "", "good", "", ""), 400, "invalid_request", "parameter q")
	for _, limit := range []string{"0", "101", "x", "-1"} {
		b.wantRefused(t, b.send(t, http.MethodGet, "?q=source&limit="+limit, "good", "", ""), 400, "invalid_request", "limit")
	}
	for _, query := range []string{"limit=0", "limit=x", "offset=-1", "offset=x"} {
		name, _, _ := strings.Cut(query, "=")
		b.wantRefused(t, b.send(t, http.MethodGet, "?q=category&"+query, "good", "", ""), 400, "invalid_request", name+" must be a number from")
	}
	b.wantRefused(t, b.send(t, http.MethodGet, "?q=source&url=https://hark.example/2026/one", "reader", "", ""), 403, "insufficient_scope", "scope")
}
