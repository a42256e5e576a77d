package mentions

import (
	"context"
	"fmt"
	"strings"

	"hark/internal/database"
	"hark/internal/mf2"
)

// Wanted says which mentions the desk lists. Zero fields do not narrow it.
type Wanted struct {
	State State    // Held: with those shown whose words have changed
	Text  string   // words that stand in them, in any case
	Host  string   // of the source, however it is spelled, with www. or without
	Kind  mf2.Kind //
	Via   Via
	Post  string // the key of a post
	After string // the key of a mention: only those that follow it in the list
	Limit int
}

// Find lists mentions, the newest first.
func (i *Inbox) Find(ctx context.Context, w Wanted) ([]*Mention, error) {
	where, args := w.where()
	if w.After != "" {
		args = append(args, w.After)
		where += fmt.Sprintf(" AND (received_at, id) < (SELECT received_at, id FROM mentions WHERE id = $%d)", len(args))
	}
	args = append(args, w.Limit)
	return i.list(ctx, fmt.Sprintf("SELECT %s FROM mentions WHERE %s ORDER BY %s DESC, id DESC LIMIT $%d", columns, where, receivedAt(w.few()), len(args)), args...)
}

// FindIDs lists the keys of all that are wanted, the newest first, at most Limit.
func (i *Inbox) FindIDs(ctx context.Context, w Wanted) ([]string, error) {
	where, args := w.where()
	args = append(args, w.Limit)
	rows, err := i.db.Query(ctx, fmt.Sprintf("SELECT id FROM mentions WHERE %s ORDER BY %s DESC, id DESC LIMIT $%d", where, receivedAt(w.few()), len(args)), args...)
	if err != nil {
		return nil, fmt.Errorf("list mentions: %w", err)
	}
	return database.Column(rows)
}

// few tells whether an index leads to few mentions.
func (w Wanted) few() bool { return w.Post != "" || w.Host != "" }

// where is the condition, with its values.
func (w Wanted) where() (string, []any) {
	var parts []string
	var args []any
	add := func(part string, value any) {
		args = append(args, value)
		parts = append(parts, fmt.Sprintf(part, len(args)))
	}
	switch w.State {
	case "":
		parts = append(parts, "TRUE")
	case Held:
		parts = append(parts, undecided)
	default:
		add(stateOf(w.few())+" = $%d", string(w.State))
	}
	for _, word := range strings.Fields(strings.ToLower(w.Text)) {
		add(`search LIKE $%d ESCAPE '\'`, "%"+escapeLike(word)+"%")
	}
	if w.Host != "" {
		add("host IN ($%[1]d, 'www.' || $%[1]d)", bareHost(canonical(withScheme(w.Host))))
	}
	if w.Kind != "" {
		add("kind = $%d", string(w.Kind))
	}
	if w.Via != "" {
		add("via = $%d", string(w.Via))
	}
	if w.Post != "" {
		add("post_id = $%d", w.Post)
	}
	return strings.Join(parts, " AND "), args
}

// undecided are those that wait for the owner: held ones, and shown ones whose
// words have changed. Two lists that an index each knows make one.
const undecided = `id IN (SELECT id FROM mentions WHERE state = 'held' UNION ALL SELECT id FROM mentions WHERE ` + reworded + `)`

// reworded is the condition of shown mentions whose words have changed. No index is
// to know its state: SQLite would look through all that are shown, while there is one
// of those that have changed.
const reworded = `changed <> '' AND changed LIKE '{%' AND state || '' = 'shown'`

func escapeLike(word string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(word)
}

// Tally is how many mentions are in each state; those shown whose words have
// changed count as held, too.
func (i *Inbox) Tally(ctx context.Context) (map[State]int, error) {
	rows, err := i.db.Query(ctx, "SELECT state, mentions FROM tally WHERE mentions > 0")
	if err != nil {
		return nil, fmt.Errorf("count mentions: %w", err)
	}
	defer rows.Close()
	tally := map[State]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, err
		}
		tally[State(state)] = n
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	tally[Held], err = i.Undecided(ctx)
	return tally, err
}

// Undecided is how many mentions wait for the owner: those held, and those shown
// whose words have changed.
func (i *Inbox) Undecided(ctx context.Context) (n int, err error) {
	err = i.db.QueryRow(ctx, `SELECT coalesce((SELECT mentions FROM tally WHERE state = 'held'), 0) + (SELECT count(*) FROM mentions WHERE `+reworded+`)`).Scan(&n)
	return n, err
}

// searchable is what can be searched of a mention, in lower case.
func searchable(m *Mention) string {
	return strings.ToLower(strings.Join([]string{m.AuthorName, m.AuthorURL, m.Title, m.Text(), m.Source}, "\n"))
}
