package desk

import (
	"fmt"
	"strings"
	"time"

	"hark/internal/authlog"
	"hark/internal/guard"
	"hark/internal/words"
)

// The size of a chart in its own units: how wide all of it is; where the line
// stands in the chart of pings, above which is what was heard; and its height.
const (
	chartWidth  = 240.0
	sill        = 60.0
	pingsHigh   = 200.0
	loginsHigh  = 40.0
	leastHigh   = 0.8 // what is there is seen
	leastLogins = 3.0
)

// span is how far back a chart looks, in how many steps.
type span struct {
	Word, Name string // in the address, and on the tab
	Of         string // "the last 24 hours"
	steps      int
	step       time.Duration
}

var spans = []span{
	{"hour", "By hour", "the last 24 hours", 24, time.Hour},
	{"day", "By day", "the last 30 days", 30, 24 * time.Hour},
	{"week", "By week", "the last 26 weeks", 26, 7 * 24 * time.Hour},
}

// spanned is the span with this word, else the first.
func spanned(word string) span {
	for _, s := range spans {
		if s.Word == word {
			return s
		}
	}
	return spans[0]
}

// begin is when its first step does. Days and weeks are those of now's zone, as far
// as whole hours go, for what comes is counted by the hour; weeks begin on Monday.
func (s span) begin(now time.Time) time.Time {
	_, offset := now.Zone()
	ahead := (time.Duration(offset) * time.Second).Truncate(time.Hour)
	last := now.Add(ahead).Truncate(s.step).Add(-ahead) // of the zero time, which was a Monday
	return last.Add(-time.Duration(s.steps-1) * s.step)
}

// rect is one part of a bar.
type rect struct {
	Class      string
	X, Y, W, H string
}

// bar is what one step shows.
type bar struct {
	Title string
	Rects []rect
}

// chart is what the template draws.
type chart struct {
	Label string   // for those who do not see it
	Scale []string // from the top
	Grid  string   // a path
	Bars  []bar
	Clock []string // along the bottom
}

// step is what came in one stretch of time.
type step struct {
	From             time.Time
	When             string
	Shown, Held      uint64
	Refused          [4]uint64 // in the order of groups; Spam is among them
	RefusedAll       uint64
	Accepted, Denied uint64
}

// group is a colour of what was turned away.
type group struct{ class string }

// The groups, from the line down. What stands in the last is not held against its
// sender.
var groups = [4]group{{"f-block"}, {"f-link"}, {"f-form"}, {"f-rate"}}

// reasonWords are a reason in words, and its group.
type reasonWords struct {
	name, say string
	group     int
}

// reasons has words for every reason of authlog's, which a test holds.
var reasons = map[authlog.Reason]reasonWords{
	authlog.Blocked:     {"Blocked", "By a rule of yours.", 0},
	authlog.NoLink:      {"No link", "The page was read; your post is not linked in it.", 1},
	authlog.BadSource:   {"Bad source", "The source is no page that anybody could read.", 1},
	authlog.Malformed:   {"Malformed", "Not a ping at all, or a broken one.", 2},
	authlog.TooLarge:    {"Too large", "More than a ping can be.", 2},
	authlog.BadMethod:   {"Wrong method", "A request that is no ping.", 2},
	authlog.RateLimited: {"Too many", "Over a budget, or too soon. Not counted against the sender.", 3},
	authlog.NoTarget:    {"No such post", "There is nothing at the address. Not counted against the sender.", 3},
	authlog.Unreachable: {"Unreachable", "The page could not be read. Not counted against the sender.", 3},
	authlog.Duplicate:   {"Own page", "Links between your own posts need no ping. Not counted against the sender.", 3},
	authlog.Gone:        {"Gone", "The page is no more. Not counted against the sender.", 3},
}

// written is the time at which a step begins.
func (s span) written(t time.Time, book *words.Book) string {
	if s.step < 24*time.Hour {
		return t.Format("15:04")
	}
	return book.Date(t, "2 Jan")
}

// sort puts sums into the steps of a span.
func (s span) sort(sums []guard.Sum, begin time.Time, book *words.Book) []step {
	list := make([]step, s.steps)
	for i := range list {
		list[i].From = begin.Add(time.Duration(i) * s.step)
		list[i].When = s.written(list[i].From, book)
	}
	for _, sum := range sums {
		if sum.Stretch < 0 || sum.Stretch >= len(list) {
			continue
		}
		list[sum.Stretch].add(sum)
	}
	return list
}

