package fetch

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
)

// T8: an address is refused where it is dialled, however it is spelt.
func TestT8RefusesAddressesThatAreNotPublic(t *testing.T) {
	client := New(Options{Agent: "hark/test"})
	for _, address := range []string{
		"http://127.0.0.1/",
		"https://127.0.0.1/",
		"http://127.8.9.10/",
		"http://0.0.0.0/",
		"http://10.0.0.1/",
		"http://100.64.0.1/",
		"http://169.254.169.254/latest/meta-data/",
		"http://172.16.0.1/",
		"http://172.31.255.255/",
		"http://192.0.0.8/",
		"http://192.0.2.1/",
		"http://192.168.1.1/",
		"http://198.18.0.1/",
		"http://198.51.100.7/",
		"http://203.0.113.7/",
		"http://224.0.0.1/",
		"http://240.0.0.1/",
		"http://255.255.255.255/",
		"http://[::1]/",
		"http://[::]/",
		"http://[::ffff:127.0.0.1]/",
		"http://[::ffff:7f00:1]/",
		"http://[::ffff:10.0.0.1]/",
		"http://[::127.0.0.1]/",
		"http://[64:ff9b::7f00:1]/",
		"http://[64:ff9b::a00:1]/",
		"http://[64:ff9b:1::7f00:1]/",
		"http://[100::1]/",
		"http://[2001::1]/",
		"http://[2001:db8::1]/",
		"http://[2002:7f00:1::]/",
		"http://[3fff::1]/",
		"http://[fc00::1]/",
		"http://[fd12:3456::1]/",
		"http://[fe80::1]/",
		"http://[fe80::1%25lo]/",
		"http://[::1%25lo]/",
		"http://[fec0::1]/",
		"http://[ff02::1]/",
		"http://localhost/",
		"http://LOCALHOST/",
		"http://①②⑦.⓪.⓪.①/",
		"http://127。0。0。1/",
		"http://１２７.0.0.1/",
	} {
		_, err := client.Get(t.Context(), address, nil)
		wantForbidden(t, address, err)
	}
}

func TestT8RefusesSchemesPortsAndUserInformation(t *testing.T) {
	client := New(Options{Agent: "hark/test", Allow: loopback})
	for _, address := range []string{
		"", "x", "/x", "//127.0.0.1/", "http://", "http:///x", "http:127.0.0.1", "http://:80/",
		"ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "javascript:alert(1)", "data:,x",
		"http://alice@127.0.0.1/", "http://alice:secret@127.0.0.1/", "http://@127.0.0.1/",
		"http://127.0.0.1/\n", "http://[::1", "http://127.0.0.1:x/", "http://127.0.0.1/%zz",
		"http://127.0.0.1/" + strings.Repeat("a", maxAddress),
		"http://8.8.8.8:22/", "http://8.8.8.8:8080/", "https://8.8.8.8:6379/", "http://8.8.8.8:0/",
		"http://[2620:fe::fe]:25/",
	} {
		_, err := client.Get(t.Context(), address, nil)
		wantForbidden(t, address, err)
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("Get(%q): the password stands in %q", address, err)
		}
	}
}

func TestT8EveryClientStandsBehindTheSameGuard(t *testing.T) {
	client := New(Options{Agent: "hark/test"})
	for _, client := range []*http.Client{client.HTTP(), client.Polite()} {
		for _, address := range []string{
			"http://127.0.0.1/", "http://[64:ff9b::7f00:1]/", "http://169.254.169.254/",
			"http://8.8.8.8:8080/", "http://alice@8.8.8.8/", "ftp://8.8.8.8/", "http://①②⑦.⓪.⓪.①/",
		} {
			_, err := client.Post(address, "text/plain", strings.NewReader("x"))
			wantForbidden(t, address, err)
		}
	}
}

func TestT8RedirectToAPrivateAddressIsRefused(t *testing.T) {
	var reached atomic.Bool
	private := serve(t, "127.0.0.9", func(http.ResponseWriter, *http.Request) { reached.Store(true) })
	for _, location := range []string{
		private.URL,
		strings.Replace(private.URL, "127.0.0.9", "[::ffff:127.0.0.9]", 1),
		"http://169.254.169.254/latest/",
		"http://[fe80::1%25lo]/",
		"//10.0.0.1/x",
		"file:///etc/passwd",
		"http://alice:secret@127.0.0.1/",
		"http://8.8.8.8:22/",
		"http://[",
	} {
		public := serve(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		})
		client := New(Options{Agent: "hark/test", Allow: prefixes("127.0.0.1/32")})

		_, err := client.Get(t.Context(), public.URL, nil)
		wantForbidden(t, location, err)

		res, err := client.HTTP().Post(public.URL, "text/plain", strings.NewReader("x"))
		if location == "http://[" {
			if err == nil {
				t.Errorf("POST redirected to %q gave %s, want an error", location, res.Status)
			}
			continue
		}
		wantForbidden(t, location, err)
	}
	if reached.Load() {
		t.Error("the private server was reached")
	}
}

func TestAnAllowedAddressIsReachedOnAnyPort(t *testing.T) {
	server := serve(t, "127.0.0.3", func(w http.ResponseWriter, r *http.Request) {})
	for _, test := range []struct {
		allow string
		want  bool
	}{
		{"127.0.0.0/8", true},
		{"127.0.0.3/32", true},
		{"127.0.0.2/32", false},
		{"10.0.0.0/8", false},
		{"::1/128", false},
	} {
		client := New(Options{Agent: "hark/test", Allow: prefixes(test.allow)})
		_, err := client.Get(t.Context(), server.URL, nil)
		if (err == nil) != test.want {
			t.Errorf("with %s allowed, Get gave %v", test.allow, err)
		}
	}
}

func TestTheGuardReadsMappedAndZonedAddresses(t *testing.T) {
	g := newGuard(prefixes("127.0.0.0/8", "fe80::/10"))
	for address, want := range map[string]bool{
		"127.0.0.1:9":          true,
		"[::ffff:127.0.0.1]:9": true,
		"[fe80::1%eth0]:9":     true,
		"[64:ff9b::7f00:1]:80": false,
		"[::1]:80":             false,
		"10.0.0.1:80":          false,
		"8.8.8.8:80":           true,
		"8.8.8.8:9":            false,
		"8.8.8.8":              false,
		"":                     false,
	} {
		network := "tcp4"
		if strings.HasPrefix(address, "[") {
			network = "tcp6"
		}
		if err := g.control(network, address, nil); (err == nil) != want {
			t.Errorf("control(%q) = %v, want passed: %t", address, err, want)
		}
	}
	if err := g.control("udp4", "8.8.8.8:443", nil); !errors.Is(err, ErrForbidden) {
		t.Errorf("control of udp = %v, want ErrForbidden", err)
	}
}

func wantForbidden(t *testing.T, address string, err error) {
	t.Helper()
	var e *Error
	if !errors.Is(err, ErrForbidden) || !errors.As(err, &e) || e.Reason == "" {
		t.Errorf("%q gave %v, want an *Error with ErrForbidden and a reason", address, err)
	}
}

var loopback = prefixes("127.0.0.0/8", "::1/128")

func prefixes(list ...string) (all []netip.Prefix) {
	for _, p := range list {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}

// serve starts a web server on one of the loopback addresses, each of which
// is a host of its own.
func serve(t *testing.T, address string, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	listener, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Skipf("cannot listen on %s: %v", address, err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return server
}
