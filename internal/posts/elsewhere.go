package posts

import (
	"bytes"
	"html"
	"net/url"
	"path"
	"strings"
)

// ClassElsewhere is the class of links that stand in a text for pictures, films and
// recordings of other hosts, from which a page of ours loads nothing.
const ClassElsewhere = "elsewhere"

const elsewhereLink = `<a class="` + ClassElsewhere + `" href="`

// ShowsElsewhere tells whether there are such links in the text.
func (p *Post) ShowsElsewhere() bool { return strings.Contains(string(p.HTML), elsewhereLink) }

// isElsewhere tells whether an address, as HTML has it, is one of another host than
// that of home, which has no slash at its end.
func isElsewhere(escaped []byte, home string) bool {
	address := html.UnescapeString(string(escaped))
	if own := home + "/"; home != "" && len(address) >= len(own) && strings.EqualFold(address[:len(own)], own) {
		return false
	}
	u, err := url.Parse(address)
	return err != nil || u.Scheme != "" || u.Host != "" || leadsAway(address)
}

// elsewhere writes what lies on another host as a link, and tells whether it did so
// with the tag. rest is what follows the tag.
func (f *finisher) elsewhere(name string, tag []byte, rest string) bool {
	_, address, _, loads := attributeOf(tag, ` src="`)
	away := loads && isElsewhere(address, f.home)
	switch name {
	case "img":
		if away {
			f.leadTo(tag, address)
		}
		return away
	case "source":
		if playing := f.open["audio"]+f.open["video"] > 0; !playing && loads {
			f.leadTo(tag, address)
			return true
		}
		return away
	case "audio", "video":
		if !loads {
			away = f.playsElsewhere(rest)
		} else if away {
			f.leadTo(tag, address)
		}
		if away {
			f.dropped[name]++
		}
	}
	return away
}

// playsElsewhere tells whether the first source of a player, which follows its tag,
// is on another host.
func (f *finisher) playsElsewhere(rest string) bool {
	rest = strings.TrimLeft(rest, " \t\r\n")
	if !strings.HasPrefix(rest, "<source ") {
		return false
	}
	tag, _, _ := strings.Cut(rest, ">")
	_, address, _, loads := attributeOf([]byte(tag), ` src="`)
	return loads && isElsewhere(address, f.home)
}

// leadTo writes the link that stands for a tag: with its alternative text as its
// words, else with the host and the name of the file. Within a link those words
// stand alone.
func (f *finisher) leadTo(tag, address []byte) {
	words := fileWords(address)
	for _, said := range []string{` alt="`, ` aria-label="`, ` title="`} {
		if _, alt, _, ok := attributeOf(tag, said); ok && len(bytes.TrimSpace(alt)) > 0 {
			words = string(alt)
			break
		}
	}
	if f.open["a"] > 0 {
		f.out.WriteString(words)
		return
	}
	link := append([]byte(elsewhereLink), address...)
	link = append(link, '"')
	if _, id, _, ok := attributeOf(tag, ` id="`); ok {
		link = append(append(append(link, ` id="`...), id...), '"')
	}
	f.out.Write(f.ids.own(link))
	f.out.WriteString(">" + words + "</a>")
}

// fileWords is the host and the name of a file, as HTML. What has no host is called
// by its address.
func fileWords(escaped []byte) string {
	u, err := url.Parse(html.UnescapeString(string(escaped)))
	if err != nil || u.Host == "" {
		return string(escaped)
	}
	words := strings.TrimPrefix(u.Host, "www.")
	if name := path.Base(u.Path); name != "/" && name != "." {
		words += ": " + name
	}
	return html.EscapeString(strings.ToValidUTF8(words, "\uFFFD"))
}

// withoutPoster takes away the picture that a film shows until it plays, if it is
// on another host.
func (f *finisher) withoutPoster(tag []byte) []byte {
	before, address, after, ok := attributeOf(tag, ` poster="`)
	if !ok || !isElsewhere(address, f.home) {
		return tag
	}
	return append(bytes.Clone(before), after...)
}
