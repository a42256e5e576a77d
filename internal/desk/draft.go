package desk

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"hark/internal/posts"
	"hark/internal/zone"
)

// draft is what stands in the fields of the editor, as it was typed.
type draft struct {
	ID, Version     string // empty for a new post
	Template        string // that a new one began with
	Copy, Base      string // by which the working copy of a new post is kept; its version as it was read
	Tab, At         string // that sends the form, and when by its clock; empty without a script
	Title           string
	Text            string
	Kind            posts.Kind // that the form was set up for; the post says itself what it is
	Tags            string
	As, InReplyTo   string // how it speaks to a page (see responding), and to which
	Slug, Published string
	Zone            string // in which Published is written; empty: UTC
	Visibility      string // as posts.Visibility, or forPeople; empty: as it is
	Audience        string // of those, an address a line
	Answers         string // "yes" where it takes them, "no" where not; empty: as it is

	More            bool // the form has the fields that follow; else they stay as they are
	Lang, Series    string
	Pinned, OwnPage bool

	Happens happens // when and where

	Copying     bool       // the form has ticks for the places that can copy the post
	CopyTo      []string   // those that are ticked
	HasAttached bool       // the form has fields for the files that the post shows; else they stay as they are
	Attached    []attached // those files

	Links  []string // those that the form listed with a switch; none for one that knows nothing of it
	Spared []string // those of them that are switched off: they are not told
	Asked  []string // pages that are being looked at
}

// typed reads the fields of the editor.
func typed(fields url.Values) draft {
	return draft{
		ID: fields.Get("id"), Version: fields.Get("version"), Copy: fields.Get("copy"), Base: fields.Get("base"), Tab: fields.Get("tab"), At: fields.Get("at"), Template: fields.Get("template"),
		Kind: kindNamed(fields.Get("kind")), Title: fields.Get("title"), Text: fields.Get("text"), Tags: fields.Get("tags"),
		As: fields.Get("as"), InReplyTo: fields.Get("in-reply-to"), Slug: fields.Get("slug"), Published: fields.Get("published"), Zone: fields.Get("zone"),
		Visibility: fields.Get("visibility"), Audience: fields.Get("audience"), Answers: ticked(fields["answers"]),
		More: fields.Has("more"), Lang: fields.Get("lang"), Series: fields.Get("series"), Pinned: fields.Has("pinned"), OwnPage: fields.Has("page"),
		Happens: happensIn(fields), HasAttached: fields.Has("attachable"), Attached: attachedIn(fields),
		Copying: fields.Has("copying"), CopyTo: fields["copy-to"],
		Links: fields["link"], Spared: without(fields["link"], fields["tell"]), Asked: fields["asked"],
	}
}

// without are those of all that are not among others.
func without(all, others []string) (rest []string) {
	for _, one := range all {
		if !slices.Contains(others, one) {
			rest = append(rest, one)
		}
	}
	return rest
}

// ticked reads a checkbox that stands behind a hidden field of its name, so that
// an empty one can be told from a form that has none.
func ticked(values []string) string {
	switch {
	case slices.Contains(values, "yes"):
		return "yes"
	case len(values) > 0:
		return "no"
	}
	return ""
}

// Closed tells whether the post is to take no more answers.
func (f draft) Closed() bool { return f.Answers == "no" }

// Placed tells whether it stands elsewhere than most posts do.
func (f draft) Placed() bool { return f.Pinned || f.OwnPage }

// moment is how a date field writes a time (HTML §2.3.5.5).
const moment = "2006-01-02T15:04:05"

// draftOf fills the fields with what is kept of a post.
func (d *Desk) draftOf(p *posts.Post) draft {
	zone := d.settings.KnownZone()
	f := draft{
		Zone: zone.String(),
		ID:   p.ID, Version: strconv.FormatInt(p.Version, 10),
		Title: p.Title, Text: p.Content, Tags: strings.Join(p.Tags, ", "),
		Slug: p.Slug, More: true, Lang: p.Lang, Series: p.Series, Pinned: p.Pinned, OwnPage: p.Apart,
	}
	f.As, f.InReplyTo = responseOf(p)
	f.Happens = happensOf(p)
	f.Copying, f.CopyTo = true, p.CopiesTo()
	f.HasAttached, f.Attached = true, attachedOf(p)
	if f.Slug == "" && p.Path != "" {
		f.Slug = path.Base(p.Path)
	}
	if !p.Published.IsZero() {
		f.Published = p.Published.In(zone).Format(moment)
	}
	f.Visibility, f.Audience = seenByOf(p), strings.Join(p.Audience, "\n")
	if f.Answers = "yes"; p.Closed {
		f.Answers = "no"
	}
	return f
}

