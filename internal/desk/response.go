package desk

import (
	"slices"
	"strings"

	"hark/internal/posts"
)

// responding are the ways in which a post speaks to one page, in the order in which
// the editor offers them, with the property of each.
var responding = []struct{ As, Words, property, rsvp string }{
	{"in-reply-to", "Replies to", "in-reply-to", ""},
	{"bookmark-of", "Keeps a link to", "bookmark-of", ""},
	{"like-of", "Likes", "like-of", ""},
	{"repost-of", "Shares", "repost-of", ""},
	{"rsvp-yes", "Will go to", "in-reply-to", "yes"},
	{"rsvp-no", "Will not go to", "in-reply-to", "no"},
	{"rsvp-maybe", "May go to", "in-reply-to", "maybe"},
	{"rsvp-interested", "Is interested in", "in-reply-to", "interested"},
}

// responseOf is how a post speaks to a page, and to which; the first, if it speaks to
// several.
func responseOf(p *posts.Post) (as, address string) {
	for _, property := range []string{"in-reply-to", "repost-of", "like-of", "bookmark-of"} {
		if address := p.Properties.Address(property); address != "" {
			if said := p.RSVP(); said != "" && property == "in-reply-to" {
				return "rsvp-" + said, address
			}
			return property, address
		}
	}
	return "", ""
}

// respond writes into a post how it speaks to a page. What else it speaks to stays. A
// form that does not say how leaves that as it is.
func (f draft) respond(p *posts.Post) {
	was, at := responseOf(p)
	address, as := strings.TrimSpace(f.InReplyTo), f.As
	if as == "" {
		if as = was; as == "" {
			as = "in-reply-to"
		}
	}
	if address == at && (address == "" || as == was) {
		return
	}
	if one := way(was); one >= 0 {
		take(p.Properties, responding[one].property, at)
		if responding[one].rsvp != "" {
			delete(p.Properties, "rsvp")
		}
	}
	one := way(as)
	if address == "" || one < 0 {
		return
	}
	p.Properties[responding[one].property] = append([]any{address}, p.Properties[responding[one].property]...)
	if said := responding[one].rsvp; said != "" {
		p.Properties["rsvp"] = []any{said}
	}
}

func way(as string) int {
	for n := range responding {
		if responding[n].As == as {
			return n
		}
	}
	return -1
}

// take takes an address out of a property, as text or as the url of an embedded page.
func take(all posts.Properties, property, address string) {
	rest := slices.DeleteFunc(slices.Clone(all[property]), func(value any) bool {
		return posts.Properties{property: {value}}.Address(property) == address
	})
	if all[property] = rest; len(rest) == 0 {
		delete(all, property)
	}
}

// Ways are what the editor offers.
func (f draft) Ways() (all []option) {
	as := f.As
	if way(as) < 0 {
		as = responding[0].As
	}
	for _, one := range responding {
		all = append(all, option{one.As, one.Words, one.As == as})
	}
	return all
}
