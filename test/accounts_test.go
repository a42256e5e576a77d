package test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCommandsHelpWhoCannotSignIn(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.owner()
	s.command(ownerPassword+"\n", "user", "add", "reed", "--role", "author", "--password-stdin")
	s.refused("user", "add", "moss", "--role", "king", "--password-stdin")
	s.refused("user", "reset", "nobody")
	s.refused("user", "unlock", "nobody")

	wrong := url.Values{"username": {ownerName}, "password": {"not the right words"}}
	for i := range 10 {
		from(t, fmt.Sprintf("127.0.1.%d", i)).post(s.url+"/login", wrong)
	}
	right := url.Values{"username": {ownerName}, "password": {ownerPassword}}
	if a := from(t, "127.0.2.1").post(s.url+"/login", right); a.status != http.StatusTooManyRequests {
		t.Fatalf("after ten failures the eleventh is answered %d", a.status)
	}
	s.command("", "user", "unlock", ownerName)
	v := from(t, "127.0.2.2")
	v.login(s)

	link := s.command("", "user", "reset", ownerName)
	if !strings.HasPrefix(link, s.url+"/reset?token=") || strings.ContainsAny(link, " \n") {
		t.Fatalf("the link is %q", link)
	}
	fields := url.Values{"token": {strings.TrimPrefix(link, s.url+"/reset?token=")}, "password": {"quite other words now"}}
	w := from(t, "127.0.2.3")
	w.page(link)
	if a := w.post(s.url+"/reset", fields); a.status != http.StatusSeeOther {
		t.Fatalf("the new password is answered %d:\n%s", a.status, a.body)
	}
	w.page(s.url + "/desk/write")
	if a := from(t, "127.0.2.4").post(s.url+"/reset", fields); a.status != http.StatusForbidden {
		t.Errorf("the link opens again: %d", a.status)
	}

	list := strings.Split(s.command("", "user", "list"), "\n")
	if len(list) != 2 || !strings.HasPrefix(list[0], "wren  owner ") || !strings.Contains(list[0], "seen "+time.Now().UTC().Format(time.DateOnly)) || !strings.HasPrefix(list[1], "reed  author  never seen") {
		t.Errorf("the list is %q", list)
	}
	want := []string{
		"Too many authentication failures for wren from 127.0.2.1",
		"Accepted login for wren from 127.0.2.2",
		"Accepted login for wren (reset) from 127.0.2.3",
		"Authentication failure for - (reset) from 127.0.2.4",
	}
	eventually(t, 5*time.Second, "all lines are written", func() error {
		if got := authLines(t, s); len(got) < 4 || !slices.Equal(got[len(got)-4:], want) {
			return fmt.Errorf("the auth log holds %q, want %q at its end", got, want)
		}
		return nil
	})
}
