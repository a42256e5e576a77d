package mentions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/netip"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/queue"
)

// strikeGap is how far apart two looks at a missing source have to be before it
// counts as gone.
const strikeGap = 24 * time.Hour

// verify reads a mention's source and writes down what that changes. It is the
// handler of the job, and the only place where a stranger's page is judged.
func (i *Inbox) verify(ctx context.Context, job queue.Job) error {
	var id string
	if err := json.Unmarshal(job.Payload, &id); err != nil {
		return queue.Permanent(err)
	}
	r, err := i.record(ctx, id)
	if errors.Is(err, ErrNotFound) || err == nil && r.State == Removed {
		return nil
	}
	if err != nil {
		return err
	}
	page, err := i.fetch.Get(ctx, r.Source, i.heading(r))
	if errors.Is(err, fetch.ErrBusy) {
		return queue.Postpone(5 * time.Second)
	}
	if err != nil && ctx.Err() != nil {
		return err
	}
	found := i.look(ctx, r, page, err)
	if found.again != nil && job.Last {
		found.again = nil
	}
	err = i.db.InTx(ctx, func(tx *database.Tx) error { return i.settle(tx, id, found) })
	if err != nil {
		return fmt.Errorf("verify mention %s: %w", id, err)
	}
	i.waiters.tell(id)
	i.log.Info("mention read", "mention", id, "source", r.Source, "found", found.what, "detail", found.detail)
	return found.again
}

// heading is what is sent along: whose ping makes us ask, as WordPress does.
func (i *Inbox) heading(r *record) http.Header {
	if r.Via != Pingback {
		return nil
	}
	return http.Header{"X-Pingback-Forwarded-For": {r.address}}
}

// finding is what one look at a source has shown.
type finding struct {
	verdict verdict
	what    string // for the ledger
	detail  string
	reason  string // for the sender and the owner, in a sentence
	again   error  // above nil: look again later
	content Content
	state   State          // what the judgement says of a verified one
	doubt   string         // and why
	counted authlog.Reason // against the sender, if nothing of it was ever shown
}

type verdict int

const (
	links   verdict = iota // the source is there and links
	nolink                 // the source is there and does not link
	gone                   // the source says it is gone for good
	missing                // the source is not there, perhaps for now
	unknown                // nothing can be said now
	useless                // the source is nothing that can link
)

// look turns the source's answer into a finding (mentions.md, the outcome table).
func (i *Inbox) look(ctx context.Context, r *record, page *fetch.Page, err error) finding {
	if err != nil {
		return failed(err)
	}
	at := fmt.Sprintf("the page: %d, %s", page.Status, size(page))
	if page.URL.String() != r.Source {
		at += ", found at " + page.URL.String()
	}
	switch {
	case page.Status >= 200 && page.Status <= 299:
		return i.read(ctx, r, page, at)
	case page.Status == http.StatusGone:
		return finding{verdict: gone, what: "Gone", detail: at + ".", reason: "The source answers that it is gone.", counted: authlog.Gone}
	case page.Status == http.StatusNotFound, page.Status == http.StatusUnavailableForLegalReasons:
		return finding{verdict: missing, what: "Missing", detail: at + ".", counted: authlog.Unreachable,
			reason: fmt.Sprintf("There is no page at the source: it answers %d.", page.Status)}
	}
	reason := fmt.Sprintf("The source answers %d.", page.Status)
	return finding{verdict: unknown, what: "Read", detail: at + ". Nothing changed.", reason: reason, counted: authlog.Unreachable,
		again: queue.Later(errors.New(reason), page.RetryAfter(i.now()))}
}

// failed is the finding when no answer came.
func failed(err error) finding {
	reason := "The source could not be read."
	var e *fetch.Error
	if errors.As(err, &e) {
		reason = "The source could not be read: " + e.Reason + "."
	}
	f := finding{verdict: unknown, what: "Asked for the page", detail: reason + " Nothing changed.", reason: reason, counted: authlog.Unreachable, again: err}
	if errors.Is(err, fetch.ErrForbidden) {
		f.again, f.counted = nil, authlog.BadSource
	}
	return f
}

// read looks for the link in a page that was answered, and at what it says.
func (i *Inbox) read(ctx context.Context, r *record, page *fetch.Page, at string) finding {
	if _, ours := i.site.ours(page.URL.String()); ours {
		return finding{verdict: nolink, what: "Read", detail: at + ".", reason: "The source leads back to this site.", counted: authlog.NoLink}
	}
	source, err := readSource(page)
	if err != nil {
		return finding{verdict: useless, what: "Read", detail: at + ".", reason: "The source is not a text that can hold a link.", counted: authlog.NoLink}
	}
	same, err := i.same(ctx, r.PostID)
	if err != nil {
		return finding{verdict: unknown, what: "Read", detail: at + ".", reason: "The source could not be compared.", again: err}
	}
	element, ok := findLink(source, same)
	if !ok {
		return finding{verdict: nolink, what: "Read", detail: at + ".", counted: authlog.NoLink,
			reason: fmt.Sprintf("The page was read, but no link to %s was found in it.", r.Target)}
	}
	entry := readEntry(ctx, source, same, func(ctx context.Context, address string) (*fetch.Page, error) {
		return i.fetch.Get(ctx, address, nil)
	})
	f := finding{verdict: links, what: "Found", detail: fmt.Sprintf("the link to your post: %s. Read %s.", element, at), content: content(entry)}
	f.state, f.doubt, err = i.weigh(ctx, r, entry)
	if err != nil {
		return finding{verdict: unknown, what: "Read", detail: at + ".", reason: "The source could not be judged.", again: err}
	}
	return f
}

