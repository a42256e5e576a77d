package site

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"willnorris.com/go/microformats"

	"hark/internal/auth"
	"hark/internal/indieauth"
	"hark/internal/posts"
	"hark/internal/settings"
)

// moss publishes a post of Reed's.
func (b *blog) moss(reed *auth.User, p posts.Post) *posts.Post {
	b.t.Helper()
	p.AuthorID, p.Status = reed.ID, posts.Published
	if err := b.Posts.Save(b.t.Context(), &p); err != nil {
		b.t.Fatal(err)
	}
	return &p
}

func (b *blog) missing(path string) {
	b.t.Helper()
	if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusNotFound {
		b.t.Errorf("%s answers %d, want 404", path, r.StatusCode)
	}
}

func TestEverybodyWhoWritesHasAPage(t *testing.T) {
	b := newBlog(t)
	reed := b.reed()
	theirs := b.publish(time.Hour, posts.Post{Title: "Wren's", Content: "Words."})
	own := b.moss(reed, posts.Post{Title: "Of the marsh", Content: "Words."})
	note := b.moss(reed, posts.Post{Content: "A note from the marsh.", Published: b.at.Add(-2 * time.Hour)})
	err := b.Gate.SaveProfile(t.Context(), reed.ID, auth.Profile{Bio: "I *wade*.", Links: []string{"https://reed.example/", "https://www.moss.example/reed"}, Photo: "/media/abc.jpg"})
	if err != nil {
		t.Fatal(err)
	}
	r := b.get("/author/reed-moss")
	if strings.Contains(r.body, theirs.Title) || len(r.all(".h-entry")) != 2 || len(r.all(".tabs")) != 0 {
		t.Errorf("beneath Reed stands what is not theirs: %s", r.body)
	}
	card := r.one(t, ".home.h-card")
	if wordsIn(card) == "" || len(r.texts(".p-note em")) != 1 {
		t.Errorf("the text is missing: %s", r.body)
	}
	var me []string
	for _, link := range r.all("a[rel=me]") {
		me = append(me, attribute(link, "href"))
	}
	if want := []string{public + "/author/reed-moss", "https://reed.example/", "https://www.moss.example/reed"}; !slices.Equal(me, want) {
		t.Errorf("rel=me are %v, want %v", me, want)
	}
	at, err := url.Parse(public + "/author/reed-moss")
	if err != nil {
		t.Fatal(err)
	}
	data := microformats.Parse(strings.NewReader(r.body), at)
	representative := data.Items[0]
	if len(data.Items) != 2 || representative.Type[0] != "h-card" || fmt.Sprint(representative.Properties["uid"]) != "["+public+"/author/reed-moss]" ||
		!slices.Contains(representative.Properties["url"], any(public+"/author/reed-moss")) || fmt.Sprint(representative.Properties["name"]) != "[Reed Moss]" || len(representative.Properties["photo"]) != 1 {
		t.Errorf("the first thing is %+v of %d", representative, len(data.Items))
	}
	if feed := data.Items[1]; feed.Type[0] != "h-feed" || len(feed.Children) != 2 || len(feed.Properties["author"]) != 1 {
		t.Errorf("the second is %+v", feed)
	}
	for _, form := range forms {
		f := b.get("/author/reed-moss/feed." + form.name)
		if strings.Contains(f.body, "Wren&#39;s") || strings.Contains(f.body, theirs.Path) || !strings.Contains(f.body, own.Path) || !strings.Contains(f.body, note.Path) {
			t.Errorf("the feed .%s has %s", form.name, f.body)
		}
		if !strings.Contains(r.body, public+"/author/reed-moss/feed."+form.name) {
			t.Errorf("the page does not announce its .%s", form.name)
		}
	}
	for path, selector := range map[string]string{own.Path: ".by a.p-author", "/": ".stamp a.p-author"} {
		if got := attribute(b.get(path).all(selector)[0], "href"); strings.TrimPrefix(got, public) != "/author/reed-moss" {
			t.Errorf("the byline of %s leads to %s", path, got)
		}
	}
	if got := b.get("/feed.json").body; !strings.Contains(got, `"url":"`+public+`/author/wren-adair"`) || !strings.Contains(got, `"url":"`+public+`/author/reed-moss"`) {
		t.Errorf("the feed does not lead to both: %s", got)
	}
}

func TestWhereOneWritesTheBylineLeadsHome(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	if got := attribute(b.get(p.Path).one(t, ".by a.p-author"), "href"); got != public+"/" {
		t.Errorf("it leads to %s", got)
	}
	if r := b.get("/author/wren-adair"); !strings.Contains(r.body, "Rain") {
		t.Error("the page of the only one is not there")
	}
}

