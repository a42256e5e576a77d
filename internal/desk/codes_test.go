package desk

import (
	"bytes"
	"context"
	"errors"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"hark/internal/posts"
)

const qrSize = qrEdge + 2*qrQuiet

// phone makes one-time codes.
type phone struct {
	h        *house
	secret   string
	recovery []string
}

// codeAt is the code that the phone shows some time from now.
func (p *phone) codeAt(later time.Duration) string {
	p.h.t.Helper()
	code, err := totp.GenerateCode(p.secret, p.h.clock.now().Add(later))
	if err != nil {
		p.h.t.Fatal(err)
	}
	return code
}

// code is a new code.
func (p *phone) code() string {
	p.h.clock.pass(time.Minute)
	return p.codeAt(0)
}

// switchOn goes through the pages that switch one-time codes on.
func (v *visitor) switchOn() *phone {
	v.h.t.Helper()
	v.post(codesPath, url.Values{"do": {"begin"}}).leadsTo(codesPath)
	a := v.get(codesPath).is(http.StatusOK)
	p := &phone{h: v.h, secret: strings.ReplaceAll(text(a.one("code.secret")), " ", "")}
	a = v.post(codesPath, url.Values{"do": {"confirm"}, "code": {p.code()}}).is(http.StatusOK).says(".banner", "One-time codes are on.")
	for _, n := range a.all(".spare code") {
		p.recovery = append(p.recovery, text(n))
	}
	if len(p.recovery) != 10 {
		v.h.t.Fatalf("%d recovery codes are shown, want 10", len(p.recovery))
	}
	return p
}

// half signs in by the password, up to the code.
func (v *visitor) half() *visitor {
	v.h.t.Helper()
	v.post("/login", credentials(ownerName, ownerPassword)).leadsTo("/login/code?next=%2Fdesk%2Fwrite")
	return v
}

func (v *visitor) sendCode(code string) *answer {
	v.h.t.Helper()
	return v.post("/login/code", url.Values{"login_code": {code}, "next": {"/desk/inbox"}})
}

func TestCodesAreSwitchedOnByTheFirstOne(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get(codesPath).is(http.StatusOK).says("main .tabs [aria-current]", "One-time codes").says("main .go", "Set up")
	v.get(codesPath + "/key.png").is(http.StatusNotFound)
	v.post(codesPath, url.Values{"do": {"begin"}}).leadsTo(codesPath)
	a := v.get(codesPath).is(http.StatusOK)
	secret := strings.ReplaceAll(text(a.one("code.secret")), " ", "")
	link, err := url.Parse(attr(a.one("main .text a"), "href"))
	if err != nil || link.Scheme != "otpauth" || link.Query().Get("secret") != secret || link.Query().Get("issuer") != "127.0.0.1" || link.Path != "/127.0.0.1:"+ownerName {
		t.Errorf("the link for an app is %v (%v)", link, err)
	}
	picture := v.get(attr(a.one("main img"), "src")).is(http.StatusOK)
	if img, err := png.Decode(strings.NewReader(picture.body)); err != nil || img.Bounds().Dx() != qrSize || img.Bounds().Dy() != qrSize {
		t.Errorf("the picture: %v", err)
	}
	if picture.header.Get("Content-Type") != "image/png" || picture.header.Get("Cache-Control") != "private, no-store" || len(picture.body) > 4<<10 {
		t.Errorf("the picture comes with %v and %d bytes", picture.header, len(picture.body))
	}
	v.post(codesPath, url.Values{"do": {"confirm"}, "code": {"000 00"}}).is(http.StatusUnprocessableEntity).says("#wrong-code", "not the current code")
	h.visitor().post("/login", credentials(ownerName, ownerPassword)).leadsTo("/desk/write")

	p := &phone{h: h, secret: secret}
	a = v.post(codesPath, url.Values{"do": {"confirm"}, "code": {p.code()}}).is(http.StatusOK)
	if shown := a.all(".spare code"); len(shown) != 10 {
		t.Errorf("%d recovery codes are shown", len(shown))
	}
	a = v.get(codesPath).is(http.StatusOK).says("#left", "10 of 10 recovery codes are left.")
	if len(a.all(".spare, code.secret, main img")) != 0 || strings.Contains(a.body, secret) {
		t.Error("secrets are shown again")
	}
	v.get(codesPath + "/key.png").is(http.StatusNotFound)
	v.post(codesPath, url.Values{"do": {"confirm"}, "code": {p.code()}}).is(http.StatusUnprocessableEntity)
	v.post(codesPath, url.Values{"do": {"begin"}}).leadsTo(codesPath)
	v.get(codesPath).says("#left", "10 of 10")
	v.post(codesPath, url.Values{"do": {"dance"}}).is(http.StatusBadRequest)
}

