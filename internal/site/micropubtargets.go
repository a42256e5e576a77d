package site

import (
	"context"
	"slices"
	"strings"

	"hark/internal/micropub"
	"hark/internal/posts"
)

// targets are the places to which an app can have a post copied.
func (s *Site) targets(ctx context.Context) (list []micropub.Target, err error) {
	telling, err := s.Settings.Telling(ctx)
	for _, target := range telling.Targets.All() {
		list = append(list, micropub.Target{UID: target.Address, Name: target.Name})
	}
	return list, err
}

// checkTargets refuses places that nobody has chosen for this site. Those that the post
// had before may stay.
func (s *Site) checkTargets(ctx context.Context, p *posts.Post, before []string) error {
	wanted, err := texts(posts.CopyTo, p.Properties[posts.CopyTo])
	if err != nil || len(wanted) == 0 {
		return err
	}
	list, err := s.targets(ctx)
	if err != nil {
		return err
	}
	known := slices.Clone(before)
	var offered []string
	for _, target := range list {
		known, offered = append(known, target.UID), append(offered, target.UID)
	}
	for _, address := range wanted {
		switch {
		case slices.Contains(known, address):
		case len(offered) == 0:
			return micropub.Invalid("mp-syndicate-to: this site copies posts to no other. The owner can choose some in the settings.")
		default:
			return micropub.Invalid("mp-syndicate-to: this site copies no posts to %s. It can be %s.", address, strings.Join(offered, ", "))
		}
	}
	return nil
}
