package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"hark/internal/mentions"
	"hark/internal/page"
)

// outboxPage is what desk/outbox.html draws.
type outboxPage struct {
	frame
	Deliveries []delivery
	Older      string
	Again      bool // one was just sent on its way
}

// delivery is one link and what its target was told, as the desk draws it.
type delivery struct {
	ID, Target, Host string
	Post, Path       string
	State, Look      string // in words, and their class
	By               string // "by webmention"
	Answer           string
	Location         string
	Next             string
	Updated          when
}

// deliveries shows what was told to whom.
func (d *Desk) deliveries(w http.ResponseWriter, r *http.Request) error {
	found, err := d.outbox.List(r.Context(), mentions.Outgoing{Before: r.URL.Query().Get("before"), Limit: perPage + 1})
	if err != nil {
		return err
	}
	p := outboxPage{Again: r.URL.Query().Has("again")}
	if len(found) > perPage {
		found = found[:perPage]
		p.Older = "/desk/outbox?before=" + url.QueryEscape(found[perPage-1].ID)
	}
	if p.frame, err = d.frame(r, "Outbox", "outbox"); err != nil {
		return err
	}
	ids := make([]string, len(found))
	for i, one := range found {
		ids[i] = one.PostID
	}
	names, err := d.postNames(r.Context(), ids)
	if err != nil {
		return err
	}
	for _, one := range found {
		drawn := d.delivery(one)
		if about := names[one.PostID]; about != nil {
			drawn.Post, drawn.Path = about.Name(), about.Path
		}
		p.Deliveries = append(p.Deliveries, drawn)
	}
	return d.send(w, http.StatusOK, "outbox", p)
}

// told is what the targets of one post were told.
func (d *Desk) told(ctx context.Context, post string) ([]delivery, error) {
	found, err := d.outbox.Of(ctx, post)
	if err != nil {
		return nil, err
	}
	drawn := make([]delivery, len(found))
	for i, one := range found {
		drawn[i] = d.delivery(one)
	}
	return drawn, nil
}

func (d *Desk) delivery(o *mentions.Delivery) delivery {
	drawn := delivery{
		ID: o.ID, Target: o.Target, Host: hostOf(o.Target), Answer: o.Answer, Location: o.Location, Updated: d.when(o.Updated),
	}
	switch o.Protocol {
	case string(mentions.Own):
		drawn.By = "your own post; shown beneath it"
	case "":
	default:
		drawn.By = "by " + o.Protocol
	}
	switch o.State {
	case mentions.Queued:
		drawn.State = "To be told"
		if o.Tries > 0 {
			drawn.State = "To be tried again"
		}
		if !o.Next.IsZero() {
			drawn.Next = "Next try " + d.until(o.Next) + "."
		}
	case mentions.Sent:
		drawn.State = "Told"
	case mentions.Deaf:
		drawn.State, drawn.By = "Takes neither webmention nor pingback", ""
	case mentions.Failed:
		drawn.State, drawn.Look = "Given up", "bad"
	}
	if !o.Linked {
		drawn.By = joined(drawn.By, "about the link that was removed")
	}
	return drawn
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}

// sendAgain has a target told once more.
func (d *Desk) sendAgain(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	if fields.Get("do") != "again" {
		return &page.Error{Status: http.StatusBadRequest}
	}
	if err := d.outbox.Again(r.Context(), chi.URLParam(r, "id")); err != nil {
		if errors.Is(err, mentions.ErrNotFound) {
			return &page.Error{Status: http.StatusNotFound, Err: err}
		}
		return err
	}
	return seeOther(w, r, "/desk/outbox?again")
}
