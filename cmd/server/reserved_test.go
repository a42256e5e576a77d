package main

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/posts"
	"hark/internal/queue"
)

func TestNoPageStandsWhereTheSiteHasAnAddress(t *testing.T) {
	db := database.Test(t)
	store := posts.New(db, queue.New(db, slog.New(slog.DiscardHandler), time.Now), "https://blog.example", time.Now)
	for pattern := range routes {
		first, _, _ := strings.Cut(pattern[1:], "/")
		if first == "" || strings.ContainsAny(first, "{.") {
			continue // a slug has neither
		}
		var invalid *posts.Invalid
		err := store.Save(t.Context(), &posts.Post{Status: posts.Published, Apart: true, Title: "A page", Content: "Words.", Slug: first})
		if !errors.As(err, &invalid) || invalid.Field != "slug" {
			t.Errorf("a page at /%s gives %v", first, err)
		}
	}
}
