package site

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/posts"
)

// children asks for mentions and returns what is told of each.
func (b *blog) children(query string) []map[string]any {
	b.t.Helper()
	var feed struct {
		Type, Name string
		Children   []map[string]any
	}
	r := b.get("/api/mentions.jf2" + query)
	if err := json.Unmarshal([]byte(r.body), &feed); err != nil || feed.Type != "feed" || feed.Children == nil {
		b.t.Fatalf("%s answers %s, %v", query, r.body, err)
	}
	return feed.Children
}

// sources asks for mentions and returns the ends of their sources.
func (b *blog) sources(query string) string {
	b.t.Helper()
	var ends []string
	for _, child := range b.children(query) {
		ends = append(ends, strings.TrimPrefix(child["wm-source"].(string), "https://other.example/"))
	}
	return strings.Join(ends, " ")
}

func target(p *posts.Post) string { return "target=" + url.QueryEscape(public+p.Path) }

func TestMentionsAreListedAsScriptsOfWebmentionIOExpect(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	face := strings.Repeat("ab", 16)
	b.show(p.ID, mentions.Mention{
		ID: database.NewID(), Source: "https://otis.example/1", Target: public + p.Path + "?utm_source=x", Via: mentions.Pingback, Received: b.at.Add(-time.Hour),
		Content: mentions.Content{
			Kind: mf2.Reply, AuthorName: "Otis Bellamy", AuthorURL: "https://otis.example/", Face: face, Title: "Re: Rain",
			HTML: "<p>I keep <b>two</b> jars.</p>", Published: b.at.Add(-2 * time.Hour),
		},
	})
	got := b.children("?" + target(p))
	if len(got) != 1 {
		t.Fatalf("%d mentions are listed", len(got))
	}
	id := got[0]["wm-id"].(float64)
	want := map[string]any{
		"type": "entry", "author": map[string]any{"type": "card", "name": "Otis Bellamy", "photo": public + "/faces/" + face, "url": "https://otis.example/"},
		"url": "https://otis.example/1", "published": machine(b.at.Add(-2 * time.Hour)), "wm-received": machine(b.at.Add(-time.Hour)), "wm-id": id,
		"wm-source": "https://otis.example/1", "wm-target": public + p.Path, "wm-protocol": "pingback", "name": "Re: Rain",
		"content":     map[string]any{"html": "<p>I keep <b>two</b> jars.</p>", "text": "I keep two jars."},
		"in-reply-to": public + p.Path, "wm-property": "in-reply-to", "wm-private": false,
	}
	if fmt.Sprint(got[0]) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got[0], want)
	}
	if id < 1<<40 || id > 1<<53-1 || id != float64(int64(id)) {
		t.Errorf("wm-id is %v", id)
	}
	r := b.ask(http.MethodGet, "/mentions.jf2?"+target(p))
	if r.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		t.Errorf("headers are %v", r.Header)
	}
	if head := b.ask(http.MethodHead, "/mentions.jf2?"+target(p)); head.StatusCode != http.StatusOK || head.body != "" {
		t.Errorf("HEAD answers %d", head.StatusCode)
	}
}

// everyKind is a mention of each kind, the first the oldest.
func everyKind() []mentions.Mention {
	var list []mentions.Mention
	for _, m := range []mentions.Mention{
		{Source: "reply", Content: mentions.Content{Kind: mf2.Reply}}, {Source: "reaction", Content: mentions.Content{Kind: mf2.Reaction}},
		{Source: "like", Content: mentions.Content{Kind: mf2.Like}}, {Source: "repost", Content: mentions.Content{Kind: mf2.Repost}},
		{Source: "bookmark", Content: mentions.Content{Kind: mf2.Bookmark}}, {Source: "mention", Content: mentions.Content{Kind: mf2.Mention}},
		{Source: "tag", Content: mentions.Content{Kind: mf2.Tag}}, {Source: "no", Content: mentions.Content{Kind: mf2.RSVP, RSVP: "no"}},
		{Source: "yes", Content: mentions.Content{Kind: mf2.RSVP, RSVP: "yes"}}, {Source: "maybe", Content: mentions.Content{Kind: mf2.RSVP, RSVP: "maybe"}},
	} {
		m.Source, m.AuthorName = "https://other.example/"+m.Source, "Other"
		list = append(list, m)
	}
	return list
}

