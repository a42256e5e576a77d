package desk

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"hark/internal/auth"
	"hark/internal/media"
	"hark/internal/posts"
)

// brings uploads a file, and finds it.
func (v *visitor) brings(name, body string) *media.File {
	v.h.t.Helper()
	before := map[string]bool{}
	for _, f := range v.h.files() {
		before[f.Key+f.AuthorID] = true
	}
	v.send(filesPath, nil, sent{"file", name, body}).leadsTo(filesPath + "?added")
	for _, f := range v.h.files() {
		if !before[f.Key+f.AuthorID] {
			return f
		}
	}
	v.h.t.Fatalf("%s is not there", name)
	return nil
}

// file finds one by the name that it had where it came from.
func (h *house) file(name string) *media.File {
	h.t.Helper()
	for _, f := range h.files() {
		if f.Name == name {
			return f
		}
	}
	h.t.Fatalf("%s is not there", name)
	return nil
}

// change sends the form of a file.
func (v *visitor) change(f *media.File, do string, more url.Values) *answer {
	v.h.t.Helper()
	fields := url.Values{"by": {f.AuthorID}, "do": {do}}
	for name, values := range more {
		fields[name] = values
	}
	return v.post(filesPath+"/"+f.Key, fields)
}

// saysOf sends the form of the page of files, in which something is said of one.
func (v *visitor) saysOf(f *media.File, alt string, more ...carried) *answer {
	v.h.t.Helper()
	fields := url.Values{"of": {f.Key + "." + f.AuthorID}, "was": {f.Alt}, "alt": {alt}}
	for _, field := range more {
		fields.Set(field.Name, field.Value)
	}
	return v.post(filesPath+"/words", fields)
}

func TestFilesAreListedWithWhatIsKnownOfThem(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	v.get(filesPath).is(http.StatusOK).says("main", "No files yet")
	jar := v.brings("jar.png", dot(t, 9))
	v.brings("song.mp3", "ID3\x04 a song")
	v.get(filesPath+"?added").is(http.StatusOK).says("[role=status]", "what they show")
	a := v.get(filesPath).is(http.StatusOK).says("nav[aria-label=Files]", "All 2Pictures 1Films 0Recordings 1Documents 0Used nowhere 2")
	if n := len(a.all("main .shelf > li")); n != 2 {
		t.Errorf("%d files are listed", n)
	}
	a = v.get(filesPath+"?kind=image").is(http.StatusOK).says("main .shelf > li", "jar.png PNG, 3 × 2 pixels, ").says("main .shelf > li", "Used nowhere")
	if got := attr(a.one("main .shelf img"), "src"); got != jar.Path() {
		t.Errorf("its picture is %q", got)
	}
	a.one(`input[readonly][value="![](` + jar.Path() + `)"]`)
	a.one(`input[readonly][value="` + h.URL + jar.Path() + `"]`)
	v.get(filesPath+"?kind=video&skip=-7&kind='").is(http.StatusOK).says("main", "None of these")

	v.saysOf(jar, "A jar [full]", carried{"kind", "image"}).leadsTo(filesPath + "?kind=image&said=")
	a = v.get(filesPath+"?kind=image&said=").is(http.StatusOK).says("[role=status]", "Saved")
	if got, want := attr(a.all("input[readonly]")[0], "value"), `![A jar \[full\]](`+jar.Path()+")"; got != want {
		t.Errorf("for a text it is %s, want %s", got, want)
	}
	if got := a.value("alt"); got != "A jar [full]" {
		t.Errorf("it is said to be %q", got)
	}
	long := strings.Repeat("long ", 500)
	a = v.saysOf(jar, long).is(http.StatusUnprocessableEntity).says(".wrong[role=alert]", "2,000 characters")
	if got := attr(a.all("[name=alt]")[0], "value"); got != long {
		t.Errorf("of what was typed came back %d bytes", len(got))
	}
}

func TestWhatIsSaidOfAFileIsNotLost(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	jar := v.brings("jar.png", dot(t, 9))
	h.clock.pass(monthLater)
	a := v.saysOf(jar, "A jar of rain").is(http.StatusUnauthorized)
	carried := a.fields("form")
	carried.Set("username", ownerName)
	carried.Set("password", ownerPassword)
	v.post(attr(a.one("form"), "action"), carried).leadsTo(filesPath + "?said=")
	if got := h.file("jar.png").Alt; got != "A jar of rain" {
		t.Errorf("after signing in again it is %q", got)
	}
	if h.db.Postgres() {
		t.Skip("the disk of PostgreSQL is not ours to fill")
	}
	said := strings.Repeat("🫙", 2000)
	h.fill()
	a = v.saysOf(jar, said).is(http.StatusInsufficientStorage).says("[role=alert]", "The disk is full")
	if got := attr(a.all(".shelf [name=alt]")[0], "value"); got != said {
		t.Errorf("with a full disk the form holds %q", got)
	}
}

