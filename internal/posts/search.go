package posts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/queue"
	"hark/internal/zone"
)

// ErrSlow says that a search was given up, because it took too long.
var ErrSlow = errors.New("the search took too long")

const (
	searchPatience = 400 * time.Millisecond
	mostTitled     = 40 // hits in a title that come before all others
)

// Search finds posts, those with all words in their title first, else the newest:
// limit of them after the first skip. It tells whether there are more.
//
// Nothing is ranked by how often a word occurs. That would have to look at every
// post that has the word, while the newest are found by looking at them alone.
func (s *Store) Search(ctx context.Context, q Query, skip, limit int) (found []*Post, more bool, err error) {
	in, err := s.settings.Zone(ctx)
	if err != nil {
		return nil, false, err
	}
	q.From, q.To = momentOf(q.From, in), momentOf(q.To, in)
	ctx, cancel := context.WithTimeout(ctx, searchPatience)
	defer cancel()
	select {
	case s.searching <- struct{}{}: // one at a time, so that the others have the machine
		defer func() { <-s.searching }()
	case <-ctx.Done():
		return nil, false, ErrSlow
	}
	found, more, err = s.search(ctx, q, skip, limit)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, false, ErrSlow
	}
	return found, more, err
}

// momentOf is when a day begins in a zone; zero for none.
func momentOf(day time.Time, in *time.Location) time.Time {
	if day.IsZero() {
		return day
	}
	return zone.Midnight(day.Year(), day.Month(), day.Day(), in)
}

func (s *Store) search(ctx context.Context, q Query, skip, limit int) ([]*Post, bool, error) {
	titled, err := s.titled(ctx, q)
	if err != nil {
		return nil, false, err
	}
	newest, err := s.searched(ctx, q, false, skip+limit+1+len(titled))
	if err != nil {
		return nil, false, err
	}
	all := merge(titled, newest)
	all = all[min(skip, len(all)):]
	more := len(all) > limit
	found, err := s.inOrder(ctx, q, all[:min(limit, len(all))])
	return found, more, err
}

// titled are the posts that have all words in their title.
func (s *Store) titled(ctx context.Context, q Query) ([]string, error) {
	if len(q.Terms) == 0 {
		return nil, nil
	}
	return s.searched(ctx, q, true, mostTitled)
}

// searched asks the index for the keys of the newest that fit.
func (s *Store) searched(ctx context.Context, q Query, title bool, limit int) ([]string, error) {
	query, match := searchSQLite, q.sqlite
	if s.db.Postgres() {
		query, match = searchPostgres, q.postgres
	}
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !q.From.IsZero() {
		from = slot(q.From)
	}
	if !q.To.IsZero() {
		to = slot(q.To)
	}
	rows, err := s.db.Query(ctx, query, match(title), from, to, limit, q.All)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	ids, err := database.Column(rows)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return ids, nil
}

// merge is the first list, then what the second has beyond it.
func merge(first, second []string) []string {
	seen := map[string]bool{}
	var all []string
	for _, list := range [][]string{first, second} {
		for _, id := range list {
			if !seen[id] {
				seen[id] = true
				all = append(all, id)
			}
		}
	}
	return all
}

// inOrder reads posts in the order of their keys.
func (s *Store) inOrder(ctx context.Context, q Query, ids []string) ([]*Post, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	of := make(map[string]*Post, len(ids))
	among, args := database.Among(ids)
	read, err := s.read(ctx, "SELECT "+columns+" FROM posts WHERE id IN ("+among+")", args...)
	if err != nil {
		return nil, fmt.Errorf("read what was found: %w", err)
	}
	for _, p := range read {
		of[p.ID] = p
	}
	found := make([]*Post, 0, len(read))
	for _, id := range ids {
		if p := of[id]; p != nil && (q.All || p.Listed()) { // it may have been hidden meanwhile
			found = append(found, p)
		}
	}
	return found, s.readTags(ctx, found...)
}

// slot is the first of the index's numbers for a second.
func slot(t time.Time) int64 { return t.Unix() << 20 }

