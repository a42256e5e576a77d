package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shipped is a file of contrib with other words in it. Each word to replace must be there.
func shipped(t testing.TB, file string, replace ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "contrib", file))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(string(text), replace[i]) {
			t.Fatalf("contrib/%s has no %q", file, replace[i])
		}
	}
	return strings.NewReplacer(replace...).Replace(string(text))
}

// between cuts what stands between two words, both included.
func between(text, from, to string) string {
	head, rest, _ := strings.Cut(text, from)
	_, tail, _ := strings.Cut(rest, to)
	return head + tail
}

// behind prepares a hark that its readers reach by a web server in front.
func behind(t testing.TB, settings ...string) (s *site, backend string) {
	t.Helper()
	backend = freeAddress(t, "127.0.0.6")
	return newSite(t, append([]string{"HARK_ADDR=" + backend, "HARK_TRUSTED_PROXIES=127.0.0.1,::1"}, settings...)...), backend
}

// startNginx starts nginx with the shipped file, by plain HTTP.
func startNginx(t testing.TB, s *site, backend string) {
	t.Helper()
	nginx := peer(t, "nginx")
	dir := t.TempDir()
	site := shipped(t, "nginx/hark.conf",
		"listen 443 ssl http2;", "listen "+s.host()+";", "listen [::]:443 ssl http2;", "", "    ssl_certificate ", "    # ", "    ssl_certificate_key ", "    # ",
		"http://127.0.0.1:8080", "http://"+backend)
	write(t, filepath.Join(dir, "nginx.conf"), fmt.Sprintf(`
daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  %[2]s
}`, dir, between(site, "server {\n    listen 80;", "\n}\n")))
	launch(t, exec.Command(nginx, "-e", filepath.Join(dir, "error.log"), "-c", filepath.Join(dir, "nginx.conf")))
}

// startCaddy starts Caddy with the shipped file, by plain HTTP.
func startCaddy(t testing.TB, s *site, backend string) {
	t.Helper()
	caddy := peer(t, "caddy")
	dir := t.TempDir()
	file := filepath.Join(dir, "Caddyfile")
	own, _, _ := strings.Cut(s.host(), ":") // its port on other addresses may be somebody else's
	write(t, file, "{\n\tadmin off\n\tauto_https off\n\tdefault_bind "+own+"\n}\n"+shipped(t, "caddy/Caddyfile", "\nblog.example {", "\nhttp://"+s.host()+" {", "127.0.0.1:8080", backend))
	cmd := exec.Command(caddy, "run", "--config", file, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME="+dir, "XDG_CONFIG_HOME="+dir)
	launch(t, cmd)
}

// apacheModules are those that the shipped file needs, beside what Debian has on anyway.
var apacheModules = []string{"mpm_event", "authz_core", "alias", "proxy", "proxy_http", "headers"}

// startApache starts Apache with the shipped file, by plain HTTP, and further lines for the
// whole server.
func startApache(t testing.TB, s *site, backend string, modules []string, lines string) (dir string) {
	t.Helper()
	apache := peer(t, "apache2")
	dir, err := os.MkdirTemp("", "hark-apache-") // t.TempDir is closed to www-data
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	site := between(shipped(t, "apache/hark.conf",
		"*:443>", s.host()+">", "    SSL", "    # SSL", "http://127.0.0.1:8080/", "http://"+backend+"/",
		"/etc/apache2/modsecurity-hark.conf", filepath.Join(root(t), "contrib", "apache", "modsecurity-hark.conf")),
		"<VirtualHost *:80>", "</VirtualHost>")
	write(t, filepath.Join(dir, "apache.conf"), apacheBase(dir, s.host(), append(modules, apacheModules...))+lines+site)
	process := launch(t, exec.Command(apache, "-X", "-f", filepath.Join(dir, "apache.conf")))
	t.Cleanup(func() {
		process.end(syscall.SIGTERM, 10*time.Second)
		if t.Failed() {
			text, _ := os.ReadFile(filepath.Join(dir, "error.log"))
			t.Logf("Apache's error log:\n%s", text)
		}
	})
	return dir
}

// apacheBase is what Debian's apache2.conf does for every site.
func apacheBase(dir, address string, modules []string) string {
	var conf strings.Builder
	fmt.Fprintf(&conf, "ServerRoot %s\nListen %s\nServerName localhost\nPidFile pid\nErrorLog error.log\nDefaultRuntimeDir .\nMutex pthread\n", dir, address)
	if os.Getuid() == 0 {
		conf.WriteString("User www-data\nGroup www-data\n")
	}
	for _, module := range modules {
		fmt.Fprintf(&conf, "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", module, module)
	}
	return conf.String()
}
