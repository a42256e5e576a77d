package site

import "hark/internal/posts"

// kindWords are what readers read of a kind.
type kindWords struct {
	one, many string // of the stamp; of the tab
	property  string // the class of what such a post answers
	lead      string // before what it answers
}

func wordsOf(kind posts.Kind) kindWords {
	switch kind {
	case posts.Article:
		return kindWords{"Article", "Articles", "", ""}
	case posts.Reply:
		return kindWords{"Reply", "Replies", "u-in-reply-to", "In reply to "}
	case posts.Bookmark:
		return kindWords{"Link", "Links", "u-bookmark-of", ""}
	case posts.Like:
		return kindWords{"Like", "Likes", "u-like-of", "Likes "}
	case posts.Repost:
		return kindWords{"Repost", "Reposts", "u-repost-of", "Shares "}
	}
	return kindWords{"Note", "Notes", "", ""}
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
