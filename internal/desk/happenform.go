package desk

import "strings"

// mistakesOf are the fields beside which a sentence about when and where can stand.
var mistakesOf = map[string][]string{
	"event":   {"start", "end", "happens-zone", "location", "location-page", "location-geo"},
	"checkin": {"checkin", "checkin-page", "checkin-geo"},
}

// Open tells whether the fields about an event, or a check-in, are in sight.
func (p writePage) Open(part string) bool {
	for _, field := range mistakesOf[part] {
		if p.Wrong.Of(field) != nil {
			return true
		}
	}
	h := p.Draft.Happens
	if part == "checkin" {
		return p.First(part) || h.Checkin != spot{}
	}
	return p.First(part) || strings.TrimSpace(h.StartDay+h.StartAt+h.EndDay+h.EndAt) != "" || h.Location != spot{}
}

// spotForm is what desk/_spot.html draws: the fields of one place.
type spotForm struct {
	Property string
	spot
	Wrong wrong
}

// Spot are the fields of the place that a property holds.
func (p writePage) Spot(property string) spotForm {
	at := p.Draft.Happens.Location
	if property == "checkin" {
		at = p.Draft.Happens.Checkin
	}
	return spotForm{property, at, p.Wrong}
}

// Field is a mistake in a field of the place.
func (f spotForm) Mistake(name string) *mistake { return f.Wrong.Of(f.Property + name) }

// Said is when and where, in a line; empty where nothing is said.
func (h happens) Said() string {
	var said []string
	add := func(lead string, parts ...string) {
		if words := strings.Join(strings.Fields(strings.Join(parts, " ")), " "); words != "" {
			said = append(said, lead+" "+words)
		}
	}
	add("begins", h.StartDay, h.StartAt)
	add("ends", h.EndDay, h.EndAt)
	if len(said) > 0 {
		add("in the zone", h.Zone)
	}
	for _, one := range []struct {
		lead string
		at   spot
	}{{"is at", h.Location}, {"you are at", h.Checkin}} {
		add(one.lead, one.at.Name, one.at.Street, one.at.Postcode, one.at.Town, one.at.Region, one.at.Country, one.at.Page, one.at.Coordinates)
	}
	return strings.Join(said, ", ")
}
