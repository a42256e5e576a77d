package posts

import (
	"strconv"
	"strings"

	"hark/internal/database"
)

const searchPostgres = `
	SELECT posts.id
	FROM searched JOIN posts ON posts.id = searched.post_id
	WHERE searched.words @@ $1::tsquery AND number >= $2 AND number < $3
		AND (posts.status = 'published' AND posts.listed OR $5)
	ORDER BY number DESC
	LIMIT $4`

func indexPostgres(tx *database.Tx, n int64, id string, e entry) error {
	_, err := tx.Exec("INSERT INTO searched (number, post_id, words) VALUES ($1, $2, $3::tsvector)", n, id, e.postgres())
	return err
}

// Limits of a tsvector (PostgreSQL, section 12.11).
const (
	mostPosition  = 16383
	mostPositions = 255
)

// postgres writes the entry as a tsvector: words with their places, those of the
// title with the weight A.
func (e entry) postgres() string {
	at, places := 0, map[string][]string{}
	add := func(words []string, weight string) {
		for _, w := range words {
			at++
			if len(places[w]) < mostPositions {
				places[w] = append(places[w], strconv.Itoa(min(at, mostPosition))+weight)
			}
		}
		at++ // no phrase goes beyond
	}
	add(e.title, "A")
	add(e.text, "")
	var b strings.Builder
	for w, at := range places {
		b.WriteString("'" + w + "':" + strings.Join(at, ",") + " ")
	}
	for _, mark := range e.marks {
		b.WriteString("'" + mark + "' ")
	}
	return b.String()
}

// postgres is the query as a tsquery. Words and marks hold no quotes, so nothing
// typed is ever part of the language.
func (q Query) postgres(title bool) string {
	var all []string
	for _, t := range q.Terms {
		weight := ""
		if title {
			weight = "A"
		}
		all = append(all, t.postgres(weight))
	}
	for _, marks := range q.demands() {
		all = append(all, "('"+strings.Join(marks, "' | '")+"')")
	}
	if len(all) == 0 { // all there are
		all = append(all, "'"+anyMark+"'")
	}
	for _, t := range q.Not {
		all = append(all, "!"+t.postgres(""))
	}
	for _, mark := range q.lacks {
		all = append(all, "!'"+mark+"'")
	}
	return strings.Join(all, " & ")
}

func (t Term) postgres(weight string) string {
	var words []string
	for i, w := range t.words {
		mark := weight
		if t.open && i == len(t.words)-1 {
			mark = "*" + weight
		}
		if mark != "" {
			mark = ":" + mark
		}
		words = append(words, "'"+w+"'"+mark)
	}
	return "(" + strings.Join(words, " <-> ") + ")"
}
