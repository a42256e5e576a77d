package mentions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"hark/internal/authlog"
	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/queue"
	"hark/internal/settings"
)

// How long a mention waits whose source's host is busy: with a visit of ours, or
// with so many waiting for their turn that this one had better not.
const (
	busyRest    = 5 * time.Second
	crowdedRest = 15 * time.Second
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
	if errors.Is(err, ErrNotFound) || err == nil && r.State == Removed {
		return nil
	}
	if err != nil {
		return err
	}
	if !i.visits.enter(r.Host()) {
		return i.postpone(ctx, id, crowdedRest)
	}
	defer i.visits.leave(r.Host())
	page, err := i.fetch.Get(ctx, r.Source, i.heading(r))
	if errors.Is(err, fetch.ErrBusy) {
		return i.postpone(ctx, id, busyRest)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err() // hark stops
	}
	found := i.look(ctx, r, page, err)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	// A host that used up the job's time has to be written down all the same.
	err = i.db.InTx(context.WithoutCancel(ctx), func(tx *database.Tx) error { return i.settle(tx, id, found) })
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
func (i *Inbox) look(ctx context.Context, r *record, page *fetch.Page, err error) (f finding) {
	defer func() {
		if p := recover(); p != nil {
			i.log.Error("source not understood", "source", r.Source, "panic", p, "stack", string(debug.Stack()))
			f = finding{verdict: unknown, what: "Read", detail: "the page, and could not make sense of it. Nothing changed.",
				reason: "The source could not be understood.", counted: authlog.Unreachable, again: fmt.Errorf("panic: %v", p)}
		}
	}()
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
		reason := "The source is not a text that can hold a link."
		if errors.Is(err, errTooDeep) {
			reason = "The source is nested too deeply to be read."
		}
		return finding{verdict: useless, what: "Read", detail: at + ".", reason: reason, counted: authlog.NoLink}
	}
	same, err := i.same(ctx, r.PostID)
	if err != nil {
		return finding{verdict: unknown, what: "Read", detail: at + ".", reason: "The source could not be compared.", again: err}
	}
	element, ok := findLink(source, same)
	if !ok {
		in := "it"
		if page.Cut {
			in = "its first megabyte"
		}
		return finding{verdict: nolink, what: "Read", detail: at + ".", counted: authlog.NoLink,
			reason: fmt.Sprintf("The page was read, but no link to %s was found in %s.", r.Target, in)}
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
	e := evidence{entry: entry, mode: site.Mode, crowded: r.Reason == Crowded}
	if site.Mode == settings.HoldStrangers {
		if e.known, err = i.knows(ctx, r.Source, entry.AuthorURL); err != nil {
			return "", "", err
		}
	}
	state, doubt := judge(e)
	return state, doubt, nil
}

// knows tells whether something of this author is shown that came from the same
// host. What a page on another host claims about its author proves nothing.
func (i *Inbox) knows(ctx context.Context, source, author string) (known bool, err error) {
	host, _, _ := strings.Cut(canonical(source), "/")
	host, _, _ = strings.Cut(host, "?")
	err = i.db.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT 1 FROM mentions
			WHERE state = 'shown' AND author_url = $1 AND (source_key = $2 OR substr(source_key, 1, $3) IN ($4, $5)))`,
		author, host, len(host)+1, host+"/", host+"?").Scan(&known)
	if err != nil {
		return false, fmt.Errorf("look for the author: %w", err)
	}
	return known, nil
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
