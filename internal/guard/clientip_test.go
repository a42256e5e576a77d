package guard_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-chi/chi/v5/middleware"

	"hark/internal/guard"
)

func prefixes(cidrs ...string) []netip.Prefix {
	var all []netip.Prefix
	for _, cidr := range cidrs {
		all = append(all, netip.MustParsePrefix(cidr))
	}
	return all
}

// found gives the client's address as the handlers behind the guard see it.
func found(trusted []netip.Prefix, peer string, header http.Header) netip.Addr {
	var got netip.Addr
	handler := guard.ClientIP(trusted)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = middleware.GetClientIPAddr(r.Context())
	}))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = peer
	r.Header = header
	handler.ServeHTTP(httptest.NewRecorder(), r)
	return got
}

func xff(values ...string) http.Header { return http.Header{"X-Forwarded-For": values} }

func forwarded(values ...string) http.Header { return http.Header{"Forwarded": values} }

func TestT10UntrustedPeerForwardingHeaderIsIgnored(t *testing.T) {
	headers := http.Header{
		"X-Forwarded-For":  {"198.51.100.1"},
		"Forwarded":        {"for=198.51.100.1"},
		"X-Real-Ip":        {"198.51.100.1"},
		"True-Client-Ip":   {"198.51.100.1"},
		"Cf-Connecting-Ip": {"198.51.100.1"},
	}
	for _, trusted := range [][]netip.Prefix{nil, prefixes("10.0.0.0/8"), prefixes("2001:db8::/32")} {
		if got := found(trusted, "203.0.113.66:4711", headers); got != netip.MustParseAddr("203.0.113.66") {
			t.Errorf("trusting %v: %v, want the peer", trusted, got)
		}
	}
}

func TestClientAddress(t *testing.T) {
	trusted := []string{"10.0.0.0/8", "::1/128", "fd00::/8", "::ffff:192.0.2.0/120"}
	for _, c := range []struct {
		name, peer string
		header     http.Header
		want       string // empty: not known
	}{
		{"peer", "203.0.113.5:1", nil, "203.0.113.5"},
		{"peer by IPv6", "[2001:db8::5]:1", nil, "2001:db8::5"},
		{"mapped peer", "[::ffff:203.0.113.5]:1", nil, "203.0.113.5"},
		{"peer with a zone", "[fe80::1%eth0]:1", nil, "fe80::1"},
		{"proxy", "10.0.0.1:1", xff("203.0.113.5"), "203.0.113.5"},
		{"mapped proxy", "[::ffff:10.0.0.1]:1", xff("203.0.113.5"), "203.0.113.5"},
		{"proxy trusted by a mapped prefix", "192.0.2.9:1", xff("203.0.113.5"), "203.0.113.5"},
		{"the client's own entries", "10.0.0.1:1", xff("198.51.100.1, 203.0.113.5"), "203.0.113.5"},
		{"two proxies", "10.0.0.1:1", xff("198.51.100.1, 203.0.113.5, 10.0.0.2"), "203.0.113.5"},
		{"two lines", "10.0.0.1:1", xff("198.51.100.1", "203.0.113.5"), "203.0.113.5"},
		{"a port", "10.0.0.1:1", xff("203.0.113.5:4711"), "203.0.113.5"},
		{"a port and IPv6", "10.0.0.1:1", xff("[2001:db8::5]:4711"), "2001:db8::5"},
		{"brackets", "10.0.0.1:1", xff("[2001:db8::5]"), "2001:db8::5"},
		{"mapped entry", "10.0.0.1:1", xff("::ffff:203.0.113.5"), "203.0.113.5"},
		{"a proxy mapped in the chain", "10.0.0.1:1", xff("203.0.113.5, ::ffff:10.0.0.2"), "203.0.113.5"},
		{"entry with a zone", "10.0.0.1:1", xff("fe80::1%eth0"), "fe80::1"},
		{"empty entries", "10.0.0.1:1", xff(" , 203.0.113.5, ,"), "203.0.113.5"},
		{"garbage left of the client", "10.0.0.1:1", xff("<script>, 203.0.113.5"), "203.0.113.5"},
		{"garbage right of the client", "10.0.0.1:1", xff("203.0.113.5, what"), ""},
		{"no header from a proxy", "10.0.0.1:1", nil, ""},
		{"proxies alone", "10.0.0.1:1", xff("10.0.0.2"), ""},
		{"peer unreadable", "somewhere", xff("203.0.113.5"), ""},
		{"Forwarded", "10.0.0.1:1", forwarded("for=203.0.113.5;proto=https"), "203.0.113.5"},
		{"Forwarded, not first", "10.0.0.1:1", forwarded("proto=https; For=203.0.113.5"), "203.0.113.5"},
		{"Forwarded, IPv6", "10.0.0.1:1", forwarded(`for="[2001:db8::5]:4711"`), "2001:db8::5"},
		{"Forwarded, a chain", "10.0.0.1:1", forwarded(`for=198.51.100.1, for="203.0.113.5:80", for=10.0.0.2`), "203.0.113.5"},
		{"Forwarded, hidden", "10.0.0.1:1", forwarded("for=198.51.100.1, for=_hidden"), ""},
		{"Forwarded, unknown", "10.0.0.1:1", forwarded("for=198.51.100.1, for=unknown"), ""},
		{"Forwarded without for", "10.0.0.1:1", forwarded("for=198.51.100.1, proto=https"), ""},
		{"Forwarded with two", "10.0.0.1:1", forwarded("for=198.51.100.1;for=203.0.113.5"), ""},
		{"Forwarded, an open quote", "10.0.0.1:1", forwarded(`for=", for=203.0.113.5`), "203.0.113.5"},
		{"Forwarded, a for in the host", "10.0.0.1:1", forwarded(`host="a;for=198.51.100.1;b";for=203.0.113.5`), "203.0.113.5"},
		{"Forwarded, a comma in the host", "10.0.0.1:1", forwarded(`for=203.0.113.5;host="a\", for=198.51.100.1"`), "203.0.113.5"},
		{"X-Forwarded-For before Forwarded", "10.0.0.1:1",
			http.Header{"X-Forwarded-For": {"203.0.113.5"}, "Forwarded": {"for=198.51.100.1"}}, "203.0.113.5"},
	} {
		want := netip.Addr{}
		if c.want != "" {
			want = netip.MustParseAddr(c.want)
		}
		if got := found(prefixes(trusted...), c.peer, c.header); got != want {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
}

func TestUnixSocketIsTheLocalProxy(t *testing.T) {
	dir, err := os.MkdirTemp("", "hark") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, c := range []struct {
		name    string
		trusted []netip.Prefix
		want    string
	}{
		{"believed when proxies are", prefixes("10.0.0.0/8"), "203.0.113.5"},
		{"not believed otherwise", nil, ""},
	} {
		listener, err := net.Listen("unix", filepath.Join(dir, "hark"))
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewUnstartedServer(guard.ClientIP(c.trusted)(http.HandlerFunc(
			func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Seen", middleware.GetClientIP(r.Context()))
			})))
		server.Listener.Close()
		server.Listener = listener
		server.Start()
		client := http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return net.Dial("unix", listener.Addr().String())
		}}}
		request, _ := http.NewRequest(http.MethodGet, "http://blog.example/", nil)
		request.Header.Set("X-Forwarded-For", "198.51.100.1, 203.0.113.5")
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Header.Get("Seen"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		client.CloseIdleConnections()
		server.Close()
	}
}

