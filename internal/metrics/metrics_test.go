package metrics

import (
	"math"
	"regexp"
	"strings"
	"testing"
)

// The grammar of the format, a line at a time.
var (
	help   = regexp.MustCompile(`^# HELP [a-zA-Z_:][a-zA-Z0-9_:]* ([^\\\n]|\\\\|\\n)*$`)
	kind   = regexp.MustCompile(`^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$`)
	figure = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\\\|\\"|\\n)*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\\\|\\"|\\n)*")*\})? ([-+]?[0-9.]+(e[-+]?[0-9]+)?|NaN|[+-]Inf)$`)
)

// lines holds a page against the grammar.
func lines(t *testing.T, page string) []string {
	t.Helper()
	if page != "" && !strings.HasSuffix(page, "\n") {
		t.Error("the last line does not end")
	}
	list := strings.Split(strings.TrimSuffix(page, "\n"), "\n")
	family, seen := "", map[string]bool{}
	for _, line := range list {
		switch {
		case help.MatchString(line):
		case kind.MatchString(line):
			if family = kind.FindStringSubmatch(line)[1]; seen[family] {
				t.Errorf("%s begins twice", family)
			}
			seen[family] = true
		case figure.MatchString(line):
			if name := figure.FindStringSubmatch(line)[1]; name != family {
				t.Errorf("%s stands among the figures of %s", name, family)
			}
		default:
			t.Errorf("%q is no line of the format", line)
		}
	}
	return list
}

func TestThePageIsWhatPrometheusReads(t *testing.T) {
	var p Page
	c := p.Counter("hark_pings_total", "Pings.\nBy C:\\", "protocol", "outcome")
	c.Is(3, "pingback", "shown")
	c.Is(1e18, "a\"b\\c\nd\xff", "")
	g := p.Gauge("hark_storm", "Whether.")
	g.Is(0)
	g.Is(math.Inf(1))
	g.Is(math.NaN())
	g.Is(-0.25)
	want := `# HELP hark_pings_total Pings.\nBy C:\\
# TYPE hark_pings_total counter
hark_pings_total{protocol="pingback",outcome="shown"} 3
hark_pings_total{protocol="a\"b\\c\nd�",outcome=""} 1e+18
# HELP hark_storm Whether.
# TYPE hark_storm gauge
hark_storm 0
hark_storm +Inf
hark_storm NaN
hark_storm -0.25
`
	if got := string(p.Bytes()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	lines(t, string(p.Bytes()))
}

func FuzzLabel(f *testing.F) {
	for _, value := range []string{"", `"`, `\`, "\n", `\"`, "\xff", "ä", `x"} 1` + "\nhark_storm 1"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		var p Page
		p.Counter("x_total", value, "a", "b").Is(1, value, value)
		if n := len(lines(t, string(p.Bytes()))); n != 3 {
			t.Errorf("%q makes %d lines", value, n)
		}
	})
}
