package desk

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hark/internal/settings"
)

func (h *house) keptAnswers() settings.Answers {
	h.t.Helper()
	answers, err := h.settings.Answers(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return answers
}

func (h *house) keptLetters() settings.Letters {
	h.t.Helper()
	letters, err := h.settings.Letters(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return letters
}

func TestWhatIsChosenAboutAnswersIsKept(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.get("/desk/settings/answers").is(http.StatusOK).says("main .tabs [aria-current]", "Answers").fields("main form")
	if fields.Get("mode") != string(settings.HoldDoubtful) || fields.Get("bridges") != "brid.gy" {
		t.Errorf("the form comes with %v", fields)
	}
	want := settings.Answers{Mode: settings.HoldStrangers, Bridges: "brid.gy\nbridge.example", Suspects: "gauges.example", Aliases: "old.example", Akismet: "abc123"}
	for name, value := range map[string]string{
		"mode": string(want.Mode), "bridges": "brid.gy, https://bridge.example/", "suspects": string(want.Suspects), "aliases": string(want.Aliases), "akismet": want.Akismet,
	} {
		if !fields.Has(name) {
			t.Errorf("there is no field %s", name)
		}
		fields.Set(name, value)
	}
	a := v.follow(v.post("/desk/settings/answers", fields)).says(".banner", "Saved.")
	if got := h.keptAnswers(); got != want {
		t.Errorf("kept is %+v, want %+v", got, want)
	}
	if got := a.fields("main form"); got.Get("bridges") != string(want.Bridges) || got.Get("mode") != string(want.Mode) || got.Get("akismet") != want.Akismet {
		t.Errorf("the form holds %v", got)
	}
	for _, name := range []string{"bridges", "suspects", "aliases", "akismet"} {
		a.one("#" + name + "-hint")
	}
}

func TestWhatIsNoTextIsKeptAsText(t *testing.T) {
	const typed, want = "a\xff\xfeb\xed\xa0\x80c", "a\uFFFDb\uFFFDc"
	h := newHouse(t)
	v := h.owner()
	fields := v.get("/desk/settings").fields("main form")
	fields.Set("title", typed)
	v.follow(v.post("/desk/settings", fields)).says(".banner", "Saved.")
	site, err := h.settings.Site(context.Background())
	if err != nil || site.Title != want {
		t.Errorf("the title is %q, %v; want %q", site.Title, err, want)
	}
	fields = v.get("/desk/settings/look").fields("main form")
	fields.Set("footer", typed)
	v.send("/desk/settings/look", fields).is(http.StatusSeeOther)
	if got := h.keptLook().Footer; got != want {
		t.Errorf("the footer, which came in parts, is %q, want %q", got, want)
	}
}

// mistaken expects that a value comes back with a sentence, and all else as it
// was typed.
func (v *visitor) mistaken(path, field, bad string, typed url.Values) {
	v.h.t.Helper()
	fields := url.Values{}
	for name := range typed {
		fields.Set(name, typed.Get(name))
	}
	fields.Set(field, bad)
	a := v.post(path, fields).is(http.StatusUnprocessableEntity)
	a.one("#wrong-" + field)
	for _, n := range a.all(`[name="` + field + `"]`) {
		if got := attr(n, "aria-describedby"); !strings.Contains(got, "wrong-"+field) {
			v.h.t.Errorf("%s is described by %q, want its mistake", field, got)
		}
	}
	again := a.fields("main form")
	for name := range typed {
		if got := again.Get(name); got != fields.Get(name) && !choice(name, field) {
			v.h.t.Errorf("after a mistake in %s, %s holds %q, want %q", field, name, got, fields.Get(name))
		}
	}
}

// choice tells whether a field can hold none but its own values, so that a
// foreign one cannot come back.
func choice(name, bad string) bool {
	return name == bad && (name == "mode" || name == "letters" || name == "smtp_security")
}

func TestMistakesAboutAnswersStandBesideTheirFields(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	typed := url.Values{"mode": {"all"}, "bridges": {"\nbridge.example"}, "suspects": {"s.example"}, "aliases": {"a.example"}, "akismet": {"abc"}}
	for field, bad := range map[string]string{
		"mode": "dance", "bridges": "two words, but <b>", "suspects": "a.example <b>", "aliases": "http://user@a.example", "akismet": "no key &",
	} {
		v.mistaken("/desk/settings/answers", field, bad, typed)
	}
	if got := h.keptAnswers(); got != settings.DefaultAnswers {
		t.Errorf("kept is %+v", got)
	}
}

// someLetters is a form of letters that can be kept.
func someLetters() url.Values {
	return url.Values{
		"letters": {"daily"}, "letters_to": {"wren@tidewrack.example"}, "smtp_server": {"mail.tidewrack.example"}, "smtp_port": {"465"},
		"smtp_security": {"tls"}, "smtp_user": {"wren"}, "smtp_password": {"first secret"}, "smtp_from": {"hark@tidewrack.example"},
	}
}

func TestHowTheOwnerIsWrittenToIsKept(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.get("/desk/settings/letters").is(http.StatusOK).says("main .tabs [aria-current]", "Letters").fields("main form")
	if fields.Get("letters") != settings.Never || fields.Get("smtp_security") != "starttls" || fields.Get("smtp_port") != "587" {
		t.Errorf("the form comes with %v", fields)
	}
	for name, values := range someLetters() {
		if !fields.Has(name) {
			t.Errorf("there is no field %s", name)
		}
		fields[name] = values
	}
	a := v.follow(v.post("/desk/settings/letters", fields)).says(".banner", "Saved.")
	want := settings.Letters{Every: settings.Daily, To: "wren@tidewrack.example", Server: "mail.tidewrack.example", Port: "465", Security: "tls",
		User: "wren", Password: "first secret", From: "hark@tidewrack.example"}
	if got := h.keptLetters(); got != want {
		t.Errorf("kept is %+v, want %+v", got, want)
	}
	again := a.fields("main form")
	for name := range someLetters() {
		if got := again.Get(name); name != "smtp_password" && got != fields.Get(name) {
			t.Errorf("%s holds %q, want %q", name, got, fields.Get(name))
		}
	}
}

func TestAKeptPasswordNeverStandsInThePageAndStaysUntilForgotten(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get("/desk/settings/letters").says("#secret-hint", "None is kept yet")
	fields := someLetters()
	v.post("/desk/settings/letters", fields).is(http.StatusSeeOther)
	a := v.get("/desk/settings/letters").is(http.StatusOK).says("#secret-hint", "Left empty, it stays")
	if strings.Contains(a.body, "first secret") || a.value("smtp_password") != "" {
		t.Fatal("the password stands in the page")
	}
	fields = a.fields("main form")
	fields.Set("smtp_port", "none")
	if a := v.post("/desk/settings/letters", fields).is(http.StatusUnprocessableEntity); strings.Contains(a.body, "first secret") {
		t.Error("beside a mistake the password stands in the page")
	}
	fields.Set("smtp_port", "587")
	v.post("/desk/settings/letters", fields).is(http.StatusSeeOther)
	if got := h.keptLetters(); got.Password != "first secret" || got.Port != "587" {
		t.Errorf("an empty field leaves %+v", got)
	}
	fields.Set("smtp_password", " second secret ")
	v.post("/desk/settings/letters", fields).is(http.StatusSeeOther)
	if got := h.keptLetters().Password; got != " second secret " {
		t.Errorf("another one leaves %q", got)
	}
	fields.Set("smtp_password", "")
	fields.Set("forget", "1")
	v.post("/desk/settings/letters", fields).is(http.StatusSeeOther)
	if got := h.keptLetters().Password; got != "" {
		t.Errorf("forgotten, it is %q", got)
	}
}

func TestSecretsAreForTheOwnerAlone(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.post("/desk/settings/letters", someLetters()).is(http.StatusSeeOther)
	answers := settings.DefaultAnswers
	answers.Akismet = "abc123key"
	if err := h.settings.SaveAnswers(context.Background(), answers); err != nil {
		t.Fatal(err)
	}
	stranger := h.visitor()
	for _, path := range []string{"/desk/settings", "/desk/settings/answers", "/desk/settings/letters"} {
		for _, a := range []*answer{stranger.get(path), stranger.post(path, url.Values{"mode": {"all"}, "letters": {"never"}})} {
			for _, secret := range []string{"abc123key", "first secret", "mail.tidewrack.example", "wren@tidewrack.example"} {
				if strings.Contains(a.body, secret) {
					t.Errorf("%s tells a stranger %s", path, secret)
				}
			}
		}
	}
	for _, path := range []string{"/desk/settings", "/desk/settings/letters", "/desk/inbox", "/desk/inbox/rules"} {
		if strings.Contains(v.get(path).is(http.StatusOK).body, "abc123key") {
			t.Errorf("%s holds the key, where it is not asked for", path)
		}
	}
}

func TestMistakesAboutLettersStandBesideTheirFields(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for field, bad := range map[string]string{
		"letters": "often", "letters_to": "wren@a.example, all@b.example", "smtp_server": "https://mail.example", "smtp_port": "0", "smtp_security": "some", "smtp_from": "Wren <wren@a.example>",
	} {
		v.mistaken("/desk/settings/letters", field, bad, someLetters())
	}
	if got := h.keptLetters(); got != settings.DefaultLetters {
		t.Errorf("kept is %+v", got)
	}
}

func TestALetterCanBeTriedAtOnce(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := someLetters()
	fields.Set("letters", settings.Never)
	fields.Set("smtp_server", "")
	fields.Set("do", "try")
	a := v.post("/desk/settings/letters", fields).is(http.StatusUnprocessableEntity).says("[role=alert]", "Saved, but the letter did not go. A mail server and your address are needed first.")
	if strings.Contains(a.body, "first secret") {
		t.Error("the password, which is kept now, stands in the page")
	}
	if got := h.keptLetters(); got.Password != "first secret" || got.User != "wren" {
		t.Errorf("kept is %+v", got)
	}
}

// takesLetters is a mail server that takes every letter.
func takesLetters(t *testing.T) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go takeLetter(c)
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

func takeLetter(c net.Conn) {
	defer c.Close()
	lines := bufio.NewScanner(c)
	for answer := "220 mail"; ; {
		fmt.Fprintf(c, "%s\r\n", answer)
		if !lines.Scan() {
			return
		}
		switch answer = "250 yes"; strings.ToUpper(lines.Text()) {
		case "DATA":
			fmt.Fprint(c, "354 go on\r\n")
			for lines.Scan() && lines.Text() != "." {
			}
		case "QUIT":
			answer = "221 bye"
		}
	}
}

func TestALetterThatWentIsSaidSo(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := someLetters()
	fields.Set("smtp_server", "127.0.0.1")
	fields.Set("smtp_port", takesLetters(t))
	fields.Set("smtp_security", "none")
	fields.Set("smtp_user", "")
	fields.Set("smtp_password", "")
	fields.Set("do", "try")
	v.follow(v.post("/desk/settings/letters", fields)).says(".banner", "A letter has gone to wren@tidewrack.example")
	if got := h.keptLetters(); got.Server != "127.0.0.1" {
		t.Errorf("kept is %+v", got)
	}
}

func TestSettingsOfAnswersAndLettersOutliveASessionAndAFullDisk(t *testing.T) {
	for path, c := range map[string]struct{ field, value string }{
		"/desk/settings/answers": {"suspects", "gauges.example"},
		"/desk/settings/letters": {"smtp_server", "mail.example.org"},
	} {
		h := newHouse(t)
		v := h.owner()
		fields := v.get(path).fields("main form")
		fields.Set(c.field, c.value)
		h.clock.pass(monthLater)
		a := v.post(path, fields).is(http.StatusUnauthorized)
		carried := a.fields("form")
		carried.Set("username", ownerName)
		carried.Set("password", ownerPassword)
		v.post(attr(a.one("form"), "action"), carried).leadsTo(path + "?saved")
		if got := v.get(path).value(c.field); got != c.value {
			t.Errorf("%s: kept is %q", path, got)
		}
		if h.db.Postgres() {
			continue // whose disk is not ours to fill
		}
		long := strings.TrimSpace(strings.Repeat("a-long-name-of-a-host.example\n", 9000))
		if path == "/desk/settings/letters" {
			c.field, long = "smtp_password", strings.Repeat("secret", 9000)
		}
		fields = v.get(path).fields("main form")
		fields.Set(c.field, long)
		h.fill()
		a = v.post(path, fields).is(http.StatusInsufficientStorage).says("[role=alert]", "The disk is full")
		if got := a.value(c.field); strings.TrimSpace(got) != long {
			t.Errorf("%s: of %d bytes the form holds %d", path, len(long), len(got))
		}
	}
}

func TestAKeyThatAkismetDoesNotKnowIsNotKept(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	fields := v.get("/desk/settings/answers").is(http.StatusOK).fields("main form")
	fields.Set("akismet", "strange")
	v.post("/desk/settings/answers", fields).is(http.StatusUnprocessableEntity).says("#wrong-akismet", "Akismet does not know this key")
	if got, err := h.settings.Answers(context.Background()); err != nil || got != settings.DefaultAnswers {
		t.Errorf("kept is %+v (%v)", got, err)
	}
}

func TestOfTwoWhoChooseTheSecondIsToldAndTakesNothingAway(t *testing.T) {
	for path, field := range map[string]string{
		"/desk/settings": "about", "/desk/settings/look": "css", "/desk/settings/answers": "suspects", "/desk/settings/telling": "never",
	} {
		h := newHouse(t)
		v := h.owner()
		form := "main form"
		one, two := v.get(path).fields(form), v.get(path).fields(form)
		one.Set(field, "one.example {}")
		two.Set(field, "two.example {}")
		if path != "/desk/settings/look" {
			one.Set(field, " one.example ")
			two.Set(field, "two.example")
		}
		one.Set("do", "save")
		two.Set("do", "save")
		for range 2 { // as by a button that is pressed twice
			v.post(path, one).leadsTo(path + "?saved")
		}
		a := v.post(path, two).is(http.StatusConflict).says("[role=alert]", "saved elsewhere")
		if got := a.value(field); got != two.Get(field) {
			t.Errorf("%s: what was typed is %q now", path, got)
		}
		if got := v.get(path).value(field); strings.TrimSpace(got) != strings.TrimSpace(one.Get(field)) {
			t.Errorf("%s: kept is %q", path, got)
		}
		again := a.fields(form)
		again.Set("do", "save")
		v.post(path, again).leadsTo(path + "?saved")
		if got := v.get(path).value(field); got != two.Get(field) {
			t.Errorf("%s: sent again, kept is %q", path, got)
		}
	}
}

func TestAFormThatComesBackForAMistakeStillKnowsWhatItBeganWith(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	one, two := v.get("/desk/settings").fields("main form"), v.get("/desk/settings").fields("main form")
	one.Set("about", "A long story")
	v.post("/desk/settings", one).leadsTo("/desk/settings?saved")
	two.Set("zone", "Mars/Olympus")
	two = v.post("/desk/settings", two).is(http.StatusUnprocessableEntity).fields("main form")
	two.Set("zone", "Europe/Berlin")
	v.post("/desk/settings", two).is(http.StatusConflict)
}
