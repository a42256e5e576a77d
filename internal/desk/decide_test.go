package desk

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/mentions"
	"hark/internal/settings"
)

// undone presses the button of the line that says what was done.
func (v *visitor) undone(a *answer) *answer {
	v.h.t.Helper()
	return v.post("/desk/inbox/undo", a.fields(".done form"))
}

// follow loads the page that a form leads to.
func (v *visitor) follow(a *answer) *answer {
	v.h.t.Helper()
	return v.get(a.is(http.StatusSeeOther).header.Get("Location")).is(http.StatusOK)
}

func TestWhatIsTickedIsDecidedTogetherAndUndoneTogether(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p, held(5)...)
	a := v.get("/desk/inbox").is(http.StatusOK)
	if got := len(a.all(".held input[type=checkbox][form=bulk][name=id]")); got != 5 {
		t.Fatalf("%d can be ticked, want 5", got)
	}
	fields := a.fields("#bulk")
	fields["id"] = ids[:3]
	fields.Set("do", "spam")
	a = v.follow(v.post("/desk/inbox", fields)).says(".done [role=status]", "Marked as spam: 3 mentions.").says("main .tabs [aria-current]", "Held 2")
	h.all(ids[:3], mentions.Spam)
	h.all(ids[3:], mentions.Held)

	undo := a.fields(".done form")
	a = v.follow(v.undone(a)).says(".done [role=status]", "Undone: 3 mentions are as they were before.")
	h.all(ids, mentions.Held)
	if len(a.all(".done button")) != 0 {
		t.Error("undoing can be undone")
	}
	v.post("/desk/inbox/undo", undo).is(http.StatusConflict).says("[role=alert]", "cannot be undone any more").says("h1", "Inbox")
}

func TestUndoingComesTooLateAfterAMonth(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p, held(1)...)
	a := v.follow(v.post("/desk/inbox/"+ids[0], url.Values{"do": {"delete"}, "state": {"held"}}))
	fields := a.fields(".done form")
	h.clock.pass(31 * 24 * time.Hour)
	h.owner().post("/desk/inbox/undo", fields).is(http.StatusConflict).says("[role=alert]", "more than thirty days ago")
	h.all(ids, mentions.Removed)
}

func TestNothingChosenIsSaidAndNothingDone(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p, held(2)...)
	fields := v.get("/desk/inbox").fields("#bulk")
	fields.Set("do", "delete")
	v.post("/desk/inbox", fields).is(http.StatusUnprocessableEntity).says("[role=alert]", "None is chosen").says("main .tabs [aria-current]", "Held 2")
	fields.Set("do", "dance")
	v.post("/desk/inbox", fields).is(http.StatusBadRequest)
	h.all(ids, mentions.Held)
}

func TestFiveHundredHeldOnesAreListedInPagesAndDecidedAtOnce(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p, held(500)...)
	a := v.get("/desk/inbox").is(http.StatusOK).says("title", "Inbox (500)").says(".bulk", "All 50 on this page").says(".bulk", "All 500 that match")
	if got := len(a.all(".held")); got != inboxPageSize {
		t.Fatalf("the page holds %d, want %d", got, inboxPageSize)
	}
	a.says(".held:first-child .text", "Answer number 499.")
	second := v.get(attr(a.one(`main a[href*="after="]`), "href")).is(http.StatusOK).says(".held:first-child .text", "Answer number 449.")

	fields := second.fields("#bulk")
	fields["all"] = []string{"page"}
	fields.Set("do", "delete")
	v.follow(v.post("/desk/inbox", fields)).says(".done", "Deleted: 50 mentions.")
	h.all(ids[400:450], mentions.Removed)
	h.all(ids[450:], mentions.Held)

	fields = v.get("/desk/inbox").fields("#bulk")
	fields["all"] = []string{"match"}
	fields.Set("do", "show")
	a = v.follow(v.post("/desk/inbox", fields)).says(".done", "Shown: 450 mentions.").says("main", "Nothing waits for you")
	h.all(ids[:400], mentions.Shown)
	v.follow(v.undone(a)).says(".done", "Undone: 450 mentions").says("main .tabs [aria-current]", "Held 450")
}

