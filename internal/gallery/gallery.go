// Package gallery draws the pictures, films and recordings that a post is about, with
// the properties of microformats2.
package gallery

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"hark/internal/media"
	"hark/internal/posts"
	"hark/internal/words"
)

// How wide a picture stands in the page: one that a post is about, one of several,
// and one in a text; as HTML has it. They follow the measures of hark.css.
const (
	alone  = "(min-width: 48rem) 45rem, 100vw"
	inGrid = "(min-width: 48rem) 22rem, 50vw"
	inText = "(min-width: 37rem) 34rem, 100vw"
)

// Drawn is what a post shows beside its words.
type Drawn struct {
	Pictures template.HTML
	Players  template.HTML // films and recordings
	Large    bool          // there is a picture here, and not only a link to one
}

// Named are the texts in which a post names the pictures that a page of it shows: for
// Shown of the store of files.
func Named(p *posts.Post) []string {
	texts := []string{string(p.HTML)}
	for _, files := range [][]posts.File{p.Photos(), p.Videos()} {
		for _, f := range files {
			texts = append(texts, f.Address, f.Poster)
		}
	}
	return texts
}

// Of draws what a post is about. base is the address of the site: what lies on another
// host is a link, because a page of ours loads nothing from elsewhere. shown may be
// empty: then nothing is said of sizes. What a file is called that has no words of its
// own, the book says.
func Of(p *posts.Post, base string, shown media.Shown, book *words.Book) Drawn {
	w := wall{base, shown, book}
	return Drawn{
		Pictures: w.pictures(p.Photos()),
		Players:  w.players(p),
		Large:    slices.ContainsFunc(p.Photos(), func(f posts.File) bool { return isOurs(f.Address, base) }),
	}
}

// wall is where the files of a post are hung.
type wall struct {
	base  string
	shown media.Shown
	book  *words.Book
}

// Text is the HTML of a post with what is known of the pictures in it.
func Text(html template.HTML, shown media.Shown) template.HTML {
	return template.HTML(shown.HTML(string(html), inText))
}

// isOurs tells whether a file lies here. Most are kept with a relative address.
func isOurs(address, base string) bool {
	scheme, _, found := strings.Cut(address, ":")
	onWeb := found && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
	return !onWeb || strings.HasPrefix(address, base+"/")
}

// pictures draws photos: several of ours as a grid in which each leads to the whole of
// it, then links to those elsewhere.
func (w wall) pictures(files []posts.File) template.HTML {
	var b, links strings.Builder
	var ours []posts.File
	for _, f := range files {
		if isOurs(f.Address, w.base) {
			ours = append(ours, f)
		} else {
			links.WriteString(linkTo("u-photo", w.book.Say("Photo"), f))
		}
	}
	switch len(ours) {
	case 0:
	case 1:
		b.WriteString(figure(photo(ours[0], alone, w.shown), ours[0].Caption))
	default:
		b.WriteString("<div class=\"grid\">\n")
		for n, f := range ours {
			label := ""
			if f.Alt == "" {
				label = ` aria-label="` + escape(w.book.Say("Photo %d of %d", n+1, len(ours))) + `"`
			}
			b.WriteString(figure(`<a href="`+escape(f.Address)+`"`+label+`>`+photo(f, inGrid, w.shown)+`</a>`, f.Caption))
		}
		b.WriteString("</div>\n")
	}
	return template.HTML(b.String() + links.String())
}

func photo(f posts.File, sizes string, shown media.Shown) string {
	return `<img class="u-photo" src="` + escape(f.Address) + `" alt="` + escape(f.Alt) + `"` + shown.Attributes(f.Address, sizes) + `>`
}

// figure puts a caption beneath what has one.
func figure(element, caption string) string {
	if caption == "" {
		return "<figure>" + element + "</figure>\n"
	}
	return "<figure>" + element + "<figcaption>" + escape(caption) + "</figcaption></figure>\n"
}

func (w wall) players(p *posts.Post) template.HTML {
	var b strings.Builder
	for _, one := range []struct {
		element, word string
		files         []posts.File
	}{{"video", w.book.Say("Video"), p.Videos()}, {"audio", w.book.Say("Recording"), p.Audios()}} {
		for _, f := range one.files {
			if isOurs(f.Address, w.base) {
				b.WriteString(figure(w.player(one.element, one.word, f), f.Caption))
			} else {
				b.WriteString(linkTo("u-"+one.element, one.word, f))
			}
		}
	}
	return template.HTML(b.String())
}

// player loads no more than how long the film or recording is, until somebody plays it.
func (w wall) player(element, word string, f posts.File) string {
	label := f.Alt
	if label == "" {
		label = word
	}
	attributes := ` class="u-` + element + `" controls preload="metadata" src="` + escape(f.Address) + `" aria-label="` + escape(label) + `"`
	if element == "video" && f.Poster != "" && isOurs(f.Poster, w.base) {
		attributes += ` poster="` + escape(f.Poster) + `"`
		if width, height, _ := w.shown.Picture(f.Poster); width > 0 {
			attributes += ` width="` + strconv.Itoa(width) + `" height="` + strconv.Itoa(height) + `"`
		}
	}
	return `<` + element + attributes + `></` + element + `>`
}

// linkTo leads to a file elsewhere.
func linkTo(class, word string, f posts.File) string {
	switch {
	case f.Caption != "":
		word += ": " + f.Caption
	case f.Alt != "":
		word += ": " + f.Alt
	default:
		word += ": " + posts.Bare(f.Address)
	}
	return `<p><a class="` + class + `" href="` + escape(f.Address) + `">` + escape(word) + "</a></p>\n"
}

func escape(s string) string { return template.HTMLEscapeString(s) }