func TestAMentionNamesItsTargetByWhatItDoesWithIt(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	b.show(p.ID, everyKind()...)
	properties := []string{"in-reply-to", "like-of", "repost-of", "bookmark-of", "mention-of", "rsvp"}
	want := map[string]struct{ named, rsvp string }{ // the property that holds the target; the answer
		"reply": {"in-reply-to", ""}, "reaction": {"in-reply-to", ""}, "like": {"like-of", ""}, "repost": {"repost-of", ""}, "bookmark": {"bookmark-of", ""},
		"mention": {"mention-of", ""}, "tag": {"mention-of", ""}, "yes": {"in-reply-to", "yes"}, "maybe": {"in-reply-to", "maybe"}, "no": {"in-reply-to", "no"},
	}
	children := b.children("?" + target(p))
	if len(children) != len(want) {
		t.Fatalf("%d mentions are listed, want %d", len(children), len(want))
	}
	for _, child := range children {
		kind := strings.TrimPrefix(child["wm-source"].(string), "https://other.example/")
		has := map[string]any{want[kind].named: public + p.Path}
		property := want[kind].named
		if want[kind].rsvp != "" {
			has["rsvp"], property = want[kind].rsvp, "rsvp"
		}
		if child["wm-property"] != property {
			t.Errorf("wm-property of a %s is %q, want %q", kind, child["wm-property"], property)
		}
		for _, name := range properties {
			if child[name] != has[name] {
				t.Errorf("%s of a %s is %v, want %v", name, kind, child[name], has[name])
			}
		}
	}
}

