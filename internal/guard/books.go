package guard

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"strings"
	"sync"
	"time"

	"hark/internal/authlog"
	"hark/internal/budget"
	"hark/internal/database"
)

// How an event ended, beside the results of logins.
const (
	Taken   = "taken" // by the door; the verdict comes later
	Shown   = "shown"
	Held    = "held"
	Spam    = "spam"
	Refused = "refused"
)

// Logins is the door of those who log in; the others are named by their protocol.
const Logins = "login"

// What a crowd consists of.
const (
	ByAddress = "address" // IPv6 by /64
	ByHost    = "host"
)

const (
	// writeEvery is how often what was counted is written down.
	writeEvery = 10 * time.Second
	// talliesKept and busiestKept are how long. The busiest are people's addresses.
	talliesKept = 400 * 24 * time.Hour
	busiestKept = 31 * 24 * time.Hour
	day         = 24 * 60 * 60
	longestName = 253
)

// Event is what is counted: which door, how it ended, and why.
type Event struct{ Door, Outcome, Reason string }

// Books count what comes to the doors. Every event is a number in memory, written
// to the database now and then with all others, so that a flood makes no rows. It
// owns the tables tallies and busiest.
type Books struct {
	db  *database.DB // nil: nothing is written
	now func() time.Time

	mu      sync.Mutex
	totals  map[Event]uint64           // since the start
	hours   map[int64]map[Event]uint64 // not yet written
	today   int64
	crowds  map[string]crowd // of today
	failing bool
	pruned  time.Time

	writing sync.Mutex // one at a time
}

func newBooks(now func() time.Time) *Books {
	return &Books{now: now, totals: map[Event]uint64{}, hours: map[int64]map[Event]uint64{},
		crowds: map[string]crowd{ByAddress: {}, ByHost: {}}}
}

// count counts one event.
func (b *Books) count(e Event) {
	hour := b.now().Unix() / 3600 * 3600
	b.mu.Lock()
	defer b.mu.Unlock()
	b.totals[e]++
	if b.hours[hour] == nil {
		b.hours[hour] = map[Event]uint64{}
	}
	b.hours[hour][e]++
}

// blame counts a refusal against an address, or a host.
func (b *Books) blame(sort, name, reason string) {
	if name == "" || len(name) > longestName {
		return
	}
	today := b.now().Unix() / day * day
	b.mu.Lock()
	defer b.mu.Unlock()
	if today != b.today {
		b.today = today
		for sort := range b.crowds {
			b.crowds[sort] = crowd{} // what was not written yet of the day before is lost: seconds of it
		}
	}
	b.crowds[sort].add(name, reason)
}

// blameAddress counts a refusal against whoever sent it.
func (b *Books) blameAddress(from netip.Addr, reason string) {
	if from.IsValid() {
		b.blame(ByAddress, named(budget.Address(from)), reason)
	}
}

// blameHost counts a refusal against the host of a source, if it is one: whoever
// refuses may have only what the sender wrote.
func (b *Books) blameHost(host, reason string) {
	host = strings.ToLower(host)
	if strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-_:[]") == "" {
		b.blame(ByHost, host, reason)
	}
}

// login counts an attempt to log in.
func (b *Books) login(a authlog.Attempt) {
	e := Event{Logins, string(a.Result), a.Method.Name()}
	if a.Result == authlog.Throttled {
		e.Reason = ""
	}
	b.count(e)
	if a.Result != authlog.LoggedIn {
		b.blameAddress(a.From, LoginFailed)
	}
}

// LoginFailed stands among the reasons of refusals for logins.
const LoginFailed = "login"

// Totals is what was counted since the start.
func (b *Books) Totals() map[Event]uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.totals)
}

// Keep has what is counted from now on written to a database. It is called before
// anything is.
func (b *Books) Keep(db *database.DB) { b.db = db }

// Run writes now and then until ctx ends, and then once more.
func (b *Books) Run(ctx context.Context) {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			b.write(context.WithoutCancel(ctx))
			return
		case <-tick.C:
			b.write(ctx)
		}
	}
}

// write tells of trouble once. What was not written is kept for the next time.
func (b *Books) write(ctx context.Context) {
	err := b.Write(ctx)
	b.writing.Lock()
	defer b.writing.Unlock()
	if err != nil && !b.failing {
		slog.Error("what came to the doors is counted in memory only", "error", err)
	}
	b.failing = err != nil
}

// Write writes down what was counted since it was called last.
func (b *Books) Write(ctx context.Context) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	if b.db == nil {
		return nil
	}
	hours, today, crowds := b.take()
	prune := b.now().Sub(b.pruned).Abs() >= time.Hour
	if len(hours) == 0 && len(crowds) == 0 && !prune {
		return nil
	}
	err := b.db.InTx(ctx, func(tx *database.Tx) error {
		if err := writeHours(tx, hours); err != nil {
			return err
		}
		for sort, list := range crowds {
			if err := writeCrowd(tx, today, sort, list); err != nil {
				return err
			}
		}
		if prune {
			return pruneBooks(tx, b.now())
		}
		return nil
	})
	if err != nil {
		b.putBack(hours, today, crowds)
		return fmt.Errorf("write down what came to the doors: %w", err)
	}
	if prune {
		b.pruned = b.now()
	}
	return nil
}

