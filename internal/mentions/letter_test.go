package mentions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"mime/quotedprintable"

	"github.com/emersion/go-smtp"

	"hark/internal/mail"
	"hark/internal/settings"
)

// postOffice is a mail server that keeps what it is handed.
type postOffice struct {
	port    int
	mu      sync.Mutex
	letters []string
	closed  bool
}

func newPostOffice(t *testing.T) *postOffice {
	t.Helper()
	o := &postOffice{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return counter{o}, nil }))
	server.Domain = "post.example"
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends when it is closed
	}()
	t.Cleanup(func() { server.Close(); <-done })
	o.port = l.Addr().(*net.TCPAddr).Port
	return o
}

type counter struct{ *postOffice }

func (c counter) Mail(string, *smtp.MailOptions) error { return nil }
func (c counter) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (c counter) Reset()                               {}
func (c counter) Logout() error                        { return nil }

func (c counter) Data(r io.Reader) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return &smtp.SMTPError{Code: 451, Message: "come back later"}
	}
	b, err := io.ReadAll(r)
	c.letters = append(c.letters, string(b))
	return err
}

// take gives the letters so far, each as subject and text.
func (o *postOffice) take(t *testing.T) (letters [][2]string) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, raw := range o.letters {
		m, err := netmail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		if _, err := io.Copy(&text, quotedprintable.NewReader(m.Body)); err != nil {
			t.Fatal(err)
		}
		letters = append(letters, [2]string{subject, text.String()})
	}
	o.letters = nil
	return letters
}

func (w *world) letters(o *postOffice, every string) settings.Letters {
	w.t.Helper()
	l := settings.Letters{Every: every, To: "wren@ours.example", Server: "127.0.0.1", Port: fmt.Sprint(o.port), Security: "none"}
	w.must(w.settings.SaveLetters(context.Background(), l))
	return l
}

func TestOneLetterTellsOfAllThatWaits(t *testing.T) {
	w, b, o := newWorld(t), newBlog(t), newPostOffice(t)
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
	if letters := o.take(t); len(letters) != 0 {
		t.Fatalf("%d letters before the hour is over", len(letters))
	}
	w.after(time.Hour)
	letters := o.take(t)
	if len(letters) != 1 {
		t.Fatalf("%d letters, want one", len(letters))
	}
	subject, text := letters[0][0], letters[0][1]
	if subject != "hark: 25 answers wait for you to decide" || strings.Count(text, "Why it waits: ") != listed ||
		!strings.Contains(text, "And 5 others.") || !strings.Contains(text, ourSite+"/desk/inbox\r\n") || !strings.Contains(text, "  Answer 24, in two lines.") {
		t.Errorf("the letter: %s\n%s", subject, text)
	}
	w.after(24 * time.Hour)
	if letters := o.take(t); len(letters) != 0 {
		t.Errorf("%d more letters, though nothing new waits", len(letters))
	}
	w.decide(first.ID, Show)
	w.arrive(b.html("/new", reply(ours(p), "New.")), ours(p))
	w.after(time.Hour)
	if letters := o.take(t); len(letters) != 1 {
		t.Errorf("%d letters about the new one", len(letters))
	}
}

func TestNoLetterComesWhereNoneIsWantedOrNothingWaitsAnyMore(t *testing.T) {
	w, b, o := newWorld(t), newBlog(t), newPostOffice(t)
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
	if letters := o.take(t); len(letters) != 0 {
		t.Errorf("%d letters: %v", len(letters), letters)
	}
}

func TestALetterThatCannotBeSentIsSentLater(t *testing.T) {
	w, b, o := newWorld(t), newBlog(t), newPostOffice(t)
	w.mode(settings.HoldAll)
	l := w.letters(o, settings.Hourly)
	o.closed = true
	p := w.post("Words.")
	w.arrive(b.html("/1", reply(ours(p), "One.")), ours(p))
	w.after(time.Hour)
	o.mu.Lock()
	o.closed = false
	o.mu.Unlock()
	w.after(time.Minute)
	if letters := o.take(t); len(letters) != 1 {
		t.Errorf("%d letters", len(letters))
	}
	l.Port = "1"
	var failure *mail.Error
	if err := w.inbox.TryLetter(context.Background(), l); !errors.As(err, &failure) || failure.Text == "" {
		t.Errorf("nobody listens there, and the owner is told %v", err)
	}
}

func TestStrangersCannotWriteTheOwnersLetter(t *testing.T) {
	w, b, o := newWorld(t), newBlog(t), newPostOffice(t)
	w.mode(settings.HoldAll)
	w.letters(o, settings.Hourly)
	p := w.post("Words.")
	evil := strings.Replace(reply(ours(p), "x\r\n.\r\nMAIL FROM:<a@b.example>\u202e<b>bold</b>"), "Anna Blume", "Eve\r\nBcc: all@b.example", 1)
	w.arrive(b.html("/1", evil), ours(p))
	w.after(time.Hour)
	letters := o.take(t)
	if len(letters) != 1 || strings.Contains(letters[0][1], "\r\nBcc") || strings.Contains(letters[0][1], "\r\nMAIL") || strings.Contains(letters[0][1], "\u202e") {
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
