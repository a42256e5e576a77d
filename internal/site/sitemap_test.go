package site

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/posts"
)

func TestTheSitemapHasThePagesOfAuthorsWhereSeveralWrite(t *testing.T) {
	b := newBlog(t)
	b.publish(time.Hour, posts.Post{Content: "Alone"})
	if body := b.get("/sitemap.xml").body; strings.Contains(body, "/author/") {
		t.Errorf("of one who writes alone it is %s", body)
	}
	reed := b.reed()
	if body := b.get("/sitemap.xml").body; strings.Contains(body, "/author/reed-moss") || !strings.Contains(body, "<loc>"+public+"/author/wren-adair</loc>") {
		t.Errorf("before Reed has written it is %s", body)
	}
	b.moss(reed, posts.Post{Content: "Together"})
	if body := b.get("/sitemap.xml").body; !strings.Contains(body, "<loc>"+public+"/author/reed-moss</loc>") {
		t.Errorf("with Reed it is %s", body)
	}
}

func TestTheSitemapHasEveryPostInParts(t *testing.T) {
	b := newBlog(t)
	b.publish(time.Hour, posts.Post{Title: "Imprint", Content: "x", Apart: true})
	b.publish(time.Hour, posts.Post{Content: "Hidden", Visibility: posts.Unlisted})
	newest := b.publish(time.Hour, posts.Post{Content: "The newest"})
	r := b.get("/sitemap.xml")
	for _, want := range []string{"<urlset", public + "/imprint<", public + newest.Path + "</loc>", "<lastmod>" + machine(newest.Updated)} {
		if !strings.Contains(r.body, want) {
			t.Errorf("without %s:\n%s", want, r.body)
		}
	}
	if got := strings.Count(r.body, "<url>"); got != 5 {
		t.Errorf("%d addresses, want 5:\n%s", got, r.body)
	}

	err := b.db.InTx(t.Context(), func(tx *database.Tx) error {
		for n := range mostMapped {
			if _, err := tx.Exec(`
				INSERT INTO posts (id, author_id, status, kind, path, slug, title, content, properties, html, summary, words, version, created_at, published_at, updated_at, deleted_at)
				VALUES ($1, $2, 'published', 'note', $3, '', '', '', 'null', '', '', 0, 1, $4, $4, $4, 0)`,
				fmt.Sprintf("p%05d", n), b.wren.ID, fmt.Sprintf("/2001/p%d", n), 1_000_000_000+n); err != nil {
				return err
			}
		}
		tx.Touch(posts.Lists)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	index := b.get("/sitemap.xml").body
	for _, want := range []string{
		"<sitemapindex", "<loc>" + public + "/sitemap-1.xml</loc>", "<lastmod>" + machine(time.Unix(1_000_000_000+mostMapped-1, 0)),
		"<loc>" + public + "/sitemap-2.xml</loc>", "<lastmod>" + machine(newest.Updated),
	} {
		if !strings.Contains(index, want) {
			t.Errorf("without %s:\n%s", want, index)
		}
	}
	if got := strings.Count(b.get("/sitemap-1.xml").body, "<url>"); got != mostMapped+4 {
		t.Errorf("the first part has %d addresses", got)
	}
	if second := b.get("/sitemap-2.xml").body; strings.Count(second, "<url>") != 1 || !strings.Contains(second, newest.Path) {
		t.Errorf("the second part is %s", second)
	}
	for _, path := range []string{"/sitemap-0.xml", "/sitemap-3.xml", "/sitemap-01.xml", "/sitemap-99999999999999999999.xml"} {
		if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d", path, r.StatusCode)
		}
	}
}
