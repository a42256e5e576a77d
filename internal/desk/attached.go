package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hark/internal/posts"
)

// attached is a file that a post shows before its words, as it stands in the form.
type attached struct{ Property, Address, Alt, Caption, Poster string }

// mostAttached bounds those of one form; a post has fewer.
const mostAttached = 300

// attachedIn reads them from the fields: each is its property, a space and its address,
// with what is said of it in further fields.
func attachedIn(fields url.Values) (list []attached) {
	for n, key := range fields["attached"] {
		property, address, _ := strings.Cut(key, " ")
		if !slices.Contains(posts.Attachable[:], property) || address == "" || n >= mostAttached {
			continue
		}
		of := func(name string) string {
			if all := fields[name]; n < len(all) {
				return all[n]
			}
			return ""
		}
		list = append(list, attached{property, address, of("attached-alt"), of("attached-caption"), of("attached-poster")})
	}
	return list
}

// attachedOf are those of a post.
func attachedOf(p *posts.Post) (list []attached) {
	for _, property := range posts.Attachable {
		for _, f := range p.Properties.Files(property) {
			list = append(list, attached{property, f.Address, f.Alt, f.Caption, f.Poster})
		}
	}
	return list
}

// Key is what its form calls it.
func (a attached) Key() string { return a.Property + " " + a.Address }

// attach writes the files into a post. A form that has no fields for them leaves them
// as they are.
func (f draft) attach(p *posts.Post) {
	if !f.HasAttached {
		return
	}
	for _, property := range posts.Attachable {
		var files []posts.File
		for _, one := range f.Attached {
			if one.Property == property {
				files = append(files, posts.File{Address: one.Address, Alt: one.Alt, Caption: one.Caption, Poster: one.Poster})
			}
		}
		p.Properties.Attach(property, files)
	}
}

// rearrange does what a button beside a file asks for, and tells whether there was
// one: it goes before the one of its sort that it follows, or the other way, or out.
func (f *draft) rearrange(fields url.Values) bool {
	for _, name := range []string{"file-up", "file-down", "file-out"} {
		if !fields.Has(name) {
			continue
		}
		list := slices.Clone(f.Attached)
		at := slices.IndexFunc(list, func(one attached) bool { return one.Key() == fields.Get(name) })
		switch {
		case at < 0:
		case name == "file-out":
			list = slices.Delete(list, at, at+1)
		default:
			if to := beside(list, at, name == "file-up"); to >= 0 {
				list[at], list[to] = list[to], list[at]
			}
		}
		f.Attached = list
		return true
	}
	return fields.Get("do") == "files"
}

// beside is the nearest file of the same sort before or after one, -1 for none.
func beside(list []attached, at int, before bool) int {
	step := 1
	if before {
		step = -1
	}
	for to := at + step; to >= 0 && to < len(list); to += step {
		if list[to].Property == list[at].Property {
			return to
		}
	}
	return -1
}

// settle puts files that came with the form where they belong: before the words, or at
// the end of the text. It tells whether there are pictures of which nobody has said
// yet what they show.
func (f *draft) settle(files []came) (mute bool) {
	for _, one := range files {
		property := propertyOf(one.File)
		if mute = mute || property == "photo" && one.Alt == ""; one.Field == showField && property != "" {
			f.Attached = append(f.Attached, attached{Property: property, Address: one.Path(), Alt: one.Alt})
			continue
		}
		if f.Text = strings.TrimRight(f.Text, " \t\r\n"); f.Text != "" {
			f.Text += "\n\n"
		}
		f.Text += markdown(one.File, one.Alt)
	}
	return mute
}

// receive puts files that came with the form where they belong. The status is not zero
// where its writer has to look at it before anything else is done: what the editor
// then shows comes with it.
func (f *draft) receive(b *baggage, fields url.Values) (status int, shown writePage) {
	mute, faults := f.settle(b.Files), wrong{}
	for _, one := range b.Left {
		status = max(status, one.Status)
		faults.add(one.Field, one.Name+": "+one.Text)
	}
	if unsent := fields[unsentField]; len(unsent) > 0 {
		status = http.StatusUnprocessableEntity
		faults.add(fileField, "You were signed out when these came, so they are not here: "+strings.Join(unsent, ", ")+". Choose them again.")
	}
	switch do := fields.Get("do"); {
	case do == "discard" || do == "delete":
		return 0, shown
	case status > 0:
		shown.Problem = "Not everything has come, so this is not saved yet. Your words still stand below."
	case mute:
		status, shown.Came = http.StatusOK, "The files are here. Say of each picture what it shows, for those who do not see it: "+
			"in the text between the brackets, ![like this](…), and before the text in the field beside it. Then go on; it is not saved yet."
	}
	shown.Draft, shown.Wrong, shown.Unsaved = *f, faults, true
	return status, shown
}
