package words

import (
	"strings"
	"time"
)

// names has the names of a language stand where those of package time do.
func names(f file) *strings.Replacer {
	var pairs []string
	for i, name := range f.Months {
		pairs = append(pairs, time.Month(i+1).String(), name)
	}
	for i, name := range f.Weekdays {
		pairs = append(pairs, time.Weekday(i).String(), name)
	}
	return strings.NewReplacer(pairs...)
}
