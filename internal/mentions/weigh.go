package mentions

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"hark/internal/settings"
	"hark/internal/source"
)

// weigh gathers what the judgement rests on. The author's page may have used up
// the job's time, so what is remembered here is asked for all the same.
func (i *Inbox) weigh(ctx context.Context, p *policy, r *record, entry source.Entry, c Content, found *url.URL) (evidence, error) {
	here := context.WithoutCancel(ctx)
	k := knock{source: canonical(r.Source), author: canonical(c.AuthorURL), carried: p.carries(r.key), from: r.from, found: canonical(found.String())}
	k.moved = p.moved(k.source, k.found)
	e := evidence{
		entry: entry, via: r.Via, mode: p.answers.Mode, rule: p.rule(k), knock: k, crowded: r.Reason == Crowded,
		carried: k.carried, suspect: p.suspects(k), language: p.words.Language,
	}
	if k.moved {
		e.moved = keyHost(k.found)
	}
	if e.rule != nil || e.mode == settings.ShowAll {
		return e, nil
	}
	if err := i.recall(here, r, k, &e); err != nil {
		return e, err
	}
	var err error
	if e.filter, err = i.class(here, features(&r.Mention, c)); err != nil {
		return e, err
	}
	e.akismet = i.askAkismet(ctx, p, r, c)
	return e, nil
}

// acquaintance is how long something of an author has to be shown, unless the
// owner has shown it, before its author is known: who slipped through once shall
// not be waved through at once.
const acquaintance = 24 * time.Hour

// recall fills in what is remembered of the author, the host and our post.
func (i *Inbox) recall(ctx context.Context, r *record, k knock, e *evidence) error {
	err := i.db.QueryRow(ctx, `
		SELECT
			EXISTS (
				SELECT 1 FROM mentions
				WHERE author_key = $1 AND author_key <> '' AND state = 'shown' AND ($2 OR host = $3)
					AND (decided_at > 0 OR received_at < $5)),
			(SELECT count(*) FROM mentions WHERE host = $3 AND state = 'spam' AND decided_at > 0),
			(SELECT count(*) FROM mentions WHERE host = $3 AND received_at > $4)`,
		shortKey(k.author), k.carried, keyHost(r.key), i.now().Add(-floodTime).Unix(), i.now().Add(-acquaintance).Unix()).
		Scan(&e.known, &e.called, &e.recent)
	if err != nil {
		return fmt.Errorf("weigh mention: %w", err)
	}
	e.known = e.known && !k.moved
	if r.PostID == "" {
		return nil
	}
	e.posted, err = i.posts.PublishedAt(ctx, r.PostID)
	return err
}

// understood says in the ledger what was read.
func understood(e source.Entry) string {
	said := kindNames[e.Kind]
	if said == "" {
		said = "a mention"
	}
	parts := []string{said + " by " + e.AuthorName}
	if n := len(strings.Fields(e.Text)); n > 0 {
		parts = append(parts, count(n, "word", "words"))
	}
	if e.AuthorPhoto == "" {
		parts = append(parts, "no photo")
	}
	if !e.Microformats {
		parts = append(parts, "no microformats")
	}
	return strings.Join(parts, ", ") + "."
}

// sum is a judgement as the ledger keeps it.
func (j *judgement) sum() *Sum {
	s := &Sum{Score: j.score, Needed: Needed}
	for _, sign := range j.signs {
		s.Signs = append(s.Signs, Sign{Name: sign.Name, Weight: sign.Weight})
	}
	return s
}
