package desk

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hark/internal/authlog"
	"hark/internal/guard"
	"hark/internal/mentions"
	"hark/internal/settings"
)

func (h *house) banned(address string) bool {
	return h.bans.Banned(netip.MustParseAddr(address))
}

// budgetForm is what the form of the budgets sends when nothing was changed.
func budgetForm(a *answer) url.Values {
	fields := a.fields(`form[action="/desk/defence/budgets"]`)
	fields.Del("do")
	return fields
}

func TestTheDefenceIsForTheOwnerAlone(t *testing.T) {
	h := newHouse(t)
	h.owner()
	h.authlog.Failure("wren", authlog.Password, netip.MustParseAddr("203.0.113.77"))
	stranger := h.visitor()
	a := stranger.get("/desk/defence").leadsTo("/login?next=%2Fdesk%2Fdefence")
	if strings.Contains(a.body, "203.0.113.77") {
		t.Error("a stranger sees the log")
	}
	for path, fields := range map[string]url.Values{
		"/desk/defence/bans":    {"do": {"ban"}, "address": {"203.0.113.5"}, "for": {"1h"}},
		"/desk/defence/budgets": {"do": {"defaults"}, "spared": {"203.0.113.5"}},
	} {
		if a := stranger.post(path, fields); a.status == http.StatusOK || len(a.all(`input[name="password"]`)) != 1 {
			t.Errorf("%s is answered %d to a stranger", path, a.status)
		}
	}
	if h.banned("203.0.113.5") {
		t.Error("a stranger has banned somebody")
	}
}

func TestEveryReasonHasWordsAndAColour(t *testing.T) {
	for _, reason := range authlog.Reasons() {
		words, known := reasons[reason]
		if !known || words.name == "" || !strings.HasSuffix(words.say, ".") || words.group >= len(groups) {
			t.Errorf("%s has %+v", reason, words)
		}
		if uncounted := groups[words.group].class == "f-rate"; uncounted == reason.Counted() || uncounted != strings.Contains(words.say, "Not counted against") {
			t.Errorf("%s: whether it counts against the sender is told wrongly", reason)
		}
	}
	if len(reasons) != len(authlog.Reasons()) {
		t.Errorf("there are words for %d reasons, want %d", len(reasons), len(authlog.Reasons()))
	}
}

func TestWhatWasTurnedAwayIsDrawnAndTold(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get("/desk/defence").is(http.StatusOK).says("#t + p", "Nobody was refused.")
	from := netip.MustParseAddr("203.0.113.77")
	for range 30 {
		h.guard.RefusedSource(authlog.Webmention, authlog.NoLink, from, "spam.example")
	}
	for _, reason := range authlog.Reasons() {
		h.guard.Refused(authlog.Pingback, reason, from)
	}
	h.guard.Settled(authlog.Webmention, guard.Shown)
	h.guard.Settled(authlog.Webmention, guard.Shown)
	h.guard.Settled(authlog.Webmention, guard.Held)
	h.guard.Settled(authlog.Webmention, guard.Spam)
	h.authlog.Invalid("<b>root</b>", authlog.Password, netip.MustParseAddr("192.0.2.14"))
	for _, span := range []string{"", "?span=hour", "?span=day", "?span=week", "?span=%00<"} {
		a := v.get("/desk/defence" + span).is(http.StatusOK)
		a.says(`svg:not(.logins) title`, "2 shown, 1 held, 42 refused")
		tally := text(a.one(".tally tbody"))
		for _, want := range []string{"Shown2", "Held1", "Spam1", "No link31", "Malformed1", "Own page1"} {
			if !strings.Contains(tally, want) {
				t.Errorf("%s: the tally is %q, want %q", span, tally, want)
			}
		}
		if got := len(a.all(".tally tbody tr")); got != 3+len(authlog.Reasons()) {
			t.Errorf("%d rows in the tally", got)
		}
		if n := len(a.all("details tbody tr")); n != len(spanSteps(span)) {
			t.Errorf("%s: %d rows of numbers", span, n)
		}
		a.says(`section[aria-labelledby="t"] tbody`, "203.0.113.7741no link")
		a.says(`section[aria-labelledby="h"] tbody`, "spam.example30no link")
		a.says("section > pre", "Invalid user %3Cb%3Eroot%3C/b%3E from 192.0.2.14")
		if strings.Contains(a.body, "style=") || strings.Contains(a.body, "<script") {
			t.Error("there is a style or a script in the page")
		}
	}
}

