// Package settings keeps what the owner has chosen in the browser.
package settings

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"hark/internal/database"
	"hark/internal/zone"
)

// Generation is the name that moves when a setting changes.
const Generation = "settings"

// Site is what the owner has chosen.
type Site struct {
	Title       string // never empty
	Description string // one line about the site or its author
	Author      string // the name readers see
	About       string // the about page, in Markdown
	Language    string // of the writing, as BCP 47
	Zone        string // the time zone by its IANA name; empty: UTC
	Unlisted    string // Yes: search engines are asked to leave the site out
	Unread      string // Yes: those who gather texts for language models are asked to stay out
	Look        Look   // as SaveLook keeps it; Save leaves it as it is
	Interface   string // the language of the pages; empty: that of the writing
}

// Writer is the name readers see: the author's, or else the site's.
func (s Site) Writer() string { return cmp.Or(s.Author, s.Title) }

// Spoken is the language in which the pages are to speak.
func (s Site) Spoken() string { return cmp.Or(s.Interface, s.Language) }

// Yes is the value of a choice that is made or not; empty is no.
const Yes = "yes"

// Default is the site before its owner has chosen anything.
var Default = Site{Title: "hark", Language: "en", Zone: "UTC"}

// Invalid says which field cannot be kept as it is, and why, in a sentence.
type Invalid struct{ Field, Text string }

func (e *Invalid) Error() string { return e.Field + ": " + e.Text }

// ErrChanged says that others have chosen something else since a mark was made.
// Nothing was overwritten.
var ErrChanged = errors.New("the settings were changed elsewhere meanwhile")

// Store owns the table settings. It is read once for each change of it: every
// page asks.
type Store struct {
	db   *database.DB
	kept *atomic.Pointer[snapshot]
	seen string // the mark of what is to be changed; empty: whatever it is
}

// snapshot is what stood in the table while Generation had a number.
type snapshot struct {
	number uint64
	values map[string]string
	zone   *time.Location
}

// New makes the store.
func New(db *database.DB) *Store { return &Store{db: db, kept: new(atomic.Pointer[snapshot])} }

// Seeing is the store for one who chooses with choices of a mark before their eyes.
// Where others stand by now, what it saves is ErrChanged, unless it is the same. An
// empty mark knows of none.
func (s *Store) Seeing(mark string) *Store { return &Store{s.db, s.kept, mark} }

// Mark is the same for the same choices, of which it tells nothing.
func Mark(choices interface{ fields() map[string]*string }) string { return markOf(choices.fields()) }

func markOf(fields map[string]*string) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(sum, "%s %q\n", name, *fields[name])
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// Site reads the choices; what was never chosen is as in Default.
func (s *Store) Site(ctx context.Context) (Site, error) {
	site := Default
	return site, errors.Join(s.read(ctx, site.fields()), s.read(ctx, site.Look.fields()))
}

// Answers reads what was chosen about answers; what was never chosen is as in
// DefaultAnswers.
func (s *Store) Answers(ctx context.Context) (Answers, error) {
	answers := DefaultAnswers
	return answers, s.read(ctx, answers.fields())
}

// Letters reads how the owner is written to; what was never chosen is as in
// DefaultLetters.
func (s *Store) Letters(ctx context.Context) (Letters, error) {
	letters := DefaultLetters
	return letters, s.read(ctx, letters.fields())
}

// Telling reads whom the site tells; what was never chosen is as in
// DefaultTelling.
func (s *Store) Telling(ctx context.Context) (Telling, error) {
	telling := DefaultTelling
	return telling, s.read(ctx, telling.fields())
}

func (s *Store) read(ctx context.Context, fields map[string]*string) error {
	now, err := s.current(ctx)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	for name, field := range fields {
		if value, chosen := now.values[name]; chosen {
			*field = value
		}
	}
	return nil
}

// current is what stands in the table. The number is read first, so that a change
// made meanwhile is seen by the next who asks.
func (s *Store) current(ctx context.Context) (*snapshot, error) {
	numbers, err := s.db.Generations(ctx, Generation)
	if err != nil {
		return nil, err
	}
	if kept := s.kept.Load(); kept != nil && kept.number == numbers[0] {
		return kept, nil
	}
	read := &snapshot{number: numbers[0], values: make(map[string]string)}
	rows, err := s.db.Short(ctx, "SELECT name, value FROM settings")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		read.values[name] = value
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if read.zone, err = zone.Load(read.values["zone"]); err != nil {
		read.zone = time.UTC // the database of zones has forgotten it
	}
	s.kept.Store(read)
	return read, nil
}

// Zone is the time zone of the site.
func (s *Store) Zone(ctx context.Context) (*time.Location, error) {
	now, err := s.current(ctx)
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return now.zone, nil
}

// KnownZone is the time zone of the site as it stood when the settings were last
// read here, UTC before that. Whoever draws a page has just read them.
func (s *Store) KnownZone() *time.Location {
	if kept := s.kept.Load(); kept != nil {
		return kept.zone
	}
	return time.UTC
}

