package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"hark/internal/posts"
)

// sought is which posts are looked for, as the form above their lists says.
type sought struct {
	Words string
	Kind  posts.Kind // empty for all
	skip  int        // those on the pages before
}

// mostSkipped bounds how far a search is leafed through.
const mostSkipped = 100 * perPage

func soughtIn(fields url.Values) sought {
	skip, _ := strconv.Atoi(fields.Get("skip"))
	return sought{
		Words: cut(strings.TrimSpace(fields.Get("q")), longestSearch), Kind: kindNamed(fields.Get("kind")),
		skip: min(max(skip, 0), mostSkipped),
	}
}

// Any tells whether something is looked for.
func (s sought) Any() bool { return s.Words != "" || s.Kind != "" }

// Kinds are what can be chosen.
func (s sought) Kinds() []option { return kindOptions(s.Kind) }

// further is the address of the next page.
func (s sought) further() string {
	return "/desk/posts?" + url.Values{"q": {s.Words}, "kind": {string(s.Kind)}, "skip": {strconv.Itoa(s.skip + perPage)}}.Encode()
}

// seek finds posts among those that who is signed in may change, whether readers see
// them or not. Why nothing was looked for is said on the page.
func (d *Desk) seek(r *http.Request, p *listPage) ([]*posts.Post, error) {
	names, err := d.gate.Names(r.Context())
	if err != nil {
		return nil, err
	}
	q, err := posts.ParseQuery(p.Sought.Words, names)
	if bad := (*posts.Invalid)(nil); errors.As(err, &bad) {
		p.Problem = bad.Text
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	q.All = true
	if p.Sought.Kind != "" {
		q.Kinds = []posts.Kind{p.Sought.Kind}
	}
	if author := d.listed(r); author != "" {
		q.Authors = []string{author}
	}
	found, more, err := d.posts.Search(r.Context(), q, p.Sought.skip, perPage)
	if errors.Is(err, posts.ErrSlow) {
		p.Problem = "This would take too long to look for. Try rarer words, or fewer."
		return nil, nil
	}
	if more && p.Sought.skip < mostSkipped {
		p.Older = p.Sought.further()
	}
	return found, err
}