func content(e Entry) Content {
	return Content{
		Kind: e.Kind, AuthorName: e.AuthorName, AuthorURL: e.AuthorURL, Title: e.Title,
		HTML: template.HTML(e.HTML), RSVP: e.RSVP, Published: e.Published,
	}
}

// weigh gathers what the judgement rests on.
func (i *Inbox) weigh(ctx context.Context, r *record, entry Entry) (State, string, error) {
	site, err := i.settings.Site(ctx)
	if err != nil {
		return "", "", err
	}
	e := evidence{entry: entry, mode: site.Mode, crowded: r.Reason == crowded}
	err = i.db.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM mentions WHERE author_url = $1 AND state = 'shown' AND id <> $2)",
		entry.AuthorURL, r.ID).Scan(&e.known)
	if err != nil {
		return "", "", fmt.Errorf("look for the author: %w", err)
	}
	state, doubt := judge(e)
	return state, doubt, nil
}

// same makes the test whether an address names the mention's target.
func (i *Inbox) same(ctx context.Context, postID string) (func(string) bool, error) {
	paths := map[string]bool{"/": true}
	if postID != "" {
		var err error
		if paths, err = i.posts.Paths(ctx, postID); err != nil {
			return nil, err
		}
	}
	return func(address string) bool {
		path, ours := i.site.ours(address)
		return ours && paths[path]
	}, nil
}

func size(page *fetch.Page) string {
	more := ""
	if page.Cut {
		more = "more than "
	}
	return fmt.Sprintf("%s%d KB", more, (len(page.Body)+1023)/1024)
}

// settle writes what a look has shown. The mention is read again here, because
// its owner may have decided meanwhile.
func (i *Inbox) settle(tx *database.Tx, id string, f finding) error {
	r, err := scan(tx.QueryRow("SELECT "+columns+" FROM mentions WHERE id = $1", id))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	before := r.Mention
	if err := i.apply(tx, r, f); err != nil {
		return err
	}
	r.Checking = f.again != nil
	if err := r.save(tx, before); err != nil {
		return err
	}
	if err := i.note(tx, id, f.what, f.detail); err != nil {
		return err
	}
	if r.State == Refused && f.again == nil {
		from, _ := netip.ParseAddr(r.address)
		tx.OnCommit(func() { i.guard.Refused(protocols[r.Via], f.counted, from) })
	}
	if r.State == before.State {
		return nil
	}
	return i.note(tx, id, stateWords[r.State], r.Reason)
}

var protocols = map[Via]authlog.Protocol{Pingback: authlog.Pingback, Webmention: authlog.Webmention}

var stateWords = map[State]string{
	Shown: "Shown", Held: "Held", Withdrawn: "Withdrawn", Refused: "Refused", Removed: "Removed", Waiting: "Waiting",
}

// apply moves the mention as the finding says.
func (i *Inbox) apply(tx *database.Tx, r *record, f finding) error {
	never := r.Verified.IsZero()
	if f.verdict != missing {
		r.strikes = 0
	}
	switch {
	case r.State == Removed:
		// the owner's word stands
	case f.verdict == links:
		i.verified(r, f)
	case f.verdict == unknown && (f.again != nil || !never):
		if never && r.Reason != crowded {
			r.Reason = f.reason
		}
	case never:
		r.State, r.Reason, r.Refusal = Refused, f.reason, f.counted
	case f.verdict == missing:
		return i.strike(tx, r, f)
	default:
		r.State, r.Reason, r.Changed = Withdrawn, f.reason, nil
	}
	return nil
}

// verified takes over what a linking source says. What is shown stays shown:
// other words that are doubtful, or that differ much from words the owner has
// seen, wait beside it.
func (i *Inbox) verified(r *record, f finding) {
	if f.content.Published.IsZero() {
		f.content.Published = r.Received
	}
	r.Verified, r.Refusal = i.now(), ""
	differs := differ(string(r.HTML), string(f.content.HTML))
	switch {
	case r.State != Shown:
		r.Content, r.State, r.Reason, r.Changed = f.content, f.state, f.doubt, nil
	case r.HTML == f.content.HTML && r.Title == f.content.Title:
		r.Changed = nil
	case f.state == Held, differs && !r.Decided.IsZero():
		r.Changed = &f.content
		if r.Reason = f.doubt; r.Reason == "" {
			r.Reason = "You have shown this already, and its words have changed a good deal since. The old words stay until you decide."
		}
	default:
		r.Content, r.Reason, r.Changed = f.content, "", nil
	}
}

// strike counts a look at a missing source. Two of them a day apart withdraw
// what was shown.
func (i *Inbox) strike(tx *database.Tx, r *record, f finding) error {
	now := i.now()
	if r.strikes > 0 && now.Sub(r.struck) >= strikeGap {
		r.State, r.Reason, r.Changed = Withdrawn, f.reason, nil
		return nil
	}
	if r.strikes == 0 {
		r.strikes, r.struck = 1, now
	}
	return i.queue.EnqueueAt(tx, verify, r.ID, r.struck.Add(strikeGap))
}