func TestThePageOfARenamedAuthorMovesAlong(t *testing.T) {
	b := newBlog(t)
	reed := b.reed()
	b.moss(reed, posts.Post{Title: "Of the marsh", Content: "Words."})
	b.get("/author/reed-moss")
	for _, name := range []string{"Reed of the Marsh", "Sedge", "Reed Moss", "Sedge"} {
		if err := b.Gate.Rename(t.Context(), reed.ID, name); err != nil {
			t.Fatal(err)
		}
	}
	for _, old := range []string{"reed-moss", "reed-of-the-marsh"} {
		for _, more := range []string{"", "/feed.atom"} {
			r := b.ask(http.MethodGet, "/author/"+old+more)
			if r.StatusCode != http.StatusMovedPermanently || r.Header.Get("Location") != public+"/author/sedge"+more || !strings.Contains(r.Header.Get("Link"), `rel="indieauth-metadata"`) {
				t.Errorf("/author/%s%s answers %d %v", old, more, r.StatusCode, r.Header)
			}
		}
	}
	b.get("/author/sedge")
	// Nobody else gets an address that was somebody's.
	other, err := b.Gate.Add(t.Context(), "reed2", "Reed Moss", "four plain words suffice", auth.Author)
	if err != nil {
		t.Fatal(err)
	}
	b.moss(other, posts.Post{Title: "Another Reed's", Content: "Words."})
	if r := b.get("/author/reed-moss-2"); !strings.Contains(r.body, "Another Reed") {
		t.Errorf("there stands %s", r.body)
	}
	if r := b.ask(http.MethodGet, "/author/reed-moss"); r.Header.Get("Location") != public+"/author/sedge" {
		t.Errorf("the old address leads to %q", r.Header.Get("Location"))
	}
}

func TestWhoHasSaidNothingHasNoPage(t *testing.T) {
	b := newBlog(t)
	reed := b.reed()
	everywhere := []string{"/author/reed-moss", "/author/reed-moss/feed.atom", "/author/reed-moss/feed.json"}
	gone := func(when string) {
		t.Helper()
		for _, path := range everywhere {
			if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusNotFound || strings.Contains(r.body, "Reed Moss") {
				t.Errorf("%s, %s answers %d", when, path, r.StatusCode)
			}
		}
	}
	gone("at first")
	hidden := b.moss(reed, posts.Post{Title: "Hidden", Content: "Words.", Visibility: posts.Unlisted})
	b.moss(reed, posts.Post{Title: "Private", Content: "Words.", Visibility: posts.Private})
	gone("with hidden posts")
	if got := attribute(b.get(hidden.Path).one(t, ".by a.p-author"), "href"); got != public+"/" {
		t.Errorf("the byline of an unlisted post leads to %s, where nothing is", got)
	}
	own := b.moss(reed, posts.Post{Title: "Of the marsh", Content: "Words."})
	b.get("/author/reed-moss")
	if err := b.Posts.Delete(t.Context(), own.ID); err != nil {
		t.Fatal(err)
	}
	gone("with a deleted post")
	if err := b.Gate.SaveProfile(t.Context(), reed.ID, auth.Profile{Bio: "I wade."}); err != nil {
		t.Fatal(err)
	}
	if r := b.get("/author/reed-moss"); !strings.Contains(r.body, "I wade.") || strings.Contains(r.body, "Hidden") || len(r.all(".h-entry")) != 0 {
		t.Errorf("with a text there stands %s", r.body)
	}
	if err := b.Gate.SwitchOff(t.Context(), b.wren, reed.ID); err != nil {
		t.Fatal(err)
	}
	gone("switched off")
	for _, path := range []string{"/author", "/author/nobody", "/author/Reed-Moss", "/author/reed-moss%2F", "/author/%00", "/author/..%2Freed-moss", "/author/reed-moss/feed.xml"} {
		b.missing(path)
	}
}