func TestAQuestionForMentionsCanBeNarrowedAndSorted(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	other := b.publish(day24, posts.Post{Title: "Snow", Content: "Words."})
	b.show(p.ID, everyKind()...)
	b.show(other.ID, mentions.Mention{Source: "https://other.example/snow", Content: mentions.Content{Kind: mf2.Like, AuthorName: "Other"}})
	b.show("", mentions.Mention{Source: "https://other.example/site", Content: mentions.Content{Kind: mf2.Mention, AuthorName: "Other", Published: b.at.Add(-100 * time.Hour)}})
	at := func(ago time.Duration) string { return url.QueryEscape(b.at.Add(-ago).Format(time.RFC3339)) }
	rain := "?" + target(p)
	for query, want := range map[string]string{
		rain:                             "maybe yes no tag mention bookmark repost like reaction reply",
		rain + "&sort-dir=up&per-page=3": "reply reaction like", rain + "&sort-dir=up&per-page=3&page=1": "repost bookmark mention",
		rain + "&perPage=2": "maybe yes", rain + "&per-page=3&page=3": "reply", rain + "&page=4": "",
		rain + "&wm-property=in-reply-to": "reaction reply", rain + "&wm-property=mention-of": "tag mention", rain + "&wm-property=like-of": "like",
		rain + "&wm-property[]=repost-of&wm-property[]=bookmark-of": "bookmark repost", rain + "&wm-property=rsvp&sort-by=rsvp": "yes maybe no",
		rain + "&wm-property=rsvp&sort-by=rsvp&sort-dir=up&per-page=2": "no maybe",
		rain + "&since=" + at(150*time.Minute):                         "maybe yes", rain + "&since=" + b.at.Add(48*time.Hour).Format(time.DateOnly): "",
		rain + "&sort-by=published&sort-dir=up&per-page=1": "reply", rain + "&sort-by=updated&per-page=1": "maybe",
		"?target[]=" + url.QueryEscape(public+other.Path) + "&target[]=" + url.QueryEscape(public+"/") + "&sort-by=published": "snow site",
		"?target=" + url.QueryEscape("http://TIDEWRACK.example"+p.Path+"/?utm_source=x#y") + "&per-page=1":                    "maybe",
		"?per-page=100&wm-property=like-of": "snow like", "?domain=tidewrack.example&wm-property=like-of": "snow like", "?domain=else.example": "",
		"?target=" + url.QueryEscape(public+"/2020/none"): "", "?target=nonsense": "", "?target=https://else.example/": "",
	} {
		if got := b.sources(query); got != want {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
}

func TestAScriptThatRemembersANumberGetsWhatCameLater(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	var numbers []string
	for n := range 4 {
		b.show(p.ID, mentions.Mention{Source: fmt.Sprintf("https://other.example/%d", n), Received: b.at, Content: mentions.Content{Kind: mf2.Like, AuthorName: "Other"}})
		time.Sleep(2 * time.Millisecond)
	}
	for _, child := range b.children("?sort-dir=up&" + target(p)) {
		numbers = append(numbers, fmt.Sprintf("%.0f", child["wm-id"]))
	}
	for n, want := range []string{"1 2 3", "2 3", "3", ""} {
		if got := b.sources("?sort-dir=up&since_id=" + numbers[n]); got != want {
			t.Errorf("after %d come %q, want %q", n, got, want)
		}
	}
	if got := b.sources("?since_id=99999999999999999999"); got != "" {
		t.Errorf("after all come %q", got)
	}
}

func TestAScriptReadsAllOfThemPartByPart(t *testing.T) {
	b := newBlog(t)
	busy, quiet := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."}), b.publish(day24, posts.Post{Title: "Snow", Content: "Words."})
	hidden := b.publish(day24, posts.Post{Title: "Fog", Content: "Words.", Visibility: posts.Unlisted})
	first := database.Number(database.NewID())
	of := map[string][]mentions.Mention{}
	var want []string // of the busy one, the newest first
	for n := range 2200 {
		id := database.AfterNumber(first + int64(n)<<20)
		m := mentions.Mention{ID: id, Received: database.NumberTime(database.Number(id)), Source: fmt.Sprintf("https://other.example/%d", n), Content: mentions.Content{Kind: mf2.Like, AuthorName: "Other"}}
		switch n % 100 {
		case 0:
			of[quiet.ID] = append(of[quiet.ID], m)
		case 1:
			of[hidden.ID] = append(of[hidden.ID], m)
		default: // more than are sorted for a post
			of[busy.ID], want = append(of[busy.ID], m), append(want, strconv.Itoa(n))
		}
	}
	slices.Reverse(want)
	for post, list := range of {
		b.show(post, list...)
	}
	rain := "&" + target(busy)
	for _, narrow := range []string{"", "&wm-property=like-of"} {
		var got []string
		for before := ""; ; {
			part := b.children("?per-page=100" + narrow + rain + before)
			for _, child := range part {
				got = append(got, strings.TrimPrefix(child["wm-source"].(string), "https://other.example/"))
				before = fmt.Sprintf("&before_id=%.0f", child["wm-id"])
			}
			if len(part) == 0 {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %d came part by part, want %d", narrow, len(got), len(want))
		}
	}
	last := len(want)
	for query, want := range map[string]string{
		"?per-page=3" + rain: strings.Join(want[:3], " "), "?per-page=3&page=1" + rain: strings.Join(want[3:6], " "),
		"?per-page=2&sort-dir=up" + rain: want[last-1] + " " + want[last-2], "?per-page=1&page=21&" + target(quiet): "0", "?" + target(hidden): "",
	} {
		if got := b.sources(query); got != want {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
}

func TestAQuestionThatCannotBeMeantIsAnsweredWithASentence(t *testing.T) {
	b := newBlog(t)
	for query, want := range map[string]string{
		"?page=-1": "page", "?page=x": "page", "?per-page=0": "per-page", "?per-page=1.5": "per-page", "?since_id=abc": "since_id", "?before_id=-1": "before_id",
		"?since=yesterday": "since", "?sort-by=name": "sort-by", "?sort-dir=sideways": "sort-dir", "?wm-property=follow-of": "wm-property",
		"?page=9999999999": "page", "?" + strings.Repeat("target[]=https://a.example/&", 51): "target",
	} {
		r := b.ask(http.MethodGet, "/mentions.jf2"+query)
		var said struct {
			Error string `json:"error"`
			Text  string `json:"error_description"`
		}
		if err := json.Unmarshal([]byte(r.body), &said); err != nil || r.StatusCode != http.StatusBadRequest || said.Error == "" || !strings.HasPrefix(said.Text, want+": ") {
			t.Errorf("%.40s answers %d %s", query, r.StatusCode, r.body)
		}
		if r.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%.40s: a script cannot read why", query)
		}
	}
	if r := b.ask(http.MethodGet, "/api/count"); r.StatusCode != http.StatusBadRequest {
		t.Errorf("/api/count without a target answers %d", r.StatusCode)
	}
	for n := range 120 {
		b.show("", mentions.Mention{Source: fmt.Sprintf("https://other.example/%d", n), Content: mentions.Content{Kind: mf2.Like, AuthorName: "Other"}})
	}
	if got := len(b.children("?per-page=1000")); got != largestPage {
		t.Errorf("%d mentions are listed at once, want %d", got, largestPage)
	}
}

func TestMentionsAreCountedByTheirKind(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	b.show(p.ID, everyKind()...)
	var got struct {
		Count int
		Type  map[string]int
	}
	if err := json.Unmarshal([]byte(b.get("/api/count?"+target(p)).body), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"reply": 2, "like": 1, "repost": 1, "bookmark": 1, "mention": 2, "rsvp-yes": 1, "rsvp-no": 1, "rsvp-maybe": 1}
	if got.Count != 10 || !maps.Equal(got.Type, want) {
		t.Errorf("counted %d, %v; want 10, %v", got.Count, got.Type, want)
	}
	if r := b.get("/api/count?target=https://else.example/"); strings.TrimSpace(r.body) != `{"count":0,"type":{}}` {
		t.Errorf("an unknown target has %s", r.body)
	}
}

// privately puts beneath a post what nobody may see, and what we said ourselves.
func (b *blog) privately(post string) {
	for _, state := range []mentions.State{mentions.Waiting, mentions.Held, mentions.Withdrawn, mentions.Refused, mentions.Spam, mentions.Removed} {
		b.show(post, mentions.Mention{Source: "https://secret.example/" + string(state), State: state, Content: mentions.Content{Kind: mf2.Reply, AuthorName: "Secret", HTML: "<p>secret</p>"}})
	}
}

func TestT19NoFeedAndNoListHasWhatIsNotShown(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	gone := b.publish(day24, posts.Post{Title: "Gone", Content: "Words."})
	b.privately(p.ID)
	b.show(p.ID, mentions.Mention{Source: public + "/2026/secret", Via: mentions.Own, Content: mentions.Content{Kind: mf2.Mention, AuthorName: "Wren", Title: "secret"}})
	b.show(gone.ID, mentions.Mention{Source: "https://secret.example/gone", Content: mentions.Content{Kind: mf2.Reply, AuthorName: "Secret"}})
	if err := b.Posts.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	paths := []string{"/mentions.jf2", "/mentions.jf2?" + target(p), "/mentions.jf2?" + target(gone), "/mentions.jf2?wm-property=in-reply-to&sort-by=published"}
	for _, form := range forms {
		paths = append(paths, "/mentions/feed."+form.name, p.Path+"/feed."+form.name)
	}
	for _, path := range paths {
		if r := b.get(path); strings.Contains(strings.ToLower(r.body), "secret") {
			t.Errorf("%s tells %s", path, r.body)
		}
	}
	if r := b.get("/api/count?" + target(p)); !strings.Contains(r.body, `"count":0`) {
		t.Errorf("counted %s", r.body)
	}
}

func TestKindsAndPropertiesNameOneAnother(t *testing.T) {
	for _, property := range []string{"in-reply-to", "like-of", "repost-of", "bookmark-of", "mention-of"} {
		for _, kind := range kindsOf(property) {
			if got := propertyOf(kind); got != property {
				t.Errorf("%s is %s, want %s", kind, got, property)
			}
		}
	}
	if !slices.Equal(kindsOf("rsvp"), []mf2.Kind{mf2.RSVP}) {
		t.Error("rsvp is not what it is")
	}
}