// entry is what is written of a member of a crowd.
type entry struct {
	name, mostly string
	n            uint64
}

// take takes what is to be written.
func (b *Books) take() (hours map[int64]map[Event]uint64, today int64, crowds map[string][]entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	hours, b.hours = b.hours, map[int64]map[Event]uint64{}
	crowds = map[string][]entry{}
	for sort, crowd := range b.crowds {
		largest := crowd.largest()
		for _, m := range largest[:min(crowdKept, len(largest))] {
			if m.unwritten > 0 {
				crowds[sort] = append(crowds[sort], entry{m.name, m.mostly(), m.unwritten})
				m.unwritten = 0
			}
		}
	}
	return hours, b.today, crowds
}

// putBack adds what could not be written to what came meanwhile.
func (b *Books) putBack(hours map[int64]map[Event]uint64, today int64, crowds map[string][]entry) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for hour, events := range hours {
		if b.hours[hour] == nil {
			b.hours[hour] = map[Event]uint64{}
		}
		for e, n := range events {
			b.hours[hour][e] += n
		}
	}
	if today != b.today {
		return
	}
	for sort, list := range crowds {
		for _, one := range list {
			if m := b.crowds[sort][one.name]; m != nil {
				m.unwritten += one.n
			}
		}
	}
}

func writeHours(tx *database.Tx, hours map[int64]map[Event]uint64) error {
	for hour, events := range hours {
		for e, n := range events {
			if _, err := tx.Exec(`
				INSERT INTO tallies (hour, door, outcome, reason, n) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (hour, door, outcome, reason) DO UPDATE SET n = tallies.n + excluded.n`,
				hour, e.Door, e.Outcome, e.Reason, int64(n)); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeCrowd(tx *database.Tx, today int64, sort string, list []entry) error {
	for _, one := range list {
		if _, err := tx.Exec(`
			INSERT INTO busiest (day, sort, name, mostly, n) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (day, sort, name) DO UPDATE SET n = busiest.n + excluded.n, mostly = excluded.mostly`,
			today, sort, one.name, one.mostly, int64(one.n)); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`
		DELETE FROM busiest WHERE day = $1 AND sort = $2 AND name NOT IN (
			SELECT name FROM busiest WHERE day = $1 AND sort = $2 ORDER BY n DESC, name LIMIT $3)`, today, sort, crowdKept)
	return err
}

// pruneBooks removes what is too old, a day's worth at a time, so that a clock
// that is wrong for an hour does not take the history with it.
func pruneBooks(tx *database.Tx, now time.Time) error {
	if _, err := tx.Exec("DELETE FROM tallies WHERE hour < $1 AND hour < (SELECT min(hour) FROM tallies) + $2",
		now.Add(-talliesKept).Unix(), day); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM busiest WHERE day < $1 AND day = (SELECT min(day) FROM busiest)", now.Add(-busiestKept).Unix())
	return err
}

// Sum is how often an event came in one of several stretches of time.
type Sum struct {
	Stretch int // counted from 0
	Event
	N uint64
}

// Sums reads what was counted in n stretches of time, of whole hours each, that
// begin at from.
func (b *Books) Sums(ctx context.Context, from time.Time, stretch time.Duration, n int) ([]Sum, error) {
	begin, length := from.Unix(), int64(stretch.Seconds())
	rows, err := b.db.Query(ctx, `
		SELECT (hour - $1) / $2 AS stretch, door, outcome, reason, sum(n) FROM tallies
		WHERE hour >= $1 AND hour < $3
		GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`, begin, length, begin+length*int64(n))
	if err != nil {
		return nil, fmt.Errorf("read what came to the doors: %w", err)
	}
	defer rows.Close()
	var list []Sum
	for rows.Next() {
		var s Sum
		if err := rows.Scan(&s.Stretch, &s.Door, &s.Outcome, &s.Reason, &s.N); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// Busy is an address or a host whose pings or logins were refused.
type Busy struct {
	Name   string
	Mostly string // the commonest reason
	N      uint64
}

// Busiest reads the busiest since a time, at most n of them.
func (b *Books) Busiest(ctx context.Context, sort string, since time.Time, n int) ([]Busy, error) {
	rows, err := b.db.Query(ctx, `
		SELECT name, max(mostly), sum(n) AS all_of_them FROM busiest WHERE sort = $1 AND day >= $2
		GROUP BY name ORDER BY all_of_them DESC, name LIMIT $3`, sort, since.Unix()/day*day, n)
	if err != nil {
		return nil, fmt.Errorf("read who is refused most: %w", err)
	}
	defer rows.Close()
	var list []Busy
	for rows.Next() {
		var one Busy
		if err := rows.Scan(&one.Name, &one.Mostly, &one.N); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}
