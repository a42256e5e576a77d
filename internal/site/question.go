package site

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/posts"
)

const (
	usualPage   = 20     // mentions in an answer
	largestPage = 100    // at most; who asks for more gets so many
	mostTargets = 50     // in a question
	deepestPage = 10_000 // mentions that can be passed over; before_id and since_id lead further
)

// selection reads what is wanted from a question.
func selection(query url.Values) (wanted mentions.Selection, err error) {
	read := reader{query: query}
	wanted.Limit = int(min(read.number(1, usualPage, "per-page", "perPage"), largestPage))
	wanted.Offset = int(min(read.number(0, 0, "page"), deepestPage)) * wanted.Limit
	if wanted.Offset > deepestPage {
		read.wrong("page: at most %d mentions can be passed over. Ask with before_id, the least wm-id that came, or with since_id, to come further.", deepestPage)
	}
	wanted.After, wanted.Before = read.number(0, 0, "since_id"), read.number(0, 0, "before_id")
	wanted.Since = read.time("since")
	read.choice("sort-by", func(word string) bool { return sortBy(word, &wanted.By) }, "created, published, updated or rsvp")
	read.choice("sort-dir", func(word string) bool { wanted.Oldest = word == "up"; return word == "up" || word == "down" }, "up or down")
	for _, word := range all(query, "wm-property") {
		kinds := kindsOf(word)
		if kinds == nil {
			read.wrong("wm-property: this is in-reply-to, like-of, repost-of, bookmark-of, mention-of or rsvp.")
		}
		wanted.Kinds = append(wanted.Kinds, kinds...)
	}
	slices.Sort(wanted.Kinds)
	wanted.Kinds = slices.Compact(wanted.Kinds)
	if wanted.Targets, err = targetsIn(query); err != nil {
		return wanted, err
	}
	return wanted, read.err
}

func sortBy(word string, by *mentions.Order) bool {
	words := [...]string{mentions.ByReceived: "created", mentions.ByPublished: "published", mentions.ByVerified: "updated", mentions.ByRSVP: "rsvp"}
	n := slices.Index(words[:], word)
	*by = mentions.Order(max(n, 0))
	return n >= 0
}

// kindsOf are the kinds of answers that name what they answer by a property.
func kindsOf(property string) []mf2.Kind {
	switch property {
	case "in-reply-to":
		return []mf2.Kind{mf2.Reply, mf2.Reaction}
	case "like-of":
		return []mf2.Kind{mf2.Like}
	case "repost-of":
		return []mf2.Kind{mf2.Repost}
	case "bookmark-of":
		return []mf2.Kind{mf2.Bookmark}
	case "mention-of":
		return []mf2.Kind{mf2.Mention, mf2.Tag}
	case "rsvp":
		return []mf2.Kind{mf2.RSVP}
	}
	return nil
}

func targetsIn(query url.Values) ([]string, error) {
	targets := all(query, "target")
	if len(targets) > mostTargets {
		return nil, misasked(fmt.Sprintf("target: at most %d can be asked for at once.", mostTargets))
	}
	return targets, nil
}

// all are the values of a parameter, however its repetition is written.
func all(query url.Values, name string) (values []string) {
	for _, value := range slices.Concat(query[name], query[name+"[]"]) {
		if value != "" {
			values = append(values, value)
		}
	}
	return values
}

// reader reads parameters, and keeps the first mistake.
type reader struct {
	query url.Values
	err   error
}

func (r *reader) wrong(format string, args ...any) {
	if r.err == nil {
		r.err = misasked(fmt.Sprintf(format, args...))
	}
}

// number is a parameter under the first of its names that is there.
func (r *reader) number(least, usual int64, names ...string) int64 {
	for _, name := range names {
		value := r.query.Get(name)
		if value == "" {
			continue
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if errors.Is(err, strconv.ErrRange) && n == math.MaxInt64 {
			err = nil
		}
		if err != nil || n < least {
			r.wrong("%s: this is a whole number, %d or more.", name, least)
		}
		return n
	}
	return usual
}

// time is a parameter that tells a time. A plus in an address means a space, and
// many forget it.
func (r *reader) time(name string) time.Time {
	value := strings.TrimSpace(r.query.Get(name))
	if value == "" {
		return time.Time{}
	}
	for _, written := range []string{value, strings.Replace(value, " ", "+", 1)} {
		if when := posts.ReadWhen(written); !when.IsZero() {
			return when.Moment(time.UTC) // as webmention.io takes it
		}
	}
	r.wrong("%s: a time is written like 2026-11-23T14:05:00+01:00, or a day like 2026-11-23.", name)
	return time.Time{}
}

// choice is a parameter that is one of some words.
func (r *reader) choice(name string, take func(string) bool, words string) {
	if value := r.query.Get(name); value != "" && !take(value) {
		r.wrong("%s: this is %s.", name, words)
	}
}
