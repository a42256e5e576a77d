package test

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestBehindEachWebServerEachVisitorKeepsItsOwnAddress(t *testing.T) {
	t.Parallel()
	for name, startFront := range map[string]func(testing.TB, *site, string){
		"nginx":  startNginx,
		"Caddy":  startCaddy,
		"Apache": func(t testing.TB, s *site, backend string) { startApache(t, s, backend, nil, "") },
	} {
		t.Run(name, func(t *testing.T) {
			s, backend := behind(t)
			startFront(t, s, backend)
			s.start()
			s.owner()
			forger := from(t, "127.0.0.43")
			for _, forged := range []http.Header{
				{"X-Forwarded-For": {"198.51.100.9"}},
				{"X-Forwarded-For": {"198.51.100.9, 127.0.0.1"}},
				{"Forwarded": {"for=198.51.100.9"}},
			} {
				req, err := formRequest(s.url+"/login", url.Values{"username": {ownerName}, "password": {"not the right words"}})
				if err != nil {
					t.Fatal(err)
				}
				for name, values := range forged {
					req.Header[name] = values
				}
				req.Header.Set("Origin", s.url)
				if a := forger.must(req, nil); a.status != http.StatusUnauthorized {
					t.Errorf("a wrong login is answered %d, want 401", a.status)
				}
			}
			from(t, "127.0.0.44").login(s)
			wrong := "Authentication failure for wren from 127.0.0.43"
			want := []string{wrong, wrong, wrong, "Accepted login for wren from 127.0.0.44"}
			if got := waitForLines(t, strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:"), 4); !slices.Equal(got, want) {
				t.Errorf("the log holds %q, want %q", got, want)
			}
		})
	}
}

func TestFilesPassEachWebServer(t *testing.T) {
	t.Parallel()
	for name, startFront := range map[string]func(testing.TB, *site, string){
		"nginx":  startNginx,
		"Caddy":  startCaddy,
		"Apache": func(t testing.TB, s *site, backend string) { startApache(t, s, backend, nil, "") },
	} {
		t.Run(name, func(t *testing.T) {
			s, backend := behind(t)
			startFront(t, s, backend)
			s.start()
			token := s.owner()
			large := "%PDF-1.7" + strings.Repeat("rain ", 1<<20)
			if address := s.upload(token, "rain.pdf", large); from(t, "127.0.0.1").get(address).body != large {
				t.Errorf("%s is another file", address)
			}
			owner := from(t, "127.0.0.1")
			owner.login(s)
			if a := owner.must(fileForm(s.url+"/desk/account/page", "file", "wren.jpg", large)); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "picture") {
				t.Errorf("a photo that is none is answered %d, want 422", a.status)
			}
			req, err := formRequest(s.url+"/webmention", url.Values{"source": {large}})
			refused := []int{http.StatusRequestEntityTooLarge}
			if name == "Apache" { // it says so when hark stops reading while it still sends
				refused = append(refused, http.StatusBadGateway)
			}
			if a := from(t, "127.0.0.1").must(req, err); !slices.Contains(refused, a.status) {
				t.Errorf("a webmention of that size is answered %d, want %d", a.status, refused)
			}
		})
	}
}

func TestTheShippedFilesForWebServersAreWhole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certificate(t, filepath.Join(dir, "fullchain.pem"), filepath.Join(dir, "privkey.pem"))
	live := []string{"/etc/letsencrypt/live/blog.example", dir}
	check := func(what string, program string, args ...string) {
		t.Helper()
		cmd := exec.Command(peer(t, program), args...)
		cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", what, err, out)
		}
	}
	port := func() string { return freeAddress(t, "127.0.0.6") }
	write(t, filepath.Join(dir, "nginx.conf"), "pid "+dir+"/pid; events {} http { access_log off; "+
		shipped(t, "nginx/hark.conf", append(live, "listen 80", "listen "+port(), "listen 443", "listen "+port(), "listen [::]:80;", "", "listen [::]:443 ssl http2;", "")...)+"}")
	check("nginx", "nginx", "-t", "-e", filepath.Join(dir, "error.log"), "-c", filepath.Join(dir, "nginx.conf"))
	write(t, filepath.Join(dir, "apache.conf"), apacheBase(dir, port(), append([]string{"ssl"}, apacheModules...))+shipped(t, "apache/hark.conf", live...))
	check("Apache", "apache2", "-t", "-f", filepath.Join(dir, "apache.conf"))
	check("Caddy", "caddy", "validate", "--adapter", "caddyfile", "--config", filepath.Join(root(t), "contrib", "caddy", "Caddyfile"))
}

// certificate writes one that nobody trusts.
func certificate(t *testing.T, chain, key string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	own := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(own.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, chain, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]})))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}
