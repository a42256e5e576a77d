package test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
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

func codeOf(t testing.TB, secret string, later time.Duration) string {
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
	t.Parallel()
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

// withAuthenticator gives the browser a device that keeps passkeys and knows its
// person.
func (b *browser) withAuthenticator() {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, tab, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
			Options: &webauthn.VirtualAuthenticatorOptions{
				Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
				HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
			},
		})
		return err
	}))
}

// atAName is a hark at a name, which passkeys need.
func atAName(t *testing.T) *site {
	t.Helper()
	address := freeAddress(t, "127.0.0.1")
	_, port, _ := strings.Cut(address, ":")
	s := newSite(t, "HARK_ADDR="+address, "HARK_URL=http://localhost:"+port)
	s.url = "http://localhost:" + port
	s.start()
	return s
}

const byPasskey = "button[data-begin='/login/passkey']"

func TestAPasskeyOpensTheDeskUntilItIsRemoved(t *testing.T) {
	t.Parallel()
	s := atAName(t)
	s.owner()
	b := newBrowser(t)
	b.withAuthenticator()
	leave := func() { b.press(".deskbar form[action='/logout'] button") }

	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/account/passkeys")
	b.press("main a[href='/desk/account/passkeys/new']")
	b.fill("#name", "The phone")
	b.press("button[data-begin]")
	if added := b.text("main .shelf"); !strings.Contains(b.location(), "?added") || !strings.Contains(added, "never used") {
		t.Fatalf("adding a passkey leads to %s, which says %q", b.location(), b.words())
	}
	b.press("main a[href='/desk/account/passkeys/new']")
	b.do(chromedp.Click(chromedp.CSS("button[data-begin]"), chromedp.NodeVisible))
	b.becomes("#passkey-said", "has a passkey for this site already")

	leave()
	b.visit(s.url + "/login?next=/desk/account/passkeys")
	b.press(byPasskey)
	if used := b.text("main .shelf"); !strings.HasSuffix(b.location(), "/desk/account/passkeys") || !strings.Contains(used, "used a moment ago") {
		t.Fatalf("signing in leads to %s, which says %q", b.location(), b.words())
	}
	b.stayedAt(s)
	b.press("button[value=remove]")
	if !strings.Contains(b.location(), "?removed") || b.text("main .shelf") != "" {
		t.Errorf("removing it leads to %s, which says %q", b.location(), b.words())
	}

	leave()
	b.visit(s.url + "/login")
	if status := b.press(byPasskey); status != http.StatusUnauthorized {
		t.Errorf("a removed passkey is answered %d, want 401", status)
	}
	b.becomes("[role=alert]", "opens nothing here")
	want := []string{
		"Accepted login for wren from 127.0.0.1",
		"User logged out wren from 127.0.0.1",
		"Accepted login for wren (passkey) from 127.0.0.1",
		"User logged out wren from 127.0.0.1",
		"Authentication failure for - (passkey) from 127.0.0.1",
	}
	eventually(t, 5*time.Second, "all lines are written", func() error {
		if got := authLines(t, s); !slices.Equal(got, want) {
			return fmt.Errorf("the auth log holds %q, want %q", got, want)
		}
		return nil
	})
}

func TestAPasskeyAsksForNoCodeAndFinishesWhatWasBegun(t *testing.T) {
	t.Parallel()
	s := atAName(t)
	s.owner()
	b := newBrowser(t)
	b.withAuthenticator()
	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/account/passkeys/new")
	b.press("button[data-begin]")
	withCodes(t, s)

	b.visit(s.url + "/desk/write")
	b.fill("textarea[name=text]", "Written while the session ended.")
	s.command(ownerPassword+"\n", "user", "passwd", ownerName, "--password-stdin")
	if status := b.press("button[name=do][value=publish]"); status != http.StatusUnauthorized {
		t.Fatalf("without a session publishing is answered %d", status)
	}
	b.press(byPasskey)
	if !strings.Contains(b.words(), "Written while the session ended.") || !strings.HasPrefix(strings.TrimPrefix(b.location(), s.url), "/20") {
		t.Errorf("it leads to %s, which says %q", b.location(), b.words())
	}
}

func TestWithoutScriptsTheLoginPageIsAsBefore(t *testing.T) {
	t.Parallel()
	s := atAName(t)
	s.owner()
	b := newBrowser(t)
	b.withoutScripts()
	b.signIn(s, ownerName, "not the right words")
	if strings.Contains(b.words(), "passkey") {
		t.Errorf("the page says %q", b.words())
	}
	b.signIn(s, ownerName, ownerPassword)
	b.visit(s.url + "/desk/account/passkeys/new")
	if words := b.words(); !strings.Contains(words, "runs no scripts") || strings.Contains(words, "Make it") {
		t.Errorf("the page says %q", words)
	}
}
