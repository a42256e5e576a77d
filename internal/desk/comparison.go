package desk

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"hark/internal/difference"
	"hark/internal/posts"
	"hark/internal/words"
)

// comparison is what differs between two versions of a post, the older one first.
type comparison struct {
	From, To []option // all versions, with those that are compared chosen
	Text     []textBlock
	Fields   []fieldChange // what else is not the same
	Tongue   string        // the language of the newer text; empty for the site’s
	Spoken   string        // that of the desk
	Restore  string        // the older version
	When     when          // and when that was saved
}

// textBlock is a part of a text and what became of it.
type textBlock struct {
	Mark    string // a sign for it; empty for what stayed
	Said    string // and words
	Pieces  []textPiece
	Skipped string // in place of lines that stayed
}

// textPiece is a part of a line.
type textPiece struct {
	Text        string
	Added, Gone bool
}

// fieldChange is something that was chosen about a post, before and after.
type fieldChange struct{ Name, Before, After string }

// compared compares two of the versions, those that were asked for; else the post as it
// is with what it was before. It is nil where there is but one.
func (d *Desk) compared(all []*posts.Post, from, to string, book *words.Book) *comparison {
	if len(all) < 2 {
		return nil
	}
	newer, found := versionIn(all, to)
	older, also := versionIn(all, from)
	if !found || !also || newer == older {
		newer, older = 0, 1
	}
	if newer > older { // the newest comes first
		newer, older = older, newer
	}
	before, after := all[older], all[newer]
	return &comparison{
		From: d.versions(all, before), To: d.versions(all, after), Restore: strconv.FormatInt(before.Version, 10), When: d.when(before.Updated),
		Text: textBlocks(difference.Between(before.Content, after.Content)), Fields: fieldChanges(before, after, book), Tongue: after.Lang, Spoken: book.Tag(),
	}
}

// versionIn finds a version by its number.
func versionIn(all []*posts.Post, number string) (at int, found bool) {
	at = slices.IndexFunc(all, func(p *posts.Post) bool { return strconv.FormatInt(p.Version, 10) == number })
	return at, at >= 0
}

// versions are all of them, with one chosen.
func (d *Desk) versions(all []*posts.Post, chosen *posts.Post) (list []option) {
	for n, p := range all {
		name := d.when(p.Updated).Exact
		if n == 0 {
			name = "As it is now"
		}
		list = append(list, option{strconv.FormatInt(p.Version, 10), name, p == chosen})
	}
	return list
}

// signs say what became of a block, so that nobody has to see colours.
var signs = map[difference.Change]textBlock{
	difference.Removed: {Mark: "−", Said: "Taken out:"},
	difference.Added:   {Mark: "+", Said: "Put in:"},
	difference.Changed: {Mark: "±", Said: "Changed:"},
}

func textBlocks(blocks []difference.Block) (drawn []textBlock) {
	for _, b := range blocks {
		one := signs[b.Change]
		if b.Skipped > 0 {
			one.Skipped = plural(b.Skipped, "line")
		}
		for _, p := range b.Pieces {
			one.Pieces = append(one.Pieces, textPiece{visible(p), p.Change == difference.Added, p.Change == difference.Removed})
		}
		drawn = append(drawn, one)
	}
	return drawn
}

// visible is a piece of which something can be seen, also where it only ends lines.
func visible(p difference.Piece) string {
	if p.Change != difference.Same && strings.Trim(p.Text, " \t\n") == "" {
		return strings.ReplaceAll(p.Text, "\n", "¶\n")
	}
	return p.Text
}

// fieldChanges are what was chosen otherwise, in the order of the editor, then what
// else is known of the post.
func fieldChanges(before, after *posts.Post, book *words.Book) (changes []fieldChange) {
	add := func(name, was, is string) {
		if was != is {
			changes = append(changes, fieldChange{name, was, is})
		}
	}
	is := chosenOf(after, book)
	for n, was := range chosenOf(before, book) {
		add(was.name, was.value, is[n].value)
	}
	names := slices.Concat(slices.Collect(maps.Keys(before.Properties)), slices.Collect(maps.Keys(after.Properties)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		add(name, valuesWords(before.Properties[name]), valuesWords(after.Properties[name]))
	}
	return changes
}

// chosenOf is what is chosen about every post, in words.
func chosenOf(p *posts.Post, book *words.Book) []named[string] {
	yes := func(is bool) string {
		if is {
			return book.Say("yes")
		}
		return book.Say("no")
	}
	date := ""
	if !p.Published.IsZero() {
		date = book.Date(p.Published.UTC(), "2 January 2006, 15:04:05 MST")
	}
	return []named[string]{
		{p.Title, book.Say("Title")}, {strings.Join(p.Tags, ", "), book.Say("Tags")}, {book.Sentence(savedAs[p.Status]), book.Say("Status")},
		{addressOf(p), book.Say("Address")}, {date, book.Say("Date")}, {book.Sentence(seenBy[p.Visibility]), book.Say("Who may see it")},
		{strings.Join(p.Audience, "\n"), book.Say("For these people")}, {yes(!p.Closed), book.Say("Takes answers")},
		{strings.Join(p.Quiet, "\n"), book.Say("Not told")}, {p.Lang, book.Say("Language")}, {p.Series, book.Say("Series")},
		{yes(p.Pinned), book.Say("First on the home page")}, {yes(p.Apart), book.Say("A page of its own")},
	}
}

// savedAs is what a version was saved as.
var savedAs = map[posts.Status]string{posts.Draft: "a draft", posts.Scheduled: "scheduled", posts.Published: "published", posts.Deleted: "deleted"}

var seenBy = map[posts.Visibility]string{posts.Public: "everybody", posts.Unlisted: "who knows the address", posts.Private: "only who may change it"}

// addressOf is where the post stands, or is to stand.
func addressOf(p *posts.Post) string {
	if p.Path == "" {
		return p.Slug
	}
	return p.Path
}

// longestValue bounds a property in the table, in letters.
const longestValue = 1000

// valuesWords writes the values of a property, a line each.
func valuesWords(values []any) string {
	var lines []string
	for _, value := range values {
		if s, ok := value.(string); ok {
			lines = append(lines, s)
			continue
		}
		b, _ := json.Marshal(value) // it was read from JSON
		lines = append(lines, string(b))
	}
	all := strings.Join(lines, "\n")
	if utf8.RuneCountInString(all) > longestValue {
		return string([]rune(all)[:longestValue]) + " …"
	}
	return all
}
