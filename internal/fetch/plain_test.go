package fetch

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAPageSaysWhetherItsWayWentByPlainHTTP(t *testing.T) {
	way := map[string]string{}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := way[r.URL.Path]; to != "" {
			http.Redirect(w, r, to, http.StatusFound)
		}
	})
	secure, plain := httptest.NewTLSServer(handler), httptest.NewServer(handler)
	defer secure.Close()
	defer plain.Close()
	way["/straight"] = secure.URL + "/end"
	way["/around"] = plain.URL + "/back"
	way["/back"] = secure.URL + "/end"
	way["/down"] = plain.URL + "/end"
	client := New(Options{Allow: loopback})
	client.door.transport.TLSClientConfig = &tls.Config{RootCAs: secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	for address, want := range map[string]bool{
		secure.URL + "/end": false, secure.URL + "/straight": false,
		secure.URL + "/around": true, secure.URL + "/down": true, plain.URL + "/end": true, plain.URL + "/back": true,
	} {
		page, err := client.Get(t.Context(), address, nil)
		if err != nil || page.Plain != want {
			t.Errorf("%s: %+v (%v), want %t", address, page, err, want)
		}
	}
}