func TestWhatIsSaidOfSeveralFilesIsSavedAtOnce(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	for n, name := range []string{"jar.png", "wall.png", "shed.png"} {
		v.brings(name, dot(t, uint8(n)))
	}
	page := v.get(filesPath).fields(".shelf")
	if len(page["of"]) != 3 || len(page["was"]) != 3 || len(page["alt"]) != 3 {
		t.Fatalf("the form is %v", page)
	}
	v.saysOf(h.file("shed.png"), "A shed").is(http.StatusSeeOther) // in another tab
	for n, of := range page["of"] {
		key, _, _ := strings.Cut(of, ".")
		switch key {
		case h.file("jar.png").Key:
			page["alt"][n] = "A jar"
		case h.file("wall.png").Key:
			page["alt"][n] = strings.Repeat("long ", 500)
		}
	}
	a := v.post(filesPath+"/words", page).is(http.StatusUnprocessableEntity).says("[role=alert]", "2,000 characters")
	again := a.fields(".shelf")
	if n := len(again["of"]); n != 3 {
		t.Errorf("the form has %d files", n)
	}
	if again["alt"][0] != strings.Repeat("long ", 500) || again["was"][0] != "" {
		t.Errorf("at its top stands %.20q, and %q was kept", again["alt"][0], again["was"][0])
	}
	again["alt"][0] = "A wall"
	v.post(filesPath+"/words", again).leadsTo(filesPath + "?said=")
	gone := h.file("jar.png")
	last := url.Values{"of": {gone.Key + "." + gone.AuthorID, page["of"][0], page["of"][1], page["of"][2]}, "was": {"A jar", "", "", ""}, "alt": {"A pot", "", "", ""}}
	v.change(gone, "delete", nil).is(http.StatusSeeOther)
	for n, of := range last["of"] {
		if wall := h.file("wall.png"); of == wall.Key+"."+wall.AuthorID {
			last["alt"][n] = "The wall"
		}
	}
	v.post(filesPath+"/words", last).is(http.StatusNotFound)
	for name, want := range map[string]string{"wall.png": "The wall", "shed.png": "A shed"} {
		if got := h.file(name).Alt; got != want {
			t.Errorf("of %s is said %q, want %q", name, got, want)
		}
	}
}

func TestWhatWasDoneWithFilesIsSaidInTheLanguageOfTheDesk(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	h.speaks(v, "de")
	for done, want := range map[string]string{"added": "Es ist da.", "said": "Gespeichert.", "deleted": "Gelöscht."} {
		v.get(filesPath+"?"+done).says(".banner", want)
	}
}

func TestAFileInUseStaysAndSaysWhereItIsUsed(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	jar := v.brings("jar.png", dot(t, 9))
	p, _ := h.published(v, "Rain", "![]("+jar.Path()+")")
	v.get(filesPath).is(http.StatusOK).one(`.shelf a[href="` + p.Path + `"]`)
	v.change(jar, "delete", nil).is(http.StatusConflict).says(".wrong[role=alert]", "is in use").one(`.wrong + .shelf a[href="` + p.Path + `"]`)
	v.post("/desk/posts/"+p.ID, url.Values{"do": {"delete"}}).is(http.StatusSeeOther)
	v.get(filesPath).is(http.StatusOK).says(".shelf", "Rain (deleted)")
	v.change(jar, "delete", nil).is(http.StatusConflict)

	fields := typing(v.editor("/desk/write"), "a", "1", "![](/media/"+jar.Stored()+")")
	other := v.brings("other.png", dot(t, 10))
	fields.Set("text", "![]("+other.Path()+")")
	v.post("/desk/copy", fields).is(http.StatusNoContent)
	v.get(filesPath+"?unused").is(http.StatusOK).says("main", "Every file is in use")
	v.change(other, "delete", nil).is(http.StatusConflict).says(".wrong + .shelf", "what is being written")
	fields.Set("do", "discard")
	v.post("/desk/write", fields).is(http.StatusSeeOther)
	v.change(other, "delete", url.Values{"unused": {"yes"}, "skip": {"30"}}).leadsTo(filesPath + "?deleted=&skip=30&unused=yes")
	if got := h.files(); len(got) != 1 || got[0].Key != jar.Key {
		t.Errorf("there are %d files", len(got))
	}
	v.change(other, "delete", nil).is(http.StatusNotFound)
}

