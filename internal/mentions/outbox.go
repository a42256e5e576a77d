package mentions

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/posts"
	"hark/internal/queue"
	"hark/internal/settings"
)

// tell is the job that tells the target of one link.
const tell queue.Kind = "tell"

const (
	// tellAtOnce is how many targets are told at the same time, or wait to be; of
	// these targetsOfHost may be on one host, which is visited by one at a time.
	tellAtOnce    = 64
	targetsOfHost = 2
	// looksAtOnce, hubAtOnce and followAtOnce bound what is less urgent.
	looksAtOnce, hubAtOnce, followAtOnce = 8, 1, 4
)

// Outbox tells other sites what our posts say about them. It owns the tables
// deliveries, a row a link; looks, a row a page that we link to; and turns.
type Outbox struct {
	db       *database.DB
	queue    *queue.Queue
	posts    *posts.Store
	settings *settings.Store
	inbox    *Inbox
	fetch    *fetch.Client
	log      *slog.Logger
	now      func() time.Time
	site     site
	visits   *visits
	silences *silences
	topics   func(*posts.Post) []string
	came     Came
}

// NewOutbox makes the outbox and gives the queue its handlers: for posts that
// changed, and for links to be told. Links to our own posts go to the inbox.
func NewOutbox(r Rooms, inbox *Inbox) *Outbox {
	o := &Outbox{
		db: r.DB, queue: r.Queue, posts: r.Posts, settings: r.Settings, inbox: inbox, fetch: r.Fetch,
		log: r.Log, now: r.Now, site: newSite(r.URL), topics: r.Topics, came: r.Came,
		visits: newVisits(targetsOfHost, tellAtOnce, targetsOfHost), silences: newSilences(),
	}
	r.Queue.Handle(posts.Changed, 4, o.postChanged)
	r.Queue.Handle(tell, tellAtOnce, o.tell)
	r.Queue.Handle(lookDue, looksAtOnce, o.lookWanted)
	r.Queue.Handle(follow, followAtOnce, o.followUp)
	r.Queue.Handle(hubDue, hubAtOnce, o.publish)
	return o
}

// Of reads what was told of one post, in the order of its links.
func (o *Outbox) Of(ctx context.Context, post string) ([]*Delivery, error) {
	return o.list(ctx, "SELECT "+deliveryColumns+" FROM deliveries WHERE post_id = $1 ORDER BY created_at, id", post)
}

// ByID reads one delivery, else ErrNotFound.
func (o *Outbox) ByID(ctx context.Context, id string) (*Delivery, error) {
	return scanDelivery(o.db.QueryRow(ctx, "SELECT "+deliveryColumns+" FROM deliveries WHERE id = $1", id))
}

// Outgoing says which deliveries are wanted. Zero fields do not narrow it.
type Outgoing struct {
	Post   string  // of one post
	State  Outcome //
	By     string  // the protocol: webmention or pingback
	Search string  // words that stand in the target's address
	Hub    bool    // pages of ours that the hub is told of, instead of links
	Before string  // the key of a delivery: only those touched before it
	Limit  int
}

// List reads deliveries, the latest first.
func (o *Outbox) List(ctx context.Context, want Outgoing) ([]*Delivery, error) {
	where, args := want.where()
	if want.Before != "" {
		args = append(args, want.Before)
		where += fmt.Sprintf(" AND (updated_at, id) < (SELECT updated_at, id FROM deliveries WHERE id = $%d)", len(args))
	}
	args = append(args, want.Limit)
	return o.list(ctx, fmt.Sprintf(`
		SELECT %s FROM deliveries
		WHERE %s
		ORDER BY updated_at DESC, id DESC
		LIMIT $%d`, deliveryColumns, where, len(args)), args...)
}