func TestWhatAProfileSaysIsChecked(t *testing.T) {
	b := newBlog(t)
	for field, profiles := range map[string][]auth.Profile{
		"bio": {{Bio: strings.Repeat("é", 5001)}},
		"links": {{Links: []string{"reed.example"}}, {Links: []string{"javascript:alert(1)"}}, {Links: []string{"https://a:b@reed.example/"}}, {Links: []string{`https://reed.example/"><script>`}},
			{Links: []string{"https://"}}, {Links: []string{"https://reed.example/" + strings.Repeat("x", 500)}}, {Links: slices.Repeat([]string{"https://reed.example/"}, 21)}},
		"photo": {{Photo: "https://elsewhere.example/x.jpg"}, {Photo: "/media/../desk"}, {Photo: "/media/x.svg"}, {Photo: "//elsewhere.example/x.jpg"}, {Photo: "/media/x.pdf"}},
	} {
		for _, p := range profiles {
			var invalid *auth.Invalid
			if err := b.Gate.SaveProfile(t.Context(), b.wren.ID, p); !errors.As(err, &invalid) || invalid.Field != field {
				t.Errorf("%s: %.60v is answered with %v", field, p, err)
			}
		}
	}
	hostile := "<script>alert(1)</script><img src=x onerror=alert(1)>\n\n**bold**"
	if err := b.Gate.SaveProfile(t.Context(), b.wren.ID, auth.Profile{Bio: hostile}); err != nil {
		t.Fatal(err)
	}
	b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	if r := b.get("/author/wren-adair"); len(r.all("[onerror], .p-note img, script")) > 0 || strings.Contains(r.body, "<script") || strings.Contains(r.body, "<img src=x") || len(r.all(".p-note strong")) != 1 {
		t.Errorf("there stands %s", r.body)
	}
}

func TestOfManyPostsAnAuthorHasSeveralPages(t *testing.T) {
	b := newBlog(t)
	reed := b.reed()
	var last *posts.Post
	for n := range 25 {
		last = b.moss(reed, posts.Post{Title: fmt.Sprintf("Post %02d", n), Content: "Words.", Published: b.at.Add(-time.Duration(n) * time.Hour)})
		b.publish(time.Duration(n)*time.Hour, posts.Post{Title: fmt.Sprintf("Other %02d", n), Content: "Words."})
	}
	first := b.get("/author/reed-moss")
	second := b.get("/author/reed-moss" + attribute(first.one(t, ".pager a"), "href"))
	if len(first.all(".h-entry")) != 20 || len(second.all(".h-entry")) != 5 || strings.Contains(second.body, "Other") {
		t.Errorf("%d and %d posts stand there", len(first.all(".h-entry")), len(second.all(".h-entry")))
	}
	b.missing("/author/reed-moss?before=" + last.ID)
}

func TestAnAuthorsPageLeadsToTheDoorsOfIndieAuth(t *testing.T) {
	b := newBlog(t)
	reed := b.reed()
	if err := b.Gate.SaveProfile(t.Context(), reed.ID, auth.Profile{Photo: "/media/abc.jpg"}); err != nil {
		t.Fatal(err)
	}
	me := public + "/author/reed-moss"
	if canonical, err := indieauth.User(me); err != nil || canonical != me {
		t.Errorf("the address is no user's: %q, %v", canonical, err)
	}
	r := b.get("/author/reed-moss")
	for rel, want := range map[string]string{"indieauth-metadata": metadataPath, "authorization_endpoint": "/auth", "token_endpoint": "/token"} {
		if !strings.Contains(r.Header.Get("Link"), "<"+public+want+`>; rel="`+rel+`"`) || !strings.Contains(r.body, `<link rel="`+rel+`" href="`+public+want+`">`) {
			t.Errorf("the page does not announce %s", rel)
		}
	}
	code, err := b.Gate.Allow(t.Context(), reed, auth.Consent{Client: someApp, Name: "App", Redirect: appDone, Challenge: indieauth.Challenge(appVerifier), Me: me, Scopes: []string{"profile", "create"}})
	if err != nil {
		t.Fatal(err)
	}
	got := b.said(b.send("/token", formType, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {someApp}, "redirect_uri": {appDone}, "code_verifier": {appVerifier}}.Encode()))
	profile, _ := got["profile"].(map[string]any)
	if got["me"] != me || profile["url"] != me || profile["name"] != "Reed Moss" || profile["photo"] != public+"/media/abc.jpg" {
		t.Fatalf("the app is told %v", got)
	}
	post := b.send("/micropub", formType, "h=entry&content=From+the+marsh", "Authorization: Bearer "+got["access_token"].(string)).Header.Get("Location")
	if r := b.get(strings.TrimPrefix(post, public)); attribute(r.one(t, ".by a.p-author"), "href") != me {
		t.Errorf("what the app writes is not by Reed")
	}
	made, err := b.Gate.NewToken(t.Context(), "reed", "create", "x")
	if err != nil {
		t.Fatal(err)
	}
	if said := b.said(b.send("/introspect", formType, "token="+made, "Authorization: Bearer "+made)); said["me"] != me {
		t.Errorf("a token made by hand is said to be of %v", said["me"])
	}
}