func spanSteps(query string) []step {
	u, _ := url.ParseQuery(strings.TrimPrefix(query, "?"))
	return make([]step, spanned(u.Get("span")).steps)
}

func TestAChartStaysWithinItsBounds(t *testing.T) {
	for _, s := range spans {
		steps := s.sort([]guard.Sum{
			{Stretch: 0, Event: guard.Event{Door: "pingback", Outcome: guard.Refused, Reason: "malformed"}, N: 1_000_000_007},
			{Stretch: 1, Event: guard.Event{Door: "pingback", Outcome: guard.Refused, Reason: "a reason of a later version"}, N: 1},
			{Stretch: 2, Event: guard.Event{Door: "webmention", Outcome: guard.Shown}, N: 1},
			{Stretch: s.steps - 1, Event: guard.Event{Door: guard.Logins, Outcome: "accepted"}, N: 1},
			{Stretch: s.steps - 1, Event: guard.Event{Door: guard.Logins, Outcome: "failed"}, N: 12},
			{Stretch: s.steps, Event: guard.Event{Door: "webmention", Outcome: guard.Shown}, N: 5},
			{Stretch: -1, Event: guard.Event{Door: "webmention", Outcome: guard.Shown}, N: 5},
		}, s.begin(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)), nil)
		for high, c := range map[float64]chart{pingsHigh: pingsChart(s, steps), loginsHigh: loginsChart(s, steps)} {
			if len(c.Bars) == 0 || len(c.Clock) != 5 {
				t.Errorf("%s: %+v", s.Word, c)
			}
			for _, b := range c.Bars {
				for _, r := range b.Rects {
					var x, y, w, h float64
					fmt.Sscan(r.X+" "+r.Y+" "+r.W+" "+r.H, &x, &y, &w, &h)
					if x < 0 || x+w > chartWidth || y < 0 || y+h > high+.1 || w <= 0 || h <= 0 {
						t.Errorf("%s: %s is at %+v", s.Word, b.Title, r)
					}
				}
			}
		}
	}
	monday := spans[2].begin(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	if monday.Weekday() != time.Monday || monday.Hour() != 0 {
		t.Errorf("weeks begin on %s", monday)
	}
	for n, want := range map[uint64]uint64{0: 4, 4: 4, 5: 6, 13: 20, 21: 40, 770: 800, 81: 120} {
		if got := scale(n); got != want {
			t.Errorf("the scale for %d ends at %d, want %d", n, got, want)
		}
	}
}

func TestABanIsMadeAndTakenBack(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.post("/desk/defence/bans", url.Values{"do": {"ban"}, "address": {" 203.0.113.5 "}, "for": {"24h"}, "why": {"rude"}}).leadsTo("/desk/defence?banned=203.0.113.5")
	if !h.banned("203.0.113.5") {
		t.Fatal("it is not banned")
	}
	a := v.get("/desk/defence?banned=203.0.113.5").says(".done", "203.0.113.5 is banned.")
	a.says(`section[aria-labelledby="b"] tbody`, "203.0.113.5wrenends in 24 hoursrude")

	h.clock.pass(2 * time.Hour)
	undo := a.fields(".done form")
	undo.Set("do", "lift")
	lifted := v.post("/desk/defence/bans", undo).is(http.StatusSeeOther)
	if h.banned("203.0.113.5") {
		t.Error("it is banned after Undo")
	}
	a = v.get(lifted.header.Get("Location")).says(".done", "203.0.113.5 is let in again.")
	again := a.fields(".done form")
	again.Set("do", "ban")
	v.post("/desk/defence/bans", again).is(http.StatusSeeOther)
	v.get("/desk/defence").says(`section[aria-labelledby="b"] tbody`, "203.0.113.5wrenends in 22 hoursrude")

	for _, c := range []struct{ address, says string }{
		{"127.0.0.1", "You are there yourself"}, {"example.org", "is no address"}, {"0.0.0.0/0", "You are there yourself"}, {"::/0", "too much to ban"}, {"", "is no address"}, {`"><script>`, "is no address"},
	} {
		a := v.post("/desk/defence/bans", url.Values{"do": {"ban"}, "address": {c.address}, "for": {"0"}, "why": {"because"}}).is(http.StatusUnprocessableEntity)
		a.says("#wrong-ban", c.says)
		if a.value("why") != "because" || attr(a.one("#ban"), "value") != c.address {
			t.Errorf("%q: what was typed is lost", c.address)
		}
	}
	for _, fields := range []url.Values{{}, {"do": {"dance"}}, {"do": {"ban"}, "address": {"203.0.113.9"}, "for": {"-1h"}}, {"do": {"lift"}, "address": {"x"}}} {
		v.post("/desk/defence/bans", fields).is(http.StatusBadRequest)
	}
}

