package auth

import (
	"context"
	"fmt"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
)

// Activity is something that happened to an account, within 90 days.
type Activity struct {
	ID      string
	At      time.Time
	What    What
	How     authlog.Method // and "command" for what was done on the machine itself
	Address string         // empty where it is not known
	Agent   string         // the browser's User-Agent, or the name of a token
	Times   int            // refusals of one kind from one address within an hour are one
}

// Activity lists what happened to a user's account, the newest first. before is
// the ID of the last one that was seen, or empty.
func (g *Gate) Activity(ctx context.Context, userID, before string, limit int) ([]Activity, error) {
	rows, err := g.db.Query(ctx, `
		SELECT id, at, what, how, address, agent, times
		FROM activity
		WHERE user_id = $1 AND at >= $2 AND ($3 = '' OR (at, id) < (SELECT at, id FROM activity WHERE id = $3 AND user_id = $1))
		ORDER BY at DESC, id DESC
		LIMIT $4`, userID, g.now().Add(-activityLife).Unix(), before, limit)
	if err != nil {
		return nil, fmt.Errorf("list the activity of an account: %w", err)
	}
	defer rows.Close()
	var list []Activity
	for rows.Next() {
		var one Activity
		var at int64
		if err := rows.Scan(&one.ID, &at, &one.What, &one.How, &one.Address, &one.Agent, &one.Times); err != nil {
			return nil, fmt.Errorf("list the activity of an account: %w", err)
		}
		one.At = database.Time(at)
		list = append(list, one)
	}
	return list, rows.Err()
}

// Strangers is how often within 90 days somebody came by a name or a token that
// nobody has.
func (g *Gate) Strangers(ctx context.Context) (times int, err error) {
	err = g.db.QueryRow(ctx, "SELECT COALESCE(SUM(times), 0) FROM strangers WHERE day >= $1",
		g.now().Add(-activityLife).Unix()/strangersDay).Scan(&times)
	if err != nil {
		return 0, fmt.Errorf("count strangers: %w", err)
	}
	return times, nil
}
