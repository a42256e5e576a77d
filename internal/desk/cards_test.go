package desk

import (
	"context"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hark/internal/auth"
	"hark/internal/database"
	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/site"
	"hark/web"
)

// openToReaders adds the pages of the site to those of the desk.
func (h *house) openToReaders() {
	h.t.Helper()
	static, err := page.NewStatic(web.Static)
	if err != nil {
		h.t.Fatal(err)
	}
	pages := page.NewTemplates(web.Templates, template.FuncMap{"asset": static.Asset}, nil)
	site.New(site.Options{
		URL: h.URL, Posts: h.posts, Inbox: h.inbox, Outbox: h.outbox, Settings: h.settings, Gate: h.gate, Guard: h.guard, Media: h.media,
		Pages: pages, Cache: page.NewCache(h.db, 1<<20), Static: static, HasOwner: h.gate.HasOwner, Now: h.clock.now,
		Errors: page.NewErrors(pages, slog.New(slog.NewTextHandler(io.Discard, nil)), func(context.Context) page.Site { return page.Site{Name: "hark"} }),
		Who:    func(*http.Request) *auth.User { return nil },
	}).Routes(h.router)
}

// draft is a draft that responds to something, and the path of its editor.
func (h *house) draft(p posts.Post) (draft *posts.Post, editor string) {
	h.t.Helper()
	p.AuthorID, p.Status = h.user().ID, posts.Draft
	if err := h.posts.Save(context.Background(), &p); err != nil {
		h.t.Fatal(err)
	}
	return &p, "/desk/write/" + p.ID
}

// wordsOf are those of the cards, without the blanks around punctuation.
func wordsOf(cards []*html.Node) (all []string) {
	for _, card := range cards {
		all = append(all, strings.NewReplacer(" ,", ",", "“ ", "“", " ”", "”").Replace(text(card)))
	}
	return all
}

// brought is an h-cite as an app sends it.
func brought(address string, properties map[string]any) map[string]any {
	properties["url"] = []any{address}
	return map[string]any{"type": []any{"h-cite"}, "properties": properties}
}

func TestAPostOfOursHasItsNameInThePreview(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years of rain", "In a jam jar.")
	fields := v.typedText("Seven by now.")
	fields.Set("in-reply-to", h.URL+p.Path)
	a := v.post("/desk/preview", fields).is(http.StatusOK)
	a.says("[data-part=preview] .cite", "In reply to hark, Six years of rain "+strings.TrimPrefix(h.URL, "http://"))
	a.says("[data-part=cards] .cite", "Six years of rain")

	if err := h.posts.Delete(context.Background(), p.ID); err != nil {
		t.Fatal(err)
	}
	v.post("/desk/preview", fields).is(http.StatusOK).says("[data-part=preview] .cite", "In reply to "+strings.TrimPrefix(h.URL, "http://")+p.Path)
}

func TestWhatAnAppQuotesStandsInThePreview(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	_, editor := h.draft(posts.Post{Content: "Yes.", Properties: posts.Properties{
		"in-reply-to": {brought("https://juniper.example/wind", map[string]any{"content": []any{"Mine has four notes."}})}}})
	got := wordsOf(v.get(editor).is(http.StatusOK).all(".preview .cite"))
	if want := []string{"In reply to “Mine has four notes.” juniper.example"}; !slices.Equal(got, want) {
		t.Errorf("the preview has the cards %q, want %q", got, want)
	}
}

func TestThePreviewHasTheCardsOfThePage(t *testing.T) {
	h := newHouse(t)
	h.openToReaders()
	v := h.owner()
	if err := h.settings.Save(context.Background(), settings.Site{Title: "Tidewrack", Author: "Wren Adair", Language: "en"}); err != nil {
		t.Fatal(err)
	}
	own, _ := h.published(v, "Six years of rain", "In a jam jar.")
	note, _ := h.published(v, "", "Eleven curlews.")
	err := h.db.InTx(context.Background(), func(tx *database.Tx) error {
		_, err := tx.Exec(`
			INSERT INTO looks (address, looked_at, protocol, endpoint, problem, card, read_at, title, author, author_url, words, published)
			VALUES ('https://a.example/1', 1, '', '', '', TRUE, 1, 'Who keeps a diary?', 'Idris Vale', 'https://a.example/', 'I have begun nine.', 0),
				('https://a.example/2', 1, '', '', '', TRUE, 1, '', 'Idris Vale', 'javascript:alert(1)', 'It rains.', 0)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, properties := range map[string]posts.Properties{
		"ours and others'": {"in-reply-to": {h.URL + own.Path, h.URL + note.Path, h.URL + "/", "https://a.example/1", "https://a.example/2", "https://www.B.example/3/"}},
		"brought by an app": {"like-of": {
			brought("https://a.example/1", map[string]any{"name": []any{"Said"}}), brought("https://c.example/", map[string]any{"content": []any{strings.Repeat("word ", 50)}}),
			brought("https://d.example/", map[string]any{"author": []any{"https://dora.example/"}}), brought(h.URL+own.Path, map[string]any{"name": []any{"Another name"}})}},
		"an invitation":  {"in-reply-to": {"https://a.example/1"}, "rsvp": {"yes"}},
		"a kept page":    {"bookmark-of": {"https://a.example/1"}},
		"of an odd name": {"odd h-card-of": {"https://a.example/1"}, "mood-of": {"https://a.example/2"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, editor := h.draft(posts.Post{Content: "Yes.", Properties: properties})
			a := v.get(editor).is(http.StatusOK)
			preview, fields := wordsOf(a.all(".preview .cite")), a.fields("form.write")
			fields.Set("do", "publish")
			path := v.post(editor, fields).is(http.StatusSeeOther).header.Get("Location")
			onPage := wordsOf(v.get(path).is(http.StatusOK).all(".h-entry .cite"))
			if len(onPage) == 0 || !slices.Equal(preview, onPage) {
				t.Errorf("the preview has the cards %q, the page %q", preview, onPage)
			}
		})
	}
}
