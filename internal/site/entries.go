package site

import (
	"context"
	"html/template"

	"hark/internal/gallery"
	"hark/internal/media"
	"hark/internal/mentions"
	"hark/internal/page"
	"hark/internal/piece"
	"hark/internal/posts"
	"hark/internal/settings"
)

// entry is a post as it stands in a list. An article shows its first paragraph,
// everything else shows whole.
type entry struct {
	Class   string
	Label   string
	Href    template.HTMLAttr
	Time    template.HTML
	By      string // who has written it, where several write
	Home    string // the path of their page
	Title   string
	Cites   []piece.Cite
	RSVP    template.HTML // what it answers to an invitation
	Things  piece.Things
	Tongue  template.HTMLAttr
	Pinned  bool
	Summary string
	Content template.HTML
	Answers template.HTMLAttr // leads to them
	Count   string            // how many, empty for none
}

func (s *Site) entries(ctx context.Context, site settings.Site, list []*posts.Post, cites mentions.Cites, dates *calendar) ([]entry, error) {
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	counts, err := s.Inbox.Counts(ctx, ids...)
	if err != nil {
		return nil, err
	}
	writers, err := s.writers(ctx)
	if err != nil {
		return nil, err
	}
	shown, err := s.shown(ctx, list...)
	if err != nil {
		return nil, err
	}
	entries, around := make([]entry, len(list)), posts.Around(site.Language, s.dressed(site).lang)
	for i, p := range list {
		entries[i] = s.entry(around, p, shown, cites.Of[p.ID], counts[p.ID], dates)
		if writers != nil {
			by := writers.of(p, site)
			entries[i].By, entries[i].Home = by.Name, by.Path
		}
	}
	return entries, nil
}

func (s *Site) entry(around posts.Surroundings, p *posts.Post, shown media.Shown, cites []mentions.Cite, answers int, dates *calendar) entry {
	address := s.address(p.Path)
	e := entry{
		Class: string(p.Kind),
		Label: p.Kind.Name(),
		Href:  page.Href(address),
		Time:  dates.published(p.Published),
		Title: p.Title,
		Cites: piece.Cites(cites),
		RSVP:  piece.RSVP(p, dates.book),

		Things: piece.ThingsOf(p, s.URL, shown, dates.book), Tongue: around.Tongue(p), Pinned: p.Pinned,
	}
	if p.Kind == posts.Article {
		e.Summary = p.Summary
	} else {
		e.Content = gallery.Text(p.InList(), shown)
	}
	if answers > 0 {
		e.Answers, e.Count = page.Href(address+"#answers"), dates.book.Count(answers, "answer", "answers")
	}
	return e
}
