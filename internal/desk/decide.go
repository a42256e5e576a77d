package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/mentions"
	"hark/internal/page"
)

// rulesPlace is the place of forms on the page of rules.
const rulesPlace = "rules"

// place is where a form of the inbox stands, and where it leads back to.
type place struct {
	at     string // the key of a mention, or rulesPlace; empty: a list
	search search // of the list
	next   string // the mention in it to go on with
}

// placed reads where a form stands. The page of a mention names no state.
func placed(fields url.Values, mention string) place {
	if mention != "" && !fields.Has("state") {
		return place{at: mention}
	}
	return place{search: searched(fields), next: fields.Get("next")}
}

// fields are the hidden fields that lead back.
func (p place) fields() []carried {
	if p.at != "" {
		return []carried{{"at", p.at}}
	}
	return p.search.Fields()
}

// address is where it is, told what was done there.
func (p place) address(more ...carried) string {
	if p.at == "" {
		address := p.search.address(more...)
		if p.next != "" {
			address += "#m-" + url.PathEscape(p.next)
		}
		return address
	}
	values := url.Values{}
	for _, one := range more {
		values.Set(one.Name, one.Value)
	}
	return "/desk/inbox/" + url.PathEscape(p.at) + "?" + values.Encode()
}

// decisions are those that a form may ask for.
var decisions = []mentions.Decision{
	mentions.Show, mentions.Keep, mentions.NotSpam, mentions.CallSpam, mentions.Delete,
	mentions.TrustAuthor, mentions.BlockAuthor, mentions.BlockHost, mentions.ReadAgain,
}

// decision is what a form asks for.
func decision(fields url.Values) (mentions.Decision, error) {
	do := mentions.Decision(fields.Get("do"))
	if !slices.Contains(decisions, do) {
		return "", &page.Error{Status: http.StatusBadRequest}
	}
	return do, nil
}

// decide does with one mention what its owner wants.
func (d *Desk) decide(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	do, err := decision(fields)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	back := placed(fields, id)
	done, err := d.inbox.Decide(r.Context(), do, d.Who(r).Name, id)
	if err != nil {
		return d.undecided(w, r, back, err)
	}
	return seeOther(w, r, back.address(append(told(do, done), carried{"of", id})...))
}

// decideMany does with many mentions what their owner wants: with those that are
// ticked, with all of a page, or with all that a search finds.
func (d *Desk) decideMany(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	do, err := decision(fields)
	if err != nil {
		return err
	}
	back := placed(fields, "")
	ids, more, err := d.chosen(r.Context(), fields, back.search)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return d.problem(w, r, http.StatusUnprocessableEntity, back, "None is chosen, so nothing was done. Tick those that you mean, then press again.")
	}
	done, err := d.inbox.Decide(r.Context(), do, d.Who(r).Name, ids...)
	if err != nil {
		return d.undecided(w, r, back, err)
	}
	said := told(do, done)
	if more {
		said = append(said, carried{"more", "1"})
	}
	return seeOther(w, r, back.address(said...))
}

// chosen are the keys of the mentions that a form means; more tells that others
// match which are too many for once.
func (d *Desk) chosen(ctx context.Context, fields url.Values, s search) (ids []string, more bool, err error) {
	switch all := fields["all"]; {
	case slices.Contains(all, "match"):
		ids, err = d.inbox.FindIDs(ctx, s.wanted(mentions.MostAtOnce+1))
	case slices.Contains(all, "page"):
		ids = strings.Fields(fields.Get("here"))
	default:
		ids = fields["id"]
	}
	if len(ids) > mentions.MostAtOnce {
		return ids[:mentions.MostAtOnce], true, err
	}
	return ids, false, err
}

// undecided gives a decision that could not be made its sentence.
func (d *Desk) undecided(w http.ResponseWriter, r *http.Request, back place, err error) error {
	invalid := (*mentions.Invalid)(nil)
	switch {
	case errors.Is(err, mentions.ErrUnread):
		return d.problem(w, r, http.StatusConflict, back, "This cannot be shown: no link to you was found in its page so far. You can have the page read again.")
	case errors.Is(err, mentions.ErrNobody):
		return d.problem(w, r, http.StatusUnprocessableEntity, back, "There is nobody to make a rule about: it names no author with an address of their own, or it comes through a bridge, or from this site. Nothing was done.")
	case errors.As(err, &invalid):
		return d.problem(w, r, http.StatusUnprocessableEntity, back, invalid.Text)
	}
	return noMention(err)
}

