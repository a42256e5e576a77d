package mentions

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
)

// How far apart two messages to one host are. WordPress refuses pings of anyone
// that follow each other within 15 s.
const (
	pingbackGap   = 17 * time.Second
	webmentionGap = 2 * time.Second
)

// longestLine is how far away a turn can be. A later one was reserved while the
// clock was wrong.
const longestLine = 24 * time.Hour

// turnsKept is how long a turn that nobody came for is good, and how long hosts
// are remembered whose turns are over.
const turnsKept = time.Hour

// takeTurn gives a delivery whose endpoint was found its turn at the endpoint's
// host, after all that are reserved there. Turns stand in the database, so that
// neither a restart nor another process lets two come too close.
func (o *Outbox) takeTurn(ctx context.Context, d *Delivery) error {
	u, err := url.Parse(d.Endpoint)
	if err != nil {
		return fmt.Errorf("endpoint %s: %w", d.Endpoint, err)
	}
	gap := webmentionGap
	if d.Protocol == byPingback {
		gap = pingbackGap
	}
	now := o.now()
	return o.db.InTx(ctx, func(tx *database.Tx) error {
		var next int64
		err := tx.QueryRow(`
			INSERT INTO turns (host, next_ms) VALUES ($1, $4)
			ON CONFLICT (host) DO UPDATE
			SET next_ms = $3 + CASE WHEN turns.next_ms > $2 AND turns.next_ms < $5 THEN turns.next_ms ELSE $2 END
			RETURNING next_ms`, fetch.Host(u), now.UnixMilli(), gap.Milliseconds(), now.Add(gap).UnixMilli(), now.Add(longestLine).UnixMilli()).Scan(&next)
		if err != nil {
			return fmt.Errorf("take turn: %w", err)
		}
		d.turn = time.UnixMilli(next).Add(-gap)
		if _, err := tx.Exec("DELETE FROM turns WHERE next_ms < $1", now.Add(-turnsKept).UnixMilli()); err != nil {
			return fmt.Errorf("forget turns: %w", err)
		}
		return nil
	})
}

// hasTurn tells whether a turn is reserved for a delivery that is still good.
func (d *Delivery) hasTurn(now time.Time) bool {
	return !d.turn.IsZero() && d.Endpoint != "" && now.Sub(d.turn) < turnsKept && d.turn.Sub(now) < longestLine
}
