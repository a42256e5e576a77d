package desk

import (
	"context"
	"net/http"

	"hark/internal/settings"
)

// answersPage is what desk/answers.html draws.
type answersPage struct {
	choicesFrame
	Typed settings.Answers
	Modes []mode
}

// mode is one answer to the question which mentions wait for the owner.
type mode struct {
	Value      settings.Mode
	Name, Says string
	Chosen     bool
}

func modes(chosen settings.Mode) []mode {
	all := []mode{
		{Value: settings.ShowAll, Name: "Show all that truly link", Says: "Whatever is verified stands beneath your post at once."},
		{Value: settings.HoldDoubtful, Name: "Hold the doubtful", Says: "An ordinary answer is shown at once, from a stranger too. One that something speaks against waits for you."},
		{Value: settings.HoldStrangers, Name: "Hold strangers", Says: "Authors whom you have shown before are shown at once. All others wait for you."},
		{Value: settings.HoldAll, Name: "Hold all", Says: "Nothing is shown before you have seen it."},
	}
	for i := range all {
		all[i].Chosen = all[i].Value == chosen
	}
	return all
}

// answers shows what is chosen about answers.
func (d *Desk) answers(w http.ResponseWriter, r *http.Request) error {
	answers, err := d.settings.Answers(r.Context())
	if err != nil {
		return err
	}
	return d.sendAnswers(w, r, http.StatusOK, answersPage{choicesFrame: choicesFrame{Seen: settings.Mark(&answers)}, Typed: answers})
}

func (d *Desk) sendAnswers(w http.ResponseWriter, r *http.Request, status int, p answersPage) error {
	p.Modes = modes(p.Typed.Mode)
	if err := d.fillChoices(r, &p.choicesFrame, "answers"); err != nil {
		return err
	}
	if p.Seen == "" {
		now, err := d.settings.Answers(r.Context())
		if err != nil {
			return err
		}
		p.Seen = settings.Mark(&now)
	}
	return d.send(w, status, "answers", p)
}

// saveAnswers keeps what is chosen about answers.
func (d *Desk) saveAnswers(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, writeLimit)
	if err != nil {
		return err
	}
	typed := settings.Answers{
		Mode: settings.Mode(fields.Get("mode")), Bridges: settings.Hosts(fields.Get("bridges")), Suspects: settings.Hosts(fields.Get("suspects")),
		Aliases: settings.Hosts(fields.Get("aliases")), Akismet: fields.Get("akismet"),
	}
	if err := d.keepAnswers(r.Context(), typed, fields.Get(seenIn)); err != nil {
		status, again := unsavedChoices(err, fields)
		if status == 0 {
			return err
		}
		return d.sendAnswers(w, r, status, answersPage{choicesFrame: again, Typed: typed})
	}
	return seeOther(w, r, "/desk/settings/answers?saved")
}

// keepAnswers keeps what is chosen, once Akismet has said that a new key is good.
func (d *Desk) keepAnswers(ctx context.Context, typed settings.Answers, seen string) error {
	if err := typed.Check(); err != nil {
		return err
	}
	before, err := d.settings.Answers(ctx)
	if err != nil {
		return err
	}
	if typed.Akismet != "" && typed.Akismet != before.Akismet {
		if err := d.inbox.TryAkismet(ctx, typed.Akismet); err != nil {
			return err
		}
	}
	return d.settings.Seeing(seen).SaveAnswers(ctx, typed)
}
