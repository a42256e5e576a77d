package mentions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hark/internal/mail"
	"hark/internal/mail/mailtest"
	"hark/internal/settings"
	"hark/internal/words"
	"hark/web"
)

// letters has the owner written to.
func (w *world) letters(o *mailtest.Office, every string) settings.Letters {
	w.t.Helper()
	l := settings.Letters{Every: every, To: "wren@ours.example", Server: "127.0.0.1", Port: o.Port, Security: "none"}
	w.must(w.settings.SaveLetters(context.Background(), l))
	return l
}

func TestOneLetterTellsOfAllThatWaits(t *testing.T) {
	w, b, o := newWorld(t), newBlog(t), mailtest.Open(t)
	w.mode(settings.HoldAll)
	w.letters(o, settings.Hourly)
	p := w.post("Words.")
	var first *Mention
	for n := range 25 {
		if n == 15 {
			b = newBlog(t) // no host is visited by more without a rest
		}
		m := w.arrive(b.html(fmt.Sprintf("/%d", n), reply(ours(p), fmt.Sprintf("Answer %d,\nin two lines.", n))), ours(p))
		if n == 0 {
			first = m
		}
		w.pass(time.Minute)
	}
	if letters := o.Take(t); len(letters) != 0 {
		t.Fatalf("%d letters before the hour is over", len(letters))
	}
	w.after(time.Hour)
	letters := o.Take(t)
	if len(letters) != 1 {
		t.Fatalf("%d letters, want one", len(letters))
	}
	subject, text := letters[0].Subject, letters[0].Text
	if subject != "hark: 25 answers wait for you to decide" || strings.Count(text, "Why it waits: ") != listed ||
		!strings.Contains(text, "And 5 others.") || !strings.Contains(text, ourSite+"/desk/inbox\r\n") || !strings.Contains(text, "  Answer 24, in two lines.") {
		t.Errorf("the letter: %s\n%s", subject, text)
	}
	w.after(24 * time.Hour)
	if letters := o.Take(t); len(letters) != 0 {
		t.Errorf("%d more letters, though nothing new waits", len(letters))
	}
	w.decide(first.ID, Show)
	w.arrive(b.html("/new", reply(ours(p), "New.")), ours(p))
	w.after(time.Hour)
	if letters := o.Take(t); len(letters) != 1 {
		t.Errorf("%d letters about the new one", len(letters))
	}
}

func TestNoLetterComesWhereNoneIsWantedOrNothingWaitsAnyMore(t *testing.T) {
	w, b, o := newWorld(t), newBlog(t), mailtest.Open(t)
	w.mode(settings.HoldAll)
	p := w.post("Words.")
	w.arrive(b.html("/1", reply(ours(p), "One.")), ours(p))
	w.after(48 * time.Hour)
	l := w.letters(o, settings.Daily)
	m := w.arrive(b.html("/2", reply(ours(p), "Two.")), ours(p))
	l.Every = settings.Never
	w.must(w.settings.SaveLetters(context.Background(), l))
	w.after(48 * time.Hour)
	l.Every = settings.Daily
	w.must(w.settings.SaveLetters(context.Background(), l))
	last := w.arrive(b.html("/3", reply(ours(p), "Three.")), ours(p))
	ids, err := w.inbox.FindIDs(context.Background(), Wanted{State: Held, Limit: 10})
	w.must(err)
	w.decideAll(Show, append(ids, m.ID, last.ID)...)
	w.after(48 * time.Hour)
	if letters := o.Take(t); len(letters) != 0 {
		t.Errorf("%d letters: %v", len(letters), letters)
	}
}

func TestALetterThatCannotBeSentIsSentLater(t *testing.T) {
	w, b, o := newWorld(t), newBlog(t), mailtest.Open(t)
	w.mode(settings.HoldAll)
	l := w.letters(o, settings.Hourly)
	o.Shut(true)
	p := w.post("Words.")
	w.arrive(b.html("/1", reply(ours(p), "One.")), ours(p))
	w.after(time.Hour)
	o.Shut(false)
	w.after(time.Minute)
	if letters := o.Take(t); len(letters) != 1 {
		t.Errorf("%d letters", len(letters))
	}
	l.Port = "1"
	var failure *mail.Error
	if err := w.inbox.TryLetter(context.Background(), l); !errors.As(err, &failure) || failure.Text == "" {
		t.Errorf("nobody listens there, and the owner is told %v", err)
	}
}

