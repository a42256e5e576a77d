package mentions

import (
	"context"
	"fmt"
	"html/template"
	"net/url"

	"hark/internal/database"
	"hark/internal/mf2"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/source"
)

// ownLink is a link by which a post of ours speaks to another of ours.
type ownLink struct {
	link   string // as it is written
	post   string // the key of the other
	answer string // the source of the answer beneath it that ours answers; empty: it links there itself
}

// mentionOwn shows beneath one of our posts that another of ours links there, or
// answers an answer to it. No page has to be fetched for it, and nothing judged.
func (i *Inbox) mentionOwn(tx *database.Tx, by author, from *posts.Post, source string, to ownLink) error {
	key := ownKey(from.ID)
	_, err := tx.Exec(`
		INSERT INTO mentions (id, post_id, source_key, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
			kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at)
		VALUES ($1, $2, $3, $4, $5, 'own', '', 'waiting', '', '', FALSE, 0, 0, '', '', '', '', '', '', '', 0, $6, 0, 0)
		ON CONFLICT (source_key, post_id) DO UPDATE SET source = excluded.source, target = excluded.target`,
		database.NewID(), to.post, key, source, to.link, i.now().Unix())
	if err != nil {
		return fmt.Errorf("store own mention: %w", err)
	}
	r, err := lockSource(tx, key, to.post)
	if err != nil || r.State == Removed {
		return err
	}
	before := r.Mention
	r.State, r.Reason, r.Verified = Shown, "", i.now()
	if r.Content, err = i.ownContent(by, from, to); err != nil {
		return err
	}
	if r.State != before.State {
		if err := i.note(tx, r.ID, Event{What: "Shown", Detail: "because a post of yours links here."}); err != nil {
			return err
		}
	}
	return i.saveOwn(tx, r, before)
}

// writer is who has written a post of ours, and where their page is: the site's own
// author, unless several write. Who has published nothing may have no page, so a post
// that stands in no list leads home.
func (i *Inbox) writer(ctx context.Context, site settings.Site, p *posts.Post) (by author, err error) {
	all, err := i.people(ctx)
	if err != nil {
		return by, err
	}
	by = author{site.Writer(), i.site.url + "/"}
	if one := all[p.AuthorID]; one.Name != "" && len(all) > 1 {
		by.name = one.Name
		if one.Path != "" && p.Listed() {
			by.url = i.site.url + one.Path
		}
	}
	return by, nil
}

// author is who has written a post of ours.
type author struct{ name, url string }

// saveOwn keeps what ours says, and has those told whom it may concern.
func (i *Inbox) saveOwn(tx *database.Tx, r *record, before Mention) error {
	if err := r.save(tx, before); err != nil {
		return err
	}
	return i.tellUpstream(tx, r, before)
}

// ownKey is the source of what a post of ours says. It is the post itself and not
// its address, which may change.
func ownKey(post string) string { return "own:" + post }

func (i *Inbox) ownContent(by author, from *posts.Post, to ownLink) (Content, error) {
	c := Content{Kind: mf2.Mention, AuthorName: by.name, AuthorURL: by.url, Title: from.Title, Published: from.Published, ReplyTo: to.answer}
	for _, r := range from.Responses() {
		if kind, known := kindOfOwn[r.Property]; known && canonical(r.Address) == canonical(to.link) {
			c.Kind = kind
			break
		}
	}
	if said := from.RSVP(); said != "" && c.Kind == mf2.Reply {
		c.Kind, c.RSVP = mf2.RSVP, said
	}
	length := source.MentionLength
	if c.Kind == mf2.Reply || c.Kind == mf2.RSVP {
		length = source.ReplyLength
	}
	base, err := url.Parse(i.site.url + from.Path)
	if err != nil {
		return c, err
	}
	c.HTML = template.HTML(source.Cut(source.Clean(string(from.InFeed()), base), length))
	return c, nil
}

var kindOfOwn = map[string]mf2.Kind{
	"in-reply-to": mf2.Reply, "like-of": mf2.Like, "repost-of": mf2.Repost, "bookmark-of": mf2.Bookmark,
}

// forgetOwn withdraws what a post of ours said beneath others that it links to
// no more. still holds the keys of those it speaks to yet.
func (i *Inbox) forgetOwn(tx *database.Tx, from string, still map[string]bool) error {
	gone, err := ownShown(tx, from)
	if err != nil {
		return err
	}
	for _, r := range gone {
		if still[r.PostID] {
			continue
		}
		before := r.Mention
		r.State, r.Reason = Withdrawn, "Your post links here no more."
		if err := i.saveOwn(tx, r, before); err != nil {
			return err
		}
		if err := i.note(tx, r.ID, Event{What: "Withdrawn", Detail: r.Reason}); err != nil {
			return err
		}
	}
	return nil
}

func ownShown(tx *database.Tx, from string) ([]*record, error) {
	rows, err := tx.Query("SELECT "+columns+" FROM mentions WHERE source_key = $1 AND via = 'own' AND "+stateOf(true)+" = 'shown'", ownKey(from))
	if err != nil {
		return nil, fmt.Errorf("read own mentions: %w", err)
	}
	defer rows.Close()
	var list []*record
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// answeredBy finds our posts beneath which an answer is shown that comes from an
// address: who answers that address speaks in their conversations, too.
func answeredBy(tx *database.Tx, address string) ([]string, error) {
	rows, err := tx.Query("SELECT post_id FROM mentions WHERE source_key = $1 AND "+stateOf(true)+" = 'shown' AND post_id <> '' ORDER BY id", sourceKey(address))
	if err != nil {
		return nil, fmt.Errorf("look for conversations: %w", err)
	}
	return database.Column(rows)
}

// tellThread has our own posts that answer a mention looked at anew, when it
// comes into sight or leaves it: they stand beneath it.
func (i *Inbox) tellThread(tx *database.Tx, r *record, before Mention) error {
	if r.Via == Own || (r.State == Shown) == (before.State == Shown) {
		return nil
	}
	rows, err := tx.Query("SELECT DISTINCT post_id FROM deliveries WHERE target_key = $1 AND linked", r.key)
	if err != nil {
		return fmt.Errorf("look for own answers: %w", err)
	}
	ids, err := database.Column(rows)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := i.queue.Enqueue(tx, posts.Changed, id); err != nil {
			return err
		}
	}
	return nil
}
