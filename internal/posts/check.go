package posts

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gosimple/slug"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// maxTags and maxTag bound the tags of a post, in tags and in runes.
const (
	maxTags = 50
	maxTag  = 60
)

// tidy brings what was typed into the form in which it is kept.
func (p *Post) tidy() {
	p.Title = oneLine(p.Title)
	p.Content = strings.TrimRight(newlines.Replace(strings.ToValidUTF8(p.Content, "\uFFFD")), " \t\n")
	p.Slug = strings.Trim(strings.TrimSpace(p.Slug), "/")
	p.Tags = tidyTags(p.Tags)
	if !p.Published.IsZero() {
		p.Published = p.Published.UTC().Truncate(time.Second)
	}
	p.Quiet, p.Audience = tidyQuiet(p.Quiet), People(p.Audience)
	p.Lang, p.Series = strings.TrimSpace(p.Lang), oneLine(p.Series)
	if p.Visibility == "" {
		p.Visibility = Public
	}
	p.Properties = maps.Clone(p.Properties) // the caller keeps its own
	maps.DeleteFunc(p.Properties, func(_ string, values []any) bool { return len(values) == 0 })
}

// newlines makes them one kind, and takes away the one character that
// PostgreSQL cannot keep.
var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "")

// oneLine is a text without control characters, each white space one space, and
// letters with marks in their composed form, so that equal words are equal.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

// tidyQuiet keeps each address once, as it was typed.
func tidyQuiet(addresses []string) (kept []string) {
	for _, address := range addresses {
		if onWeb(address) && utf8.ValidString(address) && len(kept) < maxQuiet && !slices.Contains(kept, address) {
			kept = append(kept, address)
		}
	}
	return kept
}

func tidyTags(tags []string) (tidied []string) {
	seen := map[string]bool{}
	for _, tag := range tags {
		tag = strings.TrimLeft(oneLine(tag), "# ")
		if key := TagKey(tag); key != "" && !seen[key] {
			seen[key] = true
			tidied = append(tidied, tag)
		}
	}
	return tidied
}

// TagKey is the form of a tag in its address: lower case, letters and digits of
// any script, the rest as hyphens.
func TagKey(tag string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ToLower(tag)) {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r), r == '_', r == '+':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

// check refuses what cannot be kept, naming the field.
func (p *Post) check(now time.Time) error {
	switch {
	case utf8.RuneCountInString(p.Title) > 300:
		return &Invalid{"title", "That is too long for a title: 300 letters at most."}
	case len(p.Content) > MaxContent:
		return &Invalid{"text", fmt.Sprintf("That is too long for one post: %d KB at most.", MaxContent>>10)}
	case strings.Count(p.Content, "\n") >= MaxLines:
		return &Invalid{"text", fmt.Sprintf("Those are too many lines for one post: %d at most. Make two of it.", MaxLines)}
	case len(p.Tags) > maxTags:
		return &Invalid{"tags", fmt.Sprintf("Those are too many tags: %d at most.", maxTags)}
	case p.Slug != "" && !IsSlug(p.Slug):
		return &Invalid{"slug", "An address may have small letters, digits and hyphens, 100 at most."}
	case p.Apart && isReserved(p.Slug):
		return &Invalid{"slug", "Another page of the site lives at /" + p.Slug + " already."}
	case p.Status == Published && p.Published.After(now.Add(time.Minute)):
		return &Invalid{"published", "That day lies in the future."}
	case p.Status == Scheduled && p.Published.IsZero():
		return &Invalid{"published", "Say when it is to be published."}
	case p.Published.After(now.AddDate(farthest, 0, 0)):
		return &Invalid{"published", fmt.Sprintf("That day lies too far ahead: %d years at most.", farthest)}
	case !p.Published.IsZero() && p.Published.Unix() <= 0:
		return &Invalid{"published", "That day lies before 1970."}
	}
	for _, tag := range p.Tags {
		if utf8.RuneCountInString(tag) > maxTag {
			return &Invalid{"tags", fmt.Sprintf("The tag %q is too long: %d letters at most.", shorten(tag, 20), maxTag)}
		}
	}
	for _, check := range []func() error{p.checkStanding, p.checkAudience, p.checkSize} {
		if err := check(); err != nil {
			return err
		}
	}
	if err := p.checkAnswers(); err != nil || p.Status == Draft {
		return err // what a draft lacks can come yet
	}
	return p.checkKind()
}

