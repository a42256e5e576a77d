package pingback

import (
	"fmt"
	"net/http"
)

// The names of the methods on the wire.
const (
	pingMethod      = "pingback.ping"
	pingbacksMethod = "pingback.extensions.getPingbacks"
	listMethod      = "system.listMethods"
	helpMethod      = "system.methodHelp"
	multicallMethod = "system.multicall"
)

// dispatch hands a call to its method.
func (h *handler) dispatch(w http.ResponseWriter, r *http.Request, c call) {
	count, known := h.parameters(c.method)
	switch {
	case c.method == multicallMethod:
		// One request could hold hundreds of pings.
		h.refuseCall(w, r, ErrMalformed, unknownMethod, "system.multicall is refused. Send each call by itself.")
		return
	case !known:
		h.refuseCall(w, r, ErrMalformed, unknownMethod, fmt.Sprintf("There is no method %s.", c.method))
		return
	case len(c.params) != count:
		h.refuseCall(w, r, ErrMalformed, wrongCount, fmt.Sprintf("%s takes %s.", c.method, parameters(count)))
		return
	}
	for _, p := range c.params {
		if !p.string {
			h.refuseCall(w, r, ErrMalformed, wrongType, fmt.Sprintf("%s takes strings.", c.method))
			return
		}
	}
	switch c.method {
	case pingMethod:
		h.ping(w, r, c.params[0].text, c.params[1].text)
	case pingbacksMethod:
		h.pingbacks(w, r, c.params[0].text)
	case listMethod:
		writeXML(w, http.StatusOK, list(h.names()))
	case helpMethod:
		h.help(w, r, c.params[0].text)
	}
}

// parameters is how many parameters a method takes, and whether it is there.
func (h *handler) parameters(method string) (int, bool) {
	switch method {
	case pingMethod:
		return 2, true
	case pingbacksMethod:
		return 1, h.methods.Pingbacks != nil
	case listMethod:
		return 0, true
	case helpMethod:
		return 1, true
	}
	return 0, false
}

// parameters says a count of parameters in words.
func parameters(count int) string {
	switch count {
	case 0:
		return "no parameters"
	case 1:
		return "one parameter"
	}
	return fmt.Sprintf("%d parameters", count)
}

// ping takes pingback.ping(source, target) (Pingback 1.0, section 3).
func (h *handler) ping(w http.ResponseWriter, r *http.Request, source, target string) {
	from, wrong := parseAddress(source)
	if wrong != "" {
		h.refuseCall(w, r, ErrBadSource, SourceMissing, "The source "+wrong+".")
		return
	}
	to, wrong := parseAddress(target)
	if wrong != "" {
		h.refuseCall(w, r, ErrBadTarget, TargetRefused, "The target "+wrong+".")
		return
	}
	if sameResource(from, to) {
		h.refuseCall(w, r, ErrBadTarget, TargetRefused, "The source and the target are the same page.")
		return
	}
	text, err := h.methods.Ping(r.Context(), source, target)
	if err != nil {
		h.answerError(w, r, err)
		return
	}
	writeXML(w, http.StatusOK, success(text))
}

// pingbacks takes pingback.extensions.getPingbacks(target).
func (h *handler) pingbacks(w http.ResponseWriter, r *http.Request, target string) {
	if _, wrong := parseAddress(target); wrong != "" {
		h.refuseCall(w, r, ErrBadTarget, TargetRefused, "The target "+wrong+".")
		return
	}
	sources, err := h.methods.Pingbacks(r.Context(), target)
	if err != nil {
		h.answerError(w, r, err)
		return
	}
	writeXML(w, http.StatusOK, list(sources))
}

// names lists the methods there are.
func (h *handler) names() []string {
	if h.methods.Pingbacks == nil {
		return []string{pingMethod, listMethod, helpMethod}
	}
	return []string{pingMethod, pingbacksMethod, listMethod, helpMethod}
}

// help takes system.methodHelp(name).
func (h *handler) help(w http.ResponseWriter, r *http.Request, method string) {
	if _, known := h.parameters(method); !known {
		h.refuseCall(w, r, ErrMalformed, unknownMethod, "There is no such method to help with.")
		return
	}
	help := ""
	switch method {
	case pingMethod:
		help = "pingback.ping(source, target): tells that the page source links to the page target here. Returns a text."
	case pingbacksMethod:
		help = "pingback.extensions.getPingbacks(target): lists the pages known to link to the page target here."
	case listMethod:
		help = "system.listMethods(): lists the methods there are."
	case helpMethod:
		help = "system.methodHelp(method): says what a method is for."
	}
	writeXML(w, http.StatusOK, success(help))
}
