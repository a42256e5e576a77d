package site

import (
	"html/template"
	"path"
	"slices"
	"strings"

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
	if p.Kind == posts.Event {
		t.Event = eventElement(p)
		return t
	}
	if at := p.Checkin(); !at.IsZero() {
		t.Place = placeElement("u-checkin", "At", at)
	}
	if at := p.Location(); !at.IsZero() {
		t.Place += placeElement("p-location", "", at)
	}
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

// eventElement says when an event is, and where.
func eventElement(p *posts.Post) template.HTML {
	start, end, at := p.Start(), p.End(), p.Location()
	var b strings.Builder
	zone := zoneWords(start)
	if !end.IsZero() && zone == zoneWords(end) {
		b.WriteString(`<p class="when">` + whenElement("dt-start", start, whenWords(start)) + " – " + whenElement("dt-end", end, endWords(start, end)) + zone)
	} else {
		b.WriteString(`<p class="when">` + whenElement("dt-start", start, whenWords(start)) + zone)
		if !end.IsZero() {
			b.WriteString(" – " + whenElement("dt-end", end, whenWords(end)) + zoneWords(end))
		}
	}
	b.WriteString("</p>\n")
	if !at.IsZero() {
		b.WriteString(string(placeElement("p-location", "", at)))
	}
	return template.HTML(b.String())
}

func whenElement(class string, w posts.When, words string) string {
	return `<time class="` + class + `" datetime="` + w.Machine() + `">` + words + `</time>`
}

// whenWords is a time as it stands on a clock at the place.
func whenWords(w posts.When) string {
	const day = "Monday, 2 January 2006"
	if w.Day {
		return w.Time.Format(day)
	}
	return w.Time.Format(day + ", 15:04")
}

// zoneWords is the zone of a time, if one was said.
func zoneWords(w posts.When) string {
	if w.Day || w.Local {
		return ""
	}
	return w.Time.Format(" (UTC-07:00)")
}

// endWords leaves out the day if start has said it.
func endWords(start, end posts.When) string {
	if end.Day || start.Day || start.Time.Format("20060102") != end.Time.Format("20060102") {
		return whenWords(end)
	}
	return end.Time.Format("15:04")
}

// placeElement draws a place, as the richest of what is known of it: a card, an
// address, or coordinates alone.
func placeElement(class, lead string, at posts.Place) template.HTML {
	var b strings.Builder
	if lead != "" {
		lead += " "
	}
	root := "h-geo"
	switch words := at.Words(); {
	case at.Name != "":
		root = "h-card"
	case words != "":
		root = "h-adr"
	}
	b.WriteString(`<p class="place">` + lead + `<span class="` + class + " " + root + `">` + placeName(at) + placeAddress(at))
	if at.Located() {
		b.WriteString(placeGeo(root, at))
	}
	b.WriteString("</span></p>\n")
	return template.HTML(b.String())
}

func placeName(at posts.Place) string {
	switch link := href(at.Address); {
	case at.Name == "":
		return ""
	case link != "":
		return `<a class="p-name u-url" ` + string(link) + `>` + escape(at.Name) + `</a>`
	}
	return `<span class="p-name">` + escape(at.Name) + `</span>`
}

func placeAddress(at posts.Place) string {
	var parts []string
	for _, part := range []struct{ class, words string }{
		{"p-street-address", at.Street}, {"p-postal-code", at.Postcode}, {"p-locality", at.Locality}, {"p-region", at.Region}, {"p-country-name", at.Country},
	} {
		if part.words != "" && part.words != at.Name {
			parts = append(parts, `<span class="`+part.class+`">`+escape(part.words)+`</span>`)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	if at.Name == "" {
		return strings.Join(parts, ", ")
	}
	return `, ` + strings.Join(parts, ", ")
}

// placeGeo is the coordinates: in sight only where nothing else says where it is.
func placeGeo(root string, at posts.Place) string {
	latitude, longitude := escape(at.Latitude), escape(at.Longitude)
	if root == "h-geo" {
		return `<span class="p-latitude">` + latitude + `</span>, <span class="p-longitude">` + longitude + `</span>`
	}
	return ` <data class="p-geo h-geo" value="` + latitude + ", " + longitude + `"><data class="p-latitude" value="` + latitude + `"></data><data class="p-longitude" value="` + longitude + `"></data></data>`
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
