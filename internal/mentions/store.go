package mentions

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/netip"
	"strings"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/mf2"
	"hark/internal/posts"
)

// ErrNotFound says that there is no such mention or delivery.
var ErrNotFound = errors.New("no such mention")

const columns = `id, post_id, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
	kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at,
	source_key, author_photo, face, reply_key, score, signs, lesson, asked, rest_until`

// record is a row of the table mentions, with what is nobody else's business.
type record struct {
	Mention
	address string    // of the caller, for the ledger and the log
	strikes int       // how often in a row nothing could be said of the source
	struck  time.Time // when the source, which was there before, was first missing
	lesson  lesson    // what the filter was taught by it
	rest    time.Time // until when its host has asked to be left alone

	declined *Content // the words that came later and that the owner did not want
}

// declinedMark begins the later words of a mention that the owner did not want.
// They are kept so that nobody is asked about them twice.
const declinedMark = "-"

// later are the words that came later, as the column changed keeps them.
func (r *record) later() (string, error) {
	words, mark := r.Changed, ""
	if words == nil {
		words, mark = r.declined, declinedMark
	}
	if words == nil {
		return "", nil
	}
	b, err := json.Marshal(words)
	if err != nil {
		return "", fmt.Errorf("save mention: %w", err)
	}
	return mark + string(b), nil
}

// lock reads a mention that is about to be changed. The update holds the row, so
// that on PostgreSQL, too, nobody changes it in between.
func lock(tx *database.Tx, id string) (*record, error) {
	return scan(tx.QueryRow("UPDATE mentions SET id = id WHERE id = $1 RETURNING "+columns, id))
}

// lockSource is lock for the mention of a post by a source.
func lockSource(tx *database.Tx, key, post string) (*record, error) {
	return scan(tx.QueryRow("UPDATE mentions SET id = id WHERE source_key = $1 AND post_id = $2 RETURNING "+columns, key, post))
}

func scan(row interface{ Scan(...any) error }) (*record, error) {
	var r record
	var via, state, refusal, kind, html, changed, signs, taught string
	var struck, published, received, verified, decided, rest int64
	err := row.Scan(&r.ID, &r.PostID, &r.Source, &r.Target, &via, &r.address, &state, &r.Reason, &refusal, &r.Checking, &r.strikes, &struck,
		&kind, &r.AuthorName, &r.AuthorURL, &r.Title, &html, &r.RSVP, &changed, &published, &received, &verified, &decided,
		&r.key, &r.Photo, &r.Face, &r.ReplyTo, &r.Score, &signs, &taught, &r.Asked, &rest)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read mention: %w", err)
	}
	if signs != "" {
		if err := json.Unmarshal([]byte(signs), &r.Signs); err != nil {
			return nil, fmt.Errorf("read mention %s: signs: %w", r.ID, err)
		}
	}
	if changed != "" {
		later, to := changed, &r.Changed
		if words, ok := strings.CutPrefix(changed, declinedMark); ok {
			later, to = words, &r.declined
		}
		if err := json.Unmarshal([]byte(later), to); err != nil {
			return nil, fmt.Errorf("read mention %s: changed words: %w", r.ID, err)
		}
	}
	r.from, _ = netip.ParseAddr(r.address)
	r.Via, r.State, r.Refusal = Via(via), State(state), authlog.Reason(refusal)
	r.Kind, r.HTML, r.lesson = mf2.Kind(kind), template.HTML(html), lesson(taught)
	r.rest, r.struck, r.Published, r.Received = database.Time(rest), database.Time(struck), database.Time(published), database.Time(received)
	r.Verified, r.Decided = database.Time(verified), database.Time(decided)
	return &r, nil
}

// save writes what verification, judgement or the owner have changed. Pages are
// made anew only if readers see a difference.
func (r *record) save(tx *database.Tx, before Mention) error {
	changed, err := r.later()
	if err != nil {
		return err
	}
	signs, err := json.Marshal(r.Signs)
	if err != nil {
		return fmt.Errorf("save mention: %w", err)
	}
	_, err = tx.Exec(`
		UPDATE mentions SET state = $1, reason = $2, refusal = $17, checking = $3, strikes = $4, struck_at = $5,
			kind = $6, author_name = $7, author_url = $8, title = $9, html = $10, rsvp = $11, changed = $12,
			published_at = $13, verified_at = $14, decided_at = $15,
			author_key = $18, author_photo = $19, face = $20, reply_key = $21, score = $22, signs = $23, lesson = $24, search = $25, rest_until = $26
		WHERE id = $16`,
		string(r.State), r.Reason, r.Checking, r.strikes, database.Unix(r.struck),
		string(r.Kind), r.AuthorName, r.AuthorURL, r.Title, string(r.HTML), r.RSVP, changed,
		database.Unix(r.Published), database.Unix(r.Verified), database.Unix(r.Decided), r.ID, string(r.Refusal),
		shortKey(canonical(r.AuthorURL)), r.Photo, r.Face, r.ReplyTo, r.Score, string(signs), string(r.lesson), searchable(&r.Mention),
		database.Unix(r.rest))
	if err != nil {
		return fmt.Errorf("save mention: %w", err)
	}
	if shown := r.State == Shown; shown != (before.State == Shown) || shown && !r.Content.same(before.Content) {
		tx.Touch(posts.Generation(r.PostID), Generation) // lists look at the posts they show
	}
	return nil
}

// Generation is the name that moves when anything that is shown of others does.
const Generation = "answers"

// same tells whether readers see no difference.
func (c Content) same(other Content) bool {
	alike := c.Published.Equal(other.Published)
	c.Published = other.Published
	return alike && c == other
}

func (i *Inbox) record(ctx context.Context, id string) (*record, error) {
	return scan(i.db.QueryRow(ctx, "SELECT "+columns+" FROM mentions WHERE id = $1", id))
}

// ByID reads one mention, else ErrNotFound.
func (i *Inbox) ByID(ctx context.Context, id string) (*Mention, error) {
	r, err := i.record(ctx, id)
	if err != nil {
		return nil, err
	}
	return &r.Mention, nil
}

func (i *Inbox) list(ctx context.Context, query string, args ...any) ([]*Mention, error) {
	rows, err := i.db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list mentions: %w", err)
	}
	defer rows.Close()
	var list []*Mention
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, &r.Mention)
	}
	return list, rows.Err()
}

// mostSources bounds the one answer that lists them all.
const mostSources = 5000

// Sources are the pages whose mentions of a target are shown, for
// pingback.extensions.getPingbacks. An unknown target is a *Refusal.
func (i *Inbox) Sources(ctx context.Context, target string) ([]string, error) {
	p, err := i.policy(ctx)
	if err != nil {
		return nil, err
	}
	to, err := i.resolve(ctx, p, target)
	if err != nil {
		return nil, err
	}
	rows, err := i.db.Query(ctx, "SELECT source FROM mentions WHERE post_id = $1 AND state = 'shown' ORDER BY published_at, id LIMIT $2", to.post, mostSources)
	if err != nil {
		return nil, fmt.Errorf("list sources: %w", err)
	}
	return database.Column(rows)
}
