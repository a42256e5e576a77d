package source

import (
	"slices"
	"strings"
	"testing"

	"hark/internal/answer/fuzztest"
)

func TestT1OnlyALinkIsALink(t *testing.T) {
	cases := []struct {
		name, body, element string
	}{
		{"a", `<a href="TARGET">x</a>`, "a"},
		{"a with its microformat", `<a class="x u-in-reply-to" href="TARGET">x</a>`, "a.u-in-reply-to"},
		{"capitals, no quotes", `<A HREF=TARGET>x</A>`, "a"},
		{"white space around", "<a href=' \n TARGET \t'>x</a>", "a"},
		{"a line broken in it", "<a href='https://hark.\nexample/2026/first'>x</a>", "a"},
		{"entities", `<a href="https&#58;//hark.example/2026/first">x</a>`, "a"},
		{"area", `<map><area href="TARGET"></map>`, "area"},
		{"link", `<link rel="in-reply-to" href="TARGET">`, "link"},
		{"img", `<img src="TARGET">`, "img[src]"},
		{"video", `<video src="TARGET"></video>`, "video[src]"},
		{"video poster", `<video poster="TARGET"></video>`, "video[poster]"},
		{"audio", `<audio src="TARGET"></audio>`, "audio[src]"},
		{"source", `<video><source src="TARGET"></video>`, "source[src]"},
		{"track", `<video><track src="TARGET"></video>`, "track[src]"},
		{"iframe", `<iframe src="TARGET"></iframe>`, "iframe[src]"},
		{"embed", `<embed src="TARGET">`, "embed[src]"},
		{"object", `<object data="TARGET"></object>`, "object[data]"},
		{"blockquote", `<blockquote cite="TARGET">x</blockquote>`, "blockquote[cite]"},
		{"q", `<q cite="TARGET">x</q>`, "q[cite]"},
		{"ins", `<ins cite="TARGET">x</ins>`, "ins[cite]"},
		{"del", `<del cite="TARGET">x</del>`, "del[cite]"},
		{"the better of two", `<footer><a href="TARGET">x</a></footer><p><a class="u-like-of" href="TARGET">x</a></p>`, "a.u-like-of"},
		{"relative to a base", `<base href="https://hark.example/2026/"><a href="first">x</a>`, "a"},
		{"relative to a relative base", `<base href="//hark.example/2026/"><a href="first">x</a>`, "a"},

		{"text", `<p>TARGET</p>`, ""},
		{"comment", `<!-- <a href="TARGET">x</a> -->`, ""},
		{"longer path", `<a href="TARGET0">x</a>`, ""},
		{"path below", `<a href="TARGET/more">x</a>`, ""},
		{"shorter path", `<a href="https://hark.example/2026/firs">x</a>`, ""},
		{"inside another address", `<a href="https://share.example/?u=TARGET">x</a>`, ""},
		{"script", `<script>document.write('<a href="TARGET">x</a>')</script>`, ""},
		{"style", `<style>a{background:url(TARGET)}</style>`, ""},
		{"template", `<template><a href="TARGET">x</a></template>`, ""},
		{"noscript", `<noscript><a href="TARGET">x</a></noscript>`, ""},
		{"noscript in the head", `<head><noscript><link href="TARGET"></noscript></head>`, ""},
		{"textarea", `<textarea><a href="TARGET">x</a></textarea>`, ""},
		{"title", `<title><a href="TARGET">x</a></title>`, ""},
		{"other attributes", `<p title="TARGET" data-href="TARGET" cite="TARGET"><form action="TARGET"><a name="TARGET" ping="TARGET">x</a>`, ""},
		{"src of a script", `<script src="TARGET"></script>`, ""},
		{"href of another element", `<div href="TARGET">x</div>`, ""},
		{"an attribute that only ends so", `<a xhref="TARGET">x</a>`, ""},
		{"a scheme that is not the web", `<a href="view-source:TARGET">x</a>`, ""},
		{"a second base", `<base href="/"><base href="https://hark.example/2026/"><a href="first">x</a>`, ""},
		{"a base in a template", `<template><base href="https://hark.example/2026/"></template><a href="first">x</a>`, ""},
		{"base without web", `<base href="data:text/html,"><a href="first">x</a>`, ""},
		{"a page without links", `<p>nothing`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			element, ok := sourceOf(t, c.body).Link(sameTarget)
			if ok != (c.element != "") || element != c.element {
				t.Errorf("found %q (%v), want %q", element, ok, c.element)
			}
		})
	}
}