func TestMoreThanCanBeDecidedAtOnceIsSaid(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	h.seed(p, held(mentions.MostAtOnce+2)...)
	a := v.get("/desk/inbox").is(http.StatusOK).says(".bulk", "The newest 1000 that match")
	fields := a.fields("#bulk")
	fields["all"] = []string{"match"}
	fields.Set("do", "spam")
	a = v.follow(v.post("/desk/inbox", fields)).says(".done", "Marked as spam: 1000 mentions. More match: choose all again")
	a.says("main .tabs [aria-current]", "Held 2")
	fields = url.Values{"do": {"spam"}, "all": {"match"}}
	v.follow(v.post("/desk/inbox", fields)).says(".done", "Marked as spam: 2 mentions.")
}

func TestASearchFindsByWordsKindWayAndHostAndIsKept(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p,
		seeded{author: "Corin Ashby", html: "<p>Two jars.</p>"},
		seeded{kind: "mention", via: mentions.Pingback, source: "https://www.gauges.example/best"},
		seeded{kind: "like", author: "Corin Ashby"},
		seeded{state: mentions.Shown, author: "Corin Ashby"})
	for query, want := range map[string]int{
		"q=JARS+corin": 1, "q=corin": 2, "kind=like": 1, "via=pingback": 1, "host=gauges.example": 1, "q=%25": 0,
		"kind=nonsense": 3, "via=nonsense": 3, "state=shown&q=corin": 1, "q=corin&kind=reply&via=webmention": 1, "host=ashby.example": 0,
	} {
		if got := len(v.get("/desk/inbox?" + query).is(http.StatusOK).all(".held")); got != want {
			t.Errorf("%s finds %d, want %d", query, got, want)
		}
	}
	a := v.get("/desk/inbox?q=corin&kind=reply").is(http.StatusOK).says(".found", "1 mention found")
	if form := a.fields(".seek"); form.Get("q") != "corin" || form.Get("kind") != "reply" || form.Get("via") != "" {
		t.Errorf("the form holds %v", form)
	}
	shown := a.all(`main .tabs a`)[1]
	v.get(attr(shown, "href")).is(http.StatusOK).says(".found", "1 mention found").says("main .tabs [aria-current]", "Shown")

	fields := v.get("/desk/inbox?q=corin").fields("#bulk")
	fields.Set("all", "match")
	fields.Set("do", "delete")
	v.post("/desk/inbox", fields).is(http.StatusSeeOther)
	if got, want := h.states(ids), []mentions.State{mentions.Removed, mentions.Held, mentions.Removed, mentions.Shown}; !slices.Equal(got, want) {
		t.Errorf("after deleting what was found they are %v, want %v", got, want)
	}

	host := v.get("/desk/inbox").one(`.held a[href*="host="]`)
	v.get(attr(host, "href")).is(http.StatusOK).says(".found", "1 mention found from gauges.example").says(".held", "Answer number 1")
}

func TestADecisionLeadsBackToTheSameListAndTheNextOne(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p, held(3)...)
	a := v.get("/desk/inbox?q=answer&kind=reply").is(http.StatusOK)
	fields := a.fields("#m-" + ids[1] + " form")
	fields.Set("do", "spam")
	location := v.post("/desk/inbox/"+ids[1], fields).is(http.StatusSeeOther).header.Get("Location")
	address, err := url.Parse(location)
	if err != nil || address.Path != "/desk/inbox" || address.Query().Get("q") != "answer" || address.Query().Get("kind") != "reply" || address.Query().Get("state") != "held" {
		t.Errorf("it leads to %s (%v)", location, err)
	}
	if want := "m-" + ids[0]; address.Fragment != want { // the newest stands first
		t.Errorf("it goes on with %q, want %q", address.Fragment, want)
	}
	a = v.get(location).is(http.StatusOK).says(".done", "Marked as spam: Reader 1 on blog1.example")
	if a.one("#" + address.Fragment); attr(a.one("#"+address.Fragment), "tabindex") != "-1" {
		t.Error("the next one cannot take the focus")
	}
	back := v.undone(a).is(http.StatusSeeOther).header.Get("Location")
	if !strings.HasSuffix(back, "#m-"+ids[1]) || !strings.Contains(back, "q=answer") {
		t.Errorf("the undoing leads to %s", back)
	}
	last := a.fields("#m-" + ids[0] + " form").Get("next")
	if last != ids[2] {
		t.Errorf("behind the last one it goes on with %q, want %q", last, ids[2])
	}
}

// texts are the words of elements.
func (a *answer) texts(selector string) (list []string) {
	for _, n := range a.all(selector) {
		list = append(list, text(n))
	}
	return list
}

