package site

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"hark/internal/auth"
	"hark/internal/micropub"
	"hark/internal/posts"
)

// writer is the context's key for the user whose token was shown.
type writer struct{}

// authorize asks the gate whether the token allows what is asked for.
func (s *Site) authorize(ctx context.Context, token, scope string) (context.Context, error) {
	user, err := s.Gate.Token(ctx, token, scope, caller(ctx))
	var throttled *auth.Throttled
	switch {
	case errors.As(err, &throttled):
		return nil, &micropub.Error{Status: 429, Code: "forbidden", Text: "Too many wrong tokens came from your address. Try again later.", Retry: throttled.RetryAfter}
	case errors.Is(err, auth.ErrScope):
		return nil, micropub.InsufficientScope(scope)
	case errors.Is(err, auth.ErrNoToken):
		return nil, micropub.Unauthorized("This token is not known here, or was revoked.")
	case err != nil:
		return nil, err
	}
	return context.WithValue(ctx, writer{}, user), nil
}

// create publishes what an app has written; post-status "draft" only saves it.
func (s *Site) create(ctx context.Context, c micropub.Create) (location string, err error) {
	p, err := readPost(c)
	if err != nil {
		return "", err
	}
	p.AuthorID = ctx.Value(writer{}).(*auth.User).ID
	var invalid *posts.Invalid
	switch err := s.Posts.Save(ctx, p); {
	case errors.As(err, &invalid):
		return "", micropub.Invalid("%s: %s", micropubName(invalid.Field), invalid.Text)
	case err != nil:
		return "", appFull(err)
	case p.Status == posts.Draft:
		return s.URL + "/desk/write/" + p.ID, nil
	}
	return s.URL + p.Path, nil
}

// micropubName is what Micropub calls a field of a post.
func micropubName(field string) string {
	switch field {
	case "title":
		return "name"
	case "text":
		return "content"
	case "tags":
		return "category"
	case "slug":
		return "mp-slug"
	}
	return field
}

// readPost makes a post of the properties that an app has sent. Those that
// posts know nothing of are kept with it.
func readPost(c micropub.Create) (*posts.Post, error) {
	p := &posts.Post{Status: posts.Published, Properties: posts.Properties{}}
	for name, values := range c.Properties {
		var err error
		switch name {
		case "name":
			p.Title, err = text(name, values)
		case "content":
			p.Content, err = content(values)
		case "category":
			p.Tags, err = texts(name, values)
		case "published":
			p.Published, err = date(name, values)
		case "post-status":
			p.Status, err = status(values)
		case "visibility":
			err = visibility(values)
		default:
			p.Properties[name] = values
		}
		if err != nil {
			return nil, err
		}
	}
	slug, err := text("mp-slug", c.Commands["mp-slug"])
	p.Slug = strings.ToLower(slug)
	return p, err
}

// text is a property's one value.
func text(name string, values []any) (string, error) {
	all, err := texts(name, values)
	switch {
	case err != nil || len(all) == 0:
		return "", err
	case len(all) > 1:
		return "", micropub.Invalid("%s: this takes one value, and there are %d.", name, len(all))
	}
	return all[0], nil
}

func texts(name string, values []any) ([]string, error) {
	var all []string
	for _, value := range values {
		s, ok := value.(string)
		if !ok {
			return nil, micropub.Invalid("%s: this takes text, not an object.", name)
		}
		all = append(all, s)
	}
	return all, nil
}

// content is Markdown as it stands, or the html of an object, which Markdown
// lets pass.
func content(values []any) (string, error) {
	if len(values) == 1 {
		if object, ok := values[0].(map[string]any); ok {
			for _, form := range []string{"html", "text", "value"} {
				if s, ok := object[form].(string); ok {
					return s, nil
				}
			}
			return "", micropub.Invalid(`content: an object has its words under "html" or "text".`)
		}
	}
	return text("content", values)
}

func date(name string, values []any) (time.Time, error) {
	s, err := text(name, values)
	if err != nil || s == "" {
		return time.Time{}, err
	}
	if t, ok := readTime(s); ok {
		return t, nil
	}
	return time.Time{}, micropub.Invalid("%s: a time is written like 2026-11-23T14:05:00+01:00.", name)
}

func status(values []any) (posts.Status, error) {
	switch s, err := text("post-status", values); {
	case err != nil:
		return "", err
	case s == "published", s == "":
		return posts.Published, nil
	case s == "draft":
		return posts.Draft, nil
	}
	return "", micropub.Invalid("post-status: this is published or draft.")
}

// visibility keeps a post that was not meant for all from being shown to all.
func visibility(values []any) error {
	if s, err := text("visibility", values); err != nil || s == "public" || s == "" {
		return err
	}
	return micropub.Invalid("visibility: every post here is public. Nothing was published.")
}

// remove deletes the post at an address.
func (s *Site) remove(ctx context.Context, address string) error {
	p, err := s.ownPostAt(ctx, address)
	if err != nil {
		return err
	}
	return appFull(s.Posts.Delete(ctx, p.ID))
}

// restore brings the post at an address back.
func (s *Site) restore(ctx context.Context, address string) error {
	p, err := s.ownPostAt(ctx, address)
	if err != nil {
		return err
	}
	return appFull(s.Posts.Restore(ctx, p.ID))
}

// ownPostAt is the post at an address, which the token's user has to be allowed to
// change: an app may do no more than its user.
func (s *Site) ownPostAt(ctx context.Context, address string) (*posts.Post, error) {
	p, err := s.postAt(ctx, address)
	if err != nil {
		return nil, err
	}
	if !ctx.Value(writer{}).(*auth.User).MayChange(p.AuthorID) {
		return nil, micropub.Forbidden("Somebody else has written that post, and your account may change its own alone.")
	}
	return p, nil
}

func (s *Site) postAt(ctx context.Context, address string) (*posts.Post, error) {
	rest, ok := strings.CutPrefix(address, s.URL)
	u, err := url.Parse(rest)
	if !ok || err != nil {
		return nil, micropub.Invalid("url: this is not an address of this site: %s", address)
	}
	p, err := s.Posts.ByPath(ctx, u.Path)
	if moved := (*posts.Moved)(nil); errors.As(err, &moved) {
		p, err = s.Posts.ByPath(ctx, moved.To)
	}
	if errors.Is(err, posts.ErrNotFound) {
		return nil, micropub.Invalid("url: there is no post at this address.")
	}
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", address, err)
	}
	return p, nil
}
