package media

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"hark/internal/database"
)

// Shown is what is said of files of ours, by their keys: of pictures, so that a page does
// not jump while they come and each reader loads the size that fits, and in feeds of all,
// how large they are. Shown of the Store is its only door.
type Shown struct {
	base  string // the site's address, without a slash at its end
	files map[string]*File
}

// Shown finds the files that are named in texts: in HTML, or each an address. base is
// the address of the site.
func (s *Store) Shown(ctx context.Context, base string, texts ...string) (Shown, error) {
	shown := Shown{base, map[string]*File{}}
	keys := keysIn(texts)
	for len(keys) > 0 {
		some := keys[:min(len(keys), 500)] // as many as a query may well have
		keys = keys[len(some):]
		list, args := database.Among(some)
		rows, err := s.db.Short(ctx, "SELECT "+columns+" FROM files WHERE key IN ("+list+")", args...)
		if err != nil {
			return shown, fmt.Errorf("find files: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			f, err := scan(rows)
			if err != nil {
				return shown, fmt.Errorf("find files: %w", err)
			}
			shown.files[f.Key] = f
		}
		if err := rows.Err(); err != nil {
			return shown, fmt.Errorf("find files: %w", err)
		}
	}
	return shown, nil
}

// Picture is the width and height of a picture of ours in pixels, and for a srcset the
// sizes in which it is there, empty if there is one alone; all zero for any other
// address.
func (s Shown) Picture(address string) (width, height int, srcset string) {
	f, folder := s.find(address)
	if f == nil {
		return 0, 0, ""
	}
	sizes := f.sizes()
	if len(sizes) == 0 {
		return f.Width, f.Height, ""
	}
	var b strings.Builder
	for _, width := range sizes {
		fmt.Fprintf(&b, "%s%s %dw, ", folder, f.sized(width), width)
	}
	fmt.Fprintf(&b, "%s%s %dw", folder, f.Stored(), f.Width)
	return f.Width, f.Height, b.String()
}

// File is the media type of a file of ours, and its size in bytes; empty and zero for any
// other address.
func (s Shown) File(address string) (mediaType string, bytes int64) {
	if f, _ := s.find(address); f != nil {
		return f.Type, f.Bytes
	}
	return "", 0
}

// find is the file at an address, and the address up to its name.
func (s Shown) find(address string) (f *File, folder string) {
	const dir = "/media/"
	name, ok := strings.CutPrefix(strings.TrimPrefix(address, s.base), dir)
	if !ok {
		return nil, ""
	}
	key, _, _ := strings.Cut(name, ".")
	f = s.files[key]
	if f == nil || f.Stored() != name {
		return nil, ""
	}
	return f, strings.TrimSuffix(address, name)
}

// Attributes are those of an <img> at an address that say its size and where smaller
// ones are, each after a space; empty for what is no picture of ours. sizes says how wide it
// stands in the page, as HTML has it.
func (s Shown) Attributes(address, sizes string) string {
	width, height, srcset := s.Picture(address)
	if width == 0 {
		return ""
	}
	attributes := ` width="` + strconv.Itoa(width) + `" height="` + strconv.Itoa(height) + `"`
	if srcset != "" {
		attributes += ` srcset="` + srcset + `" sizes="` + sizes + `"`
	}
	return attributes
}

// tags of pictures in clean HTML: no value in it has a ">" or a quotation mark.
var tags = regexp.MustCompile(`<img [^>]*>`)

var source = regexp.MustCompile(` src="([^"]*)"`)

// HTML gives the pictures of ours in clean HTML, such as that of a post, what
// Attributes says of them, and lets those come late that are far down. What the writer
// has said of a picture stays.
func (s Shown) HTML(html, sizes string) string {
	if len(s.files) == 0 {
		return html
	}
	first := true
	return tags.ReplaceAllStringFunc(html, func(tag string) string {
		address := source.FindStringSubmatch(tag)
		if address == nil || strings.Contains(tag, ` srcset="`) {
			return tag
		}
		more := s.Attributes(address[1], sizes)
		if more == "" {
			return tag
		}
		if strings.Contains(tag, ` width="`) || strings.Contains(tag, ` height="`) {
			_, srcset, _ := strings.Cut(more, " srcset=")
			if more = ""; srcset != "" {
				more = " srcset=" + srcset
			}
		}
		if !first && !strings.Contains(tag, ` loading="`) {
			more += ` loading="lazy"`
		}
		first = false
		return strings.TrimSuffix(strings.TrimSuffix(tag, ">"), "/") + more + ">"
	})
}
