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
)

// comparison is what differs between two versions of a post, the older one first.
type comparison struct {
	From, To []option // all versions, with those that are compared chosen
	Text     []textBlock
	Fields   []fieldChange // what else is not the same
	Tongue   string        // the language of the newer text; empty for the site’s
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
func (d *Desk) compared(all []*posts.Post, from, to string) *comparison {
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
		Text: textBlocks(difference.Between(before.Content, after.Content)), Fields: fieldChanges(before, after), Tongue: after.Lang,
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
			one.Skipped = plural(b.Skipped, "line") + " as before"
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

// fieldChanges are what was chosen otherwise.
func fieldChanges(before, after *posts.Post) (changes []fieldChange) {
	add := func(name, was, is string) {
		if was != is {
			changes = append(changes, fieldChange{name, was, is})
		}
	}
	was, is := chosenOf(before), chosenOf(after)
	for _, name := range chosenNames {
		add(name, was[name], is[name])
	}
	names := slices.Concat(slices.Collect(maps.Keys(before.Properties)), slices.Collect(maps.Keys(after.Properties)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		add(name, valuesWords(before.Properties[name]), valuesWords(after.Properties[name]))
	}
	return changes
}

// chosenNames are what is chosen about every post, in the order of the editor.
var chosenNames = []string{"Title", "Tags", "Status", "Address", "Date", "Who may see it", "For these people", "Takes answers", "Not told", "Language", "Series", "First on the home page", "A page of its own"}

// chosenOf is what was chosen about a post, in words.
func chosenOf(p *posts.Post) map[string]string {
	yes := map[bool]string{true: "yes", false: "no"}
	all := map[string]string{
		"Title": p.Title, "Tags": strings.Join(p.Tags, ", "), "Status": string(p.Status), "Address": addressOf(p),
		"Who may see it": seenBy[p.Visibility], "For these people": strings.Join(p.Audience, "\n"), "Takes answers": yes[!p.Closed], "Not told": strings.Join(p.Quiet, "\n"),
		"Language": p.Lang, "Series": p.Series, "First on the home page": yes[p.Pinned], "A page of its own": yes[p.Apart],
	}
	if !p.Published.IsZero() {
		all["Date"] = p.Published.UTC().Format("2 January 2006, 15:04:05 UTC")
	}
	return all
}

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