// farthest is how many years ahead a post can be scheduled.
const farthest = 10

// maxSeries bounds the name of a series, in runes.
const maxSeries = 100

// checkStanding refuses what says wrongly who may see the post, and where.
func (p *Post) checkStanding() error {
	switch {
	case p.Visibility != Public && p.Visibility != Unlisted && p.Visibility != Private:
		return &Invalid{"visibility", "A post is public, unlisted or private."}
	case p.Lang != "" && !isLanguage(p.Lang):
		return &Invalid{"language", "A language is written like en, de or pt-BR."}
	case utf8.RuneCountInString(p.Series) > maxSeries:
		return &Invalid{"series", fmt.Sprintf("That is too long for the name of a series: %d letters at most.", maxSeries)}
	case p.Series != "" && TagKey(p.Series) == "":
		return &Invalid{"series", "The name of a series needs a letter or a digit."}
	}
	return nil
}

// isLanguage tells whether s is a language as pages name it.
func isLanguage(s string) bool {
	_, err := language.Parse(s)
	return err == nil && len(s) <= 35 && !strings.Contains(s, "_")
}

// checkSize bounds the properties together: apps add to them again and again.
func (p *Post) checkSize() error {
	whole, most, largest := 0, 0, ""
	for name, values := range p.Properties {
		kept, err := json.Marshal(values)
		if err != nil {
			return fmt.Errorf("measure %s: %w", name, err)
		}
		size := len(name) + len(kept)
		if whole += size; size > most {
			most, largest = size, name
		}
	}
	if whole > MaxProperties {
		return &Invalid{"properties", fmt.Sprintf("What the post says beside its text is too much: %d MiB at most. The most of it is in %s.", MaxProperties>>20, largest)}
	}
	return nil
}

func (p *Post) checkAnswers() error {
	for _, r := range responses {
		for _, value := range p.Properties[r.property] {
			if !onWeb(addressOf(value)) {
				return &Invalid{r.property, "What a post answers is a web address: https://…"}
			}
		}
	}
	if property, _ := p.Answers(); p.Status != Draft && property == "" && strings.TrimSpace(p.Content) == "" && !p.speaks() {
		return &Invalid{"text", "There is nothing to publish yet: write something first."}
	}
	if p.Status != Draft && p.Kind == Reply && strings.TrimSpace(p.Content) == "" {
		return &Invalid{"text", "A reply needs some words."}
	}
	return nil
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(?:[-_][a-z0-9]+)*$`)

// speaks tells whether the post says something without words.
func (p *Post) speaks() bool {
	return p.Kind == Event && p.Title != "" || p.Kind == Checkin || p.Kind == Photo || p.Kind == Video || p.Kind == Audio
}

// slugs are the addresses to try for a post, best first: the one wished for, else
// one made from its words, then the same with a number, then with a part of its
// key, which nothing else has.
func (p *Post) slugs(zone *time.Location) iter.Seq[string] {
	base := p.slug(zone)
	return func(yield func(string) bool) {
		if !yield(base) {
			return
		}
		for n := 2; n <= 20; n++ {
			if !yield(base + "-" + strconv.Itoa(n)) {
				return
			}
		}
		yield(base + "-" + p.ID[len(p.ID)-8:])
	}
}

// slug is the first of slugs.
func (p *Post) slug(zone *time.Location) string {
	base := p.Slug
	if base == "" && p.Path != "" {
		base = path.Base(p.Path) // it stands elsewhere now, under the same name
	}
	if base == "" {
		base = Slug(p.Name())
	}
	if base == "" {
		base = p.Published.In(zone).Format("0102-150405")
	}
	if _, err := strconv.Atoi(base); err == nil && len(base) <= 2 {
		base = "post-" + base // /2026/11 is the archive of a month
	}
	if p.Apart && isReserved(base) {
		base = "page-" + base
	}
	return base
}

// IsSlug tells whether an address can end so.
func IsSlug(s string) bool { return len(s) <= 100 && slugForm.MatchString(s) }

// Slug is the part of an address that is made from words: small letters, digits and
// hyphens, 60 at most. It is empty where there are none of them.
func Slug(words string) string {
	return strings.Trim(limit(slug.Make(shorten(words, 50)), 60), "-")
}

func limit(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[:n]
	if i := strings.LastIndexByte(s, '-'); i > 0 {
		s = s[:i]
	}
	return s
}
