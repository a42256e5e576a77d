package test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

const codesPage = "/desk/account/codes"

// withCodes switches one-time codes on by the pages of the desk.
func withCodes(t *testing.T, s *site) (secret string) {
	t.Helper()
	v := from(t, "127.0.0.1")
	v.login(s)
	v.post(s.url+codesPage, url.Values{"do": {"begin"}})
	secret = strings.ReplaceAll(text(all(v.page(s.url+codesPage), "code.secret")[0]), " ", "")
	if a := v.post(s.url+codesPage, url.Values{"do": {"confirm"}, "code": {codeOf(t, secret, 0)}}); a.status != http.StatusOK || !strings.Contains(a.body, "One-time codes are on") {
		t.Fatalf("the first code is answered %d:\n%s", a.status, a.body)
	}
	return secret
}

func codeOf(t *testing.T, secret string, later time.Duration) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, time.Now().Add(later))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// authLines are the messages in the auth log of a site that writes it to a file.
func authLines(t *testing.T, s *site) (messages []string) {
	t.Helper()
	lines, err := os.ReadFile(strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(lines)) {
		_, message, _ := strings.Cut(strings.TrimSpace(line), "]: ")
		messages = append(messages, message)
	}
	return messages
}

func TestANewPasswordKeepsCodesOnAndACommandSwitchesThemOff(t *testing.T) {
	s := start(t)
	s.owner()
	secret := withCodes(t, s)
	s.command(ownerPassword+"\n", "user", "passwd", ownerName, "--password-stdin")

	v := from(t, "127.0.0.21")
	login := url.Values{"username": {ownerName}, "password": {ownerPassword}}
	if a := v.post(s.url+"/login", login); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/login/code") {
		t.Fatalf("the password alone is answered %d and leads to %q", a.status, a.header.Get("Location"))
	}
	if a := v.post(s.url+"/login/code", url.Values{"login_code": {"no code"}}); a.status != http.StatusUnauthorized {
		t.Errorf("a wrong code is answered %d", a.status)
	}
	// The next step's code, since the current one has been used.
	if a := v.post(s.url+"/login/code", url.Values{"login_code": {codeOf(t, secret, 30*time.Second)}}); a.status != http.StatusSeeOther {
		t.Errorf("the right code is answered %d:\n%s", a.status, a.body)
	}
	v.page(s.url + "/desk/write")

	if said := s.command("", "user", "codes", ownerName, "--off"); said != "" {
		t.Errorf("the command says %q", said)
	}
	from(t, "127.0.0.22").login(s)
	want := []string{
		"Accepted login for wren from 127.0.0.1",
		"Authentication failure for wren (recovery-code) from 127.0.0.21",
		"Accepted login for wren from 127.0.0.21",
		"Accepted login for wren from 127.0.0.22",
	}
	eventually(t, 5*time.Second, "all lines are written", func() error {
		if got := authLines(t, s); !slices.Equal(got, want) {
			return fmt.Errorf("the auth log holds %q, want %q", got, want)
		}
		return nil
	})
}