func TestTheLikeliestDecisionStandsFirst(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	const anna = "https://anna.example/"
	cases := []struct {
		name string
		seeded
		want string
	}{
		{"much speaks for it", seeded{score: 400, signs: one("text", 400)}, "Show Spam Delete Block this host"},
		{"little speaks for it", seeded{score: -100, signs: one("list", -150)}, "Spam Show Delete Block this host"},
		{"the filter said it", seeded{score: -100, signs: one("filter", -400)}, "Spam Not spam Show Delete Block this host"},
		{"Akismet said it", seeded{score: 250, signs: one("akismet", -400)}, "Show Not spam Spam Delete Block this host"},
		{"the filter likes it", seeded{score: 400, signs: one("filter", 100)}, "Show Spam Delete Block this host"},
		{"it is spam", seeded{state: mentions.Spam}, "Not spam Show Delete Block this host"},
		{"it is shown", seeded{state: mentions.Shown, source: anna + "1", url: anna}, "Spam Delete Trust this author Block this host"},
		{"it is withdrawn", seeded{state: mentions.Withdrawn}, "Delete Show Block this host"},
		{"it is removed", seeded{state: mentions.Removed, source: anna + "2", url: anna}, "Show Block this host"},
		{"a bridge carries it", seeded{source: "https://brid.gy/x", url: anna}, "Show Spam Delete Trust this author"},
		{"it is our own", seeded{state: mentions.Shown, via: mentions.Own}, "Delete"},
	}
	var list []seeded
	for _, c := range cases {
		list = append(list, c.seeded)
	}
	ids := h.seed(p, list...)
	for n, c := range cases {
		a := v.get("/desk/inbox?state=" + string(h.state(ids[n]))).is(http.StatusOK)
		if got := strings.Join(a.texts("#m-"+ids[n]+" form button"), " "); got != c.want {
			t.Errorf("%s: the buttons are %q, want %q", c.name, got, c.want)
		}
	}
}

// one is a single sign as it is stored.
func one(name string, weight int) string {
	return fmt.Sprintf(`[{"name":%q,"words":"A sign.","weight":%d}]`, name, weight)
}

func TestNotSpamBringsOneBack(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	id := h.seed(p, seeded{state: mentions.Spam, score: -50, signs: `[{"name":"text","words":"x","weight":350},{"name":"filter","words":"y","weight":-400}]`})[0]
	v.follow(v.post("/desk/inbox/"+id, url.Values{"do": {"not"}, "state": {"spam"}})).says(".done", "No spam, and judged by all else: Reader 0 on blog0.example.")
	h.all([]string{id}, mentions.Shown)
}

func TestTrustingAnAuthorShowsWhatWaitsOfTheirsAndIsUndoneAsOne(t *testing.T) {
	h := newHouse(t)
	h.holdAll()
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	id, other := h.mentioned(p, reply)
	fields := v.get("/desk/inbox").fields(".held form")
	fields.Set("do", "trust")
	a := v.follow(v.post("/desk/inbox/"+id, fields)).says(".done", "Trusted. 1 mention was shown by it.")
	h.all([]string{id}, mentions.Shown)
	v.get("/desk/inbox/rules").is(http.StatusOK).says(".shelf li", "Trusted: the author at "+strings.TrimPrefix(other.URL, "http://"))
	v.follow(v.undone(a)).says(".done", "Undone: 1 mention")
	h.all([]string{id}, mentions.Held)
	v.get("/desk/inbox/rules").is(http.StatusOK).says("main", "There is none yet")
}

func TestBlockingAHostMovesAllOfItToSpam(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p, seeded{source: "https://gauges.example/a"}, seeded{source: "https://gauges.example/b", state: mentions.Shown}, seeded{})
	v.follow(v.post("/desk/inbox/"+ids[0], url.Values{"do": {"block"}, "state": {"held"}})).says(".done", "Blocked. 2 mentions were moved to spam by it.")
	h.all(ids[:2], mentions.Spam)
	h.all(ids[2:], mentions.Held)
	v.get("/desk/inbox?state=spam").is(http.StatusOK)
}

