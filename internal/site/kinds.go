package site

import (
	"html/template"
	"strings"

	"hark/internal/posts"
)

// kindWords are what readers read of a kind: of the stamp, of the tab.
type kindWords struct{ one, many string }

func wordsOf(kind posts.Kind) kindWords {
	switch kind {
	case posts.Article:
		return kindWords{"Article", "Articles"}
	case posts.Reply:
		return kindWords{"Reply", "Replies"}
	case posts.Bookmark:
		return kindWords{"Link", "Links"}
	case posts.Like:
		return kindWords{"Like", "Likes"}
	case posts.Repost:
		return kindWords{"Repost", "Reposts"}
	case posts.RSVP:
		return kindWords{"RSVP", "RSVPs"}
	}
	return kindWords{"Note", "Notes"}
}

// leadOf is what stands before something that a post responds to by a property.
// A link that is all the post is about needs no lead.
func leadOf(kind posts.Kind, property string) string {
	switch property {
	case "in-reply-to":
		if kind == posts.RSVP {
			return "RSVP to "
		}
		return "In reply to "
	case "repost-of":
		return "Shares "
	case "like-of":
		return "Likes "
	case "bookmark-of":
		if kind == posts.Bookmark {
			return ""
		}
		return "Bookmarks "
	case "listen-of":
		return "Listened to "
	case "watch-of":
		return "Watched "
	case "read-of":
		return "Read "
	case "tag-of":
		return "Tagged "
	case "quotation-of":
		return "Quotes "
	case "follow-of":
		return "Follows "
	}
	return "About "
}

// classOf is the class by which programs know how a post responds. An app may
// have sent a property whose name would be several classes: it gets none.
func classOf(property string) string {
	if strings.Trim(property, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ""
	}
	return "u-" + property
}

// rsvpElement is the answer that a post gives to an invitation, empty for none.
func rsvpElement(p *posts.Post) template.HTML {
	if p.Kind != posts.RSVP {
		return ""
	}
	said, words := p.RSVP(), "Is interested"
	switch said {
	case "yes":
		words = "Is going"
	case "no":
		words = "Is not going"
	case "maybe":
		words = "Might go"
	}
	return template.HTML(`<data class="p-rsvp" value="` + said + `">` + words + `</data>`)
}

// tab is one of the kinds above a list.
type tab struct {
	Path, Name string
	Current    bool
}

func tabs(used []posts.Kind, current posts.Kind) []tab {
	if len(used) < 2 && current == "" {
		return nil
	}
	list := []tab{{"/", "All", current == ""}}
	for _, kind := range used {
		list = append(list, tab{"/kind/" + string(kind), wordsOf(kind).many, kind == current})
	}
	return list
}