func TestABusyAddressIsBannedAndABusyHostBlockedByAButton(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.guard.RefusedSource(authlog.Webmention, authlog.NoLink, netip.MustParseAddr("2001:db8::5"), "spam.example")
	a := v.get("/desk/defence").is(http.StatusOK)
	fields := a.fields(`section[aria-labelledby="t"] form`)
	fields.Set("do", "ban")
	v.post("/desk/defence/bans", fields).is(http.StatusSeeOther)
	if !h.banned("2001:db8::77") {
		t.Error("the /64 is not banned")
	}
	v.post("/desk/inbox/rules", a.fields(`section[aria-labelledby="h"] form`)).is(http.StatusSeeOther)
	rules, err := h.inbox.Rules(t.Context())
	if err != nil || len(rules) != 1 || rules[0].Value != "spam.example" || rules[0].Stance != mentions.Block {
		t.Errorf("the rules are %+v, %v", rules, err)
	}
	v.get("/desk/defence").says(`section[aria-labelledby="t"] tbody`, "no linkbanned")
}

func TestManyBansStayReadable(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for i := range bansShown + 7 {
		b := guard.Ban{Network: netip.MustParsePrefix(fmt.Sprintf("203.0.113.%d/32", i)), By: "fail2ban-hark-auth", Until: h.clock.now().Add(time.Hour)}
		if i < 2 {
			b.Until = h.clock.now().Add(time.Second)
		}
		if err := h.bans.Add(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	h.clock.pass(time.Minute)
	a := v.get("/desk/defence").is(http.StatusOK).says(`section[aria-labelledby="b"]`, "5 more are banned").says(`section[aria-labelledby="b"]`, "2 bans have ended")
	if n := len(a.all(`section[aria-labelledby="b"] tbody tr`)); n != bansShown {
		t.Errorf("%d are shown, want %d", n, bansShown)
	}
	a.says(`section[aria-labelledby="b"] tbody tr:first-child`, "fail2ban (hark-auth)")
}

func TestTheBudgetsAreChangedAndHoldAtOnce(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	a := v.get("/desk/defence").is(http.StatusOK)
	fields := budgetForm(a)
	if len(fields) != 13 || fields.Get("address_burst") != "60" || fields.Get("total_minute") != "10000" {
		t.Fatalf("the form has %v", fields)
	}
	fields.Set("address_burst", "3")
	fields.Set("spared", "203.0.113.5")
	v.post("/desk/defence/budgets", fields).leadsTo("/desk/defence?saved#budgets")
	in := 0
	for range 100 {
		if _, ok := h.guard.Knock(netip.MustParseAddr("203.0.113.9"), false); ok {
			in++
		}
	}
	if in != 3 {
		t.Errorf("%d are let in, want 3", in)
	}
	v.get("/desk/defence?saved").says(".banner", "Saved").says(".budgets tbody tr:first-child", "3 by 203.0.113.9; one has none left")
	v.post("/desk/defence/bans", url.Values{"do": {"ban"}, "address": {"203.0.113.5"}, "for": {"0"}}).is(http.StatusUnprocessableEntity).says("#wrong-ban", "never banned")

	for field, c := range map[string][2]string{
		"address": {"address_burst", "many"}, "network": {"network_minute", "0"}, "total": {"total_burst", "5"}, "spared": {"spared", "example.org"},
	} {
		typed := budgetForm(v.get("/desk/defence"))
		typed.Set(c[0], c[1])
		a := v.post("/desk/defence/budgets", typed).is(http.StatusUnprocessableEntity)
		a.one("#wrong-" + field)
		if a.value(c[0]) != c[1] && a.value(c[0]) != "\n"+c[1] {
			t.Errorf("%s: what was typed is lost: %q", field, a.value(c[0]))
		}
	}

	fields.Set("do", "defaults")
	v.post("/desk/defence/budgets", fields).leadsTo("/desk/defence?saved#budgets")
	chosen, err := h.settings.Defence(t.Context())
	want := settings.DefaultDefence
	want.Spared = "203.0.113.5"
	if err != nil || chosen != want || h.guard.Budgets().Address != guard.DefaultBudgets().Address {
		t.Errorf("got %+v, %v", chosen, err)
	}
}

func TestTheDefenceTellsOfAStormAndOfItsEnd(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	if n := len(v.get("/desk/defence").all(".banner")); n != 0 {
		t.Error("it tells of a storm before there is one")
	}
	for i := range guard.DefaultBudgets().Junk.Burst + 1 {
		h.guard.Refused(authlog.Pingback, authlog.Malformed, netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}))
	}
	v.get("/desk/defence").says(".banner", "A storm of false pingbacks began a moment ago.")
	h.clock.pass(5 * time.Minute)
	v.get("/desk/defence").says(".banner", "The storm has passed. It began 5 minutes ago and ended a moment ago.")
	h.clock.pass(25 * time.Hour)
	if n := len(v.get("/desk/defence").all(".banner")); n != 0 {
		t.Error("it tells of a storm a day later")
	}
}

