package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
	"hark/internal/settings"
)

// typedText is the form of a new post with a text.
func (v *visitor) typedText(text string) url.Values {
	v.h.t.Helper()
	fields := v.editor("/desk/write")
	fields.Set("text", text)
	return fields
}

// pressed is the editor after a button that saves nothing, and its form.
func (v *visitor) pressed(fields url.Values, name, value string) (*answer, url.Values) {
	v.h.t.Helper()
	sent := url.Values{}
	for field, values := range fields {
		sent[field] = slices.Clone(values)
	}
	sent.Set(name, value)
	a := v.post("/desk/write", sent).is(http.StatusOK)
	return a, a.fields("form.write")
}

// switchedOff are the fields without the tick at some links.
func switchedOff(fields url.Values, targets ...string) url.Values {
	fields["tell"] = without(fields["tell"], targets)
	return fields
}

// off are the links in the form whose switch is off.
func off(fields url.Values) []string { return without(fields["link"], fields["tell"]) }

func TestBeforePublishingTheEditorShowsWhoWillBeTold(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	earlier, _ := h.published(v, "Earlier", "words")
	fields := v.typedText(other.links("/wind", "/ping", "/deaf") + "And [mine](" + earlier.Path + "), and [home](/), [@Wren](/author/wren-adair), @Wren and #weather.")
	fields.Set("in-reply-to", other.URL+"/reply")
	a, fields := v.pressed(fields, "do", "preview")
	a.says(`[data-part=tell]`, "Being asked …").says(`[data-part=tell]`, "Press it again in a moment")
	h.work()
	a, fields = v.pressed(fields, "do", "preview")
	host := strings.TrimPrefix(other.URL, "http://")
	want := []string{
		host + "/reply By webmention, as a reply.", host + "/wind By webmention.", host + "/ping By pingback.", host + "/deaf Takes neither webmention nor pingback.",
		"Your own post: shown beneath it.",
	}
	rows := a.all(".told > li")
	if len(rows) != len(want) {
		t.Fatalf("listed are %d links, want %d:\n%s", len(rows), len(want), a.body)
	}
	for n, row := range rows {
		if got := text(row); !strings.Contains(got, want[n]) {
			t.Errorf("link %d says %q, want %q", n, got, want[n])
		}
	}
	a.says(".plan", "Publishing tells 3 pages.")
	if got := fields["tell"]; len(got) != 4 || len(off(fields)) != 0 {
		t.Errorf("switched on are %v of %v, want the four of other sites", got, fields["link"])
	}
	if got := other.seen(); !slices.Equal(got, []string{"/deaf", "/ping", "/reply", "/wind"}) {
		t.Errorf("looked at were %v, want each once", got)
	}
}

func TestNobodyIsVisitedForWhatIsOnlyTyped(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	fields := v.typedText(other.links("/wi"))
	fields.Set("in-reply-to", other.URL+"/reply")
	a := v.post("/desk/preview", fields).is(http.StatusOK).says("[data-part=tell]", "Not asked yet")
	if strings.Contains(a.body, `name="asked"`) {
		t.Error("a page is asked")
	}
	v.get("/desk/write?reply=" + url.QueryEscape(other.URL+"/reply")).is(http.StatusOK)
	h.work()
	if got := other.seen(); len(got) > 0 {
		t.Errorf("looked at were %v", got)
	}
	fields.Set("do", "preview") // as the script sends it when the button is pressed
	v.post("/desk/preview", fields).is(http.StatusOK).says("[data-part=tell]", "Being asked")
	h.work()
	if got := other.seen(); len(got) != 2 {
		t.Errorf("looked at were %v, want both", got)
	}
}

func TestADraftAsksWhenItIsSaved(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	fields := v.typedText(other.links("/wind"))
	fields.Set("do", "draft")
	editor := v.post("/desk/write", fields).is(http.StatusSeeOther).header.Get("Location")
	v.get(editor).is(http.StatusOK).says(".told", "Being asked …")
	h.work()
	v.get(editor).is(http.StatusOK).says(".told", "By webmention.")
	if got := other.heard(); len(got) > 0 {
		t.Errorf("told of a draft were %v", got)
	}
}

