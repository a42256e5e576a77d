package test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/database"
)

// BenchmarkMemory measures what the program holds of a blog of 1,000 posts, at rest and after load.
func BenchmarkMemory(b *testing.B) {
	s := newFilled(b, 1000)
	s.start()
	s.remembers(b, s.latest(b, 1000))
}

// BenchmarkLarge measures a blog of 100,000 posts, then with a million mentions. To fill it takes
// some minutes, so it is run only by who says where: HARK_BENCH_LARGE is a directory where the
// blog stays for the next time.
func BenchmarkLarge(b *testing.B) {
	dir := os.Getenv("HARK_BENCH_LARGE")
	if dir == "" {
		b.Skip("it takes long; HARK_BENCH_LARGE names a directory for it")
	}
	s := newFilled(b, 100_000, "HARK_DATA="+filepath.Join(dir, "posts"))
	s.start()
	b.Run("start", func(b *testing.B) { s.starts(b) })
	for _, query := range []string{"quicksilver", "the", "1th", "and", `"the and"`, `"2th 0th"`, "qui", "th", "the -and", "1th 2th 3th", "tag:tag7 the", "the before:2020", "-the", "nowhere"} {
		b.Run("search/"+query, func(b *testing.B) { s.searches(b, query) })
	}
	paths := s.latest(b, 1000)
	b.Run("memory", func(b *testing.B) { s.remembers(b, paths) })
	s.stop()
	answered := newAnswered(b, s, filepath.Join(dir, "mentions"))
	answered.start()
	b.Run("start with mentions", func(b *testing.B) { answered.starts(b) })
	b.Run("memory with mentions", func(b *testing.B) { answered.remembers(b, paths) })
}

// starts measures from exec to the first healthy answer.
func (s *site) starts(b *testing.B) {
	var times []time.Duration
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		s.stop()
		b.StartTimer()
		begun := time.Now()
		s.process = launch(b, s.cmd("serve"))
		for s.healthy() != nil {
			time.Sleep(time.Millisecond)
		}
		times = append(times, time.Since(begun))
		used += s.process.processor(b)
	}
	b.ReportMetric(float64(used.Milliseconds())/float64(len(times)), "server-ms/op")
	report(b, times)
}

// searches measures the page of a search: at first, when neither the program nor the system has
// read anything of the database, and then. Each is made from another address, which may ask for few.
func (s *site) searches(b *testing.B, query string) {
	for b.Loop() { // what follows is as often as it may be
	}
	address := s.url + "/search?q=" + url.QueryEscape(query)
	s.stop()
	s.forgotten(b)
	s.start()
	look := func(n int) time.Duration {
		reader := from(b, fmt.Sprintf("127.0.40.%d", n+1))
		reader.get(s.url) // it is connected, and the program has drawn a page
		begun := time.Now()
		if a := reader.get(address); a.status != http.StatusOK {
			b.Fatalf("a search for %s is answered %d", query, a.status)
		}
		return time.Since(begun)
	}
	b.ReportMetric(float64(look(0).Microseconds())/1000, "cold-ms")
	var times []time.Duration
	before := s.process.processor(b)
	for n := range 20 {
		times = append(times, look(n+1))
	}
	b.ReportMetric(float64((s.process.processor(b)-before).Microseconds())/20, "server-µs/op")
	report(b, times)
}

// forgotten has the system forget what it has read of the database.
func (s *site) forgotten(b *testing.B) {
	if out, err := exec.Command("dd", "if="+filepath.Join(s.data, "hark.db"), "iflag=nocache", "count=0").CombinedOutput(); err != nil {
		b.Fatalf("dd: %v %s", err, out)
	}
}

// latest are the paths of the latest posts.
func (s *site) latest(b *testing.B, n int) (paths []string) {
	db, err := database.Open(b.Context(), database.Options{Dir: s.data})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(b.Context(), "SELECT path FROM posts ORDER BY id DESC LIMIT $1", n)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var path string
		if err := rows.Scan(&path); err != nil {
			b.Fatal(err)
		}
		paths = append(paths, path)
	}
	if err := rows.Err(); err != nil || len(paths) != n {
		b.Fatalf("%d posts: %v", len(paths), err)
	}
	return paths
}

// remembers measures the memory of the program after its start, and after 32 readers have read
// 20,000 pages: posts in turn, lists, feeds, the desk.
func (s *site) remembers(b *testing.B, paths []string) {
	for b.Loop() { // memory has no duration
	}
	s.stop()
	s.start()
	b.ReportMetric(s.process.memory(b), "idle-MB")
	b.ReportMetric(s.process.own(b), "idle-own-MB")
	owner := from(b, "127.0.0.1")
	owner.login(s)
	lists := []string{"/", "/feed.atom", "/feed.rss", "/feed.json", "/mentions.jf2", "/archive", "/sitemap.xml", "/tag/tag7", "/page/2"}
	desk := []string{"/desk", "/desk/write", "/desk/posts", "/desk/inbox", "/desk/outbox", "/desk/defence", "/desk/settings", "/desk/media"}
	var reading sync.WaitGroup
	for n := range 32 {
		reading.Go(func() {
			dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(60+n), 1)}}
			conn, err := dialer.Dial("tcp", s.host())
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			read := bufio.NewReader(conn)
			for i := range 625 {
				path := paths[(n*625+i)%len(paths)]
				if i%10 == 0 {
					path = lists[(n+i/10)%len(lists)]
				}
				fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: gzip\r\n\r\n", path, s.host())
				res, err := http.ReadResponse(read, nil)
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode >= 500 {
					b.Errorf("%s is answered %s, %v", path, res.Status, err)
				}
				res.Body.Close()
			}
		})
	}
	for range 20 {
		for _, page := range desk {
			if a := owner.get(s.url + page); a.status >= 500 {
				b.Errorf("%s is answered %d", page, a.status)
			}
		}
	}
	reading.Wait()
	b.ReportMetric(s.process.memory(b), "loaded-MB")
	b.ReportMetric(s.process.own(b), "loaded-own-MB")
}