func TestT1TextMustHoldTheAddressAsAWord(t *testing.T) {
	cases := []struct {
		name, body string
		want       bool
	}{
		{"alone", "TARGET", true},
		{"in a sentence", "See TARGET, please.", true},
		{"at its end", "See TARGET.", true},
		{"in brackets", "(TARGET)", true},
		{"in Markdown", "a [post](TARGET), see", true},
		{"in angle brackets", "<TARGET>", true},
		{"after another", "https://a.example/ TARGET", true},
		{"in quotation marks", "„TARGET“", true},
		{"longer", "TARGET0", false},
		{"a path below", "TARGET/more", false},
		{"inside another", "https://share.example/?u=TARGET", false},
		{"after a letter", "xTARGET", false},
		{"shorter", "https://hark.example/2026/", false},
		{"many schemes", strings.Repeat("http://", 1000), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body := strings.ReplaceAll(c.body, "TARGET", linkTarget)
			s, err := Read(fetched(linkSource, "text/plain; charset=utf-8", []byte(body)))
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := s.Link(sameTarget); ok != c.want {
				t.Errorf("found %v, want %v", ok, c.want)
			}
		})
	}
}

func TestT1JSONMustHoldTheAddressAsAValue(t *testing.T) {
	cases := []struct {
		name, body string
		want       bool
	}{
		{"a value", `{"in-reply-to":"TARGET"}`, true},
		{"deep in lists", `[{"a":[1,null,{"b":["TARGET"]}]}]`, true},
		{"escaped", `{"a":"https:\/\/hark.example\/2026\/first"}`, true},
		{"part of a value", `{"a":"see TARGET"}`, false},
		{"longer", `{"a":"TARGET0"}`, false},
		{"a key", `{"TARGET":1}`, false},
		{"broken", `{"a":"TARGET"`, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body := strings.ReplaceAll(c.body, "TARGET", linkTarget)
			s, err := Read(fetched(linkSource, "application/json", []byte(body)))
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := s.Link(sameTarget); ok != c.want {
				t.Errorf("found %v, want %v", ok, c.want)
			}
		})
	}
}

func TestT2ALinkToAnotherPageOfOursVerifiesNothing(t *testing.T) {
	for name, body := range map[string]string{
		"the home page":          `<a href="https://hark.example/">x</a>`,
		"the host alone":         `<a href="https://hark.example">x</a>`,
		"another post":           `<a href="https://hark.example/2026/second">x</a>`,
		"a list":                 `<a href="https://hark.example/2026">x</a>`,
		"the address as a query": `<a href="https://hark.example/?p=/2026/first">x</a>`,
		"the path elsewhere":     `<a href="/2026/first">x</a>`,
	} {
		t.Run(name, func(t *testing.T) {
			if element, ok := sourceOf(t, body).Link(sameTarget); ok {
				t.Errorf("%s counts as a link", element)
			}
		})
	}
}

func TestTargetIsAskedAboutAbsoluteAddressesOnly(t *testing.T) {
	var asked []string
	sourceOf(t, `<a href="/a"></a><a href="b#c"></a><a href="?d"></a><a href="//e.example"></a><a href=""></a>
		<a href="mailto:x@y.example"></a><a href="javascript:f()"></a><a href="http://[bad"></a><a href="https://"></a>`).
		Link(func(address string) bool { asked = append(asked, address); return false })
	want := []string{
		"https://alice.example/a", "https://alice.example/2026/b#c",
		"https://alice.example/2026/answer?d", "https://e.example",
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked about %q, want %q", asked, want)
	}
}

func TestPlaceSaysWhereTheLinkStands(t *testing.T) {
	many := strings.Repeat(`<li><a href="https://else.example/">else</a></li>`, 6)
	cases := []struct {
		name, body string
		want       Place
	}{
		{"text", `<p>Read <a href="TARGET">this</a></p>`, InText},
		{"property", `<div class="h-entry"><a class="u-like-of" href="TARGET"></a></div>`, InProperty},
		{"a list of links", `<ul><li><a href="TARGET">x</a></li>` + many + `</ul>`, InList},
		{"a list of sentences", `<ul><li><a href="TARGET">x</a> is what I have read with joy this week</li>` + many + `</ul>`, InText},
		{"a short list", `<ul><li><a href="TARGET">x</a></li></ul>`, InText},
		{"comments", `<article><p>x</p></article><div id="comments"><p><a href="TARGET">x</a></p></div>`, InComments},
		{"one comment", `<ol><li class="comment even"><p><a href="TARGET">x</a></p></li></ol>`, InComments},
		{"a body that allows comments", `<body class="comments-open"><p><a href="TARGET">x</a></p>`, InText},
		{"footer", `<footer><p><a href="TARGET">x</a></p></footer>`, InFooter},
		{"footer of a quotation", `<blockquote>x<footer><a href="TARGET">x</a></footer></blockquote>`, InText},
		{"navigation", `<nav><ul><li><a href="TARGET">x</a></li>` + many + `</ul></nav>`, InFooter},
		{"sidebar", `<div class="col sidebar"><a href="TARGET">x</a></div>`, InFooter},
		{"head", `<link href="TARGET">`, InHead},
		{"hidden by style", `<div style="DISPLAY : none"><a class="u-like-of" href="TARGET">x</a></div>`, InHiding},
		{"hidden by attribute", `<p hidden><a href="TARGET">x</a></p>`, InHiding},
		{"pushed off the page", `<p style="position:absolute; left: -9999px"><a href="TARGET">x</a></p>`, InHiding},
		{"half transparent", `<p style="opacity:0.5"><a href="TARGET">x</a></p>`, InText},
		{"no text to click", `<p>x <a href="TARGET"> </a></p>`, InHiding},
		{"a picture to click", `<p>x <a href="TARGET"><img src="x.png"></a></p>`, InText},
		{"the best of several", `<p hidden><a href="TARGET">x</a></p><footer><a href="TARGET">x</a></footer><p><a href="TARGET">x</a></p>`, InText},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			m, ok := sourceOf(t, c.body).match(sameTarget)
			if !ok || m.place != c.want {
				t.Errorf("place is %q (%v), want %q", m.place, ok, c.want)
			}
		})
	}
}

