package micropub

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// headerToken is the token of the Authorization header (RFC 6750, section 2.1),
// or nothing. A header of another scheme is none of our business.
func headerToken(r *http.Request) (string, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) > 1 {
		return "", twoTokens()
	}
	if len(headers) == 0 {
		return "", nil
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", nil
	}
	return strings.TrimSpace(token), nil
}

// carriesFormToken tells whether a body of that type may hold access_token.
func carriesFormToken(contentType string) bool {
	kind := mediaType(contentType)
	return kind == formType || kind == multipartType
}

// oneToken is the one token of a request: from the header or from the form,
// never from both (Micropub, section 3.1; RFC 6750, section 2), unless it is the same
// one and the service may let that pass: then it is twice.
func (h *handler) oneToken(header string, form []string) (token string, twice bool, err error) {
	switch {
	case header == "" && len(form) == 0:
		return "", false, nil
	case len(form) == 0:
		return header, false, nil
	case header == "" && len(form) == 1:
		return form[0], false, nil
	case h.service.Twice != nil && len(form) == 1 && form[0] == header:
		return header, true, nil
	}
	return "", false, twoTokens()
}

func twoTokens() *Error {
	e := Invalid("Send the access token once: in the Authorization header or as access_token in the form, not both.")
	e.double = true
	return e
}

func missingToken() *Error {
	e := Unauthorized("An access token is missing. Send it as Authorization: Bearer TOKEN.")
	e.missing = true
	return e
}

// authorize asks the service about a token, or refuses the lack of one.
func (h *handler) authorize(ctx context.Context, token, scope string) (context.Context, error) {
	if token == "" {
		return nil, missingToken()
	}
	authorized, err := h.service.Authorize(ctx, token, scope)
	if err != nil {
		return nil, fmt.Errorf("authorize: %w", err)
	}
	return authorized, nil
}

// once refuses a token that came twice from an app of which that is not taken.
func (h *handler) once(ctx context.Context, twice bool) error {
	if !twice {
		return nil
	}
	if err := h.service.Twice(ctx); err != nil {
		return fmt.Errorf("a token came twice: %w", err)
	}
	return nil
}

// challenge adds WWW-Authenticate where RFC 6750, section 3, wants it. Who sent
// no token is told no error there.
func challenge(header http.Header, refusal *Error) {
	switch {
	case refusal.Code == codeScope:
		header.Set("WWW-Authenticate", fmt.Sprintf(`Bearer error="insufficient_scope", scope="%s"`, refusal.Scope))
	case refusal.missing:
		header.Set("WWW-Authenticate", "Bearer")
	case refusal.Status == http.StatusUnauthorized:
		header.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
}
