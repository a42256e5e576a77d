package mentions

import (
	"context"
	"encoding/json"
	"errors"

	"hark/internal/akismet"
	"hark/internal/database"
	"hark/internal/queue"
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

// askAkismet asks whether a mention is spam. A service that gives no answer says
// nothing for or against it.
func (i *Inbox) askAkismet(ctx context.Context, p *policy, r *record, c Content) *bool {
	client := i.akismetClient(p)
	if client == nil {
		return nil
	}
	verdict, err := client.Check(ctx, comment(p, r, c))
	if err != nil {
		i.log.Warn("Akismet not asked", "mention", r.ID, "error", err)
		return nil
	}
	return &verdict.Spam
}

// comment is a mention in Akismet's words.
func comment(p *policy, r *record, c Content) akismet.Comment {
	a := akismet.Comment{
		Type: "pingback", Permalink: r.Target, Author: c.AuthorName, AuthorURL: c.AuthorURL,
		Content: lineOf(parseFragment(string(c.HTML))), Language: p.words.Language, Date: c.Published,
	}
	if r.from.IsValid() {
		a.IP = r.from.String()
	}
	return a
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
