package site

import (
	"testing"
	"time"

	"hark/internal/posts"
)

func TestPagesSayWhereTheyStandAndWhatIsShownOfThem(t *testing.T) {
	b := newBlog(t)
	said := func(r reading, name string) string {
		t.Helper()
		found := r.all(`head meta[property="` + name + `"], head meta[name="` + name + `"]`)
		if len(found) == 0 {
			return ""
		}
		return attribute(found[0], "content")
	}
	photo := b.publish(time.Hour, posts.Post{
		Title: `Rain & "wind"`, Content: "The <b>gauges</b> ran over.", Tags: []string{"wet"},
		Properties: posts.Properties{"photo": {map[string]any{"value": "/media/rain.jpg", "alt": "A full jar"}}},
	})
	for range pageLength {
		b.publish(2*time.Hour, posts.Post{Content: "x", Tags: []string{"wet"}})
	}
	page := b.get(photo.Path)
	for name, want := range map[string]string{
		"og:type": "article", "og:site_name": "Tidewrack", "og:title": `Rain & "wind"`, "og:description": "The gauges ran over.",
		"og:url": public + photo.Path, "og:image": public + "/media/rain.jpg", "og:image:alt": "A full jar",
		"twitter:card": "summary_large_image", "article:published_time": machine(photo.Published),
	} {
		if got := said(page, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for path, title := range map[string]string{"/": "Tidewrack", "/tag/wet": "wet", "/kind/note": "Notes", "/archive": "Archive", "/about": "About", b.at.Format("/2006"): b.at.Format("2006")} {
		r := b.get(path + "?utm_source=x")
		if got := attribute(r.one(t, "link[rel=canonical]"), "href"); got != public+path {
			t.Errorf("%s says that it stands at %q", path, got)
		}
		if got := said(r, "og:title"); got != title || said(r, "og:type") != "website" || said(r, "og:image") != "" || said(r, "twitter:card") != "summary" {
			t.Errorf("%s is shown as %q", path, got)
		}
	}
	older := attribute(b.get("/").one(t, ".pager [rel=next]"), "href")
	if got := attribute(b.get("/"+older).one(t, "link[rel=canonical]"), "href"); got != public+"/"+older {
		t.Errorf("the second page says that it stands at %q", got)
	}
}
