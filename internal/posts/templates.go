package posts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hark/internal/database"
	"hark/internal/media"
)

// Template is what posts begin with that are written again and again.
type Template struct {
	ID      string // empty before it is first saved
	Name    string
	Post          // its title, text, tags, properties, language, series and visibility; AuthorID is whose template it is
	Version int64 // which saved state this one was made from; 0 for a new one
	Saved   time.Time
}

// TemplateOf makes a template of what a post says and who may see it. Whom a private
// one names it does not keep: those are chosen for each post anew.
func TemplateOf(p *Post, name string) *Template {
	return &Template{Name: name, Post: Post{
		AuthorID: p.AuthorID, Title: p.Title, Content: p.Content, Tags: p.Tags, Properties: p.Properties,
		Lang: p.Lang, Series: p.Series, Visibility: p.Visibility,
	}}
}

// maxTemplates and maxTemplateName bound the templates of one author, and their names
// in runes.
const (
	maxTemplates    = 100
	maxTemplateName = 100
)

// SaveTemplate keeps a template. A known one needs the version that was read, else it
// is ErrChanged, or ErrNotFound where it was deleted. One that is there already, as it
// is, is kept no second time, so that a form that is sent twice makes one template. What
// cannot be kept is an *Invalid.
func (s *Store) SaveTemplate(ctx context.Context, t *Template) error {
	next := *t
	next.Name = oneLine(next.Name)
	next.tidy()
	next.Status = Draft // what it lacks comes with the post
	if err := next.check(s.now()); err != nil {
		return err
	}
	next.Saved = s.now().UTC().Truncate(time.Second)
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		if t.ID == "" {
			return next.insert(tx)
		}
		return next.update(tx)
	})
	if err != nil {
		return err
	}
	next.Kind = next.Discover()
	*t = next
	return nil
}

// check refuses what cannot be kept.
func (t *Template) check(now time.Time) error {
	switch {
	case t.Name == "":
		return &Invalid{"name", "A template needs a name by which you find it again."}
	case utf8.RuneCountInString(t.Name) > maxTemplateName:
		return &Invalid{"name", fmt.Sprintf("That is too long for a name: %d letters at most.", maxTemplateName)}
	}
	return t.Post.check(now)
}

// content is what a template keeps of a post.
func (t *Template) content() (string, error) {
	b, err := TemplateOf(&t.Post, t.Name).state()
	return string(b), err
}

func (t *Template) insert(tx *database.Tx) error {
	kept, err := t.content()
	if err != nil {
		return err
	}
	err = tx.QueryRow("SELECT id, version FROM templates WHERE author_id = $1 AND name = $2 AND state = $3 LIMIT 1", t.AuthorID, t.Name, kept).Scan(&t.ID, &t.Version)
	if err == nil {
		return nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("look for template: %w", err)
	}
	var n int
	if err := tx.QueryRow("SELECT count(*) FROM templates WHERE author_id = $1", t.AuthorID).Scan(&n); err != nil {
		return fmt.Errorf("count templates: %w", err)
	}
	if n >= maxTemplates {
		return &Invalid{"name", fmt.Sprintf("You have %d templates already, and more are not kept. Delete one that you need no more.", maxTemplates)}
	}
	t.ID, t.Version = database.NewID(), 1
	if _, err := tx.Exec("INSERT INTO templates (id, author_id, name, state, version, saved_at) VALUES ($1, $2, $3, $4, 1, $5)",
		t.ID, t.AuthorID, t.Name, kept, database.Unix(t.Saved)); err != nil {
		return fmt.Errorf("save template: %w", err)
	}
	return media.UseInTemplate(tx, t.ID, kept)
}

func (t *Template) update(tx *database.Tx) error {
	kept, err := t.content()
	if err != nil {
		return err
	}
	n, err := tx.Exec("UPDATE templates SET name = $1, state = $2, saved_at = $3, version = version + 1 WHERE id = $4 AND version = $5",
		t.Name, kept, database.Unix(t.Saved), t.ID, t.Version)
	if err != nil {
		return fmt.Errorf("save template: %w", err)
	}
	if n == 1 {
		t.Version++
		return media.UseInTemplate(tx, t.ID, kept)
	}
	var name, state string
	err = tx.QueryRow("SELECT name, state, version FROM templates WHERE id = $1", t.ID).Scan(&name, &state, &t.Version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case err != nil:
		return fmt.Errorf("save template: %w", err)
	case name != t.Name || state != kept:
		return ErrChanged
	}
	return nil
}

const templateColumns = "id, author_id, name, state, version, saved_at"

func scanTemplate(row interface{ Scan(...any) error }) (*Template, error) {
	var kept string
	var saved int64
	t := &Template{}
	if err := row.Scan(&t.ID, &t.AuthorID, &t.Name, &kept, &t.Version, &saved); err != nil {
		return nil, err
	}
	t.Saved = database.Time(saved)
	return t, t.read(kept)
}

// Template reads one template, else ErrNotFound.
func (s *Store) Template(ctx context.Context, id string) (*Template, error) {
	t, err := scanTemplate(s.db.QueryRow(ctx, "SELECT "+templateColumns+" FROM templates WHERE id = $1", id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	return t, nil
}

// Templates are those of an author by their names, everybody's for none.
func (s *Store) Templates(ctx context.Context, author string) (list []*Template, err error) {
	rows, err := s.db.Query(ctx, "SELECT "+templateColumns+" FROM templates WHERE author_id = $1 OR $1 = '' ORDER BY lower(name), id", author)
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		t, err := scanTemplate(rows)
		if err != nil {
			return nil, fmt.Errorf("list templates: %w", err)
		}
		list = append(list, t)
	}
	return list, errors.Join(rows.Err(), rows.Close())
}

// DropTemplate deletes a template. One that is not there is deleted already.
func (s *Store) DropTemplate(ctx context.Context, id string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec("DELETE FROM templates WHERE id = $1", id); err != nil {
			return fmt.Errorf("delete template: %w", err)
		}
		return nil
	})
}

// dateMark stands for the day on which a post is begun.
const dateMark = "{{date}}"

// Begin is the post that a template begins on a day: {{date}} in its title and text is
// that day.
func (t *Template) Begin(day time.Time) Post {
	p := t.Post
	written := day.Format(time.DateOnly)
	p.ID, p.AuthorID = "", ""
	p.Title, p.Content = strings.ReplaceAll(p.Title, dateMark, written), strings.ReplaceAll(p.Content, dateMark, written)
	return p
}