func TestStrangersCannotWriteTheOwnersLetter(t *testing.T) {
	w, b, o := newWorld(t), newBlog(t), mailtest.Open(t)
	w.mode(settings.HoldAll)
	w.letters(o, settings.Hourly)
	p := w.post("Words.")
	evil := strings.Replace(reply(ours(p), "x\r\n.\r\nMAIL FROM:<a@b.example>\u202e<b>bold</b>"), "Anna Blume", "Eve\r\nBcc: all@b.example", 1)
	w.arrive(b.html("/1", evil), ours(p))
	w.after(time.Hour)
	letters := o.Take(t)
	if len(letters) != 1 || strings.Contains(letters[0].Text, "\r\nBcc") || strings.Contains(letters[0].Text, "\r\nMAIL") || strings.Contains(letters[0].Text, "\u202e") {
		t.Errorf("the letters: %q", letters)
	}
}

func TestLettersAreWrittenAtFullHoursAndInTheMorning(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ every, now, want string }{
		{settings.Hourly, "2026-11-01 12:00", "2026-11-01 13:00"},
		{settings.Hourly, "2026-11-01 23:59", "2026-11-02 00:00"},
		{settings.Daily, "2026-11-01 06:59", "2026-11-01 07:00"},
		{settings.Daily, "2026-11-01 07:00", "2026-11-02 07:00"},
		{settings.Daily, "2026-12-31 20:00", "2027-01-01 07:00"},
	} {
		if got := nextLetter(c.every, at(c.now)); !got.Equal(at(c.want)) {
			t.Errorf("%s at %s: %s, want %s", c.every, c.now, got, c.want)
		}
	}
}

func TestTheLetterIsInTheLanguageOfTheDesk(t *testing.T) {
	w, b, o := newWorld(t), newBlog(t), mailtest.Open(t)
	languages, err := words.Open(web.Words)
	w.must(err)
	w.rooms.Languages = languages
	w.inbox = NewInbox(w.rooms)
	w.mode(settings.HoldAll)
	w.must(w.settings.Save(context.Background(), settings.Site{Title: "Treibgut", Language: "de", Zone: "UTC"}))
	l := w.letters(o, settings.Hourly)
	p := w.post("Worte.")
	m := w.arrive(b.html("/1", reply(ours(p), "Genau.")), ours(p))
	w.after(time.Hour)
	w.must(w.inbox.TryLetter(context.Background(), l))
	letters := o.Take(t)
	if len(letters) != 2 {
		t.Fatalf("%d letters, want two", len(letters))
	}
	want := fmt.Sprintf("1\u00a0Antwort wartet auf deine Entscheidung:\n%[1]s/desk/inbox\n\n* Anna Blume (%[5]s), an %[2]s\n  Genau.\n"+
		"  Warum sie wartet: %[3]s\n  %[1]s/desk/inbox/%[4]s\n\nWie oft dieser Brief kommt, steht in den Einstellungen des Schreibtischs.\n",
		ourSite, ours(p), languages.Book("de").Sentence(m.Reason), m.ID, m.Host())
	if got := strings.ReplaceAll(letters[0].Text, "\r\n", "\n"); letters[0].Subject != "Treibgut: 1 Antwort wartet auf deine Entscheidung" || got != want {
		t.Errorf("the letter: %s\n%s\nwant\n%s", letters[0].Subject, got, want)
	}
	if letters[1].Subject != "Ein Brief von "+ourSite || !strings.HasPrefix(letters[1].Text, "Er ist angekommen") {
		t.Errorf("the first letter: %s\n%s", letters[1].Subject, letters[1].Text)
	}
}
