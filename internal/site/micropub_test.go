package site

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
	"hark/internal/settings"
)

const jsonType = "application/json"

// app is a program that writes.
type app struct {
	*blog
	token string
}

func (b *blog) app(scope string) *app { return &app{b, b.token(scope)} }

// makes sends a post that must be made, and gives its address.
func (a *app) makes(contentType, body string) string {
	a.t.Helper()
	r := a.send("/micropub", contentType, body, a.token)
	if r.StatusCode != http.StatusCreated || !strings.HasPrefix(r.Header.Get("Location"), public+"/") {
		a.t.Fatalf("%s is answered %d, Location %q: %s", body, r.StatusCode, r.Header.Get("Location"), r.body)
	}
	return r.Header.Get("Location")
}

// updates changes a post, whose properties must then be the ones wanted.
func (a *app) updates(address, changes string, want map[string]any) {
	a.t.Helper()
	r := a.send("/micropub", jsonType, `{"action":"update","url":"`+address+`",`+changes+`}`, a.token)
	if r.StatusCode != http.StatusNoContent {
		a.t.Fatalf("%s is answered %d: %s", changes, r.StatusCode, r.body)
	}
	a.holds(address, want)
}

// refuses sends what must be refused, by a text that holds the words.
func (a *app) refuses(contentType, body string, status int, words string) {
	a.t.Helper()
	if r := a.send("/micropub", contentType, body, a.token); r.StatusCode != status || !strings.Contains(r.body, words) {
		a.t.Errorf("%s is answered %d: %s, want %d and %q", body, r.StatusCode, r.body, status, words)
	}
}

// source is what q=source says.
func (a *app) source(query string) (answer map[string]any) {
	a.t.Helper()
	r := a.ask(http.MethodGet, "/micropub?q=source"+query, a.token)
	if r.StatusCode != http.StatusOK {
		a.t.Fatalf("source %s is answered %d: %s", query, r.StatusCode, r.body)
	}
	if err := json.Unmarshal([]byte(r.body), &answer); err != nil {
		a.t.Fatal(err)
	}
	return answer
}

// holds expects properties of a post: nil for one that it has not.
func (a *app) holds(address string, want map[string]any) {
	a.t.Helper()
	properties := a.source("&url=" + url.QueryEscape(address))["properties"].(map[string]any)
	for name, value := range want {
		if got := properties[name]; !reflect.DeepEqual(got, value) {
			a.t.Errorf("%s of %s is %v, want %v", name, address, got, value)
		}
	}
}

func values(all ...any) []any { return all }

