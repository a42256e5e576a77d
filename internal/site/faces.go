package site

import (
	"errors"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"hark/internal/mentions"
	"hark/internal/page"
)

// face serves the photo of somebody who answered, as we keep it: small, and made
// anew from theirs. Its name is made from its bytes, so browsers keep it for ever
// and it need not be kept here. Those of whom nothing is shown only the owner
// sees, in the inbox.
func (s *Site) face(w http.ResponseWriter, r *http.Request) error {
	name := chi.URLParam(r, "name")
	if !isFaceName(name) {
		return noFace
	}
	read, kept := s.Inbox.ShownFace, "public"
	if s.Who(r) != nil {
		read, kept = s.Inbox.Face, "private"
	}
	found, err := read(r.Context(), name)
	if errors.Is(err, mentions.ErrNotFound) || err == nil && !isPicture(found.Type) {
		return noFace
	}
	if err != nil {
		return err
	}
	s.Cache.Write(w, r, &page.Answer{Body: found.Bytes, Header: http.Header{
		"Content-Type":           {found.Type},
		"Content-Disposition":    {"inline"},
		"Cache-Control":          {kept + ", max-age=31536000, immutable"},
		"X-Content-Type-Options": {"nosniff"},
	}})
	return nil
}

var noFace = &page.Error{Status: http.StatusNotFound, Text: "There is no picture at this address."}

// isFaceName tells whether name can be that of a face: 32 hexadecimal digits.
func isFaceName(name string) bool {
	return len(name) == 32 && strings.Trim(name, "0123456789abcdef") == ""
}

// isPicture keeps whatever a browser could run from being served.
func isPicture(mediaType string) bool {
	switch mediaType {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
		return true
	}
	return false
}