// A reader of QR codes needs this much of it: three corners, and white around.
func TestThePictureIsAWholeCode(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.post(codesPath, url.Values{"do": {"begin"}})
	img, err := png.Decode(bytes.NewReader([]byte(v.get(codesPath + "/key.png").is(http.StatusOK).body)))
	if err != nil {
		t.Fatal(err)
	}
	dark := func(x, y int) bool { r, _, _, _ := img.At(x, y).RGBA(); return r < 0x8000 }
	first := 0
	for ; first < qrSize/2 && !dark(first, first); first++ {
	}
	if first < qrQuiet || first > qrQuiet+30 {
		t.Fatalf("the first dark spot is at %d", first)
	}
	for i := range qrSize {
		if dark(i, 0) || dark(0, i) || dark(i, first-1) || dark(first-1, i) {
			t.Fatal("there is no white around it")
		}
	}
	last := qrSize - 1 - first
	if !dark(last, first) || !dark(first, last) {
		t.Errorf("the corners are not where they belong: %d to %d", first, last)
	}
}

func TestSigningInTakesPasswordAndCode(t *testing.T) {
	h := newHouse(t)
	p := h.owner().switchOn()
	v := h.visitor()
	v.get("/login/code").leadsTo("/login?next=%2Fdesk%2Fwrite")
	v.half()
	v.get("/desk/write").leadsTo("/login?next=%2Fdesk%2Fwrite")
	a := v.get("/login/code?next=/desk/inbox").is(http.StatusOK).says("main", "The password is right, "+ownerName)
	for _, next := range a.all(`[name="next"]`) {
		if got := attr(next, "value"); got != "/desk/inbox" {
			t.Errorf("a form leads to %q", got)
		}
	}
	a = v.sendCode("000000").is(http.StatusUnauthorized).says("[role=alert]", "not the current code")
	if len(a.header["Set-Cookie"]) != 0 {
		t.Errorf("a refused code sets %q", a.header["Set-Cookie"])
	}
	v.sendCode(p.code()).leadsTo("/desk/inbox")
	v.get("/desk/write").is(http.StatusOK)
	v.get("/login/code?next=//evil.example").leadsTo("/desk/write")
	h.visitor().half().sendCode(p.recovery[0]).leadsTo("/desk/inbox")
	v.get(codesPath).says("#left", "9 of 10 recovery codes are left.")
}

func TestTheCookieOfAPendingLoginIsAsStrictAsTheSessions(t *testing.T) {
	for _, c := range []struct {
		public, name string
		secure       bool
	}{{"https://tidewrack.example", "__Host-hark-pending", true}, {"http://tidewrack.example", "hark-pending", false}} {
		h := newHouse(t, c.public)
		h.owner()
		u := h.user()
		if err := h.gate.NewKey(context.Background(), u.ID); err != nil {
			t.Fatal(err)
		}
		key, err := h.gate.Key(context.Background(), u, "x")
		if err != nil {
			t.Fatal(err)
		}
		p := &phone{h: h, secret: key.Secret()}
		if _, err := h.gate.ConfirmCodes(context.Background(), u.ID, p.codeAt(0)); err != nil {
			t.Fatal(err)
		}
		a := h.visitor().do(h.request(http.MethodPost, "/login", credentials(ownerName, ownerPassword))).is(http.StatusSeeOther)
		cookies := (&http.Response{Header: a.header}).Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%s: got cookies %q, want that of a pending login alone", c.public, a.header["Set-Cookie"])
		}
		cookie := cookies[0]
		if cookie.Name != c.name || !cookie.HttpOnly || cookie.Secure != c.secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Domain != "" ||
			cookie.MaxAge < 290 || cookie.MaxAge > 300 {
			t.Errorf("%s: cookie %s", c.public, cookie.Raw)
		}
	}
}