// The numbers are those of the server tests of micropub.rocks; those of media
// (700 and up to 702) are elsewhere.
func TestRocks(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update delete undelete")
	shown := func(t *testing.T, address string, words ...string) {
		t.Helper()
		body := b.get(strings.TrimPrefix(address, public)).body
		for _, one := range words {
			if !strings.Contains(body, one) {
				t.Errorf("%s lacks %q", address, one)
			}
		}
	}
	t.Run("100 a form", func(t *testing.T) {
		shown(t, a.makes(formType, "h=entry&content=Micropub+test+of+a+basic+entry"), "basic entry")
	})
	t.Run("101 and 107 categories by form", func(t *testing.T) {
		shown(t, a.makes(formType, "h=entry&content=x&category[]=test1&category[]=test2"), "/tag/test1", "/tag/test2")
		shown(t, a.makes(formType, "h=entry&content=x&category=test3"), "/tag/test3")
	})
	t.Run("104 a photo by form", func(t *testing.T) {
		shown(t, a.makes(formType, "h=entry&content=x&photo=https%3A%2F%2Fpictures.example%2Fsunset.jpg&mp-photo-alt=Red+sky"), `class="u-photo" href="https://pictures.example/sunset.jpg"`, "Red sky")
	})
	t.Run("200 and 201 JSON", func(t *testing.T) {
		shown(t, a.makes(jsonType, `{"type":["h-entry"],"properties":{"content":["Basic JSON"],"category":["test1","test2"]}}`), "Basic JSON", "/tag/test2")
	})
	t.Run("202 HTML", func(t *testing.T) {
		shown(t, a.makes(jsonType, `{"type":["h-entry"],"properties":{"content":[{"html":"<p>This has <b>bold</b> text.</p>"}]}}`), "<b>bold</b>")
	})
	t.Run("203, 205 and 206 photos in JSON", func(t *testing.T) {
		address := a.makes(jsonType, `{"type":["h-entry"],"properties":{"content":["x"],"photo":["/media/1.jpg",{"value":"/media/2.jpg","alt":"Photo of a cat"}]}}`)
		shown(t, address, `src="/media/1.jpg" alt=""`, `src="/media/2.jpg" alt="Photo of a cat"`)
		a.holds(address, map[string]any{"photo": values("/media/1.jpg", map[string]any{"value": "/media/2.jpg", "alt": "Photo of a cat"})})
	})
	t.Run("204 a nested object, kept as it came", func(t *testing.T) {
		checkin := `{"type":["h-card"],"properties":{"name":["Jar Bar"],"url":["https://bar.example/"],"latitude":[54.47],"longitude":["9.05"],"x":{"y":[null,true]}}}`
		address := a.makes(jsonType, `{"type":["h-entry"],"properties":{"published":["2026-11-01T12:00:00+01:00"],"content":["Lunch"],"checkin":[`+checkin+`],"mood":["fine"]}}`)
		shown(t, address, "u-checkin h-card", "Jar Bar")
		var kept any
		if err := json.Unmarshal([]byte(checkin), &kept); err != nil {
			t.Fatal(err)
		}
		a.holds(address, map[string]any{"checkin": values(kept), "mood": values("fine"), "published": values("2026-11-01T11:00:00Z")})
	})
	t.Run("a multipart form", func(t *testing.T) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		w.WriteField("h", "entry")
		w.WriteField("content", "In parts")
		w.Close()
		shown(t, a.makes(w.FormDataContentType(), body.String()), "In parts")
	})
	t.Run("400 replace", func(t *testing.T) {
		address := a.makes(jsonType, `{"type":["h-entry"],"properties":{"content":["This text should be replaced."],"category":["test1"],"mood":["fine"]}}`)
		a.updates(address, `"replace":{"content":["This is the updated text."]}`, map[string]any{"content": values("This is the updated text."), "category": values("test1"), "mood": values("fine")})
		shown(t, address, "This is the updated text.")
	})
	t.Run("401 to 404 add and remove", func(t *testing.T) {
		address := a.makes(jsonType, `{"type":["h-entry"],"properties":{"content":["x"],"category":["test1"]}}`)
		a.updates(address, `"add":{"category":["test2"]}`, map[string]any{"category": values("test1", "test2")})
		a.updates(address, `"add":{"syndication":["https://social.example/1"]}`, map[string]any{"syndication": values("https://social.example/1")})
		shown(t, address, "u-syndication")
		a.updates(address, `"delete":{"category":["test1","none"]}`, map[string]any{"category": values("test2")})
		a.updates(address, `"delete":["category","syndication"]`, map[string]any{"category": nil, "syndication": nil, "content": values("x")})
	})
	t.Run("405 no array", func(t *testing.T) {
		address := a.makes(formType, "h=entry&content=stays")
		a.refuses(jsonType, `{"action":"update","url":"`+address+`","replace":"This is not valid."}`, 400, "replace must be an object")
		a.holds(address, map[string]any{"content": values("stays")})
	})
	t.Run("500 to 503 delete and undelete", func(t *testing.T) {
		address := a.makes(formType, "h=entry&content=x")
		path := strings.TrimPrefix(address, public)
		for n, want := range []int{410, 200, 410, 200} {
			action := []string{"delete", "undelete"}[n%2]
			contentType, body := formType, "action="+action+"&url="+address
			if n > 1 {
				contentType, body = jsonType, `{"action":"`+action+`","url":"`+address+`"}`
			}
			done := b.send("/micropub", contentType, body, a.token)
			if got := b.ask(http.MethodGet, path).StatusCode; done.StatusCode != http.StatusNoContent || got != want {
				t.Errorf("%s is answered %d, then the page %d", body, done.StatusCode, got)
			}
		}
	})
	t.Run("600 and 601 what there is", func(t *testing.T) {
		r := b.ask(http.MethodGet, "/micropub?q=config", a.token)
		for _, words := range []string{`"source"`, `"syndicate-to":[]`, `{"type":"checkin","name":"Check-in"}`, `"visibility":["public","unlisted","private"]`} {
			if !strings.Contains(r.body, words) {
				t.Errorf("config lacks %s: %s", words, r.body)
			}
		}
		if r := b.ask(http.MethodGet, "/micropub?q=category&filter=EST2", a.token); strings.TrimSpace(r.body) != `{"categories":["test2"]}` {
			t.Errorf("categories are %s", r.body)
		}
	})
	t.Run("602 and 603 source", func(t *testing.T) {
		address := a.makes(jsonType, `{"type":["h-entry"],"properties":{"name":["A title"],"content":["x"],"category":["foo","bar"]}}`)
		whole := a.source("&url=" + address)
		if !reflect.DeepEqual(whole["type"], values("h-entry")) {
			t.Errorf("its type is %v", whole["type"])
		}
		a.holds(address, map[string]any{"name": values("A title"), "content": values("x"), "category": values("foo", "bar"), "post-status": values("published"), "visibility": values("public"), "url": values(address)})
		if some := a.source("&properties[]=content&properties[]=category&url=" + address); !reflect.DeepEqual(some, map[string]any{"properties": map[string]any{"content": values("x"), "category": values("foo", "bar")}}) {
			t.Errorf("some of it is %v", some)
		}
	})
	t.Run("800, 801, 803 to 805 tokens", func(t *testing.T) {
		bare := strings.TrimPrefix(a.token, "Authorization: Bearer ")
		nobody := &app{b, "Accept: */*"}
		shown(t, nobody.makes(formType, "h=entry&content=by+the+form&access_token="+bare), "by the form")
		nobody.refuses(formType, "h=entry&content=x", 401, "unauthorized")
		a.refuses(formType, "h=entry&content=x&access_token="+bare, 400, "not both")
		b.app("delete").refuses(formType, "h=entry&content=x", 403, "insufficient_scope")
		b.app("create").refuses(jsonType, `{"action":"update","url":"`+public+`/2026/x","replace":{"content":["x"]}}`, 403, `"update"`)
		b.app("update").refuses(formType, "action=undelete&url="+public+"/2026/x", 403, `"undelete"`)
		if r := b.ask(http.MethodGet, "/micropub?q=source", b.token("media")); r.StatusCode != http.StatusForbidden {
			t.Errorf("a token for media reads posts: %d", r.StatusCode)
		}
	})
	t.Run("802 the token is not kept", func(t *testing.T) {
		address := (&app{b, "Accept: */*"}).makes(formType, "h=entry&content=x&access_token="+strings.TrimPrefix(a.token, "Authorization: Bearer "))
		a.holds(address, map[string]any{"access_token": nil})
		a.refuses(jsonType, `{"action":"update","url":"`+address+`","add":{"access_token":["x"]}}`, 400, "access_token is no property")
	})
}