func TestWhatIsSwitchedOffIsNotToldNorByTheNextEdit(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	_, fields := v.pressed(v.typedText(other.links("/wind", "/rain")), "do", "preview")
	switchedOff(fields, other.URL+"/wind").Set("do", "publish")
	path := v.post("/desk/write", fields).is(http.StatusSeeOther).header.Get("Location")
	h.told(other, "/rain")
	p, err := h.posts.ByPath(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Quiet, []string{other.URL + "/wind"}) {
		t.Fatalf("quiet are %v", p.Quiet)
	}

	a := v.get("/desk/write/"+p.ID).is(http.StatusOK).says("[data-part=tell]", "Saved as it stands, nobody is told again.")
	fields = a.fields("form.write")
	fields.Set("text", other.links("/wind", "/rain", "/snow"))
	fields.Set("do", "publish") // the new link was never listed: it is told
	v.post("/desk/write", fields).leadsTo(path)
	h.told(other, "/rain", "/snow")

	fields = v.editor("/desk/write/" + p.ID)
	fields["tell"] = fields["link"]
	v.post("/desk/preview", fields).is(http.StatusOK).says(".plan", "Publishing the changes tells 1 page.")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo(path)
	h.told(other, "/wind")

	fields = switchedOff(v.editor("/desk/write/"+p.ID), other.URL+"/rain")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo(path)
	fields = v.editor("/desk/write/" + p.ID)
	fields.Del("link") // an app that knows nothing of switches
	fields.Del("tell")
	fields.Set("do", "publish")
	v.post("/desk/write", fields).leadsTo(path)
	if got := h.kept(p.ID).Quiet; !slices.Equal(got, []string{other.URL + "/rain"}) {
		t.Errorf("after a form without switches quiet are %v", got)
	}
}

func TestSwitchesOutliveAPreviewAMistakeAConflictAndADraft(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	wind := other.URL + "/wind"
	_, fields := v.pressed(v.typedText(other.links("/wind", "/rain")), "do", "preview")
	check := func(what string, fields url.Values) {
		t.Helper()
		if got := off(fields); !slices.Equal(got, []string{wind}) || !slices.Contains(fields["tell"], other.URL+"/rain") {
			t.Errorf("after %s off are %v, on are %v", what, got, fields["tell"])
		}
	}
	_, fields = v.pressed(switchedOff(fields, wind), "do", "preview")
	check("a preview", fields)
	fields.Set("text", "No link.")
	_, fields = v.pressed(fields, "do", "preview")
	fields.Set("text", other.links("/wind", "/rain"))
	_, fields = v.pressed(fields, "do", "preview")
	check("the link was taken out and put back", fields)

	fields.Set("published", "the day before")
	fields.Set("do", "publish")
	fields = v.post("/desk/write", fields).is(http.StatusUnprocessableEntity).fields("form.write")
	check("a mistake", fields)
	fields.Set("published", "")
	fields.Set("do", "draft")
	editor := v.post("/desk/write", fields).is(http.StatusSeeOther).header.Get("Location")
	check("saving a draft", v.editor(editor))

	mine, theirs := v.editor(editor), v.editor(editor)
	theirs["tell"] = theirs["link"]
	theirs.Set("do", "draft")
	v.post(editor, theirs).is(http.StatusSeeOther)
	mine.Set("do", "publish")
	mine = v.post(editor, mine).is(http.StatusConflict).fields("form.write")
	check("a conflict", mine)
	mine.Set("do", "publish")
	v.post(editor, mine).is(http.StatusSeeOther)
	h.told(other, "/rain")
}

func TestAHostIsNeverToldAndToldAgainFromTheEditor(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	fields := v.typedText(other.links("/wind"))
	fields.Set("title", "Kept")
	a, fields := v.pressed(fields, "do", "preview")
	host := attr(a.one("button[name=never]"), "value")
	a, fields = v.pressed(fields, "never", host)
	a.says(".told", "Never told, as you chose.").says(".plan", "Publishing tells nobody.")
	if fields.Get("title") != "Kept" || !strings.Contains(fields.Get("text"), "/wind") {
		t.Errorf("the form holds %v", fields)
	}
	if got := h.keptTelling().Never.All(); !slices.Equal(got, []string{host}) {
		t.Fatalf("never told are %v, want %s", got, host)
	}
	if n, err := h.posts.Count(context.Background(), posts.Draft); err != nil || n != 0 {
		t.Errorf("%d drafts are saved (%v)", n, err)
	}
	_, fields = v.pressed(fields, "again-to", attr(a.one("button[name=again-to]"), "value"))
	if got := h.keptTelling().Never.All(); len(got) > 0 {
		t.Errorf("never told are %v still", got)
	}
	if got := fields["tell"]; !slices.Equal(got, []string{other.URL + "/wind"}) {
		t.Errorf("switched on are %v", got)
	}
	bad := url.Values{"text": {"words"}, "never": {"no host <b>"}}
	v.post("/desk/write", bad).is(http.StatusOK)
	if got := h.keptTelling().Never.All(); len(got) > 0 {
		t.Errorf("never told are %v, and no host was named", got)
	}
}

