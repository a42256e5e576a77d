package desk

import (
	"net/url"

	"hark/internal/mentions"
)

// hubTab is the tab of the outbox that shows what a hub was told. It is no
// outcome of a link.
const hubTab mentions.Outcome = "hub"

// outcomes are the tabs of the outbox, those of links.
var outcomes = []named[mentions.Outcome]{
	{"", "All"}, {mentions.Queued, "To be told"}, {mentions.Sent, "Told"}, {mentions.Failed, "Given up"},
	{mentions.Deaf, "Take neither"}, {mentions.Quiet, "Not told"},
}

// protocol is a way to tell others.
type protocol string

var protocols = []named[protocol]{{"webmention", "By webmention"}, {"pingback", "By pingback"}}

// outgoing is which deliveries of the outbox are listed, as an address or a form
// says.
type outgoing struct {
	State  mentions.Outcome // or hubTab
	By     protocol
	Text   string
	Post   string // the key of one post
	Before string // the key of the last delivery of the page before
}

// outgoingOf reads it. What it does not know it leaves out.
func outgoingOf(fields url.Values) outgoing {
	o := outgoing{
		State: known(outcomes, mentions.Outcome(fields.Get("state"))), By: known(protocols, protocol(fields.Get("by"))),
		Text: cut(fields.Get("q"), longestSearch), Post: cut(fields.Get("post"), longestSearch), Before: fields.Get("before"),
	}
	if fields.Get("state") == string(hubTab) {
		o = outgoing{State: hubTab, Text: o.Text, Before: o.Before}
	}
	return o
}

// Narrowed tells whether less than a whole state is asked for.
func (o outgoing) Narrowed() bool { return o.Text != "" || o.By != "" }

// Hub tells whether it is about what a hub was told.
func (o outgoing) Hub() bool { return o.State == hubTab }

// wanted asks the outbox for it.
func (o outgoing) wanted(limit int) mentions.Outgoing {
	want := mentions.Outgoing{Post: o.Post, State: o.State, By: string(o.By), Search: o.Text, Before: o.Before, Limit: limit}
	if o.Hub() {
		want.State, want.Hub = "", true
	}
	return want
}

// Fields are the hidden fields by which a form keeps it.
func (o outgoing) Fields() (kept []carried) {
	for _, field := range []carried{{"state", string(o.State)}, {"by", string(o.By)}, {"q", o.Text}, {"post", o.Post}, {"before", o.Before}} {
		if field.Value != "" {
			kept = append(kept, field)
		}
	}
	return kept
}

// address is where it is answered. more are further values.
func (o outgoing) address(more ...carried) string {
	values := url.Values{}
	for _, field := range append(o.Fields(), more...) {
		values.Set(field.Name, field.Value)
	}
	if len(values) == 0 {
		return "/desk/outbox"
	}
	return "/desk/outbox?" + values.Encode()
}
