package media

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hark/internal/database"
)

// mostNamed bounds how many files of one text are remembered.
const mostNamed = 5000

// keysIn are the keys of the files that texts name, each once. They are named by
// their address, or as it stands in a form that is kept as it was sent.
func keysIn(texts []string) (keys []string) {
	seen := map[string]bool{}
	for _, text := range texts {
		for key := range named(text) {
			if len(keys) >= mostNamed {
				break
			}
			if !seen[key] {
				seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	slices.Sort(keys) // so that two who save at once wait for each other in one order
	return keys
}

// named are the keys in a text. It is read at every place where a post is shown,
// and a regular expression would look at each of its letters.
func named(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for {
			before, after, found := strings.Cut(text, "media")
			if !found {
				return
			}
			text = after
			if !strings.HasSuffix(before, "/") && !strings.HasSuffix(before, "%2F") {
				continue
			}
			key, ok := strings.CutPrefix(after, "/")
			if !ok {
				key, ok = strings.CutPrefix(after, "%2F")
			}
			if ok && startsWithKey(key) && !yield(key[:keyLength]) {
				return
			}
		}
	}
}

// keyLength is that of a key, in hexadecimal digits.
const keyLength = 32

func startsWithKey(text string) bool {
	return len(text) >= keyLength && strings.Trim(text[:keyLength], "0123456789abcdef") == ""
}

// hold keeps a file from being deleted until the transaction ends, if it is there:
// whoever deletes it then finds what uses it.
func hold(tx *database.Tx, key string) error {
	if _, err := tx.Exec("UPDATE files SET key = key WHERE key = $1", key); err != nil {
		return fmt.Errorf("hold a file: %w", err)
	}
	return nil
}

// remember holds each file that is named in texts, and writes it down with a statement
// whose values are these, and its key.
func remember(tx *database.Tx, statement string, of []any, texts ...string) error {
	for _, key := range keysIn(texts) {
		if err := hold(tx, key); err != nil {
			return err
		}
		if _, err := tx.Exec(statement, append(slices.Clone(of), key)...); err != nil {
			return err
		}
	}
	return nil
}

// Use remembers which files a post names in these texts, and forgets those it has
// named before.
func Use(tx *database.Tx, post string, texts ...string) error {
	if _, err := tx.Exec("DELETE FROM post_files WHERE post_id = $1", post); err != nil {
		return fmt.Errorf("forget what a post uses: %w", err)
	}
	if err := remember(tx, "INSERT INTO post_files (post_id, file_key) VALUES ($1, $2)", []any{post}, texts...); err != nil {
		return fmt.Errorf("remember what a post uses: %w", err)
	}
	return nil
}

// Missing is the key of a file of this site that texts name and that is not there, empty
// for none. What was named before may be gone. It is asked after Use, in the same
// transaction: what is there then stays, for whoever deletes it waits and finds the use.
// base is the address of the site.
func Missing(tx *database.Tx, base string, before []string, texts ...string) (key string, err error) {
	ours := oursIn(base, texts)
	if len(ours) == 0 {
		return "", nil
	}
	list, args := database.Among(ours)
	rows, err := tx.Query("SELECT key FROM files WHERE key IN ("+list+")", args...)
	if err != nil {
		return "", fmt.Errorf("look for files that are named: %w", err)
	}
	there, err := database.Column(rows)
	if err != nil {
		return "", fmt.Errorf("look for files that are named: %w", err)
	}
	known := map[string]bool{}
	for _, key := range append(there, keysIn(before)...) {
		known[key] = true
	}
	for _, key := range ours {
		if !known[key] {
			return key, nil
		}
	}
	return "", nil
}

// oursIn are the keys of files that texts name by an address of this site: a path, or
// one that begins with base.
func oursIn(base string, texts []string) (keys []string) {
	const folder = "/media/"
	seen := map[string]bool{}
	for _, text := range texts {
		for at := 0; ; at += len(folder) {
			next := strings.Index(text[at:], folder)
			if next < 0 {
				break
			}
			at += next
			before, key := text[:at], text[at+len(folder):]
			if !startsWithKey(key) || isAddress(before) && (base == "" || !strings.HasSuffix(before, base)) {
				continue
			}
			if key = key[:keyLength]; !seen[key] && len(keys) < mostNamed {
				seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// isAddress tells whether a text ends with what can be the beginning of an address.
func isAddress(text string) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	return text != "" && (unicode.IsLetter(last) || unicode.IsDigit(last) || strings.ContainsRune("/.:-_~%@]?&+", last))
}

// UseInCopy is Use for what somebody is writing. It is forgotten with the copy.
func UseInCopy(tx *database.Tx, writer, post, fields string) error {
	if _, err := tx.Exec("DELETE FROM copy_files WHERE writer_id = $1 AND post_id = $2", writer, post); err != nil {
		return fmt.Errorf("forget what a copy uses: %w", err)
	}
	if err := remember(tx, "INSERT INTO copy_files (writer_id, post_id, file_key) VALUES ($1, $2, $3)", []any{writer, post}, fields); err != nil {
		return fmt.Errorf("remember what a copy uses: %w", err)
	}
	return nil
}

// UseInRevision is Use for what a post was. It is forgotten with the revision.
func UseInRevision(tx *database.Tx, post string, version int64, state string) error {
	if err := remember(tx, "INSERT INTO revision_files (post_id, version, file_key) VALUES ($1, $2, $3)", []any{post, version}, state); err != nil {
		return fmt.Errorf("remember what a revision uses: %w", err)
	}
	return nil
}

// UseInTemplate is Use for a template. It is forgotten with it.
func UseInTemplate(tx *database.Tx, template, state string) error {
	if _, err := tx.Exec("DELETE FROM template_files WHERE template_id = $1", template); err != nil {
		return fmt.Errorf("forget what a template uses: %w", err)
	}
	if err := remember(tx, "INSERT INTO template_files (template_id, file_key) VALUES ($1, $2)", []any{template}, state); err != nil {
		return fmt.Errorf("remember what a template uses: %w", err)
	}
	return nil
}

// Uses is where a file is used: the keys of posts in any status, deleted ones among
// them, those of posts of which only earlier versions name it, how many working
// copies and templates do, and the names of the places besides.
type Uses struct {
	Posts, Earlier    []string
	Copies, Templates int
	Places            []string
}

// Any tells whether it is used anywhere.
func (u Uses) Any() bool { return len(u.Earlier) > 0 || u.Now() }

// Now tells whether something other than earlier versions of posts names it.
func (u Uses) Now() bool { return len(u.Posts)+len(u.Places)+u.Copies+u.Templates > 0 }

// Uses finds where files are used, by their keys; at most a few hundred of them.
func (s *Store) Uses(ctx context.Context, keys ...string) (map[string]Uses, error) {
	uses := make(map[string]Uses, len(keys))
	if len(keys) == 0 {
		return uses, nil
	}
	places, err := s.places(ctx)
	if err != nil {
		return nil, fmt.Errorf("find uses of files: %w", err)
	}
	args := make([]any, len(keys))
	for n, key := range keys {
		args[n] = key
		if of := places[key]; len(of) > 0 {
			uses[key] = Uses{Places: of}
		}
	}
	in := database.In(1, len(keys))
	rows, err := s.db.Query(ctx, `
		SELECT file_key, post_id, 'post' FROM post_files WHERE file_key IN (`+in+`)
		UNION ALL
		SELECT file_key, post_id, 'copy' FROM copy_files WHERE file_key IN (`+in+`)
		UNION ALL
		SELECT file_key, template_id, 'template' FROM template_files WHERE file_key IN (`+in+`)
		UNION ALL
		SELECT DISTINCT file_key, post_id, 'revision' FROM revision_files WHERE file_key IN (`+in+`)
		ORDER BY 1, 2, 3`, args...)
	if err != nil {
		return nil, fmt.Errorf("find uses of files: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key, of, kind string
		if err := rows.Scan(&key, &of, &kind); err != nil {
			return nil, fmt.Errorf("find uses of files: %w", err)
		}
		u := uses[key]
		switch kind { // of one post, the revisions come after the post
		case "post":
			u.Posts = append(u.Posts, of)
		case "revision":
			if !slices.Contains(u.Posts, of) {
				u.Earlier = append(u.Earlier, of)
			}
		case "template":
			u.Templates++
		default:
			u.Copies++
		}
		uses[key] = u
	}
	return uses, rows.Err()
}