func TestALoginThatWaitedTooLongBeginsAgain(t *testing.T) {
	h := newHouse(t)
	p := h.owner().switchOn()
	v := h.visitor().half()
	h.clock.pass(5 * time.Minute)
	v.get("/login/code?next=/desk/inbox").leadsTo("/login?next=%2Fdesk%2Finbox")
	a := v.sendCode(p.code()).is(http.StatusUnauthorized).says("[role=alert]", "took longer than five minutes")
	if got := a.value("next"); got != "/desk/inbox" || attr(a.one("form"), "action") != "/login" {
		t.Errorf("it goes on at %q, to %q", attr(a.one("form"), "action"), got)
	}
}

func TestAPendingLoginServesOnce(t *testing.T) {
	h := newHouse(t)
	p := h.owner().switchOn()
	v := h.visitor().half()
	u, _ := url.Parse(h.URL)
	cookies := v.Jar.Cookies(u)
	v.sendCode(p.code()).leadsTo("/desk/inbox")
	for _, c := range v.Jar.Cookies(u) {
		if c.Name == "hark-pending" {
			t.Error("the browser keeps the pending login")
		}
	}
	thief := h.visitor()
	thief.Jar.SetCookies(u, cookies)
	thief.get("/login/code").leadsTo("/login?next=%2Fdesk%2Fwrite")
	thief.sendCode(p.code()).is(http.StatusUnauthorized)
	thief.get("/desk/write").is(http.StatusSeeOther)
}

func TestTooManyCodesAreToldHowLongToWait(t *testing.T) {
	h := newHouse(t)
	p := h.owner().switchOn()
	v := h.visitor().half()
	for range 5 {
		v.sendCode("000000").is(http.StatusUnauthorized)
	}
	a := v.sendCode(p.codeAt(0)).is(http.StatusTooManyRequests).says("[role=alert]", "too many tries")
	if a.header.Get("Retry-After") == "" {
		t.Error("there is no Retry-After")
	}
	v.sendCode(p.code()).leadsTo("/desk/inbox")
}

func TestWordsWrittenWhileTheSessionEndedOutliveTheCodeToo(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p := v.switchOn()
	fields := v.editor("/desk/write")
	h.clock.pass(monthLater)
	words := "\nFirst line\n\n  second \"line\" <b>&amp;</b> </textarea>"
	fields.Set("text", words)
	fields.Set("title", "Long thought about")
	fields.Set("do", "publish")
	carried := v.post("/desk/write", fields).is(http.StatusUnauthorized).fields("form")
	carried.Set("username", ownerName)
	carried.Set("password", ownerPassword)
	a := v.post("/desk/write", carried).is(http.StatusUnauthorized).says("h1", "One more thing")
	if strings.Contains(a.body, ownerPassword) || len(a.all("[role=alert]")) != 0 {
		t.Error("the password stands in the page, or it complains")
	}
	code := a.fields("form:not(details form)")
	if attr(a.all("form")[0], "action") != "/desk/write" {
		t.Errorf("the form goes to %q", attr(a.all("form")[0], "action"))
	}
	code.Set("login_code", "000000")
	a = v.post("/desk/write", code).is(http.StatusUnauthorized).says("[role=alert]", "not the current code")
	code = a.fields("form:not(details form)")
	code.Set("login_code", p.code())
	v.post("/desk/write", code).leadsTo("/2026/long-thought-about")
	if got, err := h.posts.ByPath(context.Background(), "/2026/long-thought-about"); err != nil || got.Content != words {
		t.Fatalf("kept is %+v (%v), want %q", got, err, words)
	}
	if n, err := h.posts.Count(context.Background(), posts.Published); err != nil || n != 1 {
		t.Errorf("%d posts are published (%v)", n, err)
	}

	fields.Set("title", "Again")
	h.clock.pass(monthLater)
	carried = v.post("/desk/write", fields).is(http.StatusUnauthorized).fields("form")
	carried.Set("username", ownerName)
	carried.Set("password", ownerPassword)
	code = v.post("/desk/write", carried).fields("form:not(details form)")
	h.clock.pass(time.Hour) // the phone was in another room
	code.Set("login_code", p.code())
	a = v.post("/desk/write", code).is(http.StatusUnauthorized).says("[role=alert]", "from the beginning")
	if a.value("title") != "Again" || attr(a.one("form"), "action") != "/desk/write" {
		t.Error("the words are lost")
	}
}

