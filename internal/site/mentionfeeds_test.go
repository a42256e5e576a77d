package site

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/posts"
)

func TestAFeedOfAnswersSpeaksTheLanguageOfThePages(t *testing.T) {
	library, err := languages()
	if err != nil {
		t.Fatal(err)
	}
	of := subject{target: public + "/2026/rain", name: "Rain & snow"}
	for _, c := range []struct {
		kind mf2.Kind
		rsvp string
		want string
	}{
		{mf2.Reply, "", "Jun hat auf Rain & snow geantwortet"}, {mf2.Reaction, "", "Jun hat auf Rain & snow reagiert"}, {mf2.Like, "", "Jun gefällt Rain & snow"},
		{mf2.Repost, "", "Jun hat Rain & snow geteilt"}, {mf2.Bookmark, "", "Jun hat ein Lesezeichen auf Rain & snow gesetzt"}, {mf2.Mention, "", "Jun hat Rain & snow erwähnt"},
		{mf2.RSVP, "yes", "Jun kommt zu Rain & snow"}, {mf2.RSVP, "maybe", "Jun kommt vielleicht zu Rain & snow"},
		{mf2.RSVP, "interested", "Jun interessiert sich für Rain & snow"}, {mf2.RSVP, "no", "Jun kommt nicht zu Rain & snow"},
	} {
		it := mentionItem(public, of, &mentions.Mention{ID: "one", Content: mentions.Content{Kind: c.kind, RSVP: c.rsvp, AuthorName: "Jun"}}, library.Book("de"))
		if content := strings.ReplaceAll(c.want, "Rain & snow", `<a href="`+of.target+`">Rain &amp; snow</a>`); it.title != c.want || it.content != "<p>"+content+".</p>" {
			t.Errorf("it is called %q and says %s, want %q", it.title, it.content, c.want)
		}
	}
}

