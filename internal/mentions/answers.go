package mentions

import (
	"context"
	"fmt"
	"slices"

	"hark/internal/database"
	"hark/internal/mf2"
)

// Answers are the shown mentions of one post, sorted as they are read: rows of
// faces first, then conversations, then the places that mention it. What does
// not fit on one page stands on further ones, the oldest on the first.
type Answers struct {
	Likes, Reposts, Bookmarks, RSVPs []*Mention
	Threads                          []*Thread  // replies and reactions
	Mentions                         []*Mention // plain links and tags

	Counts map[mf2.Kind]int // of all pages
	RSVPed map[string]int   // of all pages, by answer
	Pages  int              // 1 where everything fits
	Posts  []string         // the keys of our other posts of which something is shown
}

// Thread is an answer with the answers it got.
type Thread struct {
	*Mention
	Answers []*Thread

	parent, up *Thread // what it answers; and, for those who ask, nearer to the root
	size       int     // of a root: how many answers its conversation has
}

// Count is how many there are, on all pages.
func (a *Answers) Count() (n int) {
	for _, of := range a.Counts {
		n += of
	}
	return n
}

// How much stands on one page where not everything does.
const (
	wholePage      = 200 // up to so many answers stand on one
	repliesOnPage  = 100 // in whole conversations
	facesOnPage    = 100 // of a kind
	mentionsOnPage = 50
)

// Answers reads a page of what is shown beneath a post, or with no key of what is
// said of the site as a whole; page counts from 1.
func (i *Inbox) Answers(ctx context.Context, postID string, page int) (*Answers, error) {
	list, err := i.shown(ctx, `
		SELECT `+shownColumns+` FROM mentions
		WHERE post_id = $1 AND state = 'shown'
		LIMIT $2`, postID, wholePage+1)
	if err != nil {
		return nil, err
	}
	if len(list) > wholePage {
		return i.manyAnswers(ctx, postID, page)
	}
	slices.SortFunc(list, bySaying) // here and not by the database, which would copy every row
	a := &Answers{Counts: map[mf2.Kind]int{}, RSVPed: map[string]int{}, Pages: 1}
	var replies []*Mention
	for _, m := range list {
		a.Counts[m.Kind]++
		if row := a.row(m.Kind); row != nil {
			*row = append(*row, m)
		} else {
			replies = append(replies, m)
		}
		if m.Kind == mf2.RSVP {
			a.RSVPed[m.RSVP]++
		}
	}
	t := newTree(replies)
	a.Threads = t.roots
	return a, i.deepen(ctx, a, t)
}

// row is where mentions of a kind stand, nil for those that make threads.
func (a *Answers) row(kind mf2.Kind) *[]*Mention {
	switch kind {
	case mf2.Like:
		return &a.Likes
	case mf2.Repost:
		return &a.Reposts
	case mf2.Bookmark:
		return &a.Bookmarks
	case mf2.RSVP:
		return &a.RSVPs
	case mf2.Reply, mf2.Reaction:
		return nil
	}
	return &a.Mentions
}

// manyAnswers reads one page of more than stand on one.
func (i *Inbox) manyAnswers(ctx context.Context, postID string, page int) (*Answers, error) {
	a := &Answers{Counts: map[mf2.Kind]int{}, RSVPed: map[string]int{}}
	if err := i.count(ctx, a, "post_id = $1", postID); err != nil {
		return nil, err
	}
	t, pages, err := i.threadsOf(ctx, postID, page)
	if err != nil {
		return nil, err
	}
	a.Threads, a.Pages = t.roots, pages
	for kind, n := range a.Counts {
		row, size := a.row(kind), facesOnPage
		if row == nil {
			continue
		}
		if row == &a.Mentions {
			size = mentionsOnPage
		}
		a.Pages = max(a.Pages, (n+size-1)/size)
		some, err := i.shown(ctx, `
			SELECT `+shownColumns+` FROM mentions
			WHERE post_id = $1 AND state = 'shown' AND kind = $2
			ORDER BY published_at, id
			LIMIT $3 OFFSET $4`, postID, string(kind), size, (page-1)*size)
		if err != nil {
			return nil, err
		}
		*row = append(*row, some...)
	}
	slices.SortFunc(a.Mentions, bySaying) // they are of several kinds
	return a, i.deepen(ctx, a, t)
}

// count counts the shown mentions that a condition narrows.
func (i *Inbox) count(ctx context.Context, a *Answers, where string, args ...any) error {
	rows, err := i.db.Query(ctx, "SELECT kind, rsvp, count(*) FROM mentions WHERE "+where+" AND state = 'shown' GROUP BY kind, rsvp", args...)
	if err != nil {
		return fmt.Errorf("count answers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, rsvp string
		var n int
		if err := rows.Scan(&kind, &rsvp, &n); err != nil {
			return err
		}
		a.Counts[mf2.Kind(kind)] += n
		if mf2.Kind(kind) == mf2.RSVP {
			a.RSVPed[rsvp] += n
		}
	}
	return rows.Err()
}

// Counts is how many answers are shown beneath each of the posts.
func (i *Inbox) Counts(ctx context.Context, postIDs ...string) (map[string]int, error) {
	counts := make(map[string]int, len(postIDs))
	if len(postIDs) == 0 {
		return counts, nil
	}
	list, args := database.Among(postIDs)
	rows, err := i.db.Short(ctx, `
		SELECT post_id, count(*) FROM mentions
		WHERE state = 'shown' AND post_id IN (`+list+`)
		GROUP BY post_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("count answers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		counts[id] = n
	}
	return counts, rows.Err()
}
