package site

import (
	"hark/internal/posts"
)

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
		list = append(list, tab{"/kind/" + string(kind), kind.Names(), kind == current})
	}
	return list
}
