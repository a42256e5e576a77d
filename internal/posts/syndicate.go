package posts

import (
	"slices"

	"hark/internal/database"
)

// CopyTo is the property that holds the addresses of the places to which the writer
// wants the post copied, as Micropub names it.
const CopyTo = "mp-syndicate-to"

// CopiesTo are the addresses of those places, each once. The post's page links to
// them, and they are told of it.
func (p *Post) CopiesTo() (addresses []string) {
	for _, address := range p.Properties.Addresses(CopyTo) {
		if onWeb(address) && !slices.Contains(addresses, address) {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// Copied remembers that there is a copy of a post at an address. It is no new version
// of the post: nobody has written anything.
func (s *Store) Copied(tx *database.Tx, id, address string) error {
	return s.amend(tx, id, func(p Properties) bool {
		if !onWeb(address) || slices.Contains(p.Addresses("syndication"), address) {
			return false
		}
		p["syndication"] = append(p["syndication"], address)
		return true
	})
}
