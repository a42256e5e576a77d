package mentions

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"hark/internal/bayes"
	"hark/internal/database"
	"hark/internal/source"
)

// lesson is what the filter was taught by a mention. It learns from what the
// owner says alone: learning from its own verdicts it would only grow surer.
type lesson string

const (
	untaught lesson = ""
	ham      lesson = "ham"
	spam     lesson = "spam"
)

// features are the words by which the filter knows a mention.
func features(m *Mention, c Content) []string {
	texts := []string{c.AuthorName, c.Title, c.Text(), "host:" + keyHost(m.key), "host:" + keyHost(canonical(c.AuthorURL))}
	for _, linked := range source.Links(string(c.HTML)) {
		texts = append(texts, "host:"+keyHost(canonical(linked)))
	}
	return bayes.Words(texts...)
}

// class asks the filter for its opinion.
func (i *Inbox) class(ctx context.Context, features []string) (bayes.Verdict, error) {
	args := []any{""}
	for _, word := range features {
		args = append(args, word)
	}
	rows, err := i.db.Query(ctx, "SELECT word, ham, spam FROM words WHERE word IN ("+database.In(1, len(args))+")", args...)
	if err != nil {
		return bayes.Verdict{}, fmt.Errorf("ask filter: %w", err)
	}
	defer rows.Close()
	known := map[string]bayes.Counts{}
	for rows.Next() {
		var word string
		var c bayes.Counts
		if err := rows.Scan(&word, &c.Ham, &c.Spam); err != nil {
			return bayes.Verdict{}, err
		}
		known[word] = c
	}
	total := known[""]
	return bayes.Judge(features, func(word string) bayes.Counts { return known[word] }, total), rows.Err()
}

// lessons are changes of the filter's counts, gathered before they are written.
type lessons map[string]bayes.Counts

// teach adds, or with n below zero takes back, what a mention teaches.
func (l lessons) teach(what lesson, features []string, n int) {
	if what == untaught {
		return
	}
	for _, word := range append([]string{""}, features...) {
		c := l[word]
		if what == ham {
			c.Ham += n
		} else {
			c.Spam += n
		}
		l[word] = c
	}
}

// learn keeps what was taught in step with a mention that was taught from before.
func (l lessons) learn(r *record, before Mention, taught lesson) {
	if r.lesson == taught && r.Content == before.Content {
		return
	}
	l.teach(taught, features(&before, before.Content), -1)
	l.teach(r.lesson, features(&r.Mention, r.Content), 1)
}

// wordsAtOnce bounds one statement.
const wordsAtOnce = 200

// write brings the changes into the filter. Words that no verdict knows any more
// are forgotten.
func (l lessons) write(tx *database.Tx) error {
	taken := false
	maps.DeleteFunc(l, func(_ string, c bayes.Counts) bool { return c == bayes.Counts{} })
	for some := range slices.Chunk(slices.Sorted(maps.Keys(l)), wordsAtOnce) {
		var values []string
		var args []any
		for _, word := range some {
			taken = taken || l[word].Ham < 0 || l[word].Spam < 0
			n := len(args)
			values = append(values, fmt.Sprintf("($%d, CAST($%d AS BIGINT), CAST($%d AS BIGINT))", n+1, n+2, n+3))
			args = append(args, word, l[word].Ham, l[word].Spam)
		}
		if _, err := tx.Exec(`
			INSERT INTO words (word, ham, spam) VALUES `+strings.Join(values, ", ")+`
			ON CONFLICT (word) DO UPDATE SET ham = words.ham + excluded.ham, spam = words.spam + excluded.spam`, args...); err != nil {
			return fmt.Errorf("teach filter: %w", err)
		}
	}
	if !taken {
		return nil
	}
	if _, err := tx.Exec("DELETE FROM words WHERE ham <= 0 AND spam <= 0"); err != nil {
		return fmt.Errorf("teach filter: %w", err)
	}
	return nil
}
