package authlog

import (
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// filter is a shipped fail2ban filter, its Python expressions made Go's.
type filter struct {
	prefilter *regexp.Regexp
	failures  []*regexp.Regexp
}

// prefixLine stands for %(__prefix_line)s of fail2ban's own common.conf, once
// the time is cut off: host, ident, process.
const prefixLine = `\s*(?:\S+\s+)?(?:hark(?:\[\d+\])?:?\s+)?`

// loadFilter reads contrib/fail2ban/filter.d/name.conf, with mode as fail2ban
// would read it from a jail.
func loadFilter(t *testing.T, name, mode string) filter {
	t.Helper()
	options := readINI(t, filepath.Join("..", "..", "contrib", "fail2ban", "filter.d", name+".conf"))
	if mode != "" {
		options["mode"] = mode
	}
	var f filter
	if prefix := options["prefregex"]; prefix != "" {
		f.prefilter = goRegexp(t, prefix, options)
	}
	for expression := range strings.SplitSeq(options["failregex"], "\n") {
		f.failures = append(f.failures, goRegexp(t, expression, options))
	}
	return f
}

// readINI reads the options of a file in Python's configparser form, where an
// indented line goes on with the option before it.
func readINI(t *testing.T, path string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	options := map[string]string{}
	last := ""
	for row := range strings.Lines(string(text)) {
		row = strings.TrimRight(row, "\r\n ")
		key, value, assigned := strings.Cut(row, "=")
		switch {
		case row == "" || row[0] == '#' || row[0] == '[':
		case row[0] == ' ' || row[0] == '\t':
			options[last] += "\n" + strings.TrimSpace(row)
		case assigned:
			last = strings.TrimSpace(key)
			options[last] = strings.TrimSpace(value)
		default:
			t.Fatalf("%s: unreadable row %q", path, row)
		}
	}
	return options
}

func goRegexp(t *testing.T, expression string, options map[string]string) *regexp.Regexp {
	t.Helper()
	replace := func(text, old, new string) string { return strings.ReplaceAll(text, old, new) }
	text := replace(expression, "%(__prefix_line)s", prefixLine)
	for range 3 { // options name options
		text = replace(text, "<mode>", options["mode"])
		for key, value := range options {
			text = replace(text, "%("+key+")s", value)
			text = replace(text, "<"+key+">", value)
		}
	}
	for _, name := range []string{"F-CONTENT", "F-USER"} {
		text = replace(text, "<"+name+">", "(?P<"+strings.ReplaceAll(name, "-", "_")+">")
		text = replace(text, "</"+name+">", ")")
	}
	text = replace(text, "<ADDR>", `(?P<ADDR>[0-9A-Fa-f:.]+)`)
	text = replace(text, "%%", "%")
	if strings.Contains(text, "%(") {
		t.Fatalf("not understood: %s", text)
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	return compiled
}

// banned gives the address that the filter would count a failure against.
func (f filter) banned(logged string) (netip.Addr, bool) {
	content := logged
	if f.prefilter != nil {
		found := f.prefilter.FindStringSubmatch(content)
		if found == nil {
			return netip.Addr{}, false
		}
		content = found[f.prefilter.SubexpIndex("F_CONTENT")]
	}
	for _, failure := range f.failures {
		found := failure.FindStringSubmatch(content)
		if found == nil {
			continue
		}
		addr, err := netip.ParseAddr(found[failure.SubexpIndex("ADDR")])
		if err == nil {
			return addr, true
		}
	}
	return netip.Addr{}, false
}

// withoutTime cuts what fail2ban cuts before it matches: the time in front.
func withoutTime(t *testing.T, logged string) string {
	t.Helper()
	time, rest, found := strings.Cut(logged, " ")
	if !found || len(time) != len("2006-01-02T15:04:05-07:00") {
		t.Fatalf("no time in front of %q", logged)
	}
	return rest
}
