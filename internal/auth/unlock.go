package auth

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"

	"hark/internal/database"
)

// unlocks remembers which budgets were filled because somebody said so, and when
// that was said. After the time in which a budget fills by itself it says nothing
// any more.
type unlocks struct {
	mu   sync.Mutex
	done map[string]int64
}

// Unlock has an account be let in to try again at once, and the devices that it
// knows, in every process that serves: each looks for it when it is about to turn
// somebody away. The budgets of addresses fill by themselves within a minute.
func (g *Gate) Unlock(ctx context.Context, name string) error {
	u, _, err := g.account(ctx, signIn(name))
	if err != nil {
		return err
	}
	err = g.db.InTx(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec("UPDATE users SET unlocked_at = $1 WHERE id = $2", g.now().Unix(), u.ID); err != nil {
			return err
		}
		return g.log.note(tx, u.ID, event{what: Unlocked, how: byCommand})
	})
	if err != nil {
		return fmt.Errorf("unlock %s: %w", u.Name, err)
	}
	return nil
}

// unlocked reports whether the account was unlocked since its budget was last
// filled, and fills it then.
func (g *Gate) unlocked(ctx context.Context, a attempt) bool {
	if !validName(a.name) {
		return false
	}
	var at int64
	err := g.db.QueryRow(ctx, "SELECT COALESCE(MAX(unlocked_at), 0) FROM users WHERE name = $1", a.name).Scan(&at)
	if err != nil {
		slog.Warn("it is not known whether an account was unlocked", "error", err)
		return false
	}
	key, u, old := a.account(), g.unlocks, g.now().Add(-accountRefill).Unix()
	u.mu.Lock()
	defer u.mu.Unlock()
	maps.DeleteFunc(u.done, func(_ string, at int64) bool { return at < old })
	if at < old || at <= u.done[key] {
		return false
	}
	u.done[key] = at
	g.accounts.Forget(key)
	return true
}
