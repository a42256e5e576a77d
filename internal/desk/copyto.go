package desk

import (
	"context"
	"slices"

	"hark/internal/posts"
)

// copyTo writes into a post to which places it is to be copied. A form without the
// ticks leaves that as it is.
func (f draft) copyTo(p *posts.Post) {
	if !f.Copying {
		return
	}
	delete(p.Properties, posts.CopyTo)
	for _, address := range f.CopyTo {
		p.Properties[posts.CopyTo] = append(p.Properties[posts.CopyTo], address)
	}
}

// places are those that can copy the post: the ones in the settings, and others that
// were ticked before.
func (d *Desk) places(ctx context.Context, f draft) (all []option, err error) {
	telling, err := d.settings.Telling(ctx)
	if err != nil {
		return nil, err
	}
	ticked := slices.Clone(f.CopyTo)
	for _, target := range telling.Targets.All() {
		all = append(all, option{target.Address, target.Name, slices.Contains(ticked, target.Address)})
		ticked = slices.DeleteFunc(ticked, func(address string) bool { return address == target.Address })
	}
	for _, address := range ticked {
		all = append(all, option{address, posts.Bare(address), true})
	}
	return all, nil
}
