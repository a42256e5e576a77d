package mentions

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"hark/internal/akismet"
	"hark/internal/database"
	"hark/internal/queue"
	"hark/internal/settings"
)

// report is the job that tells Akismet where it was wrong.
const report queue.Kind = "akismet"

// correction is its payload.
type correction struct {
	Mention string
	Spam    bool
}

// akismetClient asks the service with the owner's key, nil if there is none.
func (i *Inbox) akismetClient(p *policy) *akismet.Client {
	if p.answers.Akismet == "" {
		return nil
	}
	return akismet.New(i.fetch.HTTP(), i.akismet, p.answers.Akismet, i.site.url+"/")
}

// TryAkismet asks whether a key is good, and tells in a sentence if it is not.
func (i *Inbox) TryAkismet(ctx context.Context, key string) error {
	err := i.akismetClient(&policy{answers: settings.Answers{Akismet: key}}).Verify(ctx)
	var refused *akismet.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused) && refused.Status == http.StatusOK:
		return &settings.Invalid{Field: "akismet", Text: "Akismet does not know this key for this site."}
	}
	return &settings.Invalid{Field: "akismet", Text: "Akismet could not be asked whether this key is good. Try again later, or leave it empty."}
}

// askAkismet asks whether a mention is spam. A service that gives no answer says
// nothing for or against it.
func (i *Inbox) askAkismet(ctx context.Context, p *policy, r *record, c Content) *akismet.Verdict {
	client := i.akismetClient(p)
	if client == nil {
		return nil
	}
	about := comment(p, r, c)
	about.Recheck = !r.Verified.IsZero()
	verdict, err := client.Check(ctx, about)
	if err != nil {
		i.log.Warn("Akismet gave no answer", "mention", r.ID, "error", err)
		return nil
	}
	if verdict.Alert != "" {
		i.log.Warn("Akismet has a word for you", "alert", verdict.Alert)
	}
	return &verdict
}

// comment is a mention in Akismet's words. What a webmention is it has no word
// for but that of the older protocol.
func comment(p *policy, r *record, c Content) akismet.Comment {
	return akismet.Comment{
		IP: r.from, Type: "pingback", Permalink: r.Target, Author: c.AuthorName, AuthorURL: c.AuthorURL,
		Content: c.Text(), Lang: p.words.Language, Date: r.Received,
	}
}

// correct has Akismet told of a verdict of the owner that differs from its own,
// which is one of the signs.
func (i *Inbox) correct(tx *database.Tx, signs []Sign, r *record, taught lesson) error {
	if r.lesson == taught || r.lesson == untaught {
		return nil
	}
	for _, s := range signs {
		if s.Name == "akismet" && (s.Weight < 0) != (r.lesson == spam) {
			return i.queue.Enqueue(tx, report, correction{r.ID, r.lesson == spam})
		}
	}
	return nil
}

// tellAkismet is the handler of the job.
func (i *Inbox) tellAkismet(ctx context.Context, job queue.Job) error {
	var c correction
	if err := json.Unmarshal(job.Payload, &c); err != nil {
		return queue.Permanent(err)
	}
	p, err := i.policy(ctx)
	if err != nil {
		return err
	}
	client := i.akismetClient(p)
	if client == nil {
		return nil
	}
	r, err := i.record(ctx, c.Mention)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if c.Spam {
		return client.Spam(ctx, comment(p, r, r.Content))
	}
	return client.Ham(ctx, comment(p, r, r.Content))
}
