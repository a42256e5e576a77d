package gallery

import (
	"strings"
	"testing"

	"hark/internal/media"
	"hark/internal/posts"
	"hark/internal/words"
	"hark/web"
)

const base = "https://blog.example"

func file(address, alt, caption, poster string) any {
	return map[string]any{"value": address, "alt": alt, "caption": caption, "poster": poster}
}

func TestFilesAreDrawnAsTheIndieWebReadsThem(t *testing.T) {
	for name, c := range map[string]struct {
		properties posts.Properties
		has        []string
		hasNot     []string
		large      bool
	}{
		"one photo": {posts.Properties{"photo": {file("/media/a.jpg", `A "jar"`, "", "")}},
			[]string{`<figure><img class="u-photo" src="/media/a.jpg" alt="A &#34;jar&#34;"></figure>`}, []string{"grid", "<a ", "figcaption"}, true},
		"one with words beneath": {posts.Properties{"photo": {file(base+"/media/a.jpg", "A jar", "In <May>", "")}},
			[]string{`<figcaption>In &lt;May&gt;</figcaption>`, `src="` + base + `/media/a.jpg"`}, nil, true},
		"several": {posts.Properties{"photo": {file("/media/a.jpg", "A jar", "In May", ""), "/media/b.jpg"}},
			[]string{`<div class="grid">`, `<figure><a href="/media/a.jpg"><img class="u-photo" src="/media/a.jpg" alt="A jar"></a><figcaption>In May</figcaption></figure>`,
				`<a href="/media/b.jpg" aria-label="Photo 2 of 2"><img class="u-photo" src="/media/b.jpg" alt="">`}, nil, true},
		"one here and one elsewhere": {posts.Properties{"photo": {"/media/a.jpg", file("HTTPS://other.example/b.jpg", "A cup", "", "")}},
			[]string{`<a class="u-photo" href="HTTPS://other.example/b.jpg">Photo: A cup</a>`}, []string{"grid", `src="HTTPS`}, true},
		"elsewhere alone": {posts.Properties{"photo": {"https://blog.example.other/a.jpg"}}, []string{`<a class="u-photo" href="https://blog.example.other/a.jpg">Photo: blog.example.other/a.jpg</a>`}, []string{"<img"}, false},
		"a film": {posts.Properties{"video": {file("/media/a.mp4", "Waves", "At sea", "/media/b.jpg")}},
			[]string{`<figure><video class="u-video" controls preload="metadata" src="/media/a.mp4" aria-label="Waves" poster="/media/b.jpg"></video><figcaption>At sea</figcaption></figure>`}, nil, false},
		"a film with a poster elsewhere": {posts.Properties{"video": {file("/media/a.mp4", "", "", "https://other.example/b.jpg")}},
			[]string{`aria-label="Video"></video>`}, []string{"poster", "other.example"}, false},
		"a recording": {posts.Properties{"audio": {file("/media/a.mp3", "", "", "/media/b.jpg")}},
			[]string{`<audio class="u-audio" controls preload="metadata" src="/media/a.mp3" aria-label="Recording"></audio>`}, []string{"poster"}, false},
		"a recording elsewhere": {posts.Properties{"audio": {file("https://other.example/a.mp3", "", "Song", "")}}, []string{`<a class="u-audio" href="https://other.example/a.mp3">Recording: Song</a>`}, []string{"<audio"}, false},
		"nothing":               {posts.Properties{"photo": {"javascript:alert(1)", `/\other.example/a.jpg`}}, nil, []string{"<"}, false},
	} {
		drawn := Of(&posts.Post{Properties: c.properties}, base, media.Shown{}, nil)
		all := string(drawn.Pictures + drawn.Players)
		for _, want := range c.has {
			if !strings.Contains(all, want) {
				t.Errorf("%s: no %s in\n%s", name, want, all)
			}
		}
		for _, not := range c.hasNot {
			if strings.Contains(all, not) {
				t.Errorf("%s: %s in\n%s", name, not, all)
			}
		}
		if drawn.Large != c.large {
			t.Errorf("%s: large is %v", name, drawn.Large)
		}
	}
}

// What has no words of its own is named in the language of the pages.
func TestFilesAreNamedInTheLanguageOfThePages(t *testing.T) {
	library, err := words.Open(web.Words)
	if err != nil {
		t.Fatal(err)
	}
	p := &posts.Post{Properties: posts.Properties{"photo": {"/media/a.jpg", "/media/b.jpg"}, "audio": {"/media/a.mp3", "https://other.example/a.mp3"}}}
	drawn := Of(p, base, media.Shown{}, library.Book("de"))
	for _, want := range []string{`aria-label="Foto 2 von 2"`, `aria-label="Aufnahme"`, `>Aufnahme: other.example/a.mp3</a>`} {
		if !strings.Contains(string(drawn.Pictures+drawn.Players), want) {
			t.Errorf("no %s in\n%s%s", want, drawn.Pictures, drawn.Players)
		}
	}
}
