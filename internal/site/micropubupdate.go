package site

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"hark/internal/auth"
	"hark/internal/micropub"
	"hark/internal/posts"
)

// mostTries is how often an update is made anew because somebody saved the post
// meanwhile.
const mostTries = 3

// update changes a post as an app asks, in one step or not at all.
func (s *Site) update(ctx context.Context, u micropub.Update) (location string, err error) {
	zone, err := s.Settings.Zone(ctx)
	if err != nil {
		return "", err
	}
	var p *posts.Post
	for range mostTries {
		if p, err = s.ownPostAt(ctx, u.URL); err != nil {
			return "", err
		}
		if p.Status == posts.Deleted {
			return "", micropub.Invalid("url: this post is deleted. Undelete it first.")
		}
		if err = s.asMarkdown(ctx, p.AuthorID, u.Replace, u.Add); err != nil {
			return "", err
		}
		before := *p
		if err = change(p, u, zone); err != nil {
			return "", err
		}
		if err = s.checkTargets(ctx, p, before.CopiesTo()); err != nil {
			return "", err
		}
		if opens(&before, p) && !grants(ctx, "create") {
			return "", micropub.InsufficientScope("create")
		}
		if before.Status == posts.Scheduled {
			s.scheduleAfter(p, s.Now()) // another change of it brings it out no minute sooner
		} else {
			s.schedule(p)
		}
		p.SavedBy = ctx.Value(writer{}).(*auth.User).ID
		if err = s.Posts.Save(ctx, p); !errors.Is(err, posts.ErrChanged) {
			break
		}
	}
	switch {
	case errors.Is(err, posts.ErrChanged):
		return "", &micropub.Error{Status: http.StatusConflict, Code: "invalid_request", Text: "The post is being changed elsewhere. Read it again, and try again."}
	case err != nil:
		return "", refusedBy(err)
	}
	return s.editable(p), nil
}

// opens tells whether a post comes to be seen, or to be seen sooner or by more
// people, than before. That is publishing, by whatever property it is done.
func opens(before, after *posts.Post) bool {
	if after.Status == posts.Draft {
		return false
	}
	sooner := before.Status == posts.Draft || before.Status == posts.Scheduled && after.Published.Before(before.Published)
	return sooner || reach[after.Visibility] > reach[before.Visibility] || len(others(after.Audience, before.Audience)) > 0
}

// others are those of all that are not among known.
func others(all, known []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(known, one) })
}

// reach puts the visibilities in order.
var reach = map[posts.Visibility]int{posts.Private: 0, posts.Unlisted: 1, posts.Public: 2}

// change makes a post say what it is to say after an update. Times without a zone are
// of that one.
func change(p *posts.Post, u micropub.Update, zone *time.Location) error {
	properties := propertiesOf(p)
	for name, values := range u.Replace {
		if name == "mp-slug" {
			continue
		}
		if err := changeable(name, len(values) > 0); err != nil {
			return err
		}
		properties[name] = values
	}
	for name, values := range u.Add {
		if err := changeable(name, true); err != nil {
			return err
		}
		properties[name] = append(slices.Clone(properties[name]), values...)
	}
	for name, values := range u.Delete {
		if err := changeable(name, false); err != nil {
			return err
		}
		if name == "audience" {
			values = people(values)
		}
		properties[name] = without(properties[name], values)
	}
	for _, name := range u.Drop {
		if err := changeable(name, false); err != nil {
			return err
		}
		delete(properties, name)
	}
	if slug, err := text("mp-slug", u.Replace["mp-slug"]); err != nil {
		return err
	} else if slug != "" {
		p.Slug = strings.ToLower(slug)
	}
	return fill(p, properties, zone)
}

// changeable refuses what no update can change, or not take away.
func changeable(name string, given bool) error {
	switch {
	case name == "url" || name == "uid" || name == "author" || name == "updated":
		return micropub.Invalid("%s: this follows from the post, and cannot be changed. Its address is changed by mp-slug.", name)
	case (name == "post-status" || name == "visibility" || name == "published") && !given:
		return micropub.Invalid("%s: this cannot be taken away. Replace it by what it is to be.", name)
	case strings.HasPrefix(name, "mp-") && name != posts.CopyTo:
		return micropub.Invalid("%s: this is no part of a post. Only mp-slug can be replaced, and mp-syndicate-to be changed.", name)
	}
	return nil
}

// people are addresses of people as posts keep them: who is taken away by another
// spelling must not stay.
func people(values []any) (spelled []any) {
	for _, address := range posts.People(posts.Properties{"audience": values}.Addresses("audience")) {
		spelled = append(spelled, address)
	}
	return spelled
}

// without are the values that are not among those gone.
func without(values, gone []any) []any {
	return slices.DeleteFunc(slices.Clone(values), func(value any) bool {
		return slices.ContainsFunc(gone, func(one any) bool { return reflect.DeepEqual(one, value) })
	})
}
