package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// wordpress is a real WordPress, served by nginx and php-fpm from a MariaDB of its own.
type wordpress struct {
	t       testing.TB
	dir     string
	php     string
	address string
	url     string
}

// comment is what WordPress keeps beneath a post.
type comment struct {
	Type      string `json:"type"`
	Author    string `json:"author"`
	AuthorURL string `json:"author_url"`
	Content   string `json:"content"`
	Agent     string `json:"agent"`
	Approved  string `json:"approved"`
	Protocol  string `json:"protocol"` // webmention, or empty
	Source    string `json:"source"`   // of a webmention
	Property  string `json:"property"` // the class by which our entry answers theirs
}

// newWordPress installs and starts one that lives as long as the test.
func newWordPress(t testing.TB) *wordpress {
	t.Helper()
	if _, err := os.Stat("/usr/share/wordpress/wp-settings.php"); err != nil {
		missing(t, "wordpress")
	}
	peer(t, "mariadb-install-db")
	mariadbd, fpm, nginx := peer(t, "mariadbd"), peer(t, "php-fpm*"), peer(t, "nginx")
	w := &wordpress{t: t, dir: t.TempDir(), php: peer(t, "php"), address: freeAddress(t, "127.0.0.2")}
	w.url = "http://" + w.address
	t.Cleanup(w.explain)

	if out, err := exec.Command("wordpress/prepare.sh", w.dir, w.address).CombinedOutput(); err != nil {
		t.Fatalf("prepare WordPress: %v\n%s", err, out)
	}
	launch(t, exec.Command(mariadbd, "--no-defaults", "--user="+w.shell("id -un"),
		"--datadir="+w.dir+"/database", "--socket="+w.dir+"/run/database.sock", "--pid-file="+w.dir+"/run/database.pid",
		"--tmpdir="+w.dir+"/run", "--skip-networking", "--skip-log-bin", "--performance-schema=OFF",
		"--innodb-buffer-pool-size=48M", "--innodb-log-file-size=16M", "--innodb-flush-log-at-trx-commit=0"))
	asRoot := []string{}
	if os.Geteuid() == 0 {
		asRoot = append(asRoot, "-R")
	}
	launch(t, exec.Command(fpm, append(asRoot, "-F", "--fpm-config", w.dir+"/fpm.conf")...))
	launch(t, exec.Command(nginx, "-e", w.dir+"/log/nginx.log", "-c", w.dir+"/nginx.conf"))

	eventually(t, 60*time.Second, "MariaDB takes orders", func() error {
		return exec.Command("mariadb", "--no-defaults", "--socket="+w.dir+"/run/database.sock", "-uroot",
			"-e", "CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4").Run()
	})
	var version string
	w.author(map[string]string{"do": "install"}, &version)
	t.Logf("WordPress %s at %s", version, w.url)
	eventually(t, 30*time.Second, "WordPress serves its home page", func() error {
		res, err := http.Get(w.url + "/")
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("it answers %s", res.Status)
		}
		return nil
	})
	return w
}

// publish makes a post and then does the background work, pings included, that WordPress puts off.
func (w *wordpress) publish(title, html string) (address string) {
	w.t.Helper()
	w.author(map[string]string{"do": "publish", "title": title, "html": html}, &address)
	w.background()
	return address
}

// edit changes a post; what that causes is done when it returns.
func (w *wordpress) edit(address, title, html string) {
	w.t.Helper()
	var now string
	w.author(map[string]string{"do": "edit", "address": address, "title": title, "html": html}, &now)
	w.background()
}

// comments are all answers beneath a post, held ones too.
func (w *wordpress) comments(address string) (found []comment) {
	w.t.Helper()
	w.author(map[string]string{"do": "comments", "address": address}, &found)
	return found
}

func (w *wordpress) author(command map[string]string, outcome any) {
	w.t.Helper()
	command["host"] = w.address
	in, err := json.Marshal(command)
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(w.php, "-d", "log_errors=0", "-d", "display_errors=stderr", "wordpress/author.php", w.dir)
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("WordPress, %s: %v\n%s%s", command["do"], err, out, &stderr)
	}
	if err := json.Unmarshal(out, outcome); err != nil {
		w.t.Fatalf("WordPress, %s: %v\n%s%s", command["do"], err, out, &stderr)
	}
}

// background runs WordPress's own cron, as a system cron would.
func (w *wordpress) background() {
	w.t.Helper()
	cmd := exec.Command(w.php, "-d", "log_errors=0", "-d", "display_errors=0", w.dir+"/site/wp-cron.php")
	cmd.Dir = w.dir + "/site"
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("wp-cron: %v\n%s", err, out)
	}
}

func (w *wordpress) shell(line string) string {
	w.t.Helper()
	out, err := exec.Command("sh", "-c", line).Output()
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// explain shows the ends of the logs of a test that failed.
func (w *wordpress) explain() {
	if !w.t.Failed() {
		return
	}
	for _, name := range []string{"outgoing.log", "access.log", "php.log", "fpm.log", "nginx.log"} {
		if log, err := os.ReadFile(filepath.Join(w.dir, "log", name)); err == nil {
			lines := strings.SplitAfter(string(log), "\n")
			w.t.Logf("WordPress, the end of %s:\n%s", name, strings.Join(lines[max(0, len(lines)-25):], ""))
		}
	}
}

// takesWebmentions switches the plugin that takes webmentions on or off.
func (w *wordpress) takesWebmentions(on bool) {
	w.t.Helper()
	file := filepath.Join(w.dir, "webmention")
	if on {
		write(w.t, file, "")
	} else if err := os.Remove(file); err != nil {
		w.t.Fatal(err)
	}
}

// pingsReceived counts the XML-RPC calls that reached WordPress.
func (w *wordpress) pingsReceived() int {
	w.t.Helper()
	return w.asked("POST /xmlrpc.php ")
}

// webmentionsReceived counts the webmentions that did.
func (w *wordpress) webmentionsReceived() int {
	w.t.Helper()
	return w.asked("POST /wp-json/webmention/1.0/endpoint ")
}

// asked counts the requests that begin so.
func (w *wordpress) asked(request string) int {
	w.t.Helper()
	log, err := os.ReadFile(filepath.Join(w.dir, "log", "access.log"))
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Count(string(log), `"`+request)
}
