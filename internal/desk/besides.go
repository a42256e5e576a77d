package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"hark/internal/auth"
	"hark/internal/media"
	"hark/internal/settings"
)

// The places that name files besides posts and what becomes posts. All others are
// pages of writers, called by the keys of these.
const (
	ofTheLook  = "look"
	ofTheAbout = "about"
)

// Besides reads these places.
func Besides(gate *auth.Gate, chosen *settings.Store) media.Besides {
	return func(ctx context.Context) ([]media.Place, error) {
		site, err := chosen.Site(ctx)
		if err != nil {
			return nil, err
		}
		look := site.Look
		places := []media.Place{
			{Name: ofTheLook, Texts: []string{look.Picture, look.Links, look.Footer, look.CSS}},
			{Name: ofTheAbout, Texts: []string{site.About}},
		}
		profiles, err := gate.Profiles(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range profiles {
			places = append(places, media.Place{Name: p.UserID, Texts: slices.Concat([]string{p.Photo, p.Bio}, p.Links)})
		}
		return places, nil
	}
}

// useIn is a place that uses a file, by its name among these. It leads to where who
// is signed in changes it, or to where it is read.
func (d *Desk) useIn(r *http.Request, place string) (use, error) {
	choose := d.Who(r).May(auth.Choose)
	switch place {
	case ofTheLook:
		u := use{Name: "the look of the site", Ours: true}
		if choose {
			u.Address = lookPath
		}
		return u, nil
	case ofTheAbout:
		u := use{Name: "the about page", Address: "/about", Ours: true}
		if choose {
			u.Address = "/desk/settings"
		}
		return u, nil
	}
	p, err := d.gate.Profile(r.Context(), place)
	if err != nil {
		return use{}, err
	}
	u := use{Name: fmt.Sprintf("the page of %s", p.DisplayName), Ours: true}
	there, err := p.There(r.Context(), d.posts.HasListed)
	switch {
	case err != nil:
		return use{}, err
	case place == d.Who(r).ID:
		u.Address = profilePath
	case there:
		u.Address = p.Path()
	}
	return u, nil
}
