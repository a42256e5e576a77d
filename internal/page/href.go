package page

import (
	"html/template"
	"strings"
)

// Href is the attribute that leads to an address, exactly as it was written: other
// sites look in our pages for the very address that they were told. What is no web
// address leads nowhere.
func Href(address string) template.HTMLAttr {
	if !OnWeb(address) {
		return ""
	}
	return template.HTMLAttr(`href="` + template.HTMLEscapeString(address) + `"`)
}

// OnWeb tells whether an address is one of the web, whole.
func OnWeb(address string) bool {
	for _, scheme := range []string{"http://", "https://"} {
		if len(address) > len(scheme) && strings.EqualFold(address[:len(scheme)], scheme) {
			return true
		}
	}
	return false
}
