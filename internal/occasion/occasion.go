// Package occasion draws when and where a post happens, with the properties of
// microformats2.
package occasion

import (
	"html/template"
	"strings"

	"hark/internal/posts"
	"hark/internal/words"
)

// Of is when and where the event of a post is; for a post that is none, where its
// author is and where it was written, in the language of the page. Both are empty
// where it does not say.
func Of(p *posts.Post, book *words.Book) (happens, place template.HTML) {
	if p.Kind == posts.Event {
		return event(p, book), ""
	}
	if at := p.Checkin(); !at.IsZero() {
		place = drawn("u-checkin", book.Say("At"), at)
	}
	if at := p.Location(); !at.IsZero() {
		place += drawn("p-location", "", at)
	}
	return "", place
}

// event says when an event is, and where.
func event(p *posts.Post, book *words.Book) template.HTML {
	start, end, at := p.Start(), p.End(), p.Location()
	var b strings.Builder
	zone := zoneWords(start)
	if !end.IsZero() && zone == zoneWords(end) {
		b.WriteString(`<p class="when">` + whenElement("dt-start", start, whenWords(start, book)) + " – " + whenElement("dt-end", end, endWords(start, end, book)) + zone)
	} else {
		b.WriteString(`<p class="when">` + whenElement("dt-start", start, whenWords(start, book)) + zone)
		if !end.IsZero() {
			b.WriteString(" – " + whenElement("dt-end", end, whenWords(end, book)) + zoneWords(end))
		}
	}
	b.WriteString("</p>\n")
	if !at.IsZero() {
		b.WriteString(string(drawn("p-location", "", at)))
	}
	return template.HTML(b.String())
}

func whenElement(class string, w posts.When, said string) string {
	return `<time class="` + class + `" datetime="` + w.Machine() + `">` + template.HTMLEscapeString(said) + `</time>`
}

// whenWords is a time as it stands on a clock at the place.
func whenWords(w posts.When, book *words.Book) string {
	if w.Day {
		return book.Date(w.Time, "Monday, 2 January 2006")
	}
	return book.Date(w.Time, "Monday, 2 January 2006, 15:04")
}

// zoneWords is the zone of a time, if one was said.
func zoneWords(w posts.When) string {
	if w.Day || w.Local {
		return ""
	}
	return w.Time.Format(" (UTC-07:00)")
}

// endWords leaves out the day if start has said it.
func endWords(start, end posts.When, book *words.Book) string {
	if end.Day || start.Day || start.Time.Format("20060102") != end.Time.Format("20060102") {
		return whenWords(end, book)
	}
	return end.Time.Format("15:04")
}

// drawn is a place, as the richest of what is known of it: a card, an address, or
// coordinates alone.
func drawn(class, lead string, at posts.Place) template.HTML {
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
	switch {
	case at.Name == "":
		return ""
	case at.Address != "": // on the web, or it would not be kept here
		return `<a class="p-name u-url" href="` + escape(at.Address) + `">` + escape(at.Name) + `</a>`
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

func escape(s string) string { return template.HTMLEscapeString(s) }
