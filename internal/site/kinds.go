package site

import (
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
	case posts.Photo:
		return kindWords{"Photo", "Photos"}
	case posts.Video:
		return kindWords{"Video", "Videos"}
	case posts.Audio:
		return kindWords{"Audio", "Audio"}
	case posts.Event:
		return kindWords{"Event", "Events"}
	case posts.Checkin:
		return kindWords{"Check-in", "Check-ins"}
	case posts.Page:
		return kindWords{"Page", "Pages"}
	}
	return kindWords{"Note", "Notes"}
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
