package posts

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestTagsInTheWordsAreTagsOfThePost(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Published, Content: "#Rain and #wind, more #rain, `#code`.", Tags: []string{"Wind", "jar"}})
	for name, p := range map[string]*Post{"saved": p, "read": b.read(t, p.ID)} {
		if !slices.Equal(p.Tags, []string{"Wind", "jar"}) || !slices.Equal(p.Hashtags, []string{"Rain"}) {
			t.Errorf("%s it has the tags %v, and in its words %v", name, p.Tags, p.Hashtags)
		}
	}
	if got := b.list(t, List{Tag: "rain"}); len(got) != 1 {
		t.Errorf("under the tag are %v", got)
	}
	q, err := ParseQuery("tag:rain", nil)
	if err != nil {
		t.Fatal(err)
	}
	if found, _, err := b.Search(t.Context(), q, 0, 5); err != nil || len(found) != 1 {
		t.Errorf("searching the tag finds %d posts: %v", len(found), err)
	}
	b.save(t, &Post{Status: Published, Title: "Other", Content: "Also of #rain."})
	if got := b.related(t, p); !slices.Equal(got, []string{"Other"}) {
		t.Errorf("related are %q", got)
	}
	p = b.read(t, p.ID)
	p.Content = "No more, but #snow."
	b.save(t, p)
	if p = b.read(t, p.ID); !slices.Equal(p.AllTags(), []string{"Wind", "jar", "snow"}) {
		t.Errorf("with other words it has %v", p.AllTags())
	}
}

func TestPostsOfAnOlderRendererGetTheTagsInTheirWords(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Published, Content: "#Rain.", Tags: []string{"jar"}})
	b.jobs(t)
	b.exec(t, "DELETE FROM tags WHERE tag = 'rain'")
	b.outdate(t)
	b.renew(t)
	if p = b.read(t, p.ID); !slices.Equal(p.Tags, []string{"jar"}) || !slices.Equal(p.Hashtags, []string{"Rain"}) {
		t.Errorf("it has %v and %v", p.Tags, p.Hashtags)
	}
	if got := b.list(t, List{Tag: "rain"}); len(got) != 1 {
		t.Errorf("under the tag are %v", got)
	}
}

func TestOfMoreTagsThanAPostMayHaveTheRestAreWords(t *testing.T) {
	var text strings.Builder
	for n := range maxTags + 5 {
		fmt.Fprintf(&text, "#tag%d ", n)
	}
	html, tags := NewRenderer("https://blog.example").Render(text.String()+"#tag0", plain)
	if len(tags) != maxTags || strings.Count(string(html), "<a ") != maxTags+1 || !strings.Contains(string(html), fmt.Sprintf("</a> #tag%d #tag", maxTags)) {
		t.Errorf("there are %d tags in %s", len(tags), html)
	}
}

func TestNamesOfThoseWhoWriteHereLeadToTheirPages(t *testing.T) {
	as := As{Authors: map[string]string{"wren": "/author/wren", "reed-moss": "/author/reed"}}
	r := NewRenderer("https://blog.example")
	for typed, want := range map[string]string{
		"With @wren, (@Wren) and @reed-moss.":                               `With <a href="/author/wren" class="h-card">@wren</a>, (<a href="/author/wren" class="h-card">@Wren</a>) and <a href="/author/reed" class="h-card">@reed-moss</a>.`,
		"@wren's jar, @wren- and @wren/":                                    `<a href="/author/wren" class="h-card">@wren</a>’s jar, <a href="/author/wren" class="h-card">@wren</a>- and <a href="/author/wren" class="h-card">@wren</a>/`,
		"@reed, @wren@social.example, a@wren, @wren.x, @wrené, @wren/a, @ä": `@reed, @wren@social.example, a@wren, @wren.x, @wrené, @wren/a, @ä`,
		"\\@wren, `@wren` and [@wren](/x)":                                  `@wren, <code>@wren</code> and <a href="/x">@wren</a>`,
		"@" + strings.Repeat("a", 200):                                      "@" + strings.Repeat("a", 200),
	} {
		if got := string(r.HTML(typed, as)); got != "<p>"+want+"</p>\n" {
			t.Errorf("%s is %s\nwant %s", typed, got, want)
		}
	}
}
