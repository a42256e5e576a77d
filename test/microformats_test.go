package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// parser reads a page from its input and prints what microformats-parser finds in it.
const parser = `const { mf2 } = require(process.argv[1])
process.stdout.write(JSON.stringify(mf2(require('fs').readFileSync(0, 'utf8'), { baseUrl: process.argv[2] })))`

// item is a microformat. As a value it may be a text alone, in Value.
type item struct {
	Type       []string
	Properties map[string][]item
	Children   []item
	Value      string
	HTML       string
}

func (i *item) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		return json.Unmarshal(text, &i.Value)
	}
	type whole item
	if err := json.Unmarshal(text, (*whole)(i)); err == nil {
		return nil
	}
	// The value of an h-card may be a picture with its words.
	var picture struct{ Value, Alt string }
	err := json.Unmarshal(text, &picture)
	i.Value = picture.Value
	return err
}

// first is the first value of a property, empty where there is none.
func (i item) first(name string) item {
	if values := i.Properties[name]; len(values) > 0 {
		return values[0]
	}
	return item{}
}

// has reports whether a property has this value, as a text or as the url of a card.
func (i item) has(name, value string) bool {
	return slices.ContainsFunc(i.Properties[name], func(v item) bool { return v.Value == value || v.first("url").Value == value })
}

func (i item) is(kind string) bool { return slices.Contains(i.Type, kind) }

// document is what a page says.
type document struct {
	Items []item
	Rels  map[string][]string
}

// only is the one item of a kind that stands at the top of a page.
func (d document) only(t *testing.T, kind string) item {
	t.Helper()
	found := slices.DeleteFunc(slices.Clone(d.Items), func(i item) bool { return !i.is(kind) })
	if len(found) != 1 {
		t.Fatalf("the page has %d of %s at its top, want 1: %+v", len(found), kind, d.Items)
	}
	return found[0]
}

// understood is a public page as another program's parser reads it.
func understood(t *testing.T, address string) (d document) {
	t.Helper()
	module := filepath.Join(npmPeers(t), "node_modules", "microformats-parser")
	read := exec.Command(peer(t, "node", "nodejs"), "-e", parser, module, address)
	read.Stdin = strings.NewReader(from(t, "127.0.0.1").get(address).body)
	var said bytes.Buffer
	read.Stderr = &said
	out, err := read.Output()
	if err != nil {
		t.Fatalf("read %s: %v\n%s", address, err, &said)
	}
	if err := json.Unmarshal(out, &d); err != nil {
		t.Fatalf("read %s: %v\n%s", address, err, out)
	}
	return d
}

