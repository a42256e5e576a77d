package media

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"hark/internal/database"
)

// List says which uploads are wanted. Zero fields do not narrow it. What several
// have uploaded is listed for each of them.
type List struct {
	By     string // the key of an account
	Kind   string // what its type begins with: image, audio, video or application
	Unused bool   // nothing names it, not even an earlier version of a post
	Skip   int    // how many of them to leave out
	Limit  int    // 20 when 0
}

const uploadColumns = "files.key, uploads.name, files.type, files.bytes, files.width, files.height, uploads.author_id, uploads.created_at, uploads.alt"

const fromUploads = " FROM uploads JOIN files ON files.key = uploads.file_key"

func scanUpload(row interface{ Scan(...any) error }) (*File, error) {
	f := &File{}
	var created int64
	if err := row.Scan(&f.Key, &f.Name, &f.Type, &f.Bytes, &f.Width, &f.Height, &f.AuthorID, &created, &f.Alt); err != nil {
		return nil, err
	}
	f.Created = database.Time(created)
	return f, nil
}

// List reads uploads, the newest first: each is a file with the name, the
// alternative text and the time that it has of that account.
func (s *Store) List(ctx context.Context, l List) (list []*File, err error) {
	if l.Limit == 0 {
		l.Limit = 20
	}
	where, args, err := s.where(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	rows, err := s.db.Query(ctx, fmt.Sprintf("SELECT %s%s%s ORDER BY uploads.created_at DESC, uploads.file_key DESC, uploads.author_id DESC LIMIT %d OFFSET %d",
		uploadColumns, fromUploads, where, l.Limit, l.Skip), args...)
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		f, err := scanUpload(rows)
		if err != nil {
			return nil, fmt.Errorf("list files: %w", err)
		}
		list = append(list, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	return list, nil
}

// Count is how many uploads List would find without its Skip and Limit.
func (s *Store) Count(ctx context.Context, l List) (n int, err error) {
	where, args, err := s.where(ctx, l)
	if err != nil {
		return 0, fmt.Errorf("count files: %w", err)
	}
	if err := s.db.QueryRow(ctx, "SELECT count(*)"+fromUploads+where, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count files: %w", err)
	}
	return n, nil
}

func (s *Store) where(ctx context.Context, l List) (where string, args []any, err error) {
	var parts []string
	add := func(part string, arg any) {
		args = append(args, arg)
		parts = append(parts, fmt.Sprintf(part, len(args)))
	}
	if l.By != "" {
		add("uploads.author_id = $%d", l.By)
	}
	if l.Kind != "" {
		add("files.type LIKE $%d", l.Kind+"/%")
	}
	if l.Unused {
		for _, table := range usedBy {
			parts = append(parts, "NOT EXISTS (SELECT 1 FROM "+table+" WHERE "+table+".file_key = files.key)")
		}
		places, err := s.places(ctx)
		if err != nil {
			return "", nil, err
		}
		if len(places) > 0 {
			parts = append(parts, "files.key NOT IN ("+database.In(len(args)+1, len(places))+")")
		}
		for key := range places {
			args = append(args, key)
		}
	}
	if len(parts) == 0 {
		return "", nil, nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args, nil
}

// Upload is a file as an account has uploaded it, ErrNotFound if it has not.
func (s *Store) Upload(ctx context.Context, key, account string) (*File, error) {
	f, err := scanUpload(s.db.QueryRow(ctx, "SELECT "+uploadColumns+fromUploads+" WHERE files.key = $1 AND uploads.author_id = $2", key, account))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("find an upload: %w", err)
	}
	return f, nil
}

// remember writes down a file that lies in its place, and who has uploaded it. Who
// uploads it again keeps what was said of it, and finds it at the top of the list.
func (s *Store) remember(ctx context.Context, f *File) (*File, error) {
	err := s.db.InTx(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`
			INSERT INTO files (`+columns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (key) DO NOTHING`,
			f.Key, f.Name, f.Type, f.Bytes, f.Width, f.Height, f.AuthorID, database.Unix(f.Created)); err != nil {
			return err
		}
		if s.queue != nil && len(f.sizes()) > 0 {
			if err := s.queue.Enqueue(tx, toSize, f.Key); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`
			INSERT INTO uploads (file_key, author_id, name, alt, created_at)
			VALUES ($1, $2, $3, '', $4)
			ON CONFLICT (file_key, author_id) DO UPDATE SET created_at = excluded.created_at`,
			f.Key, f.AuthorID, f.Name, database.Unix(f.Created))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("remember a file: %w", err)
	}
	return s.Upload(ctx, f.Key, f.AuthorID)
}

// longestAlt is of an alternative text, in runes.
const longestAlt = 2000

// SetAlt says what a file shows that an account has uploaded, for those who do not
// see it: on one line, at most 2,000 characters, else an *Invalid. It is what is
// offered where the file is put into a post; posts keep what they have.
func (s *Store) SetAlt(ctx context.Context, key, account, alt string) error {
	alt = oneLine(alt)
	if utf8.RuneCountInString(alt) > longestAlt {
		return &Invalid{Text: "An alternative text has at most 2,000 characters. Say what matters of the picture; the rest can stand in the post."}
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec("UPDATE uploads SET alt = $1 WHERE file_key = $2 AND author_id = $3", alt, key, account)
		if err != nil {
			return fmt.Errorf("describe a file: %w", err)
		}
		if n == 0 {
			return ErrNotFound
		}
		return nil
	})
}

func oneLine(alt string) string {
	return strings.Join(strings.Fields(strings.Map(printable, strings.ToValidUTF8(alt, "\ufffd"))), " ")
}

// Describe remembers what texts say of files that an account has uploaded, by their
// addresses, where nothing was said yet. It is then offered as SetAlt's is. Longer
// words than those take are left out.
func (s *Store) Describe(ctx context.Context, account string, alts map[string]string) error {
	said := map[string]string{}
	for address, alt := range alts {
		for key := range named(address) {
			if alt := oneLine(alt); utf8.RuneCountInString(alt) <= longestAlt {
				said[key] = alt
			}
		}
	}
	mute, err := s.mute(ctx, account, slices.Sorted(maps.Keys(said)))
	if err != nil || len(mute) == 0 {
		return err
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		for _, key := range mute {
			if _, err := tx.Exec("UPDATE uploads SET alt = $1 WHERE file_key = $2 AND author_id = $3 AND alt = ''", said[key], key, account); err != nil {
				return fmt.Errorf("describe files: %w", err)
			}
		}
		return nil
	})
}

// mostDescribed bounds the files of which one text says something.
const mostDescribed = 500

// mute are those among an account's uploads of which nothing is said.
func (s *Store) mute(ctx context.Context, account string, keys []string) (mute []string, err error) {
	if len(keys) == 0 {
		return nil, nil
	}
	keys = keys[:min(len(keys), mostDescribed)]
	list, args := database.Among(keys)
	rows, err := s.db.Query(ctx, "SELECT file_key FROM uploads WHERE file_key IN ("+list+") AND alt = '' AND author_id = "+fmt.Sprintf("$%d", len(args)+1), append(args, account)...)
	if err != nil {
		return nil, fmt.Errorf("find files without words: %w", err)
	}
	if mute, err = database.Column(rows); err != nil {
		return nil, fmt.Errorf("find files without words: %w", err)
	}
	return mute, nil
}
