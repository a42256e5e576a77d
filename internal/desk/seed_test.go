package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"hark/internal/database"
	"hark/internal/mentions"
	"hark/internal/posts"
)

// seeded is a mention as seed stores it, where a test wants it to differ.
type seeded struct {
	state  mentions.State
	source string
	kind   string
	via    mentions.Via
	author string
	url    string // of the author
	html   string
	face   string
	signs  string // JSON
	score  int
	asked  int
}

// seed stores mentions as if their pages had been read, so that no other site is
// needed for many of them. It returns their keys, the first stored first.
func (h *house) seed(p *posts.Post, list ...seeded) []string {
	h.t.Helper()
	var ids []string
	err := h.db.InTx(context.Background(), func(tx *database.Tx) error {
		for n, m := range list {
			id := database.NewID()
			ids = append(ids, id)
			if err := h.insert(tx, p, id, n, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return ids
}

func (h *house) insert(tx *database.Tx, p *posts.Post, id string, n int, m seeded) error {
	fill := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	fill((*string)(&m.state), string(mentions.Held))
	fill(&m.source, fmt.Sprintf("https://blog%d.example/answer", n))
	fill(&m.kind, "reply")
	fill((*string)(&m.via), string(mentions.Webmention))
	fill(&m.author, fmt.Sprintf("Reader %d", n))
	fill(&m.html, fmt.Sprintf("<p>Answer number %d.</p>", n))
	fill(&m.signs, "[]")
	at := h.clock.now().Unix() + int64(n)
	_, err := tx.Exec(`
		INSERT INTO mentions (id, post_id, source_key, host, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
			kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at, search, face, signs, score, asked)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '192.0.2.7', $8, '', '', FALSE, 0, 0, $9, $10, $11, '', $12, '', '', $13, $13, $13, 0, $14, $15, $16, $17, $18)`,
		id, p.ID, strings.TrimPrefix(m.source, "https://"), hostOf(m.source), m.source, h.URL+p.Path, string(m.via), string(m.state),
		m.kind, m.author, m.url, m.html, at, strings.ToLower(m.author+"\n"+m.html+"\n"+m.source), m.face, m.signs, m.score, m.asked)
	return err
}

// held are n mentions that wait.
func held(n int) []seeded { return slices.Repeat([]seeded{{}}, n) }

// states are the states of some mentions.
func (h *house) states(ids []string) (list []mentions.State) {
	h.t.Helper()
	for _, id := range ids {
		list = append(list, h.state(id))
	}
	return list
}

// all expects that all mentions are in a state.
func (h *house) all(ids []string, want mentions.State) {
	h.t.Helper()
	for n, got := range h.states(ids) {
		if got != want {
			h.t.Fatalf("mention %d of %d is %s, want %s", n, len(ids), got, want)
		}
	}
}