// BenchmarkGrowth compares what pages cost of a blog of 100 posts, of one of 100,000, and of that with
// a million mentions. Whoever is signed in gets nothing from the cache, so each is made anew.
func BenchmarkGrowth(b *testing.B) {
	dir := os.Getenv("HARK_BENCH_LARGE")
	if dir == "" {
		b.Skip("it takes long; HARK_BENCH_LARGE names a directory for it")
	}
	small := newFilled(b, 100)
	large := newFilled(b, 100_000, "HARK_DATA="+filepath.Join(dir, "posts"))
	answered := newAnswered(b, large, filepath.Join(dir, "mentions"))
	b.Run("100", func(b *testing.B) { small.costs(b) })
	b.Run("100000", func(b *testing.B) { large.costs(b) })
	b.Run("with mentions", func(b *testing.B) { answered.costs(b) })
}

// costs measures the processor's time for a page of each sort.
func (s *site) costs(b *testing.B) {
	s.start()
	defer s.stop()
	posts := s.latest(b, 100)
	owner := from(b, "127.0.0.1")
	owner.login(s)
	year, _ := strings.CutPrefix(posts[0], "/")
	for _, path := range []string{"(posts)", "/", "/page/2", "/tag/tag7", "/kind/article", "/" + year[:4], "/" + year[:4] + "/01", "/archive", "/about", "/feed.atom", "/tag/tag7/feed.json", "/sitemap.xml", "/mentions.jf2", "/nowhere",
		"/desk/write", "/desk/posts", "/desk/inbox", "/desk/inbox?state=shown", "/desk/inbox?state=shown&kind=like", "/desk/inbox?state=shown&q=quicksilver", "/desk/outbox", "/desk/defence", "/desk/media"} {
		b.Run(strings.TrimPrefix(path, "/"), func(b *testing.B) {
			before, n := s.process.processor(b), 0
			for b.Loop() {
				at := path
				if path == "(posts)" {
					at = posts[n%len(posts)]
				}
				if a := owner.get(s.url + at); a.status >= 500 {
					b.Errorf("%s is answered %d", at, a.status)
				}
				n++
			}
			b.ReportMetric(float64((s.process.processor(b)-before).Microseconds())/float64(n), "server-µs/op")
		})
	}
}

// newAnswered is a copy of a blog of 100,000 posts with ten mentions for each, of three kinds.
func newAnswered(b *testing.B, of *site, data string) *site {
	s := newSite(b, "HARK_DATA="+data)
	s.data = data
	if _, err := os.Stat(data); err == nil {
		return s
	}
	if out, err := exec.Command("cp", "-r", of.data, data).CombinedOutput(); err != nil {
		b.Fatalf("cp: %v %s", err, out)
	}
	s.answer(b, 1_000_000)
	return s
}

// answer fills the table of mentions.
func (s *site) answer(b *testing.B, n int) {
	db, err := database.Open(b.Context(), database.Options{Dir: s.data})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for begin := 0; begin < n; begin += n / 10 {
		err := db.InTx(b.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(strings.Join(strings.Fields(`
				WITH RECURSIVE n (i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $2),
					p AS (SELECT id, path, published_at, row_number() OVER (ORDER BY id) - 1 AS r FROM posts)
				INSERT INTO mentions (id, post_id, source_key, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
					kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at, host, author_key, search)
				SELECT printf('0%025d', i), p.id, 'reader' || i || '.example/' || i, 'https://reader' || i || '.example/' || i, p.path, 'webmention', '192.0.2.7',
					'shown', '', '', FALSE, 0, 0, CASE i % 3 WHEN 0 THEN 'reply' WHEN 1 THEN 'like' ELSE 'repost' END, 'Reader ' || i, 'https://reader' || i || '.example/',
					'A page', '<p>I keep a jar as well, and lose a good two millimetres a week to the sun in July, whatever the roof thinks of it.</p>', '', '',
					p.published_at + 60, p.published_at + 60, p.published_at + 60, p.published_at + 60, 'reader' || i || '.example', 'reader' || i || '.example',
					'reader ' || i || char(10) || 'https://reader' || i || '.example/' || char(10) || 'a page' || char(10) ||
					'i keep a jar as well, and lose a good two millimetres a week to the sun in july, whatever the roof thinks of it.' || char(10) || 'https://reader' || i || '.example/' || i
				FROM n JOIN p ON p.r = n.i % 100000`), " "), begin, begin+n/10)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
