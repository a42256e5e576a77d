package posts

import (
	"maps"
	"slices"
	"strings"
)

// Attachable are the properties that hold files a post is about.
var Attachable = [...]string{"photo", "video", "audio"}

// Files are the files that a property holds.
func (p Properties) Files(name string) []File { return p.files(name) }

// Attach makes these the files of a property, in this order. What is known of a file
// beside its address and its words stays, and so does what is no file.
func (p Properties) Attach(name string, files []File) {
	before, after := slices.Clone(p[name]), []any(nil)
	for _, f := range files {
		f.Alt, f.Caption, f.Poster = oneLine(f.Alt), oneLine(f.Caption), strings.TrimSpace(f.Poster)
		at := slices.IndexFunc(before, func(value any) bool { return fileOf(value).Address == f.Address })
		if at < 0 {
			after = append(after, f.value())
			continue
		}
		after = append(after, f.over(before[at]))
		before = slices.Delete(before, at, at+1)
	}
	for _, value := range before {
		if !isFile(fileOf(value).Address) {
			after = append(after, value)
		}
	}
	if p[name] = after; len(after) == 0 {
		delete(p, name)
	}
}

// value is a file as a property holds it.
func (f File) value() any {
	if f.Alt+f.Caption+f.Poster == "" {
		return f.Address
	}
	object := map[string]any{"value": f.Address}
	f.write(object, "alt", "caption", "poster", func(words string) any { return words })
	return object
}

// over is a value with the words of the file, and all else that it held.
func (f File) over(value any) any {
	object, ok := value.(map[string]any)
	switch {
	case fileOf(value) == f:
		return value
	case !ok:
		return f.value()
	}
	object = maps.Clone(object)
	if inner := embedded(object); inner != nil && object["value"] == nil {
		inner = maps.Clone(inner)
		f.write(inner, "alt", "summary", "photo", func(words string) any { return []any{words} })
		object["properties"] = inner
	} else {
		f.write(object, "alt", "caption", "poster", func(words string) any { return words })
	}
	return object
}

// write writes what is said of the file under these names; what is empty where
// something stood is taken away.
func (f File) write(object map[string]any, alt, caption, poster string, as func(string) any) {
	for _, one := range []struct{ name, words string }{{alt, f.Alt}, {caption, f.Caption}, {poster, f.Poster}} {
		if object[one.name] = as(one.words); one.words == "" {
			delete(object, one.name)
		}
	}
}
