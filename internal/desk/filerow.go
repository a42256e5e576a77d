package desk

import (
	"fmt"
	"html/template"
	"net/http"
	"path"
	"slices"
	"strings"

	"hark/internal/media"
	"hark/internal/posts"
	"hark/internal/words"
)

// fileRow is a file in the list.
type fileRow struct {
	Key, By   string
	Name      string
	Ending    string   // which says what it is
	Facts     []string // that, its measures, its size
	When      when
	Who       string // where several write
	Path      string
	Picture   template.HTMLAttr // by which a browser finds one that is small enough; empty for what is none
	Alt, Was  string            // what is said of it, as typed, and as it is kept
	Address   string            // the whole one
	Markdown  string
	Uses      []use
	Others    int // posts of others, which are not named
	Copies    int // texts that are being written
	Templates int
	Past      bool // nothing but earlier versions of posts names it
	Back      []carried
}

// use is a post that names a file, or has named it, or another place that does.
type use struct {
	Name, Address, State string // the address is empty where there is nothing to see
	Earlier              bool
	Ours                 bool // the name is a sentence of the desk
}

// Used tells whether anything names it.
func (f fileRow) Used() bool { return len(f.Uses)+f.Others+f.Copies+f.Templates > 0 }

// Of names the file, and whose upload of it this is.
func (f fileRow) Of() string { return f.Key + "." + f.By }

// retype puts what was typed about it into its field again.
func (f *fileRow) retype(typed map[string]string) {
	if alt, ok := typed[f.Of()]; ok {
		f.Alt = alt
	}
}

// OthersWords counts the posts of others.
func (f fileRow) OthersWords() string { return plural(f.Others, "post") + " of others" }

// fileRows draws files, which lead back to where they are listed.
func (d *Desk) fileRows(r *http.Request, found []*media.File, here filed) ([]fileRow, error) {
	keys, paths := make([]string, len(found)), make([]string, len(found))
	for n, f := range found {
		keys[n], paths[n] = f.Key, f.Path()
	}
	uses, err := d.media.Uses(r.Context(), keys...)
	if err != nil {
		return nil, err
	}
	names, err := d.gate.Names(r.Context())
	if err != nil {
		return nil, err
	}
	shown, err := d.media.Shown(r.Context(), d.url, paths...)
	if err != nil {
		return nil, err
	}
	rows := make([]fileRow, len(found))
	for n, f := range found {
		rows[n] = fileRow{
			Key: f.Key, By: f.AuthorID, Name: f.Name, Ending: ending(f), Facts: facts(f), When: d.when(f.Created), Path: f.Path(), Alt: f.Alt, Was: f.Alt,
			Address: d.url + f.Path(), Markdown: markdown(f, f.Alt), Copies: uses[f.Key].Copies, Templates: uses[f.Key].Templates, Past: uses[f.Key].Any() && !uses[f.Key].Now(), Back: here.Fields(),
		}
		if rows[n].Name == "" {
			rows[n].Name = f.Stored()
		}
		if len(names) > 1 {
			rows[n].Who = names[f.AuthorID]
		}
		if f.Width > 0 {
			rows[n].Picture = template.HTMLAttr(`src="` + f.Path() + `"` + shown.Attributes(f.Path(), "5rem"))
		}
	}
	return rows, d.nameUses(r, rows, uses)
}

// nameUses names the posts that use files, as far as they may be known, and the places
// besides.
func (d *Desk) nameUses(r *http.Request, rows []fileRow, uses map[string]media.Uses) error {
	var ids []string
	for _, one := range uses {
		ids = append(append(ids, one.Posts...), one.Earlier...)
	}
	briefs, err := d.posts.Briefs(r.Context(), ids...)
	if err != nil {
		return err
	}
	book, err := d.book(r.Context())
	if err != nil {
		return err
	}
	for n := range rows {
		of := uses[rows[n].Key]
		for at, id := range slices.Concat(of.Posts, of.Earlier) {
			switch b := briefs[id]; {
			case b == nil:
			case !d.Who(r).MayChange(b.AuthorID):
				rows[n].Others++
			case at < len(of.Posts):
				rows[n].Uses = append(rows[n].Uses, useOf(b, book))
			default:
				rows[n].Uses = append(rows[n].Uses, use{Name: b.Called(book), Address: "/desk/posts/" + b.ID + "/revisions", Earlier: true})
			}
		}
		for _, place := range of.Places {
			u, err := d.useIn(r, place)
			if err != nil {
				return err
			}
			rows[n].Uses = append(rows[n].Uses, u)
		}
	}
	return nil
}

// useOf is a post that uses a file, as those see it who may change it.
func useOf(b *posts.Brief, book *words.Book) use {
	u := use{Name: b.Called(book), Address: "/desk/write/" + b.ID}
	switch {
	case b.Status == posts.Deleted:
		u.Address, u.State = "/desk/posts?status=deleted", "deleted"
	case b.Status == posts.Draft:
		u.State = "a draft"
	case b.Status != posts.Published:
		u.State = string(b.Status)
	case b.Visibility != posts.Public:
		u.Address, u.State = b.Path, string(b.Visibility)
	default:
		u.Address = b.Path
	}
	return u
}

// facts are a file's type, measures and size in words.
func facts(f *media.File) []string {
	all := []string{ending(f)}
	if f.Width > 0 {
		all = append(all, fmt.Sprintf("%d × %d pixels", f.Width, f.Height))
	}
	return append(all, size(f.Bytes))
}

func ending(f *media.File) string {
	return strings.ToUpper(strings.TrimPrefix(path.Ext(f.Stored()), "."))
}

// size is a number of bytes for people.
func size(bytes int64) string {
	switch {
	case bytes < 1<<10:
		return plural(int(bytes), "byte")
	case bytes < 10<<20:
		return fmt.Sprintf("%d KB", (bytes+1<<9)>>10)
	}
	return fmt.Sprintf("%d MB", (bytes+1<<19)>>20)
}

// propertyOf is where a file stands that a post shows; empty for one that cannot be
// shown.
func propertyOf(f *media.File) string {
	kind, _, _ := strings.Cut(f.Type, "/")
	switch kind {
	case "image":
		return "photo"
	case "video", "audio":
		return kind
	}
	return ""
}

// markdown is a file in a text: a picture, or a link to what is none.
func markdown(f *media.File, words string) string {
	if propertyOf(f) == "photo" {
		return "![" + escaped(words) + "](" + f.Path() + ")"
	}
	if words == "" {
		words = f.Name
	}
	if words == "" {
		words = f.Stored()
	}
	return "[" + escaped(words) + "](" + f.Path() + ")"
}

// escaped are words that Markdown takes as they are. web/static/files.js does the same.
func escaped(words string) string {
	return marks.Replace(strings.Join(strings.Fields(words), " "))
}

var marks = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "*", `\*`, "_", `\_`, "`", "\\`", "<", `\<`, "&", `\&`, "~", `\~`)