func TestAnAuthorHasFilesOfTheirOwnAlone(t *testing.T) {
	h := newHouse(t)
	owner, reed, edith := h.owner(), h.person("reed", auth.Author), h.person("edith", auth.Editor)
	theirs := owner.brings("secret.png", dot(t, 1))
	own := reed.brings("mine.png", dot(t, 2))
	h.published(owner, "Secret plans", "![]("+own.Path()+")")
	a := reed.get(filesPath).is(http.StatusOK).says(".shelf", "1 post of others")
	if strings.Contains(a.body, "secret") || strings.Contains(a.body, "Secret") || !strings.Contains(a.body, "mine.png") {
		t.Error("an author sees more than their own, or less")
	}
	if a := edith.get(filesPath).is(http.StatusOK); !strings.Contains(a.body, "secret.png") || !strings.Contains(a.body, "mine.png") || !strings.Contains(a.body, "by Reed") && !strings.Contains(a.body, "by reed") {
		t.Errorf("an editor sees %s", text(a.one("main")))
	}
	forged := *theirs
	forged.AuthorID = own.AuthorID
	for _, f := range []*media.File{theirs, &forged} {
		reed.change(f, "delete", nil).is(http.StatusNotFound)
		reed.saysOf(f, "forged").is(http.StatusNotFound)
	}
	edith.saysOf(own, "A snail").is(http.StatusSeeOther)
	reed.change(own, "delete", nil).is(http.StatusConflict)
	reed.brings("same.png", dot(t, 1))
	reed.send(filesPath, nil, sent{"file", "same.png", dot(t, 1)}).is(http.StatusSeeOther)
	shared := *theirs
	shared.AuthorID = own.AuthorID
	reed.change(&shared, "delete", nil).is(http.StatusSeeOther)
	if f, err := h.media.Upload(t.Context(), theirs.Key, theirs.AuthorID); err != nil || f.Alt != "" {
		t.Errorf("the file of the owner is %+v (%v)", f, err)
	}
}

func TestFilesComeInPagesAndSomeMayFail(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	many := make([]sent, perPage+2)
	for n := range many {
		many[n] = sent{"file", strconv.Itoa(n) + ".pdf", "%PDF-" + strconv.Itoa(n)}
	}
	many[7].body = "<svg/>"
	a := v.send(filesPath, nil, many...).is(http.StatusUnprocessableEntity).says(".wrong[role=alert]:not([id])", "31 files of 32 came").says("#wrong-file", "7.pdf: ")
	a.one(`a[href="` + filesPath + `?skip=30"]`)
	h.clock.pass(time.Hour)
	a = v.get(filesPath + "?skip=30").is(http.StatusOK)
	a.one(`a.button[href="` + filesPath + `"]`)
	if n := len(a.all("main .shelf > li")); n != 1 {
		t.Errorf("the second page has %d", n)
	}
	v.send(filesPath, nil).is(http.StatusUnprocessableEntity).says("#wrong-file", "Choose one")
}

func TestAFileOfAPostThatOthersMayNotSeeIsNotNamedToThem(t *testing.T) {
	h := newHouse(t)
	owner, reed := h.owner(), h.person("reed", auth.Author)
	own := reed.brings("mine.png", dot(t, 2))
	p := &posts.Post{AuthorID: h.user().ID, Status: posts.Draft, Title: "Secret plans", Content: "![](" + own.Path() + ")"}
	if err := h.posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if a := reed.get(filesPath); strings.Contains(a.body, "Secret") || strings.Contains(a.body, p.ID) {
		t.Error("a draft is named to who may not see it")
	}
	owner.get(filesPath).is(http.StatusOK).says(".shelf", "Secret plans (a draft)")
}

