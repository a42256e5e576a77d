package words

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/text/language"
)

const german = `{
	"name": "Deutsch", "plural": ["one", "other"], "decimal": ",",
	"months": ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
	"weekdays": ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
	"phrases": {
		"Archive": "Archiv",
		"Wait %t, then look into %s.": "Warte %t und sieh in %s nach.",
		"answer|answers": "Antwort|Antworten",
		"2 January 2006": "2. January 2006",
		"%s and %s": "%s und %s",
		"“%s” is no host.": "„%s“ ist kein Host.",
		"%s of %s is %s.": "%[3]s ist %[1]s von %[2]s.",
		"By <a>{.By}</a>, at <a2>{.At}</a2>": "<a2>{.At}</a2>, von <a>{.By}</a>",
		"See <code></code> for {.N}": "Zu {.N} siehe <code></code>",
		"Remove {.Name}": "{.Name} entfernen",
		"Save": "Speichern",
		"to {.}": "an {.}"
	}
}`

func read(t *testing.T, name, text string) *Library {
	t.Helper()
	library, err := Open(fstest.MapFS{name: {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	return library
}

func TestALanguageIsFoundByItsTag(t *testing.T) {
	library := read(t, "de.json", german)
	for tag, want := range map[string]string{"de": "de", "de-AT": "de", "DE": "de", "en": "en", "fr": "en", "": "en", "x y": "en"} {
		if got := library.Book(tag).Tag(); got != want {
			t.Errorf("for %q the pages speak %s, want %s", tag, got, want)
		}
	}
}

func TestWhatIsSaid(t *testing.T) {
	b := read(t, "de.json", german).Book("de")
	day := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{b.Say("Archive"), "Archiv"},
		{b.Say("Never translated"), "Never translated"},
		{b.Count(1, "answer", "answers"), "1\u00a0Antwort"},
		{b.Count(0, "answer", "answers"), "0\u00a0Antworten"},
		{b.Count(2, "word", "words"), "2 words"},
		{b.Date(day, "2 January 2006"), "4. Mai 2026"},
		{b.Date(day, "Monday"), "Montag"},
		{b.Sentence("4 May 2026"), "4. Mai 2026"},
		{b.And([]string{"A", "B", "C"}), "A, B und C"},
		{b.Sentence("“a.b/c” is no host."), "„a.b/c“ ist kein Host."},
		{b.Sentence("One of three is first."), "first ist One von three."},
		{b.Sentence("“a” is no guest."), "“a” is no guest."},
		{b.Sentence("1 answer"), "1\u00a0Antwort"},
		{b.Sentence("Wait 3 answers, then look into Archive."), "Warte 3\u00a0Antworten und sieh in Archive nach."},
		{(*Book)(nil).Say("%d of %d", 1, 2), "1 of 2"},
		{(*Book)(nil).Count(1, "answer", "answers"), "1 answer"},
		{(*Book)(nil).Date(day, "2 January"), "4 May"},
		{(*Book)(nil).And([]string{"A", "B"}), "A and B"},
		{(*Book)(nil).And(nil), ""},
		{(*Book)(nil).Sentence("Yes."), "Yes."},
		{(*Book)(nil).Name(), "English"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLanguagesCountInTheirOwnWay(t *testing.T) {
	polish := strings.NewReplacer(`"Deutsch"`, `"Polski"`, `["one", "other"]`, `["one", "few", "many"]`, "Antwort|Antworten", "odpowiedź|odpowiedzi|odpowiedzi-5").Replace(german)
	b := read(t, "pl.json", polish).Book("pl")
	for n, want := range map[int]string{1: "1\u00a0odpowiedź", 3: "3\u00a0odpowiedzi", 5: "5\u00a0odpowiedzi-5", 22: "22\u00a0odpowiedzi"} {
		if got := b.Count(n, "answer", "answers"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestALanguageThatIsWrongIsNoLanguage(t *testing.T) {
	for change, text := range map[string]string{
		"no JSON":            `{`,
		"a form too few":     strings.Replace(german, "Antwort|Antworten", "Antworten", 1),
		"a verb too few":     strings.Replace(german, "„%s“ ist", "Das ist", 1),
		"nothing said":       strings.Replace(german, `"Archiv"`, `""`, 1),
		"an unknown form":    strings.Replace(german, `"one"`, `"some"`, 1),
		"a month too few":    strings.Replace(german, `"Januar",`, "", 1),
		"a part that is not": strings.Replace(german, "an {.}", "an {.Name}", 1),
		"a part twice":       strings.Replace(german, "an {.}", "an {.} {.}", 1),
		"a part too few":     strings.Replace(german, "an {.}", "daran", 1),
		"a tag of its own":   strings.Replace(german, "an {.}", "an {.}<script>", 1),
		"an action":          strings.Replace(german, `"Archiv"`, `"{{.Site}}"`, 1),
	} {
		if _, err := readBook(language.German, []byte(text)); err == nil {
			t.Errorf("%s is taken", change)
		}
	}
	if _, err := Open(fstest.MapFS{"no-language-at-all.json": {Data: []byte(german)}}); err == nil {
		t.Error("a file without a language in its name is taken")
	}
}