func TestADomainThatIsNeverToldCanBeToldAgainFromAHostBelowIt(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	if err := h.settings.SaveTelling(context.Background(), settings.Telling{Never: "big.example\nother.example"}); err != nil {
		t.Fatal(err)
	}
	a, fields := v.pressed(v.typedText("See [it](https://blog.big.example/x)."), "do", "preview")
	a.says("button[name=again-to]", "Tell big.example again")
	v.pressed(fields, "again-to", attr(a.one("button[name=again-to]"), "value"))
	if got := h.keptTelling().Never.All(); !slices.Equal(got, []string{"other.example"}) {
		t.Errorf("never told are %v", got)
	}
}

func TestALivePostShowsWhoWasToldAndWhoWillBe(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	p, editor := h.published(v, "Six years", other.links("/wind", "/deaf"))
	h.told(other, "/wind")
	h.clock.pass(48 * time.Hour) // what was found out is forgotten
	a := v.get(editor).is(http.StatusOK).says("#tell-name", "Who was told, and will be").says("[data-part=tell]", "nobody is told again")
	fields := a.fields("form.write")
	if got := attr(a.one("[data-part=tell] .hint a"), "href"); got != "/desk/outbox?post="+p.ID {
		t.Errorf("the answers are at %q", got)
	}
	fields.Set("text", other.links("/rain"))
	a = v.post("/desk/preview", fields).is(http.StatusOK).says(".plan", "Publishing the changes tells 2 pages.")
	for _, words := range []string{"/rain Not told so far, not asked yet.", "/wind Not linked any more: it will be told so."} {
		a.says(".told", words)
	}
}

func TestAPageThatCannotBeAskedIsSaidInASentence(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	gone := newOtherBlog(t)
	gone.Close()
	fields := v.typedText(gone.links("/wind"))
	_, fields = v.pressed(fields, "do", "preview")
	h.work()
	a, fields := v.pressed(fields, "do", "preview")
	a.says(".told", "Could not be asked.").says(".told", "The page could not be read")
	if len(fields["asked"]) > 0 || len(fields["tell"]) != 1 {
		t.Errorf("the form holds %v", fields)
	}
}

func TestTheCardOfWhatIsAnsweredStandsInTheEditor(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	fields := v.typedText("Yes.")
	fields.Set("in-reply-to", other.URL+"/reply")
	a, fields := v.pressed(fields, "do", "refresh")
	a.says("[data-part=cards]", "Its page is being read …")
	h.work()
	if got := other.seen(); !slices.Equal(got, []string{"/reply"}) {
		t.Errorf("read were %v", got)
	}
	cards, err := h.outbox.Cards(context.Background(), other.URL+"/reply")
	if err != nil || cards[other.URL+"/reply"] == nil {
		t.Fatalf("the page has no card (%v)", err)
	}
	a, _ = v.pressed(fields, "do", "refresh")
	a.one("button[value=refresh]")
	if got := a.value("text"); got != "Yes." {
		t.Errorf("the text came back as %q", got)
	}
}

func TestEverythingAPostRespondsToStandsInThePreview(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	p := &posts.Post{AuthorID: h.user().ID, Status: posts.Published, Content: "Yes.",
		Properties: posts.Properties{"in-reply-to": {"https://a.example/", "https://b.example/"}, "like-of": {"https://c.example/"}}}
	if err := h.posts.Save(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	a := v.get("/desk/write/" + p.ID).is(http.StatusOK)
	if got := len(a.all(".preview .cite")); got != 3 {
		t.Errorf("the preview shows %d, want 3", got)
	}
}

func TestAFullDiskKeepsTheWordsWhenPagesAreAsked(t *testing.T) {
	h := newHouse(t)
	if h.db.Postgres() {
		t.Skip("the disk of PostgreSQL is not ours to fill")
	}
	v := h.owner()
	fields := v.typedText(strings.Repeat("[a](https://a.example/"+strings.Repeat("long", 400)+")\n\n[b](https://b.example/"+strings.Repeat("long", 400)+")\n\n", 40))
	fields.Set("do", "preview")
	h.fill()
	a := v.post("/desk/write", fields)
	if a.status != http.StatusOK && a.status != http.StatusInsufficientStorage {
		t.Fatalf("it answers %d", a.status)
	}
	if got := a.value("text"); got != fields.Get("text") {
		t.Errorf("of %d bytes the form holds %d", len(fields.Get("text")), len(got))
	}
}

func TestThePlanCountsWhoWasSwitchedOffAndLearnsThatTheLinkIsGone(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	other := newOtherBlog(t)
	p, editor := h.published(v, "Six years", other.links("/wind", "/deaf"))
	h.told(other, "/wind")
	p.Quiet = []string{other.URL + "/wind"}
	if err := h.posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	h.work()
	fields := v.editor(editor)
	fields.Set("text", "No link.")
	a := v.post("/desk/preview", fields).is(http.StatusOK).says(".plan", "Publishing the changes tells 1 page.")
	a.says(".told", "/wind Not linked any more: it will be told so.")
}