func TestAnotherParserUnderstandsWhatThePagesSay(t *testing.T) {
	t.Parallel()
	s := start(t)
	token := s.owner()
	theirs := newBlog(t, "127.0.10.1", "Juniper Hale", "http://nobody.example/")
	article := s.entry(token, map[string]any{"name": "Six years of rain in a jam jar", "category": "rain", "content": map[string]string{"html": "<p>The jar was <b>never</b> meant to last.</p>"}})
	note := s.entry(token, map[string]any{"content": "Eleven millimetres since breakfast."})
	reply := s.entry(token, map[string]any{"content": "Mine has a snail in it.", "in-reply-to": theirs + "/reply"})
	answer := newBlog(t, "127.0.10.2", "Otis Wren", article) + "/reply"
	mention(t, s, answer, article)
	liker := listenOn(t, "127.0.10.3", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `<!doctype html><title>A like</title><article class="h-entry"><a class="p-author h-card" href="/">Della Moss</a> likes <a class="u-like-of" href="%s">a post</a></article>`, article)
	})
	mention(t, s, liker+"/like", article)

	t.Run("an article", func(t *testing.T) {
		e := understood(t, article).only(t, "h-entry")
		e.mustBe(t, s, article)
		if got := e.first("name").Value; got != "Six years of rain in a jam jar" {
			t.Errorf("its name is %q", got)
		}
		if got := e.first("content"); got.Value != "The jar was never meant to last." || !strings.Contains(got.HTML, "<b>never</b>") && !strings.Contains(got.HTML, "<strong>never</strong>") {
			t.Errorf("its content is %q, as HTML %q", got.Value, got.HTML)
		}
		if !e.has("category", "rain") {
			t.Errorf("its categories are %+v", e.Properties["category"])
		}
		if len(e.Properties["comment"]) != 1 || len(e.Properties["like"]) != 1 {
			t.Fatalf("it has the comments %+v and the likes %+v, want one of each", e.Properties["comment"], e.Properties["like"])
		}
		c := e.first("comment")
		if !c.is("h-cite") || !c.has("url", answer) || c.first("author").first("name").Value != "Otis Wren" || c.first("content").Value != "Otis Wren has read it and says so." {
			t.Errorf("its comment is %+v", c)
		}
		if at, err := time.Parse(time.RFC3339, c.first("published").Value); err != nil || !at.Equal(time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)) {
			t.Errorf("its comment is of %+v", c.Properties["published"])
		}
		if l := e.first("like"); !l.is("h-cite") || !l.has("url", liker+"/like") || l.first("author").first("name").Value != "Della Moss" {
			t.Errorf("its like is %+v", l)
		}
	})
	t.Run("a note", func(t *testing.T) {
		e := understood(t, note).only(t, "h-entry")
		e.mustBe(t, s, note)
		e.mustBeNamelessNote(t, "Eleven millimetres since breakfast.")
	})
	t.Run("a reply", func(t *testing.T) {
		e := understood(t, reply).only(t, "h-entry")
		e.mustBe(t, s, reply)
		e.mustBeNamelessNote(t, "Mine has a snail in it.")
		if !e.has("in-reply-to", theirs+"/reply") {
			t.Errorf("it replies to %+v", e.Properties["in-reply-to"])
		}
	})
	t.Run("home", func(t *testing.T) {
		d := understood(t, s.url+"/")
		card := d.only(t, "h-card")
		if home := s.url + "/"; !card.has("url", home) || !card.has("uid", home) || !slices.Contains(d.Rels["me"], home) || card.first("name").Value == "" {
			t.Errorf("the card that stands for the page is %+v, and rel=me is %q", card, d.Rels["me"])
		}
		feed := d.only(t, "h-feed")
		if feed.first("name").Value == "" || !feed.has("author", s.url+"/") || len(feed.Children) != 3 {
			t.Fatalf("the feed is %+v", feed)
		}
		for n, address := range []string{reply, note, article} {
			e := feed.Children[n]
			if !e.is("h-entry") || !e.has("url", address) || e.recent() != nil {
				t.Errorf("entry %d is %+v", n, e)
			}
		}
		feed.Children[0].mustBeNamelessNote(t, "Mine has a snail in it.")
		feed.Children[1].mustBeNamelessNote(t, "Eleven millimetres since breakfast.")
		if got := feed.Children[2].first("name").Value; got != "Six years of rain in a jam jar" {
			t.Errorf("the article's name is %q", got)
		}
	})
}

// mustBe expects what every post says of itself.
func (i item) mustBe(t *testing.T, s *site, address string) {
	t.Helper()
	if !i.has("url", address) || !i.has("uid", address) {
		t.Errorf("its addresses are %+v and %+v, want %s", i.Properties["url"], i.Properties["uid"], address)
	}
	if by := i.first("author"); len(i.Properties["author"]) != 1 || !by.is("h-card") || !by.has("url", s.url+"/") || by.first("name").Value == "" {
		t.Errorf("its authors are %+v", i.Properties["author"])
	}
	if err := i.recent(); err != nil {
		t.Error(err)
	}
}

// recent expects that an entry says it was published just now.
func (i item) recent() error {
	at, err := time.Parse(time.RFC3339, i.first("published").Value)
	if err == nil && time.Since(at).Abs() > time.Hour {
		err = fmt.Errorf("it was published at %v", at)
	}
	return err
}

// mustBeNamelessNote expects words, and no name that says them again.
func (i item) mustBeNamelessNote(t *testing.T, words string) {
	t.Helper()
	if got := i.first("content").Value; strings.TrimSpace(got) != words {
		t.Errorf("its content is %q, want %q", got, words)
	}
	if names := i.Properties["name"]; len(names) != 0 {
		t.Errorf("a note has the names %+v", names)
	}
}
