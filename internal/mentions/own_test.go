package mentions

import (
	"testing"

	"hark/internal/posts"
	"hark/internal/settings"
)

func TestWhatEachWriterSaysBeneathOthersIsTheirs(t *testing.T) {
	w := newWorld(t)
	by := func(author string, p posts.Post) Content {
		t.Helper()
		target := w.post("The first.")
		p.AuthorID, p.Status, p.Content = author, posts.Published, link(ours(target))
		w.save(&p)
		all := w.answers(target.ID).Mentions
		if len(all) != 1 {
			t.Fatalf("beneath the post stand %d", len(all))
		}
		site, err := w.settings.Site(t.Context())
		w.must(err)
		answer := &posts.Post{ID: "answer", Properties: posts.Properties{"in-reply-to": {ours(&p)}}}
		cites, err := w.outbox.Cites(t.Context(), site, answer)
		w.must(err)
		if c := cites.Of["answer"][0]; c.Author != all[0].AuthorName || c.AuthorURL != all[0].AuthorURL {
			t.Errorf("in a card it is by %s at %s, beneath a post by %s at %s", c.Author, c.AuthorURL, all[0].AuthorName, all[0].AuthorURL)
		}
		return all[0].Content
	}
	said := func(c Content, name, url string) {
		t.Helper()
		if c.AuthorName != name || c.AuthorURL != ourSite+url {
			t.Errorf("by %s at %s, want %s at %s", c.AuthorName, c.AuthorURL, name, ourSite+url)
		}
	}
	w.must(w.settings.Save(t.Context(), settings.Site{Title: "Tidewrack", Author: "Wren Adair", Language: "en"}))
	w.exec("UPDATE users SET address = 'writer'")
	said(by(w.author, posts.Post{}), "Wren Adair", "/")
	w.exec("INSERT INTO users (id, name, display_name, role, password, created_at, address) VALUES ('reed', 'reed', 'Reed Moss', 'author', '', 0, 'reed-moss')")
	said(by("reed", posts.Post{}), "Reed Moss", "/author/reed-moss")
	said(by(w.author, posts.Post{}), "Writer", "/author/writer")
	said(by("reed", posts.Post{Visibility: posts.Unlisted}), "Reed Moss", "/")
}
