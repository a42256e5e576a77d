package site

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
	"hark/internal/words"
)

// mostTags is how many tags the archive shows.
const mostTags = 200

// archivePage is what archive.html draws.
type archivePage struct {
	frame
	Years []archiveYear
	Tags  []archiveTag
}

type archiveYear struct {
	Year, Posts int
	Count       string
	Months      []archiveMonth
}

type archiveMonth struct {
	Path, Name string
	Posts      int
}

type archiveTag struct {
	Path, Name string
	Posts      int
}

// archive is the way to everything: years, months and tags.
func (s *Site) archive(w http.ResponseWriter, r *http.Request) error {
	return s.serve(w, r, "/archive", func(ctx context.Context, bar *deskbar) (*page.Answer, error) {
		site, err := s.Settings.Site(ctx)
		if err != nil {
			return nil, err
		}
		months, err := s.Posts.Months(ctx)
		if err != nil {
			return nil, err
		}
		tags, err := s.Posts.Tags(ctx, mostTags)
		if err != nil {
			return nil, err
		}
		view := archivePage{frame: s.frame(site, s.book(site).Say("Archive"), bar), Years: years(months, s.book(site))}
		view.known(site, s.book(site).Say("Archive"), s.address("/archive"))
		if view.Leads, err = s.Posts.Pages(ctx); err != nil {
			return nil, err
		}
		for _, t := range tags {
			view.Tags = append(view.Tags, archiveTag{posts.TagPath(t.Name), t.Name, t.Posts})
		}
		return s.answer("site/archive", "", topic{}, view, s.calendar(site), posts.Lists, settings.Generation)
	})
}

// years gathers the months, which come newest first.
func years(months []posts.Month, book *words.Book) []archiveYear {
	var list []archiveYear
	for _, m := range months {
		if n := len(list); n == 0 || list[n-1].Year != m.Year {
			list = append(list, archiveYear{Year: m.Year})
		}
		y := &list[len(list)-1]
		y.Posts += m.Posts
		y.Count = book.Count(y.Posts, "post", "posts")
		y.Months = append(y.Months, archiveMonth{
			Path: fmt.Sprintf("/%04d/%02d", m.Year, m.Month), Name: book.Date(time.Date(m.Year, time.Month(m.Month), 1, 0, 0, 0, 0, time.UTC), "January"), Posts: m.Posts,
		})
	}
	return list
}

// aboutPage is what about.html draws.
type aboutPage struct {
	frame
	Content  template.HTML // empty until the owner has written it
	Comments answers
}

// about is what the owner says about the site, and what others do.
func (s *Site) about(w http.ResponseWriter, r *http.Request) error {
	return s.serve(w, r, "/about", func(ctx context.Context, bar *deskbar) (*page.Answer, error) {
		site, err := s.Settings.Site(ctx)
		if err != nil {
			return nil, err
		}
		of, dates := s.ourselves(site), s.calendar(site)
		found, err := s.Inbox.Answers(ctx, of.post, 1)
		if err != nil {
			return nil, err
		}
		view := aboutPage{frame: s.frame(site, dates.book.Say("About"), bar), Comments: answersView(found, of, 1, dates)}
		view.Alternates += feedElements(dates.book.Say("Answers to %s", site.Title), s.URL+"/mentions")
		view.known(site, dates.book.Say("About"), s.address("/about"))
		if view.Leads, err = s.Posts.Pages(ctx); err != nil {
			return nil, err
		}
		if site.About != "" {
			view.Content = s.Posts.OwnersMarkdown(site.About, site.Language)
		}
		return s.answer("site/about", "/mentions", topic{}, view, dates, of.outdating(found)...)
	})
}
