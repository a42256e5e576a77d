package mentions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"hark/internal/akismet"
	"hark/internal/bayes"
	"hark/internal/mf2"
	"hark/internal/settings"
	"hark/internal/source"
)

// Sign is one thing that speaks for or against a mention.
type Sign struct {
	Name   string `json:"name"`            // for programs
	Words  string `json:"words,omitempty"` // a sentence for the owner
	Weight int    `json:"weight"`          // in hundredths; below zero it speaks against
}

// What a score has to reach, in hundredths. The gap between is wide on purpose:
// what is called spam the owner may never look at.
const (
	Needed    = 200  // shown from here on
	spamBelow = -400 // spam below
)

// evidence is all that the judgement rests on.
type evidence struct {
	entry   source.Entry
	via     Via
	mode    settings.Mode
	rule    *Rule // the owner's, about this mention
	knock   knock // what rules ask
	crowded bool  // the target gets more mentions than usual

	known    bool   // something of this author, from this host, was shown before
	carried  bool   // by a bridge, where everybody's words come from
	moved    string // the host to which the source's address leads, if that is another site
	suspect  bool   // the host is on the owner's list
	called   int    // how much from this host the owner has called spam
	recent   int    // how many mentions came from this host in the last minutes
	language string
	posted   time.Time // when our post was published

	filter  bayes.Verdict
	akismet *akismet.Verdict // nil if it was not asked, or gave no answer
}

// judgement is what follows from the evidence.
type judgement struct {
	state  State
	reason string // of what is not shown, in sentences for its owner
	score  int
	signs  []Sign
	rule   string // the key of the owner's rule that decided, if one did
	grace  string // why it is shown whatever the signs say, in a sentence
}

// judge decides from what is known, and from nothing else, whether a verified
// mention is shown. The owner's rules come first, then how much is asked of
// strangers, then what speaks for and against it.
func judge(e evidence) judgement {
	j := judgement{state: Shown, signs: e.signs()}
	for _, s := range j.signs {
		j.score += s.Weight
	}
	if e.rule != nil {
		j.rule = e.rule.ID
	}
	switch {
	case e.rule != nil && e.rule.Stance == Block:
		j.state, j.reason = Spam, "You have blocked "+e.rule.says()+"."
	case e.rule != nil:
		j.grace = "You trust " + e.rule.says() + "."
	case e.mode == settings.ShowAll:
		j.grace = "You asked to show all that truly link."
	case j.score < spamBelow:
		j.state, j.reason = Spam, j.against()
	case e.crowded:
		j.state, j.reason = Held, Crowded
	case e.mode == settings.HoldAll:
		j.state, j.reason = Held, "You asked to see every mention before others do."
	case e.mode == settings.HoldStrangers && !e.known:
		j.state, j.reason = Held, "Nothing by this author was shown here before."
	case j.score < Needed:
		j.state, j.reason = Held, j.against()
	}
	return j
}

// against are the sentences of what speaks most against it.
func (j *judgement) against() string {
	var worst []string
	for _, s := range j.signs {
		if s.Weight < 0 {
			worst = append(worst, s.Words)
		}
	}
	if len(worst) == 0 {
		return "Little speaks for it."
	}
	return strings.Join(worst, " ")
}

// signs weighs what is known. A stranger is no doubt by itself: an ordinary page
// that links once from its text reaches what is needed, and so does a first
// reply with its microformats.
func (e *evidence) signs() []Sign {
	w := weighing{{"links", "The page truly links to you.", 100}}
	w.place(e)
	w.links(e)
	w.company(e)
	w.origin(e)
	w.learned(e)
	return w
}

// weighing gathers signs.
type weighing []Sign

func (w *weighing) add(name string, weight int, words string, args ...any) {
	*w = append(*w, Sign{name, fmt.Sprintf(words, args...), weight})
}

// place weighs where the link stands, and what the page says it is.
func (w *weighing) place(e *evidence) {
	if e.entry.Microformats && e.entry.Kind != mf2.Mention {
		w.add("microformats", 200, "It is marked up as %s.", kindNames[e.entry.Kind])
	}
	switch e.entry.Place {
	case source.InProperty, source.InText:
		w.add("text", 150, "The link to you stands in the text.")
	case source.InHiding:
		w.add("hidden", -400, "The link to you is hidden from that page’s readers.")
	case source.InHead:
		w.add("head", -200, "The link to you stands only in the page’s head, where no reader sees it.")
	case source.InFooter:
		w.add("frame", -200, "The link to you stands in the frame of that page, not in its text.")
	case source.InComments:
		w.add("comments", -200, "The link to you stands among the comments on that page, not in its text.")
	case source.InList:
		w.add("list", -150, "The link to you stands in a list of links.")
	}
}

var kindNames = map[mf2.Kind]string{
	mf2.Reply: "a reply", mf2.Like: "a like", mf2.Repost: "a repost", mf2.Bookmark: "a bookmark",
	mf2.RSVP: "an answer to an invitation", mf2.Reaction: "a reaction", mf2.Tag: "a tag",
}

