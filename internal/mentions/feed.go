package mentions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/mf2"
	"hark/internal/posts"
	"hark/internal/source"
)

// tellable is the condition that a mention is of what everybody may find. It stands
// in every query whose answer tells of more than one post: what is hidden takes no
// place in it, and is not counted.
var tellable = "(post_id = '' OR " + posts.Findable("mentions.post_id") + ")"

// Latest reads the newest of what others say and is shown: of one post, with an
// empty key of the site as a whole, or of everything that everybody may find.
func (i *Inbox) Latest(ctx context.Context, postID string, all bool, limit int) ([]*Mention, error) {
	where, args := "post_id = $1", []any{postID}
	if all {
		where, args = tellable, nil
	}
	return i.shown(ctx, fmt.Sprintf(`
		SELECT %s FROM mentions
		WHERE state = 'shown' AND via <> 'own' AND %s
		ORDER BY %s
		LIMIT %d`, shownColumns, where, ByReceived.sorted(false, !all), limit), args...)
}

// Number is the mention's name for programs that want a whole number. Numbers
// are in the order in which mentions came.
func (m *Mention) Number() int64 { return database.Number(m.ID) }

// Text is what the words say, in one line without markup.
func (c *Content) Text() string { return source.Text(string(c.HTML)) }

// Order is by what a selection is sorted.
type Order int

// The orders. What has the same place in one of them is sorted by when it came.
const (
	ByReceived Order = iota
	ByPublished
	ByVerified
	ByRSVP // no, interested, maybe, yes
)

// receivedAt is the time at which mentions came. Among few it is written so that
// no index knows it: SQLite would walk through the mentions of the whole site,
// which an index has in that order, to find those few.
func receivedAt(few bool) string {
	if few {
		return "received_at + 0"
	}
	return "received_at"
}

// stateOf is the state of mentions, written in the same way among few: most mentions
// of a site are shown, but to SQLite a state is as good as a key.
func stateOf(few bool) string {
	if few {
		return "state || ''"
	}
	return "state"
}

// sorted is what stands behind ORDER BY.
func (o Order) sorted(oldest, few bool) string {
	direction := " DESC"
	if oldest {
		direction = " ASC"
	}
	received := receivedAt(few) + direction + ", id" + direction
	switch o {
	case ByPublished:
		return "CASE WHEN published_at = 0 THEN received_at ELSE published_at END" + direction + ", " + received
	case ByVerified:
		return "verified_at" + direction + ", " + received
	case ByRSVP:
		return "CASE rsvp WHEN 'yes' THEN 4 WHEN 'maybe' THEN 3 WHEN 'interested' THEN 2 WHEN 'no' THEN 1 ELSE 0 END" + direction + ", " + received
	}
	return received
}

// Selection says which of the shown mentions by others a program wants. Zero
// fields do not narrow it. Those of posts that not everybody may find are not among
// them.
type Selection struct {
	Targets       []string   // addresses of ours; those that name nothing have no mentions
	Kinds         []mf2.Kind //
	Since         time.Time  // received later
	After, Before int64      // with a greater number; with a lesser one, if it is not zero
	By            Order
	Oldest        bool // or least first, instead of last
	Limit, Offset int
}

// mostSelected bounds among how many mentions a program can pick and sort. They
// are the newest, or the oldest where those come first.
const mostSelected = 10_000

// Select reads what a program wants.
func (i *Inbox) Select(ctx context.Context, s Selection) ([]*Mention, error) {
	where, args, few, err := i.narrow(ctx, s)
	if err != nil || where == "" {
		return nil, err
	}
	order, among := s.By.sorted(s.Oldest, few), ByReceived.sorted(s.Oldest && s.By == ByReceived, few)
	kinds, args := inKinds(s.Kinds, args)
	args = append(args, s.Limit, s.Offset)
	part := fmt.Sprintf("LIMIT $%d OFFSET $%d", len(args)-1, len(args))
	if s.By == ByReceived && len(s.Kinds) == 0 {
		return i.shown(ctx, fmt.Sprintf("SELECT %s FROM mentions WHERE %s ORDER BY %s %s", shownColumns, where, order, part), args...)
	}
	return i.shown(ctx, fmt.Sprintf(`
		SELECT %s FROM mentions
		WHERE id IN (
			SELECT id FROM (
				SELECT id, kind, rsvp, received_at, published_at, verified_at FROM mentions
				WHERE %s
				ORDER BY %s
				LIMIT %d) AS newest
			WHERE %s
			ORDER BY %s
			%s)
		ORDER BY %s`, shownColumns, where, among, mostSelected, kinds, order, part, order), args...)
}