// Count is how many deliveries there are in each state.
func (o *Outbox) Count(ctx context.Context, want Outgoing) (map[Outcome]int, error) {
	want.State = ""
	where, args := want.where()
	rows, err := o.db.Query(ctx, "SELECT state, count(*) FROM deliveries WHERE "+where+" GROUP BY state", args...)
	if err != nil {
		return nil, fmt.Errorf("count deliveries: %w", err)
	}
	defer rows.Close()
	counts := map[Outcome]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("count deliveries: %w", err)
		}
		counts[Outcome(state)] = n
	}
	return counts, rows.Err()
}

func (want Outgoing) where() (string, []any) {
	parts, args := []string{"post_id <> ''"}, []any{}
	if want.Hub {
		parts[0] = "post_id = ''"
	}
	add := func(part string, arg any) {
		args = append(args, arg)
		parts = append(parts, strings.ReplaceAll(part, "?", fmt.Sprintf("$%d", len(args))))
	}
	if want.Post != "" {
		add("post_id = ?", want.Post)
	}
	if want.State != "" {
		add("state = ?", string(want.State))
	}
	if want.By != "" {
		add("protocol = ?", want.By)
	}
	for _, word := range strings.Fields(strings.ToLower(want.Search)) {
		add(`lower(target) LIKE ? ESCAPE '\'`, "%"+likeEscape.Replace(word)+"%")
	}
	return strings.Join(parts, " AND "), args
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Again has a target told once more, at once, with a fresh look for its endpoint.
func (o *Outbox) Again(ctx context.Context, id string) error {
	return o.db.InTx(ctx, func(tx *database.Tx) error {
		now := o.now().Unix()
		d, err := scanDelivery(tx.QueryRow(`
			UPDATE deliveries SET state = 'queued', tries = 0, answer = '', refused = FALSE, location = '', said = '', turn_ms = 0, updated_at = $1, next_at = $1
			WHERE id = $2
			RETURNING `+deliveryColumns, now, id))
		if err != nil {
			return err
		}
		if err := forgetLook(tx, d.Target); err != nil {
			return err
		}
		return o.queue.Enqueue(tx, lane(d), d.ID)
	})
}

// Never has a host never told again, or, if never is false, told as others are,
// whatever entry of the list it was kept out by. What waits to be told is not told
// then.
func (o *Outbox) Never(ctx context.Context, host string, never bool) error {
	return o.settings.ChangeNever(ctx, func(list settings.Hosts) settings.Hosts {
		covering := list.Covering(host)
		switch {
		case never && len(covering) == 0:
			return list.With(host)
		case never:
			return list // it is silent already, perhaps with others of its domain
		}
		for _, entry := range covering {
			list = list.Without(entry)
		}
		return list
	})
}

const deliveryColumns = `id, post_id, target, host, property, linked, protocol, endpoint, state, tries, answer, location, said, told_at,
	updated_at, next_at, version, turn_ms, refused, source`

func (o *Outbox) list(ctx context.Context, query string, args ...any) ([]*Delivery, error) {
	rows, err := o.db.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return scanDeliveries(rows)
}

// scanDeliveries reads all rows and closes them.
func scanDeliveries(rows *sql.Rows) ([]*Delivery, error) {
	defer rows.Close()
	var list []*Delivery
	for rows.Next() {
		d, err := scanDelivery(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

func scanDelivery(row interface{ Scan(...any) error }) (*Delivery, error) {
	var d Delivery
	var state string
	var told, updated, next, turn int64
	err := row.Scan(&d.ID, &d.PostID, &d.Target, &d.Host, &d.Property, &d.Linked, &d.Protocol, &d.Endpoint, &state, &d.Tries, &d.Answer, &d.Location, &d.Said, &told,
		&updated, &next, &d.version, &turn, &d.Refused, &d.source)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read delivery: %w", err)
	}
	d.State, d.Told, d.Updated, d.Next = Outcome(state), database.Time(told), database.Time(updated), database.Time(next)
	if turn > 0 {
		d.turn = time.UnixMilli(turn)
	}
	return &d, nil
}
