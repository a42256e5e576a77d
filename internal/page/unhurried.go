package page

import (
	"errors"
	"net/http"
	"time"
)

// Unhurried gives a request more time than others have, from now on: for its body to
// come, and for its answer to go.
func Unhurried(w http.ResponseWriter, d time.Duration) error {
	until := time.Now().Add(d)
	control := http.NewResponseController(w)
	err := errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return &Error{Status: http.StatusServiceUnavailable, Err: err, Text: "The connection is gone."}
	}
	return nil
}
