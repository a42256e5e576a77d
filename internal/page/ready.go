package page

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// ready is an answer whose headers and bodies are prepared, so that sending it
// computes and allocates nearly nothing.
type ready struct {
	status      int
	fields      []field
	contentType string
	modified    time.Time
	tag         string // of the body, without form and quotes; empty if the answer has none
	forms       atomic.Pointer[forms]
}

// forms are the body in each encoding; nil where it is not made or not worth it.
// The plain one is always there, but its bytes may be folded away.
type forms [encodings]*form

// form is a body in one encoding.
type form struct {
	body   []byte   // nil where it is folded away
	length int      // of the body
	tag    string   // with quotes; empty if the answer has none
	etag   []string // the same as a header
	fields []field
}

func newReady(a *Answer, cacheControl string) *ready {
	r := &ready{
		status:      a.status(),
		fields:      a.fields(cacheControl),
		contentType: a.Header.Get("Content-Type"),
		modified:    a.Modified.Truncate(time.Second),
	}
	if r.status == http.StatusOK {
		sum := sha256.Sum256(a.Body)
		r.tag = base64.RawURLEncoding.EncodeToString(sum[:12])
	}
	r.forms.Store(&forms{identity: r.form(identity, a.Body)})
	return r
}

// form prepares a body in one encoding. Each has a strong tag of its own, since
// its bytes differ (RFC 9110, section 8.8.3.3).
func (r *ready) form(e encoding, body []byte) *form {
	suffix, fields := "", []field{newField("Content-Length", strconv.Itoa(len(body)))}
	switch e {
	case brotliEncoding:
		suffix, fields = "-b", append(fields, newField("Content-Encoding", "br"))
	case gzipEncoding:
		suffix, fields = "-g", append(fields, newField("Content-Encoding", "gzip"))
	}
	if r.contentType != "" {
		fields = append(fields, newField("Content-Type", r.contentType))
	}
	f := &form{body: body, length: len(body)}
	if r.tag != "" {
		f.tag = `"` + r.tag + suffix + `"`
		f.etag = []string{f.tag}
		fields = append(fields, field{"Etag", f.etag})
	}
	f.fields = fields
	return f
}

// add puts a further form beside the others and returns how many bytes it is. A
// form that is not smaller than the plain one is left away.
func (r *ready) add(e encoding, body []byte) int {
	for {
		old := r.forms.Load()
		if len(body) == 0 || len(body) >= old[identity].length {
			return 0
		}
		with := *old
		with[e] = r.form(e, body)
		if r.forms.CompareAndSwap(old, &with) {
			return len(body)
		}
	}
}

// plain is the body as it was made.
func (r *ready) plain() []byte {
	made := r.forms.Load()
	if made.folded() {
		return unzipped(made[gzipEncoding].body, made[identity].length)
	}
	return made[identity].body
}

// fold lets the plain bytes go where there are compressed ones, of which they can be
// made again: nearly everybody takes those, and they are a third. It returns how many
// bytes that were. Nothing else may happen to the forms meanwhile.
func (r *ready) fold() int {
	made := *r.forms.Load()
	if made[gzipEncoding] == nil {
		return 0
	}
	plain := *made[identity]
	plain.body = nil
	made[identity] = &plain
	r.forms.Store(&made)
	return plain.length
}

// unfold makes the plain bytes again and returns how many they are, 0 if they are there.
func (r *ready) unfold() int {
	for {
		old := r.forms.Load()
		if !old.folded() {
			return 0
		}
		made, plain := *old, *old[identity]
		plain.body = unzipped(old[gzipEncoding].body, plain.length)
		made[identity] = &plain
		if r.forms.CompareAndSwap(old, &made) {
			return plain.length
		}
	}
}

// folded tells whether the plain bytes have to be made before they are sent.
func (f *forms) folded() bool { return f[identity].body == nil && f[identity].length > 0 }

// send writes the answer in the form that the client wants most, or tells it that
// it has the answer already.
func (r *ready) send(w http.ResponseWriter, req *http.Request) {
	r.sendTo(w, req, accepted(req.Header))
}

// sendTo is send for a client that takes these forms. The one it wants most is not
// folded.
func (r *ready) sendTo(w http.ResponseWriter, req *http.Request, wanted acceptance) {
	made := r.forms.Load()
	if r.status == http.StatusOK {
		if had := r.had(req.Header, wanted, made); had != nil {
			r.sendUnmodified(w, had)
			return
		}
	}
	best := made.choose(wanted)
	setFields(w.Header(), r.fields)
	setFields(w.Header(), best.fields)
	w.WriteHeader(r.status)
	if req.Method != http.MethodHead {
		announce(req.Context(), len(best.body))
		w.Write(best.body) // A client that has gone away is nobody's error.
	}
}

// sendUnmodified tells the client to use what it has. What is about a body it does
// not get again (RFC 9110, section 15.4.5): net/http takes a fifth more time for an
// answer as soon as its headers are more than eight.
func (r *ready) sendUnmodified(w http.ResponseWriter, had *form) {
	h := w.Header()
	for _, name := range bodyOnly {
		delete(h, name)
	}
	setFields(h, r.fields)
	h["Etag"] = had.etag
	w.WriteHeader(http.StatusNotModified)
}

// choose gives the form with the greatest weight; among equals, the first. A
// client that refuses everything gets the plain one (RFC 9110, section 12.5.3).
func (f *forms) choose(wanted acceptance) *form {
	best, weight := f[identity], 0
	for e, form := range f {
		if form != nil && wanted[e] > weight {
			best, weight = form, wanted[e]
		}
	}
	return best
}

// had gives the form that the client says it has, if it is still good: by tag, or
// by date where it names no tag (RFC 9110, section 13.2.2). Any form counts that
// the client may be sent: which one is chosen changes while the others are made.
func (r *ready) had(h http.Header, wanted acceptance, made *forms) *form {
	if tags := h["If-None-Match"]; len(tags) > 0 {
		return made.tagged(tags, wanted)
	}
	since := h["If-Modified-Since"]
	if len(since) != 1 || r.modified.IsZero() {
		return nil
	}
	if at, err := http.ParseTime(since[0]); err != nil || at.Before(r.modified) {
		return nil
	}
	return made.choose(wanted)
}

// tagged finds the form whose tag is among the given ones. The quotes belong to
// the tag and cannot stand inside one, so looking for it in the list is enough;
// "W/" before it does not matter here (RFC 9110, section 13.1.2).
func (f *forms) tagged(lines []string, wanted acceptance) *form {
	for _, line := range lines {
		if strings.TrimSpace(line) == "*" {
			return f.choose(wanted)
		}
		for e, form := range f {
			if form != nil && wanted[e] > 0 && strings.Contains(line, form.tag) {
				return form
			}
		}
	}
	return nil
}