func TestTheDefenceTellsWhereFail2banFindsTheLines(t *testing.T) {
	h := newHouse(t)
	h.owner().get("/desk/defence").says(`section[aria-labelledby="r"] .lead`, "its jails name that file")
	for where, want := range map[string]string{
		"auto": "system’s log", "syslog": "system’s log", "syslog:/run/log": "system’s log", "stderr": "standard error",
		"syslog+udp://log.example:514": "(log.example:514)", "file:/var/log/hark.log": "/var/log/hark.log",
	} {
		if got := destination(where); !strings.Contains(got, want) || !regexp.MustCompile(`fail2ban .*\.$`).MatchString(got) {
			t.Errorf("%s: %q", where, got)
		}
	}
}

func TestTheDefenceIsThereWhenTheDiskIsFull(t *testing.T) {
	h := newHouse(t)
	if h.db.Postgres() {
		t.Skip("only SQLite can be filled by a test")
	}
	v := h.owner()
	h.guard.Refused(authlog.Pingback, authlog.Malformed, netip.MustParseAddr("203.0.113.77"))
	fields := budgetForm(v.get("/desk/defence"))
	h.fill()
	fields.Set("spared", strings.Repeat("203.0.113.5\n", 900))
	v.get("/desk/defence").is(http.StatusOK)
	v.post("/desk/defence/budgets", fields).is(http.StatusInsufficientStorage).says(".wrong", "The disk is full")
}

func BenchmarkDefence(b *testing.B) {
	h := newHouse(b)
	v := h.owner()
	for i := range 26 * 7 * 24 {
		for _, reason := range authlog.Reasons() {
			h.guard.Refused(authlog.Pingback, reason, netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}))
		}
		h.clock.pass(time.Hour)
		if i%24 == 0 {
			if err := h.guard.Books().Write(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	}
	v = h.owner() // the session has ended meanwhile
	for _, s := range spans {
		b.Run(s.Word, func(b *testing.B) {
			for b.Loop() {
				v.get("/desk/defence?span=" + s.Word).is(http.StatusOK)
			}
		})
	}
}