// onto writes the fields into a post. What has no field stays as it is.
func (f draft) onto(p *posts.Post) error {
	p.Title, p.Content, p.Tags, p.Slug = f.Title, f.Text, strings.Split(f.Tags, ","), f.Slug
	if version, err := strconv.ParseInt(f.Version, 10, 64); err == nil {
		p.Version = version
	} else {
		p.Version = 0
	}
	wrong := f.let(p)
	if f.Answers != "" {
		p.Closed = f.Closed()
	}
	if f.More {
		p.Lang, p.Series, p.Pinned, p.Apart = strings.TrimSpace(f.Lang), strings.TrimSpace(f.Series), f.Pinned, f.OwnPage
	}
	if len(f.Links) > 0 { // the form decides about what it has listed, and about nothing else
		p.Quiet = append(slices.Clone(f.Spared), without(p.Quiet, f.Links)...)
	}
	p.Properties = maps.Clone(p.Properties)
	if p.Properties == nil {
		p.Properties = posts.Properties{}
	}
	f.respond(p)
	f.copyTo(p)
	f.attach(p)
	return cmp.Or(wrong, f.Happens.onto(p), f.date(p))
}

// forPeople is what the form calls a private post that names those who may read it.
const forPeople = "people"

// seenByOf is what the form calls whoever may see a post.
func seenByOf(p *posts.Post) string {
	if len(p.Audience) > 0 {
		return forPeople
	}
	return cmp.Or(string(p.Visibility), string(posts.Public))
}

// let says in the post who may see it. Where people are typed and something else is
// chosen, nobody can know what is meant: what is for a few must not come out for all.
func (f draft) let(p *posts.Post) error {
	people := strings.TrimSpace(f.Audience) != ""
	switch {
	case f.Visibility == "":
	case f.Visibility == forPeople && !people:
		return &posts.Invalid{Field: "audience", Text: "For whom? Write the address of their site, or choose who else may see it."}
	case f.Visibility == forPeople:
		p.Visibility, p.Audience = posts.Private, strings.Split(f.Audience, "\n")
	case people:
		return &posts.Invalid{Field: "audience", Text: "People are named here, and something else is chosen. Choose ‘They, and these people’, or empty this field."}
	default:
		p.Visibility, p.Audience = posts.Visibility(f.Visibility), nil
	}
	return nil
}

// date reads when the post was published; an empty field leaves that open, and one
// that still shows when it was leaves it so, to the second time of an hour that
// comes twice. Of such an hour the first is meant otherwise.
func (f draft) date(p *posts.Post) error {
	written := strings.TrimSpace(f.Published)
	if written == "" {
		return nil
	}
	in, err := zone.Load(f.Zone)
	if err != nil {
		return &posts.Invalid{Field: "published", Text: "hark does not know the time zone in which this is written. Load the page again."}
	}
	clock, day, ok := readClock(written)
	if !ok {
		return &posts.Invalid{Field: "published", Text: "A day and time are written like 2026-11-23 08:00."}
	}
	moments := zone.Moments(clock, in)
	switch {
	case !p.Published.IsZero() && zone.Clock(p.Published, in).Equal(clock):
	case day:
		p.Published = zone.Midnight(clock.Year(), clock.Month(), clock.Day(), in)
	case len(moments) == 0:
		return &posts.Invalid{Field: "published", Text: skipped(clock, in)}
	default:
		p.Published = moments[0]
	}
	return nil
}

// readClock reads what a clock shows, or a day alone.
func readClock(written string) (clock time.Time, day, ok bool) {
	for _, form := range []string{moment, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.Parse(form, written); err == nil {
			return at, form == time.DateOnly, true
		}
	}
	return clock, false, false
}

// skipped says why there is no such time.
func skipped(clock time.Time, in *time.Location) string {
	leap := zone.Leap(clock, in)
	before := zone.Clock(leap.Add(-time.Second), in).Add(time.Second)
	return fmt.Sprintf("There is no %s on %s in %s: the clocks go from %s to %s then. Choose another time.",
		clock.Format("15:04"), clock.Format("2 January 2006"), in, before.Format("15:04"), zone.Clock(leap, in).Format("15:04"))
}

// twice says which of two times is meant, where the clocks go back and show one
// time twice; else it is empty.
func (f draft) twice(p *posts.Post) string {
	in, err := zone.Load(f.Zone)
	clock, day, ok := readClock(strings.TrimSpace(f.Published))
	if err != nil || !ok || day {
		return ""
	}
	moments := zone.Moments(clock, in)
	switch {
	case len(moments) < 2:
		return ""
	case p.Published.Equal(moments[1]):
		return "The clocks go back then, and this time comes twice; it is the second."
	}
	return "The clocks go back then, and this time comes twice; the first is meant."
}