func TestThePhotoOfAnOwnerStandsForTheSiteAndBeneathPosts(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "x"})
	if len(b.get("/").all("img")) != 0 || len(b.get(p.Path).all("img")) != 0 {
		t.Error("there is a photo before there is one")
	}
	if err := b.Gate.SaveProfile(t.Context(), b.wren.ID, auth.Profile{Photo: "/media/abc.jpg"}); err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]string{"/": "h-card", p.Path: "h-entry"} {
		at, err := url.Parse(public + path)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, item := range microformats.Parse(strings.NewReader(b.get(path).body), at).Items {
			card := item
			if kind == "h-entry" && item.Type[0] == kind {
				card = item.Properties["author"][0].(*microformats.Microformat)
			} else if item.Type[0] != kind {
				continue
			}
			found = true
			if got := fmt.Sprint(card.Properties["photo"]); !strings.Contains(got, public+"/media/abc.jpg") || fmt.Sprint(card.Properties["name"]) != "[Wren Adair]" && kind == "h-entry" {
				t.Errorf("%s: the %s says %v", path, kind, card.Properties)
			}
		}
		if !found {
			t.Errorf("%s has no %s", path, kind)
		}
	}
}

func TestANameInATextLeadsToThePageOfWhoIsCalledSo(t *testing.T) {
	b := newBlog(t)
	reed := b.reed()
	named := func() []string {
		t.Helper()
		p := b.publish(time.Hour, posts.Post{Content: "With @reed-moss, @wren-adair and @wren, who signs in so."})
		var to []string
		for _, link := range b.get(p.Path).all(".e-content a") {
			to = append(to, attribute(link, "href"))
		}
		return to
	}
	if got := named(); len(got) != 0 {
		t.Errorf("the text leads to %v, where nobody has a page yet", got)
	}
	b.moss(reed, posts.Post{Title: "Of the marsh", Content: "Words."})
	if got, want := named(), []string{"/author/reed-moss", "/author/wren-adair"}; !slices.Equal(got, want) {
		t.Errorf("the text leads to %v, want %v", got, want)
	}
	if err := b.Gate.Rename(t.Context(), reed.ID, "Reed of the Fen"); err != nil {
		t.Fatal(err)
	}
	if got, want := named(), []string{"/author/reed-of-the-fen", "/author/wren-adair"}; !slices.Equal(got, want) {
		t.Errorf("by an earlier name the text leads to %v, want %v", got, want)
	}
	if got := b.get("/author/reed-of-the-fen").texts("h1"); !slices.Equal(got, []string{"Reed of the Fen"}) {
		t.Errorf("the page there is that of %v", got)
	}
}

func TestWhatIsSaidOfAnAuthorStandsOnTheAboutPage(t *testing.T) {
	b := newBlog(t)
	reed := b.reed()
	page := public + "/author/reed-moss"
	if r := b.mention("https://other.example/post", page); r.StatusCode != http.StatusBadRequest {
		t.Errorf("of somebody who has no page yet it is answered %d %s", r.StatusCode, r.body)
	}
	b.moss(reed, posts.Post{Content: "From the marsh."})
	said := `<a class="p-author h-card" href="/me">Otis Wren</a> <p class="e-content">Go and read <a href="%s">Reed</a>, who knows the marsh better than the herons do.</p>`
	b.answered(&posts.Post{Path: "/author/reed-moss"}, said)
	if about := b.get("/about"); !strings.Contains(about.body, "better than the herons do") {
		t.Errorf("the about page has %v", about.texts(".p-comment"))
	}
	if err := b.Gate.Rename(t.Context(), reed.ID, "Sedge"); err != nil {
		t.Fatal(err)
	}
	b.at = b.at.Add(time.Hour) // the first refusal is remembered for a while
	for target, want := range map[string]int{
		page: http.StatusCreated, public + "/author/sedge": http.StatusCreated, public + "/author/nobody": http.StatusBadRequest, page + "/more": http.StatusBadRequest,
	} {
		if r := b.mention("https://other.example/"+target[len(public):], target); r.StatusCode != want {
			t.Errorf("%s: answered %d %s, want %d", target, r.StatusCode, r.body, want)
		}
	}
}

func TestAnEmptyAboutPageLeadsItsOwnerToWhereItIsWritten(t *testing.T) {
	b := newBlog(t)
	const way = `main a[href="/desk/settings#about"]`
	for _, c := range []struct {
		who  *auth.User
		said string
		want int
	}{
		{nil, "", 0},
		{b.wren, "", 1},
		{&auth.User{ID: "reed", Role: auth.Author}, "", 0}, // who may not choose it
		{b.wren, "I measure rain.", 0},
		{nil, "", 0},
	} {
		b.seen = c.who
		b.choose(func(s *settings.Site) { s.About = c.said })
		if got := len(b.get("/about").all(way)); got != c.want {
			t.Errorf("%+v reads %q and is led %d times, want %d", c.who, c.said, got, c.want)
		}
	}
}
