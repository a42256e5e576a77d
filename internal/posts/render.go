package posts

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"

	"hark/internal/database"
	"hark/internal/queue"
)

// rendering is the number of the rules by which HTML is made. Whoever changes
// what any text becomes counts it up; then Renew makes the posts anew that are
// there.
const rendering = 7

// toRender is the job that renders posts whose HTML was made by older rules.
const toRender queue.Kind = "render"

// renderBatch is how many posts are rendered by one job.
const renderBatch = 10

// keyLength is how much of a post's key its ids bear: of the random part, so that
// no two of a list are alike.
const keyLength = 6

// draw fills what follows from the post's words.
func (s *Store) draw(ctx context.Context, p *Post) error {
	as := As{Key: p.shortKey(), Lang: p.Lang}
	if as.Lang == "" {
		site, err := s.settings.Site(ctx)
		if err != nil {
			return err
		}
		as.Lang = site.Language
	}
	var err error
	if as.Raw, err = s.TakesHTML(ctx, p.AuthorID); err != nil {
		return err
	}
	if as.Authors, err = s.authorsIn(ctx, p.Content); err != nil {
		return err
	}
	d := s.last.of(p.Content, as, s.render)
	p.HTML, p.Hashtags, p.Summary, p.Words = d.html, beyond(p.Tags, d.hashtags), d.summary, d.words
	return nil
}

func (p *Post) shortKey() string {
	if len(p.ID) < keyLength {
		return "new"
	}
	return p.ID[len(p.ID)-keyLength:]
}

// Markdown renders a text that is no post, such as what an author says of
// themselves. lang is its language. HTML in it is shown as it was typed.
func (s *Store) Markdown(text, lang string) template.HTML {
	return s.render.HTML(text, As{Key: "site", Lang: lang})
}

// OwnersMarkdown renders as Markdown does what only owners write, such as the about
// page. HTML in it is HTML.
func (s *Store) OwnersMarkdown(text, lang string) template.HTML {
	return s.render.HTML(text, As{Key: "site", Lang: lang, Raw: true})
}

// Renew leaves the job that makes all HTML anew that was made by older rules, or is
// marked. It is for every start.
func (s *Store) Renew(ctx context.Context) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		var old bool
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM posts WHERE rendered < $1)", rendering).Scan(&old); err != nil {
			return fmt.Errorf("look for posts to render: %w", err)
		}
		if !old {
			return nil
		}
		return s.queue.Enqueue(tx, toRender, "")
	})
}

// OutdateLanguage marks the posts that are in the site's language, for Renew.
func (s *Store) OutdateLanguage(ctx context.Context) error {
	return s.outdate(ctx, "lang = $1", "")
}

// OutdateAuthor marks the posts of an account, for Renew: its role says whether HTML in
// them is HTML.
func (s *Store) OutdateAuthor(ctx context.Context, authorID string) error {
	return s.outdate(ctx, "author_id = $1", authorID)
}

func (s *Store) outdate(ctx context.Context, which, value string) error {
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec("UPDATE posts SET rendered = 0 WHERE "+which, value); err != nil {
			return fmt.Errorf("mark posts to render: %w", err)
		}
		return nil
	})
}

// renderMore renders some posts, and leaves the job for those that follow. The key
// of the last one is the payload.
func (s *Store) renderMore(ctx context.Context, job queue.Job) error {
	var after string
	if err := json.Unmarshal(job.Payload, &after); err != nil {
		return queue.Permanent(err)
	}
	old, err := s.read(ctx, fmt.Sprintf("SELECT %s FROM posts WHERE rendered < $1 AND id > $2 ORDER BY id LIMIT %d", columns, renderBatch), rendering, after)
	if err != nil {
		return fmt.Errorf("read posts to render: %w", err)
	}
	if len(old) == 0 {
		return nil
	}
	if err := s.readTags(ctx, old...); err != nil {
		return err
	}
	drawn := make([]Post, len(old))
	for i, p := range old {
		drawn[i] = *p
		if err := s.draw(ctx, &drawn[i]); err != nil {
			return err
		}
	}
	return s.db.InTx(ctx, func(tx *database.Tx) error {
		for i := range drawn {
			if err := s.redrawn(tx, &drawn[i], drawn[i].HTML != old[i].HTML || !slices.Equal(drawn[i].Hashtags, old[i].Hashtags)); err != nil {
				return fmt.Errorf("keep rendered post %s: %w", drawn[i].ID, err)
			}
		}
		return s.queue.Enqueue(tx, toRender, drawn[len(drawn)-1].ID)
	})
}

// redrawn keeps what was made anew, unless the post was saved meanwhile. Its words
// are the same, so it has no new version, nor is anybody told.
func (s *Store) redrawn(tx *database.Tx, p *Post, other bool) error {
	n, err := tx.Exec(`
		UPDATE posts SET html = $1, summary = $2, words = $3, rendered = $4
		WHERE id = $5 AND version = $6`, string(p.HTML), p.Summary, p.Words, rendering, p.ID, p.Version)
	if err != nil || n == 0 || !other {
		return err
	}
	if err := p.saveTags(tx); err != nil {
		return err
	}
	if p.Path != "" {
		tx.Touch(Generation(p.ID), Lists)
	}
	return s.indexAgain(tx, p.ID)
}
