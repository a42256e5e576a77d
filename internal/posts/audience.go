package posts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"hark/internal/database"
	"hark/internal/indieauth"
)

// maxAudience is how many people a post may be for.
const maxAudience = 100

// mostAddressed is how many posts for one reader are listed.
const mostAddressed = 100

// People keeps each address of somebody once, in its one spelling. One that is none
// stays as it was typed, and Save refuses it, as it does more than a hundred.
func People(typed []string) (kept []string) {
	for _, one := range typed {
		if len(kept) > maxAudience {
			break
		}
		one = strings.TrimSpace(newlines.Replace(strings.ToValidUTF8(one, "\uFFFD")))
		if address, err := indieauth.Person(one); err == nil {
			one = address
		}
		if one != "" && !slices.Contains(kept, one) {
			kept = append(kept, one)
		}
	}
	return kept
}

// checkAudience refuses people who could never show who they are, and a post for some
// people that others see as well.
func (p *Post) checkAudience() error {
	for _, address := range p.Audience {
		if _, err := indieauth.Person(address); err != nil {
			return &Invalid{"audience", fmt.Sprintf("%s is no address of somebody’s site. Write it as a browser shows it, like https://jane.example/.", few(address))}
		}
	}
	switch {
	case len(p.Audience) > maxAudience:
		return &Invalid{"audience", fmt.Sprintf("Those are too many people: %d at most.", maxAudience)}
	case len(p.Audience) > 0 && p.Visibility != Private:
		return &Invalid{"audience", "Only a private post is for certain people. Make it private, or name nobody."}
	}
	return nil
}

// few are the first letters of what was typed.
func few(typed string) string {
	const most = 60
	if utf8.RuneCountInString(typed) <= most {
		return typed
	}
	return string([]rune(typed)[:most]) + "…"
}

func (p *Post) saveAudience(tx *database.Tx) error {
	if _, err := tx.Exec("DELETE FROM audience WHERE post_id = $1", p.ID); err != nil {
		return fmt.Errorf("save audience: %w", err)
	}
	for position, address := range p.Audience {
		if _, err := tx.Exec("INSERT INTO audience (post_id, address, position) VALUES ($1, $2, $3)", p.ID, address, position); err != nil {
			return fmt.Errorf("save audience: %w", err)
		}
	}
	return nil
}

// readAudience fills in whom the private ones of the posts are for.
func (s *Store) readAudience(ctx context.Context, posts ...*Post) error {
	var ids []string
	of := map[string]*Post{}
	for _, p := range posts {
		if p.Visibility == Private {
			ids, of[p.ID] = append(ids, p.ID), p
		}
	}
	if len(ids) == 0 {
		return nil
	}
	list, args := database.Among(ids)
	rows, err := s.db.Short(ctx, "SELECT post_id, address FROM audience WHERE post_id IN ("+list+") ORDER BY post_id, position", args...)
	if err != nil {
		return fmt.Errorf("read audience: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, address string
		if err := rows.Scan(&id, &address); err != nil {
			return fmt.Errorf("read audience: %w", err)
		}
		of[id].Audience = append(of[id].Audience, address)
	}
	return rows.Err()
}

// addressed are the published posts that are for the reader $1.
const addressed = "status = 'published' AND visibility = 'private' AND id IN (SELECT post_id FROM audience WHERE address = $1)"

// Addressed reads the post for a reader that lives at a path, or lived there, and then
// it is a *Moved. One that is not for them is not there, whatever else there is: it is
// not even looked at, so that it takes no time of its own.
func (s *Store) Addressed(ctx context.Context, path, reader string) (*Post, error) {
	p, err := s.one(ctx, `
		SELECT `+columns+` FROM posts
		WHERE status = 'published' AND visibility = 'private' AND id = (
			SELECT paths.post_id
			FROM paths
			JOIN audience ON audience.post_id = paths.post_id
			WHERE paths.path = $1 AND audience.address = $2)`, path, reader)
	switch {
	case err != nil:
		return nil, err
	case p.Path != path:
		return nil, &Moved{p.Path, p}
	}
	return p, nil
}

// AddressedTo are the newest posts for a reader.
func (s *Store) AddressedTo(ctx context.Context, reader string) ([]*Post, error) {
	found, err := s.read(ctx, fmt.Sprintf("SELECT %s FROM posts WHERE %s ORDER BY published_at DESC, id DESC LIMIT %d", columns, addressed, mostAddressed), reader)
	if err != nil {
		return nil, fmt.Errorf("list posts for a reader: %w", err)
	}
	return found, s.readTags(ctx, found...)
}

// HasAddressed tells whether there is a post for a reader.
func (s *Store) HasAddressed(ctx context.Context, reader string) (there bool, err error) {
	err = s.db.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM posts WHERE "+addressed+")", reader).Scan(&there)
	if err != nil {
		return false, fmt.Errorf("look for posts for a reader: %w", err)
	}
	return there, nil
}
