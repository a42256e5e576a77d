package posts

import (
	"os"
	"strings"
	"testing"
)

// TestFewAreFoundWithoutWalkingThroughAll holds which index SQLite takes for what
// every page asks.
func TestFewAreFoundWithoutWalkingThroughAll(t *testing.T) {
	if os.Getenv("HARK_TEST_POSTGRES") != "" {
		t.Skip("PostgreSQL counts its rows, and says it in other words")
	}
	b := newBench(t)
	series, args := List{Status: Published, Series: "x", Oldest: true}.where("published_at")
	if got := plan(t, b, series+" ORDER BY published_at, id", args...); !strings.Contains(got, "posts_series") {
		t.Errorf("the list of a series: %q, want posts_series", got)
	}
	for query, index := range map[string]string{
		"apart AND " + fewPublished + " AND visibility = 'public' ORDER BY published_at, id":                          "posts_apart",
		"pinned AND " + fewPublished + " AND visibility = 'public' AND NOT apart ORDER BY published_at DESC, id DESC": "posts_pinned",
		"status = 'published' AND listed ORDER BY published_at DESC, id DESC":                                         "posts_listed",
		"status = 'published' AND listed AND kind = 'note' ORDER BY published_at DESC, id DESC":                       "posts_kind",
		inNoList: "posts_away",
		"author_id = 'x' AND status = 'published' AND listed ORDER BY published_at DESC, id DESC":             "posts_author",
		"author_id = 'x' AND status = 'published' ORDER BY published_at DESC, id DESC":                        "posts_author",
		"status = 'published' AND listed AND series_key <> '' AND series_key = 'x' ORDER BY published_at, id": "posts_series",
	} {
		if got := plan(t, b, query); !strings.Contains(got, index) {
			t.Errorf("%s: %q, want %s", query, got, index)
		}
	}
}

// plan is how SQLite goes about finding the first twenty.
func plan(t *testing.T, b *bench, query string, args ...any) string {
	t.Helper()
	var id, parent, unused int
	var plan string
	err := b.db.QueryRow(t.Context(), "EXPLAIN QUERY PLAN SELECT title FROM posts WHERE "+query+" LIMIT 20", args...).Scan(&id, &parent, &unused, &plan)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
