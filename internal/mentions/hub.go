package mentions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/queue"
	"hark/internal/websub"
)

// hubDue is the job that tells the hub of one page of ours.
const hubDue queue.Kind = "hub"

// changedTopics has the hub told of the pages and feeds that a change of a post
// has changed. Topics are rows without a post, so that many changes of one feed
// within a short time are told at once.
func (o *Outbox) changedTopics(tx *database.Tx, c *change) error {
	if c.telling.Hub == "" || o.topics == nil {
		return nil
	}
	var told bool
	if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM deliveries WHERE post_id = '' AND target = $1 AND version = $2)", o.address(c.post), c.topicVersion()).Scan(&told); err != nil {
		return fmt.Errorf("look for topic: %w", err)
	}
	if told {
		return nil // it is not the post that has changed
	}
	holds, err := topicsOf(tx, c.post.ID)
	if err != nil {
		return err
	}
	for topic := range holds { // of a tag, perhaps, that the post has lost
		holds[topic] = false
	}
	for _, path := range o.topics(c.post) {
		holds[o.site.url+path] = true
	}
	// Many posts share their topics: in one order no two wait for each other.
	for _, topic := range slices.Sorted(maps.Keys(holds)) {
		if err := o.scheduleTopic(tx, c, topic, holds[topic]); err != nil {
			return err
		}
	}
	return nil
}

// topicsOf are the topics that a change of the post was the last to change. They
// have its key where links have that of their target.
func topicsOf(tx *database.Tx, post string) (map[string]bool, error) {
	rows, err := tx.Query("SELECT target FROM deliveries WHERE target_key = $1 AND linked AND post_id = ''", post)
	if err != nil {
		return nil, fmt.Errorf("read topics: %w", err)
	}
	list, err := database.Column(rows)
	topics := make(map[string]bool, len(list))
	for _, topic := range list {
		topics[topic] = true
	}
	return topics, err
}

// scheduleTopic has the hub told of one topic. holds says that the post stands in
// it still.
func (o *Outbox) scheduleTopic(tx *database.Tx, c *change, topic string, holds bool) error {
	var id string
	err := tx.QueryRow(`
		INSERT INTO deliveries (id, post_id, target, target_key, host, linked, version, protocol, endpoint, state, tries, answer, location, created_at, updated_at, next_at)
		VALUES ($1, '', $2, $7, $3, $8, $4, 'websub', $5, 'queued', 0, '', '', $6, $6, $6)
		ON CONFLICT (post_id, target) DO UPDATE
		SET target_key = excluded.target_key, host = excluded.host, linked = excluded.linked, version = excluded.version, endpoint = excluded.endpoint,
			state = 'queued', tries = 0, answer = '', updated_at = excluded.updated_at, next_at = excluded.next_at
		RETURNING id`,
		database.NewID(), topic, targetHost(c.telling.Hub), c.topicVersion(), c.telling.Hub, o.now().Unix(), c.post.ID, holds).Scan(&id)
	if err != nil {
		return fmt.Errorf("schedule topic: %w", err)
	}
	return o.queue.Enqueue(tx, hubDue, id)
}

// topicVersion changes whenever the post is saved, deleted or restored.
func (c *change) topicVersion() string { return fmt.Sprint(c.post.ID, ":", c.post.Version) }

// publish tells the hub of one topic. It is the handler of the job.
func (o *Outbox) publish(ctx context.Context, job queue.Job) error {
	d, err := o.queued(ctx, job)
	if d == nil || err != nil {
		return err
	}
	telling, err := o.settings.Telling(ctx)
	if err != nil {
		return err
	}
	if telling.Hub == "" {
		d.State, d.Answer, d.Updated = Quiet, "No hub is told any more.", o.now()
		return o.keep(ctx, d, 0)
	}
	d.Endpoint, d.Host = telling.Hub, targetHost(telling.Hub) // it may be another by now
	err = websub.Publish(ctx, o.fetch.Polite(), d.Endpoint, d.Target)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err() // hark stops
	case errors.Is(err, fetch.ErrBusy):
		return o.keep(ctx, d, busyFor(err))
	}
	d.Answer = ""
	return o.conclude(ctx, d, d.read(err))
}
