package mentions

import (
	"context"
	"errors"
	"strings"
	"testing"

	"hark/internal/authlog"
	"hark/internal/posts"
)

func TestSpellingsOfOneResourceAreOne(t *testing.T) {
	const want = "example.org/a/b"
	for _, spelling := range []string{
		"http://example.org/a/b", "https://example.org/a/b", "HTTPS://EXAMPLE.org/a/b", "https://example.org:443/a/b",
		"http://example.org:80/a/b", "http://example.org:0080/a/b", "https://example.org:00443/a/b", "https://example.org./a/b", "https://example.org/a/b/", "https://example.org/a/b#c",
		"https://example.org/a/b?", "https://example.org/a/b?utm_source=x&UTM_Medium=y&fbclid=z", "https://example.org/a/%62",
		"https://example.org/%61/b", "https://example.org/a/./b", "https://example.org/x/../a/b", " https://example.org/a/b ",
		"https://example.org/a/b?%75tm_source=x",
	} {
		if got := canonical(spelling); got != want {
			t.Errorf("canonical(%q) = %q, want %q", spelling, got, want)
		}
	}
	for name, pair := range map[string][2]string{
		"script of the host":    {"https://bücher.example/", "https://xn--bcher-kva.example"},
		"script of the path":    {"https://a.example/ü", "https://a.example/%c3%bc"},
		"escapes in the query":  {"https://a.example/?q=%61+b", "https://a.example/?q=a%20b"},
		"case of escapes":       {"https://a.example/%e2%82%ac", "https://a.example/%E2%82%AC"},
		"zeros before a port":   {"http://a.example:08080/x", "http://a.example:8080/x"},
		"zeros within IPv6":     {"http://[2001:db8:0:0::1]/x", "http://[2001:DB8::1]/x"},
		"IPv4 within IPv6":      {"http://[::ffff:192.0.2.7]/x", "http://192.0.2.7/x"},
		"IPv6":                  {"http://[::1]:80/x", "https://[::1]/x"},
		"trackers among others": {"https://a.example/?p=1&utm_x=2&q=3", "https://a.example/?p=1&q=3"},
	} {
		if a, b := canonical(pair[0]), canonical(pair[1]); a != b || a == "" {
			t.Errorf("%s: %q and %q are %q and %q", name, pair[0], pair[1], a, b)
		}
	}
}

func TestOtherResourcesStayApart(t *testing.T) {
	seen := map[string]string{}
	for _, address := range []string{
		"https://a.example/post-1", "https://a.example/post-10", "https://a.example/Post-1", "https://a.example/post-1/x",
		"https://a.example/post-1?p=1", "https://a.example/post-1?p=2", "https://a.example:8080/post-1", "https://b.example/post-1",
		"https://www.a.example/post-1", "https://a.example/?p=1", "https://a.example", "https://a.example/x%2Fy", "https://a.example/x/y",
		"https://a.example/?a=b%26c=d", "https://a.example/?a=b&c=d", "https://a.example/?a%3Db", "https://a.example/?a=b",
	} {
		key := canonical(address)
		if other, ok := seen[key]; ok {
			t.Errorf("%s and %s are both %q", other, address, key)
		}
		seen[key] = address
	}
	for _, address := range []string{"", "/a", "ftp://a.example/", "mailto:a@b.example", "https://", "https:///a", "javascript:alert(1)", "http://a b/", "http://[::1/"} {
		if got := canonical(address); got != "" {
			t.Errorf("canonical(%q) = %q, want nothing", address, got)
		}
	}
}

func TestTargetsAreFoundInAnySpelling(t *testing.T) {
	w := newWorld(t)
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Words.", Slug: "old-slug"}
	w.save(p)
	old := ours(p)
	p.Slug = "new-slug"
	w.save(p)
	if old == ours(p) {
		t.Fatal("the post did not move")
	}
	for n, target := range []string{
		ours(p), old, strings.Replace(ours(p), "https:", "http:", 1), strings.Replace(ours(p), "ours.example", "OURS.Example:443", 1),
		ours(p) + "/", ours(p) + "#c1", ours(p) + "?utm_source=x", strings.Replace(ours(p), "new-slug", "%6Eew-slug", 1),
	} {
		r, err := w.inbox.Receive(context.Background(), Webmention, "https://a.example/"+strings.Repeat("x", n+1), target, stranger)
		if err != nil {
			t.Errorf("%s: %v", target, err)
			continue
		}
		if m := w.mention(r.ID); m.PostID != p.ID || m.Target != target || m.State != Waiting || !m.Checking {
			t.Errorf("%s: got %+v", target, m)
		}
	}
	if r := w.receive("https://a.example/home", ourSite); w.mention(r.ID).PostID != "" {
		t.Error("a mention of the home page belongs to a post")
	}
}

func TestTargetsThatTakeNoMentions(t *testing.T) {
	w := newWorld(t)
	gone := w.post("Gone.")
	w.must(w.posts.Delete(context.Background(), gone.ID))
	draft := &posts.Post{AuthorID: w.author, Status: posts.Draft, Content: "Draft.", Slug: "draft"}
	w.save(draft)
	for target, closed := range map[string]bool{
		ourSite + "/2026/nothing":               false,
		ourSite + "/2026/draft":                 false,
		ourSite + "/desk":                       false,
		"https://other.example/":                false,
		"https://ours.example.evil.example/":    false,
		"https://ours.example:8080" + gone.Path: false,
		"https://evil.example/?u=" + ours(gone): false,
		"not an address":                        false,
		ours(gone):                              true,
	} {
		_, err := w.inbox.Receive(context.Background(), Webmention, "https://a.example/x", target, stranger)
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Reason != authlog.NoTarget || refusal.Closed != closed || refusal.Text == "" {
			t.Errorf("%s: got %v, want a refusal (closed: %v)", target, err, closed)
		}
	}
	if n := w.number("SELECT count(*) FROM mentions"); n != 0 {
		t.Errorf("%d rows were stored for refused mentions", n)
	}
}

func TestSourcesThatCannotBeOthersPages(t *testing.T) {
	w := newWorld(t)
	p, other := w.post("One."), w.post("Two.")
	for source, want := range map[string]authlog.Reason{
		"ftp://a.example/":     authlog.BadSource,
		"":                     authlog.BadSource,
		ours(other):            authlog.Duplicate,
		"http://OURS.example/": authlog.Duplicate,
	} {
		_, err := w.inbox.Receive(context.Background(), Pingback, source, ours(p), stranger)
		var refusal *Refusal
		if !errors.As(err, &refusal) || refusal.Reason != want {
			t.Errorf("%q: got %v, want a refusal for %s", source, err, want)
		}
	}
}

// What a stranger writes into an address must not keep the database from
// storing it: NUL, broken UTF-8, and keys longer than an index takes.
func TestStrangeSourcesAreStored(t *testing.T) {
	w := newWorld(t)
	p := w.post("Words.")
	ids := map[string]bool{}
	long := "https://a.example/" + strings.Repeat("üß", 500)
	for _, source := range []string{
		"https://a.example/?q=%00", "https://a.example/%00", "https://a.example/?q=%ff%fe", "https://a.example/%ff",
		long, long + "x", "https://a.example/?" + strings.Repeat("%f0%9f", 330),
	} {
		ids[w.receive(source, ours(p)).ID] = true
	}
	if len(ids) != 7 {
		t.Errorf("seven sources became %d mentions", len(ids))
	}
	if again := w.receive(long+"#again", ours(p)); !ids[again.ID] {
		t.Error("a long source is not known again")
	}
}
