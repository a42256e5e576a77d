package site

import (
	"strings"
	"time"

	"hark/internal/micropub"
	"hark/internal/posts"
)

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
	case "status":
		return "post-status"
	case "language":
		return "lang"
	}
	return field
}

// newPost makes a post of what an app has sent. Times without a zone are of that one.
func newPost(c micropub.Create, zone *time.Location) (*posts.Post, error) {
	if c.Type == "event" {
		if len(c.Properties["start"]) == 0 {
			return nil, micropub.Invalid("start: an event needs to say when it begins, as in 2026-11-23T19:30+01:00.")
		}
		if description := c.Properties["description"]; len(c.Properties["content"]) == 0 && len(description) > 0 {
			c.Properties["content"] = description
			delete(c.Properties, "description")
		}
	}
	if summary := c.Properties["summary"]; len(summary) > 0 && len(c.Properties["content"])+len(c.Properties["name"]) == 0 {
		c.Properties["content"] = summary // all that some apps say of a book that is read
		delete(c.Properties, "summary")
	}
	describe(c.Properties, c.Commands["mp-photo-alt"])
	p := &posts.Post{Status: posts.Published, Near: true}
	if err := fill(p, c.Properties, zone); err != nil {
		return nil, err
	}
	if to := c.Commands[posts.CopyTo]; len(to) > 0 {
		p.Properties[posts.CopyTo] = to
	}
	wish, err := text("mp-slug", c.Commands["mp-slug"])
	if p.Slug = strings.ToLower(wish); !posts.IsSlug(p.Slug) {
		p.Slug = posts.Slug(wish)
	}
	return p, err
}

// describe gives photos that a form has sent the words that stand for them, one by
// one.
func describe(properties micropub.Properties, words []any) {
	photos := properties["photo"]
	for n, photo := range photos {
		if address, plain := photo.(string); plain && n < len(words) {
			photos[n] = map[string]any{"value": address, "alt": words[n]}
		}
	}
}

// fill makes a post say what the properties say, and nothing else. Those that posts
// know nothing of are kept with it. Times without a zone are of that one.
func fill(p *posts.Post, properties map[string][]any, zone *time.Location) error {
	p.Title, p.Content, p.Tags, p.Published, p.Visibility, p.Audience, p.Lang, p.Properties = "", "", nil, time.Time{}, posts.Public, nil, "", posts.Properties{}
	for name, values := range properties {
		var err error
		switch name {
		case "name":
			p.Title, err = text(name, values)
		case "content":
			p.Content, err = content(values)
		case "category":
			p.Tags, err = texts(name, values)
		case "published":
			p.Published, err = date(name, values, zone)
		case "post-status":
			p.Status, err = status(values)
		case "visibility":
			p.Visibility, err = visibility(values)
		case "audience":
			p.Audience, err = audience(values)
		case "lang": // as parsers of microformats call it
			p.Lang, err = text(name, values)
		default:
			p.Properties[name] = values
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// propertiesOf is the properties of a post, as fill reads them.
func propertiesOf(p *posts.Post) micropub.Properties {
	all := micropub.Properties{"post-status": {statusWord(p)}, "visibility": {string(p.Visibility)}}
	for name, values := range p.Properties {
		all[name] = values
	}
	delete(all, "audience") // which meant nothing here once, and was kept
	for _, address := range p.Audience {
		all["audience"] = append(all["audience"], address)
	}
	if p.Title != "" {
		all["name"] = []any{p.Title}
	}
	if p.Content != "" {
		all["content"] = []any{p.Content}
	}
	for _, tag := range p.Tags {
		all["category"] = append(all["category"], tag)
	}
	if p.Lang != "" {
		all["lang"] = []any{p.Lang}
	}
	if !p.Published.IsZero() {
		all["published"] = []any{machine(p.Published)}
	}
	return all
}

// statusWord is what Micropub calls the status. A scheduled post is one that is
// published at a time to come.
func statusWord(p *posts.Post) string {
	if p.Status == posts.Scheduled {
		return string(posts.Published)
	}
	return string(p.Status)
}

// audience are the addresses of those whom a post is for, each alone or as the url of
// an embedded h-card. An empty one is refused: what an app left blank by mistake must
// not look like a name.
func audience(values []any) ([]string, error) {
	all := posts.Properties{"audience": values}.Addresses("audience")
	if len(all) != len(values) {
		return nil, micropub.Invalid("audience: this takes the addresses of people’s sites, like https://jane.example/, and nothing else.")
	}
	return posts.People(all), nil
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
			return nil, micropub.Invalid("%s: this takes text, as in [\"…\"], and nothing else.", name)
		}
		all = append(all, s)
	}
	return all, nil
}

// content is Markdown as it stands, or the html of an object, in a form that
// Markdown lets pass.
func content(values []any) (string, error) {
	if len(values) == 1 {
		if object, ok := values[0].(map[string]any); ok {
			if html, ok := object["html"].(string); ok {
				return posts.Whole(html), nil
			}
			for _, form := range []string{"text", "value"} {
				if s, ok := object[form].(string); ok {
					return s, nil
				}
			}
			return "", micropub.Invalid(`content: an object has its words under "html" or "text".`)
		}
	}
	return text("content", values)
}

// The three that say when a post is seen and by whom are refused when they are
// empty: what an app left blank by mistake must not open a post to everybody.

func date(name string, values []any, zone *time.Location) (time.Time, error) {
	s, err := text(name, values)
	if err != nil {
		return time.Time{}, err
	}
	if when := posts.ReadWhen(s); !when.IsZero() {
		return when.Moment(zone), nil
	}
	return time.Time{}, micropub.Invalid("%s: a time is written like 2026-11-23T14:05:00+01:00.", name)
}

func status(values []any) (posts.Status, error) {
	s, err := text("post-status", values)
	switch status := posts.Status(s); {
	case err != nil:
		return "", err
	case status == posts.Published, status == posts.Draft:
		return status, nil
	}
	return "", micropub.Invalid("post-status: this is published or draft.")
}

func visibility(values []any) (posts.Visibility, error) {
	s, err := text("visibility", values)
	switch v := posts.Visibility(s); {
	case err != nil:
		return "", err
	case v == posts.Public, v == posts.Unlisted, v == posts.Private:
		return v, nil
	}
	return "", micropub.Invalid("visibility: this is public, unlisted or private.")
}
