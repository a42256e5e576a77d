package mentions

import (
	"cmp"
	"context"
	"fmt"
	"html/template"

	"hark/internal/database"
	"hark/internal/mf2"
)

// shownColumns are what readers see of a mention, and what its place in a
// conversation depends on. A page shows many mentions, and each column of each
// costs; what only the owner sees is left out.
const shownColumns = `id, post_id, source, via, kind, author_name, author_url, face, title, html, rsvp, published_at, received_at,
	source_key, reply_key`

// shown reads mentions that are shown, by shownColumns.
func (i *Inbox) shown(ctx context.Context, query string, args ...any) ([]*Mention, error) {
	rows, err := i.db.Short(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list what is shown: %w", err)
	}
	defer rows.Close()
	var list []*Mention
	for rows.Next() {
		m := &Mention{State: Shown}
		var via, kind, html string
		var published, received int64
		if err := rows.Scan(&m.ID, &m.PostID, &m.Source, &via, &kind, &m.AuthorName, &m.AuthorURL, &m.Face, &m.Title, &html, &m.RSVP,
			&published, &received, &m.key, &m.ReplyTo); err != nil {
			return nil, fmt.Errorf("list what is shown: %w", err)
		}
		m.Via, m.Kind, m.HTML = Via(via), mf2.Kind(kind), template.HTML(html)
		m.Published, m.Received = database.Time(published), database.Time(received)
		list = append(list, m)
	}
	return list, rows.Err()
}

// bySaying orders mentions by when they were said, as the database does.
func bySaying(a, b *Mention) int {
	return cmp.Or(cmp.Compare(database.Unix(a.Published), database.Unix(b.Published)), cmp.Compare(a.ID, b.ID))
}
