package posts

// Kind is what readers take a post for. It is found from the post's properties
// and never chosen apart from them.
type Kind string

// The kinds.
const (
	Article  Kind = "article"
	Note     Kind = "note"
	Photo    Kind = "photo"
	Video    Kind = "video"
	Audio    Kind = "audio"
	Reply    Kind = "reply"
	Bookmark Kind = "bookmark"
	Like     Kind = "like"
	Repost   Kind = "repost"
	Event    Kind = "event"
	RSVP     Kind = "rsvp"
	Checkin  Kind = "checkin"
	Page     Kind = "page" // by where it stands, and in no list
)

// Kinds are the kinds that stand in lists, in the order of the tabs.
var Kinds = [...]Kind{Article, Note, Photo, Video, Audio, Reply, Bookmark, Like, Repost, Event, RSVP, Checkin}

// responses are the properties that make a post a response, in the order of
// post type discovery (https://ptd.spec.indieweb.org/#x5-algorithm).
var responses = [...]struct {
	property string
	kind     Kind
}{
	{"in-reply-to", Reply}, {"repost-of", Repost}, {"like-of", Like}, {"bookmark-of", Bookmark},
}

func isResponse(property string) bool {
	for _, r := range responses {
		if r.property == property {
			return true
		}
	}
	return false
}

// discover finds the kind from where the post stands and from its properties, in
// the order of post type discovery. A check-in, of which it knows nothing, comes
// before what was filmed, recorded and photographed there.
func (p *Post) discover() Kind {
	switch {
	case p.Apart:
		return Page
	case !p.Start().IsZero():
		return Event
	case p.RSVP() != "" && p.Properties.Address("in-reply-to") != "":
		return RSVP
	}
	for _, r := range responses {
		if p.Properties.Address(r.property) != "" {
			return r.kind
		}
	}
	switch {
	case !p.Checkin().IsZero():
		return Checkin
	case len(p.Videos()) > 0:
		return Video
	case len(p.Audios()) > 0:
		return Audio
	case len(p.Photos()) > 0:
		return Photo
	case p.Title != "":
		return Article
	}
	return Note
}
