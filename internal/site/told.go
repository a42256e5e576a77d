package site

import (
	"context"
	"html/template"
	"net/url"

	"hark/internal/mentions"
	"hark/internal/page"
	"hark/internal/posts"
)

// toldPages is what the pages that a post links to were told, for its owner.
type toldPages struct {
	Sent, Of int
	Open     bool // something is about to happen
	Pages    []toldPage
	All      string // the address of the outbox of this post
	Back     string // the path to come back to
}

// toldPage is one of them.
type toldPage struct {
	Send    string // where to have it told again
	Href    template.HTMLAttr
	Written string
	State   string
	Bad     bool
	Answer  string
	Time    template.HTML // empty for what has not happened
}

// toldOf reads who was told of a post; nil if nobody is to be. Only its owner
// sees it, so that readers cost nothing more.
func (s *Site) toldOf(ctx context.Context, post, path string, dates *calendar) (*toldPages, error) {
	list, err := s.Outbox.Of(ctx, post)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	told := &toldPages{All: "/desk/outbox?post=" + url.QueryEscape(post), Back: path}
	for _, one := range list {
		if one.State != mentions.Quiet {
			told.Of++
		}
		if one.State == mentions.Sent {
			told.Sent++
		}
		told.Open = told.Open || one.State == mentions.Queued
		told.Pages = append(told.Pages, toldPageOf(one, dates))
	}
	return told, nil
}

func toldPageOf(one *mentions.Delivery, dates *calendar) toldPage {
	p := toldPage{
		Send: "/desk/outbox/" + url.PathEscape(one.ID), Href: page.Href(one.Target), Written: posts.Bare(one.Target), Answer: one.Answer,
		Time: template.HTML(`<time datetime="` + dates.machine(one.Updated) + `">` + dates.words(one.Updated) + `</time>`),
	}
	switch one.State {
	case mentions.Queued:
		p.Time = ""
		if p.State = "To be told"; one.Tries > 0 {
			p.State = "To be tried again"
		}
	case mentions.Sent:
		if p.State = "Told by " + one.Protocol; !one.Linked {
			p.State += " that the link is gone"
		}
	case mentions.Deaf:
		p.State = "Takes neither webmention nor pingback"
	case mentions.Failed:
		p.State, p.Bad = "Given up", true
	case mentions.Quiet:
		p.State, p.Send, p.Time = "Not told", "", ""
	}
	return p
}
