package posts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/zone"
)

// Moved says that a post is found under another address now. Whether somebody may be
// told so, the post says.
type Moved struct {
	To   string
	Post *Post
}

func (e *Moved) Error() string { return "the post moved to " + e.To }

const columns = `id, author_id, status, kind, path, slug, title, content, properties, html, summary, words, version,
	created_at, published_at, updated_at, deleted_at, closed, quiet, visibility, apart, pinned, lang, series, saved_by`

// ByID reads a post in any status.
func (s *Store) ByID(ctx context.Context, id string) (*Post, error) {
	return s.one(ctx, "SELECT "+columns+" FROM posts WHERE id = $1", id)
}

// ByPath reads the post that lives, or lived, at a path, as everybody may see it:
// published, or deleted and then to be shown as gone. One that was deleted for good
// has no ID, and nothing but its path and when. A private one is not there.
// An earlier path of it is a *Moved.
func (s *Store) ByPath(ctx context.Context, path string) (*Post, error) {
	// A private one is not even looked at, so that it takes no time of its own.
	return s.at(ctx, path, " AND NOT hidden", " AND visibility <> 'private'")
}

// At reads the post at a path as ByPath does, a private one, too: it is for those
// who then ask who may see it.
func (s *Store) At(ctx context.Context, path string) (*Post, error) { return s.at(ctx, path, "", "") }

// at reads the post at a path, if path and post are such ones.
func (s *Store) at(ctx context.Context, path, suchPath, suchPost string) (*Post, error) {
	p, err := s.one(ctx, `
		SELECT `+columns+` FROM posts
		WHERE id = (SELECT post_id FROM paths WHERE path = $1`+suchPath+`)`+suchPost, path)
	switch {
	case errors.Is(err, ErrNotFound):
		return s.gone(ctx, path)
	case err != nil:
		return nil, err
	case p.Status == Draft || p.Status == Scheduled:
		return nil, ErrNotFound
	case p.Path != path && p.Status == Published:
		return nil, &Moved{p.Path, p}
	}
	return p, nil
}

// PublishedAt is when a post was published, zero for one that never was.
func (s *Store) PublishedAt(ctx context.Context, id string) (time.Time, error) {
	var published int64
	err := s.db.QueryRow(ctx, "SELECT published_at FROM posts WHERE id = $1", id).Scan(&published)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, ErrNotFound
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read post: %w", err)
	}
	return database.Time(published), nil
}

