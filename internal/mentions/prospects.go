package mentions

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hark/internal/database"
	"hark/internal/posts"
)

// Prospect is a page that a post links to, and what it will get when the post is
// published or saved.
type Prospect struct {
	Target   string
	Host     string
	Property string // how the post responds to it, empty for a plain link
	Will     Will
	Problem  string    // why it could not be asked, in a sentence
	Looked   time.Time // when it was asked last; zero for never
	Quiet    bool      // the writer has switched it off for this post
	Never    bool      // its host is never told
}

// Will is what a target will get.
type Will string

// What a target will get.
const (
	WillUnknown    Will = ""           // it was not asked yet
	WillWebmention Will = "webmention" //
	WillPingback   Will = "pingback"
	WillNothing    Will = "none" // it takes neither
	WillOwn        Will = "own"  // a post of ours: shown beneath it
)

// Prospects lists who will be told of a post that may not be saved yet, as far as
// is known: nobody is visited for it. Ask has those asked that are not known. Pages of
// ours that are no posts are left out: there is nobody to tell, and nothing is shown.
func (o *Outbox) Prospects(ctx context.Context, p *posts.Post) ([]Prospect, error) {
	links, own, err := o.linksOf(ctx, p)
	if err != nil {
		return nil, err
	}
	telling, err := o.settings.Telling(ctx)
	if err != nil {
		return nil, err
	}
	looks, err := o.looks(ctx, links)
	if err != nil {
		return nil, err
	}
	list := make([]Prospect, 0, len(links))
	for _, link := range links {
		post, ours := own[link.target]
		if ours && post == "" {
			continue
		}
		one := Prospect{Target: link.target, Host: targetHost(link.target), Property: link.property, Quiet: slices.Contains(p.Quiet, link.target)}
		one.Never = telling.Never.Have(one.Host)
		l := looks[link.target]
		if l != nil {
			one.Looked = l.at
		}
		switch {
		case ours:
			one.Will = WillOwn
		case l == nil || o.now().Sub(l.at).Abs() > lookKept:
		case l.problem != "":
			one.Problem = l.problem
		case l.protocol == "":
			one.Will = WillNothing
		default:
			one.Will = Will(l.protocol)
		}
		list = append(list, one)
	}
	return list, nil
}

// askedAgain is when a page that could not be asked can be asked once more.
const askedAgain = time.Minute

// Ask has the pages looked at that a post links to and of which nothing is known
// lately, so that Prospects can tell what they take. It does not wait for them.
// Pages that would not be told are visited only where their card is shown.
func (o *Outbox) Ask(ctx context.Context, p *posts.Post) error {
	prospects, err := o.Prospects(ctx, p)
	if err != nil {
		return err
	}
	return o.db.InTx(ctx, func(tx *database.Tx) error {
		for _, one := range prospects {
			if one.Will != WillUnknown || (one.Quiet || one.Never) && one.Property == "" {
				continue
			}
			if one.Problem != "" {
				if o.now().Sub(one.Looked) < askedAgain {
					continue
				}
				if _, err := tx.Exec("UPDATE looks SET looked_at = 0, problem = '' WHERE address = $1", one.Target); err != nil {
					return fmt.Errorf("ask again: %w", err)
				}
			}
			if err := o.wantLook(tx, wanted{Address: one.Target, Card: one.Property != ""}, o.now()); err != nil {
				return err
			}
		}
		return nil
	})
}

// linksOf are the links of a post, and which lead to pages of ours.
func (o *Outbox) linksOf(ctx context.Context, p *posts.Post) ([]postLink, map[string]string, error) {
	address := o.address(p)
	if p.Path == "" {
		address = o.site.url + "/"
	}
	links := postLinks(p, address)
	pol, err := o.inbox.policy(ctx)
	if err != nil {
		return nil, nil, err
	}
	own, err := o.resolveOwn(ctx, pol, p, links)
	return links, own, err
}

// looks are what looks at the links have shown.
func (o *Outbox) looks(ctx context.Context, links []postLink) (map[string]*look, error) {
	found := make(map[string]*look, len(links))
	if len(links) == 0 {
		return found, nil
	}
	args := make([]any, len(links))
	for n, link := range links {
		args[n] = link.target
	}
	rows, err := o.db.Query(ctx, "SELECT address, looked_at, protocol, problem FROM looks WHERE looked_at > 0 AND address IN ("+database.In(1, len(args))+")", args...)
	if err != nil {
		return nil, fmt.Errorf("read looks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var l look
		var at int64
		if err := rows.Scan(&l.address, &at, &l.protocol, &l.problem); err != nil {
			return nil, fmt.Errorf("read looks: %w", err)
		}
		l.at = time.Unix(at, 0)
		found[l.address] = &l
	}
	return found, rows.Err()
}
