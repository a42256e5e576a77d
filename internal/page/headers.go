package page

import (
	"net/http"
	"strings"
)

// policy lets a page load from its own host only, and no script or style that
// stands in the page itself. A page that must allow more asks for it by FormsTo.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"media-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// permissions are what no script may ask a browser for.
const permissions = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"

// SecurityHeaders sets on every answer what tells a browser to be careful. With
// https it also asks to come back by https only.
func SecurityHeaders(https bool) func(http.Handler) http.Handler {
	headers := []field{
		newField("Content-Security-Policy", policy),
		newField("X-Content-Type-Options", "nosniff"),
		newField("Referrer-Policy", "strict-origin-when-cross-origin"),
		newField("Permissions-Policy", permissions),
		newField("Cross-Origin-Opener-Policy", "same-origin"),
	}
	if https {
		headers = append(headers, newField("Strict-Transport-Security", "max-age=31536000"))
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			setFields(w.Header(), headers)
			next.ServeHTTP(w, r)
		})
	}
}

// FormsTo lets the forms of one page lead to an origin beside our own, in the end:
// browsers look at where the answer to a form leads, too.
func FormsTo(h http.Header, origin string) {
	h.Set("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", "form-action 'self' "+origin, 1))
}

// Installable lets a browser read the manifest of one page, by which it installs the
// site as an app.
func Installable(h http.Header) {
	h.Set("Content-Security-Policy", policy+"; manifest-src 'self'")
}

// AskPlace lets the scripts of one page ask the browser where it is. Browsers ask
// their user before they say it.
func AskPlace(h http.Header) {
	h.Set("Permissions-Policy", strings.Replace(permissions, "geolocation=()", "geolocation=(self)", 1))
}

// bodyOnly are the headers of SecurityHeaders again: they are about a page, and a
// browser that is told to use its copy has them with the copy.
var bodyOnly = [...]string{
	"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy",
	"Permissions-Policy", "Cross-Origin-Opener-Policy", "Strict-Transport-Security",
}

// A field is a header made ready: its values are shared by many answers. That is
// safe since Set replaces the slice, and Add has no room in it to write to.
type field struct {
	name   string
	values []string
}

func newField(name string, values ...string) field {
	return field{name: http.CanonicalHeaderKey(name), values: values[:len(values):len(values)]}
}

func setFields(h http.Header, fields []field) {
	for _, f := range fields {
		h[f.name] = f.values
	}
}
