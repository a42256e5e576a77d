package site

import (
	"html/template"
	"path"
	"slices"
	"strings"

	"hark/internal/occasion"
	"hark/internal/posts"
)

// things is what a post is about beside its words, drawn with the properties of
// microformats2.
type things struct {
	Pictures template.HTML
	Large    bool          // the pictures are what it is about: they come first
	Players  template.HTML // films and recordings
	Event    template.HTML // when and where
	Place    template.HTML // where the post was written, or its author is
}

func (s *Site) things(p *posts.Post) things {
	t := things{Pictures: s.pictures(p.Photos()), Large: p.Kind == posts.Photo && s.hasOurs(p.Photos()), Players: s.players(p)}
	t.Event, t.Place = occasion.Of(p)
	return t
}

// whole is all of it, for feeds, where it stands alone.
func (t things) whole() string { return string(t.Event + t.Place + t.Pictures + t.Players) }

// pictures draws photos. One on another host is a link: a page of ours loads
// nothing from elsewhere.
func (s *Site) pictures(files []posts.File) template.HTML {
	var b strings.Builder
	for _, f := range files {
		if s.isOurs(f.Address) {
			b.WriteString(`<img class="u-photo" src="` + escape(f.Address) + `" alt="` + escape(f.Alt) + "\">\n")
		} else {
			b.WriteString(linkTo("u-photo", "Photo", f))
		}
	}
	return template.HTML(b.String())
}

func (s *Site) players(p *posts.Post) template.HTML {
	var b strings.Builder
	for _, one := range []struct {
		element, word string
		files         []posts.File
	}{{"video", "Video", p.Videos()}, {"audio", "Recording", p.Audios()}} {
		for _, f := range one.files {
			if !s.isOurs(f.Address) {
				b.WriteString(linkTo("u-"+one.element, one.word, f))
				continue
			}
			label := f.Alt
			if label == "" {
				label = one.word
			}
			b.WriteString(`<` + one.element + ` class="u-` + one.element + `" controls preload="metadata" src="` + escape(f.Address) + `" aria-label="` + escape(label) + `"></` + one.element + ">\n")
		}
	}
	return template.HTML(b.String())
}

// isOurs tells whether a file lies here. Most are kept with a relative address.
func (s *Site) isOurs(address string) bool {
	return !onWeb(address) || strings.HasPrefix(address, s.URL+"/")
}

// hasOurs tells whether there is something to see here, and not only links to it.
func (s *Site) hasOurs(files []posts.File) bool {
	return slices.ContainsFunc(files, func(f posts.File) bool { return s.isOurs(f.Address) })
}

// linkTo leads to a file elsewhere.
func linkTo(class, word string, f posts.File) string {
	if f.Alt != "" {
		word += ": " + f.Alt
	} else {
		word += " at " + posts.Bare(f.Address)
	}
	return `<p><a class="` + class + `" ` + string(href(f.Address)) + `>` + escape(word) + "</a></p>\n"
}

// mediaTypes are those of the files that posts are about, by the endings of their
// names.
var mediaTypes = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav", ".flac": "audio/flac",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg", ".mov": "video/quicktime",
}

// enclosure is a file that goes with an item of a feed.
type enclosure struct{ address, mediaType, title string }

// enclosures are the files of a post: what is heard, then seen.
func (s *Site) enclosures(p *posts.Post, base string) (all []enclosure) {
	for _, one := range []struct {
		files []posts.File
		usual string
	}{{p.Audios(), "audio/mpeg"}, {p.Videos(), "video/mp4"}, {p.Photos(), "image/jpeg"}} {
		for _, f := range one.files {
			mediaType := one.usual
			name, _, _ := strings.Cut(f.Address, "?")
			if known := mediaTypes[strings.ToLower(path.Ext(name))]; strings.HasPrefix(known, one.usual[:6]) {
				mediaType = known
			}
			all = append(all, enclosure{wholeAddress(f.Address, base), mediaType, f.Alt})
		}
	}
	return all
}