func TestT7BrokenPagesAreRead(t *testing.T) {
	for _, start := range []string{"</p>", "</div></body></html>", "</a></a>", "<!", "<![CDATA[", "\x00", "</table><tr>", "<svg></p>", "<select><", "<plaintext"} {
		s := sourceOf(t, start+`<p>x`)
		s.Link(sameTarget)
		s.Entry(t.Context(), sameTarget, nil)
	}
	if _, ok := sourceOf(t, `</p></div></a><p>So <a href="TARGET">it</a></b> is`).Link(sameTarget); !ok {
		t.Error("a link after stray end tags is not found")
	}
}

func FuzzFindLink(f *testing.F) {
	f.Add("text/html", `</p><base href="//[">x<a href="`+linkTarget+`">x</a>`)
	f.Add("text/html; charset=utf-16", "\xff\xfe<\x00a")
	f.Add("application/json", `{"a":["`+linkTarget+`"]}`)
	f.Add("text/plain", `(`+linkTarget+`)`)
	f.Add("", `<template><a href="`+linkTarget+`">`)
	for _, body := range long() {
		f.Add("text/html", body)
	}
	f.Fuzz(func(t *testing.T, contentType, body string) {
		work, asked := fuzztest.Begin(), 0
		s, err := Read(fetched(linkSource, contentType, []byte(body)))
		if err != nil {
			return
		}
		element, ok := s.Link(func(address string) bool { asked++; return sameTarget(address) })
		about := s.About()
		work.Holds(t, len(body), shortTree)
		if most := len(body) + nodes(s); asked > most {
			t.Errorf("it is asked about %d addresses, and there are %d at most", asked, most)
		}
		if ok && element == "" {
			t.Error("a link is found that has no name")
		}
		if again, sure := s.Link(sameTarget); again != element || sure != ok {
			t.Errorf("found %q, then %q", element, again)
		}
		if ok && s.root != nil && !inAnAttribute(s) {
			t.Errorf("found %q, but no attribute of any element is the target", element)
		}
		checkAbout(t, about)
	})
}

// inAnAttribute tells whether the target stands in an attribute, wherever.
func inAnAttribute(s *Source) bool {
	for n := range s.root.Descendants() {
		for _, a := range n.Attr {
			if u, err := s.base.Parse(strings.Trim(strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(a.Val), " \f")); err == nil && sameTarget(u.String()) {
				return true
			}
		}
	}
	return false
}

// nodes counts those of the tree. A parser may open an element again that was left
// open, so they can be more than the page writes down.
func nodes(s *Source) (n int) {
	if s.root != nil {
		for range s.root.Descendants() {
			n++
		}
	}
	return n
}

// long are pages of some kilobytes, to begin with where it is sought what grows faster
// than they do.
func long() (bodies []string) {
	for _, part := range []string{
		`<a href="` + linkTarget + `">x</a>`, `<div class="h-entry p-name"><i class="u-url">`, `<b><p>a`, "<table>a<tr>", "<li><time datetime=1>x", "\u0301", "a\n\n", "<pre>\n", `<a rel=me class=h-card href=/x>`,
	} {
		bodies = append(bodies, `<div class="`+strings.Repeat("x ", 1000)+`">`+strings.Repeat(part, 8<<10/len(part)))
	}
	return bodies
}

// shortTree is what even a short page may ask for, in bytes: the parser may make
// maxElements of it.
const shortTree = 80 << 20
