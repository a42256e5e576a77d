package desk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"hark/internal/auth"
	"hark/internal/database"
	"hark/internal/mail"
	"hark/internal/page"
	"hark/internal/queue"
	"hark/internal/words"
)

// arrival is a browser that was not seen before, for the notice on each page.
type arrival struct {
	ID, Browser, From string
	When              when
}

// fillNews fills in what this browser is to be told of others.
func (d *Desk) fillNews(r *http.Request, f *frame) error {
	list, err := d.gate.News(r.Context(), f.User.ID, page.Cookie(r, d.cookies.device))
	if err != nil {
		return err
	}
	for _, one := range list {
		f.News = append(f.News, arrival{one.ID, browser(one.Agent), fromWhere(one.Address), d.when(one.At)})
	}
	if f.NewsPath = "/desk"; r.Method == http.MethodGet {
		f.NewsPath = r.URL.RequestURI()
	}
	return nil
}

// arrivalLetter is the job that writes to the owner of new browsers.
const arrivalLetter queue.Kind = "arrival"

// writeOfArrivals has a letter written when a browser arrives. The login does not
// wait for it.
func (d *Desk) writeOfArrivals(q *queue.Queue) {
	q.Handle(arrivalLetter, 1, d.writeArrivals)
	d.gate.OnArrival(func(tx *database.Tx, at time.Time) error { return q.EnqueueAt(tx, arrivalLetter, "", at) })
}

// writeArrivals is the handler of the job.
func (d *Desk) writeArrivals(ctx context.Context, _ queue.Job) error {
	letters, err := d.settings.Letters(ctx)
	if err != nil || letters.Server == "" || letters.To == "" {
		return err
	}
	list, err := d.gate.Unmailed(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	site, err := d.settings.Site(ctx)
	if err != nil {
		return err
	}
	book := d.spoken(site)
	letter := mail.Letter{To: letters.To, Subject: site.Title + ": " + book.Say("a new browser signed in"), Text: d.arrivalText(list, book)}
	if err := letters.MailServer().Send(ctx, letter); err != nil {
		return fmt.Errorf("write of a new browser: %w", err)
	}
	return d.gate.Mailed(ctx, list)
}

func (d *Desk) arrivalText(list []auth.Arrival, book *words.Book) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", book.Say("Somebody signed in with a browser that was not seen before:"))
	for _, one := range list {
		fmt.Fprintf(&b, "\n* %s, %s, %s\n", one.User, book.Sentence(browser(one.Agent)), book.Sentence(fromWhere(one.Address)))
		fmt.Fprintf(&b, "  %s\n", book.Date(one.At.In(d.settings.KnownZone()), minutely))
	}
	fmt.Fprintf(&b, "\n%s\n%s%s\n", book.Say("If that was not you: end the session and change the password at"), d.url, accountPath)
	fmt.Fprintf(&b, "\n%s\n", book.Say("Further letters of this kind wait for six hours."))
	return b.String()
}
