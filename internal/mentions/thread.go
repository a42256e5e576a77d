package mentions

import (
	"context"
	"fmt"
	"slices"

	"hark/internal/database"
)

const (
	deepest     = 8   // answers within answers; what goes deeper stands beside its parent
	mostWithin  = 200 // answers in one conversation; what comes later begins one of its own
	mostBeneath = 200 // answers to one of our own answers that are shown in a thread
	ownRounds   = 4   // of our own answers within answers
)

// tree is conversations under way.
type tree struct {
	roots []*Thread
	nodes map[string]*Thread // by the spelling of each address that names it
}

// newTree sorts answers, oldest first, into the conversations they make: each
// beneath the one it answers, if that is shown too.
func newTree(list []*Mention) *tree {
	t := &tree{nodes: map[string]*Thread{}}
	threads := make([]*Thread, len(list))
	for n, m := range list {
		threads[n] = t.know(m)
	}
	for _, thread := range slices.Backward(threads) {
		thread.join(t.nodes[thread.ReplyTo])
	}
	for _, thread := range threads {
		if thread.parent != nil {
			thread.parent.Answers = append(thread.parent.Answers, thread)
		} else {
			t.roots = append(t.roots, thread)
		}
	}
	return t
}

// know makes an answer known by its addresses. Ours is kept by its post's key,
// and others answer its address.
func (t *tree) know(m *Mention) *Thread {
	thread := &Thread{Mention: m, size: 1}
	t.nodes[m.key] = thread
	if m.Via == Own {
		t.nodes[sourceKey(m.Source)] = thread
	}
	return thread
}

// join puts a thread beneath the answer it answers, unless that stands beneath
// it: of those that answer one another in a circle, the oldest begins.
func (t *Thread) join(parent *Thread) {
	if t.ReplyTo == "" || parent == nil {
		return
	}
	root := parent.root()
	if root == t || root.size+t.size > mostWithin {
		return
	}
	t.parent, t.up = parent, root
	root.size += t.size
}

// root is where the conversation begins so far. The ways there become shorter
// each time they are gone.
func (t *Thread) root() *Thread {
	for t.up != nil {
		if t.up.up != nil {
			t.up = t.up.up
		}
		t = t.up
	}
	return t
}

// onPage are the conversations of one page, and how many pages they make. One
// is never split.
func (t *tree) onPage(page int) (roots []*Thread, pages int) {
	full := 0
	for pages = 1; ; {
		for len(t.roots) > 0 && (full == 0 || full+t.roots[0].size <= repliesOnPage) {
			if pages == page {
				roots = append(roots, t.roots[0])
			}
			full += t.roots[0].size
			t.roots = t.roots[1:]
		}
		if len(t.roots) == 0 {
			return roots, pages
		}
		pages, full = pages+1, 0
	}
}

// threadsOf reads the conversations of one page. Of all answers only their names
// are read, of those on the page everything.
func (i *Inbox) threadsOf(ctx context.Context, postID string, page int) (t *tree, pages int, err error) {
	names, err := i.names(ctx, postID)
	if err != nil {
		return nil, 0, err
	}
	t = newTree(names)
	t.roots, pages = t.onPage(page)
	of := map[string]*Thread{}
	for _, root := range t.roots {
		root.gather(of)
	}
	return t, pages, i.fill(ctx, of)
}

func (i *Inbox) names(ctx context.Context, postID string) ([]*Mention, error) {
	rows, err := i.db.Query(ctx, `
		SELECT id, source_key, reply_key, via, source, published_at FROM mentions
		WHERE post_id = $1 AND state = 'shown' AND kind IN ('reply', 'reaction')
		ORDER BY published_at, id`, postID)
	if err != nil {
		return nil, fmt.Errorf("list answers: %w", err)
	}
	defer rows.Close()
	var list []*Mention
	for rows.Next() {
		var m Mention
		var via string
		var published int64
		if err := rows.Scan(&m.ID, &m.key, &m.ReplyTo, &via, &m.Source, &published); err != nil {
			return nil, err
		}
		m.Via, m.Published = Via(via), database.Time(published)
		list = append(list, &m)
	}
	return list, rows.Err()
}

// gather lists a thread and all beneath it by their keys.
func (t *Thread) gather(of map[string]*Thread) {
	of[t.ID] = t
	for _, a := range t.Answers {
		a.gather(of)
	}
}

// fill reads the mentions of which only the names are known.
func (i *Inbox) fill(ctx context.Context, of map[string]*Thread) error {
	ids := make([]any, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	for some := range slices.Chunk(ids, 500) {
		list, err := i.shown(ctx, "SELECT "+shownColumns+" FROM mentions WHERE id IN ("+database.In(1, len(some))+")", some...)
		if err != nil {
			return err
		}
		for _, m := range list {
			*of[m.ID].Mention = *m
		}
	}
	return nil
}

// deepen puts beneath our own answers what others have answered to them, on
// those posts' own pages.
func (i *Inbox) deepen(ctx context.Context, a *Answers, t *tree) error {
	of := map[string]*Thread{}
	for _, root := range a.Threads {
		root.gather(of)
	}
	done := map[string]bool{}
	for range ownRounds {
		own := ownPosts(of, done)
		if len(own) == 0 {
			break
		}
		if err := i.beneath(ctx, own, t, of); err != nil {
			return err
		}
	}
	for id := range done {
		a.Posts = append(a.Posts, id)
	}
	slices.Sort(a.Posts)
	for _, root := range a.Threads {
		root.flatten(1)
	}
	return nil
}

// ownPosts finds our own answers whose post was not looked at yet.
func ownPosts(of map[string]*Thread, done map[string]bool) map[string]*Thread {
	own := map[string]*Thread{}
	for _, thread := range of {
		if post := thread.ownPost(); post != "" && !done[post] {
			done[post], own[post] = true, thread
		}
	}
	return own
}

// beneath reads the answers to our own answers, and puts each where it belongs on
// this page, unless it stands in the thread already.
func (i *Inbox) beneath(ctx context.Context, own map[string]*Thread, t *tree, of map[string]*Thread) error {
	var args []any
	for id := range own {
		args = append(args, id)
	}
	slices.SortFunc(args, func(a, b any) int { return len(a.(string)) - len(b.(string)) })
	list, err := i.shown(ctx, `
		SELECT `+shownColumns+` FROM mentions
		WHERE post_id IN (`+database.In(1, len(args))+`) AND state = 'shown' AND kind IN ('reply', 'reaction')
		ORDER BY published_at, id
		LIMIT `+fmt.Sprint(mostBeneath), args...)
	if err != nil {
		return err
	}
	for _, m := range list {
		if t.nodes[m.key] != nil {
			continue
		}
		thread := t.know(m)
		of[m.ID] = thread
		parent := t.nodes[m.ReplyTo]
		if m.ReplyTo == "" || parent == nil || parent == thread || of[parent.ID] == nil {
			parent = own[m.PostID]
		}
		parent.Answers = append(parent.Answers, thread)
	}
	return nil
}

// ownPost is the key of our post whose words these are, empty if they are not ours.
func (m *Mention) ownPost() string {
	if m.Via != Own {
		return ""
	}
	return m.key[len(ownKey("")):]
}

// flatten bounds how deep answers stand within answers.
func (t *Thread) flatten(depth int) {
	for n := 0; n < len(t.Answers); n++ {
		answer := t.Answers[n]
		if depth+1 >= deepest && len(answer.Answers) > 0 {
			t.Answers = slices.Insert(t.Answers, n+1, answer.Answers...)
			answer.Answers = nil
		}
		answer.flatten(depth + 1)
	}
}
