package mentions

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
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
	kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at`

// record is a row of the table mentions, with what is nobody else's business.
type record struct {
	Mention
	address string    // of the caller, for the ledger and the log
	strikes int       // how often in a row nothing could be said of the source
	struck  time.Time // when the source, which was there before, was first missing

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
	var via, state, refusal, kind, html, changed string
	var struck, published, received, verified, decided int64
	err := row.Scan(&r.ID, &r.PostID, &r.Source, &r.Target, &via, &r.address, &state, &r.Reason, &refusal, &r.Checking, &r.strikes, &struck,
		&kind, &r.AuthorName, &r.AuthorURL, &r.Title, &html, &r.RSVP, &changed, &published, &received, &verified, &decided)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read mention: %w", err)
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
	r.Via, r.State, r.Refusal = Via(via), State(state), authlog.Reason(refusal)
	r.Kind, r.HTML = mf2.Kind(kind), template.HTML(html)
	r.struck, r.Published, r.Received = database.Time(struck), database.Time(published), database.Time(received)
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
	_, err = tx.Exec(`
		UPDATE mentions SET state = $1, reason = $2, refusal = $17, checking = $3, strikes = $4, struck_at = $5,
			kind = $6, author_name = $7, author_url = $8, title = $9, html = $10, rsvp = $11, changed = $12,
			published_at = $13, verified_at = $14, decided_at = $15
		WHERE id = $16`,
		string(r.State), r.Reason, r.Checking, r.strikes, database.Unix(r.struck),
		string(r.Kind), r.AuthorName, r.AuthorURL, r.Title, string(r.HTML), r.RSVP, changed,
		database.Unix(r.Published), database.Unix(r.Verified), database.Unix(r.Decided), r.ID, string(r.Refusal))
	if err != nil {
		return fmt.Errorf("save mention: %w", err)
	}
	if shown := r.State == Shown; shown != (before.State == Shown) || shown && !r.Content.same(before.Content) {
		tx.Touch(posts.Generation(r.PostID)) // lists look at the posts they show
	}
	return nil
}

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

// List reads the mentions in a state, the newest first; before is the key of one,
// and only older ones are wanted then.
func (i *Inbox) List(ctx context.Context, state State, before string, limit int) ([]*Mention, error) {
	return i.list(ctx, `
		SELECT `+columns+` FROM mentions
		WHERE state = $1 AND ($2 = '' OR (received_at, id) < (SELECT received_at, id FROM mentions WHERE id = $2))
		ORDER BY received_at DESC, id DESC
		LIMIT $3`, string(state), before, limit)
}

// Changed reads the shown mentions whose words have changed, for the owner to
// decide about the new ones.
func (i *Inbox) Changed(ctx context.Context, limit int) ([]*Mention, error) {
	return i.list(ctx, "SELECT "+columns+" FROM mentions WHERE state = 'shown' AND changed LIKE '{%' ORDER BY received_at DESC, id DESC LIMIT $1", limit)
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

// Count is how many mentions are in a state.
func (i *Inbox) Count(ctx context.Context, state State) (n int, err error) {
	err = i.db.QueryRow(ctx, "SELECT count(*) FROM mentions WHERE state = $1", string(state)).Scan(&n)
	return n, err
}

// Undecided is how many mentions wait for the owner: those held, and those shown
// whose words have changed.
func (i *Inbox) Undecided(ctx context.Context) (n int, err error) {
	err = i.db.QueryRow(ctx, "SELECT count(*) FROM mentions WHERE state = 'held' OR state = 'shown' AND changed LIKE '{%'").Scan(&n)
	return n, err
}

// Counts is how many answers are shown beneath each of the posts.
func (i *Inbox) Counts(ctx context.Context, postIDs ...string) (map[string]int, error) {
	counts := make(map[string]int, len(postIDs))
	if len(postIDs) == 0 {
		return counts, nil
	}
	args := make([]any, len(postIDs))
	for n, id := range postIDs {
		args[n] = id
	}
	rows, err := i.db.Query(ctx, `
		SELECT post_id, count(*) FROM mentions
		WHERE state = 'shown' AND post_id IN (`+database.In(1, len(args))+`)
		GROUP BY post_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("count answers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		counts[id] = n
	}
	return counts, rows.Err()
}

// Answers reads what is shown beneath a post, oldest first.
func (i *Inbox) Answers(ctx context.Context, postID string) (*Answers, error) {
	list, err := i.list(ctx, `
		SELECT `+columns+` FROM mentions
		WHERE post_id = $1 AND state = 'shown'
		ORDER BY published_at, id`, postID)
	if err != nil {
		return nil, err
	}
	var a Answers
	for _, m := range list {
		switch m.Kind {
		case mf2.Like:
			a.Likes = append(a.Likes, m)
		case mf2.Repost:
			a.Reposts = append(a.Reposts, m)
		case mf2.Bookmark:
			a.Bookmarks = append(a.Bookmarks, m)
		case mf2.RSVP:
			a.RSVPs = append(a.RSVPs, m)
		case mf2.Reply, mf2.Reaction:
			a.Replies = append(a.Replies, m)
		default:
			a.Mentions = append(a.Mentions, m)
		}
	}
	return &a, nil
}

// Sources are the pages whose mentions of a target are shown, for
// pingback.extensions.getPingbacks. An unknown target is a *Refusal.
func (i *Inbox) Sources(ctx context.Context, target string) ([]string, error) {
	_, post, err := i.resolve(ctx, target)
	if err != nil {
		return nil, err
	}
	list, err := i.list(ctx, "SELECT "+columns+" FROM mentions WHERE post_id = $1 AND state = 'shown' ORDER BY published_at, id", post)
	if err != nil {
		return nil, err
	}
	sources := make([]string, len(list))
	for n, m := range list {
		sources[n] = m.Source
	}
	return sources, nil
}
