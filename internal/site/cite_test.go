package site

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"willnorris.com/go/microformats"

	"hark/internal/database"
	"hark/internal/mentions"
	"hark/internal/posts"
	"hark/internal/settings"
)

// looked keeps what was read of other pages, as the outbox does.
func (b *blog) looked(cards ...mentions.Card) {
	b.t.Helper()
	err := b.db.InTx(b.t.Context(), func(tx *database.Tx) error {
		for _, c := range cards {
			if _, err := tx.Exec(`
				INSERT INTO looks (address, looked_at, protocol, endpoint, problem, card, read_at, title, author, author_url, words, published)
				VALUES ($1, $2, '', '', '', TRUE, $2, $3, $4, $5, $6, 0)
				ON CONFLICT (address) DO UPDATE SET title = excluded.title, author = excluded.author`,
				c.Address, b.at.Unix(), c.Title, c.Author, c.AuthorURL, c.Words); err != nil {
				return err
			}
		}
		tx.Touch(mentions.CardsGeneration)
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// citing is an h-cite as apps send it.
func citing(address, name, author string) map[string]any {
	properties := map[string]any{"url": []any{address}}
	if name != "" {
		properties["name"] = []any{name}
	}
	if author != "" {
		properties["author"] = []any{map[string]any{"type": []any{"h-card"}, "properties": map[string]any{"name": []any{author}, "url": []any{"https://" + hostOf(address) + "/"}}}}
	}
	return map[string]any{"type": []any{"h-cite"}, "properties": properties}
}

// cards are the cards of a page in words, without the blanks around punctuation.
func (r reading) cards() []string {
	var all []string
	for _, words := range r.texts(".cite") {
		all = append(all, strings.NewReplacer(" ,", ",", "“ ", "“", " ”", "”").Replace(words))
	}
	return all
}

func TestAPostShowsAllThatItRespondsTo(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Content: "Both of you are right.", Properties: posts.Properties{
		"in-reply-to": {"https://idris.example/1?a=1&b=2", citing("https://maren.example/2", "The slowest train", "Maren Toft")},
		"listen-of":   {"https://radio.example/7"}, "mood-of": {"https://mood.example/"},
		"odd h-card-of": {"https://odd.example/"}, "read-of": {"urn:isbn:123"},
	}})
	want := []string{
		"In reply to idris.example/1?a=1&b=2", "In reply to Maren Toft, The slowest train maren.example",
		"Listened to radio.example/7", "About mood.example", "About odd.example",
	}
	for _, path := range []string{p.Path, "/"} {
		r := b.get(path)
		if got := r.cards(); !slices.Equal(got, want) {
			t.Errorf("%s has the cards %q, want %q", path, got, want)
		}
		if !strings.Contains(r.body, `href="https://idris.example/1?a=1&amp;b=2"`) {
			t.Errorf("%s does not hold the address as it was sent", path)
		}
	}
	entry := b.get(p.Path).item(t, p.Path)
	for property, want := range map[string][]string{
		"in-reply-to": {"https://idris.example/1?a=1&b=2", "https://maren.example/2"}, "listen-of": {"https://radio.example/7"}, "mood-of": {"https://mood.example/"},
	} {
		var got []string
		for _, value := range entry.Properties[property] {
			got = append(got, value.(*microformats.Microformat).Value)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s = %q, want %q", property, got, want)
		}
	}
	author := entry.Properties["in-reply-to"][1].(*microformats.Microformat).Properties["author"][0].(*microformats.Microformat)
	if author.Properties["name"][0] != "Maren Toft" || author.Properties["url"][0] != "https://maren.example/" {
		t.Errorf("the second is by %v", author.Properties)
	}
}

func TestEveryResponseHasItsWords(t *testing.T) {
	b := newBlog(t)
	for property, want := range map[string]string{
		"in-reply-to": "In reply to", "repost-of": "Shares", "like-of": "Likes", "bookmark-of": "", "listen-of": "Listened to", "watch-of": "Watched",
		"read-of": "Read", "tag-of": "Tagged", "quotation-of": "Quotes", "follow-of": "Follows",
	} {
		p := b.publish(time.Hour, posts.Post{Content: "x", Properties: posts.Properties{property: {"https://a.example/"}}})
		if got := b.get(p.Path).cards(); len(got) != 1 || got[0] != strings.TrimSpace(want+" a.example") {
			t.Errorf("%s: %q, want %q", property, got, want)
		}
	}
	both := b.publish(time.Hour, posts.Post{Content: "x", Properties: posts.Properties{"in-reply-to": {"https://a.example/"}, "bookmark-of": {"https://b.example/"}}})
	if got := b.get(both.Path).cards(); !slices.Equal(got, []string{"In reply to a.example", "Bookmarks b.example"}) {
		t.Errorf("a reply that keeps a page: %q", got)
	}
}

func TestACardSaysWhatWasReadOfThePage(t *testing.T) {
	const target = "https://idris.example/paper"
	const bad = `"><script>alert(1)</script>`
	for name, c := range map[string]struct {
		read  mentions.Card
		value any // what the post has
		want  string
	}{
		"title and author":     {mentions.Card{Title: "Who keeps a diary?", Author: "Idris Vale", AuthorURL: "https://idris.example/", Words: "I have begun nine."}, target, "Likes Idris Vale, Who keeps a diary? idris.example"},
		"a note":               {mentions.Card{Author: "Idris Vale", Words: "I have begun nine."}, target, "Likes Idris Vale, “I have begun nine.” idris.example"},
		"nobody":               {mentions.Card{Title: "Who keeps a diary?"}, target, "Likes Who keeps a diary? idris.example"},
		"nothing":              {mentions.Card{}, target, "Likes idris.example/paper"},
		"nothing to see":       {mentions.Card{Title: " \u200b\u202e", Author: "\u200b", Words: "\u00a0"}, target, "Likes idris.example/paper"},
		"hostile":              {mentions.Card{Title: "T" + bad, Author: "A" + bad, AuthorURL: "javascript:alert(1)"}, target, `Likes A` + bad + `, T` + bad + ` idris.example`},
		"hostile address":      {mentions.Card{Title: "T", Author: "A", AuthorURL: `https://x.example/"onclick="alert(1)`}, target, "Likes A, T idris.example"},
		"the post knows":       {mentions.Card{Title: "Read", Author: "Read author"}, citing(target, "Said", "Said author"), "Likes Said author, Said idris.example"},
		"the post knows half":  {mentions.Card{Title: "Read", Author: "Read author"}, citing(target, "Said", ""), "Likes Read author, Said idris.example"},
		"the post knows whom":  {mentions.Card{Title: "Read"}, citing(target, "", "Said author"), "Likes Said author, Read idris.example"},
		"very long":            {mentions.Card{Title: strings.Repeat("word ", 200)}, target, "Likes " + strings.TrimSpace(strings.Repeat("word ", 40)) + " … idris.example"},
		"very long in one run": {mentions.Card{Words: strings.Repeat("ж", 500)}, target, "Likes “" + strings.Repeat("ж", 90) + " …” idris.example"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBlog(t)
			c.read.Address = target
			b.looked(c.read)
			p := b.publish(time.Hour, posts.Post{Properties: posts.Properties{"like-of": {c.value}}})
			for _, path := range []string{p.Path, "/", "/kind/like"} {
				r := b.get(path)
				if got := r.cards(); !slices.Equal(got, []string{c.want}) {
					t.Errorf("%s: the card says %q, want %q", path, got, c.want)
				}
				if n := len(r.all("script, .cite [onclick], .cite a[href^=javascript]")); n > 0 {
					t.Errorf("%s can be made to run a script", path)
				}
				if links := r.all(`a[href="` + target + `"]`); len(links) != 1 || wordsIn(links[0]) == "" {
					t.Errorf("%s has %d links to the target", path, len(links))
				}
			}
			for _, form := range forms {
				if body := b.get("/feed." + form.name).body; strings.Contains(body, "<script") {
					t.Errorf("the feed in %s has a script", form.name)
				}
			}
		})
	}
}