func TestRecoveryCodesRunOut(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p := v.switchOn()
	for i, code := range p.recovery[:7] {
		h.visitor().half().sendCode(strings.ToUpper(code)).leadsTo("/desk/inbox")
		few := len(v.get(codesPath).is(http.StatusOK).all("#left .bad")) > 0
		if want := 9-i <= 3; few != want {
			t.Errorf("with %d left a hint is %v, want %v", 9-i, few, want)
		}
	}
	v.get(codesPath).says("#left", "Only 3 of 10 recovery codes are left")
	v.post(codesPath, url.Values{"do": {"renew"}, "proof": {"not the right words"}}).is(http.StatusUnauthorized).says("#wrong-proof", "neither")
	a := v.post(codesPath, url.Values{"do": {"renew"}, "proof": {p.code()}}).is(http.StatusOK)
	if len(a.all(".spare code")) != 10 {
		t.Error("there are no new ones")
	}
	v.get(codesPath).says("#left", "10 of 10")
	h.visitor().half().sendCode(p.recovery[8]).is(http.StatusUnauthorized)
}

func TestCodesAreSwitchedOffByProofAlone(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p := v.switchOn()
	for _, proof := range []string{"", "not the right words", "000000", p.recovery[0]} {
		a := v.post(codesPath, url.Values{"do": {"off"}, "proof": {proof}}).is(http.StatusUnauthorized)
		a.one("#wrong-proof")
		if proof != "" && strings.Contains(a.body, proof) {
			t.Errorf("%q stands in the page", proof)
		}
	}
	v.post(codesPath, url.Values{"do": {"off"}, "proof": {ownerPassword}}).leadsTo(codesPath)
	v.get(codesPath).says("main .go", "Set up")
	h.visitor().post("/login", credentials(ownerName, ownerPassword)).leadsTo("/desk/write")
}

func TestEveryLoginIsOneLineOfTheLog(t *testing.T) {
	h := newHouse(t)
	p := h.owner().switchOn()
	h.logged()
	v := h.visitor().half()
	v.sendCode("000000").is(http.StatusUnauthorized)
	v.sendCode("0000-0000-0000-0000").is(http.StatusUnauthorized)
	v.sendCode(p.code())
	h.visitor().half().sendCode(p.recovery[0])
	want := []string{
		"Authentication failure for wren (second-factor) from 127.0.0.1",
		"Authentication failure for wren (recovery-code) from 127.0.0.1",
		"Accepted login for wren from 127.0.0.1",
		"Accepted login for wren (recovery-code) from 127.0.0.1",
	}
	if got := h.logged(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the auth log has %q, want %q", got, want)
	}
}

// logged are the messages in the auth log since they were read last.
func (h *house) logged() (messages []string) {
	h.t.Helper()
	if err := h.alog.Reopen(); err != nil { // waits for the lines before it
		h.t.Fatal(err)
	}
	lines, err := os.ReadFile(h.authLog)
	if err := errors.Join(err, os.Truncate(h.authLog, 0)); err != nil {
		h.t.Fatal(err)
	}
	for line := range strings.Lines(string(lines)) {
		_, message, _ := strings.Cut(strings.TrimSpace(line), "]: ")
		messages = append(messages, message)
	}
	return messages
}
