package fail2ban

import (
	"regexp"
	"strings"
)

// fill puts values into a shipped file.
func fill(text string, v Values) string {
	if v.Ident != "" {
		text = set(text, "_daemon", regexp.QuoteMeta(v.Ident))
	}
	if v.Program != "" {
		text = set(text, "hark", v.Program)
	}
	if v.DataPath != "" {
		text = set(text, "data", v.DataPath)
	}
	text = logOf(text, "hark-auth", v.AuthLog)
	return logOf(text, "hark-mention", v.PingLog)
}

// set gives an option another value. Python's configparser wants a % doubled.
func set(text, option, value string) string {
	return optionRow(option).ReplaceAllLiteralString(text, option+" = "+escaped(value))
}

func optionRow(option string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(option) + ` *=.*$`)
}

func escaped(value string) string { return strings.ReplaceAll(value, "%", "%%") }

// logOf lets a jail read a file instead of the journal.
func logOf(text, jail, log string) string {
	head, section, found := strings.Cut(text, "["+jail+"]\n")
	if log == "" || !found {
		return text
	}
	end := strings.Index(section, "\n[")
	if end < 0 {
		end = len(section)
	}
	row := optionRow("backend")
	return head + "[" + jail + "]\n" + row.ReplaceAllLiteralString(section[:end], "backend  = auto\nlogpath  = "+escaped(log)) + section[end:]
}

// valuesOf reads from written files what fill has put there, so that they can be
// held against what this hark would write.
func valuesOf(text string, v *Values) {
	find := func(text, option string, to *string) {
		if row := optionRow(option).FindString(text); row != "" {
			_, value, _ := strings.Cut(row, "=")
			*to = strings.ReplaceAll(strings.TrimSpace(value), "%%", "%")
		}
	}
	find(text, "hark", &v.Program)
	find(text, "data", &v.DataPath)
	auth, ping, _ := strings.Cut(text, "[hark-mention]\n")
	find(auth, "logpath", &v.AuthLog)
	find(ping, "logpath", &v.PingLog)
}
