package auth

import (
	"context"
	"fmt"
	"time"

	"hark/internal/database"
)

const (
	newsLife    = 14 * 24 * time.Hour // how long a new browser is one
	betweenMail = 6 * time.Hour       // so that there are few letters a day
)

// Arrival is the first login of a browser that an account had not met before.
type Arrival struct {
	ID             string
	At             time.Time
	User           string // the name to sign in with
	Address, Agent string
}

// OnArrival has enqueue write a job that is due at a time, in the transaction in
// which a browser arrives: the letter of it. It is called before anybody logs in.
func (g *Gate) OnArrival(enqueue func(tx *database.Tx, at time.Time) error) { g.arrived = enqueue }

// arrive notes the arrival of a browser that was not seen before. The first that
// an account ever has is no news.
func (g *Gate) arrive(tx *database.Tx, u *User, device string, a attempt) error {
	if a.seen {
		return nil
	}
	var met bool
	err := tx.QueryRow(`
		SELECT EXISTS (SELECT 1 FROM devices WHERE user_id = $1)
			OR EXISTS (SELECT 1 FROM activity WHERE user_id = $1 AND what = $2)`, u.ID, string(SignedIn)).Scan(&met)
	if err != nil || !met {
		return err
	}
	if err := g.log.note(tx, u.ID, event{what: NewBrowser, from: a.from, device: digest(device)}); err != nil {
		return err
	}
	var last int64
	if err := tx.QueryRow("SELECT COALESCE(MAX(mailed_at), 0) FROM activity WHERE device <> ''").Scan(&last); err != nil {
		return err
	}
	at := g.now()
	if next := time.Unix(last, 0).Add(betweenMail); next.After(at) {
		at = next
	}
	return g.arrived(tx, at)
}

// News are the browsers that arrived at a user's account within two weeks, and of
// which the browser with this device was not told; the newest first, few of them.
func (g *Gate) News(ctx context.Context, userID, device string) ([]Arrival, error) {
	return g.arrivals(ctx, `
		WHERE activity.user_id = $1 AND activity.at >= $2 AND activity.device <> '' AND activity.device <> $3
			AND activity.id > COALESCE((SELECT told FROM devices WHERE token_hash = $3 AND user_id = $1), '')
		ORDER BY activity.id DESC
		LIMIT 3`, userID, g.now().Add(-newsLife).Unix(), digest(device))
}

// Told remembers that the browser with this device was told of the news up to the
// arrival with this ID. Every browser is told by itself: one that has no business
// here cannot put away for the others what is said of it.
func (g *Gate) Told(ctx context.Context, userID, device, arrival string) error {
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`
			UPDATE devices
			SET told = COALESCE((SELECT id FROM activity WHERE id = $1 AND user_id = $2), told)
			WHERE token_hash = $3 AND user_id = $2`, arrival, userID, digest(device))
		return err
	})
	if err != nil {
		return fmt.Errorf("remember who was told: %w", err)
	}
	return nil
}

// Unmailed are the arrivals of the last day at all accounts of which no letter told
// yet, the oldest first.
func (g *Gate) Unmailed(ctx context.Context) ([]Arrival, error) {
	return g.arrivals(ctx, `
		WHERE activity.device <> '' AND activity.mailed_at = 0 AND activity.at >= $1
		ORDER BY activity.at, activity.id
		LIMIT 20`, g.now().Add(-24*time.Hour).Unix())
}

// Mailed remembers that a letter told of these arrivals.
func (g *Gate) Mailed(ctx context.Context, list []Arrival) error {
	err := g.db.InTx(ctx, func(tx *database.Tx) error {
		for _, one := range list {
			if _, err := tx.Exec("UPDATE activity SET mailed_at = $1 WHERE id = $2", g.now().Unix(), one.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember a letter: %w", err)
	}
	return nil
}

func (g *Gate) arrivals(ctx context.Context, which string, args ...any) ([]Arrival, error) {
	rows, err := g.db.Query(ctx, `
		SELECT activity.id, activity.at, users.name, activity.address, activity.agent
		FROM activity
		JOIN users ON users.id = activity.user_id`+which, args...)
	if err != nil {
		return nil, fmt.Errorf("list new browsers: %w", err)
	}
	defer rows.Close()
	var list []Arrival
	for rows.Next() {
		var one Arrival
		var at int64
		if err := rows.Scan(&one.ID, &at, &one.User, &one.Address, &one.Agent); err != nil {
			return nil, fmt.Errorf("list new browsers: %w", err)
		}
		one.At = database.Time(at)
		list = append(list, one)
	}
	return list, rows.Err()
}
