package site

import (
	"errors"
	"log/slog"
	"net/http"

	"hark/internal/database"
	"hark/internal/micropub"
	"hark/internal/webmention"
)

const fullText = "The disk of this site is full, so nothing was saved. Please send it again later."

// appFull tells an app that there is no room; every other error stays.
func appFull(err error) error {
	if !errors.Is(err, database.ErrFull) {
		return err
	}
	slog.Error("door failed", "door", "micropub", "error", err)
	return &micropub.Error{Status: http.StatusInsufficientStorage, Code: "server_error", Text: fullText}
}

// senderFull tells a sender of webmentions that there is no room.
func senderFull(err error) error {
	if !errors.Is(err, database.ErrFull) {
		return err
	}
	slog.Error("door failed", "door", "webmention", "error", err)
	return &webmention.Error{Status: http.StatusInsufficientStorage, Text: fullText}
}
