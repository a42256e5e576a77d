package desk

import (
	"slices"

	"hark/internal/mentions"
)

// button is a decision that is open.
type button struct {
	Do   mentions.Decision
	Text string
	Look string // its class
}

var (
	show      = button{mentions.Show, "Show", ""}
	showNew   = button{mentions.Show, "Show the new words", ""}
	keepOld   = button{mentions.Keep, "Keep the old", ""}
	notSpam   = button{mentions.NotSpam, "Not spam", ""}
	callSpam  = button{mentions.CallSpam, "Spam", ""}
	remove    = button{mentions.Delete, "Delete", ""}
	trust     = button{mentions.TrustAuthor, "Trust this author", "quiet"}
	shutOut   = button{mentions.BlockAuthor, "Block this author", "quiet"}
	shutHost  = button{mentions.BlockHost, "Block this host", "quiet"}
	readAgain = button{mentions.ReadAgain, "Read the page again", "quiet"}
)

// buttons are the decisions that are open for a mention in the list, the
// likeliest first. able tells which rules can be made of it.
func buttons(m *mentions.Mention, able map[mentions.Decision]bool) []button {
	return append(verdicts(m), ruleButtons(m, able, trust, shutHost)...)
}

// ruleButtons are those of the buttons by which a rule can be made. Nothing is
// trusted that was never read.
func ruleButtons(m *mentions.Mention, able map[mentions.Decision]bool, of ...button) []button {
	return slices.DeleteFunc(of, func(b button) bool {
		return !able[b.Do] || b.Do == mentions.TrustAuthor && (m.Verified.IsZero() || m.State == mentions.Removed)
	})
}

// allButtons are all decisions that are open, for the mention's own page.
func allButtons(m *mentions.Mention, able map[mentions.Decision]bool) []button {
	list := append(verdicts(m), ruleButtons(m, able, trust, shutOut, shutHost)...)
	if m.Via != mentions.Own && m.State != mentions.Removed && m.State != mentions.Spam {
		list = append(list, readAgain)
	}
	return list
}

// verdicts are the decisions about a mention alone.
func verdicts(m *mentions.Mention) []button {
	unread := m.Verified.IsZero()
	switch {
	case m.Via == mentions.Own:
		return ownVerdicts(m)
	case m.Changed != nil:
		return first(showNew, keepOld, callSpam, remove)
	case m.State == mentions.Held && m.Score < mentions.Needed && len(m.Signs) > 0:
		return first(suspect(m, callSpam, show, remove)...)
	case m.State == mentions.Held:
		return first(suspect(m, show, callSpam, remove)...)
	case m.State == mentions.Spam && unread, m.State == mentions.Refused && unread:
		return []button{remove}
	case m.State == mentions.Spam:
		return first(notSpam, show, remove)
	case m.State == mentions.Withdrawn && !unread:
		return []button{remove, show}
	case m.State == mentions.Removed && !unread:
		return []button{show}
	case m.State == mentions.Removed:
		return nil
	}
	return []button{callSpam, remove}
}

// ownVerdicts are about a link of our own, which is no spam.
func ownVerdicts(m *mentions.Mention) []button {
	if m.State == mentions.Shown {
		return []button{remove}
	}
	return []button{show}
}

// suspect puts the way out behind the first button, where a filter spoke
// against the mention.
func suspect(m *mentions.Mention, list ...button) []button {
	accused := func(s mentions.Sign) bool {
		return s.Weight < 0 && (s.Name == "filter" || s.Name == "akismet" || s.Name == "called-spam")
	}
	if slices.ContainsFunc(m.Signs, accused) {
		return slices.Insert(list, 1, notSpam)
	}
	return list
}

// first makes the first button the one that stands out.
func first(list ...button) []button {
	list[0].Look = "go"
	return list
}

// bulkButtons are the decisions about many of a list.
func bulkButtons(state mentions.State) []button {
	switch state {
	case mentions.Held:
		return []button{show, callSpam, remove}
	case mentions.Spam:
		return []button{notSpam, show, remove}
	case mentions.Refused:
		return []button{remove}
	case mentions.Withdrawn:
		return []button{remove, show}
	case mentions.Removed:
		return []button{show}
	}
	return []button{callSpam, remove}
}
