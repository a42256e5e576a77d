package desk

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"hark/internal/mentions"
	"hark/internal/page"
	"hark/internal/words"
)

// mentionPage is what desk/mention.html draws.
type mentionPage struct {
	frame
	Item    item
	Buttons []button
	Asked   string // how often it came again, in a sentence
	Ledger  []line
	Signs   []sign
	Sum     string
	Needed  string
	Hint    string // what showing it would mean for the next one
	Done    *done
	Problem string
}

// line is a line of the ledger. Day stands where a new one begins.
type line struct {
	Day, Time    string
	When         when
	What, Detail string
	Apart        bool // the detail is a sentence of its own
	Last         bool
}

// sign is one thing that speaks for or against a mention.
type sign struct{ Words, Weight string }

// mention shows one mention, its ledger, and what its judgement rests on.
func (d *Desk) mention(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	done, err := d.done(r.Context(), r.URL.Query(), place{at: id})
	if err != nil {
		return err
	}
	return d.sendMention(w, r, http.StatusOK, id, mentionPage{Done: done})
}

func (d *Desk) sendMention(w http.ResponseWriter, r *http.Request, status int, id string, p mentionPage) error {
	m, err := d.inbox.ByID(r.Context(), id)
	if err != nil {
		return noMention(err)
	}
	items, err := d.items(r, []*mentions.Mention{m})
	if err != nil {
		return err
	}
	able, err := d.inbox.Rulable(r.Context(), m)
	if err != nil {
		return err
	}
	p.Item, p.Buttons, p.Asked, p.Hint = items[0].whole(), allButtons(m, able), askedWords(m), knownHint(m)
	if p.frame, err = d.frame(r, "", "inbox"); err != nil {
		return err
	}
	p.Title = p.Item.Words.Author
	events, err := d.inbox.Ledger(r.Context(), m.ID)
	if err != nil {
		return err
	}
	p.Ledger = d.lines(events, p.book)
	p.weigh(m)
	return d.send(w, status, "mention", p)
}

func (d *Desk) lines(events []mentions.Event, book *words.Book) []line {
	lines := make([]line, len(events))
	day := ""
	for i, e := range events {
		at := e.At.In(d.settings.KnownZone())
		first, _ := utf8.DecodeRuneInString(e.Detail)
		lines[i] = line{Time: at.Format("15:04:05"), When: d.when(at), What: e.What, Apart: unicode.IsUpper(first), Detail: detail(e, book), Last: i == len(events)-1}
		if today := at.Format("2 January 2006"); today != day {
			day, lines[i].Day = today, today
		}
	}
	return lines
}

// weigh fills in what spoke for and against the mention.
func (p *mentionPage) weigh(m *mentions.Mention) {
	for _, s := range m.Signs {
		p.Signs = append(p.Signs, sign{s.Words, p.book.Decimal(signed(s.Weight))})
	}
	p.Sum, p.Needed = p.book.Decimal(points(m.Score)), p.book.Decimal(points(mentions.Needed))
}

// detail says what a line of a ledger tells: of a sum its signs by their names, and its
// numbers.
func detail(e mentions.Event, book *words.Book) string {
	if e.Sum == nil {
		return e.Detail
	}
	signs := make([]string, len(e.Sum.Signs))
	for i, s := range e.Sum.Signs {
		signs[i] = book.Say(s.Name) + " " + book.Decimal(signed(s.Weight))
	}
	return book.Say("%s; together %s, of %s needed.", strings.Join(signs, ", "), book.Decimal(points(e.Sum.Score)), book.Decimal(points(e.Sum.Needed)))
}

// points writes hundredths with one decimal, and with a real minus.
func points(hundredths int) string {
	s := fmt.Sprintf("%.1f", math.Abs(float64(hundredths))/100)
	if hundredths < 0 {
		return "−" + s
	}
	return s
}

// signed is points, with a plus where it is one.
func signed(hundredths int) string {
	if hundredths > 0 {
		return "+" + points(hundredths)
	}
	return points(hundredths)
}

// askedWords says how often a mention came again after its owner's verdict.
func askedWords(m *mentions.Mention) string {
	switch m.Asked {
	case 0:
		return ""
	case 1:
		return "It was sent once more since you decided. Your decision stands."
	case 2:
		return "It was sent twice more since you decided. Your decision stands."
	}
	return fmt.Sprintf("It was sent %d times more since you decided. Your decision stands.", m.Asked)
}

// knownHint says what showing a mention would mean for its author's next one.
func knownHint(m *mentions.Mention) string {
	if m.State != mentions.Held || m.AuthorURL == "" || m.Via == mentions.Own {
		return ""
	}
	for _, s := range m.Signs {
		if s.Name == "known" {
			return ""
		}
	}
	return "Show it once, and " + m.AuthorName + " is known here: that speaks for what they say next."
}

// noMention gives a missing mention its sentence.
func noMention(err error) error {
	if errors.Is(err, mentions.ErrNotFound) {
		return &page.Error{Status: http.StatusNotFound, Err: err, Text: "There is no such mention. It may have been sent long ago and never have been shown; those are not kept for ever."}
	}
	return err
}
