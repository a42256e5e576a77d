package site

import (
	"context"
	"errors"
	"strings"

	"hark/internal/auth"
	"hark/internal/micropub"
	"hark/internal/posts"
)

// source is a post as an app edits it.
func (s *Site) source(ctx context.Context, address string) (micropub.Item, error) {
	p, err := s.ownPostAt(ctx, address)
	if err != nil {
		return micropub.Item{}, err
	}
	return s.sourceOf(ctx, p, map[string]bool{})
}

// sourceOf is a post as apps see it. Takes remembers whose HTML is taken, by their keys.
func (s *Site) sourceOf(ctx context.Context, p *posts.Post, takes map[string]bool) (micropub.Item, error) {
	item := micropub.Item{Type: []string{"h-entry"}, Properties: propertiesOf(p)}
	if p.Kind == posts.Event {
		item.Type[0] = "h-event"
	}
	item.Properties["url"] = []any{s.editable(p)}
	if posts.IsWhole(p.Content) {
		if _, known := takes[p.AuthorID]; !known {
			var err error
			if takes[p.AuthorID], err = s.Posts.TakesHTML(ctx, p.AuthorID); err != nil {
				return item, err
			}
		}
		if takes[p.AuthorID] { // Micropub, section 3.7.3
			item.Properties["content"] = []any{map[string]any{"html": p.Content}}
		}
	}
	return item, nil
}

// usualItems is how many posts an app is shown that does not say how many.
const usualItems = 20

// sources is a page of the published posts that the token's user may change.
func (s *Site) sources(ctx context.Context, l micropub.Listing) (items []micropub.Item, after string, err error) {
	user := ctx.Value(writer{}).(*auth.User)
	list := posts.List{All: true, Kind: posts.Kind(l.Kind), Before: l.After, Limit: usualItems + 1}
	if l.Limit > 0 {
		list.Limit = l.Limit + 1
	}
	if !user.May(auth.WriteAll) {
		list.Author = user.ID
	}
	if err := s.goesOn(ctx, user, l.After); err != nil {
		return nil, "", err
	}
	found, err := s.Posts.List(ctx, list)
	if err != nil {
		return nil, "", err
	}
	if len(found) == list.Limit {
		found = found[:list.Limit-1]
		after = found[len(found)-1].ID
	}
	takes := map[string]bool{}
	for _, p := range found {
		item, err := s.sourceOf(ctx, p, takes)
		if err != nil {
			return nil, "", err
		}
		items = append(items, item)
	}
	return items, after, nil
}

// goesOn checks that a list can go on after a post. One of somebody else is not
// told from one that is not there.
func (s *Site) goesOn(ctx context.Context, user *auth.User, after string) error {
	if after == "" {
		return nil
	}
	p, err := s.Posts.ByID(ctx, after)
	if errors.Is(err, posts.ErrNotFound) || err == nil && (p.Published.IsZero() || !user.MayChange(p.AuthorID)) {
		return micropub.Invalid("after: the list cannot go on there. Begin it anew without after.")
	}
	return err
}

// mostCategories is how many tags, the most used of all, an app can find.
const mostCategories = 5000

// categories are the tags in use whose names hold filter.
func (s *Site) categories(ctx context.Context, filter string) (names []string, err error) {
	tags, err := s.Posts.Tags(ctx, mostCategories)
	for _, tag := range tags {
		if strings.Contains(strings.ToLower(tag.Name), strings.ToLower(filter)) {
			names = append(names, tag.Name)
		}
	}
	return names, err
}

// postTypes are the kinds that an app may offer.
func postTypes() (types []micropub.PostType) {
	for _, kind := range posts.Kinds {
		types = append(types, micropub.PostType{Type: string(kind), Name: kind.Name()})
	}
	return types
}
