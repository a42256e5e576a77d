package site

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/posts"
)

// hidden makes a post of each sort that not everybody may find.
func (b *blog) hidden() (all []*posts.Post) {
	b.t.Helper()
	for _, p := range []posts.Post{
		{Title: "Private", Content: "Words.", Visibility: posts.Private},
		{Title: "Unlisted", Content: "Words.", Visibility: posts.Unlisted},
		{Title: "A private page", Content: "Words.", Visibility: posts.Private, Apart: true},
		{Title: "Deleted", Content: "Words."},
	} {
		all = append(all, b.publish(time.Hour, p))
	}
	if err := b.Posts.Delete(b.t.Context(), all[len(all)-1].ID); err != nil {
		b.t.Fatal(err)
	}
	return append(all, b.save(posts.Post{Title: "A draft", Content: "Words.", Status: posts.Draft}))
}

func TestAnswersToHiddenPostsTakeNoPlaceAndAreNotCounted(t *testing.T) {
	b := newBlog(t)
	of := func(name string, kind mf2.Kind, n int) (list []mentions.Mention) {
		for i := range n {
			list = append(list, mentions.Mention{Source: fmt.Sprintf("https://%s.example/%s/%d", name, kind, i), Content: mentions.Content{Kind: kind, AuthorName: name}})
		}
		return list
	}
	shown := b.publish(day24, posts.Post{Title: "Shown", Content: "Words."})
	apart := b.publish(day24, posts.Post{Title: "A page", Content: "Words.", Apart: true})
	b.show(shown.ID, append(of("shown", mf2.Like, 30), of("shown", mf2.Reply, 12)...)...)
	b.show(apart.ID, of("apart", mf2.Mention, 5)...)
	b.show("", of("site", mf2.Mention, 5)...)

	paths := []string{"/api/count?" + target(shown), "/api/count?" + target(shown) + "&" + strings.Replace(target(apart), "target", "target[]", 1)}
	for _, narrowed := range []string{"", "&" + target(shown), "&wm-property=like-of", "&sort-by=published&sort-dir=up", "&sort-dir=up", "&since_id=1", "&since=2020-01-01"} {
		for page := range 5 {
			paths = append(paths, fmt.Sprintf("/mentions.jf2?per-page=12&page=%d%s", page, narrowed))
		}
	}
	for _, f := range forms {
		paths = append(paths, "/mentions/feed."+f.name)
	}
	before := map[string]string{}
	for _, path := range paths {
		before[path] = b.get(path).body
	}
	if got := len(b.children("?per-page=100")); got != 52 {
		t.Fatalf("%d answers are listed, want 52", got)
	}
	for _, p := range b.hidden() { // some are newer, and some older than what is shown
		b.show(p.ID, append(of("secret"+p.ID, mf2.Like, 20), of("secret"+p.ID, mf2.Reply, 60)...)...)
	}
	for _, path := range paths {
		if got := b.get(path).body; got != before[path] {
			t.Errorf("%s is another beside hidden posts:\n%s\nwas\n%s", path, got, before[path])
		}
	}
}

func TestOfAHiddenPostNothingIsCountedByItsAddress(t *testing.T) {
	b := newBlog(t)
	for _, p := range b.hidden() {
		b.show(p.ID, likes(3)...)
		if p.Path == "" {
			continue
		}
		if r := b.get("/api/count?" + target(p)); strings.TrimSpace(r.body) != `{"count":0,"type":{}}` {
			t.Errorf("%s: counted %s", p.Title, r.body)
		}
		if got := b.children("?" + target(p)); len(got) != 0 {
			t.Errorf("%s: listed %v", p.Title, got)
		}
	}
}

