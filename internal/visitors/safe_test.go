package visitors

import (
	"testing"

	"hark/internal/indieauth"
)

func TestASafeAddressHasASafeWayToItsServer(t *testing.T) {
	secure, open := indieauth.Server{Authorization: "https://id.example/auth"}, indieauth.Server{Authorization: "http://id.example/auth"}
	for _, c := range []struct {
		me     string
		plain  bool
		server indieauth.Server
		want   bool
	}{
		{"https://jane.example/", false, secure, true},
		{"https://jane.example/", true, secure, false},
		{"https://jane.example/", false, open, false},
		{"http://jane.example/", true, secure, true},
		{"http://jane.example/", true, open, true},
	} {
		if got := safe(c.me, c.plain, c.server); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
}
