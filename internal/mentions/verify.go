package mentions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/queue"
	"hark/internal/source"
)

// How long a mention waits whose source's host is busy: with a visit of ours;
// with so many waiting for their turn that this one had better not; or so slow
// that others go first.
const (
	busyRest    = 5 * time.Second
	crowdedRest = 15 * time.Second
	slowRest    = 30 * time.Second
)

// verify reads a mention's source and writes down what that changes. It is the
// handler of the job, and the only place where a stranger's page is judged.
//
// What has to be tried again it writes as a new job itself: a mention has at
// most one that waits, however often it is sent.
func (i *Inbox) verify(ctx context.Context, job queue.Job) error {
	var id string
	if err := json.Unmarshal(job.Payload, &id); err != nil {
		return queue.Permanent(err)
	}
	r, err := i.record(ctx, id)
	if errors.Is(err, ErrNotFound) || err == nil && r.settled() {
		return nil
	}
	if err != nil {
		return err
	}
	if rest := r.rest.Sub(i.now()); rest > 0 {
		return i.postpone(ctx, id, rest) // whoever has sent it again
	}
	p, err := i.policy(ctx)
	if err != nil {
		return err
	}
	if !i.visits.enter(r.Host()) {
		return i.postpone(ctx, id, crowdedRest)
	}
	defer i.visits.leave(r.Host())
	page, err := i.fetch.Get(ctx, r.Source, i.heading(r))
	if errors.Is(err, fetch.ErrResting) {
		return i.postpone(ctx, id, slowRest)
	}
	if errors.Is(err, fetch.ErrBusy) {
		return i.postpone(ctx, id, busyRest)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err() // hark stops
	}
	found := i.look(ctx, p, r, page, err)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if now, err := i.policy(context.WithoutCancel(ctx)); err == nil && now != p {
		p = now
		found.judgeBy(p)
	}
	// A host that used up the job's time has to be written down all the same.
	err = i.db.InTx(context.WithoutCancel(ctx), func(tx *database.Tx) error { return i.settle(tx, p, id, found) })
	if err != nil {
		return fmt.Errorf("verify mention %s: %w", id, err)
	}
	i.waiters.tell(id)
	i.log.Info("mention read", "mention", id, "source", r.Source, "found", found.what, "detail", found.detail)
	return nil
}

// postpone has a mention read later. It is no try: nothing was asked.
func (i *Inbox) postpone(ctx context.Context, id string, wait time.Duration) error {
	return i.db.InTx(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		return i.queue.EnqueueAt(tx, verify, id, i.now().Add(wait))
	})
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
	reason  string        // for the sender and the owner, in a sentence
	again   error         // above nil: look again later
	rest    time.Duration // for which its host has asked to be left alone
	more    []Event       // further lines
	content Content
	asked   string         // what the page of its author answered; empty if it was not asked
	counted authlog.Reason // against the sender, if nothing of it was ever shown

	evidence evidence // of a verified one
	judged   judgement
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
func (i *Inbox) look(ctx context.Context, p *policy, r *record, page *fetch.Page, err error) (f finding) {
	defer func() {
		if p := recover(); p != nil {
			i.log.Error("source not understood", "source", r.Source, "panic", p, "stack", string(debug.Stack()))
			f = finding{verdict: unknown, what: "Read", detail: "the page, and could not make sense of it. Nothing changed.",
				reason: "The source could not be understood.", counted: authlog.Unreachable, again: fmt.Errorf("panic: %v", p)}
		}
	}()
	if err != nil {
		return failed(r.Source, err)
	}
	at := fmt.Sprintf("the page: %d, %s", page.Status, size(page))
	if page.URL.String() != r.Source {
		at += ", found at " + page.URL.String()
	}
	switch {
	case page.Status >= 200 && page.Status <= 299:
		return i.read(ctx, p, r, page, at)
	case page.Status == http.StatusGone:
		return finding{verdict: gone, what: "Gone", detail: at + ".", reason: "The source answers that it is gone.", counted: authlog.Gone}
	case page.Status == http.StatusNotFound, page.Status == http.StatusUnavailableForLegalReasons:
		return finding{verdict: missing, what: "Missing", detail: at + ".", counted: authlog.Gone,
			reason: fmt.Sprintf("There is no page at the source: it answers %d.", page.Status)}
	}
	reason, rest := fmt.Sprintf("The source answers %d.", page.Status), page.RetryAfter(i.now())
	return finding{verdict: unknown, what: "Read", detail: at + ". Nothing changed.", reason: reason, counted: authlog.Unreachable,
		again: queue.Later(errors.New(reason), rest), rest: rest}
}

// failed is the finding when no answer came.
func failed(source string, err error) finding {
	reason := "The source could not be read."
	var e *fetch.Error
	if errors.As(err, &e) {
		reason = "The source could not be read: " + e.Reason + "."
	}
	f := finding{verdict: unknown, what: "Asked for the page", detail: reason + ledOn(source, e) + " Nothing changed.", reason: reason, counted: authlog.Unreachable, again: err}
	if errors.Is(err, fetch.ErrForbidden) {
		f.again, f.counted = nil, authlog.BadSource
	}
	return f
}

