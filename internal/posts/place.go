package posts

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Place is where something is or was.
type Place struct {
	Name, Address                               string // Address is its page on the web
	Street, Locality, Region, Postcode, Country string
	Latitude, Longitude                         string // in degrees; both or neither
}

// IsZero tells whether nothing is known of the place.
func (p Place) IsZero() bool { return p == Place{} }

// Located tells whether the place has coordinates.
func (p Place) Located() bool { return p.Latitude != "" }

// Words are the parts of the postal address, from the near to the wide.
func (p Place) Words() string {
	var parts []string
	for _, part := range []string{p.Street, strings.TrimSpace(p.Postcode + " " + p.Locality), p.Region, p.Country} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// Location is where the post was written, or where its event is. It is nowhere where
// location-visibility says that not everybody may know.
func (p *Post) Location() Place {
	for _, value := range p.Properties["location-visibility"] {
		if value != "public" {
			return Place{}
		}
	}
	return p.Properties.place("location")
}

// Checkin is the place that the post says its author is at.
func (p *Post) Checkin() Place { return p.Properties.place("checkin") }

// place is the first value of a property that is a place, filled up from the
// others: an address often stands beside the coordinates.
func (p Properties) place(name string) (found Place) {
	for _, value := range p[name] {
		found.fill(placeOf(value))
	}
	return found
}

// placeOf reads a place: a name, the address of a page, a geo: address (RFC 5870),
// or an item such as an h-card, h-adr or h-geo.
func placeOf(value any) (place Place) {
	if s, ok := value.(string); ok {
		return placeNamed(s)
	}
	inner := embedded(value)
	if inner == nil {
		return place
	}
	for name, field := range map[string]*string{
		"name": &place.Name, "street-address": &place.Street, "locality": &place.Locality, "region": &place.Region,
		"postal-code": &place.Postcode, "country-name": &place.Country,
	} {
		*field = oneLine(firstText(inner[name]))
	}
	if address := firstText(inner["url"]); onWeb(address) {
		place.Address = address
	}
	place.locate(firstText(inner["latitude"]), firstText(inner["longitude"]))
	for _, name := range []string{"geo", "adr"} {
		if values, _ := inner[name].([]any); len(values) > 0 {
			place.fill(placeOf(values[0]))
		}
	}
	return place
}

func placeNamed(s string) (place Place) {
	s = oneLine(s)
	switch coordinates, isGeo := strings.CutPrefix(s, "geo:"); {
	case isGeo:
		coordinates, _, _ = strings.Cut(coordinates, ";")
		if parts := strings.Split(coordinates, ","); len(parts) >= 2 {
			place.locate(parts[0], parts[1])
		}
	case onWeb(s):
		place.Address, place.Name = s, Bare(s)
	default:
		place.Name = s
	}
	return place
}

// locate sets the coordinates if they are some.
func (p *Place) locate(latitude, longitude string) {
	if inDegrees(latitude, 90) && inDegrees(longitude, 180) {
		p.Latitude, p.Longitude = strings.TrimSpace(latitude), strings.TrimSpace(longitude)
	}
}

func inDegrees(s string, most float64) bool {
	degrees, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return err == nil && math.Abs(degrees) <= most && !strings.ContainsAny(s, "xXpP_")
}

// fill takes over what is not known yet.
func (p *Place) fill(other Place) {
	if !p.Located() {
		p.Latitude, p.Longitude = other.Latitude, other.Longitude
	}
	for _, field := range []struct{ to, from *string }{
		{&p.Name, &other.Name}, {&p.Address, &other.Address}, {&p.Street, &other.Street}, {&p.Locality, &other.Locality},
		{&p.Region, &other.Region}, {&p.Postcode, &other.Postcode}, {&p.Country, &other.Country},
	} {
		if *field.to == "" {
			*field.to = *field.from
		}
	}
}

// firstText is a value as a text: itself, the first of a list, the name of an
// item, or a number as it is written.
func firstText(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case fmt.Stringer: // a number whose digits were kept
		return v.String()
	case []any:
		if len(v) > 0 {
			return firstText(v[0])
		}
	case map[string]any:
		if inner := embedded(v); inner != nil {
			return firstText(inner["name"])
		}
		return firstText(v["value"])
	}
	return ""
}
