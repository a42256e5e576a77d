package desk

import (
	"net/http"

	"hark/internal/settings"
)

// tellingPage is what desk/telling.html draws.
type tellingPage struct {
	choicesFrame
	Typed settings.Telling
}

// telling shows what is chosen about telling others.
func (d *Desk) telling(w http.ResponseWriter, r *http.Request) error {
	telling, err := d.settings.Telling(r.Context())
	if err != nil {
		return err
	}
	return d.sendTelling(w, r, http.StatusOK, tellingPage{choicesFrame{Seen: settings.Mark(&telling)}, telling})
}

func (d *Desk) sendTelling(w http.ResponseWriter, r *http.Request, status int, p tellingPage) error {
	if err := d.fillChoices(r, &p.choicesFrame, "telling"); err != nil {
		return err
	}
	if p.Seen == "" {
		now, err := d.settings.Telling(r.Context())
		if err != nil {
			return err
		}
		p.Seen = settings.Mark(&now)
	}
	return d.send(w, status, "telling", p)
}

// saveTelling keeps what is chosen about telling others.
func (d *Desk) saveTelling(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(w, r, writeLimit)
	if err != nil {
		return err
	}
	typed := settings.Telling{Hub: fields.Get("hub"), Never: settings.Hosts(fields.Get("never")), Targets: settings.Targets(fields.Get("targets"))}
	if err := d.settings.Seeing(fields.Get(seenIn)).SaveTelling(r.Context(), typed); err != nil {
		status, again := unsavedChoices(err, fields)
		if status == 0 {
			return err
		}
		return d.sendTelling(w, r, status, tellingPage{again, typed})
	}
	return seeOther(w, r, "/desk/settings/telling?saved")
}
