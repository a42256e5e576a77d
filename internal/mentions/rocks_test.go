package mentions

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
)

// rock is one of the discovery tests of webmention.rocks: a page, and the only
// endpoint that may be told of a link to it.
type rock struct {
	link     string // where a post links to, a path
	page     string // where that leads to
	endpoint *url.URL
	answer   string // the page as it stands on the wire, for its own host
}

const rocksHost = "https://webmention.rocks"

// rocks reads the tests where the wire's own vectors are.
func rocks(t *testing.T) (all []rock) {
	t.Helper()
	file, err := os.ReadFile("../webmention/testdata/discovery.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(file), "\n== ")[1:] {
		number, part, _ := strings.Cut(part, " ")
		_, part, _ = strings.Cut(part, "\npage ")
		page, part, _ := strings.Cut(part, "\nwant ")
		want, answer, _ := strings.Cut(part, "\n")
		path, of := strings.CutPrefix(page, rocksHost)
		if !of {
			continue // one of our own
		}
		endpoint, err := url.Parse(want)
		if err != nil {
			t.Fatal(err)
		}
		r := rock{link: "/test/" + number, page: path, endpoint: endpoint, answer: answer}
		if r.page != r.link {
			r.link += "/page"
		}
		all = append(all, r)
	}
	if len(all) != 23 {
		t.Fatalf("%d tests were read, want 23", len(all))
	}
	return all
}

// putOn has a blog serve the page and its endpoint, and the link lead there.
func (r rock) putOn(b *blog) {
	head, body, _ := strings.Cut(strings.ReplaceAll(r.answer, rocksHost, b.URL), "\n\n")
	page := func(w http.ResponseWriter, _ *http.Request) {
		for line := range strings.Lines(head) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			w.Header()[name] = append(w.Header()[name], value) // in its own spelling
		}
		io.WriteString(w, body)
	}
	if r.link != r.page {
		b.serve(r.link, func(w http.ResponseWriter, req *http.Request) { http.Redirect(w, req, r.page, http.StatusFound) })
	}
	b.serve(r.page, page)
	b.serve(r.endpoint.Path, func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodGet && r.endpoint.Path == r.page {
			page(w, req)
			return
		}
		sent, _ := io.ReadAll(req.Body)
		fields, err := url.ParseQuery(string(sent))
		b.hear(fmt.Sprintln(req.Method, req.RequestURI, req.Header.Get("Content-Type"), fields, err))
		w.WriteHeader(http.StatusAccepted)
	})
}

// told is what the endpoint has to hear of a post.
func (r rock) told(b *blog, source string) string {
	fields := url.Values{"source": {source}, "target": {b.URL + r.link}}
	return fmt.Sprintln(http.MethodPost, r.endpoint.RequestURI(), "application/x-www-form-urlencoded", fields, error(nil))
}

func TestT14EachPageOfWebmentionRocksIsTold(t *testing.T) {
	w := newWorld(t)
	// A host is visited a few times without a gap; more would take their time.
	blogs := []*blog{newBlog(t), newBlog(t), newBlog(t)}
	of := func(n int) *blog { return blogs[n%len(blogs)] }
	all := rocks(t)
	text := ""
	for n, r := range all {
		r.putOn(of(n))
		text += link(of(n).URL+r.link) + "\n\n"
	}
	p := w.post(text)
	for range all {
		w.after(webmentionGap)
	}
	for _, d := range w.deliveries(p.ID) {
		if d.State != Sent || d.Protocol != byWebmention || d.Tries != 1 {
			t.Errorf("got %+v", d)
		}
	}
	want := map[*blog][]string{}
	for n, r := range all {
		want[of(n)] = append(want[of(n)], r.told(of(n), ours(p)))
	}
	for _, b := range blogs {
		got := b.heard()
		slices.Sort(got)
		slices.Sort(want[b])
		if !slices.Equal(got, want[b]) {
			t.Errorf("heard\n%swant\n%s", strings.Join(got, ""), strings.Join(want[b], ""))
		}
		for path := range b.visits {
			if b.pages[path] == nil {
				t.Errorf("%s was asked, which is no endpoint", path)
			}
		}
	}
}
