package guard

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"hark/internal/database"
)

const (
	// afterlife is how long a ban that has ended is still listed. A clock that was
	// wrong for a while ends none for good.
	afterlife = 24 * time.Hour
	// mostBans bounds the table.
	mostBans = 100_000
)

// BanOptions are what Bans stands on.
type BanOptions struct {
	DB      *database.DB
	Trusted []netip.Prefix // proxies; they are never banned
	// Spared are the addresses that the owner has listed as never to be banned;
	// they are read again when the generation SparedBy moves. Nil: none are.
	Spared   func(context.Context) ([]netip.Prefix, error)
	SparedBy string
	Now      func() time.Time
}

// Bans are those who may not come in. It owns the tables bans and ban_changes.
// NewBans is its only door.
//
// Requests ask a set in memory. It is made anew by Look, which Watch calls once a
// second, since the commands that change bans run in processes of their own.
type Bans struct {
	BanOptions
	set    atomic.Pointer[banSet]
	turned atomic.Uint64

	mu      sync.Mutex // one look at a time
	seen    int64      // the number of changes at the last one
	choices uint64     // and the generation of what is spared
}

// NewBans makes them. Nobody is banned before the first Look.
func NewBans(o BanOptions) *Bans {
	trusted := make([]netip.Prefix, len(o.Trusted))
	for i, p := range o.Trusted {
		trusted[i] = unmapped(p)
	}
	o.Trusted = trusted
	b := &Bans{BanOptions: o, seen: -1}
	b.set.Store(&banSet{})
	return b
}

// Look takes over what has changed. Requests go by what was known until it is
// done, and none waits for it.
func (b *Bans) Look(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen, choices, err := b.numbers(ctx)
	if err != nil {
		return err
	}
	set, now := b.set.Load(), b.Now()
	ended := !set.ends.IsZero() && !now.Before(set.ends)
	if seen == b.seen && choices == b.choices && !ended && !now.Before(set.made) {
		return nil
	}
	spared, err := b.spared(ctx)
	if err != nil {
		return err
	}
	list, err := b.List(ctx)
	if err != nil {
		return err
	}
	b.set.Store(newBanSet(list, spared, now))
	b.seen, b.choices = seen, choices
	return b.forget(ctx, list, now)
}

// numbers are what moves with the bans, and with what is spared.
func (b *Bans) numbers(ctx context.Context) (seen int64, choices uint64, err error) {
	err = b.DB.QueryRow(ctx, "SELECT number FROM ban_changes WHERE one = 1").Scan(&seen)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, 0, fmt.Errorf("look at the bans: %w", err)
	}
	if b.SparedBy == "" {
		return seen, 0, nil
	}
	generations, err := b.DB.Generations(ctx, b.SparedBy)
	if err != nil {
		return 0, 0, err
	}
	return seen, generations[0], nil
}

// spared are all addresses that are never banned, loopback aside.
func (b *Bans) spared(ctx context.Context) ([]netip.Prefix, error) {
	if b.Spared == nil {
		return b.Trusted, nil
	}
	listed, err := b.Spared(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who is never banned: %w", err)
	}
	all := b.Trusted[:len(b.Trusted):len(b.Trusted)]
	for _, p := range listed {
		all = append(all, unmapped(p))
	}
	return all, nil
}

// forget removes bans that ended long ago.
func (b *Bans) forget(ctx context.Context, list []Ban, now time.Time) error {
	old := now.Add(-afterlife)
	for _, ban := range list {
		if !ban.Until.IsZero() && ban.Until.Before(old) {
			return b.DB.InTx(ctx, func(tx *database.Tx) error {
				_, err := tx.Exec("DELETE FROM bans WHERE until > 0 AND until < $1", old.Unix())
				return err
			})
		}
	}
	return nil
}

// Banned tells whether an address is shut out.
func (b *Bans) Banned(addr netip.Addr) bool { return b.set.Load().banned(addr) }

// Holding is how many bans hold.
func (b *Bans) Holding() int { return b.set.Load().n }

// TurnedAway is how many requests of banned addresses were refused since the start.
func (b *Bans) TurnedAway() uint64 { return b.turned.Load() }

