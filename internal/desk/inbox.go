package desk

import (
	"fmt"
	"net/http"
	"strings"

	"hark/internal/mentions"
)

// inboxPage is what desk/inbox.html draws.
type inboxPage struct {
	frame
	Search  search
	Tabs    []tab
	Kinds   []option
	Vias    []option
	Clear   string // the address without the search
	Found   string // how many the search has found, in words
	Items   []item
	Keys    string // of the items
	Bulk    []button
	All     string // what to call all that match; empty where the page shows them all
	Newest  string // the address of the first page
	Older   string
	Done    *done
	Problem string
	Never   bool  // nothing ever came
	Storm   *when // since when pingbacks are turned away; nil if they are not
}

// states are the tabs of the inbox.
var states = []named[mentions.State]{
	{mentions.Held, "Held"}, {mentions.Shown, "Shown"}, {mentions.Waiting, "Waiting"}, {mentions.Spam, "Spam"},
	{mentions.Refused, "Refused"}, {mentions.Withdrawn, "Withdrawn"}, {mentions.Removed, "Removed"},
}

// stateNamed is the state of that name, else Held, which is the first tab.
func stateNamed(name string) mentions.State {
	if known(states, mentions.State(name)) != "" {
		return mentions.State(name)
	}
	return mentions.Held
}

// mentions shows what others say, first what waits for the owner.
func (d *Desk) mentions(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query()
	back := place{search: searched(asked)}
	done, err := d.done(r.Context(), asked, back)
	if err != nil {
		return err
	}
	return d.sendInbox(w, r, http.StatusOK, inboxPage{Search: back.search, Done: done})
}

// sendInbox answers with the list that a search asks for.
func (d *Desk) sendInbox(w http.ResponseWriter, r *http.Request, status int, p inboxPage) (err error) {
	s := p.Search
	if p.frame, err = d.frame(r, "Inbox", "inbox"); err != nil {
		return err
	}
	if p.Undecided > 0 {
		p.Title += fmt.Sprintf(" (%d)", p.Undecided)
	}
	p.Kinds, p.Vias, p.Clear = options(kinds, s.Kind), options(vias, s.Via), search{State: s.State}.address()
	tally, err := d.inbox.Tally(r.Context())
	if err != nil {
		return err
	}
	p.fillTabs(tally)
	found, err := d.inbox.Find(r.Context(), s.wanted(inboxPageSize+1))
	if err != nil {
		return err
	}
	all, err := d.count(r, s, len(found), tally[s.State])
	if err != nil {
		return err
	}
	p.turn(found)
	if p.Items, err = d.items(r, found[:min(len(found), inboxPageSize)]); err != nil {
		return err
	}
	p.gather(all)
	if since, on := d.inbox.Storm(); on {
		storm := d.when(since)
		p.Storm = &storm
	}
	return d.send(w, status, "inbox", p)
}

// fillTabs fills the tabs, which keep the search. Shown ones whose words have
// changed count as held, too.
func (p *inboxPage) fillTabs(tally map[mentions.State]int) {
	p.Never = true
	for _, s := range states {
		n, to := tally[s.value], p.Search
		p.Never = p.Never && n == 0
		to.State, to.After = s.value, ""
		p.Tabs = append(p.Tabs, tab{s.name, to.address(), n, s.value == p.Search.State})
	}
}

// turn finds the pages before and after this one.
func (p *inboxPage) turn(found []*mentions.Mention) {
	first, next := p.Search, p.Search
	if first.After = ""; p.Search.After != "" {
		p.Newest = first.address()
	}
	if len(found) > inboxPageSize {
		next.After = found[inboxPageSize-1].ID
		p.Older = next.address()
	}
}

// count is how many mentions a search finds on all its pages; it stops behind
// what can be decided on at once. A state as a whole is counted already.
func (d *Desk) count(r *http.Request, s search, here, tallied int) (int, error) {
	switch {
	case !s.Narrowed():
		return tallied, nil
	case s.After == "" && here <= inboxPageSize:
		return here, nil
	}
	ids, err := d.inbox.FindIDs(r.Context(), s.wanted(mentions.MostAtOnce+1))
	return len(ids), err
}

// gather fills in what is about the items together.
func (p *inboxPage) gather(all int) {
	keys := make([]string, len(p.Items))
	for i := range p.Items {
		keys[i] = p.Items[i].ID
	}
	for i := range p.Items {
		p.Items[i].Next = neighbour(keys, i)
		p.Items[i].Back = append(p.Search.Fields(), carried{"next", p.Items[i].Next})
	}
	p.Keys, p.Bulk = strings.Join(keys, " "), bulkButtons(p.Search.State)
	switch {
	case all > mentions.MostAtOnce:
		p.All = fmt.Sprintf("The newest %d that match", mentions.MostAtOnce)
	case all > len(p.Items):
		p.All = fmt.Sprintf("All %d that match", all)
	}
	if p.Found = plural(all, "mention") + " found"; all > mentions.MostAtOnce {
		p.Found = fmt.Sprintf("More than %d mentions found", mentions.MostAtOnce)
	}
}

// neighbour is the key to go on with once one is decided: the next, or at the
// end the one before.
func neighbour(keys []string, i int) string {
	switch {
	case i+1 < len(keys):
		return keys[i+1]
	case i > 0:
		return keys[i-1]
	}
	return ""
}

// items are mentions as the page draws them.
func (d *Desk) items(r *http.Request, found []*mentions.Mention) ([]item, error) {
	ids := make([]string, len(found))
	for i, m := range found {
		ids[i] = m.PostID
	}
	about, err := d.posts.Briefs(r.Context(), ids...)
	if err != nil {
		return nil, err
	}
	book, err := d.book(r.Context())
	if err != nil {
		return nil, err
	}
	items := make([]item, len(found))
	for i, m := range found {
		able, err := d.inbox.Rulable(r.Context(), m)
		if err != nil {
			return nil, err
		}
		items[i] = d.item(m, about[m.PostID], book)
		items[i].Buttons = buttons(m, able)
	}
	return items, nil
}