func TestAnAppMakesEveryKind(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update")
	for kind, body := range map[string]string{
		"event":    "h=event&name=Walk&start=2026-12-01T19:30%2B01:00&end=2026-12-01T21:00%2B01:00&location=Husum&description=Boots",
		"rsvp":     "rsvp=maybe&in-reply-to=https://events.example/1",
		"reply":    "content=Yes&in-reply-to=https://other.example/1",
		"repost":   "repost-of=https://other.example/1",
		"like":     "like-of=https://other.example/1",
		"bookmark": "bookmark-of=https://other.example/1&name=Other",
		"checkin":  "checkin=geo:54.47,9.05",
		"video":    "video=/media/a.mp4",
		"audio":    "audio=/media/a.mp3&name=Gulls",
		"photo":    "photo[]=/media/a.jpg&photo[]=/media/b.jpg",
		"article":  "name=Title&content=Words",
		"note":     "content=Words",
	} {
		address := a.makes(formType, body)
		p, err := b.Posts.ByPath(t.Context(), strings.TrimPrefix(address, public))
		if err != nil || string(p.Kind) != kind {
			t.Errorf("%s makes %+v, %v", body, p, err)
			continue
		}
		b.get(p.Path)
		if list := a.source("&limit=5&post-type=" + kind)["items"].([]any); len(list) != 1 {
			t.Errorf("of kind %s are listed %d", kind, len(list))
		}
		if source := a.source("&url=" + url.QueryEscape(address)); (source["type"].([]any)[0] == "h-event") != (kind == "event") {
			t.Errorf("the %s is %v", kind, source["type"])
		}
	}
	var seen []string
	for after := ""; ; {
		page := a.source("&limit=5&properties=url&after=" + after)
		for _, item := range page["items"].([]any) {
			seen = append(seen, item.(map[string]any)["properties"].(map[string]any)["url"].([]any)[0].(string))
		}
		paging, more := page["paging"].(map[string]any)
		if !more {
			break
		}
		after = paging["after"].(string)
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 12 {
		t.Errorf("page by page there are %q", seen)
	}
}

func TestAnAppSaysWhenAndForWhom(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update delete undelete")
	due := b.at.Add(2 * time.Hour)
	scheduled := a.makes(formType, "content=Later&published="+url.QueryEscape(due.Format(time.RFC3339)))
	draft := a.makes(formType, "content=Half&post-status=draft&mp-slug=half")
	private := a.makes(formType, "content=Secret&visibility=private&mp-slug=secret")
	for _, address := range []string{scheduled, draft} {
		if !strings.HasPrefix(address, public+deskPath) {
			t.Errorf("what is not published is at %s", address)
		}
	}
	if r := b.ask(http.MethodGet, strings.TrimPrefix(private, public)); r.StatusCode != http.StatusNotFound {
		t.Errorf("a visitor sees the private post: %d", r.StatusCode)
	}
	a.holds(private, map[string]any{"visibility": values("private")})
	a.holds(scheduled, map[string]any{"post-status": values("published"), "published": values(machine(due))})
	a.updates(draft, `"replace":{"content":["Half and half"]},"add":{"category":["rain"]}`, map[string]any{"content": values("Half and half"), "post-status": values("draft")})
	publish := `{"action":"update","url":"` + draft + `","replace":{"post-status":["published"]}}`
	if r := b.send("/micropub", jsonType, publish, b.token("draft update")); r.StatusCode != http.StatusForbidden || !strings.Contains(r.body, "create") {
		t.Errorf("a token for drafts publishes one: %d, %s", r.StatusCode, r.body)
	}
	r := b.send("/micropub", jsonType, publish, a.token)
	if now := r.Header.Get("Location"); r.StatusCode != http.StatusCreated || !strings.HasSuffix(now, "/half") || b.get(strings.TrimPrefix(now, public)).StatusCode != 200 {
		t.Errorf("publishing the draft is answered %d, Location %q: %s", r.StatusCode, now, r.body)
	}
	if got := b.get("/").all(".h-entry"); len(got) != 1 {
		t.Errorf("%d posts are listed", len(got))
	}
	b.at = due
	if err := b.queue.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if body := b.get("/").body; !strings.Contains(body, "Later") || strings.Contains(body, "Secret") {
		t.Error("the scheduled post did not come out, or the private one did")
	}
	a.holds(scheduled, map[string]any{"content": values("Later")}) // the address that it had before still names it
	moved := b.send("/micropub", jsonType, `{"action":"update","url":"`+private+`","replace":{"mp-slug":["open"],"visibility":["unlisted"]}}`, a.token)
	if r := b.get(strings.TrimPrefix(moved.Header.Get("Location"), public)); !strings.Contains(r.body, "Secret") {
		t.Errorf("the post that moved is answered %d: %s", moved.StatusCode, moved.body)
	}
}

func TestAnAppThatOnlyUpdatesKeepsTheTime(t *testing.T) {
	b := newBlog(t)
	due := b.at.Add(time.Hour)
	scheduled := b.app("create").makes(formType, "content=Later&published="+url.QueryEscape(due.Format(time.RFC3339)))
	b.app("update").updates(scheduled, `"replace":{"content":["Later still"]}`, map[string]any{"content": values("Later still"), "published": values(machine(due))})
	if got := b.get("/").all(".h-entry"); len(got) != 0 {
		t.Errorf("%d posts are published", len(got))
	}
}

// seesNothing expects that the home page shows no such words.
func (b *blog) seesNothing(words string) {
	b.t.Helper()
	if err := b.queue.Drain(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	if body := b.get("/").body; strings.Contains(body, words) {
		b.t.Errorf("visitors see %q", words)
	}
}

// What an app left blank opens no post.
func TestAnEmptyValueOpensNoPost(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update")
	due := url.QueryEscape(b.at.Add(time.Hour).Format(time.RFC3339))
	for _, address := range []string{
		a.makes(formType, "content=Secret&visibility=private"),
		a.makes(formType, "content=Secret&post-status=draft"),
		a.makes(formType, "content=Secret&published="+due),
	} {
		before := a.source("&url=" + address)
		for _, name := range []string{"visibility", "post-status", "published"} {
			for _, changes := range []string{
				`"replace":{"%s":[""]}`, `"replace":{"%s":[" "]}`, `"replace":{"%s":[]}`, `"replace":{"%s":[null]}`, `"replace":{"%s":[{}]}`, `"replace":{"%s":["any"]}`,
				`"replace":{"%s":["",""]}`, `"add":{"%s":[""]}`, `"delete":["%s"]`, `"delete":{"%s":["private"]}`, `"delete":{"%s":[]}`,
			} {
				a.refuses(jsonType, `{"action":"update","url":"`+address+`",`+strings.ReplaceAll(changes, "%s", name)+`}`, 400, name+": ")
			}
		}
		if after := a.source("&url=" + address); !reflect.DeepEqual(after, before) {
			t.Errorf("it was %v and is %v", before, after)
		}
	}
	a.refuses(jsonType, `{"properties":{"content":["Secret"],"visibility":[""]}}`, 400, "visibility: this is public, unlisted or private")
	a.refuses(jsonType, `{"properties":{"content":["Secret"],"post-status":[""]}}`, 400, "post-status: this is published or draft")
	b.seesNothing("Secret")
}

// What counts is what readers would see, by whatever property it is done.
func TestATokenThatMayNotPublishOpensNoPost(t *testing.T) {
	b := newBlog(t)
	whole := b.app("create delete")
	soon, later := machine(b.at.Add(time.Hour)), machine(b.at.Add(2*time.Hour))
	secrets := map[string]string{
		whole.makes(formType, "content=Secret&post-status=draft"):                      `"replace":{"post-status":["published"]}`,
		whole.makes(formType, "content=Secret&published="+later):                       `"replace":{"published":["` + soon + `"]}`,
		whole.makes(formType, "content=Secret+1&published="+later):                     `"replace":{"published":["` + machine(b.at.Add(-time.Hour)) + `"]}`,
		whole.makes(formType, "content=Secret+2&visibility=private"):                   `"replace":{"visibility":["public"]}`,
		whole.makes(formType, "content=Secret+3&visibility=private&published="+later):  `"replace":{"visibility":["unlisted"]}`,
		whole.makes(formType, "content=Secret+6&visibility=private"):                   `"add":{"audience":["https://jane.example/"]}`,
		whole.makes(formType, "content=Secret+4&visibility=unlisted&published="+later): `"replace":{"visibility":["public"]}`,
	}
	for _, scope := range []string{"update", "draft update"} {
		a := b.app(scope)
		for address, changes := range secrets {
			before := a.source("&url=" + address)
			a.refuses(jsonType, `{"action":"update","url":"`+address+`",`+changes+`}`, 403, `"scope":"create"`)
			if after := a.source("&url=" + address); !reflect.DeepEqual(after, before) {
				t.Errorf("it was %v and is %v", before, after)
			}
		}
	}
	b.seesNothing("Secret")
	drafter := b.app("draft update undelete")
	gone := whole.makes(formType, "content=Secret+5")
	b.send("/micropub", formType, "action=delete&url="+gone, whole.token)
	drafter.refuses(formType, "action=undelete&url="+gone, 403, `"scope":"create"`)
	b.seesNothing("Secret")
	half := drafter.makes(formType, "content=Half&visibility=private")
	drafter.updates(half, `"replace":{"visibility":["public"],"published":["`+soon+`"]}`, map[string]any{"post-status": values("draft"), "visibility": values("public")})
	b.seesNothing("Half")
}

func TestAnAppSaysInWhichLanguage(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update")
	address := a.makes(formType, "content=Regen&lang=de")
	if got := b.get(strings.TrimPrefix(address, public)).all(`article[lang="de"]`); len(got) != 1 {
		t.Errorf("%d articles are in German", len(got))
	}
	a.holds(address, map[string]any{"lang": values("de")})
	a.updates(address, `"replace":{"content":["Niesel"]}`, map[string]any{"lang": values("de")})
	a.refuses(jsonType, `{"action":"update","url":"`+address+`","replace":{"lang":["german, please"]}}`, 400, "lang: A language is written like")
	a.updates(address, `"delete":["lang"]`, map[string]any{"lang": nil, "content": values("Niesel")})
}

// What an update does not speak of stays: also what Micropub has no words for.
func TestAnUpdateKeepsWhatItHasNoWordsFor(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Imprint", Content: "Words", Apart: true, Pinned: true, Series: "Walks", Closed: true, Quiet: []string{"https://other.example/"}})
	b.app("update").updates(public+p.Path, `"replace":{"content":["Other words"]}`, map[string]any{"content": values("Other words")})
	got, err := b.Posts.ByID(t.Context(), p.ID)
	if err != nil || !got.Apart || !got.Pinned || got.Series != "Walks" || !got.Closed || len(got.Quiet) != 1 || got.Path != p.Path {
		t.Errorf("it is %+v, %v", got, err)
	}
}

func TestAPlaceThatIsNotForAllIsNotShown(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update")
	for said, shown := range map[string]bool{"": true, "&location-visibility=public": true, "&location-visibility=private": false, "&location-visibility=protected": false} {
		for _, kind := range []string{"content=Lunch", "h=event&name=Lunch&start=2026-12-01"} {
			address := a.makes(formType, kind+"&location=Husum"+said)
			for _, path := range []string{strings.TrimPrefix(address, public), "/feed.atom"} {
				body := b.get(path).body
				if path == "/feed.atom" {
					body, _, _ = strings.Cut(body[strings.Index(body, "<entry>"):], "</entry>")
				}
				if strings.Contains(body, "Husum") != shown {
					t.Errorf("%s%s: %s shows the place: %t", kind, said, path, !shown)
				}
			}
			a.holds(address, map[string]any{"location": values("Husum")})
		}
	}
}

func TestAnAppHasAPostCopied(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update")
	const here, there = "https://brid.gy/publish/mastodon", "https://fed.brid.gy/"
	telling := settings.Telling{Targets: "Mastodon " + here + "\nFediverse " + there}
	if err := b.Settings.SaveTelling(t.Context(), telling); err != nil {
		t.Fatal(err)
	}
	for _, query := range []string{"config", "syndicate-to"} {
		if r := b.ask(http.MethodGet, "/micropub?q="+query, a.token); !strings.Contains(r.body, `"syndicate-to":[{"uid":"`+here+`","name":"Mastodon"},{"uid":"`+there+`","name":"Fediverse"}]`) {
			t.Errorf("%s: %s", query, r.body)
		}
	}
	address := a.makes(formType, "content=Words&mp-syndicate-to="+here)
	path := strings.TrimPrefix(address, public)
	shown := func(want ...string) {
		t.Helper()
		got := []string{}
		for _, link := range b.get(path).all(`a.unseen[aria-hidden]`) {
			got = append(got, attribute(link, "href"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("the page links to %q, want %q", got, want)
		}
	}
	shown(here)
	a.holds(address, map[string]any{"mp-syndicate-to": values(here)})
	a.updates(address, `"add":{"mp-syndicate-to":["`+there+`"]}`, map[string]any{"content": values("Words")})
	shown(here, there)
	a.refuses(formType, "content=x&mp-syndicate-to=https://other.example/", 400, "mp-syndicate-to: this site copies no posts to https://other.example/. It can be "+here)
	a.refuses(jsonType, `{"action":"update","url":"`+address+`","add":{"mp-syndicate-to":["https://other.example/"]}}`, 400, "mp-syndicate-to: ")
	a.refuses(jsonType, `{"properties":{"content":["x"],"mp-syndicate-to":[{"uid":"x"}]}}`, 400, "mp-syndicate-to: ")
	if err := b.Settings.SaveTelling(t.Context(), settings.Telling{}); err != nil {
		t.Fatal(err)
	}
	a.updates(address, `"replace":{"content":["Others"]}`, map[string]any{"mp-syndicate-to": values(here, there)})
	a.updates(address, `"delete":["mp-syndicate-to"]`, map[string]any{"mp-syndicate-to": nil})
	shown()
}

func TestAddingAgainAndAgainComesToAnEnd(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update")
	address := a.makes(formType, "content=x")
	add := `{"action":"update","url":"` + address + `","add":{"mood":["` + strings.Repeat("x", 400<<10) + `"]}}`
	for range 2 {
		if r := b.send("/micropub", jsonType, add, a.token); r.StatusCode != http.StatusNoContent {
			t.Fatalf("answered %d: %s", r.StatusCode, r.body)
		}
	}
	if r := b.send("/micropub", jsonType, add, a.token); r.StatusCode != 400 || !strings.Contains(r.body, "1 MiB at most. The most of it is in mood.") {
		t.Errorf("answered %d: %s", r.StatusCode, r.body)
	}
}

func TestAnUpdateInTheLastMinuteDoesNotPublish(t *testing.T) {
	b := newBlog(t)
	due := b.at.Add(2 * time.Minute)
	scheduled := b.app("create").makes(formType, "content=Later&published="+machine(due))
	b.at = due.Add(-30 * time.Second)
	b.app("update").updates(scheduled, `"replace":{"content":["Later still"]}`, map[string]any{"published": values(machine(due))})
	b.seesNothing("Later")
}

func TestAnUpdateThatIsRefusedChangesNothing(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update delete")
	address := a.makes(jsonType, `{"properties":{"name":["Walk"],"content":["Words"],"start":["2026-12-01"],"category":["a"]}}`)
	before := a.source("&url=" + address)
	for changes, words := range map[string]string{
		`"replace":{"content":["Other"],"start":["soon"]}`:             "start: ",
		`"replace":{"content":["Other"]},"add":{"end":["2026-11-30"]}`: "end: ",
		`"add":{"name":["Second"]}`:                                    "name: this takes one value",
		`"replace":{"name":[{"x":1}]}`:                                 "name: this takes text",
		`"replace":{"post-status":["draft"]}`:                          "post-status: ",
		`"replace":{"post-status":["maybe"]}`:                          "post-status: ",
		`"replace":{"visibility":["friends"]}`:                         "visibility: ",
		`"delete":["visibility"]`:                                      "visibility: ",
		`"delete":["published"]`:                                       "published: ",
		`"replace":{"published":["2999-01-01"]}`:                       "published: ",
		`"replace":{"url":["https://other.example/"]}`:                 "url: ",
		`"replace":{"mp-slug":["A B"]}`:                                "mp-slug: ",
		`"add":{"mp-syndicate-to":["x"]}`:                              "mp-syndicate-to: ",
		`"add":{"photo":["javascript:alert(1)"]}`:                      "photo: ",
		`"add":{"rsvp":["yes"]}`:                                       "in-reply-to: ",
	} {
		a.refuses(jsonType, `{"action":"update","url":"`+address+`",`+changes+`}`, 400, words)
	}
	if after := a.source("&url=" + address); !reflect.DeepEqual(after, before) {
		t.Errorf("it was %v and is %v", before, after)
	}
	a.refuses(formType, "h=event&name=Walk", 400, "start: ")
	a.refuses(formType, "content=x&mp-syndicate-to=https://social.example/", 400, "mp-syndicate-to: ")
	a.refuses(formType, "content=x&checkin=geo:99,0", 400, "checkin: ")
	if _, err := b.Gate.NewToken(t.Context(), "wren", "update", "x"); err != nil {
		t.Fatal(err)
	}
	if r := b.send("/micropub", formType, "action=delete&url="+address, a.token); r.StatusCode != http.StatusNoContent {
		t.Fatal(r.body)
	}
	a.refuses(jsonType, `{"action":"update","url":"`+address+`","replace":{"content":["x"]}}`, 400, "Undelete it first")
	if n, err := b.Posts.Count(t.Context(), posts.Published); err != nil || n != 0 {
		t.Errorf("%d posts are published, %v", n, err)
	}
}

func TestAnAuthorsAppSeesNothingOfOthers(t *testing.T) {
	b := newBlog(t)
	b.reed()
	made, err := b.Gate.NewToken(t.Context(), "reed", "create update", "test")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{b, "Authorization: Bearer " + made}
	private := b.publish(time.Hour, posts.Post{Content: "Secret.", Visibility: posts.Private})
	draft := b.save(posts.Post{Status: posts.Draft, Content: "Half."})
	scheduled := b.save(posts.Post{Status: posts.Scheduled, Published: b.at.Add(time.Hour), Content: "Soon."})
	shown := b.publish(time.Hour, posts.Post{Content: "Shown."})
	gone := b.publish(time.Hour, posts.Post{Content: "Shown once."})
	dropped := b.save(posts.Post{Status: posts.Draft, Content: "Dropped."})
	for _, p := range []*posts.Post{gone, dropped} {
		if err := b.Posts.Delete(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
	}
	for address, want := range map[string]int{
		private.Path: 400, deskPath + private.ID: 400, deskPath + draft.ID: 400, deskPath + scheduled.ID: 400, deskPath + dropped.ID: 400,
		shown.Path: 403, gone.Path: 403, "/2026/none": 400, deskPath + "none": 400,
	} {
		if r := b.ask(http.MethodGet, "/micropub?q=source&url="+public+address, a.token); r.StatusCode != want || want == 400 && !strings.Contains(r.body, "there is no post") {
			t.Errorf("%s is answered %d: %s", address, r.StatusCode, r.body)
		}
	}
	if list := a.source("")["items"].([]any); len(list) != 0 {
		t.Errorf("the list is %v", list)
	}
	none := b.ask(http.MethodGet, "/micropub?q=source&after=none", a.token)
	for _, p := range []*posts.Post{private, draft, scheduled, shown, gone} {
		if r := b.ask(http.MethodGet, "/micropub?q=source&after="+p.ID, a.token); r.StatusCode != none.StatusCode || r.body != none.body {
			t.Errorf("a list after %q is answered %d: %s", p.Content, r.StatusCode, r.body)
		}
	}
}

func TestAppsWriteTimesAsTheyAreUsedTo(t *testing.T) {
	b := newBlog(t)
	b.at = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	b.keeping("Europe/Berlin")
	a := b.app("create update")
	for sent, want := range map[string]string{
		"2026-11-20T14:00:00Z":       "2026-11-20T14:00:00Z",
		"2026-11-20T14:00:00.123Z":   "2026-11-20T14:00:00Z",
		"2026-11-20 14:00:00 +05:30": "2026-11-20T08:30:00Z", // Quill
		"2026-11-20T14:00:00-0800":   "2026-11-20T22:00:00Z",
		"2026-11-20T14:00+01:00":     "2026-11-20T13:00:00Z",
		// Without a zone it is the time of the site.
		"2026-11-20T14:00:00": "2026-11-20T13:00:00Z",
		"2026-11-20T14:00":    "2026-11-20T13:00:00Z",
		"2026-07-20 14:00:00": "2026-07-20T12:00:00Z",
		"2026-11-20":          "2026-11-19T23:00:00Z",
		"2026-10-25T02:30:00": "2026-10-25T00:30:00Z", // which comes twice
		"2026-03-29T02:30:00": "2026-03-29T01:00:00Z", // which never comes
	} {
		made := a.makes(formType, "content=x&published="+url.QueryEscape(sent))
		a.holds(made, map[string]any{"published": values(want)})
		a.updates(made, `"replace":{"published":["2026-01-02"]}`, map[string]any{"published": values("2026-01-01T23:00:00Z")})
		a.updates(made, `"replace":{"published":["`+sent+`"]}`, map[string]any{"published": values(want)})
	}
	if later := a.makes(formType, "content=x&published=2026-11-26T10:30"); !strings.Contains(later, deskPath) {
		t.Errorf("what comes out in half an hour is at %s", later)
	}
	for _, sent := range []string{"yesterday", "20.11.2026", "2026-13-01", "14:00"} {
		a.refuses(formType, "content=x&published="+url.QueryEscape(sent), 400, "published: a time is written like 2026-11-23T14:05:00+01:00")
	}
}

func TestAnAppThatShowsItsTokenTwiceIsLetInByItsUser(t *testing.T) {
	b := newBlog(t)
	token := b.said(b.send("/token", formType, b.code("create").Encode()))["access_token"].(string)
	a := &app{b, "Authorization: Bearer " + token}
	twice := "h=entry&content=Twice&access_token=" + token
	parts := func() reading {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for _, field := range [][2]string{{"h", "entry"}, {"access_token", token}, {"content", "In parts"}} {
			form.WriteField(field[0], field[1])
		}
		form.Close()
		return b.send("/micropub", form.FormDataContentType(), body.String(), a.token)
	}

	a.refuses(formType, twice, 400, "in your account under Apps, by its address: "+someApp)
	if r := parts(); r.StatusCode != http.StatusBadRequest {
		t.Errorf("a form in parts is answered %d %s", r.StatusCode, r.body)
	}
	if err := b.Gate.LetOld(t.Context(), b.wren.ID, someApp); err != nil {
		t.Fatal(err)
	}
	made := strings.TrimPrefix(a.makes(formType, twice), public)
	if body := b.get(made).body; strings.Contains(body, token) {
		t.Error("the token stands on the page")
	}
	if r := parts(); r.StatusCode != http.StatusCreated {
		t.Errorf("let in, a form in parts is answered %d %s", r.StatusCode, r.body)
	}
	a.refuses(formType, "h=entry&content=x&access_token=other", 400, "not both")
	a.refuses(formType, twice+"&access_token="+token, 400, "not both")
	bare := b.token("create")
	(&app{b, bare}).refuses(formType, "h=entry&content=x&access_token="+strings.TrimPrefix(bare, "Authorization: Bearer "), 400, "not both")
	(&app{b, "Authorization: Bearer made-up"}).refuses(formType, "h=entry&content=x&access_token=made-up", 401, "not known")
}

func TestAnAppSaysForWhomAPrivatePostIs(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update")
	const jane, otis = "https://jane.example/", "https://otis.example/"
	address := a.makes(formType, "content=Letter&visibility=private&audience[]=jane.example&audience[]=https://otis.example")
	a.holds(address, map[string]any{"visibility": values("private"), "audience": values(jane, otis)})
	a.updates(address, `"replace":{"content":["Other words"]}`, map[string]any{"audience": values(jane, otis)})
	a.updates(address, `"delete":{"audience":["https://OTIS.example"]}`, map[string]any{"audience": values(jane)})
	card := `{"type":["h-card"],"properties":{"name":["Otis"],"url":["` + otis + `"]}}`
	a.updates(address, `"add":{"audience":[`+card+`]}`, map[string]any{"audience": values(jane, otis)})
	a.updates(address, `"delete":["audience"]`, map[string]any{"audience": nil, "visibility": values("private")})
	a.makes(jsonType, `{"type":["h-entry"],"properties":{"content":["Letter 2"],"visibility":["private"],"audience":["`+jane+`"]}}`)
	for body, words := range map[string]string{
		"content=x&audience=jane.example":                                "audience: Only a private post",
		"content=x&visibility=unlisted&audience=jane.example":            "audience: Only a private post",
		"content=x&visibility=private&audience=Jane+Doe":                 "audience: Jane Doe is no address",
		"content=x&visibility=private&audience=mailto:jane@jane.example": "audience: mailto:jane@jane.example is no address",
	} {
		a.refuses(formType, body, 400, words)
	}
	a.refuses(jsonType, `{"type":["h-entry"],"properties":{"content":["x"],"visibility":["private"],"audience":[{"name":"Jane"}]}}`, 400, "audience: this takes")
	a.refuses(jsonType, `{"type":["h-entry"],"properties":{"content":["x"],"visibility":["private"],"audience":[""]}}`, 400, "audience: this takes")
	a.updates(address, `"add":{"audience":["`+jane+`"]}`, map[string]any{"audience": values(jane)})
	a.refuses(jsonType, `{"action":"update","url":"`+address+`","replace":{"visibility":["public"]}}`, 400, "audience: Only a private post")
	b.app("update").updates(address, `"replace":{"audience":["https://JANE.example"]}`, map[string]any{"audience": values(jane)}) // nobody is added
	b.seesNothing("Letter")
}

func TestASummaryAloneIsWhatAPostSays(t *testing.T) {
	a := newBlog(t).app("create")
	// As indiebookclub sends it.
	book := `{"type":["h-cite"],"properties":{"name":["Tides"],"author":["Otis Wren"],"uid":["isbn:9780000000000"]}}`
	made := a.makes(jsonType, `{"type":["h-entry"],"properties":{"summary":["Want to read: Tides by Otis Wren"],"read-status":["to-read"],"read-of":[`+book+`],"visibility":["public"],"post-status":["published"]}}`)
	if got := wordsIn(a.get(strings.TrimPrefix(made, public)).one(t, ".e-content")); got != "Want to read: Tides by Otis Wren" {
		t.Errorf("it says %q", got)
	}
	var kept any
	if err := json.Unmarshal([]byte(book), &kept); err != nil {
		t.Fatal(err)
	}
	a.holds(made, map[string]any{"content": values("Want to read: Tides by Otis Wren"), "read-status": values("to-read"), "read-of": values(kept)})
	a.holds(a.makes(formType, "content=Whole&summary=Short"), map[string]any{"content": values("Whole"), "summary": values("Short")})
}

func TestWhatWasWrittenAsHTMLIsGivenBackAsHTML(t *testing.T) {
	b := newBlog(t)
	a := b.app("create update")
	sent := `<ul>\n  <li>one\n\n    *two*</li>\n</ul>`
	made := a.makes(jsonType, `{"type":["h-entry"],"properties":{"content":[{"html":"`+sent+`"}]}}`)
	a.holds(made, map[string]any{"content": values(map[string]any{"html": "<ul>\n  <li>one\n*two*</li>\n</ul>"})})
	if got := b.get(strings.TrimPrefix(made, public)).one(t, ".e-content"); strings.Join(strings.Fields(wordsIn(got)), " ") != "one *two*" {
		t.Errorf("it is shown as %q", wordsIn(got))
	}
	if listed := a.source("")["items"].([]any)[0]; !strings.Contains(fmt.Sprint(listed), "content:[map[html:<ul>") {
		t.Errorf("in the list it is %v", listed)
	}
	a.updates(made, `"replace":{"content":[{"html":"So <b>it</b> is"}]}`, map[string]any{"content": values(map[string]any{"html": "<p>So <b>it</b> is</p>"})})
	a.updates(made, `"replace":{"content":["So **it** is"]}`, map[string]any{"content": values("So **it** is")})
}

func TestAWishForAnAddressIsFollowedAsFarAsItCanBe(t *testing.T) {
	b := newBlog(t)
	b.at = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	a := b.app("create draft")
	for _, c := range []struct{ wish, at string }{
		{"storm", "/2026/storm"}, {"storm", "/2026/storm-2"}, {"Storm", "/2026/storm-3"},
		{"Über die Heide", "/2026/uber-die-heide"}, {"../desk", "/2026/desk"}, {"a_b", "/2026/a_b"}, {strings.Repeat("a-", 49) + "a", "/2026/" + strings.Repeat("a-", 49) + "a"}, {"---", "/2026/words"}, {"", "/2026/words-2"}, {"11", "/2026/post-11"}, {"11", "/2026/post-11-2"},
		{strings.Repeat("b", 99), "/2026/" + strings.Repeat("b", 99)}, {strings.Repeat("b", 99), "/2026/" + strings.Repeat("b", 90)},
	} {
		if got := a.makes(formType, "content=Words&mp-slug="+url.QueryEscape(c.wish)); got != public+c.at {
			t.Errorf("%q is at %s, want %s", c.wish, got, c.at)
		}
	}
	for n := range 2 { // which come out when nobody is there to choose another
		a.makes(formType, fmt.Sprintf("content=Later+%d&mp-slug=storm&published=2026-12-24", n))
	}
	a.refuses(jsonType, `{"properties":{"content":["x"],"mp-slug":["a","b"]}}`, 400, "mp-slug: this takes one value")
}