func TestTheStatusOfAMentionDoesNotSayThatAHiddenPostShowsIt(t *testing.T) {
	b := newBlog(t)
	var said []string
	for _, hide := range []func(p *posts.Post){
		func(p *posts.Post) { p.Visibility = posts.Private; b.save(*p) },
		func(p *posts.Post) {
			if err := b.Posts.Delete(t.Context(), p.ID); err != nil {
				t.Fatal(err)
			}
		},
	} {
		p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words.", Slug: fmt.Sprintf("rain-%d", len(said))})
		m := mentions.Mention{ID: fmt.Sprintf("status%d", len(said)), Source: "https://other.example/1", Target: public + "/2026/rain", Content: mentions.Content{Kind: mf2.Like, AuthorName: "Other"}}
		b.show(p.ID, m)
		if r := b.get("/webmention/" + m.ID); !strings.Contains(r.body, "it is shown there") {
			t.Fatalf("before it says %s", r.body)
		}
		hide(p)
		r := b.ask(http.MethodGet, "/webmention/"+m.ID, "Accept: application/json")
		if r.StatusCode != http.StatusOK || strings.Contains(r.body, "shown there") || strings.Contains(r.body, `"shown"`) {
			t.Errorf("hidden, it says %s", r.body)
		}
		said = append(said, r.body)
	}
	if said[0] != said[1] {
		t.Errorf("a private post is told from a deleted one:\n%s%s", said[0], said[1])
	}
}

func TestTheKeyOfAHiddenPostIsNoPlaceInAList(t *testing.T) {
	b := newBlog(t)
	for n := range 3 {
		b.publish(time.Duration(n+2)*time.Hour, posts.Post{Title: fmt.Sprintf("Post %d", n), Content: "Words.", Tags: []string{"rain"}})
	}
	gone := b.publish(150*time.Minute, posts.Post{Title: "Gone", Content: "Words.", Tags: []string{"rain"}})
	if err := b.Posts.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	secret := b.publish(150*time.Minute, posts.Post{Title: "Secret", Content: "Words.", Visibility: posts.Private})
	goneSecret := b.publish(150*time.Minute, posts.Post{Title: "Secret too", Content: "Words.", Visibility: posts.Private})
	if err := b.Posts.Delete(t.Context(), goneSecret.ID); err != nil {
		t.Fatal(err)
	}
	unlisted := b.publish(150*time.Minute, posts.Post{Title: "Unlisted", Content: "Words.", Visibility: posts.Unlisted})
	scheduled := b.save(posts.Post{Title: "Later", Content: "Words.", Status: posts.Scheduled, Published: b.at.Add(time.Hour)})
	nobody := strings.Repeat("0", 26)
	for _, path := range []string{"/", "/tag/rain"} {
		first := b.get(path + "?before=" + nobody).body
		for _, p := range []*posts.Post{secret, goneSecret, unlisted, scheduled} {
			if got := b.get(path + "?before=" + p.ID).body; got != first {
				t.Errorf("%s begins after the post %s", path, p.Title)
			}
		}
		if got := b.get(path + "?before=" + gone.ID).body; got == first || !strings.Contains(got, "Post 2") || strings.Contains(got, "Post 0") {
			t.Errorf("%s does not go on after a post that was deleted since", path)
		}
	}
}

func TestSearchKnowsNobodyWhoHasPublishedNothing(t *testing.T) {
	b := newBlog(t)
	reed := b.reed()
	b.publish(day24, posts.Post{Title: "Wren's", Content: "Words."})
	unknown := func(name string) string {
		return strings.ReplaceAll(b.get("/search?q=author:"+name).body, name, "X")
	}
	for n, status := range []posts.Post{
		{Status: posts.Draft, Title: "A draft", Content: "Words."},
		{Status: posts.Published, Title: "Mine", Content: "Words.", Visibility: posts.Private},
		{Status: posts.Published, Title: "Unlisted", Content: "Words.", Visibility: posts.Unlisted},
	} {
		status.AuthorID = reed.ID
		if err := b.Posts.Save(t.Context(), &status); err != nil {
			t.Fatal(err)
		}
		if unknown("reed") != unknown("nobody") || unknown("moss") != unknown("nobody") {
			t.Errorf("after %d posts that not everybody may find, search knows their author", n+1)
		}
	}
	own := posts.Post{Status: posts.Published, Title: "Of the marsh", Content: "Words.", AuthorID: reed.ID}
	if err := b.Posts.Save(t.Context(), &own); err != nil {
		t.Fatal(err)
	}
	if got := b.get("/search?q=author:moss"); !strings.Contains(got.body, "Of the marsh") {
		t.Error("search does not find who has published something")
	}
}