func TestHandlersSeeTheRequestAsItCame(t *testing.T) {
	handler := guard.ClientIP(prefixes("10.0.0.0/8"))(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.RemoteAddr != "@" || r.Header.Get("Accept") != "text/html" || r.Header.Get("X-Forwarded-For") != "203.0.113.5:1" {
			t.Errorf("got %q %v", r.RemoteAddr, r.Header)
		}
	}))
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "@"
	r.Header = http.Header{"Accept": {"text/html"}, "X-Forwarded-For": {"203.0.113.5:1"}}
	handler.ServeHTTP(httptest.NewRecorder(), r)
}

// Whatever a client sends, the address that the proxy adds on the right counts,
// and without a proxy the peer's.
func FuzzForwarding(f *testing.F) {
	for _, claim := range []string{
		"", "198.51.100.1", "10.0.0.2", `for="`, `for="\`, `for=a;host="`, `,,,`, `";,\`, "\xff", "[::1", "[]:1", "::ffff:10.0.0.9",
	} {
		f.Add(claim)
	}
	trusted := prefixes("10.0.0.0/8", "::1/128")
	client := netip.MustParseAddr("203.0.113.5")
	f.Fuzz(func(t *testing.T, claim string) {
		for name, header := range map[string]http.Header{
			"appended":             xff(claim + ", 203.0.113.5"),
			"a line of its own":    xff(claim, "203.0.113.5:80"),
			"Forwarded, appended":  forwarded(claim + ", for=203.0.113.5"),
			"Forwarded, quoted":    forwarded(claim + `, for="203.0.113.5:80";proto=https`),
			"Forwarded, own line":  forwarded(claim, `for=203.0.113.5`),
			"Forwarded, two hops":  forwarded(claim + ", for=203.0.113.5, for=10.0.0.7"),
			"two hops, two styles": xff(claim+", 203.0.113.5", "10.0.0.7:80"),
		} {
			if got := found(trusted, "10.0.0.1:1", header); got != client {
				t.Errorf("%s after %q: %v", name, claim, got)
			}
		}
		for _, header := range []http.Header{xff(claim), forwarded(claim)} {
			if got := found(trusted, "203.0.113.5:1", header); got != client {
				t.Errorf("untrusted peer claims %q: %v", claim, got)
			}
			got := found(trusted, "10.0.0.1:1", header)
			if got.Is4In6() || got.Zone() != "" || trusted[0].Contains(got) || trusted[1].Contains(got) {
				t.Errorf("claim %q: %v", claim, got)
			}
		}
	})
}
