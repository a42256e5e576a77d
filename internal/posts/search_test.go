package posts

import (
	"errors"
	"fmt"
	"html/template"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
)

// search is the names of what is found, in order.
func (b *bench) search(t testing.TB, text string) (names []string) {
	t.Helper()
	q, err := ParseQuery(text, map[string]string{"wren": "Wren Adair"})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	found, _, err := b.Search(t.Context(), q, 0, 20)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for _, p := range found {
		names = append(names, p.Name())
	}
	return names
}

func (b *bench) at(day string) time.Time {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return at
}

func TestSearch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.save(t, &Post{Status: Published, Title: "Rain", Content: "It fell on the *har*bour all day.", Tags: []string{"Weather", "c++"}, Published: b.at("2023-04-30")})
	b.save(t, &Post{Status: Published, Content: "Café crème in the rain, twice.", Published: b.at("2024-05-17")})
	b.save(t, &Post{Status: Published, Content: "東京の雨は静か", Published: b.at("2025-01-01")})
	b.save(t, &Post{Status: Published, Content: "Quiet rain on a roof", Visibility: Unlisted})
	b.save(t, &Post{Status: Published, Content: "Private rain on a roof", Visibility: Private})
	b.draft(t, "A draft about rain")
	coffee, rain, tokyo := "Café crème in the rain, twice.", "Rain", "東京の雨は静か"

	for query, want := range map[string][]string{
		"rain":                             {rain, coffee}, // in the title before the newest
		"RAIN twice":                       {coffee},
		"cafe creme":                       {coffee},
		`"crème in the rain"`:              {coffee},
		`"rain in the crème"`:              nil,
		"harbour":                          {rain}, // parts of a word are one
		"harb":                             {rain}, // the last may be only begun
		"harb day":                         nil,
		`"harb"`:                           nil,
		"rain -twice":                      {rain},
		"-rain":                            {tokyo},
		"rain tag:weather":                 {rain},
		"tag:C++":                          {rain},
		"rain -tag:weather":                {coffee},
		"kind:article":                     {rain},
		"-kind:note":                       {rain},
		"kind:photo":                       nil,
		"before:2024":                      {rain},
		"after:2023-05":                    {tokyo, coffee},
		"after:2024-05-17 before:2025":     {coffee},
		"author:wren rain":                 {rain, coffee},
		"author:\"Wren Adair\" rain":       {rain, coffee},
		"-author:wren":                     nil,
		"京の雨":                              {tokyo},
		"雨京":                               nil,
		`rain") OR ("twice`:                nil, // words, and no language
		`title : rain NEAR(rain twice, 3)`: nil,
		`rain' | 'twice`:                   {coffee},
		"rain*":                            {rain, coffee},
		"{words}:rain":                     nil,
	} {
		if got := b.search(t, query); !slices.Equal(got, want) {
			t.Errorf("%s: found %q, want %q", query, got, want)
		}
	}

	t.Run("it follows the post", func(t *testing.T) {
		p := b.publish(t, "", "A heron stood there")
		p.Content = "An egret stood there"
		b.save(t, p)
		if got := b.search(t, "heron"); got != nil {
			t.Errorf("the old words found %q", got)
		}
		if err := b.Delete(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
		if got := b.search(t, "egret"); got != nil {
			t.Errorf("found the deleted %q", got)
		}
		if err := b.Restore(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
		if got := b.search(t, "egret"); len(got) != 1 {
			t.Errorf("found %q after it was restored", got)
		}
		p = b.read(t, p.ID)
		p.Visibility = Private
		b.save(t, p)
		if got := b.search(t, "egret"); got != nil {
			t.Errorf("found the private %q", got)
		}
		scheduled := b.save(t, &Post{Status: Scheduled, Content: "A curlew called", Published: b.now().Add(time.Hour)})
		if got := b.search(t, "curlew"); got != nil {
			t.Errorf("found %q before its time", got)
		}
		b.pass(2 * time.Hour)
		if err := b.queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := b.search(t, "curlew"); len(got) != 1 {
			t.Errorf("found %q once %s came out", got, scheduled.ID)
		}
	})

	t.Run("at the desk", func(t *testing.T) {
		q, err := ParseQuery("rain", nil)
		if err != nil {
			t.Fatal(err)
		}
		q.All = true
		found, more, err := b.Search(t.Context(), q, 1, 2)
		if err != nil || len(found) != 2 || !more {
			t.Errorf("found %d, more %v, %v; want two of four after the first", len(found), more, err)
		}
		found, more, err = b.Search(t.Context(), q, 3, 2)
		if err != nil || len(found) != 2 || more {
			t.Errorf("found %d, more %v, %v; want the last two", len(found), more, err)
		}
	})

	t.Run("from before there was an index", func(t *testing.T) {
		err := b.db.InTx(t.Context(), func(tx *database.Tx) error {
			if _, err := tx.Exec("DELETE FROM searched"); err != nil {
				return err
			}
			return b.queue.Enqueue(tx, toIndex, "")
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := b.search(t, "rain"); got != nil {
			t.Fatalf("found %q in an empty index", got)
		}
		if err := b.queue.Drain(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := b.search(t, "rain tag:weather"); len(got) != 1 {
			t.Errorf("found %q in the index that was made anew", got)
		}
	})
}

func TestQueriesThatCannotBe(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		strings.Repeat("a", 201): "too long",
		strings.Repeat("a ", 13): "too many",
		"kind:poem":              "no kind",
		"before:yesterday":       "Write the time after before:",
		"author:nobody":          "Nobody who writes here",
		`"`:                      "no word",
		"!?":                     "no word",
		"tag:---":                "no word",
		"-":                      "no word",
		"\xff\x00":               "no word",
	} {
		_, err := ParseQuery(query, nil)
		bad := (*Invalid)(nil)
		if !errors.As(err, &bad) || !strings.Contains(bad.Text, want) {
			t.Errorf("%q: %v, want a sentence with %q", query, err, want)
		}
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	q, err := ParseQuery(`"b" creme <script> rai`, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(q.Mark(`<b>Crème</b> & "rainy"`)), `&lt;<mark>b</mark>&gt;<mark>Crème</mark>&lt;/<mark>b</mark>&gt; &amp; &#34;<mark>rainy</mark>&#34;`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	long := strings.Repeat("dull words ", 50) + "then rain " + strings.Repeat("dull words ", 50)
	got := string(q.Excerpt(long))
	if !strings.HasPrefix(got, "… ") || !strings.HasSuffix(got, " …") || !strings.Contains(got, "<mark>rain</mark>") || len(got) > 350 {
		t.Errorf("excerpt: %s", got)
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{`"a b" -c tag:d`, "before:2024 x*", `'") OR NEAR(`, "\xff", "é̀ ⓛisted", "ﷺ ㎒ ½"} {
		f.Add(seed)
	}
	b := newBench(f)
	b.publish(f, "A ½", "b ﷺ")
	f.Fuzz(func(t *testing.T, text string) {
		b.publish(t, "", "x "+text)
		q, err := ParseQuery(text, nil)
		if bad := (*Invalid)(nil); errors.As(err, &bad) {
			return
		}
		if _, _, err := b.Search(t.Context(), q, 0, 5); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if got := string(q.Excerpt(text)); strings.Contains(strings.ReplaceAll(strings.ReplaceAll(got, "<mark>", ""), "</mark>", ""), "<") {
			t.Errorf("%q: not escaped: %s", text, got)
		}
	})
}

// BenchmarkSearch looks through 100,000 posts. Every one has the word "the".
func BenchmarkSearch(b *testing.B) {
	h := newBench(b)
	err := h.db.InTx(b.Context(), func(tx *database.Tx) error { return fillSearched(h.Store, tx, 100_000) })
	if err != nil {
		b.Fatal(err)
	}
	for _, query := range []string{"the", "rare7", "the and", "th", "and the", "tha", "the -and", `"the and"`, "tag:tag3 the", "kind:photo the", "the before:2001", "-the"} {
		b.Run(query, func(b *testing.B) {
			q, err := ParseQuery(query, nil)
			if err != nil {
				b.Fatal(err)
			}
			var times []time.Duration
			for b.Loop() {
				begun := time.Now()
				if _, _, err := h.Search(b.Context(), q, 0, 20); err != nil {
					b.Fatal(err)
				}
				times = append(times, time.Since(begun))
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
		})
	}
}

// fillSearched writes many posts of 60 words, an hour apart, into the index.
func fillSearched(s *Store, tx *database.Tx, n int) error {
	random := rand.New(rand.NewPCG(1, 2))
	often := rand.NewZipf(random, 1.1, 4, 20_000)
	for i := range n {
		words := []string{"the", fmt.Sprintf("tha%d", i%7)}
		for range 60 {
			words = append(words, fmt.Sprintf("%xth", often.Uint64()))
		}
		if i%2 == 0 {
			words = append(words, "and")
		}
		if i%10_000 == 7 {
			words = append(words, fmt.Sprintf("rare%d", i%10))
		}
		p := &Post{
			ID: fmt.Sprintf("p%05d", i), AuthorID: "wren", Status: Published, Kind: Note, Visibility: Public, Summary: "Words.",
			HTML: template.HTML(strings.Join(words, " ")), Published: s.now().Add(-time.Duration(n-i) * time.Hour), Tags: []string{fmt.Sprintf("tag%d", i%50)},
		}
		if _, err := tx.Exec(`
			INSERT INTO posts (id, author_id, status, kind, path, slug, title, content, properties, html, summary, words, version, created_at, published_at, updated_at, deleted_at)
			VALUES ($1, 'wren', 'published', 'note', $2, '', '', $3, 'null', $3, 'Words.', 1, 1, $4, $4, $4, 0)`,
			p.ID, "/2026/"+p.ID, string(p.HTML), p.Published.Unix()); err != nil {
			return err
		}
		if err := s.index(tx, p); err != nil {
			return err
		}
	}
	return nil
}