func (s *Store) one(ctx context.Context, query string, args ...any) (*Post, error) {
	p, err := scan(s.db.ShortRow(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read post: %w", err)
	}
	return p, errors.Join(s.readTags(ctx, p), s.readAudience(ctx, p))
}

// whole reads a post with its tags and whom it is for, as it stands in the transaction.
func whole(tx *database.Tx, id string) (*Post, error) {
	p, err := scan(tx.QueryRow("SELECT "+columns+" FROM posts WHERE id = $1", id))
	if err != nil {
		return nil, fmt.Errorf("read post %s: %w", id, err)
	}
	rows, err := tx.Query("SELECT post_id, name, position FROM tags WHERE post_id = $1 ORDER BY position", id)
	if err == nil {
		err = placeTags(rows, map[string]*Post{id: p})
	}
	if err != nil {
		return nil, fmt.Errorf("read post %s: %w", id, err)
	}
	if rows, err = tx.Query("SELECT address FROM audience WHERE post_id = $1 ORDER BY position", id); err == nil {
		p.Audience, err = database.Column(rows)
	}
	if err != nil {
		return nil, fmt.Errorf("read post %s: %w", id, err)
	}
	return p, nil
}

func scan(row interface{ Scan(...any) error }) (*Post, error) {
	var p Post
	var status, kind, properties, html, quiet, visibility string
	var created, published, updated, deleted int64
	if err := row.Scan(&p.ID, &p.AuthorID, &status, &kind, &p.Path, &p.Slug, &p.Title, &p.Content, &properties, &html, &p.Summary, &p.Words, &p.Version,
		&created, &published, &updated, &deleted, &p.Closed, &quiet, &visibility, &p.Apart, &p.Pinned, &p.Lang, &p.Series, &p.SavedBy); err != nil {
		return nil, err
	}
	if err := p.readProperties(properties); err != nil {
		return nil, err
	}
	if quiet != "null" { // as it is for most
		if err := json.Unmarshal([]byte(quiet), &p.Quiet); err != nil {
			return nil, fmt.Errorf("quiet links of post %s: %w", p.ID, err)
		}
	}
	p.Status, p.Kind, p.HTML, p.Visibility = Status(status), Kind(kind), template.HTML(html), Visibility(visibility)
	p.Created, p.Published = database.Time(created), database.Time(published)
	p.Updated, p.Deleted = database.Time(updated), database.Time(deleted)
	return &p, nil
}

// readProperties reads the properties as they are kept. Most posts have none, and to
// read none takes JSON its time, too.
func (p *Post) readProperties(kept string) error {
	if kept == "{}" {
		p.Properties = Properties{}
		return nil
	}
	if err := json.Unmarshal([]byte(kept), &p.Properties); err != nil {
		return fmt.Errorf("properties of post %s: %w", p.ID, err)
	}
	return nil
}

// readTags fills the tags of the posts, with one query for all.
func (s *Store) readTags(ctx context.Context, posts ...*Post) error {
	if len(posts) == 0 {
		return nil
	}
	ids, of := make([]string, len(posts)), make(map[string]*Post, len(posts))
	for i, p := range posts {
		ids[i], of[p.ID] = p.ID, p
	}
	list, args := database.Among(ids)
	rows, err := s.db.Short(ctx, "SELECT post_id, name, position FROM tags WHERE post_id IN ("+list+") ORDER BY post_id, position", args...)
	if err != nil {
		return fmt.Errorf("read tags: %w", err)
	}
	return placeTags(rows, of)
}

// placeTags gives the posts, by their keys, the tags that were read.
func placeTags(rows *sql.Rows, of map[string]*Post) error {
	defer rows.Close()
	for rows.Next() {
		var id, name string
		var position int
		if err := rows.Scan(&id, &name, &position); err != nil {
			return err
		}
		of[id].placeTag(name, position)
	}
	return rows.Err()
}

// List says which posts are wanted, newest first. Zero fields do not narrow it.
type List struct {
	Status   Status    // Published when empty
	Kind     Kind      //
	Tag      string    // as TagKey makes it
	Author   string    // the user's key
	From, To time.Time // published at From or later, before To
	Series   string    // as TagKey makes it
	Before   string    // the key of a post: only those that follow it
	Limit    int       // 20 when 0
	All      bool      // unlisted and private ones and pages, too
	Without  []string  // the keys of posts that are not wanted
	Oldest   bool      // the oldest first
}

// List reads posts, newest first by when they were published or are to be; drafts
// and deleted ones by when they were saved. Of the published ones it reads those
// that everybody may find, unless all are wanted.
func (s *Store) List(ctx context.Context, l List) ([]*Post, error) {
	if l.Status == "" {
		l.Status = Published
	}
	if l.Limit == 0 {
		l.Limit = 20
	}
	order := "published_at"
	if l.Status != Published && l.Status != Scheduled {
		order = "updated_at"
	}
	direction := "DESC"
	if l.Oldest {
		direction = "ASC"
	}
	where, args := l.where(order)
	posts, err := s.read(ctx, fmt.Sprintf("SELECT %s FROM posts WHERE %s ORDER BY %s %s, id %s LIMIT %d", columns, where, order, direction, direction, l.Limit), args...)
	if err != nil {
		return nil, fmt.Errorf("list posts: %w", err)
	}
	return posts, errors.Join(s.readTags(ctx, posts...), s.readAudience(ctx, posts...))
}

// read reads all posts that a query finds, without their tags.
func (s *Store) read(ctx context.Context, query string, args ...any) ([]*Post, error) {
	rows, err := s.db.Short(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var posts []*Post
	for rows.Next() {
		p, err := scan(rows)
		if err != nil {
			return nil, err
		}
		posts = append(posts, p)
	}
	return posts, errors.Join(rows.Err(), rows.Close())
}

func (l List) where(order string) (string, []any) {
	var parts []string
	var args []any
	add := func(part string, arg any) {
		args = append(args, arg)
		parts = append(parts, strings.ReplaceAll(part, "?", fmt.Sprintf("$%d", len(args))))
	}
	parts = append(parts, "status = "+l.Status.quoted())
	if l.Status == Published && !l.All {
		parts = append(parts, "listed")
	}
	for _, id := range l.Without {
		add("id <> ?", id)
	}
	if l.Series != "" {
		add("series_key <> '' AND series_key = ?", l.Series) // said twice for posts_series, which knows those alone
	}
	if l.Kind != "" {
		add("kind = ?", string(l.Kind))
	}
	if l.Author != "" {
		add("author_id = ?", l.Author)
	}
	if l.Tag != "" {
		add("id IN (SELECT post_id FROM tags WHERE tag = ?)", l.Tag)
	}
	if !l.From.IsZero() {
		add("published_at >= ?", l.From.Unix())
	}
	if !l.To.IsZero() {
		add("published_at < ?", l.To.Unix())
	}
	if l.Before != "" {
		beyond := "<"
		if l.Oldest {
			beyond = ">"
		}
		add("("+order+", id) "+beyond+" (SELECT "+order+", id FROM posts WHERE id = ?)", l.Before)
	}
	return strings.Join(parts, " AND "), args
}

// KindsInUse are the kinds of which something stands in lists, in the order of Kinds.
func (s *Store) KindsInUse(ctx context.Context) ([]Kind, error) {
	return s.kinds.Read(ctx, s.db, Lists, s.kindsInUse)
}

func (s *Store) kindsInUse(ctx context.Context) ([]Kind, error) {
	asked, there, used := make([]string, len(Kinds)), make([]any, len(Kinds)), make([]Kind, 0, len(Kinds))
	for n, kind := range Kinds {
		asked[n] = "EXISTS (SELECT 1 FROM posts WHERE status = 'published' AND listed AND kind = '" + string(kind) + "')"
		there[n] = new(bool)
	}
	if err := s.db.ShortRow(ctx, "SELECT "+strings.Join(asked, ", ")).Scan(there...); err != nil {
		return nil, fmt.Errorf("read kinds: %w", err)
	}
	for n, kind := range Kinds {
		if *there[n].(*bool) {
			used = append(used, kind)
		}
	}
	return used, nil
}

// HasListed tells whether something that an author has written stands in lists.
func (s *Store) HasListed(ctx context.Context, author string) (bool, error) {
	var newest string // the order has PostgreSQL take the index, where it would look through all
	err := s.db.QueryRow(ctx, `
		SELECT id FROM posts
		WHERE author_id = $1 AND status = 'published' AND listed
		ORDER BY published_at DESC, id DESC
		LIMIT 1`, author).Scan(&newest)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for posts of an author: %w", err)
	}
	return true, nil
}

// Month is a month in which something was published.
type Month struct {
	Year, Month int
	Posts       int
}

// Months are the months in which something was published, as clocks of the site
// show it, newest first.
func (s *Store) Months(ctx context.Context) (months []Month, err error) {
	in, err := s.settings.Zone(ctx)
	if err != nil {
		return nil, err
	}
	begin := int64(math.MaxInt64) // of the month that was counted last
	_, newest, err := s.countFrom(ctx, begin, begin)
	for err == nil && newest.Valid {
		year, month, _ := time.Unix(newest.Int64, 0).In(in).Date()
		m, until := Month{Year: year, Month: int(month)}, begin
		begin = zone.Midnight(year, month, 1, in).Unix()
		m.Posts, newest, err = s.countFrom(ctx, begin, until)
		months = append(months, m)
	}
	if err != nil {
		return nil, fmt.Errorf("read months: %w", err)
	}
	return months, nil
}

// countFrom is how many listed posts were published from a second on and before another,
// and when the last one was published before both; null for none.
func (s *Store) countFrom(ctx context.Context, from, to int64) (n int, before sql.NullInt64, err error) {
	err = s.db.QueryRow(ctx, `
		SELECT count(*), (SELECT max(published_at) FROM posts WHERE status = 'published' AND listed AND published_at < $1)
		FROM posts
		WHERE status = 'published' AND listed AND published_at >= $1 AND published_at < $2`, from, to).Scan(&n, &before)
	return n, before, err
}

// Count is how many posts have the status.
func (s *Store) Count(ctx context.Context, status Status) (n int, err error) {
	err = s.db.QueryRow(ctx, "SELECT count(*) FROM posts WHERE status = $1", string(status)).Scan(&n)
	return n, err
}

// CountOf is how many posts of an author have the status.
func (s *Store) CountOf(ctx context.Context, status Status, author string) (n int, err error) {
	err = s.db.QueryRow(ctx, "SELECT count(*) FROM posts WHERE status = $1 AND author_id = $2", string(status), author).Scan(&n)
	return n, err
}

// Paths are all paths that a post has or had.
func (s *Store) Paths(ctx context.Context, id string) (map[string]bool, error) {
	rows, err := s.db.Query(ctx, "SELECT path FROM paths WHERE post_id = $1", id)
	if err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	defer rows.Close()
	paths := map[string]bool{}
	for rows.Next() {
		var path string
		if err := rows.Scan(&path); err != nil {
			return nil, err
		}
		paths[path] = true
	}
	return paths, rows.Err()
}
