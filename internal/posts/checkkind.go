package posts

// checkKind refuses what cannot be published as what it says it is.
func (p *Post) checkKind() error {
	for _, check := range []func() error{p.checkPage, p.checkEvent, p.checkRSVP, p.checkFiles, p.checkPlaces} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Post) checkPage() error {
	if p.Apart && p.Title == "" {
		return &Invalid{"title", "A page needs a title."}
	}
	return nil
}

// timeForm says how a time is written.
const timeForm = " is written like 2026-11-23, or 2026-11-23T19:30+01:00."

func (p *Post) checkEvent() error {
	start, end := p.Start(), p.End()
	switch {
	case len(p.Properties["start"]) > 0 && start.IsZero():
		return &Invalid{"start", "When an event begins" + timeForm}
	case len(p.Properties["end"]) == 0:
		return nil
	case end.IsZero():
		return &Invalid{"end", "When an event ends" + timeForm}
	case start.IsZero():
		return &Invalid{"start", "An event that ends has to begin: say when."}
	case end.before(start):
		return &Invalid{"end", "The event ends before it begins."}
	}
	return nil
}

func (p *Post) checkRSVP() error {
	switch {
	case len(p.Properties["rsvp"]) == 0:
		return nil
	case p.RSVP() == "":
		return &Invalid{"rsvp", "An answer to an invitation is yes, no, maybe or interested."}
	case p.Properties.Address("in-reply-to") == "":
		return &Invalid{"in-reply-to", "An answer to an invitation needs the address of the event."}
	}
	return nil
}

// maxFiles bounds how many files of one sort a post is about.
const maxFiles = 100

func (p *Post) checkFiles() error {
	for _, name := range fileProperties {
		if len(p.Properties[name]) > maxFiles {
			return &Invalid{name, "Those are too many for one post: 100 at most."}
		}
		for _, value := range p.Properties[name] {
			if !isFile(fileOf(value).Address) {
				return &Invalid{name, "This is the address of a file: https://… or one of this site."}
			}
		}
	}
	return nil
}

func (p *Post) checkPlaces() error {
	for _, name := range []string{"location", "checkin"} {
		if len(p.Properties[name]) > 0 && p.Properties.place(name).IsZero() {
			return &Invalid{name, "A place has a name, an address or coordinates: geo:53.55,9.99"}
		}
	}
	return nil
}