// A page that links to this many others says little about any of them.
const (
	manyLinks, manyHosts = 40, 20
	someLinks, someHosts = 15, 10
)

// links weighs how many others the text links to.
func (w *weighing) links(e *evidence) {
	links, hosts := e.entry.LinkCount, e.entry.HostCount
	switch {
	case links >= manyLinks && hosts >= manyHosts:
		w.add("many-links", -300, "The link to you is one of %d links to %d sites.", links, hosts)
	case links >= someLinks && hosts >= someHosts:
		w.add("some-links", -50, "The link to you is one of %d links to %d sites.", links, hosts)
	default:
		w.add("few-links", 50, "The text links to few others.")
	}
}

// A host from which this many come within floodTime floods, if it is no bridge.
const (
	floodSize = 20
	floodTime = 10 * time.Minute
)

// leadsOn is the sign of an address that leads to another site. It speaks against
// nobody, but neither is anybody trusted by it.
const leadsOn = "leads-on"

// company weighs who says it.
func (w *weighing) company(e *evidence) {
	if e.known {
		w.add("known", 300, "You have shown this author before.")
	}
	if e.moved != "" {
		w.add(leadsOn, 0, "Its address leads on to another site, %s, so nobody is known by it.", e.moved)
	}
	if e.suspect {
		w.add("suspect", -300, "The site is on your list of suspects.")
	}
	if e.carried {
		return // what others do on a bridge says nothing about this one
	}
	if e.called > 0 {
		w.add("called-spam", -300, "You have called %s from that site spam.", count(e.called, "mention", "mentions"))
	}
	if e.recent > floodSize {
		w.add("flood", -400, "%d mentions came from that site within %d minutes.", e.recent, int(floodTime.Minutes()))
	}
}

// origin weighs how it came, its language and its age.
func (w *weighing) origin(e *evidence) {
	if e.via == Pingback {
		w.add("pingback", -50, "It came by pingback, as most junk does.")
	}
	if mine, theirs := primary(e.language), primary(e.entry.Language); mine != "" && theirs != "" {
		if mine == theirs {
			w.add("language", 50, "It is in your language.")
		} else {
			w.add("language", -50, "It is in another language than yours.")
		}
	}
	if !e.posted.IsZero() && !e.entry.Published.IsZero() && e.entry.Published.Before(e.posted.Add(-24*time.Hour)) {
		w.add("older", -50, "The page says that it is older than your post.")
	}
}

// primary is the language of a tag without its region: en of en-GB.
func primary(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
	return tag
}

// learned weighs what the filters say.
func (w *weighing) learned(e *evidence) {
	words := telling(e.filter)
	switch spam := e.filter.Spam; {
	case words == "":
	case spam >= 0.95:
		w.add("filter", -400, "Its words are like those you have called spam: %s.", words)
	case spam >= 0.8:
		w.add("filter", -200, "Some of its words are like those you have called spam: %s.", words)
	case spam <= 0.2:
		w.add("filter", 100, "Its words are like those you have shown: %s.", words)
	}
	switch v := e.akismet; {
	case v == nil, v.Unsure:
	case v.Discard:
		w.add("akismet", -800, "Akismet calls it the plainest spam.")
	case v.Spam:
		w.add("akismet", -400, "Akismet calls it spam.")
	default:
		w.add("akismet", 50, "Akismet finds nothing wrong with it.")
	}
}

const mostTelling = 5

// telling are the words on which the filter's verdict rests.
func telling(v bayes.Verdict) string {
	var words []string
	for _, word := range v.Telling[:min(len(v.Telling), mostTelling)] {
		words = append(words, "“"+strings.TrimPrefix(word.Word, "host:")+"”")
	}
	return strings.Join(words, ", ")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// says is what a rule is about, within a sentence.
func (r *Rule) says() string {
	switch r.Scope {
	case ByAuthor:
		return "the author " + r.Value
	case BySuffix:
		return r.Value + " and all below it"
	case ByPrefix:
		return "all addresses that begin with " + r.Value
	case BySender:
		return "the sender " + r.Value
	}
	return r.Value
}

// differs tells whether what a source says has changed so much that whoever
// showed it may not want it now: its words, its title, or who says it.
func (c Content) differs(next Content) bool {
	titles := c.Title != "" && next.Title != "" && apart(c.Title, next.Title)
	return titles || apart(c.AuthorName, next.AuthorName) || hostOf(c.AuthorURL) != hostOf(next.AuthorURL) || apart(c.Text(), next.Text())
}

// apart tells whether fewer than half of all words are in both texts. In texts
// without words, such as an emoji, any change counts.
func apart(old, new string) bool {
	a, b := bayes.Words(old), bayes.Words(new)
	if len(a)+len(b) == 0 {
		return old != new
	}
	both := 0
	for _, word := range a {
		if slices.Contains(b, word) {
			both++
		}
	}
	return 2*both < len(a)+len(b)-both
}
