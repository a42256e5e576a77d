package indieauth

import (
	"bufio"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
)

// said is one case of testdata/clients.txt.
type said struct {
	name, client, page string
	want               []string
	header             http.Header
	body               string
}

func readSaid(t testing.TB) (cases []said) {
	t.Helper()
	text, err := os.ReadFile("testdata/clients.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(text), "\n== ")[1:] {
		c := said{client: "https://app.example/", header: http.Header{}}
		lines := bufio.NewScanner(strings.NewReader(part))
		lines.Scan()
		c.name = lines.Text()
		for lines.Scan() && lines.Text() != "" {
			if name, value, ok := strings.Cut(lines.Text(), ": "); ok && name[0] >= 'A' && name[0] <= 'Z' {
				c.header.Add(name, value)
				continue
			}
			switch word, value, _ := strings.Cut(lines.Text(), " "); word {
			case "client":
				c.client = value
			case "page":
				c.page = value
			default:
				c.want = append(c.want, lines.Text())
			}
		}
		_, c.body, _ = strings.Cut(part, "\n\n")
		if c.page == "" {
			c.page = c.client
		}
		cases = append(cases, c)
	}
	return cases
}

func TestAnAppIsReadAsItDescribesItself(t *testing.T) {
	for _, c := range readSaid(t) {
		page, err := url.Parse(c.page)
		if err != nil {
			t.Fatal(err)
		}
		info, err := ReadClient(c.client, page, c.header, []byte(c.body))
		var got []string
		add := func(word, value string) {
			if value != "" {
				got = append(got, word+" "+value)
			}
		}
		if err != nil {
			got = append(got, "wrong")
		}
		add("name", info.Name)
		add("about", info.Page)
		add("logo", info.Logo)
		for _, one := range info.Redirects {
			if strings.Contains(one, ":") { // those that are written whole stand as they came, too
				add("redirect", one)
			}
		}
		if info.Renews {
			got = append(got, "renews")
		}
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(c.want))) {
			t.Errorf("%s: found %q, want %q (%v)", c.name, got, c.want, err)
		}
	}
}

func FuzzReadClient(f *testing.F) {
	for _, c := range readSaid(f) {
		f.Add(c.header.Get("Content-Type"), strings.Join(c.header.Values("Link"), ", "), c.body)
	}
	page := &url.URL{Scheme: "https", Host: "app.example", Path: "/"}
	f.Fuzz(func(t *testing.T, kind, links, body string) {
		info, err := ReadClient("https://app.example/", page, http.Header{"Content-Type": {kind}, "Link": {links}}, []byte(body))
		if err != nil && fmt.Sprint(info) != fmt.Sprint(Information{}) {
			t.Errorf("beside %v it has %+v", err, info)
		}
		if u, err := url.Parse(info.Logo); err != nil || info.Logo != "" && u.Scheme != "http" && u.Scheme != "https" {
			t.Errorf("the logo is %q", info.Logo)
		}
		if strings.ContainsFunc(info.Name, func(r rune) bool { return r < ' ' || r == '\u202e' }) || len([]rune(info.Name)) > maxName {
			t.Errorf("the name is %q", info.Name)
		}
	})
}
