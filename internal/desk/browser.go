package desk

import "strings"

// browsers and systems are looked for in a User-Agent, in this order: most name
// others as well, to be taken for them.
var browsers = []struct{ sign, name string }{
	{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"}, {"Vivaldi/", "Vivaldi"}, {"SamsungBrowser/", "Samsung Internet"},
	{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chromium/", "Chromium"}, {"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"}, {"Epiphany/", "GNOME Web"}, {"Safari/", "Safari"},
}

var systems = []struct{ sign, name string }{
	{"iPhone", "an iPhone"}, {"iPad", "an iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"},
	{"Macintosh", "a Mac"}, {"Linux", "Linux"}, {"X11", "a Unix"},
}

// browser is what a User-Agent says of itself, in words. It may lie.
func browser(agent string) string {
	if agent == "" {
		return "a browser without a name"
	}
	name, system := "", ""
	for _, b := range browsers {
		if strings.Contains(agent, b.sign) {
			name = b.name
			break
		}
	}
	for _, s := range systems {
		if strings.Contains(agent, s.sign) {
			system = s.name
			break
		}
	}
	switch {
	case name != "" && system != "":
		return name + " on " + system
	case name != "":
		return name
	}
	if program := program(agent); program != "" {
		return "the program " + program
	}
	return "a program"
}

// program is the first product of a User-Agent (RFC 9110 §10.1.5), if it has a
// plain name.
func program(agent string) string {
	name, _, _ := strings.Cut(agent, "/")
	plain := strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == ""
	if !plain || name == "Mozilla" || len(name) > 30 {
		return ""
	}
	return name
}

// fromWhere says an address in words.
func fromWhere(address string) string {
	if address == "" {
		return "from an address that is not known"
	}
	return "from " + address
}
