package site

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/posts"
)

// atomRead and rssRead are feeds as a reader sees them.
type atomRead struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		ID        string `xml:"id"`
		Title     string `xml:"title"`
		Published string `xml:"published"`
		Updated   string `xml:"updated"`
		Content   string `xml:"content"`
		InReplyTo struct {
			Ref string `xml:"ref,attr"`
		} `xml:"http://purl.org/syndication/thread/1.0 in-reply-to"`
		Categories []struct {
			Term string `xml:"term,attr"`
		} `xml:"category"`
	} `xml:"entry"`
}

type rssRead struct {
	XMLName xml.Name `xml:"rss"`
	Channel struct {
		Title string `xml:"title"`
		Self  struct {
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/2005/Atom link"`
		Items []struct {
			Title   string `xml:"title"`
			GUID    string `xml:"guid"`
			Date    string `xml:"pubDate"`
			Creator string `xml:"http://purl.org/dc/elements/1.1/ creator"`
			Content string `xml:"http://purl.org/rss/1.0/modules/content/ encoded"`
		} `xml:"item"`
	} `xml:"channel"`
}

func (r reading) atom(t *testing.T) (f atomRead) {
	t.Helper()
	r.decode(t, &f)
	return f
}

func (r reading) decode(t *testing.T, into any) {
	t.Helper()
	if err := xml.Unmarshal([]byte(r.body), into); err != nil {
		t.Fatalf("%v in\n%s", err, r.body)
	}
}

const story = "A [jar](/2026/jar) and ![a gauge](gauge.png), [far](https://far.example/?a=1&b=2), [below](#end).\n\n`]]>` & <b>bold</b>\n\nThe last paragraph."

func TestFeedsHoldWholePostsWithWholeAddresses(t *testing.T) {
	b := newBlog(t)
	article := b.publish(2*day24, posts.Post{Title: "Rain & <snow>", Content: story, Tags: []string{"wet"}})
	reply := b.publish(day24, posts.Post{Content: "Yes.", Properties: posts.Properties{"in-reply-to": {"https://idris.example/1"}}})

	f := b.get("/feed.atom").atom(t)
	if f.Title != "Tidewrack" || f.Author != "Wren Adair" || f.ID != public+"/" || f.Links[0].Href != public+"/feed.atom" || len(f.Entries) != 2 {
		t.Fatalf("Atom = %+v", f)
	}
	if _, err := time.Parse(time.RFC3339, f.Updated); err != nil {
		t.Error(err)
	}
	first, second := f.Entries[0], f.Entries[1]
	if first.InReplyTo.Ref != "https://idris.example/1" || first.Title == "" || !strings.Contains(first.Content, `href="https://idris.example/1"`) {
		t.Errorf("the reply = %+v", first)
	}
	if second.ID != public+article.Path || second.Title != "Rain & <snow>" || second.Published != machine(article.Published) || second.Categories[0].Term != "wet" {
		t.Errorf("the article = %+v", second)
	}

	var rss rssRead
	b.get("/feed.rss").decode(t, &rss)
	if rss.Channel.Self.Href != public+"/feed.rss" || rss.Channel.Items[1].GUID != public+article.Path || rss.Channel.Items[1].Creator != "Wren Adair" {
		t.Errorf("RSS = %+v", rss)
	}
	if _, err := time.Parse(time.RFC1123Z, rss.Channel.Items[1].Date); err != nil {
		t.Error(err)
	}

	var jf struct {
		Version string
		Items   []map[string]any
	}
	if err := json.Unmarshal([]byte(b.get("/feed.json").body), &jf); err != nil {
		t.Fatal(err)
	}
	if jf.Version != "https://jsonfeed.org/version/1.1" || jf.Items[1]["id"] != public+article.Path || jf.Items[1]["title"] != "Rain & <snow>" {
		t.Errorf("JSON = %+v", jf)
	}
	if title, there := jf.Items[0]["title"]; there || jf.Items[0]["url"] != public+reply.Path {
		t.Errorf("the reply has the title %v in JSON", title)
	}

	for form, content := range map[string]string{"atom": second.Content, "rss": rss.Channel.Items[1].Content, "json": jf.Items[1]["content_html"].(string)} {
		for _, want := range []string{
			`href="` + public + `/2026/jar"`, `src="` + public + article.Published.Format("/2006/") + `gauge.png"`,
			`href="https://far.example/?a=1&amp;b=2"`, `href="` + public + article.Path + `#end"`,
			"]]&gt;", "<b>bold</b>", "The last paragraph.",
		} {
			if !strings.Contains(content, want) {
				t.Errorf("%s: no %s in\n%s", form, want, content)
			}
		}
	}
}

func TestWhatAPictureShowsIsNoAddress(t *testing.T) {
	b := newBlog(t)
	b.publish(day24, posts.Post{Title: "Rain", Content: `A ![jar href=](jar.png "y") and a ![gauge src=](gauge.png "z").`})
	content := b.get("/feed.atom").atom(t).Entries[0].Content
	for _, want := range []string{`alt="jar href=" title="y"`, `alt="gauge src=" title="z"`, `/gauge.png"`} {
		if !strings.Contains(content, want) {
			t.Errorf("no %s in\n%s", want, content)
		}
	}
}

func TestFeedsAreAnnouncedByTheirTypeAndAnswerHEAD(t *testing.T) {
	b := newBlog(t)
	b.publish(day24, posts.Post{Title: "Rain", Content: "x", Tags: []string{"wet"}})
	for _, below := range []string{"", "/tag/wet", "/kind/article"} {
		for form, want := range map[string]string{"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"} {
			path := below + "/feed." + form
			r := b.ask(http.MethodHead, path)
			if got := r.Header.Get("Content-Type"); r.StatusCode != http.StatusOK || got != want+"; charset=utf-8" {
				t.Errorf("HEAD %s answers %d as %q", path, r.StatusCode, got)
			}
			page := b.get("/" + strings.TrimPrefix(below, "/"))
			if link := page.one(t, `link[rel=alternate][type="`+want+`"][href="`+public+path+`"]`); attribute(link, "title") == "" {
				t.Errorf("%s is announced without a title", path)
			}
		}
	}
	if got := b.get("/tag/wet/feed.atom").atom(t).Title; got != "wet · Tidewrack" {
		t.Errorf("the tag's feed is called %q", got)
	}
}

func TestAFeedOfATagHoldsItAlone(t *testing.T) {
	b := newBlog(t)
	b.publish(2*day24, posts.Post{Title: "Wet", Content: "x", Tags: []string{"wet"}})
	b.publish(day24, posts.Post{Content: "dry note"})
	for path, want := range map[string]string{"/tag/wet/feed.atom": "Wet", "/kind/note/feed.atom": "dry note"} {
		var got []string
		for _, e := range b.get(path).atom(t).Entries {
			got = append(got, e.Title)
		}
		if !slices.Equal(got, []string{want}) {
			t.Errorf("%s has %q, want %q", path, got, want)
		}
	}
}

func TestAnEmptyFeedIsValidAndStaysTheSame(t *testing.T) {
	b := newBlog(t)
	first := b.get("/feed.atom")
	if f := first.atom(t); f.Updated == "" || len(f.Entries) != 0 {
		t.Errorf("an empty feed = %+v", f)
	}
	b.at = b.at.Add(time.Hour)
	b.db.InTx(t.Context(), touchLists)
	if again := b.get("/feed.atom"); again.body != first.body {
		t.Error("an empty feed changes by itself")
	}
}

func TestAnEditMovesUpdatedButNotPublishedNorTheID(t *testing.T) {
	b := newBlog(t)
	p := b.publish(2*day24, posts.Post{Title: "Rain", Content: "x"})
	before := b.get("/feed.atom").atom(t).Entries[0]
	b.at = b.at.Add(time.Hour)
	p.Content = "y"
	b.save(*p)
	after := b.get("/feed.atom").atom(t).Entries[0]
	if after.ID != before.ID || after.Published != before.Published || after.Updated <= before.Updated {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

func TestCharactersThatXMLForbidsAreLeftOut(t *testing.T) {
	f := feed{title: "T\x00\x1b", items: []item{{title: "P\x08\uFFFE", name: "P\x08\uFFFE", author: person{name: "B\x02"}, tags: []string{"a\x01"}, content: "<p>c\x0c]]>d</p>"}}}
	for name, write := range map[string]func(feed) ([]byte, error){"atom": atomFeed, "rss": rssFeed} {
		body, err := write(f)
		if err != nil {
			t.Fatal(err)
		}
		decoder := xml.NewDecoder(strings.NewReader(string(body)))
		var words strings.Builder
		for {
			token, err := decoder.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if chars, ok := token.(xml.CharData); ok {
				words.Write(chars)
			}
		}
		if !strings.Contains(words.String(), "<p>c]]>d</p>") {
			t.Errorf("%s says %q", name, words.String())
		}
	}
}

func touchLists(tx *database.Tx) error {
	tx.Touch(posts.Lists)
	return nil
}