func TestTheAuthorOfACardIsLinkedWhereThereIsAPageOfTheirs(t *testing.T) {
	b := newBlog(t)
	b.looked(
		mentions.Card{Address: "https://a.example/1", Title: "One", Author: "Anna", AuthorURL: "https://a.example/"},
		mentions.Card{Address: "https://b.example/2", Title: "Two", Author: "Ben", AuthorURL: "javascript:alert(1)"})
	p := b.publish(time.Hour, posts.Post{Content: "x", Properties: posts.Properties{"in-reply-to": {"https://a.example/1", "https://b.example/2"}}})
	r := b.get(p.Path)
	if got := attribute(r.one(t, ".cite .p-author a"), "href"); got != "https://a.example/" {
		t.Errorf("Anna is at %q", got)
	}
	if got := r.texts(".cite .p-author"); !slices.Equal(got, []string{"Anna", "Ben"}) {
		t.Errorf("authors = %q", got)
	}
}

// WordPress reads our page as text; see the tests of the real one.
func TestWordPressFindsTheLinkInOurPage(t *testing.T) {
	b := newBlog(t)
	const first, second = "http://wp.example/?p=7&preview=1#x", "http://wp.example/2026/Паше/"
	b.looked(mentions.Card{Address: first, Title: "1 > 0 <b>", Author: "Ada > Bo"})
	p := b.publish(time.Hour, posts.Post{Properties: posts.Properties{"like-of": {first, second}}})
	body := b.get(p.Path).body
	for _, target := range []string{first, second} {
		_, rest, found := strings.Cut(body, `href="`+strings.ReplaceAll(target, "&", "&amp;")+`">`)
		text, _, closed := strings.Cut(rest, "</a>")
		if !found || !closed || strings.TrimSpace(text) == "" || strings.ContainsAny(text, "<>") {
			t.Errorf("the link to %s says %q", target, text)
		}
	}
	if !strings.Contains(body, "<title>Like: ") {
		t.Error("the page has no bare title")
	}
}

