package site

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"hark/internal/auth"
	"hark/internal/micropub"
	"hark/internal/posts"
)

// writer is the context's key for the user whose token was shown, and granted that
// for all that the token says.
type (
	writer  struct{}
	granted struct{}
)

// grants tells whether the token that was shown has a scope.
func grants(ctx context.Context, scope string) bool {
	pass, ok := ctx.Value(granted{}).(*auth.Pass)
	return ok && slices.Contains(pass.Scopes, scope)
}

// authorize asks the gate whether the token allows what is asked for. One for
// drafts creates, too.
func (s *Site) authorize(ctx context.Context, token, scope string) (context.Context, error) {
	asked := scope
	switch scope {
	case "create":
		asked += " " + auth.DraftScope
	case "media": // who may make a post may bring its pictures (Micropub, section 3.6)
		asked += " create " + auth.DraftScope
	}
	pass, err := s.Gate.Holder(ctx, token, asked, caller(ctx))
	var throttled *auth.Throttled
	switch {
	case errors.As(err, &throttled):
		return nil, &micropub.Error{Status: 429, Code: "forbidden", Text: "Too many wrong tokens came from your address. Try again later.", Retry: throttled.RetryAfter}
	case errors.Is(err, auth.ErrScope):
		return nil, micropub.InsufficientScope(scope)
	case errors.Is(err, auth.ErrNoToken):
		return nil, micropub.Unauthorized("This access token is not known here: it was revoked, or it ran out. Let the app in again.")
	case err != nil:
		return nil, err
	}
	ctx = context.WithValue(ctx, granted{}, pass)
	return context.WithValue(ctx, writer{}, pass.User), nil
}

// twice lets an app show its token in the header and once more in the form, if its
// user has let it keep to older rules.
func (s *Site) twice(ctx context.Context) error {
	pass := ctx.Value(granted{}).(*auth.Pass)
	old, err := s.Gate.OldApps(ctx, pass.User.ID)
	switch {
	case err != nil:
		return err
	case pass.Client == "":
		return micropub.Invalid("Send the access token once: in the Authorization header or as access_token in the form, not both.")
	case slices.Contains(old, pass.Client):
		return nil
	}
	return micropub.Invalid("This app sends its access token both in the Authorization header and in the form. One of them is right, not both. An app that does so can be let in all the same, in your account under Apps, by its address: %s", pass.Client)
}

// create publishes what an app has written; post-status "draft" only saves it, and
// so does a token for drafts.
func (s *Site) create(ctx context.Context, c micropub.Create) (location string, err error) {
	author := ctx.Value(writer{}).(*auth.User).ID
	if err := s.asMarkdown(ctx, author, c.Properties); err != nil {
		return "", err
	}
	zone, err := s.Settings.Zone(ctx)
	if err != nil {
		return "", err
	}
	p, err := newPost(c, zone)
	if err != nil {
		return "", err
	}
	if err := s.checkTargets(ctx, p, nil); err != nil {
		return "", err
	}
	p.AuthorID, p.SavedBy = author, author
	if !grants(ctx, "create") {
		p.Status = posts.Draft
	}
	s.schedule(p)
	if err := s.keepWith(ctx, p, c.Uploads); err != nil {
		return "", refusedBy(err)
	}
	return s.editable(p), nil
}

// keepWith keeps a post with the files that came with it, which are there before it
// names them. A post that says something wrong leaves none of them behind.
func (s *Site) keepWith(ctx context.Context, p *posts.Post, files []micropub.Upload) error {
	if err := s.Posts.Check(p); err != nil {
		return err
	}
	for _, file := range files {
		if err := file.Keep(ctx); err != nil {
			return err
		}
	}
	return s.Posts.Save(ctx, p)
}

// schedule lets a post that is to be published come out at its time, if that lies
// ahead by more than clocks differ.
func (s *Site) schedule(p *posts.Post) { s.scheduleAfter(p, s.Now().Add(time.Minute)) }

func (s *Site) scheduleAfter(p *posts.Post, now time.Time) {
	if p.Status == posts.Published && p.Path == "" && p.Published.After(now) {
		p.Status = posts.Scheduled
	}
}

// editable is the address by which an app speaks of a post: its own, or where it
// is written until it has one.
func (s *Site) editable(p *posts.Post) string {
	if p.Path == "" {
		return s.URL + deskPath + p.ID
	}
	return s.URL + p.Path
}

// deskPath is where a post is written.
const deskPath = "/desk/write/"

// refusedBy says in Micropub's words what is wrong with a post.
func refusedBy(err error) error {
	if invalid := (*posts.Invalid)(nil); errors.As(err, &invalid) {
		return micropub.Invalid("%s: %s", micropubName(invalid.Field), invalid.Text)
	}
	return appFull(err)
}

// remove deletes the post at an address.
func (s *Site) remove(ctx context.Context, address string) error {
	p, err := s.ownPostAt(ctx, address)
	if err != nil {
		return err
	}
	return appFull(s.Posts.Delete(ctx, p.ID))
}

// restore brings the post at an address back. A token for drafts brings back what
// nobody sees.
func (s *Site) restore(ctx context.Context, address string) error {
	p, err := s.ownPostAt(ctx, address)
	if err != nil {
		return err
	}
	if p.Path != "" && grants(ctx, auth.DraftScope) && !grants(ctx, "create") {
		return micropub.InsufficientScope("create")
	}
	return appFull(s.Posts.Restore(ctx, p.ID))
}

// ownPostAt is the post at an address, which the token's user has to be allowed to
// change: an app may do no more than its user. A post of another that readers never saw,
// or do not see any more, is not there.
func (s *Site) ownPostAt(ctx context.Context, address string) (*posts.Post, error) {
	p, err := s.postAt(ctx, address)
	if err != nil {
		return nil, err
	}
	if !ctx.Value(writer{}).(*auth.User).MayChange(p.AuthorID) {
		if p.Path == "" || p.Visibility == posts.Private {
			return nil, micropub.Invalid("url: there is no post at this address. q=source lists those that there are.")
		}
		return nil, micropub.Forbidden("Somebody else has written that post, and your account may change its own alone.")
	}
	return p, nil
}

// postAt is the post at an address, wherever it is on its way.
func (s *Site) postAt(ctx context.Context, address string) (*posts.Post, error) {
	rest, ok := strings.CutPrefix(address, s.URL)
	u, err := url.Parse(rest)
	if !ok || err != nil || u.Host != "" {
		return nil, micropub.Invalid("url: this is not an address of this site, which begin with %s/", s.URL)
	}
	var p *posts.Post
	if id, unfinished := strings.CutPrefix(u.Path, deskPath); unfinished {
		p, err = s.Posts.ByID(ctx, id)
	} else {
		p, err = s.Posts.At(ctx, u.Path)
		if moved := (*posts.Moved)(nil); errors.As(err, &moved) {
			p, err = s.Posts.At(ctx, moved.To)
		}
	}
	if errors.Is(err, posts.ErrNotFound) || err == nil && p.ID == "" { // or one that was deleted for good
		return nil, micropub.Invalid("url: there is no post at this address. q=source lists those that there are.")
	}
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", address, err)
	}
	return p, nil
}
