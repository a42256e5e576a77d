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

// called are what people call kinds: one, and several.
var called = map[Kind][2]string{
	Article: {"Article", "Articles"}, Note: {"Note", "Notes"}, Photo: {"Photo", "Photos"}, Video: {"Video", "Videos"}, Audio: {"Audio", "Audio"},
	Reply: {"Reply", "Replies"}, Bookmark: {"Link", "Links"}, Like: {"Like", "Likes"}, Repost: {"Repost", "Reposts"}, Event: {"Event", "Events"},
	RSVP: {"RSVP", "RSVPs"}, Checkin: {"Check-in", "Check-ins"}, Page: {"Page", "Pages"},
}

// Name is what a kind is called.
func (k Kind) Name() string { return called[k][0] }

// Names is what several of a kind are called.
func (k Kind) Names() string { return called[k][1] }

// Discover finds the kind from where the post stands and from its properties, in
// the order of post type discovery. A check-in, of which it knows nothing, comes
// before what was filmed, recorded and photographed there.
func (p *Post) Discover() Kind {
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
	case oneLine(p.Title) != "":
		return Article
	}
	return Note
}
