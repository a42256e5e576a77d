package desk

import (
	"context"
	"slices"
	"strings"

	"hark/internal/mentions"
	"hark/internal/posts"
	"hark/internal/settings"
)

// tellPanel is what desk/_tell.html draws: the pages that a post links to, what
// each was told, and who will be told once it is saved.
type tellPanel struct {
	Name     string // its heading
	Plan     string // what publishing does, in a sentence
	Rows     []linkRow
	Gone     []delivery // of links that were taken out
	Spared   []string   // switched off once; the text does not link there now
	Asking   bool
	Ask      bool   // there is something to find out
	Scripted bool   // it follows what is typed
	Outbox   string // where to read all that the targets answered; empty for a draft
}

// linkRow is one page that a post links to.
type linkRow struct {
	Target, Short string
	Host          string   // to be silenced, or told again; empty where another row has its button
	Line          standing // how it stands
	Look          string   // the class of that
	Answer        string   // what its endpoint answered, where that matters
	Switch, On    bool     // the writer may choose, and has chosen
	Never         bool     // its site is never told
	Again         string   // what to call that site, on the button that takes this back
	Asked         bool     // it is being looked at
}

// ours tells whether a link leads to a post of this site.
func ours(one mentions.Prospect) bool { return one.Will == mentions.WillOwn }

// asks tells whether a page is visited once somebody asks who will be told: one
// that is answered even where it is not told, since its card is shown.
func asks(one mentions.Prospect) bool {
	return one.Will == mentions.WillUnknown && (one.Property != "" || !one.Quiet && !one.Never)
}

// tellPanel lists the links of p, which is what is typed over what is kept.
func (d *Desk) tellPanel(ctx context.Context, f draft, kept, p *posts.Post, prospects []mentions.Prospect) (tellPanel, error) {
	live := kept.Status == posts.Published
	panel := tellPanel{Name: "Who will be told", Spared: p.Quiet}
	told := map[string]*mentions.Delivery{}
	if live {
		panel.Name = "Who was told, and will be"
		list, err := d.outbox.Of(ctx, kept.ID)
		if err != nil {
			return panel, err
		}
		for _, one := range list {
			told[one.Target] = one
		}
		if len(list) > 0 {
			panel.Outbox = outgoing{Post: kept.ID}.address()
		}
	}
	never, err := d.settings.Telling(ctx)
	if err != nil {
		return panel, err
	}
	changed, due, hosts := false, 0, map[string]bool{}
	if live {
		if changed, err = d.outbox.Rewritten(ctx, kept, p); err != nil {
			return panel, err
		}
	}
	for _, one := range prospects {
		was := told[one.Target]
		delete(told, one.Target)
		row := d.linkRow(one, was, live, slices.Contains(f.Asked, one.Target))
		if row.Never {
			row.Again = strings.Join(never.Never.Covering(one.Host), ", ")
		}
		if hosts[row.Host] {
			row.Host = ""
		}
		if row.Switch || row.Never {
			hosts[row.Host] = true
			panel.Spared = without(panel.Spared, []string{row.Target})
		}
		if row.Switch && row.On && hears(one, was) && (!live || changed || isNew(one, was)) {
			due++
		}
		panel.Asking = panel.Asking || row.Asked
		panel.Ask = panel.Ask || asks(one)
		panel.Rows = append(panel.Rows, row)
	}
	due += d.gone(&panel, told, never.Never)
	panel.Plan = plan(live, due)
	return panel, nil
}

// linkRow is how one link stands. was is what its target was told, nil for
// nothing yet.
func (d *Desk) linkRow(one mentions.Prospect, was *mentions.Delivery, live, asked bool) linkRow {
	row := linkRow{Target: one.Target, Short: shortened(posts.Bare(one.Target)), Host: one.Host, On: !one.Quiet}
	row.Never = one.Never && !ours(one)
	row.Switch = !row.Never && !ours(one)
	row.Asked = asked && asks(one) && one.Problem == ""
	switch {
	case row.Never:
		row.Line = lineOf("Never told, as you chose.")
	case row.Switch && was != nil && was.State != mentions.Quiet && !row.Asked:
		row.wasTold(d, was)
	case row.Asked:
		row.Line = lineOf(howWords(one.Property), "being asked …")
	case live && row.Switch:
		row.Line = lineOf("Not told so far", willWords(one), howWords(one.Property))
	default:
		row.Line = lineOf(willWords(one), howWords(one.Property))
	}
	if row.Switch && row.Answer == "" && was == nil {
		row.Answer = one.Problem
	}
	return row
}

