package posts

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/words"
)

// name is how a post is called: in words of its own, or by what it is, which each
// language says in its own way.
type name struct {
	is   string // a phrase, or empty
	said string // another behind it, or empty
	own  string // as it stands, behind "is" and what parts the two; or empty
}

// in says it in the language of a book.
func (n name) in(book *words.Book) string {
	if n.is == "" {
		return n.own
	}
	called := book.Say(n.is)
	if n.said != "" {
		called += " " + book.Say(n.said)
	}
	return called + n.own
}

// Name is the post's title, or for one without a title the beginning of its
// words, or what it answers. It is never empty. It is what its address is made of.
func (p *Post) Name() string { return p.Called(nil) }

// Called is that name on pages that speak another language.
func (p *Post) Called(book *words.Book) string { return p.name().in(book) }

func (p *Post) name() name {
	if p.Title != "" {
		return name{own: p.Title}
	}
	if p.Summary != "" {
		return name{own: shorten(p.Summary, 70)}
	}
	if place := p.Checkin(); place.Name != "" {
		return name{is: "At", own: " " + shorten(place.Name, 67)}
	}
	if property, address := p.Answers(); property != "" {
		if said := p.RSVP(); said != "" {
			return name{"RSVP", said, ": " + Bare(address)}
		}
		return name{is: title(p.Discover()), own: ": " + Bare(address)}
	}
	for _, files := range [][]File{p.Photos(), p.Videos(), p.Audios()} {
		if len(files) > 0 && files[0].Alt != "" {
			return name{own: shorten(files[0].Alt, 70)}
		}
	}
	if kind := p.Discover(); kind != Note {
		return name{is: title(kind)}
	}
	return name{is: "Untitled"}
}

// title is what a post of this kind is called that has nothing else to be called by.
func title(kind Kind) string { return strings.ToUpper(string(kind[:1])) + string(kind[1:]) }

// Named is a published post by its name and address, for those who only lead
// there.
type Named struct {
	ID, Path string
	name     name
}

// Called is its name on pages that speak the language of a book.
func (n *Named) Called(book *words.Book) string { return n.name.in(book) }

// namedColumns are those that a name is made of. Texts are long, and are left out.
const namedColumns = "id, path, title, summary, CASE WHEN title = '' AND summary = '' THEN properties ELSE '{}' END"

// scanNamed reads them, and what else was selected.
func scanNamed(rows *sql.Rows, more ...any) (*Named, error) {
	var p Post
	var properties string
	if err := rows.Scan(append([]any{&p.ID, &p.Path, &p.Title, &p.Summary, &properties}, more...)...); err != nil {
		return nil, err
	}
	if err := p.readProperties(properties); err != nil {
		return nil, err
	}
	return &Named{p.ID, p.Path, p.name()}, nil
}

// Neighbours are the listed posts before and after this one; nil at the ends.
func (s *Store) Neighbours(ctx context.Context, p *Post) (older, newer *Named, err error) {
	beside := func(beyond, newer, nearest string) string {
		return `SELECT * FROM (
			SELECT ` + namedColumns + `, ` + newer + ` FROM posts
			WHERE status = 'published' AND listed AND (published_at, id) ` + beyond + ` ($1, $2)
			ORDER BY ` + nearest + `
			LIMIT 1) AS nearest`
	}
	rows, err := s.db.Short(ctx, beside("<", "FALSE", "published_at DESC, id DESC")+" UNION ALL "+beside(">", "TRUE", "published_at, id"), database.Unix(p.Published), p.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("read neighbours: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var isNewer bool
		named, err := scanNamed(rows, &isNewer)
		if err != nil {
			return nil, nil, fmt.Errorf("read neighbours: %w", err)
		}
		if isNewer {
			newer = named
		} else {
			older = named
		}
	}
	return older, newer, rows.Err()
}

// findable is the condition by which everybody may find a post: it stands in lists,
// or is a public page.
const findable = "status = 'published' AND (listed OR apart AND visibility = 'public')"

// Findable is the condition that the post whose key stands in a column of another
// table is one that everybody may find. Who counts or cuts what belongs to posts has
// to ask it in the same query, or the rest betrays what was left out.
func Findable(column string) string {
	return "EXISTS (SELECT 1 FROM posts WHERE posts.id = " + column + " AND " + findable + ")"
}

// Named finds those among the posts with these keys that everybody may find, by
// their keys. Whether they may is read and not asked for: SQLite would look for the
// keys among all posts that are published.
func (s *Store) Named(ctx context.Context, ids ...string) (map[string]*Named, error) {
	found := make(map[string]*Named, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	list, args := database.Among(ids)
	rows, err := s.db.Short(ctx, "SELECT "+namedColumns+", "+findable+" FROM posts WHERE id IN ("+list+")", args...)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var isFindable bool
		named, err := scanNamed(rows, &isFindable)
		if err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		if isFindable {
			found[named.ID] = named
		}
	}
	return found, rows.Err()
}

// Around is when the last listed post before from was published, and the first at
// to or after it; zero where there is none.
func (s *Store) Around(ctx context.Context, from, to time.Time) (before, after time.Time, err error) {
	var last, first int64
	err = s.db.QueryRow(ctx, `
		SELECT
			coalesce((SELECT max(published_at) FROM posts WHERE status = 'published' AND listed AND published_at < $1), 0),
			coalesce((SELECT min(published_at) FROM posts WHERE status = 'published' AND listed AND published_at >= $2), 0)`,
		database.Unix(from), database.Unix(to)).Scan(&last, &first)
	if err != nil {
		return before, after, fmt.Errorf("read what is around: %w", err)
	}
	return database.Time(last), database.Time(first), nil
}