func TestAFeedOfAnswersSaysWhoDidWhatToWhich(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain & snow", Content: "Words."})
	other := b.publish(day24, posts.Post{Title: "Jars", Content: "Words."})
	received := b.at.Add(-time.Hour)
	b.show(p.ID,
		mentions.Mention{ID: "one", Source: "https://anna.example/1", Received: received, Content: mentions.Content{Kind: mf2.Reply, AuthorName: "Anna Blume", AuthorURL: "https://anna.example/", HTML: "<p>I <b>know</b>.</p>", Published: b.at.Add(-1000 * day24)}},
		mentions.Mention{ID: "two", Source: "https://jun.example/2", Received: received.Add(-time.Hour), Content: mentions.Content{Kind: mf2.Like, AuthorName: "Jun"}})
	b.show(other.ID, mentions.Mention{ID: "three", Source: "https://otis.example/3", Received: received.Add(-2 * time.Hour), Content: mentions.Content{Kind: mf2.RSVP, RSVP: "yes", AuthorName: "Otis"}})
	b.show("", mentions.Mention{ID: "four", Source: "https://della.example/4", Received: received.Add(-3 * time.Hour), Content: mentions.Content{Kind: mf2.Mention, AuthorName: "Della"}})

	all := []string{"Anna Blume replied to Rain & snow", "Jun liked Rain & snow", "Otis is going to Jars", "Della mentioned Tidewrack"}
	for path, want := range map[string][]string{"/mentions/feed.": all, p.Path + "/feed.": all[:2]} {
		feed := b.get(path + "atom").atom(t)
		if feed.ID != public+path+"atom" || len(feed.Entries) != len(want) || feed.Updated != machine(received) {
			t.Fatalf("%satom = %+v", path, feed)
		}
		for n, title := range want {
			if got := feed.Entries[n].Title; got != title {
				t.Errorf("%satom has %q, want %q", path, got, title)
			}
		}
		first := feed.Entries[0]
		if first.ID != public+"/webmention/one" || first.Published != machine(received) || first.Content != "<p>I <b>know</b>.</p>" || first.InReplyTo.Ref != public+p.Path {
			t.Errorf("%satom begins with %+v", path, first)
		}
		if second := feed.Entries[1]; !strings.Contains(second.Content, `Jun liked <a href="`+public+p.Path+`">Rain &amp; snow</a>`) {
			t.Errorf("a like without words says %q", second.Content)
		}

		var rss rssRead
		b.get(path+"rss").decode(t, &rss)
		if got := rss.Channel.Items[0]; got.GUID != public+"/webmention/one" || got.Creator != "Anna Blume" || got.Title != want[0] {
			t.Errorf("%srss begins with %+v", path, got)
		}

		var jf struct {
			Items []struct {
				ID, URL, Title string
				Authors        []struct{ Name, URL string }
			}
		}
		if err := json.Unmarshal([]byte(b.get(path+"json").body), &jf); err != nil {
			t.Fatal(err)
		}
		if got := jf.Items[0]; got.URL != "https://anna.example/1" || got.Authors[0].Name != "Anna Blume" || got.Authors[0].URL != "https://anna.example/" || got.Title != want[0] {
			t.Errorf("%sjson begins with %+v", path, got)
		}
	}
	var authors struct {
		Entries []struct {
			Author string `xml:"author>name"`
			Links  []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(b.get("/mentions/feed.atom").body), &authors); err != nil {
		t.Fatal(err)
	}
	if got := authors.Entries[0]; got.Author != "Anna Blume" || got.Links[0].Href != "https://anna.example/1" {
		t.Errorf("the first entry is by %q and leads to %v", got.Author, got.Links)
	}
}

func TestAFeedOfAnswersHasANewOneAtOnce(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	paths := []string{"/mentions/feed.atom", p.Path + "/feed.atom"}
	for _, path := range paths {
		if got := len(b.get(path).atom(t).Entries); got != 0 {
			t.Errorf("%s begins with %d", path, got)
		}
	}
	b.answered(p, replies(1)...)
	for _, path := range paths {
		if got := len(b.get(path).atom(t).Entries); got != 1 {
			t.Errorf("%s has %d after one came", path, got)
		}
	}
}

func TestFeedsOfAnswersAreAnnouncedAfterThoseOfTheSite(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	for path, feed := range map[string]string{p.Path: p.Path, "/about": "/mentions"} {
		r := b.get(path)
		links := r.all(`link[rel=alternate][type="application/atom+xml"]`)
		if len(links) != 2 || attribute(links[0], "href") != public+"/feed.atom" || attribute(links[1], "href") != public+feed+"/feed.atom" {
			t.Errorf("%s announces other feeds", path)
		} else if got := attribute(links[1], "title"); !strings.HasPrefix(got, "Answers to ") {
			t.Errorf("%s calls its feed %q", path, got)
		}
		if !strings.Contains(r.Header.Get("Link"), `<`+public+feed+`/feed.rss>; rel="alternate"`) {
			t.Errorf("%s announces %s", path, r.Header.Get("Link"))
		}
		if head := r.body[strings.Index(r.body, "</title>"):]; !strings.HasPrefix(head, "</title>\n"+`<link rel="pingback" href="`) {
			t.Errorf("%s: the first link is another than pingback's", path)
		}
	}
}

func TestAFeedOfAnswersFollowsItsPost(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	old := p.Path
	p.Slug = "snow"
	p = b.save(*p)
	if r := b.ask(http.MethodGet, old+"/feed.atom"); r.StatusCode != http.StatusMovedPermanently || r.Header.Get("Location") != public+p.Path+"/feed.atom" {
		t.Errorf("the old address answers %d to %q", r.StatusCode, r.Header.Get("Location"))
	}
	if err := b.Posts.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{p.Path + "/feed.atom": http.StatusGone, "/2020/none/feed.atom": http.StatusNotFound} {
		if r := b.ask(http.MethodGet, path); r.StatusCode != want || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s answers %d as %s, want %d in plain words", path, r.StatusCode, r.Header.Get("Content-Type"), want)
		}
	}
}