func TestAFileThatOnlyAnEarlierVersionShowsStaysUntilThatIsGivenUp(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	jar := v.brings("jar.png", dot(t, 9))
	p, _ := h.published(v, "Rain", "![]("+jar.Path()+")")
	p.Content = "Without it."
	if err := h.posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	a := v.get(filesPath).is(http.StatusOK).says(".shelf", "Used in Rain (in an earlier version)")
	a.one(`.shelf a[href="/desk/posts/` + p.ID + `/revisions"]`)
	a.says(".shelf", "An earlier version of a post shows it").one("button[value=delete-earlier]")
	v.get(filesPath+"?unused").is(http.StatusOK).says("main", "Every file is in use")
	v.change(jar, "delete", nil).is(http.StatusConflict).says(".wrong[role=alert]", "An earlier version of a post shows ‘jar.png’").one(".wrong + .shelf button[value=delete-earlier]")

	if err := h.posts.Revert(t.Context(), p, 1); err != nil {
		t.Fatal(err)
	}
	v.get(filesPath).is(http.StatusOK).one(`.shelf a[href="` + p.Path + `"]`)
	v.change(jar, "delete-earlier", nil).is(http.StatusConflict).says(".wrong[role=alert]", "is in use")
	p.Content = "Without it, again."
	if err := h.posts.Save(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	v.change(jar, "delete-earlier", nil).is(http.StatusSeeOther)
	if got := h.files(); len(got) != 0 {
		t.Errorf("there are %d files", len(got))
	}
}

func TestAFileThatATemplateShowsIsInUse(t *testing.T) {
	h := newHouse(t)
	v := h.owner()
	jar := v.brings("jar.png", dot(t, 9))
	made := posts.TemplateOf(&posts.Post{AuthorID: h.user().ID, Content: "![](" + jar.Path() + ")"}, "Jars")
	if err := h.posts.SaveTemplate(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	v.get(filesPath).is(http.StatusOK).says(".shelf", "Used in a template")
	v.change(jar, "delete", nil).is(http.StatusConflict).says(".wrong[role=alert]", "is in use")
	made.Content = "None."
	if err := h.posts.SaveTemplate(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	v.change(jar, "delete", nil).is(http.StatusSeeOther)
}

// Whoever deleted a photo or a picture of the look took it from the pages of readers.
func TestPhotosAndPicturesOfTheLookAreInUse(t *testing.T) {
	h := newHouse(t)
	v, reed := h.owner(), h.person("reed", auth.Author)
	v.saysOfThemselves(nil, face("me.png", drawing(t, 300, 300))).leadsTo(profilePath + "?saved")
	v.hangs("wall.png", drawing(t, 640, 120)).leadsTo(lookPath + "?hung")
	shared, paper, plan := reed.brings("shared.png", dot(t, 1)), v.brings("paper.png", dot(t, 2)), v.brings("plan.png", dot(t, 3))
	fields := v.get(profilePath).fields("main form")
	fields.Set("bio", "![]("+shared.Path()+")")
	v.post(profilePath, fields).leadsTo(profilePath + "?saved")
	fields = v.get("/desk/settings/look").fields("form.looks")
	fields.Set("css", "body { background: url("+paper.Path()+") }")
	v.post("/desk/settings/look", fields).leadsTo("/desk/settings/look?saved")
	fields = v.get("/desk/settings").fields("main form")
	fields.Set("about", "![]("+plan.Path()+")")
	v.post("/desk/settings", fields).leadsTo("/desk/settings?saved")

	v.get(filesPath+"?unused").is(http.StatusOK).says("main", "Every file is in use").says("nav[aria-label=Files]", "Used nowhere 0")
	for name, want := range map[string]struct{ said, german, address string }{
		"me.png":     {"the page of Wren Adair", "der Seite von Wren Adair", profilePath},
		"shared.png": {"the page of Wren Adair", "der Seite von Wren Adair", profilePath},
		"wall.png":   {"the look of the site", "dem Aussehen der Website", "/desk/settings/look"},
		"paper.png":  {"the look of the site", "dem Aussehen der Website", "/desk/settings/look"},
		"plan.png":   {"the about page", "der Seite „Über“", "/desk/settings"},
	} {
		f := h.file(name)
		h.speaks(v, "en")
		a := v.change(f, "delete", nil).is(http.StatusConflict).says(".wrong[role=alert]", "is in use").says(".wrong + .shelf", "Used in "+want.said)
		a.one(`.wrong + .shelf a[href="` + want.address + `"]`)
		v.change(f, "delete-earlier", nil).is(http.StatusConflict)
		h.speaks(v, "de")
		v.change(f, "delete", nil).is(http.StatusConflict).says(".wrong + .shelf", "Benutzt in "+want.german)
	}
	h.speaks(v, "en")
	reed.get(filesPath).says(".shelf", "Used in the page of Wren Adair").one(`.shelf a[href="/author/wren-adair"]`)
	v.saysOfThemselves(map[string]string{"do": "remove"}).leadsTo(profilePath + "?saved")
	fields = v.get(lookPath).fields("form.looks")
	fields.Set("do", "take")
	v.post(lookPath, fields).leadsTo(lookPath + "?taken")
	for _, name := range []string{"me.png", "wall.png"} {
		v.change(h.file(name), "delete", nil).is(http.StatusSeeOther)
	}
}
