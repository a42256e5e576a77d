package posts

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// File is a picture, a film or a recording that a post is about.
type File struct {
	Address string // may be relative to the post's
	Alt     string // what it shows, for those who do not see it
	Caption string // what is said beneath it, to all
	Poster  string // of a film: the address of a picture to show until it plays; empty for none
}

// Photos are the pictures that the post is about.
func (p *Post) Photos() []File { return p.Properties.files("photo") }

// Videos are its films.
func (p *Post) Videos() []File { return p.Properties.files("video") }

// Audios are its recordings.
func (p *Post) Audios() []File { return p.Properties.files("audio") }

// files are the values of a property that are addresses: each a string, an object
// of value, alt, caption and poster, or an item with an address.
func (p Properties) files(name string) (all []File) {
	for _, value := range p[name] {
		if f := fileOf(value); isFile(f.Address) {
			all = append(all, f)
		}
	}
	return all
}

func fileOf(value any) File {
	object, ok := value.(map[string]any)
	if !ok {
		return File{Address: addressOf(value)}
	}
	if address, ok := object["value"].(string); ok {
		alt, _ := object["alt"].(string)
		caption, _ := object["caption"].(string)
		poster, _ := object["poster"].(string)
		return newFile(address, alt, caption, poster)
	}
	inner := embedded(object)
	caption := firstText(inner["summary"])
	if caption == "" {
		caption = firstText(inner["name"])
	}
	return newFile(addressOf(value), firstText(inner["alt"]), caption, firstText(inner["photo"]))
}

func newFile(address, alt, caption, poster string) File {
	f := File{Address: address, Alt: oneLine(alt), Caption: oneLine(caption)}
	if isFile(poster) {
		f.Poster = poster
	}
	return f
}

// Alts are what the post says its files show, by their addresses: those that it is
// about, and the pictures in its text.
func (p *Post) Alts() map[string]string {
	alts := map[string]string{}
	add := func(address, alt string) {
		if address != "" && alt != "" && alts[address] == "" {
			alts[address] = alt
		}
	}
	for _, name := range fileProperties {
		for _, f := range p.Properties.files(name) {
			add(f.Address, f.Alt)
		}
	}
	for tokens := html.NewTokenizer(strings.NewReader(string(p.HTML))); tokens.Next() != html.ErrorToken; {
		if t := tokens.Token(); t.Data == "img" {
			add(attribute(t, "src"), attribute(t, "alt"))
		}
	}
	return alts
}

// fileProperties are the properties that name files.
var fileProperties = [...]string{"photo", "video", "audio"}

// FilesOnWeb are the addresses of the post's files that are not relative. Some of them
// may be of this site.
func (p *Post) FilesOnWeb() (addresses []string) {
	for _, name := range fileProperties {
		for _, f := range p.Properties.files(name) {
			if onWeb(f.Address) {
				addresses = append(addresses, f.Address)
			}
		}
	}
	return addresses
}

// FileProperty is the property that names the file at an address: photo, video or
// audio; empty for none.
func (p *Post) FileProperty(address string) string {
	for _, name := range fileProperties {
		for _, f := range p.Properties.files(name) {
			if f.Address == address {
				return name
			}
		}
	}
	return ""
}

// moveFile has another address stand where a file was named by one, and tells whether
// it did. What is said of the file stays.
func (p Properties) moveFile(from, to string) (moved bool) {
	for _, name := range fileProperties {
		for n, value := range p[name] {
			if fileOf(value).Address == from {
				p[name][n], moved = fileAt(value, to), true
			}
		}
	}
	return moved
}

// FilesAs are the values of a property, with other addresses for the files in them that
// are named so.
func (p Properties) FilesAs(name string, other map[string]string) []any {
	values := slices.Clone(p[name])
	for n, value := range values {
		if address, ok := other[fileOf(value).Address]; ok {
			values[n] = fileAt(value, address)
		}
	}
	return values
}

// fileAt is the value of a file with another address.
func fileAt(value any, address string) any {
	object, ok := value.(map[string]any)
	if !ok {
		return address
	}
	object = maps.Clone(object)
	if _, plain := object["value"].(string); plain {
		object["value"] = address
	} else if inner := embedded(object); inner != nil {
		inner = maps.Clone(inner)
		inner["url"], object["properties"] = []any{address}, inner
	}
	return object
}

// isFile tells whether an address can be that of a file: on the web, or relative.
func isFile(address string) bool {
	u, err := url.Parse(address)
	if err != nil || address == "" || len(address) > maxAddress || strings.ContainsFunc(address, unicode.IsControl) {
		return false
	}
	return u.Scheme == "" && u.Host == "" && !leadsAway(address) || onWeb(address)
}

// leadsAway tells whether browsers take a relative address for one of another host:
// to them a backslash is a slash, two slashes or more come before a host, and
// spaces at the front are nothing (URL Standard, section 4.4).
func leadsAway(address string) bool {
	return strings.Contains(address, `\`) || strings.HasPrefix(strings.TrimLeft(address, " "), "//")
}

// embedded are the properties of a value that is an item of its own
// (microformats2 in JSON); nil for any other.
func embedded(value any) map[string]any {
	object, _ := value.(map[string]any)
	properties, _ := object["properties"].(map[string]any)
	return properties
}
