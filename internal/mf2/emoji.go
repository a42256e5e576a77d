package mf2

import "strings"

const (
	joiner   = '\u200d'
	maxEmoji = 64 // bytes; the longest families take about forty
)

// IsEmoji tells whether s is one single emoji and nothing else: a reply that
// says no more than that is a reaction.
func IsEmoji(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) > maxEmoji {
		return false
	}
	if isKeycap(s) {
		return true
	}
	pictures, flags, joined := 0, 0, false
	for _, r := range s {
		switch {
		case isModifier(r):
			joined = r == joiner
			if pictures+flags == 0 {
				return false
			}
			continue
		case 0x1f1e6 <= r && r <= 0x1f1ff: // two letters make a flag
			flags++
		case !isPicture(r):
			return false
		case !joined:
			pictures++
		}
		joined = false
	}
	return pictures == 1 && flags == 0 || pictures == 0 && flags == 2
}

// isModifier tells whether r changes the picture before it: a joiner, the
// emoji style, a skin tone, a tag of a region's flag.
func isModifier(r rune) bool {
	return r == joiner || r == '\ufe0f' || 0x1f3fb <= r && r <= 0x1f3ff || 0xe0020 <= r && r <= 0xe007f
}

// isPicture tells whether r is drawn as a picture by itself.
func isPicture(r rune) bool {
	return 0x1f000 <= r && r <= 0x1faff || 0x2300 <= r && r <= 0x23ff ||
		0x2600 <= r && r <= 0x27bf || 0x2b00 <= r && r <= 0x2bff
}

// isKeycap tells whether s is a digit, # or * on its key.
func isKeycap(s string) bool {
	key, found := strings.CutSuffix(s, "\u20e3")
	key = strings.TrimSuffix(key, "\ufe0f")
	return found && len(key) == 1 && strings.Contains("0123456789#*", key)
}
