package test

import (
	"fmt"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestBehindNginxEachVisitorKeepsItsOwnAddress(t *testing.T) {
	nginx := peer(t, "nginx")
	dir := t.TempDir()
	socket := filepath.Join(dir, "hark.sock")
	s := newSite(t, "HARK_ADDR=unix:"+socket, "HARK_TRUSTED_PROXIES=127.0.0.1/32")
	write(t, filepath.Join(dir, "nginx.conf"), fmt.Sprintf(`
daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi; scgi_temp_path %[1]s/scgi;
  server {
    listen %[2]s;
    location / {
      proxy_pass http://unix:%[3]s;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}`, dir, s.host(), socket))
	launch(t, exec.Command(nginx, "-e", filepath.Join(dir, "error.log"), "-c", filepath.Join(dir, "nginx.conf")))
	s.start()
	s.owner()

	forger := from(t, "127.0.0.43")
	req, err := formRequest(s.url+"/login", url.Values{"username": {ownerName}, "password": {"not the right words"}})
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", "198.51.100.9")
	req.Header.Set("Origin", s.url)
	if a := forger.must(req, nil); a.status != http.StatusUnauthorized && a.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong login is answered %d, want 401 or 422", a.status)
	}
	from(t, "127.0.0.44").login(s)

	want := []string{
		"Authentication failure for wren from 127.0.0.43",
		"Accepted login for wren from 127.0.0.44",
	}
	if got := waitForLines(t, strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:"), 2); !slices.Equal(got, want) {
		t.Errorf("the log holds %q, want %q", got, want)
	}
}