// wasTold fills in what came of it.
func (row *linkRow) wasTold(d *Desk, was *mentions.Delivery) {
	told := d.delivery(was)
	row.Look = told.Look
	row.Line = lineOf(strings.TrimSpace(told.State+" "+told.By), told.Updated.Words, howWords(was.Property))
	switch was.State {
	case mentions.Queued:
		row.Line = lineOf(told.State, howWords(was.Property))
		row.Answer = strings.TrimSpace(told.Answer + " " + told.Next)
	case mentions.Failed:
		row.Answer = told.Answer
	case mentions.Deaf:
		row.Line = lineOf(told.State)
	}
	if was.Said != "" {
		row.Answer = strings.TrimSpace(row.Answer + " Later its status page said: " + was.Said)
	}
}

// willWords say what a target will get.
func willWords(one mentions.Prospect) string {
	if one.Problem != "" {
		return "could not be asked"
	}
	switch one.Will {
	case mentions.WillNothing:
		return "takes neither webmention nor pingback"
	case mentions.WillOwn:
		return "your own post: shown beneath it"
	case mentions.WillUnknown:
		return "not asked yet"
	}
	return "by " + string(one.Will)
}

// howWords say how a post responds.
func howWords(property string) string {
	switch property {
	case "":
		return ""
	case "in-reply-to":
		return "as a reply"
	}
	return "as a " + strings.TrimSuffix(property, "-of")
}

// standing is a sentence of a few parts, with commas between.
type standing []string

// lineOf makes it of those that are not empty.
func lineOf(parts ...string) standing {
	l := slices.DeleteFunc(standing(parts), func(part string) bool { return part == "" })
	if len(l) > 0 {
		l[0] = capital(l[0])
	}
	return l
}

// End is what stands behind the last part.
func (l standing) End() string {
	if len(l) == 0 || strings.HasSuffix(l[len(l)-1], "…") || strings.HasSuffix(l[len(l)-1], ".") {
		return ""
	}
	return "."
}

func capital(words string) string {
	first := firstRune(words)
	return strings.ToUpper(first) + words[len(first):]
}

// hears tells whether a target can be told, as far as is known.
func hears(one mentions.Prospect, was *mentions.Delivery) bool {
	if one.Will == mentions.WillUnknown && was != nil {
		return was.State != mentions.Deaf
	}
	return one.Will != mentions.WillNothing
}

// isNew tells whether a target is told even if the words stay as they are.
func isNew(one mentions.Prospect, was *mentions.Delivery) bool {
	return was == nil || !was.Linked || was.State == mentions.Quiet || was.Property != one.Property
}

// gone adds those that were told of links which are not in the text any more,
// and counts those that will be told so.
func (d *Desk) gone(panel *tellPanel, told map[string]*mentions.Delivery, never settings.Hosts) (due int) {
	for _, was := range told {
		if was.Linked && (!was.Heard() || never.Have(was.Host)) || !was.Linked && was.State == mentions.Quiet {
			continue // it will be forgotten
		}
		drawn := d.delivery(was)
		if was.Linked {
			drawn.State, drawn.Look, drawn.By, drawn.Answer, drawn.Next = "Not linked any more: it will be told so", "", "", "", ""
			due++
		}
		panel.Gone = append(panel.Gone, drawn)
	}
	slices.SortFunc(panel.Gone, func(a, b delivery) int { return strings.Compare(a.ID, b.ID) })
	return due
}

// plan says how many will be told.
func plan(live bool, due int) string {
	switch {
	case live && due == 0:
		return "Saved as it stands, nobody is told again."
	case live:
		return "Publishing the changes tells " + plural(due, "page") + "."
	case due == 0:
		return "Publishing tells nobody."
	}
	return "Publishing tells " + plural(due, "page") + "."
}

// How much of an address stands in a narrow column: its beginning and its end.
const addressStart, addressEnd = 34, 14

// shortened is a long address without its middle.
func shortened(address string) string {
	r := []rune(address)
	if len(r) <= addressStart+addressEnd+1 {
		return address
	}
	return string(r[:addressStart]) + "…" + string(r[len(r)-addressEnd:])
}