func TestAPostOfOursIsCitedByItsName(t *testing.T) {
	b := newBlog(t)
	article := b.publish(2*day24, posts.Post{Title: "Six years of rain", Content: "Words."})
	note := b.publish(2*day24, posts.Post{Content: "Eleven curlews."})
	draft := b.save(posts.Post{Status: posts.Draft, Title: "Secret", Content: "x", Slug: "secret"})
	year := b.at.Format("/2006/")
	reply := b.publish(time.Hour, posts.Post{Content: "Still.", Properties: posts.Properties{"in-reply-to": {
		citing(public+article.Path, "Another name", "Somebody"), public + note.Path + "?utm_source=x#answers", "http" + strings.TrimPrefix(public, "https") + "/",
		citing(public+year+draft.Slug, "Secret", "Wren"), "https://tidewrack.example.org/x",
	}}})
	// What was read stands for pages of others alone.
	b.looked(mentions.Card{Address: public + year + draft.Slug, Title: "Secret"}, mentions.Card{Address: public + article.Path, Title: "Read"})
	others := []string{"In reply to tidewrack.example", "In reply to tidewrack.example" + year + "secret", "In reply to tidewrack.example.org/x"}
	want := append([]string{"In reply to Wren Adair, Six years of rain tidewrack.example", "In reply to Wren Adair, “Eleven curlews.” tidewrack.example"}, others...)
	check := func(when string, want []string) {
		t.Helper()
		for _, path := range []string{reply.Path, "/kind/reply"} {
			r := b.get(path)
			if got := r.cards(); !slices.Equal(got, want) {
				t.Errorf("%s %s has %q, want %q", when, path, got, want)
			}
			if !strings.Contains(r.body, `href="`+public+note.Path+`?utm_source=x#answers"`) {
				t.Errorf("%s %s does not hold the address as it was typed", when, path)
			}
		}
	}
	check("at first", want)

	article.Title, article.Slug = "Seven years of rain", "seven"
	article = b.save(*article)
	want[0] = "In reply to Wren Adair, Seven years of rain tidewrack.example"
	check("renamed", want)

	old := "In reply to tidewrack.example" + reply.Properties.Addresses("in-reply-to")[0][len(public):]
	if err := b.Posts.Delete(t.Context(), article.ID); err != nil {
		t.Fatal(err)
	}
	want[0] = old
	check("gone", want)
}

func TestAnAnswerToAnInvitationIsSaid(t *testing.T) {
	for said, want := range map[string]string{"yes": "Is going", "no": "Is not going", "maybe": "Might go", "interested": "Is interested"} {
		t.Run(said, func(t *testing.T) {
			b := newBlog(t)
			p := b.publish(time.Hour, posts.Post{Content: "If the tide lets me.", Properties: posts.Properties{
				"in-reply-to": {citing("https://harbour.example/walk", "A walk", "")}, "rsvp": {said}}})
			for _, path := range []string{p.Path, "/", "/kind/rsvp"} {
				r := b.get(path)
				data := r.one(t, ".h-entry .p-rsvp")
				if attribute(data, "value") != said || wordsIn(data) != want {
					t.Errorf("%s answers %q and says %q, want %q", path, attribute(data, "value"), wordsIn(data), want)
				}
				if got := r.cards(); !slices.Equal(got, []string{"RSVP to A walk harbour.example"}) {
					t.Errorf("%s has the cards %q", path, got)
				}
				entry := r.item(t, path)
				if entry.Type[0] == "h-feed" {
					entry = entry.Children[0]
				}
				if got := entry.Properties["rsvp"]; !slices.Equal(got, []any{said}) {
					t.Errorf("%s: rsvp = %v", path, got)
				}
			}
			if got := b.get("/kind/rsvp").texts("title"); got[0] != "RSVPs · Tidewrack" {
				t.Errorf("the list of them is called %q", got)
			}
			content := b.get("/feed.atom").atom(t).Entries[0].Content
			if !strings.Contains(content, `RSVP to <a class="u-in-reply-to" href="https://harbour.example/walk">A walk</a>`) || !strings.Contains(content, want) {
				t.Errorf("the feed says %s", content)
			}
		})
	}
}

