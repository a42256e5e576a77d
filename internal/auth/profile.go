package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"hark/internal/database"
)

// What a profile may hold: runes of the text, links, and bytes of each.
const (
	longestBio  = 5000
	mostLinks   = 20
	longestLink = 500
)

// Profile is what the page of somebody who writes here says of them.
type Profile struct {
	UserID      string
	DisplayName string
	Address     string   // the last part of the page's path; empty for one that has none yet
	Bio         string   // Markdown; may be empty
	Links       []string // the addresses of other pages of theirs
	Photo       string   // the path of a picture of this site; empty for none

	off bool
}

// Folder is where the pages of those who write are.
const Folder = "/author/"

// Path is where the page is.
func (p *Profile) Path() string { return Folder + p.Address }

// speaks tells whether there is a page before anything is published: somebody has
// filled it in, and is not switched off.
func (p *Profile) speaks() bool {
	return !p.off && (p.Bio != "" || len(p.Links) > 0 || p.Photo != "")
}

// Moved says that a page is found under another address now.
type Moved struct{ To string }

func (m *Moved) Error() string { return "the page moved to " + m.To }

// Published tells whether somebody has written anything that everybody may find.
type Published func(ctx context.Context, userID string) (bool, error)

const profileColumns = "users.id, users.display_name, users.address, users.bio, users.links, users.photo, users.off_at"

func scanProfile(row interface{ Scan(...any) error }, more ...any) (*Profile, error) {
	var p Profile
	var links string
	var off int64
	if err := row.Scan(append([]any{&p.UserID, &p.DisplayName, &p.Address, &p.Bio, &links, &p.Photo, &off}, more...)...); err != nil {
		return nil, err
	}
	p.Links, p.off = strings.Fields(links), off > 0
	return &p, nil
}

// Profile reads what somebody's page says, whether or not it is there for readers.
func (g *Gate) Profile(ctx context.Context, userID string) (*Profile, error) {
	return g.profile(ctx, "SELECT "+profileColumns+" FROM users WHERE id = $1", userID)
}

func (g *Gate) profile(ctx context.Context, query, value string) (*Profile, error) {
	p, err := scanProfile(g.db.ShortRow(ctx, query, value))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoUser
	}
	if err != nil {
		return nil, fmt.Errorf("read a profile: %w", err)
	}
	return p, nil
}

// PageAt reads the profile whose page is at an address. An earlier one is *Moved.
// Who has neither published nor said anything has no page, and is ErrNoUser as if
// nobody were called so.
func (g *Gate) PageAt(ctx context.Context, address string, published Published) (*Profile, error) {
	if !pageForm.MatchString(address) {
		return nil, ErrNoUser
	}
	p, err := g.profile(ctx, `
		SELECT `+profileColumns+`
		FROM author_names
		JOIN users ON users.id = author_names.user_id
		WHERE author_names.name = $1`, address)
	if err != nil {
		return nil, err
	}
	there, err := p.There(ctx, published)
	switch {
	case err != nil:
		return nil, err
	case !there:
		return nil, ErrNoUser
	case p.Address != address:
		return nil, &Moved{p.Path()}
	}
	return p, nil
}

var pageForm = regexp.MustCompile(`^[a-z0-9]+(?:[-_][a-z0-9]+)*$`)

// There tells whether readers find the page.
func (p *Profile) There(ctx context.Context, published Published) (bool, error) {
	if p.Address == "" {
		return false, nil
	}
	if p.speaks() {
		return true, nil
	}
	return published(ctx, p.UserID)
}

// PagesCalled are the paths of the pages that readers find under these names, or have
// found once, by the names. At most a few hundred can be asked for.
func PagesCalled(ctx context.Context, db *database.DB, published Published, names ...string) (map[string]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	args := make([]any, len(names))
	for n, name := range names {
		args[n] = name
	}
	return pages(ctx, db, published, "author_names.name IN ("+database.In(1, len(args))+")", args...)
}

// Pages are the paths of all pages that readers find, by the names under which they are
// and were found.
func Pages(ctx context.Context, db *database.DB, published Published) (map[string]string, error) {
	return pages(ctx, db, published, "TRUE")
}

// Pages are the same pages.
func (g *Gate) Pages(ctx context.Context, published Published) (map[string]string, error) {
	return Pages(ctx, g.db, published)
}

