package difference

import (
	"strings"
	"testing"
)

// written is blocks as a line of text: [-gone-], {+came+}, and … for what is left out.
func written(blocks []Block) string {
	var out []string
	for _, b := range blocks {
		line := ""
		if b.Skipped > 0 {
			line = "…" + strings.Repeat("·", b.Skipped)
		}
		for _, p := range b.Pieces {
			switch p.Change {
			case Removed:
				line += "[-" + p.Text + "-]"
			case Added:
				line += "{+" + p.Text + "+}"
			default:
				line += p.Text
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, " | ")
}

func TestWhatBecameOfATextIsReadable(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"Rain.", "Rain.", ""},
		{"The jar was never meant to last.", "The jar was not meant to last.", "The jar was [-never-]{+not+} meant to last."},
		{"One.", "One.\n\nTwo.", "One. | {+\nTwo.+}"},
		{"One.\n\nTwo.\n\nThree.", "One.\n\nThree.", "One. | [-Two.\n-] | Three."},
		{"The rain fell on the town.", "A bird sang all night in the garden.", "[-The rain fell on the town-]{+A bird sang all night in the garden+}."},
		{"雨が降る", "雪が降る", "[-雨-]{+雪+}が降る"},
		{"don't stop", "don’t stop", "[-don't-]{+don’t+} stop"},
		{"a\nb\nc\nd\ne\nf", "a\nb\nc\nd\ne\ng", "…···· | e | [-f-] | {+g+}"},
		{"", "Rain.", "{+Rain.+}"},
		{"one two", "one\ntwo", "one[- -]{+\n+}two"},
	} {
		if got := written(Between(c.before, c.after)); got != c.want {
			t.Errorf("%q to %q is\n%s\nwant\n%s", c.before, c.after, got, c.want)
		}
	}
}

// whole expects that both texts can be read from what became of the one.
func whole(t *testing.T, before, after string) {
	t.Helper()
	var old, fresh []string
	for _, b := range blocks(before, after) {
		var was, is strings.Builder
		for _, p := range b.Pieces {
			if p.Change != Added {
				was.WriteString(p.Text)
			}
			if p.Change != Removed {
				is.WriteString(p.Text)
			}
		}
		if b.Change != Added {
			old = append(old, was.String())
		}
		if b.Change != Removed {
			fresh = append(fresh, is.String())
		}
	}
	if got := strings.Join(old, "\n"); got != before {
		t.Errorf("of %.200q there is left %.200q", before, got)
	}
	if got := strings.Join(fresh, "\n"); got != after {
		t.Errorf("of %.200q there is made %.200q", after, got)
	}
}

func FuzzNothingOfEitherTextIsLost(f *testing.F) {
	f.Add("One two.\n\nThree.", "One, two.\nThree four.")
	f.Add("\xff\x00 a", "\U0010FFFF\uE000 a")
	f.Fuzz(func(t *testing.T, before, after string) {
		if len(before)+len(after) > 4<<10 {
			return
		}
		whole(t, before, after)
		Between(before, after)
	})
}