func TestWithNobodyToMakeARuleAboutNothingIsDone(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p, seeded{source: "https://brid.gy/one"}, seeded{})
	for _, do := range []string{"block", "trust", "block-author"} {
		v.post("/desk/inbox/"+ids[0], url.Values{"do": {do}, "state": {"held"}}).is(http.StatusUnprocessableEntity).says("[role=alert]", "nobody to make a rule about").says("main .tabs [aria-current]", "Held 2")
		v.post("/desk/inbox/"+ids[0], url.Values{"do": {do}}).is(http.StatusUnprocessableEntity).says("[role=alert]", "nobody to make a rule about").says("h1", "Reader 0 on")
	}
	h.all(ids, mentions.Held)
}

func TestAPageIsReadAgainWhenItsOwnerAsks(t *testing.T) {
	h := newHouse(t)
	h.holdAll()
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	words := "First words"
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, strings.NewReplacer("TARGET", h.URL+p.Path, "We had <b>the same</b> argument", words).Replace(reply))
	}))
	defer other.Close()
	id := h.receive(p, other)
	words = "Second words"
	a := v.get("/desk/inbox/" + id).is(http.StatusOK)
	if !slices.Contains(a.texts("#one button"), "Read the page again") {
		t.Errorf("the buttons are %q", a.texts("#one button"))
	}
	a = v.follow(v.post("/desk/inbox/"+id, url.Values{"do": {"again"}})).says(".done", "To be read again in a moment: Corin Ashby")
	if len(a.all(".done button")) != 0 {
		t.Error("a reading can be undone")
	}
	h.work()
	v.get("/desk/inbox/"+id).is(http.StatusOK).says(".answer .text", "Second words").says(".ledger", "to read the page again")
}

func TestAMentionShowsWhatSpokeForAndAgainstIt(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	id := h.seed(p, seeded{score: -50, asked: 3, author: "Corin Ashby", url: "https://ashby.example/", source: "https://ashby.example/x",
		signs: `[{"name":"links","words":"The page truly links to you.","weight":100},{"name":"list","words":"It stands in a list of <b>links</b>.","weight":-150}]`})[0]
	a := v.get("/desk/inbox/" + id).is(http.StatusOK)
	if got, want := a.texts("section table td, section table th"), []string{
		"Sign", "Weight", "The page truly links to you.", "+1.0", "It stands in a list of <b>links</b>.", "−1.5", "Together, of 2.0 needed", "−0.5",
	}; !slices.Equal(got, want) {
		t.Errorf("the table says %q, want %q", got, want)
	}
	a.says("section .hint", "Show it once, and Corin Ashby is known here").says(".lead", "sent 3 times more since you decided")
	buttons := strings.Join(a.texts("#one button"), ", ")
	if want := "Spam, Show, Delete, Trust this author, Block this author, Block this host, Read the page again"; buttons != want {
		t.Errorf("the buttons are %s, want %s", buttons, want)
	}
	for _, heading := range a.all("thead th") {
		if attr(heading, "scope") != "col" {
			t.Error("a heading of the table does not say of what")
		}
	}
}

