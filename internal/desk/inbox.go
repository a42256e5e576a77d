package desk

import (
	"errors"
	"net/http"
	"net/url"
	"unicode"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"hark/internal/mentions"
	"hark/internal/page"
)

// inboxPage is what desk/inbox.html draws.
type inboxPage struct {
	frame
	Tabs    []tab
	State   string
	Items   []item
	Older   string
	Decided *item // what was just decided about
	Never   bool  // nothing ever came
}

// states are the tabs of the inbox.
var states = [...]struct {
	state mentions.State
	name  string
}{
	{mentions.Held, "Held"}, {mentions.Shown, "Shown"}, {mentions.Waiting, "Waiting"},
	{mentions.Refused, "Refused"}, {mentions.Withdrawn, "Withdrawn"}, {mentions.Removed, "Removed"},
}

// stateNamed is the state of that name, else Held, which is the first tab.
func stateNamed(name string) mentions.State {
	for _, s := range states {
		if string(s.state) == name {
			return s.state
		}
	}
	return mentions.Held
}

// mentions shows what others say, first what waits for the owner.
func (d *Desk) mentions(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	state, before := stateNamed(asked.Get("state")), asked.Get("before")
	p := inboxPage{State: string(state)}
	var err error
	if p.frame, err = d.frame(r, "Inbox", "inbox"); err != nil {
		return err
	}
	if err := d.stateTabs(r, state, &p); err != nil {
		return err
	}
	found, err := d.inbox.Find(r.Context(), mentions.Wanted{State: state, After: before, Limit: perPage + 1})
	if err != nil {
		return err
	}
	if len(found) > perPage {
		found = found[:perPage]
		p.Older = "/desk/inbox?" + url.Values{"state": {p.State}, "before": {found[perPage-1].ID}}.Encode()
	}
	if p.Items, err = d.items(r, found); err != nil {
		return err
	}
	if p.Decided, err = d.decided(r, asked.Get("decided")); err != nil {
		return err
	}
	return d.send(w, http.StatusOK, "inbox", p)
}

// stateTabs fills the tabs. Those whose words have changed count as held.
func (d *Desk) stateTabs(r *http.Request, current mentions.State, p *inboxPage) error {
	p.Never = true
	tally, err := d.inbox.Tally(r.Context())
	if err != nil {
		return err
	}
	for _, s := range states {
		n := tally[s.state]
		p.Never = p.Never && n == 0
		p.Tabs = append(p.Tabs, tab{s.name, "/desk/inbox?state=" + string(s.state), n, s.state == current})
	}
	return nil
}

// items are mentions as the page draws them.
func (d *Desk) items(r *http.Request, found []*mentions.Mention) ([]item, error) {
	ids := make([]string, len(found))
	for i, m := range found {
		ids[i] = m.PostID
	}
	names, err := d.postNames(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	items := make([]item, len(found))
	for i, m := range found {
		items[i] = d.item(m, names[m.PostID])
	}
	return items, nil
}

// decided is the mention that was just decided about.
func (d *Desk) decided(r *http.Request, id string) (*item, error) {
	if id == "" {
		return nil, nil
	}
	m, err := d.inbox.ByID(r.Context(), id)
	if errors.Is(err, mentions.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	it := d.item(m, nil)
	return &it, nil
}

// mentionPage is what desk/mention.html draws.
type mentionPage struct {
	frame
	Item   item
	Ledger []line
}

// line is a line of the ledger. Day stands where a new one begins.
type line struct {
	Day, Time    string
	When         when
	What, Detail string
}

// mention shows one mention and its ledger.
func (d *Desk) mention(w http.ResponseWriter, r *http.Request) error {
	m, err := d.inbox.ByID(r.Context(), chi.URLParam(r, "id"))
	if err != nil {
		return noMention(err)
	}
	items, err := d.items(r, []*mentions.Mention{m})
	if err != nil {
		return err
	}
	p := mentionPage{Item: items[0]}
	if p.frame, err = d.frame(r, "Mention", "inbox"); err != nil {
		return err
	}
	events, err := d.inbox.Ledger(r.Context(), m.ID)
	if err != nil {
		return err
	}
	p.Ledger = d.lines(events)
	return d.send(w, http.StatusOK, "mention", p)
}

func (d *Desk) lines(events []mentions.Event) []line {
	lines := make([]line, len(events))
	day := ""
	for i, e := range events {
		at := e.At.UTC()
		what := e.What
		if first, _ := utf8.DecodeRuneInString(e.Detail); unicode.IsUpper(first) {
			what += ":" // a sentence of its own follows
		}
		lines[i] = line{Time: at.Format("15:04:05"), When: d.when(at), What: what, Detail: e.Detail}
		if today := at.Format("2 January 2006"); today != day {
			day, lines[i].Day = today, today
		}
	}
	return lines
}

// decide does with a mention what its owner wants.
func (d *Desk) decide(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	decision := mentions.Decision(fields.Get("do"))
	switch decision {
	case mentions.Show, mentions.Keep, mentions.Delete:
	default:
		return &page.Error{Status: http.StatusBadRequest}
	}
	if _, err := d.inbox.Decide(r.Context(), decision, d.Who(r).Name, id); err != nil {
		return noMention(err)
	}
	if !fields.Has("state") {
		return seeOther(w, r, "/desk/inbox/"+url.PathEscape(id))
	}
	return seeOther(w, r, "/desk/inbox?"+url.Values{"state": {string(stateNamed(fields.Get("state")))}, "decided": {id}}.Encode())
}

// noMention gives a missing mention its sentence.
func noMention(err error) error {
	if errors.Is(err, mentions.ErrNotFound) {
		return &page.Error{Status: http.StatusNotFound, Err: err, Text: "There is no such mention, or its source was not read yet, so that it cannot be shown."}
	}
	return err
}
