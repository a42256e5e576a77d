package mentions

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"hark/internal/database"
	"hark/internal/mf2"
	"hark/internal/posts"
)

// upstreamRest is how long a conversation is left to go on before those are told
// whom our post in it answers, so that many answers at once are told at once.
const upstreamRest = time.Minute

// mostInThread bounds the answers that are looked at to see whether any changed.
const mostInThread = 5000

// tellUpstream has those looked at anew whom our post answers, when an answer
// beneath it comes, goes, or changes (Salmention, https://indieweb.org/Salmention):
// what they show of the conversation may be more now.
func (i *Inbox) tellUpstream(tx *database.Tx, r *record, before Mention) error {
	was, is := before.State == Shown, r.State == Shown
	if r.PostID == "" || !isAnswer(r.Kind) && !isAnswer(before.Kind) || was == is && (!is || r.Content.same(before.Content)) {
		return nil
	}
	var answers bool
	err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM deliveries WHERE post_id = $1 AND linked AND property = 'in-reply-to')", r.PostID).Scan(&answers)
	if err != nil || !answers {
		return err
	}
	return i.queue.EnqueueAt(tx, posts.Changed, r.PostID, i.now().Add(upstreamRest))
}

func isAnswer(kind mf2.Kind) bool { return kind == mf2.Reply || kind == mf2.Reaction }

// thread changes when the answers that are shown beneath a post do, if the post
// answers somebody itself. Without any it is empty.
func (o *Outbox) thread(tx *database.Tx, c *change) (string, error) {
	if c.post.Properties.Address("in-reply-to") == "" {
		return "", nil
	}
	rows, err := tx.Query(`
		SELECT source, author_name, html FROM mentions
		WHERE post_id = $1 AND state = 'shown' AND kind IN ('reply', 'reaction')
		ORDER BY id
		LIMIT $2`, c.post.ID, mostInThread)
	if err != nil {
		return "", fmt.Errorf("read thread: %w", err)
	}
	defer rows.Close()
	sum, empty := sha256.New(), true
	for rows.Next() {
		var source, author, html string
		if err := rows.Scan(&source, &author, &html); err != nil {
			return "", fmt.Errorf("read thread: %w", err)
		}
		fmt.Fprintf(sum, "%s\x00%s\x00%s\x00", source, author, html)
		empty = false
	}
	if empty {
		return "", rows.Err()
	}
	return "." + hex.EncodeToString(sum.Sum(nil)[:8]), rows.Err()
}
