package mentions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hark/internal/database"
	"hark/internal/mail"
	"hark/internal/queue"
	"hark/internal/settings"
	"hark/internal/source"
	"hark/internal/words"
)

// letterDue is the job that writes to the owner of what waits.
const letterDue queue.Kind = "letter"

// listed is how many mentions a letter names; of the others it says how many.
const listed = 20

// announce has the owner told that something waits: in one letter with all else
// that comes until it is written.
func (i *Inbox) announce(tx *database.Tx, p *policy) error {
	if p.letters.Every == settings.Never {
		return nil
	}
	return i.queue.EnqueueAt(tx, letterDue, "", nextLetter(p.letters.Every, i.now().In(i.settings.KnownZone())))
}

// nextLetter is when the next one is written: at the next full hour, or at seven
// in the morning in the zone of now.
func nextLetter(every string, now time.Time) time.Time {
	if every == settings.Hourly {
		return now.Truncate(time.Hour).Add(time.Hour)
	}
	next := time.Date(now.Year(), now.Month(), now.Day(), 7, 0, 0, 0, now.Location())
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	return next
}

// writeLetter is the handler of the job.
func (i *Inbox) writeLetter(ctx context.Context, _ queue.Job) error {
	letters, err := i.settings.Letters(ctx)
	if err != nil || letters.Every == settings.Never {
		return err
	}
	waiting, err := i.Undecided(ctx)
	if err != nil || waiting == 0 {
		return err
	}
	some, err := i.Find(ctx, Wanted{State: Held, Limit: listed})
	if err != nil {
		return err
	}
	site, err := i.settings.Site(ctx)
	if err != nil {
		return err
	}
	book := i.languages.Book(site.Spoken())
	return i.sendLetter(ctx, letters, mail.Letter{
		Subject: site.Title + ": " + waits(book, waiting),
		Text:    i.letter(some, waiting, book),
	})
}

// waits says how many mentions are held.
func waits(book *words.Book, n int) string {
	return book.Count(n, "answer waits for you to decide", "answers wait for you to decide")
}

// letter is what the owner reads. What strangers wrote stands in it as they
// wrote it, one line each and cut: a letter is plain text.
func (i *Inbox) letter(some []*Mention, waiting int, book *words.Book) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:\n%s/desk/inbox\n", waits(book, waiting), i.site.url)
	for _, m := range some {
		c := m.Content
		if m.Changed != nil {
			c = *m.Changed
		}
		fmt.Fprintf(&b, "\n* %s\n", book.Say("%s (%s), to %s", source.Line(c.AuthorName, source.NameLength), m.Host(), source.Line(m.Target, maxAddress)))
		if said := source.Line(c.Text(), source.MentionLength); said != "" {
			fmt.Fprintf(&b, "  %s\n", said)
		}
		fmt.Fprintf(&b, "  %s\n", book.Say("Why it waits: %s", source.Line(book.Sentence(m.Reason), 1000)))
		fmt.Fprintf(&b, "  %s/desk/inbox/%s\n", i.site.url, m.ID)
	}
	if more := waiting - len(some); more > 0 {
		fmt.Fprintf(&b, "\n%s\n", book.Say("And %s.", book.Count(more, "other", "others")))
	}
	fmt.Fprintf(&b, "\n%s\n", book.Say("How often this letter comes is chosen in the settings of the desk."))
	return b.String()
}

func (i *Inbox) sendLetter(ctx context.Context, l settings.Letters, letter mail.Letter) error {
	letter.To = l.To
	return l.MailServer().Send(ctx, letter)
}

// TryLetter sends a letter at once, to show that the settings are right. What
// went wrong is a *mail.Error with a sentence.
func (i *Inbox) TryLetter(ctx context.Context, l settings.Letters) error {
	if l.Server == "" || l.To == "" {
		return &mail.Error{Text: "A mail server and your address are needed first.", Err: errors.New("not set")}
	}
	site, err := i.settings.Site(ctx)
	if err != nil {
		return err
	}
	book := i.languages.Book(site.Spoken())
	return i.sendLetter(ctx, l, mail.Letter{
		Subject: book.Say("A letter from %s", i.site.url),
		Text:    book.Say("It has arrived, so the settings are right. From now on hark writes here of answers that wait for you.") + "\n",
	})
}
