package page

import (
	"net/http"
	"time"
)

// Answer is a whole answer: what a page's maker hands to the cache.
type Answer struct {
	Status int         // 0 means 200
	Header http.Header // Content-Type always; Link, X-Pingback and so on
	Body   []byte

	// Modified is when what the reader sees was last changed. Leave it zero unless
	// it moves with everything on the page, or old copies pass for new ones.
	Modified time.Time

	// DependsOn names the generations whose move outdates the answer, "post:ID"
	// for example. An answer that depends on nothing is not kept.
	DependsOn []string

	// Until is the instant at which the answer is outdated by itself ("5 hours
	// ago"). Zero means never.
	Until time.Time
}

func (a *Answer) status() int {
	if a.Status == 0 {
		return http.StatusOK
	}
	return a.Status
}

// keepable tells whether others may get the same answer.
func (a *Answer) keepable() bool {
	return len(a.DependsOn) > 0 && len(a.Header["Set-Cookie"]) == 0
}

// fields are the headers of the answer in every form and also without its body
// (RFC 9110, section 15.4.5): all but those that describe the body.
func (a *Answer) fields(cacheControl string) []field {
	fields := []field{newField("Vary", append([]string{"Accept-Encoding"}, a.Header["Vary"]...)...)}
	if a.Header.Get("Cache-Control") == "" {
		fields = append(fields, newField("Cache-Control", cacheControl))
	}
	if !a.Modified.IsZero() {
		fields = append(fields, newField("Last-Modified", a.Modified.UTC().Format(http.TimeFormat)))
	}
	for name, values := range a.Header {
		switch name {
		case "Vary", "Content-Type", "Content-Length", "Content-Encoding", "Etag", "Last-Modified":
		default:
			fields = append(fields, newField(name, values...))
		}
	}
	return fields
}
