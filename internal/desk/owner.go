package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"hark/internal/page"
)

// owner lets only those in who are signed in; others are led to the login page
// and come back by it.
func (d *Desk) owner(h page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		user, err := d.who(r)
		if err != nil {
			return err
		}
		if user == nil {
			next := r.URL.RequestURI()
			if r.Method != http.MethodGet && r.Method != http.MethodHead {
				next = "/desk"
			}
			return seeOther(w, r, "/login?next="+url.QueryEscape(next))
		}
		return h(w, r)
	}
}

// ownerLater is owner for forms whose words must not be lost. One whose session
// has ended gets a login form that carries the words; with name and password
// they come here again, and go where they were going.
func (d *Desk) ownerLater(limit int64, h page.Handler) page.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		user, err := d.who(r)
		if err != nil {
			return err
		}
		if user != nil {
			return h(w, r)
		}
		words, err := form(w, r, limit)
		if err != nil {
			return err
		}
		if !words.Has("password") {
			return d.askAgain(w, r, "", nil)
		}
		name, password := words.Get("username"), words.Get("password")
		words.Del("username")
		words.Del("password")
		known, err := d.signIn(w, r, name, password)
		if err != nil {
			return d.askAgain(w, r, name, err)
		}
		return h(w, known)
	}
}

// carried is a field that the login form carries through.
type carried struct{ Name, Value string }

// askAgain answers with the login form that carries what was posted.
func (d *Desk) askAgain(w http.ResponseWriter, r *http.Request, name string, refusal error) error {
	p := loginPage{Action: r.URL.Path, Username: name}
	for field, values := range r.PostForm {
		for _, value := range values {
			p.Carried = append(p.Carried, carried{field, value})
		}
	}
	slices.SortStableFunc(p.Carried, func(a, b carried) int { return strings.Compare(a.Name, b.Name) })
	return d.refuse(w, r, p, refusal)
}
