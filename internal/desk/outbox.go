package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/mentions"
	"hark/internal/page"
	"hark/internal/posts"
	"hark/internal/settings"
)

// outboxPage is what desk/outbox.html draws.
type outboxPage struct {
	frame
	Search     outgoing
	Heading    string // the name of the one post that it is about
	Path       string // and where that lives
	Whole      string // the address of the outbox, not narrowed to a post
	Tabs       []tab
	Bys        []option
	Clear      string // the address without the search
	Found      string // how many the search has found, in words
	Deliveries []delivery
	Newest     string
	Older      string
	Said       *sentAgain
	Never      bool // nothing was ever sent
	Hub        string
}

// sentAgain says what was just done to a delivery.
type sentAgain struct {
	ID, Text string
	Undo     string // the decision that takes it back
	Back     []carried
}

// deliveries shows what was told to whom.
func (d *Desk) deliveries(w http.ResponseWriter, r *http.Request) (err error) {
	asked := r.URL.Query()
	p := outboxPage{Search: outgoingOf(asked)}
	if p.Search.Post == "" && !d.Who(r).May(auth.Tell) {
		return notEntitled()
	}
	if p.frame, err = d.frame(r, "Outbox", "outbox"); err != nil {
		return err
	}
	telling, err := d.settings.Telling(r.Context())
	if err != nil {
		return err
	}
	p.Hub = telling.Hub
	if err := d.narrow(r, &p); err != nil {
		return err
	}
	if err := d.outboxTabs(r.Context(), &p); err != nil {
		return err
	}
	found, err := d.outbox.List(r.Context(), p.Search.wanted(perPage+1))
	if err != nil {
		return err
	}
	if p.turn(found); len(found) > perPage {
		found = found[:perPage]
	}
	if p.Deliveries, err = d.drawDeliveries(r, found, p.Search, telling.Never); err != nil {
		return err
	}
	if p.Said, err = d.sentAgain(r, asked, p.Search, telling.Never); err != nil {
		return err
	}
	return d.send(w, http.StatusOK, "outbox", p)
}

// narrow fills in which post the page is about, if it is about one.
func (d *Desk) narrow(r *http.Request, p *outboxPage) error {
	if p.Search.Post == "" {
		return nil
	}
	about, err := d.tells(r, p.Search.Post)
	if err != nil {
		return noPost(err)
	}
	whole := p.Search
	whole.Post, whole.Before = "", ""
	p.Heading, p.Whole = about.Called(p.book), whole.address()
	if p.Title = p.book.Say("Outbox of ‘%s’", p.Heading); about.Status == posts.Published {
		p.Path = about.Path
	}
	return nil
}

// tells reads a post of which who is signed in may see what was told. Any other is
// not there.
func (d *Desk) tells(r *http.Request, id string) (*posts.Post, error) {
	if d.Who(r).May(auth.Tell) {
		return d.posts.ByID(r.Context(), id)
	}
	return d.own(r, id)
}

// outboxTabs fills in the tabs, which keep the search, and how many it finds.
func (d *Desk) outboxTabs(ctx context.Context, p *outboxPage) error {
	links := p.Search.wanted(0)
	links.Hub = false
	counts, err := d.outbox.Count(ctx, links)
	if err != nil {
		return err
	}
	all := 0
	for _, n := range counts {
		all += n
	}
	current := 0
	for _, s := range outcomes {
		to, n := p.Search, counts[s.value]
		to.State, to.Before = s.value, ""
		if s.value == "" {
			n = all
		}
		if s.value == p.Search.State {
			current = n
		}
		p.Tabs = append(p.Tabs, tab{s.name, to.address(), n, s.value == p.Search.State})
	}
	told, err := d.hubTab(ctx, p)
	if err != nil {
		return err
	}
	if p.Search.Hub() {
		current = told
	}
	p.Never = all+told == 0 && !p.Search.Narrowed() && p.Search.State == "" && p.Search.Post == ""
	clear := p.Search
	clear.Text, clear.By, clear.Before = "", "", ""
	p.Bys, p.Clear, p.Found = options(protocols, p.Search.By), clear.address(), plural(current, "page")+" found"
	return nil
}

// hubTab adds the tab of what a hub is told, if there is a hub or was one. It is
// about the site, so it is not there where one post is asked for.
func (d *Desk) hubTab(ctx context.Context, p *outboxPage) (told int, err error) {
	to := outgoing{State: hubTab, Text: p.Search.Text}
	counts, err := d.outbox.Count(ctx, to.wanted(0))
	if err != nil {
		return 0, err
	}
	for _, n := range counts {
		told += n
	}
	if p.Search.Post == "" && (told > 0 || p.Hub != "" || p.Search.Hub()) {
		p.Tabs = append(p.Tabs, tab{"Hub", to.address(), told, p.Search.Hub()})
	}
	return told, nil
}