// index keeps what a post is found by. One that was deleted is found no more.
func (s *Store) index(tx *database.Tx, p *Post) error {
	if _, err := tx.Exec("DELETE FROM searched WHERE post_id = $1", p.ID); err != nil {
		return fmt.Errorf("index post: %w", err)
	}
	if p.Status == Deleted {
		return nil
	}
	at := p.Published
	if at.IsZero() {
		at = p.Created
	}
	var n int64
	err := tx.QueryRow("SELECT coalesce(max(number) + 1, $1) FROM searched WHERE number >= $1 AND number < $2", slot(at), slot(at.Add(time.Second))).Scan(&n)
	if err != nil {
		return fmt.Errorf("index post: %w", err)
	}
	insert := indexSQLite
	if s.db.Postgres() {
		insert = indexPostgres
	}
	if err := insert(tx, n, p.ID, p.entry()); err != nil {
		return fmt.Errorf("index post: %w", err)
	}
	return nil
}

// entry is what the index keeps of a post: words, and marks that no word can be.
type entry struct{ title, text, marks []string }

// maxIndexed bounds the words of one post in bytes: PostgreSQL takes no more.
const maxIndexed = 400 << 10

func (p *Post) entry() entry {
	e := entry{title: keys(p.Title, maxIndexed), marks: []string{anyMark, kindMark(p.Kind), authorMark(p.AuthorID)}}
	text := p.Name() + "\n" + strings.Join(p.AllTags(), "\n") + "\n" + PlainText(string(p.HTML))
	for _, files := range [][]File{p.Photos(), p.Videos(), p.Audios()} {
		for _, f := range files {
			text += "\n" + f.Alt
		}
	}
	e.text = keys(text, maxIndexed)
	for _, tag := range p.AllTags() {
		e.marks = append(e.marks, tagMark(TagKey(tag)))
	}
	return e
}

func keys(text string, most int) (keys []string) {
	for _, w := range firstWords(text, most) {
		if most -= len(w.key) + aroundKey; most < 0 {
			break
		}
		if w.key != "" {
			keys = append(keys, w.key)
		}
	}
	return keys
}

// What a post is found by beside its words begins with a sign that is no letter.
// Every post has anyMark.
const anyMark = "ⓟ"

func kindMark(k Kind) string       { return "ⓚ" + string(k) }
func authorMark(key string) string { return "ⓐ" + key }
func tagMark(key string) string    { return "ⓣ" + noSeparators.Replace(key) }

// noSeparators writes what would part a mark.
var noSeparators = strings.NewReplacer("-", "‐", "_", "‿", "+", "＋")

// demands are the marks of which a post needs one each.
func (q *Query) demands() (all [][]string) {
	for _, tag := range q.Tags {
		all = append(all, []string{tagMark(tag)})
	}
	for _, kind := range q.Kinds {
		all = append(all, []string{kindMark(kind)})
	}
	var authors []string
	for _, key := range q.Authors {
		authors = append(authors, authorMark(key))
	}
	if len(authors) > 0 {
		all = append(all, authors)
	}
	return all
}

// toIndex is the job that reads posts from before there was an index, with the key
// of the last one read as its payload.
const toIndex queue.Kind = "index"

// indexBatch is how many posts are read in one transaction.
const indexBatch = 50

// indexMore reads some posts and leaves the job for those that follow.
func (s *Store) indexMore(ctx context.Context, job queue.Job) error {
	var after string
	if err := json.Unmarshal(job.Payload, &after); err != nil {
		return queue.Permanent(err)
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		ids, err := idsAfter(tx, after)
		if err != nil || len(ids) == 0 {
			return err
		}
		for _, id := range ids {
			if err := s.indexAgain(tx, id); err != nil {
				return err
			}
		}
		return s.queue.Enqueue(tx, toIndex, ids[len(ids)-1])
	})
}

func idsAfter(tx *database.Tx, after string) (ids []string, err error) {
	rows, err := tx.Query(fmt.Sprintf("SELECT id FROM posts WHERE id > $1 ORDER BY id LIMIT %d", indexBatch), after)
	if err != nil {
		return nil, err
	}
	return database.Column(rows)
}

// indexAgain keeps what a post is found by, as it stands in the transaction.
func (s *Store) indexAgain(tx *database.Tx, id string) error {
	p, err := whole(tx, id)
	if err != nil {
		return err
	}
	return s.index(tx, p)
}
