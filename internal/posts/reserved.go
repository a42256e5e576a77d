package posts

import "strings"

// reserved are the first parts of the site's own addresses, and those of its
// neighbours' habits: no page can stand there.
var reserved = set("about admin api archive archives auth author category day desk faces favicon feed feeds for-you " +
	"healthz hub introspect invite kind link login logout media mentions metrics micropub new on-this-day page pages pingback " +
	"posts preview reset revoke search series setup share sitemap static tag tags token userinfo webmention websub")

// isReserved tells whether a page cannot stand under a name. Years are lists.
func isReserved(slug string) bool {
	return reserved[slug] || len(slug) == 4 && strings.Trim(slug, "0123456789") == ""
}