// ledOn names where a way ended that led on from the source.
func ledOn(source string, e *fetch.Error) string {
	if e == nil || canonical(e.URL) == canonical(source) {
		return ""
	}
	return " It had led on to " + e.URL + "."
}

// read looks for the link in a page that was answered, and at what it says.
func (i *Inbox) read(ctx context.Context, p *policy, r *record, page *fetch.Page, at string) finding {
	if _, ours := p.site.ours(page.URL.String()); ours {
		return finding{verdict: nolink, what: "Read", detail: at + ".", reason: "The source leads back to this site.", counted: authlog.NoLink}
	}
	same, err := i.same(ctx, p, r.PostID)
	if err != nil {
		return puzzled(at, err)
	}
	entry, asked, err := i.open(ctx, page, same)
	if f, denied := denied(err, r, page, at); denied {
		return f
	}
	f := finding{verdict: links, what: "Found", detail: fmt.Sprintf("the link to your post: %s. Read %s.", entry.Element, at), content: content(entry), asked: asked}
	if f.evidence, err = i.weigh(ctx, p, r, entry, f.content, page.URL); err != nil {
		return puzzled(at, err)
	}
	f.judge()
	return f
}

// judge decides by the evidence.
func (f *finding) judge() {
	f.judged = judge(f.evidence)
	f.more = []Event{{What: "Understood", Detail: understood(f.evidence.entry)}, {What: weighed, Sum: f.judged.sum()}}
	if f.asked != "" {
		f.more = slices.Insert(f.more, 0, Event{What: "Asked", Detail: f.asked})
	}
}

// judgeBy decides anew if the owner has chosen otherwise while the source was
// read: a rule that was made meanwhile could not know whom it would be about.
func (f *finding) judgeBy(p *policy) {
	if f.verdict != links {
		return
	}
	f.evidence.rule, f.evidence.mode = p.rule(f.evidence.knock), p.answers.Mode
	f.judge()
}

// errNoLink says that a page was read and does not link to us.
var errNoLink = errors.New("no link to us in the page")

// open reads what a page says of us, and what the page of its author answered if
// that was asked. Few pages are open at a time, and none while its author's is
// asked: a megabyte can become a tree of a hundred.
func (i *Inbox) open(ctx context.Context, page *fetch.Page, same func(string) bool) (entry source.Entry, asked string, err error) {
	i.desks <- struct{}{}
	defer func() { <-i.desks }()
	s, err := source.Read(page)
	if err != nil {
		return entry, "", err
	}
	if _, ok := s.Link(same); !ok {
		return entry, "", errNoLink
	}
	entry = s.Entry(ctx, same, func(ctx context.Context, address string) (*fetch.Page, error) {
		<-i.desks
		defer func() { i.desks <- struct{}{} }()
		page, err := i.fetch.Get(ctx, address, nil)
		asked = askedAuthor(address, page, err)
		return page, err
	})
	return entry, asked, nil
}

// askedAuthor says in the ledger what the page of an author has answered.
func askedAuthor(address string, page *fetch.Page, err error) string {
	if err != nil {
		return fmt.Sprintf("the page of its author, %s, which could not be read.", address)
	}
	return fmt.Sprintf("the page of its author, %s: %d, %s.", page.URL, page.Status, size(page))
}

// denied is the finding about a page that does not link to us, if it is one.
func denied(err error, r *record, page *fetch.Page, at string) (f finding, denied bool) {
	f = finding{verdict: useless, what: "Read", detail: at + ".", counted: authlog.NoLink}
	switch {
	case err == nil:
		return f, false
	case errors.Is(err, source.ErrTooDeep):
		f.reason = "The source is nested too deeply to be read."
	case errors.Is(err, errNoLink):
		in := "it"
		if page.Cut {
			in = "its first megabyte"
		}
		f.verdict, f.reason = nolink, fmt.Sprintf("The page was read, but no link to %s was found in %s.", r.Target, in)
	default:
		f.reason = "The source is not a text that can hold a link."
	}
	return f, true
}

// puzzled is the finding when something of our own got in the way.
func puzzled(at string, err error) finding {
	return finding{verdict: unknown, what: "Read", detail: at + ".", reason: "The source could not be judged.", again: err}
}

func content(e source.Entry) Content {
	return Content{
		Kind: e.Kind, AuthorName: e.AuthorName, AuthorURL: e.AuthorURL, Photo: e.AuthorPhoto, ReplyTo: sourceKey(e.ReplyTo), Title: e.Title,
		HTML: template.HTML(e.HTML), RSVP: e.RSVP, Published: e.Published,
	}
}

// same makes the test whether an address names the mention's target.
func (i *Inbox) same(ctx context.Context, p *policy, postID string) (func(string) bool, error) {
	if postID == "" {
		isSitePage, err := i.sitePages(ctx, true)
		if err != nil {
			return nil, err
		}
		return func(address string) bool {
			path, ours := p.site.ours(address)
			return ours && isSitePage(path)
		}, nil
	}
	paths, err := i.posts.Paths(ctx, postID)
	if err != nil {
		return nil, err
	}
	return func(address string) bool {
		path, ours := p.site.ours(address)
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
