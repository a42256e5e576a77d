package posts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path"

	"hark/internal/database"
	"hark/internal/media"
)

// maxRevisions and maxRevisionBytes bound what is kept of a post. The newest is kept
// however large it is.
const (
	maxRevisions     = 50
	maxRevisionBytes = 4 << 20
)

// state is a post in a revision or a template, as JSON.
type state struct {
	Status     Status     `json:"status,omitempty"`
	Title      string     `json:"title,omitempty"`
	Content    string     `json:"content,omitempty"`
	Tags       []string   `json:"tags,omitempty"`
	Properties Properties `json:"properties,omitempty"`
	Path       string     `json:"path,omitempty"`
	Slug       string     `json:"slug,omitempty"` // of what has no address yet
	Closed     bool       `json:"closed,omitempty"`
	Quiet      []string   `json:"quiet,omitempty"`
	Visibility Visibility `json:"visibility,omitempty"`
	Audience   []string   `json:"audience,omitempty"`
	Apart      bool       `json:"apart,omitempty"`
	Pinned     bool       `json:"pinned,omitempty"`
	Lang       string     `json:"lang,omitempty"`
	Series     string     `json:"series,omitempty"`
	Published  int64      `json:"published,omitempty"`
}

// state is the post as it is kept, byte by byte the same for equal ones.
func (p *Post) state() ([]byte, error) {
	st := state{
		Status: p.Status, Title: p.Title, Content: p.Content, Tags: p.Tags, Properties: p.Properties, Path: p.Path,
		Closed: p.Closed, Quiet: p.Quiet, Visibility: p.Visibility, Audience: p.Audience, Apart: p.Apart, Pinned: p.Pinned, Lang: p.Lang, Series: p.Series,
		Published: database.Unix(p.Published),
	}
	if p.Path == "" {
		st.Slug = p.Slug
	}
	b, err := json.Marshal(st)
	if err != nil {
		return nil, fmt.Errorf("keep state: %w", err)
	}
	return b, nil
}

// read fills the post with what was kept of it.
func (p *Post) read(kept string) error {
	var st state
	if err := json.Unmarshal([]byte(kept), &st); err != nil {
		return fmt.Errorf("read state: %w", err)
	}
	p.Status, p.Title, p.Content, p.Tags, p.Properties, p.Path, p.Slug = st.Status, st.Title, st.Content, st.Tags, st.Properties, st.Path, st.Slug
	p.Closed, p.Quiet, p.Visibility, p.Apart, p.Pinned, p.Lang, p.Series = st.Closed, st.Quiet, st.Visibility, st.Apart, st.Pinned, st.Lang, st.Series
	p.Audience = st.Audience
	p.Published = database.Time(st.Published)
	p.Kind = p.Discover()
	return nil
}

// Equals tells whether a post, saved as it stands, would be what is kept already.
func (p *Post) Equals(kept *Post) bool {
	next := *p
	next.tidy()
	if kept.Path != "" && next.Slug != "" && next.Slug != path.Base(kept.Path) {
		return false
	}
	is, err := next.state()
	was, failed := kept.state()
	return err == nil && failed == nil && string(is) == string(was)
}

// keepRevision keeps what a post was, unless nothing of it has changed.
func keepRevision(tx *database.Tx, before, now *Post) error {
	was, err := before.state()
	if err != nil {
		return err
	}
	is, err := now.state()
	if err != nil || string(was) == string(is) {
		return err
	}
	_, err = tx.Exec("INSERT INTO revisions (post_id, version, saved_by, saved_at, bytes, state) VALUES ($1, $2, $3, $4, $5, $6)",
		now.ID, now.Version-1, before.SavedBy, database.Unix(before.Updated), len(was), string(was))
	if err != nil {
		return fmt.Errorf("keep revision: %w", err)
	}
	if err := media.UseInRevision(tx, now.ID, now.Version-1, string(was)); err != nil {
		return err
	}
	return pruneRevisions(tx, now.ID)
}

// pruneRevisions forgets the oldest that are too many.
func pruneRevisions(tx *database.Tx, id string) error {
	rows, err := tx.Query("SELECT version, bytes FROM revisions WHERE post_id = $1 ORDER BY version DESC", id)
	if err != nil {
		return fmt.Errorf("count revisions: %w", err)
	}
	defer rows.Close()
	var kept, size, last int64
	for rows.Next() {
		var version, bytes int64
		if err := rows.Scan(&version, &bytes); err != nil {
			return fmt.Errorf("count revisions: %w", err)
		}
		kept, size = kept+1, size+bytes
		if kept > maxRevisions || kept > 1 && size > maxRevisionBytes {
			last = version
			break
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("count revisions: %w", err)
	}
	if last == 0 {
		return nil
	}
	if _, err := tx.Exec("DELETE FROM revisions WHERE post_id = $1 AND version <= $2", id, last); err != nil {
		return fmt.Errorf("forget revisions: %w", err)
	}
	return nil
}

const revisionColumns = "version, saved_by, saved_at, state"

// scanRevision reads one of the post.
func scanRevision(row interface{ Scan(...any) error }, of *Post) (*Post, error) {
	var kept string
	var saved int64
	r := &Post{ID: of.ID, AuthorID: of.AuthorID, Created: of.Created}
	if err := row.Scan(&r.Version, &r.SavedBy, &saved, &kept); err != nil {
		return nil, err
	}
	r.Updated = database.Time(saved)
	if err := r.read(kept); err != nil {
		return nil, err
	}
	r.Words = countWords(r.Content)
	return r, nil
}

// Revisions are what a post was before each of its changes, the newest first, with
// who saved each and when. They are not rendered, and say how many words were typed.
func (s *Store) Revisions(ctx context.Context, p *Post) (list []*Post, err error) {
	rows, err := s.db.Query(ctx, "SELECT "+revisionColumns+" FROM revisions WHERE post_id = $1 ORDER BY version DESC", p.ID)
	if err != nil {
		return nil, fmt.Errorf("list revisions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanRevision(rows, p)
		if err != nil {
			return nil, fmt.Errorf("list revisions: %w", err)
		}
		list = append(list, r)
	}
	return list, errors.Join(rows.Err(), rows.Close())
}

// Revision is one of the Revisions, else ErrNotFound.
func (s *Store) Revision(ctx context.Context, p *Post, version int64) (*Post, error) {
	r, err := scanRevision(s.db.QueryRow(ctx, "SELECT "+revisionColumns+" FROM revisions WHERE post_id = $1 AND version = $2", p.ID, version), p)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read revision: %w", err)
	}
	return r, nil
}

// Revert gives a post, as it was read, the words that it had as an earlier version:
// its title, text, tags, properties, language and series. Who may see it, where it
// stands and since when stay as they are. It is a change like any other: Save says
// what can come of it.
func (s *Store) Revert(ctx context.Context, p *Post, to int64) error {
	r, err := s.Revision(ctx, p, to)
	if err != nil {
		return err
	}
	next := *p
	next.Title, next.Content, next.Tags, next.Properties, next.Lang, next.Series = r.Title, r.Content, r.Tags, r.Properties, r.Lang, r.Series
	if err := s.keep(ctx, &next, &Copy{}, 0, true); err != nil {
		return err
	}
	*p = next
	return nil
}
