package mentions

import (
	"fmt"
	"strings"

	"hark/internal/mf2"
	"hark/internal/settings"
)

// evidence is all that the judgement rests on.
type evidence struct {
	entry   Entry
	mode    settings.Mode
	known   bool // something of this author, from this host, was shown before
	crowded bool // the target gets more mentions than usual
}

// judge decides from what is known, and from nothing else, whether a verified
// mention is shown. A held one comes with the reason in a sentence.
func judge(e evidence) (State, string) {
	switch {
	case e.mode == settings.ShowAll:
		return Shown, ""
	case e.mode == settings.HoldAll:
		return Held, "You asked to see every mention before others do."
	case e.mode == settings.HoldStrangers && !e.known:
		return Held, "Nothing by this author was shown here before."
	}
	if doubt := e.doubt(); doubt != "" {
		return Held, doubt
	}
	return Shown, ""
}

// A page that links to this many others says little about any of them.
const (
	manyLinks = 40
	manyHosts = 20
)

// doubt is what speaks against showing the mention, empty if nothing does. A
// stranger is no doubt by itself, nor how the mention came.
func (e evidence) doubt() string {
	answers := e.entry.Microformats && e.entry.Kind != mf2.Mention
	switch {
	case e.crowded:
		return Crowded
	case e.entry.Place == InHiding:
		return "The link to you is hidden from that page's readers."
	case answers:
		return ""
	case e.entry.Place == InHead:
		return "The link to you stands only in the page's head, where no reader sees it."
	case e.entry.LinkCount >= manyLinks && e.entry.HostCount >= manyHosts:
		return fmt.Sprintf("The link to you is one of %d links to %d sites.", e.entry.LinkCount, e.entry.HostCount)
	case e.entry.Place == InFooter:
		return "The link to you stands in the frame of that page, not in its text."
	case e.entry.Place == InComments:
		return "The link to you stands among the comments on that page, not in its text."
	case e.entry.Place == InList && !e.entry.Microformats:
		return "The link to you stands in a list of links."
	}
	return ""
}

// differ tells whether the words have changed so much that whoever showed the
// old ones may not want the new ones: fewer than half of all words are in both.
func differ(old, new string) bool {
	a, b := words(old), words(new)
	both, all := 0, len(b)
	for word := range a {
		if b[word] {
			both++
		} else {
			all++
		}
	}
	return all > 0 && 2*both < all
}

func words(html string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(strings.ToLower(lineOf(parseFragment(html)))) {
		set[word] = true
	}
	return set
}
