package desk

import (
	"net/url"
	"strings"

	"hark/internal/mentions"
	"hark/internal/posts"
)

// delivery is one link and what its target was told, as the desk draws it.
type delivery struct {
	ID, Target, Host string
	Short            string // the address without its middle, for narrow places
	Post, OfPost     string // the name of its post, and the address of all that this has told
	State, Look      string // in words, and their class
	By               string // "by webmention"
	Tries            string // "Tried 3 times."
	Answer           string
	Advice           string // what the owner can make of it
	Said             string // what its status page said later
	Location         string // of that page
	Next             string
	Updated          when   // empty for what has not happened
	Again            string // what to call telling it once more; empty where that is not open
	Never            bool   // its site can be silenced
	Allow            bool   // or is, and can be told again
	Back             []carried
}

func (d *Desk) delivery(o *mentions.Delivery) delivery {
	drawn := delivery{
		ID: o.ID, Target: o.Target, Host: hostOf(o.Target), Short: shortened(posts.Bare(o.Target)), Answer: o.Answer,
		Said: o.Said, Updated: d.when(o.Updated), Advice: advice(o),
	}
	switch o.Protocol {
	case "webmention", "pingback":
		drawn.By = "by " + o.Protocol
	case "websub":
		drawn.By, drawn.Host = "to "+o.Host, o.Host
	}
	switch o.State {
	case mentions.Queued:
		drawn.State = "To be told"
		if o.Tries > 0 {
			drawn.State = "To be tried again"
		}
		if !o.Next.IsZero() {
			drawn.Next = "Next try " + d.until(o.Next) + "."
		}
	case mentions.Sent:
		drawn.State = "Told"
	case mentions.Deaf:
		drawn.State, drawn.By = "Takes neither webmention nor pingback", ""
	case mentions.Failed:
		drawn.State, drawn.Look = "Given up", "bad"
		if _, by, found := strings.Cut(drawn.By, " "); found {
			drawn.By = "after trying " + by
		}
	case mentions.Quiet:
		drawn.State, drawn.By = "Not told", ""
	}
	if o.State == mentions.Sent || o.Said != "" {
		drawn.Location = o.Location // that of an earlier time says nothing
	}
	if !o.Linked {
		drawn.By = joined(drawn.By, "about the link that was removed")
	}
	switch {
	case o.State == mentions.Queued && o.Tries > 0:
		if drawn.Tries = "Tried once, " + drawn.Updated.Words + "."; o.Tries > 1 {
			drawn.Tries = "Tried " + plural(o.Tries, "time") + ", last " + drawn.Updated.Words + "."
		}
		drawn.Updated = when{}
	case o.State == mentions.Queued, o.State == mentions.Quiet:
		drawn.Updated = when{}
	case o.Tries > 1:
		drawn.Tries = "Tried " + plural(o.Tries, "time") + "."
	}
	return drawn
}

// open fills in what can be done about a delivery. silent says that its site is
// never told; choose, that this can be changed.
func (drawn *delivery) open(o *mentions.Delivery, silent, choose bool) {
	hub := o.PostID == ""
	drawn.Never, drawn.Allow = !hub && !silent && choose, !hub && silent && choose
	switch {
	case !hub && silent:
	case o.State == mentions.Quiet && !hub:
		drawn.Again = "Tell it all the same"
	default:
		drawn.Again = "Send again"
	}
}

// advice is what the owner can make of an outcome, where its answer does not say.
func advice(o *mentions.Delivery) string {
	switch {
	case o.State == mentions.Deaf && strings.HasPrefix(o.Answer, "The page answers "):
		return "Look whether your link is right. If it is, and its page comes back, send again."
	case o.State == mentions.Deaf:
		return "There is nothing to do. If its owner makes it listen, send again."
	case o.State != mentions.Failed:
		return ""
	case o.Said != "":
		return "Their site took the message first, and refused it when it looked. It may not have found the link, or not want it."
	case !o.Refused && strings.Contains(o.Answer, "does not visit"): // in words of ours
		return "That address lies within a private network. If it is meant, allow it by HARK_FETCH_ALLOW."
	case !o.Refused:
		return "Nothing more is tried by itself. Look whether the page is there still; if it is, send again."
	case o.PostID == "":
		return "The hub refused it. Look whether its address is right, in the settings under ‘Telling others’."
	}
	return "Their site refused it. It will hardly say otherwise unless something has changed: your page, or theirs."
}

func joined(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + ", " + b
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	return u.Host
}