// Add bans an address or a network; again by the same, it replaces what was said
// before. What must not be banned is an *Unbannable. Until lies ahead, or is zero.
func (b *Bans) Add(ctx context.Context, ban Ban) error {
	spared, err := b.spared(ctx)
	if err != nil {
		return err
	}
	if err := bannable(ban.Network, spared); err != nil {
		return err
	}
	ban.By, ban.Why, ban.Since = tidy(ban.By, 64), tidy(ban.Why, 200), b.Now()
	if !ban.Until.IsZero() {
		ban.Until = ban.Until.Add(time.Second - 1) // the table has whole seconds; none is cut off
	}
	err = b.DB.InTx(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`
			INSERT INTO bans (network, by_whom, covers, why, since, until)
			SELECT $1, $2, $3, $4, $5, $6
			WHERE (SELECT count(*) FROM bans) < $7 OR EXISTS (SELECT 1 FROM bans WHERE network = $1 AND by_whom = $2)
			ON CONFLICT (network, by_whom) DO UPDATE
			SET why = excluded.why, since = excluded.since, until = excluded.until`,
			ban.Network.String(), ban.By, ban.Covers().String(), ban.Why, database.Unix(ban.Since), database.Unix(ban.Until), mostBans)
		if err != nil {
			return fmt.Errorf("ban %s: %w", ban.Name(), err)
		}
		if n == 0 {
			return &Unbannable{fmt.Sprintf("There are %d bans already, which is all that are kept. Ban networks instead, or for a shorter time.", mostBans)}
		}
		return changed(tx)
	})
	if err != nil {
		return err
	}
	return b.lookAtOnce(ctx)
}

// Lift ends the bans of a network that one party made, or with by empty those
// that anybody made of it. There may be none.
func (b *Bans) Lift(ctx context.Context, network netip.Prefix, by string) error {
	query, args := "DELETE FROM bans WHERE network = $1 AND by_whom = $2", []any{network.String(), by}
	if by == "" {
		query, args = "DELETE FROM bans WHERE covers = $1", []any{covers(network).String()}
	}
	return b.lift(ctx, query, args...)
}

// LiftAll ends all bans that one party made, or with by empty all there are.
func (b *Bans) LiftAll(ctx context.Context, by string) error {
	if by == "" {
		return b.lift(ctx, "DELETE FROM bans")
	}
	return b.lift(ctx, "DELETE FROM bans WHERE by_whom = $1", by)
}

func (b *Bans) lift(ctx context.Context, query string, args ...any) error {
	err := b.DB.InTx(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(query, args...)
		if err != nil {
			return fmt.Errorf("lift bans: %w", err)
		}
		if n == 0 {
			return nil
		}
		return changed(tx)
	})
	if err != nil {
		return err
	}
	return b.lookAtOnce(ctx)
}

// lookAtOnce is for a change of our own. A process that answers no requests has
// never looked, and need not.
func (b *Bans) lookAtOnce(ctx context.Context) error {
	b.mu.Lock()
	serving := b.seen >= 0
	b.mu.Unlock()
	if !serving {
		return nil
	}
	return b.Look(ctx)
}

// changed lets every process that serves know.
func changed(tx *database.Tx) error {
	_, err := tx.Exec("INSERT INTO ban_changes (one, number) VALUES (1, 1) ON CONFLICT (one) DO UPDATE SET number = ban_changes.number + 1")
	return err
}

// List reads the bans, the latest first, and those that ended within the last day.
func (b *Bans) List(ctx context.Context) ([]Ban, error) {
	rows, err := b.DB.Query(ctx, "SELECT network, by_whom, why, since, until FROM bans ORDER BY since DESC, network, by_whom")
	if err != nil {
		return nil, fmt.Errorf("read bans: %w", err)
	}
	defer rows.Close()
	var list []Ban
	for rows.Next() {
		var network string
		var since, until int64
		var ban Ban
		if err := rows.Scan(&network, &ban.By, &ban.Why, &since, &until); err != nil {
			return nil, err
		}
		if ban.Network, err = netip.ParsePrefix(network); err != nil {
			continue // nobody's
		}
		ban.Since, ban.Until = database.Time(since), database.Time(until)
		list = append(list, ban)
	}
	return list, rows.Err()
}

// Holds tells whether the ban has not ended.
func (b Ban) Holds(now time.Time) bool { return b.Until.IsZero() || now.Before(b.Until) }
