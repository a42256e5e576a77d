package site

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"willnorris.com/go/microformats"

	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/posts"
	"hark/internal/settings"
)

func TestAnswersOfOtherSitesStandBeneathThePost(t *testing.T) {
	b := newBlog(t)
	p := b.publish(2*day24, posts.Post{Title: "Rain", Content: "Words."})
	if got := b.get(p.Path).texts("#answers h2"); !slices.Equal(got, []string{"No answers yet"}) {
		t.Errorf("before any answer the page says %q", got)
	}
	sources := b.answered(p,
		`<a class="p-author h-card" href="/">Juniper Hale</a> <a class="u-in-reply-to" href="%s">re</a> <p class="e-content">I keep a jar as well.</p>`,
		`<a class="p-author h-card" href="/">Maren Toft</a> <a class="u-like-of" href="%s">likes</a>`,
		`<a class="p-author h-card" href="/">Petra Lind</a> <a class="u-repost-of" href="%s">shares</a>`,
		`<a class="p-author h-card" href="/">Idris Vale</a> <a class="u-in-reply-to" href="%s">re</a> <span class="p-rsvp">yes</span>`,
		`<a class="p-author h-card" href="/">Otis Bellamy</a> <h1 class="p-name">Two clocks</h1> <div class="e-content"><p>Keep the old one, as <a href="%s">the jar</a> teaches.</p></div>`,
	)
	r := b.get(p.Path)
	if got := r.texts("#answers h2"); !slices.Equal(got, []string{"5 answers"}) {
		t.Errorf("h2 = %q", got)
	}
	if got := b.get("/").texts(".count"); !slices.Equal(got, []string{"5 answers"}) {
		t.Errorf("the kept home page counts %q", got)
	}
	entry := r.item(t, p.Path)
	for property, want := range map[string][]string{
		"comment": {sources[0], sources[3], sources[4]}, "like": {sources[1]}, "repost": {sources[2]},
	} {
		var got []string
		for _, value := range entry.Properties[property] {
			cite := value.(*microformats.Microformat)
			if cite.Type[0] != "h-cite" {
				t.Errorf("%s is %v, want h-cite", property, cite.Type)
			}
			got = append(got, cite.Properties["url"][0].(string))
			if len(cite.Properties["author"]) == 0 {
				t.Errorf("%s from %s has no author", property, got)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s = %q, want %q", property, got, want)
		}
	}
	if got := r.texts(".thread .p-content"); !slices.Equal(got, []string{"I keep a jar as well."}) {
		t.Errorf("the reply says %q", got)
	}
	if got := r.texts(".faces h3"); !slices.Equal(got, []string{"1 like", "1 repost", "1 going"}) {
		t.Errorf("rows are %q", got)
	}
	if got := r.texts(".quoted a.u-url"); !slices.Equal(got, []string{"Two clocks"}) {
		t.Errorf("the mention is called %q", got)
	}
	if got := attribute(r.one(t, ".tell [name=target]"), "value"); got != public+p.Path {
		t.Errorf("the form tells of %q", got)
	}
	r.one(t, `form.tell[action="/webmention"][method=post] input[name=source]`)
}

func TestAnAnswerThatWaitsForTheOwnerIsNeitherShownNorCounted(t *testing.T) {
	b := newBlog(t)
	if err := b.Settings.SaveAnswers(t.Context(), settings.Answers{Mode: settings.HoldAll}); err != nil {
		t.Fatal(err)
	}
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	sources := b.answered(p, replies(1)...)
	if r := b.get(p.Path); strings.Contains(r.body, sources[0]) || len(r.all("#answers .h-cite")) != 0 {
		t.Error("the page shows it")
	}
	if got := b.get("/").texts(".count"); len(got) != 0 {
		t.Errorf("the home page counts %q", got)
	}
	b.seen = b.wren
	if got := b.get("/").texts(".deskbar b"); len(got) != 1 || !strings.HasPrefix(got[0], "1 ") {
		t.Errorf("the owner's bar counts %q", got)
	}
	b.seen = nil
	waiting, err := b.Inbox.Find(t.Context(), mentions.Wanted{State: mentions.Held, Limit: 10})
	if err != nil || len(waiting) != 1 {
		t.Fatalf("%d mentions are held, %v", len(waiting), err)
	}
	if _, err := b.Inbox.Decide(t.Context(), mentions.Show, "wren", waiting[0].ID); err != nil {
		t.Fatal(err)
	}
	if r := b.get(p.Path); len(r.all("#answers .h-cite")) != 1 {
		t.Error("the kept page does not show it after the owner did")
	}
}

// drawn is a post's page with answers that nobody sent.
func (b *blog) drawn(p *posts.Post, a *mentions.Answers) reading {
	b.t.Helper()
	site, err := b.Settings.Site(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	dates := b.calendar()
	view := b.postView(site, p, nil, dates)
	view.Comments = answersView(a, dates)
	body, err := b.Pages.Render("site/post", view)
	if err != nil {
		b.t.Fatal(err)
	}
	return read(b.t, &http.Response{}, body)
}

func TestHostileWordsOfOthersAreInert(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	const bad = `"><script>alert(1)</script>' onmouseover=x`
	m := func(kind mf2.Kind) *mentions.Mention {
		return &mentions.Mention{
			ID: "m", Source: "https://evil.example/" + bad,
			Content: mentions.Content{Kind: kind, AuthorName: bad, AuthorURL: "javascript:alert(1)", Title: bad, RSVP: "yes"},
		}
	}
	r := b.drawn(p, &mentions.Answers{
		Likes: []*mentions.Mention{m(mf2.Like)}, RSVPs: []*mentions.Mention{m(mf2.RSVP)},
		Threads: []*mentions.Thread{{Mention: m(mf2.Reply)}}, Mentions: []*mentions.Mention{m(mf2.Mention)},
	})
	if n := len(r.all("script, [onmouseover]")); n != 0 {
		t.Errorf("%d elements came alive:\n%s", n, r.body)
	}
	for _, link := range r.all("a[href]") {
		if strings.HasPrefix(attribute(link, "href"), "javascript") {
			t.Error("an author's address runs a script")
		}
	}
	if got := r.texts(".thread .p-author"); !slices.Equal(got, []string{bad}) {
		t.Errorf("the author is called %q", got)
	}
}

func TestAReplySaysWhoseWordsItCarriesAndThatTheyAreOurs(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	r := b.drawn(p, &mentions.Answers{Threads: []*mentions.Thread{
		{Mention: &mentions.Mention{ID: "a", Source: "https://bridge.example/1", Content: mentions.Content{AuthorName: "Jun Ferrow", AuthorURL: "https://social.example/@jun", HTML: "<p>Yes</p>"}}},
		{Mention: &mentions.Mention{ID: "b", Source: public + "/2026/oil", Via: mentions.Own, Content: mentions.Content{AuthorName: "Wren Adair", AuthorURL: public + "/", HTML: "<p>Oil!</p>"}}},
	}})
	if got := r.texts(".via"); !slices.Equal(got, []string{"via bridge.example"}) {
		t.Errorf("via = %q", got)
	}
	if got := r.texts("#a-b .mine"); !slices.Equal(got, []string{"author"}) {
		t.Errorf("our own reply is marked %q", got)
	}
}

func TestARowOfManyFacesIsBoundedAndCounted(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	var a mentions.Answers
	for n := range 130 {
		a.Likes = append(a.Likes, &mentions.Mention{Source: fmt.Sprintf("https://l%d.example/", n), Content: mentions.Content{AuthorName: fmt.Sprintf("Reader %d", n)}})
	}
	r := b.drawn(p, &a)
	if got := len(r.all(".u-like")); got != mostFaces {
		t.Errorf("%d faces, want %d", got, mostFaces)
	}
	if got := r.texts(".faces h3")[0]; got != "130 likes" {
		t.Errorf("the row is called %q", got)
	}
	if got := r.texts(".faces p")[0]; !strings.HasSuffix(got, "Reader 11 and 118 others") {
		t.Errorf("names = %q", got)
	}
}
