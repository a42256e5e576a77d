package posts

import (
	"strings"

	"hark/internal/database"
)

// searchSQLite walks the rows from the newest, and stops when it has enough.
const searchSQLite = `
	SELECT posts.id
	FROM search
		CROSS JOIN searched ON searched.number = search.rowid
		CROSS JOIN posts ON posts.id = searched.post_id
	WHERE search MATCH $1 AND search.rowid >= $2 AND search.rowid < $3
		AND (posts.status = 'published' AND posts.listed OR $5)
	ORDER BY search.rowid DESC
	LIMIT $4`

func indexSQLite(tx *database.Tx, n int64, id string, e entry) error {
	if _, err := tx.Exec("INSERT INTO searched (number, post_id) VALUES ($1, $2)", n, id); err != nil {
		return err
	}
	text := strings.Join(titled(e.title), " ") + " " + strings.Join(e.text, " ") + " " + strings.Join(e.marks, " ")
	_, err := tx.Exec("INSERT INTO search (rowid, words) VALUES ($1, $2)", n, text)
	return err
}

// titled are words as they stand in a title: other words, so that a search in
// titles need not look at all posts that have them in their text.
func titled(words []string) []string {
	marked := make([]string, len(words))
	for i, w := range words {
		marked[i] = "ⓦ" + w
	}
	return marked
}

// sqlite is the query as FTS5 reads it (https://www.sqlite.org/fts5.html, section
// 3). Words hold no quotes, so nothing typed is ever part of the language.
func (q Query) sqlite(title bool) string {
	var all []string
	for _, t := range q.Terms {
		if title {
			t.words = titled(t.words)
		}
		all = append(all, t.sqlite())
	}
	for _, marks := range q.demands() {
		all = append(all, `("`+strings.Join(marks, `" OR "`)+`")`)
	}
	if len(all) == 0 { // all there are
		all = append(all, `"`+anyMark+`"`)
	}
	match := "(" + strings.Join(all, " AND ") + ")"
	for _, t := range q.Not {
		match += " NOT " + t.sqlite()
	}
	for _, mark := range q.lacks {
		match += ` NOT "` + mark + `"`
	}
	return match
}

func (t Term) sqlite() string {
	phrase := `"` + strings.Join(t.words, " ") + `"`
	if t.open {
		phrase += " *"
	}
	return phrase
}
