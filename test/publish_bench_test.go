package test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkPublish measures from the POST of the desk's form until a reader finds the post at its
// address and on the home page, on a blog of 10,000 posts whose database is safe on disk (FULL).
func BenchmarkPublish(b *testing.B) {
	s := newFilled(b, 10_000)
	s.start()
	writer, reader := from(b, "127.0.0.1"), from(b, "127.0.0.1")
	writer.login(s)
	reader.get(s.url)
	var times []time.Duration
	before := s.process.processor(b)
	for b.Loop() {
		title := fmt.Sprintf("A walk along the river, number %d", len(times))
		begun := time.Now()
		a := writer.post(s.url+"/desk/write", url.Values{"do": {"publish"}, "title": {title}, "text": {article(400)}, "tags": {"river, walks"}})
		if a.status != http.StatusSeeOther {
			b.Fatalf("the form is answered %d: %s", a.status, a.body)
		}
		for _, address := range []string{s.url + a.header.Get("Location"), s.url + "/"} {
			for !strings.Contains(reader.get(address).body, title) {
				if time.Since(begun) > 10*time.Second {
					b.Fatalf("%s does not show it", address)
				}
			}
		}
		times = append(times, time.Since(begun))
	}
	b.ReportMetric(float64((s.process.processor(b)-before).Microseconds())/float64(b.N), "server-µs/op")
	report(b, times)
}

// report gives the time of the middle and of the slowest hundredth.
func report(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkPreview measures what the editor's script asks for, with an article of 2,000 words that
// has code in three languages, tables, links, pictures and footnotes: while somebody types at its
// end, and when nothing of its code was seen before.
func BenchmarkPreview(b *testing.B) {
	s := start(b)
	s.owner()
	writer := from(b, "127.0.0.1")
	writer.login(s)
	text := article(2000)
	for _, c := range []struct {
		name  string
		typed func(n int) string
	}{
		{"typing", func(n int) string { return fmt.Sprintf("%s And %d.", text, n) }},
		{"new", func(n int) string {
			return strings.ReplaceAll(text, "rain", fmt.Sprint("rain", n)) + fmt.Sprintf("And %d.", n)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var times []time.Duration
			before := s.process.processor(b)
			for b.Loop() {
				n := len(times)
				form := url.Values{"title": {"Six years of rain"}, "text": {c.typed(n)}, "tags": {"rain, jars"}}
				begun := time.Now()
				a := writer.post(s.url+"/desk/preview", form)
				times = append(times, time.Since(begun))
				if a.status != http.StatusOK || !strings.Contains(a.body, fmt.Sprintf("And %d.", n)) || !strings.Contains(a.body, `class="chroma"`) {
					b.Fatalf("the preview is %d: %s", a.status, a.body)
				}
			}
			b.ReportMetric(float64((s.process.processor(b)-before).Microseconds())/float64(b.N), "server-µs/op")
			report(b, times)
		})
	}
}

// article is a text in Markdown of so many words or a few more, as one about programs has them.
func article(words int) string {
	var text strings.Builder
	for n := 0; len(strings.Fields(text.String())) < words; n++ {
		fmt.Fprintf(&text, articlePart, n, articleCode[n%len(articleCode)])
	}
	return text.String()
}

const articlePart = `## What the rain told me, %[1]d

The jar was **never** meant to last. My [neighbour](https://hollis.example/notes/%[1]d) set it on the gatepost the
week the clocks went back, and *nobody* has moved it since; see [the gauge](https://gauge.example/%[1]d "its page") and
https://weather.example/stations/%[1]d for what others measured.[^%[1]d]

> A millimetre of rain is a litre on each square metre, whatever the roof thinks.

1. Empty the jar at nine.
2. Write down what it held:
   - to the half millimetre,
   - with ` + "`wind`" + ` beside it.
3. Put it back.

| month | millimetres | days |
|:--|--:|--:|
| January | 61.5 | 14 |
| February | 48.0 | 11 |
| March | 52.5 | 13 |

` + "```%[2]s\n```" + `

![The jar on its post](/media/jar-%[1]d.jpg)

It is not much of an instrument, but it is the one that was there all along, and six years of the same mistake are a
measurement as well. Whoever wants better has to buy it, and then to stand in the rain with it.

[^%[1]d]: They stand in the open; ours stands under a lime tree.

`

var articleCode = []string{
	`go
// Sum adds what each day had.
func Sum(days []Day) (mm float64) {
	for _, d := range days {
		if d.Valid() {
			mm += d.Rain // "trace" counts as nothing
		}
	}
	return mm
}`,
	`python
def total(days: list[float]) -> float:
    """What each day had, in millimetres."""
    rain = [d for d in days if d is not None]
    return sum(rain)`,
	`sql
SELECT strftime('%Y-%m', day) AS month, sum(mm) FROM rain
WHERE mm > 0 GROUP BY month ORDER BY month DESC LIMIT 12;`,
}