func TestAFaceIsDrawnWhereThereIsOne(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	h.seed(p, seeded{face: "0123abcd"}, seeded{author: "Idris Vale"})
	a := v.get("/desk/inbox").is(http.StatusOK)
	face := a.one(".held img")
	for name, want := range map[string]string{"src": "/faces/0123abcd", "width": "40", "height": "40", "loading": "lazy", "class": "face"} {
		if got := attr(face, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !has(face, "alt") || attr(face, "alt") != "" {
		t.Error("a face says the name a second time")
	}
	a.says(".held span.face", "IV")
}

func TestLongWordsAreBriefInTheListAndWholeOnTheirPage(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p,
		seeded{html: "<p>" + strings.Repeat("many words ", 200) + "<b>the end</b></p>"},
		seeded{html: strings.Repeat("<p>a</p>", 40)},
		seeded{html: "<p>" + strings.Repeat("日", 3000) + "</p>"})
	a := v.get("/desk/inbox").is(http.StatusOK)
	for _, id := range ids {
		brief := text(a.one("#m-" + id + " .brief"))
		if n := len([]rune(brief)); n > briefRunes {
			t.Errorf("the beginning has %d letters", n)
		}
		if len(v.get("/desk/inbox/"+id).is(http.StatusOK).all(".brief, main details")) != 0 {
			t.Error("its own page does not show it whole")
		}
	}
	a.says("#m-"+ids[0]+" summary", "All 402 words").says("#m-"+ids[0]+" details .text b", "the end")
}

func TestTheInboxCanBeUsedByKeyboardAndWithoutAScript(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	ids := h.seed(p, held(2)...)
	a := v.get("/desk/inbox").is(http.StatusOK)
	if got := attr(a.one("script"), "src"); !strings.HasPrefix(got, "/static/inbox.") || !has(a.one("script"), "defer") {
		t.Errorf("the script is %q", got)
	}
	a.says("dialog", "undo what was done last")
	if !has(a.one("#ask-keys"), "hidden") {
		t.Error("without a script there is a button that does nothing")
	}
	for _, id := range ids {
		if attr(a.one("#m-"+id), "tabindex") != "-1" {
			t.Error("an item cannot take the focus")
		}
		a.says("#m-"+id+" .pick", "Choose Reader")
	}
	for _, button := range a.all("#bulk button, .held form button") {
		if attr(button, "name") != "do" || attr(button, "value") == "" {
			t.Errorf("the button %q does nothing without a script", text(button))
		}
	}
}

func TestHostileWordsStayInertInSearchesRulesAndBanners(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	ids := h.seed(p, seeded{author: evil, url: "javascript:alert(1)", source: "https://evil.example/" + url.PathEscape(evil), face: `x" onerror="alert(1)`,
		signs: `[{"name":"filter","words":"\"><script>alert(1)</script>","weight":-400}]`})
	bad := url.QueryEscape(evil)
	done := v.post("/desk/inbox/"+ids[0], url.Values{"do": {"show"}, "state": {evil}, "q": {evil}, "host": {evil}, "kind": {evil}, "via": {evil}, "after": {evil}, "next": {evil}}).
		is(http.StatusSeeOther).header.Get("Location")
	v.post("/desk/inbox/"+ids[0], url.Values{"do": {"delete"}, "state": {"held"}}).is(http.StatusSeeOther)
	rule := v.post("/desk/inbox/rules", url.Values{"stance": {evil}, "scope": {evil}, "value": {evil}}).is(http.StatusUnprocessableEntity)
	if _, err := h.inbox.AddRule(context.Background(), mentions.Block, mentions.ByPrefix, "https://evil.example/"+evil[:8]+"%22%3E%3Cscript%3E", evil); err != nil {
		t.Fatal(err)
	}
	answers := settings.DefaultAnswers
	pages := []*answer{
		rule, v.get(done), v.get("/desk/inbox?state=removed"), v.get("/desk/inbox/" + ids[0]), v.get("/desk/inbox/rules"),
		v.get("/desk/inbox?q=" + bad + "&host=" + bad + "&kind=" + bad + "&via=" + bad + "&state=" + bad + "&after=" + bad),
		v.get("/desk/inbox?done=" + bad + "&did=show&n=" + bad + "&of=" + ids[0] + "&more=" + bad), v.get("/desk/inbox?undone=" + bad),
		v.get("/desk/inbox/rules?done=" + bad + "&did=trust&n=7"),
		v.post("/desk/inbox/undo", url.Values{"batch": {evil}, "at": {evil}, "state": {"held"}}),
		v.post("/desk/settings/answers", url.Values{"mode": {string(answers.Mode)}, "bridges": {evil}, "suspects": {evil}, "aliases": {evil}, "akismet": {evil}}),
		v.post("/desk/settings/letters", url.Values{"letters": {evil}, "letters_to": {evil}, "smtp_server": {evil}, "smtp_port": {evil}, "smtp_security": {evil}, "smtp_user": {evil}, "smtp_password": {evil}, "smtp_from": {evil}}),
	}
	for n, a := range pages {
		for _, selector := range []string{"main script", `img[src="x"]`, "[onerror]", "[style]", `[href^="javascript:"]`} {
			if found := a.all(selector); len(found) != 0 {
				t.Errorf("page %d holds %d of %s:\n%s", n, len(found), selector, a.body)
			}
		}
	}
}

func BenchmarkInboxOfFiftyAmongFiveHundred(b *testing.B) {
	h := newHouse(b)
	v := h.owner()
	p, _ := h.published(v, "Six years", "of rain")
	h.seed(p, held(500)...)
	s, err := h.gate.Login(b.Context(), ownerName, ownerPassword, "", addr(), "")
	if err != nil {
		b.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/desk/inbox", nil)
	r.Header.Set("Cookie", "hark="+s.Token)
	for b.Loop() {
		w := httptest.NewRecorder()
		h.router.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code)
		}
		b.ReportMetric(float64(w.Body.Len())/1024, "KB/page")
	}
}