// narrow is the condition of a selection but for its kinds, and tells whether it leaves
// only few; it is empty if nothing can be meant.
func (i *Inbox) narrow(ctx context.Context, s Selection) (where string, args []any, few bool, err error) {
	parts := []string{"state = 'shown'", "via <> 'own'"}
	if len(s.Targets) > 0 {
		if args, err = i.tellableSubjects(ctx, s.Targets); err != nil || len(args) == 0 {
			return "", nil, false, err
		}
		if few, err = i.areFew(ctx, args); err != nil {
			return "", nil, false, err
		}
		parts = append(parts, "post_id IN ("+database.In(1, len(args))+")")
	} else {
		parts = append(parts, tellable)
	}
	received := receivedAt(few)
	if !s.Since.IsZero() {
		args = append(args, s.Since.Unix())
		parts = append(parts, fmt.Sprintf("%s > $%d", received, len(args)))
	}
	// By number, and by time too, so that an index of times finds them.
	if s.After > 0 {
		args = append(args, database.AfterNumber(s.After), database.NumberTime(s.After).Unix()-60)
		parts = append(parts, fmt.Sprintf("id >= $%d AND %s >= $%d", len(args)-1, received, len(args)))
	}
	if s.Before > 0 {
		args = append(args, database.AfterNumber(s.Before-1), database.NumberTime(s.Before).Unix()+60)
		parts = append(parts, fmt.Sprintf("id < $%d AND %s <= $%d", len(args)-1, received, len(args)))
	}
	return strings.Join(parts, " AND "), args, few, nil
}

// mostFew is up to how many mentions are sorted rather than looked for among those of
// the whole site, which lie in the order of their arrival.
const mostFew = 2000

// areFew tells whether there are only few shown mentions of these.
func (i *Inbox) areFew(ctx context.Context, subjects []any) (few bool, err error) {
	var n int
	err = i.db.QueryRow(ctx, fmt.Sprintf("SELECT COUNT(*) FROM (SELECT 1 FROM mentions WHERE post_id IN (%s) AND state = 'shown' LIMIT %d) AS first",
		database.In(1, len(subjects)), mostFew+1), subjects...).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("count mentions: %w", err)
	}
	return n <= mostFew, nil
}

// tellableSubjects are subjects without the posts that not everybody may find.
func (i *Inbox) tellableSubjects(ctx context.Context, addresses []string) (keys []any, err error) {
	all, err := i.subjects(ctx, addresses)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, key := range all {
		ids = append(ids, key.(string))
	}
	named, err := i.posts.Named(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, key := range all {
		if named[key.(string)] != nil || key == "" {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// subjects are the keys of what addresses name, each once; that of the site is
// empty.
func (i *Inbox) subjects(ctx context.Context, addresses []string) ([]any, error) {
	p, err := i.policy(ctx)
	if err != nil {
		return nil, err
	}
	var keys []any
	known := map[string]bool{}
	for _, address := range addresses {
		to, err := i.resolve(ctx, p, address)
		if refusal := (*Refusal)(nil); errors.As(err, &refusal) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !known[to.post] {
			known[to.post] = true
			keys = append(keys, to.post)
		}
	}
	return keys, nil
}

func inKinds(kinds []mf2.Kind, args []any) (string, []any) {
	if len(kinds) == 0 {
		return "TRUE", args
	}
	first := len(args) + 1
	for _, kind := range kinds {
		args = append(args, string(kind))
	}
	return "kind IN (" + database.In(first, len(kinds)) + ")", args
}

// Numbers counts what others say of the targets and is shown: by kind, and
// answers to an invitation by what they say. Of what not everybody may find it
// counts nothing.
func (i *Inbox) Numbers(ctx context.Context, targets ...string) (*Answers, error) {
	a := &Answers{Counts: map[mf2.Kind]int{}, RSVPed: map[string]int{}}
	subjects, err := i.subjects(ctx, targets)
	if err != nil || len(subjects) == 0 {
		return a, err
	}
	return a, i.count(ctx, a, "post_id IN ("+database.In(1, len(subjects))+") AND via <> 'own' AND "+tellable, subjects...)
}