func pages(ctx context.Context, db *database.DB, published Published, where string, args ...any) (map[string]string, error) {
	rows, err := db.Query(ctx, `
		SELECT `+profileColumns+`, author_names.name
		FROM author_names
		JOIN users ON users.id = author_names.user_id
		WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("look for pages: %w", err)
	}
	defer rows.Close()
	called := map[string]*Profile{}
	for rows.Next() {
		var name string
		p, err := scanProfile(rows, &name)
		if err != nil {
			return nil, fmt.Errorf("look for pages: %w", err)
		}
		called[name] = p
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("look for pages: %w", err)
	}
	paths := map[string]string{}
	for name, p := range called {
		there, err := p.There(ctx, published)
		if err != nil {
			return nil, err
		}
		if there {
			paths[name] = p.Path()
		}
	}
	return paths, nil
}

// Me is the path by which somebody is known to other sites: the site's own for its
// first owner, that of their page for anybody else. It is empty for those who have
// no page.
func (g *Gate) Me(ctx context.Context, userID string, published Published) (path string, err error) {
	first, err := g.FirstOwner(ctx)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return "", err
	}
	if err == nil && first.ID == userID {
		return "/", nil
	}
	p, err := g.Profile(ctx, userID)
	if err != nil {
		return "", err
	}
	there, err := p.There(ctx, published)
	if err != nil || !there {
		return "", err
	}
	return p.Path(), nil
}

// Writer is somebody who writes here, as a byline names them.
type Writer struct {
	Name  string // to show
	Path  string // of their page; empty for none yet
	Photo string // the path of a picture of this site; empty for none
}

// Profiles are those of all who write here, in no order.
func (g *Gate) Profiles(ctx context.Context) (all []*Profile, err error) {
	rows, err := g.db.Short(ctx, "SELECT "+profileColumns+" FROM users")
	if err != nil {
		return nil, fmt.Errorf("read profiles: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		p, err := scanProfile(rows)
		if err != nil {
			return nil, fmt.Errorf("read profiles: %w", err)
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

// Writers are all who write here, by their keys. They are not remembered: a command
// beside the server may add somebody, and with SQLite it moves no number there.
func (g *Gate) Writers(ctx context.Context) (map[string]Writer, error) {
	profiles, err := g.Profiles(ctx)
	if err != nil {
		return nil, err
	}
	writers := map[string]Writer{}
	for _, p := range profiles {
		one := Writer{Name: p.DisplayName, Photo: p.Photo}
		if p.Address != "" {
			one.Path = p.Path()
		}
		writers[p.UserID] = one
	}
	return writers, nil
}

// SaveProfile keeps what somebody says of themselves: the text, the links and the
// picture. What cannot be kept is an *Invalid.
func (g *Gate) SaveProfile(ctx context.Context, userID string, p Profile) error {
	if err := p.Check(); err != nil {
		return err
	}
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		tx.Touch(People)
		_, err := tx.Exec("UPDATE users SET bio = $1, links = $2, photo = $3 WHERE id = $4", p.Bio, strings.Join(p.Links, "\n"), p.Photo, userID)
		return err
	})
	if err != nil {
		return fmt.Errorf("save a profile: %w", err)
	}
	return nil
}

// Check makes the text even, and says what cannot be kept by an *Invalid.
func (p *Profile) Check() error {
	p.Bio = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "").Replace(strings.ToValidUTF8(p.Bio, "\uFFFD")))
	switch p.Photo = strings.TrimSpace(p.Photo); {
	case utf8.RuneCountInString(p.Bio) > longestBio:
		return &Invalid{"bio", fmt.Sprintf("That is too long: %d letters at most.", longestBio)}
	case len(p.Links) > mostLinks:
		return &Invalid{"links", fmt.Sprintf("Those are too many: %d at most.", mostLinks)}
	case p.Photo != "" && !pictureForm.MatchString(p.Photo):
		return &Invalid{"photo", "A photo is a picture that is uploaded here: /media/….jpg."}
	}
	for _, link := range p.Links {
		u, err := url.Parse(link)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || len(link) > longestLink || !plain(link) {
			return &Invalid{"links", fmt.Sprintf("%s is no address of a page. Write whole ones, as a browser copies them: https://…, one a line.", cut(link, 60))}
		}
	}
	return nil
}

var pictureForm = regexp.MustCompile(`^/media/[A-Za-z0-9_-]{1,100}\.(?:jpg|png|gif)$`)

// plain tells whether an address is written in letters that every program takes.
func plain(address string) bool {
	return !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\"'<>`", r) })
}

// cut is the beginning of a text that is shown back.
func cut(text string, runes int) string {
	if r := []rune(text); len(r) > runes {
		return string(r[:runes]) + "…"
	}
	return text
}