// problem answers with the page that a form stands on and a sentence above all.
func (d *Desk) problem(w http.ResponseWriter, r *http.Request, status int, back place, text string) error {
	switch back.at {
	case "":
		return d.sendInbox(w, r, status, inboxPage{Search: back.search, Problem: text})
	case rulesPlace:
		return d.sendRules(w, r, status, rulesPage{Problem: text})
	}
	return d.sendMention(w, r, status, back.at, mentionPage{Problem: text})
}

// undo takes back what a form has done.
func (d *Desk) undo(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, formLimit)
	if err != nil {
		return err
	}
	back := placed(fields, fields.Get("at"))
	n, err := d.inbox.Undo(r.Context(), fields.Get("batch"), d.Who(r).Name)
	if errors.Is(err, mentions.ErrNotFound) {
		return d.problem(w, r, http.StatusConflict, back, "This cannot be undone any more: it was undone already, or was done more than thirty days ago. Nothing has changed. You can decide anew about each mention.")
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, back.address(carried{"undone", strconv.Itoa(n)}))
}

// told is how the page that follows a decision learns of it.
func told(do mentions.Decision, done mentions.Done) []carried {
	return []carried{{"done", done.Batch}, {"did", string(do)}, {"n", strconv.Itoa(done.Count)}}
}

// done is what was just done, as desk/_done.html draws it.
type done struct {
	Text  string
	Batch string    // undoes it; empty where there is nothing to undo
	Back  []carried // leads the undoing back here
}

// done reads what was just done; nil if that is nothing. It comes with the
// address, so it may be untrue, and does no harm: to undo needs a form.
func (d *Desk) done(ctx context.Context, asked url.Values, here place) (*done, error) {
	if asked.Has("undone") {
		return &done{Text: undoneWords(number(asked, "undone"))}, nil
	}
	do := mentions.Decision(asked.Get("did"))
	if !slices.Contains(decisions, do) {
		return nil, nil
	}
	who, err := d.nameOf(ctx, asked.Get("of"))
	if err != nil {
		return nil, err
	}
	said := &done{Text: doneWords(do, number(asked, "n"), who), Batch: asked.Get("done"), Back: here.fields()}
	if id := asked.Get("of"); id != "" && here.at == "" {
		said.Back = append(said.Back, carried{"next", id})
	}
	if asked.Has("more") {
		said.Text += " More match: choose all again for the next."
	}
	return said, nil
}

// number is a count in an address, zero for nonsense.
func number(asked url.Values, name string) int {
	n, err := strconv.Atoi(asked.Get(name))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// nameOf is what to call a mention, empty if there is none.
func (d *Desk) nameOf(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	m, err := d.inbox.ByID(ctx, id)
	if errors.Is(err, mentions.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if m.AuthorName == "" || m.AuthorName == m.Host() {
		return m.Host(), nil
	}
	return m.AuthorName + " on " + m.Host(), nil
}

// doneWords says what a decision has done.
func doneWords(do mentions.Decision, n int, who string) string {
	what := who
	if what == "" || n > 1 {
		what = plural(n, "mention")
	}
	switch do {
	case mentions.TrustAuthor:
		return "Trusted. " + were(n, "shown") + " by it."
	case mentions.BlockAuthor, mentions.BlockHost:
		return "Blocked. " + were(n, "moved to spam") + " by it."
	case mentions.ReadAgain:
		return "To be read again in a moment: " + what + ". Load this page anew to see what came of it."
	}
	if n == 0 {
		return "Nothing had to be done: it was so already."
	}
	return doneTo[do] + ": " + what + "."
}

var doneTo = map[mentions.Decision]string{
	mentions.Show: "Shown", mentions.Keep: "The old words stay", mentions.NotSpam: "No spam, and judged by all else",
	mentions.CallSpam: "Marked as spam", mentions.Delete: "Deleted",
}

// were says of how many mentions something is true now.
func were(n int, what string) string {
	switch n {
	case 0:
		return "No mention was " + what
	case 1:
		return "1 mention was " + what
	}
	return fmt.Sprintf("%d mentions were %s", n, what)
}

// undoneWords says what undoing has done.
func undoneWords(n int) string {
	switch n {
	case 0:
		return "Undone. No mention had to be moved for it."
	case 1:
		return "Undone: 1 mention is as it was before."
	}
	return fmt.Sprintf("Undone: %d mentions are as they were before.", n)
}
