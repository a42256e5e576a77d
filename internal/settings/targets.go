package settings

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Targets are places that make copies of posts when they are told of them by
// webmention: one a line, a name and then an address.
type Targets string

// Target is a place to which posts can be copied.
type Target struct {
	Name    string
	Address string // which a post links to, and whose webmention endpoint is told
}

const (
	mostTargets   = 20
	longestTarget = 60 // runes of a name
)

// All lists them.
func (t Targets) All() (all []Target) {
	for line := range strings.Lines(string(t)) {
		if words := strings.Fields(line); len(words) > 1 {
			all = append(all, Target{strings.Join(words[:len(words)-1], " "), words[len(words)-1]})
		}
	}
	return all
}

// check brings what was typed into the form that is kept. An address alone is named by
// its host and path.
func (t *Targets) check(field string) error {
	var kept []string
	seen := map[string]bool{}
	for line := range strings.Lines(string(*t)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		address := words[len(words)-1]
		name := strings.Join(words[:len(words)-1], " ")
		if _, bare, _ := strings.Cut(address, "://"); name == "" {
			name = strings.TrimSuffix(bare, "/")
		}
		switch {
		case len(address) > maxHub || !isPlain(address) || !isAddress(address):
			return &Invalid{field, fmt.Sprintf("“%s” does not end with an address. Write one a line, like: Mastodon https://brid.gy/publish/mastodon", strings.Join(words, " "))}
		case utf8.RuneCountInString(name) > longestTarget:
			return &Invalid{field, fmt.Sprintf("That is too long for a name: %d letters at most.", longestTarget)}
		}
		if !seen[address] {
			seen[address] = true
			kept = append(kept, name+" "+address)
		}
	}
	if len(kept) > mostTargets {
		return &Invalid{field, fmt.Sprintf("Those are many places: %d at most.", mostTargets)}
	}
	*t = Targets(strings.Join(kept, "\n"))
	return nil
}