// turn finds the pages before and after this one.
func (p *outboxPage) turn(found []*mentions.Delivery) {
	first, next := p.Search, p.Search
	if first.Before = ""; p.Search.Before != "" {
		p.Newest = first.address()
	}
	if len(found) > perPage {
		next.Before = found[perPage-1].ID
		p.Older = next.address()
	}
}

func (d *Desk) drawDeliveries(r *http.Request, found []*mentions.Delivery, here outgoing, never settings.Hosts) ([]delivery, error) {
	ids := make([]string, len(found))
	for i, one := range found {
		ids[i] = one.PostID
	}
	names, err := d.posts.Briefs(r.Context(), ids...)
	if err != nil {
		return nil, err
	}
	book, err := d.book(r.Context())
	if err != nil {
		return nil, err
	}
	list := make([]delivery, len(found))
	for i, one := range found {
		drawn := d.delivery(one)
		drawn.open(one, never.Have(one.Host), d.Who(r).May(auth.Choose))
		drawn.Back = here.Fields()
		if about := names[one.PostID]; about != nil && here.Post == "" {
			drawn.Post, drawn.OfPost = about.Called(book), outgoing{Post: one.PostID}.address()
		}
		list[i] = drawn
	}
	return list, nil
}

// sentAgain reads what was just done; nil if that is nothing. It comes with the
// address, so what is said is only what is so.
func (d *Desk) sentAgain(r *http.Request, asked url.Values, here outgoing, never settings.Hosts) (*sentAgain, error) {
	if !asked.Has("did") {
		return nil, nil
	}
	of, err := d.outbox.ByID(r.Context(), asked.Get("of"))
	if errors.Is(err, mentions.ErrNotFound) || err == nil && here.Post != "" && of.PostID != here.Post {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	said, silent := &sentAgain{ID: of.ID, Back: here.Fields()}, never.Have(of.Host)
	switch did := asked.Get("did"); {
	case did == "again" && of.State == mentions.Queued:
		said.Text = shortened(posts.Bare(of.Target)) + " is told again in a moment. Load this page anew to see what it answers."
	case did == "again":
		said.Text = shortened(posts.Bare(of.Target)) + " was asked again."
	case did == "never" && silent:
		said.Text, said.Undo = of.Host+" is never told from now on. What still waited for it will not go out.", "allow"
	case did == "allow" && !silent:
		said.Text = of.Host + " is told again of what you publish from now on."
	default:
		return nil, nil
	}
	return said, nil
}

// decideDelivery does what a button beside a delivery says.
func (d *Desk) decideDelivery(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	id, do := chi.URLParam(r, "id"), fields.Get("do")
	if err := d.mayDecideDelivery(r, id, do); err != nil {
		return err
	}
	switch do {
	case "again":
		err = d.outbox.Again(r.Context(), id)
	case "never", "allow":
		err = d.silence(r.Context(), id, do == "never")
	default:
		return &page.Error{Status: http.StatusBadRequest}
	}
	if err != nil {
		return noDelivery(err)
	}
	if back := fields.Get("back"); page.OwnPath(back) {
		return seeOther(w, r, back)
	}
	return seeOther(w, r, outgoingOf(fields).address(carried{"did", do}, carried{"of", id}))
}

// mayDecideDelivery refuses what who is signed in may not do about a delivery.
func (d *Desk) mayDecideDelivery(r *http.Request, id, do string) error {
	user := d.Who(r)
	if do != "again" && !user.May(auth.Choose) {
		return notEntitled()
	}
	if user.May(auth.Tell) {
		return nil
	}
	of, err := d.outbox.ByID(r.Context(), id)
	if err != nil {
		return noDelivery(err)
	}
	if _, err = d.own(r, of.PostID); isNotFound(err) {
		return noDelivery(mentions.ErrNotFound)
	}
	return err
}

// noDelivery gives a missing delivery its sentence.
func noDelivery(err error) error {
	if errors.Is(err, mentions.ErrNotFound) {
		return &page.Error{Status: http.StatusNotFound, Err: err, Text: "That link is not in the outbox any more: its post links there no more, or was deleted."}
	}
	return err
}

// silence has the site of a delivery's target never told, or told as others are.
func (d *Desk) silence(ctx context.Context, id string, never bool) error {
	of, err := d.outbox.ByID(ctx, id)
	if err != nil {
		return err
	}
	if !never {
		return d.outbox.Never(ctx, of.Host, false)
	}
	return d.outbox.Never(ctx, of.Host, true)
}
