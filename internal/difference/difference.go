// Package difference shows what became of a text: which lines stayed, went and came,
// and which words changed within those that stand in each other's place.
package difference

import (
	"slices"
	"strings"
	"time"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// Change is what became of a part of the text.
type Change int

// Changed is a block of which some words stayed; its pieces are never that.
const (
	Same Change = iota
	Removed
	Added
	Changed
)

// Piece is a part of a line, or of some lines.
type Piece struct {
	Change Change
	Text   string
}

// Block is a line that stayed, or some lines that did not. Skipped is how many lines
// that stayed are left out in its place; such a block has no pieces.
type Block struct {
	Change  Change
	Pieces  []Piece
	Skipped int
}

// Text is what the block says, whatever became of its pieces.
func (b Block) Text() string {
	var text strings.Builder
	for _, p := range b.Pieces {
		text.WriteString(p.Text)
	}
	return text.String()
}

// patience bounds each comparison, and mostSteps those of the words of two texts
// together. One that takes longer is a coarser one.
const (
	patience  = 100 * time.Millisecond
	mostSteps = 1e8
)

// mostParts is how many lines, or words of some lines, are compared. More than that
// are taken to be others altogether.
const mostParts = 20_000

// Between is what became of the first text in the second, with little of what stayed
// around it; nothing where they are equal.
func Between(before, after string) []Block {
	if before == after {
		return nil
	}
	return condense(blocks(before, after))
}

// comparison is how many steps were taken so far in comparing words, at most: the square
// of what is not the same at both ends.
type comparison struct{ steps int }

// blocks is all of both texts.
func blocks(before, after string) (all []Block) {
	var c comparison
	var gone, came []string
	flush := func() {
		all = append(all, c.hunk(gone, came)...)
		gone, came = nil, nil
	}
	for _, p := range new(comparison).compare(linesOf(before), linesOf(after)) {
		switch p.change {
		case Removed:
			gone = append(gone, p.parts...)
		case Added:
			came = append(came, p.parts...)
		default:
			flush()
			for _, line := range p.parts {
				all = append(all, Block{Pieces: []Piece{{Same, line}}})
			}
		}
	}
	flush()
	return all
}

func linesOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// hunk is what became of some lines that others stand in place of.
func (c *comparison) hunk(gone, came []string) []Block {
	before, after := strings.Join(gone, "\n"), strings.Join(came, "\n")
	switch {
	case gone == nil && came == nil:
		return nil
	case gone == nil:
		return []Block{{Added, []Piece{{Added, after}}, 0}}
	case came == nil:
		return []Block{{Removed, []Piece{{Removed, before}}, 0}}
	}
	pieces := c.words(before, after)
	if !slices.ContainsFunc(pieces, func(p Piece) bool { return p.Change == Same && strings.TrimSpace(p.Text) != "" }) {
		return []Block{{Removed, []Piece{{Removed, before}}, 0}, {Added, []Piece{{Added, after}}, 0}}
	}
	return []Block{{Changed, pieces, 0}}
}

// run are parts, one after the other, of which the same became.
type run struct {
	change Change
	parts  []string
}

// compare finds which parts of two lists stayed.
func (c *comparison) compare(before, after []string) []run {
	coarse := apart(before, after)
	if len(before)+len(after) > mostParts || c.steps > mostSteps {
		return coarse
	}
	others := 0
	for _, r := range coarse {
		if r.change != Same {
			others += len(r.parts)
		}
	}
	c.steps += others * others
	names := names{of: map[string]rune{}}
	a, b := names.all(before), names.all(after)
	differ := diffmatchpatch.New()
	differ.DiffTimeout = patience
	var runs []run
	for _, d := range differ.DiffMainRunes(a, b, false) {
		r := run{change: map[diffmatchpatch.Operation]Change{diffmatchpatch.DiffDelete: Removed, diffmatchpatch.DiffInsert: Added}[d.Type]}
		for _, name := range d.Text {
			r.parts = append(r.parts, names.parts[name])
		}
		if len(r.parts) > 0 {
			runs = append(runs, r)
		}
	}
	return runs
}

// apart is what became of lists of which nothing but the ends is compared.
func apart(before, after []string) []run {
	head := 0
	for head < min(len(before), len(after)) && before[head] == after[head] {
		head++
	}
	tail := 0
	for tail < min(len(before), len(after))-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	runs := []run{
		{Same, before[:head]}, {Removed, before[head : len(before)-tail]}, {Added, after[head : len(after)-tail]}, {Same, before[len(before)-tail:]},
	}
	return slices.DeleteFunc(runs, func(r run) bool { return len(r.parts) == 0 })
}

// names gives each part that is another a letter of its own, because letters are what
// the library compares.
type names struct {
	of    map[string]rune
	parts map[rune]string
	last  rune
}

func (n *names) all(parts []string) []rune {
	if n.parts == nil {
		n.parts, n.last = map[rune]string{}, 0xE000-1 // beyond what UTF-8 cannot write
	}
	letters := make([]rune, len(parts))
	for i, part := range parts {
		letter, known := n.of[part]
		if !known {
			n.last++
			letter = n.last
			n.of[part], n.parts[letter] = letter, part
		}
		letters[i] = letter
	}
	return letters
}

// around is how many lines that stayed are shown before and after others.
const around = 1

// condense leaves out what stayed far from what did not, and empty lines that stayed.
func condense(all []Block) (shown []Block) {
	all = slices.DeleteFunc(all, func(b Block) bool { return b.Change == Same && strings.TrimSpace(b.Text()) == "" })
	near := make([]bool, len(all))
	for i, b := range all {
		if b.Change == Same {
			continue
		}
		for j := max(0, i-around); j <= min(len(all)-1, i+around); j++ {
			near[j] = true
		}
	}
	for i := 0; i < len(all); i++ {
		from := i
		for i < len(all) && !near[i] {
			i++
		}
		switch hidden := i - from; {
		case hidden == 1:
			shown = append(shown, all[from])
		case hidden > 1:
			shown = append(shown, Block{Skipped: hidden})
		}
		if i < len(all) {
			shown = append(shown, all[i])
		}
	}
	return shown
}
