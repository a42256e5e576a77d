package test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// setupLink is the one-time link that hark prints once it serves.
func (s *site) setupLink() (link string) {
	s.t.Helper()
	one := regexp.MustCompile(regexp.QuoteMeta(s.url) + `/setup\?\S+\n`)
	eventually(s.t, patience, "a one-time link is printed", func() error {
		found := one.FindAllString(s.process.output.String(), -1)
		if len(found) != 1 {
			return fmt.Errorf("there are %d:\n%s", len(found), s.process.output)
		}
		link = strings.TrimSpace(found[0])
		return nil
	})
	return link
}

func TestTheFirstStartPrintsOneLinkAndTheHomePageSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s := start(t)
	link := s.setupLink()
	visitor := from(t, "127.0.0.1")

	home := visitor.get(s.url + "/")
	if words := text(parse(t, home.body)); home.status != http.StatusOK || !strings.Contains(words, "link") {
		t.Errorf("the home page answers %d and says %q, want it to say where the link is", home.status, words)
	}
	_, secret, _ := strings.Cut(link, "?")
	_, secret, _ = strings.Cut(secret, "=")
	if secret == "" || strings.Contains(home.body, secret) {
		t.Errorf("the home page holds the secret %q of the link", secret)
	}
	if a := visitor.get(s.url + "/setup"); a.status == http.StatusOK && len(all(parse(t, a.body), "input[name=password]")) > 0 {
		t.Error("/setup shows its form to somebody without the link")
	}
	if a := visitor.post(s.url+"/setup", url.Values{"token": {"guessed"}, "name": {"Eve"}, "username": {"eve"}, "password": {ownerPassword}, "title": {"Eve's"}}); a.status < 400 {
		t.Errorf("/setup with a guessed token answers %d, want a refusal", a.status)
	}

	if n := len(all(visitor.page(link), "form input[name=password]")); n != 1 {
		t.Fatalf("%s shows %d password fields, want 1", link, n)
	}
	form := url.Values{"token": {secret}, "name": {"Wren Adair"}, "username": {ownerName}, "password": {ownerPassword}, "title": {"Tidewrack"}}
	if a := visitor.post(s.url+"/setup", form); a.status != http.StatusSeeOther {
		t.Fatalf("/setup answers %d, want 303:\n%s", a.status, a.body)
	}
	stranger := from(t, "127.0.0.2")
	if a := stranger.get(link); a.status == http.StatusOK && len(all(parse(t, a.body), "input[name=password]")) > 0 && strings.Contains(a.body, `action="/setup"`) {
		t.Error("the link works a second time")
	}
	if words := text(stranger.page(s.url + "/")); !strings.Contains(words, "Tidewrack") {
		t.Errorf("the home page says %q, want the title that was chosen", words)
	}
	from(t, "127.0.0.3").login(s)

	s.stop()
	s.start()
	if strings.Contains(s.process.output.String(), "/setup?") {
		t.Errorf("a later start prints a one-time link again:\n%s", s.process.output)
	}
}

func TestAWrongSettingStopsTheStartAndIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value string }{
		{"HARK_ADDR", "not an address"},
		{"HARK_ADDR", "127.0.0.1:99999"},
		{"HARK_URL", "localhost"},
		{"HARK_URL", "ftp://example.org"},
		{"HARK_URL", "https://example.org/?page=1"},
		{"HARK_TRUSTED_PROXIES", "my-proxy"},
		{"HARK_FETCH_ALLOW", "10.0.0.0/99"},
		{"HARK_AUTH_LOG", "carrier-pigeon"},
		{"HARK_AUTH_LOG", "file:relative/path"},
		{"HARK_DB", "mysql://localhost/hark"},
		{"HARK_DB", "postgres://nobody@127.0.0.1:1/none"},
	} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			complaint := newSite(t, c.name+"="+c.value).refusal()
			if !strings.Contains(complaint, c.name) {
				t.Errorf("hark says %q, want the setting named", complaint)
			}
		})
	}
}

func TestATakenAddressStopsTheStartWithASentence(t *testing.T) {
	t.Parallel()
	s := start(t)
	complaint := newSite(t, "HARK_ADDR="+s.host()).refusal()
	if !strings.Contains(complaint, "HARK_ADDR") && !strings.Contains(complaint, s.host()) {
		t.Errorf("hark says %q, want the address named", complaint)
	}
}

func TestADatabaseThatIsNoneStopsTheStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	write(t, filepath.Join(s.data, "hark.db"), strings.Repeat("this is a letter to a friend\n", 200))
	if complaint := s.refusal(); !strings.Contains(complaint, "hark.db") || !strings.Contains(complaint, "backup") {
		t.Errorf("hark says %q, want the file named and what to do", complaint)
	}
}

func TestADatabaseOfANewerHarkStopsTheStart(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.owner()
	s.stop()
	file := filepath.Join(s.data, "hark.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if complaint := s.refusal(); !strings.Contains(complaint, "newer hark") {
		t.Errorf("hark says %q, want that a newer hark wrote the database", complaint)
	}
}

func TestADataDirectoryThatCannotBeMadeStopsTheStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	write(t, s.data, "a file where a folder should be")
	if complaint := s.refusal(); !strings.Contains(complaint, s.data) {
		t.Errorf("hark says %q, want the directory named", complaint)
	}
}

// refusal starts a hark that must not start and returns the one line that it says.
func (s *site) refusal() string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	like := s.cmd("serve")
	cmd := exec.CommandContext(ctx, like.Path, like.Args[1:]...)
	cmd.Env, cmd.Dir = like.Env, like.Dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || ctx.Err() != nil {
		s.t.Fatalf("hark started (%v):\n%s", fmt.Sprint(err, ctx.Err()), &out)
	}
	complaint := strings.TrimSpace(out.String())
	if complaint == "" || strings.Contains(complaint, "\n") {
		s.t.Errorf("hark says\n%s\nwant one line", complaint)
	}
	return complaint
}

func TestOneDataDirectoryServesAgainAfterAStop(t *testing.T) {
	t.Parallel()
	s := start(t)
	post := s.publish(s.owner(), "Kept", "<p>Over the night.</p>")
	s.stop()
	s.start()
	if words := text(from(t, "127.0.0.1").page(post)); !strings.Contains(words, "Over the night.") {
		t.Errorf("%s says %q after a restart", post, words)
	}
	if info, err := os.Stat(s.data); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the data directory is open to others: %v, %v", info, err)
	}
}
