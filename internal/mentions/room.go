package mentions

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hark/internal/authlog"
)

// mostWaiting is how many accepted mentions may wait to be read.
const mostWaiting = 20_000

// room remembers for a second how many mentions wait. Counting thousands costs
// more than storing one, and in a second not many more can come.
type room struct {
	mu      sync.Mutex
	counted time.Time
	waiting int
}

// checkRoom refuses more mentions than can be read in good time. Those whose
// source was asked in vain do not count: nobody can fill the inbox with them.
func (i *Inbox) checkRoom(ctx context.Context) error {
	i.room.mu.Lock()
	defer i.room.mu.Unlock()
	now := i.now()
	if i.room.counted.IsZero() || now.Sub(i.room.counted).Abs() >= time.Second {
		err := i.db.QueryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM mentions WHERE state = 'waiting' AND strikes = 0 LIMIT $1) AS unread", mostWaiting).
			Scan(&i.room.waiting)
		if err != nil {
			return fmt.Errorf("count waiting mentions: %w", err)
		}
		i.room.counted = now
	}
	if i.room.waiting >= mostWaiting {
		return &Refusal{Reason: authlog.RateLimited, Text: "Too many mentions are waiting here. Please send it again later.", RetryAfter: 10 * time.Minute, Full: true}
	}
	return nil
}