func (st *step) add(sum guard.Sum) {
	refuse := func(group int) {
		st.Refused[group] += sum.N
		st.RefusedAll += sum.N
	}
	switch {
	case sum.Door == guard.Logins && sum.Outcome == string(authlog.LoggedIn):
		st.Accepted += sum.N
	case sum.Door == guard.Logins:
		st.Denied += sum.N
	case sum.Outcome == guard.Shown:
		st.Shown += sum.N
	case sum.Outcome == guard.Held:
		st.Held += sum.N
	case sum.Outcome == guard.Spam:
		refuse(0)
	case sum.Outcome == guard.Refused:
		refuse(reasons[authlog.Reason(sum.Reason)].group)
	}
}

// pingsChart draws what was heard above the line, and what was turned away below
// it, on a scale of its own.
func pingsChart(s span, steps []step) chart {
	var heard, away uint64
	worst := steps[0]
	for _, st := range steps {
		heard = max(heard, st.Shown+st.Held)
		if away = max(away, st.RefusedAll); st.RefusedAll > worst.RefusedAll {
			worst = st
		}
	}
	up, down := scale(heard), scale(away)
	c := chart{
		Label: fmt.Sprintf("Pings, %s. Heard, above the line: at most %d at a step. Turned away, below it: at most %d.", s.Of, heard, away),
		Scale: []string{fmt.Sprint(up), "0", fmt.Sprint(down / 2), fmt.Sprint(down)},
		Grid:  fmt.Sprintf("M0 .5H240M0 %.1fH240M0 %.1fH240M0 199.5H240", sill/2, sill+(pingsHigh-sill)/2),
		Clock: s.clock(steps),
	}
	if worst.RefusedAll > 0 {
		c.Label += fmt.Sprintf(" Most of them: %s.", worst.When)
	}
	for i, st := range steps {
		b := bar{Title: fmt.Sprintf("%s: %d shown, %d held, %d refused", st.When, st.Shown, st.Held, st.RefusedAll)}
		y := sill
		for _, part := range []struct {
			class string
			n     uint64
		}{{"f-shown", st.Shown}, {"f-held", st.Held}} {
			if h := high(part.n, up, sill); h > 0 {
				y -= h
				b.Rects = append(b.Rects, s.rect(part.class, i, y, h))
			}
		}
		y = sill
		for g, n := range st.Refused {
			if h := high(n, down, pingsHigh-sill); h > 0 {
				b.Rects = append(b.Rects, s.rect(groups[g].class, i, y, h))
				y += h
			}
		}
		if len(b.Rects) > 0 {
			c.Bars = append(c.Bars, b)
		}
	}
	return c
}

// loginsChart draws failed logins, and on top of them those that were accepted.
func loginsChart(s span, steps []step) chart {
	var most, accepted, denied uint64
	for _, st := range steps {
		most = max(most, st.Denied+st.Accepted)
		accepted, denied = accepted+st.Accepted, denied+st.Denied
	}
	top := scale(most)
	c := chart{
		Label: fmt.Sprintf("Logins, %s: %d accepted, %d failed.", s.Of, accepted, denied),
		Scale: []string{fmt.Sprint(top), "0"},
		Grid:  "M0 .5H240",
		Clock: s.clock(steps),
	}
	for i, st := range steps {
		b := bar{Title: fmt.Sprintf("%s: %d accepted, %d failed", st.When, st.Accepted, st.Denied)}
		y := loginsHigh
		if h := high(st.Denied, top, loginsHigh); h > 0 {
			y -= h
			b.Rects = append(b.Rects, s.rect("f-form", i, y, h))
		}
		if st.Accepted > 0 {
			h := max(high(st.Accepted, top, loginsHigh), leastLogins)
			b.Rects = append(b.Rects, s.rect("f-shown", i, max(y-h, 0), h))
		}
		if len(b.Rects) > 0 {
			c.Bars = append(c.Bars, b)
		}
	}
	return c
}

// rect makes the part of bar i that begins at y and is h high.
func (s span) rect(class string, i int, y, h float64) rect {
	slot := chartWidth / float64(s.steps)
	number := func(f float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0") }
	return rect{class, number(slot * (float64(i) + .2)), number(y), number(slot * .6), number(h)}
}

// clock labels five of the steps, the last of which is now.
func (s span) clock(steps []step) []string {
	return []string{steps[0].When, steps[s.steps/4].When, steps[s.steps/2].When, steps[s.steps*3/4].When, "now"}
}

// high is how high n stands where top fills all.
func high(n, top uint64, all float64) float64 {
	if n == 0 {
		return 0
	}
	return max(float64(n)/float64(top)*all, leastHigh)
}

// scale is a round even number that is no less than n.
func scale(n uint64) uint64 {
	for unit := uint64(1); ; unit *= 10 {
		for _, digit := range []uint64{4, 6, 8, 12, 20} {
			if top := digit * unit; top >= n {
				return top
			}
		}
	}
}