func TestFeedsNameAllThatAPostRespondsTo(t *testing.T) {
	b := newBlog(t)
	b.looked(mentions.Card{Address: "https://a.example/?1&2", Title: "One <1>", Author: "Anna & Co"}, mentions.Card{Address: "https://b.example/2", Words: "It rains."})
	b.publish(time.Hour, posts.Post{Content: "x", Properties: posts.Properties{
		"in-reply-to": {"https://a.example/?1&2", "https://b.example/2"}, "bookmark-of": {"https://c.example/3"}, "watch-of": {"https://d.example/4"}}})
	var feed struct {
		Entries []struct {
			Content string `xml:"content"`
			Links   []struct {
				Rel  string `xml:"rel,attr"`
				Href string `xml:"href,attr"`
			} `xml:"link"`
			InReplyTo []struct {
				Ref  string `xml:"ref,attr"`
				Href string `xml:"href,attr"`
			} `xml:"http://purl.org/syndication/thread/1.0 in-reply-to"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(b.get("/feed.atom").body), &feed); err != nil {
		t.Fatal(err)
	}
	entry := feed.Entries[0]
	if len(entry.InReplyTo) != 2 || entry.InReplyTo[0].Ref != "https://a.example/?1&2" || entry.InReplyTo[1].Href != "https://b.example/2" {
		t.Errorf("in-reply-to = %v", entry.InReplyTo)
	}
	if got := fmt.Sprint(entry.Links[1:]); got != "[{related https://c.example/3} {related https://d.example/4}]" {
		t.Errorf("links = %s", got)
	}
	for _, want := range []string{
		`<p>In reply to Anna &amp; Co, <a class="u-in-reply-to" href="https://a.example/?1&amp;2">One &lt;1&gt;</a></p>`,
		`<p>In reply to “<a class="u-in-reply-to" href="https://b.example/2">It rains.</a>”</p>`,
		`<p>Bookmarks <a class="u-bookmark-of" href="https://c.example/3">c.example/3</a></p>`,
	} {
		if !strings.Contains(entry.Content, want) {
			t.Errorf("the entry has no %s:\n%s", want, entry.Content)
		}
	}
	var jf struct{ Items []map[string]any }
	if err := json.Unmarshal([]byte(b.get("/feed.json").body), &jf); err != nil {
		t.Fatal(err)
	}
	if got := jf.Items[0]["external_url"]; got != "https://c.example/3" {
		t.Errorf("external_url = %v", got)
	}
}

func TestPagesWithCardsAreMadeAnewWhenOneChanges(t *testing.T) {
	b := newBlog(t)
	const target = "https://idris.example/1"
	plain := b.publish(2*time.Hour, posts.Post{Title: "Plain", Content: "x", Tags: []string{"dry"}})
	p := b.publish(time.Hour, posts.Post{Content: "Yes.", Properties: posts.Properties{"in-reply-to": {target}}})
	with := []string{p.Path, "/", "/kind/reply", "/feed.atom", "/feed.rss", "/feed.json", "/kind/reply/feed.atom"}
	without := []string{plain.Path, "/tag/dry", "/tag/dry/feed.atom"}
	for _, path := range append(with, without...) {
		b.get(path)
	}
	b.looked(mentions.Card{Address: target, Title: "A paper diary"})
	for _, path := range with {
		if r := b.get(path); !strings.Contains(r.body, "A paper diary") {
			t.Errorf("%s does not show the card", path)
		}
	}
	misses := b.Cache.Stats().Misses
	for _, path := range without {
		b.get(path)
	}
	if got := b.Cache.Stats().Misses; got != misses {
		t.Errorf("%d pages without cards were made anew", got-misses)
	}
	answer, err := b.below(t.Context(), p.Path, "", nil, b.postPage)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{mentions.CardsGeneration, posts.Lists, settings.Generation, p.Generation()} {
		if !slices.Contains(answer.DependsOn, name) {
			t.Errorf("the post depends on %q, without %q", answer.DependsOn, name)
		}
	}
}

func TestAPostHasNotAnyNumberOfCards(t *testing.T) {
	b := newBlog(t)
	var many []any
	for n := range 40_000 {
		many = append(many, fmt.Sprintf("https://a.example/%d", n))
	}
	p := b.publish(time.Hour, posts.Post{Properties: posts.Properties{"like-of": many}})
	if got := len(b.get(p.Path).all(".cite")); got != 500 {
		t.Errorf("%d cards, want 500", got)
	}
	if r := b.ask(http.MethodGet, "/feed.atom"); r.StatusCode != http.StatusOK {
		t.Errorf("its feed answers %d", r.StatusCode)
	}
}