// Save keeps the choices. What cannot be kept is an *Invalid, and then nothing is.
func (s *Store) Save(ctx context.Context, site Site) error {
	if err := site.check(); err != nil {
		return err
	}
	was := Default
	return s.write(ctx, site.fields(), was.fields())
}

// SaveAnswers keeps them as Save does.
func (s *Store) SaveAnswers(ctx context.Context, answers Answers) error {
	if err := answers.Check(); err != nil {
		return err
	}
	was := DefaultAnswers
	return s.write(ctx, answers.fields(), was.fields())
}

// SaveLetters keeps them as Save does.
func (s *Store) SaveLetters(ctx context.Context, letters Letters) error {
	if err := letters.check(); err != nil {
		return err
	}
	was := DefaultLetters
	return s.write(ctx, letters.fields(), was.fields())
}

// SaveTelling keeps it as Save does.
func (s *Store) SaveTelling(ctx context.Context, telling Telling) error {
	if err := telling.check(); err != nil {
		return err
	}
	was := DefaultTelling
	return s.write(ctx, telling.fields(), was.fields())
}

// ChangeNever changes which sites are never told. Of two who change them at once,
// the second finds what the first has made of them.
func (s *Store) ChangeNever(ctx context.Context, change func(Hosts) Hosts) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		var was Hosts
		err := tx.QueryRow(`
			INSERT INTO settings (name, value) VALUES ('never', '')
			ON CONFLICT (name) DO UPDATE SET value = settings.value
			RETURNING value`).Scan(&was)
		if err != nil {
			return fmt.Errorf("read setting never: %w", err)
		}
		telling := Telling{Never: change(was)}
		if err := telling.check(); err != nil {
			return err
		}
		return save(tx, map[string]*string{"never": (*string)(&telling.Never)})
	})
}

// write keeps fields; was are the same as long as nobody has chosen anything.
func (s *Store) write(ctx context.Context, fields, was map[string]*string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		if err := s.unchanged(tx, fields, was); err != nil {
			return err
		}
		return save(tx, fields)
	})
}

// unchanged tells by ErrChanged that neither what was seen stands in the table, nor what
// is to be written.
func (s *Store) unchanged(tx *database.Tx, fields, was map[string]*string) error {
	if s.seen == "" {
		return nil
	}
	rows, err := tx.Query("SELECT name, value FROM settings")
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return fmt.Errorf("read settings: %w", err)
		}
		if field := was[name]; field != nil {
			*field = value
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	if now := markOf(was); now != s.seen && now != markOf(fields) {
		return ErrChanged
	}
	return nil
}

// save writes fields, always in the same order, so that on PostgreSQL no two who
// save wait for each other.
func save(tx *database.Tx, fields map[string]*string) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if _, err := tx.Exec(`
			INSERT INTO settings (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, *fields[name]); err != nil {
			return fmt.Errorf("save setting %s: %w", name, err)
		}
	}
	tx.Touch(Generation)
	return nil
}

func (s *Site) fields() map[string]*string {
	return map[string]*string{
		"title": &s.Title, "description": &s.Description, "author": &s.Author,
		"about": &s.About, "language": &s.Language, "interface": &s.Interface, "zone": &s.Zone,
		"unlisted": &s.Unlisted, "unread": &s.Unread,
	}
}

func (s *Site) check() error {
	s.Title, s.Description, s.Author = oneLine(s.Title), oneLine(s.Description), oneLine(s.Author)
	s.Language = strings.TrimSpace(s.Language)
	switch {
	case s.Title == "":
		return &Invalid{"title", "The site needs a name."}
	case utf8.RuneCountInString(s.Title) > 100:
		return &Invalid{"title", "That is too long for a name: 100 letters at most."}
	case utf8.RuneCountInString(s.Description) > 300:
		return &Invalid{"description", "One line: 300 letters at most."}
	case utf8.RuneCountInString(s.Author) > 100:
		return &Invalid{"author", "That is too long for a name: 100 letters at most."}
	case len(s.About) > 64<<10:
		return &Invalid{"about", "That is too long for one page: 64 KB at most."}
	case !languageTag(s.Language):
		return &Invalid{"language", "A language is written like en, de or pt-BR."}
	case s.Interface != "" && !languageTag(s.Interface):
		return &Invalid{"interface", "Choose one of the languages."}
	}
	for field, value := range map[string]string{"unlisted": s.Unlisted, "unread": s.Unread} {
		if value != "" && value != Yes {
			return &Invalid{field, "This is chosen or not."}
		}
	}
	found, err := zone.Find(s.Zone)
	if err != nil {
		return &Invalid{"zone", "That is no time zone. They are named by a continent and a city, like Europe/Berlin or America/New_York."}
	}
	s.Zone = found
	return nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// languageTag reports whether s has the form of a BCP 47 tag, which goes into
// the pages' lang attribute.
func languageTag(s string) bool {
	if len(s) > 35 {
		return false
	}
	for i, part := range strings.Split(s, "-") {
		if len(part) == 0 || len(part) > 8 || i == 0 && len(part) < 2 {
			return false
		}
		for _, r := range part {
			if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9') {
				return false
			}
		}
	}
	return true
}
