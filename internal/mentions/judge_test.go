package mentions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hark/internal/akismet"
	"hark/internal/bayes"
	"hark/internal/mf2"
	"hark/internal/settings"
	"hark/internal/source"
)

func TestWhatSpeaksForAndAgainstDecides(t *testing.T) {
	plain := source.Entry{Place: source.InText, LinkCount: 1, HostCount: 1}
	formatted := func(kind mf2.Kind) source.Entry {
		return source.Entry{Place: source.InProperty, Kind: kind, Microformats: true}
	}
	in := func(place source.Place) source.Entry { return source.Entry{Place: place} }
	yes, no := &akismet.Verdict{Spam: true}, &akismet.Verdict{}
	spammy := bayes.Verdict{Spam: 0.99, Telling: []bayes.Word{{Word: "casino", Spam: 0.99}}}
	posted := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		e    evidence
		want State
		sign string
	}{
		"a plain page by a stranger":                {evidence{entry: plain}, Shown, "text"},
		"the same by pingback":                      {evidence{entry: plain, via: Pingback}, Shown, "pingback"},
		"a first reply":                             {evidence{entry: formatted(mf2.Reply)}, Shown, "microformats"},
		"a first like":                              {evidence{entry: formatted(mf2.Like)}, Shown, "microformats"},
		"a first repost by pingback, many others":   {evidence{entry: formatted(mf2.Repost), via: Pingback}, Shown, "microformats"},
		"in a list":                                 {evidence{entry: in(source.InList)}, Held, "list"},
		"in the footer":                             {evidence{entry: in(source.InFooter)}, Held, "frame"},
		"among comments":                            {evidence{entry: in(source.InComments)}, Held, "comments"},
		"in the head":                               {evidence{entry: in(source.InHead)}, Held, "head"},
		"hidden":                                    {evidence{entry: in(source.InHiding)}, Held, "hidden"},
		"hidden, and the words of spam":             {evidence{entry: in(source.InHiding), filter: spammy}, Spam, "filter"},
		"one of many links":                         {evidence{entry: source.Entry{Place: source.InText, LinkCount: 64, HostCount: 41}}, Held, "many-links"},
		"one of some links":                         {evidence{entry: source.Entry{Place: source.InText, LinkCount: 20, HostCount: 12}}, Shown, "some-links"},
		"a list of suspects":                        {evidence{entry: plain, suspect: true}, Held, "suspect"},
		"a host whose mentions were called spam":    {evidence{entry: plain, called: 2}, Held, "called-spam"},
		"a bridge through which spam came":          {evidence{entry: formatted(mf2.Reply), called: 2, carried: true}, Shown, "microformats"},
		"a flood":                                   {evidence{entry: plain, recent: floodSize + 1}, Held, "flood"},
		"a flood through a bridge":                  {evidence{entry: formatted(mf2.Like), recent: 500, carried: true}, Shown, "microformats"},
		"a flood by one who is known":               {evidence{entry: formatted(mf2.Reply), recent: floodSize + 1, known: true}, Shown, "known"},
		"in another language":                       {evidence{entry: source.Entry{Place: source.InText, Language: "fr-CA"}, language: "en"}, Shown, "language"},
		"in another language, by pingback, old":     {evidence{entry: source.Entry{Place: source.InText, Language: "fr", Published: posted.AddDate(-1, 0, 0)}, language: "en", via: Pingback, posted: posted}, Held, "older"},
		"the words of spam":                         {evidence{entry: plain, filter: spammy}, Held, "filter"},
		"the words of spam, from one who is known":  {evidence{entry: formatted(mf2.Reply), filter: spammy, known: true}, Shown, "filter"},
		"the words of spam, in a list, and Akismet": {evidence{entry: in(source.InList), filter: spammy, akismet: yes}, Spam, "akismet"},
		"Akismet alone":                             {evidence{entry: plain, akismet: yes}, Held, "akismet"},
		"Akismet finds nothing":                     {evidence{entry: plain, akismet: no}, Shown, "akismet"},
		"too many for this post":                    {evidence{entry: plain, crowded: true}, Held, "text"},
		"a stranger where strangers wait":           {evidence{entry: plain, mode: settings.HoldStrangers}, Held, "text"},
		"one who is known where strangers wait":     {evidence{entry: plain, mode: settings.HoldStrangers, known: true}, Shown, "known"},
		"anybody where all wait":                    {evidence{entry: formatted(mf2.Reply), mode: settings.HoldAll, known: true}, Held, "known"},
		"the worst where all are shown":             {evidence{entry: in(source.InHiding), mode: settings.ShowAll, filter: spammy}, Shown, "hidden"},
		"the worst of one who is trusted":           {evidence{entry: in(source.InHiding), filter: spammy, crowded: true, mode: settings.HoldAll, rule: &Rule{Stance: Trust}}, Shown, "hidden"},
		"the best of one who is blocked":            {evidence{entry: formatted(mf2.Reply), known: true, mode: settings.ShowAll, rule: &Rule{Stance: Block}}, Spam, "known"},
		"spam is no reason to ask where all wait":   {evidence{entry: in(source.InHiding), filter: spammy, mode: settings.HoldAll}, Spam, "hidden"},
	} {
		j := judge(c.e)
		if j.state != c.want || (j.state == Shown) != (j.reason == "") {
			t.Errorf("%s: %s (%q, %d %+v), want %s", name, j.state, j.reason, j.score, j.signs, c.want)
		}
		sum, named := 0, false
		for _, s := range j.signs {
			sum += s.Weight
			named = named || s.Name == c.sign
			if !strings.HasSuffix(s.Words, ".") {
				t.Errorf("%s: %q is no sentence", name, s.Words)
			}
		}
		if sum != j.score || !named {
			t.Errorf("%s: %d is not the sum of %+v, or %s is not among them", name, j.score, j.signs, c.sign)
		}
	}
}

func TestAFloodFromOneHostWaitsAndItsReasonIsNamed(t *testing.T) {
	t.Parallel() // it waits, for real
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	var last *Mention
	for n := range floodSize + 1 {
		last = w.arrive(b.html(fmt.Sprintf("/%d", n), linking(ours(p))), ours(p))
		w.pass(20 * time.Second)
	}
	if last = w.expect(last.ID, Held); !strings.Contains(last.Reason, "21 mentions came from that site within 10 minutes") {
		t.Errorf("the reason is %q", last.Reason)
	}
	w.pass(floodTime)
	w.expect(w.arrive(b.html("/later", linking(ours(p))), ours(p)).ID, Shown)
}

func TestTheFilterLearnsFromTheOwnerAloneAndExplainsItself(t *testing.T) {
	w, p := newWorld(t), (*Mention)(nil)
	target := w.post("Rain, gauges and jars.")
	say := func(words string) *Mention {
		b := newBlog(t)
		return w.arrive(b.html("/a", reply(ours(target), words)), ours(target))
	}
	for n := range 8 {
		p = say(fmt.Sprintf("Best casino bonus and cheap pills, offer %d, click now to win", n))
		w.decideAll(CallSpam, p.ID)
		w.decideAll(Show, say(fmt.Sprintf("My jar lost %d millimetres of rain to the sun last week", n)).ID)
	}
	for n := range 8 { // those that nobody has decided about teach nothing
		say(fmt.Sprintf("Watches and gold, offer %d", n))
	}
	bad := say("Win a casino bonus with cheap pills, click now")
	if bad = w.mention(bad.ID); signOf(bad, "filter") >= 0 || !strings.Contains(bad.Signs[len(bad.Signs)-1].Words, "casino") {
		t.Errorf("the casino: %s %+v", bad.State, bad.Signs)
	}
	if good := say("Sun took two millimetres of rain from my jar"); good.State != Shown || signOf(good, "filter") <= 0 {
		t.Errorf("the jar: %s %+v", good.State, good.Signs)
	}
	if w.number("SELECT count(*) FROM words WHERE word = 'watches'") != 0 {
		t.Error("the filter has learned from what nobody decided about")
	}
	// The owner changes their mind, and the filter with them.
	before := w.number("SELECT spam FROM words WHERE word = 'casino'")
	w.decideAll(Show, p.ID)
	if after := w.number("SELECT spam FROM words WHERE word = 'casino'"); after != before-1 {
		t.Errorf("casino was spam in %d mentions and is in %d", before, after)
	}
}

func signOf(m *Mention, name string) int {
	for _, s := range m.Signs {
		if s.Name == name {
			return s.Weight
		}
	}
	return 0
}

func TestNotSpamIsJudgedByTheRest(t *testing.T) {
	w := newWorld(t)
	target := w.post("Words.")
	say := func(path, words string) *Mention {
		b := newBlog(t)
		return w.arrive(b.html(path, fmt.Sprintf(`<title>x</title><p>%s <a href="%s">here</a> and on it goes for a while.`, words, ours(target))), ours(target))
	}
	for n := range 6 {
		w.decideAll(CallSpam, say("/s", fmt.Sprintf("Casino bonus pills %d", n)).ID)
		w.decideAll(Show, say("/h", fmt.Sprintf("Thoughts about rain %d", n)).ID)
	}
	m := say("/x", "Casino bonus pills, said my aunt")
	if m.State == Shown {
		t.Fatalf("the filter has not caught it: %+v", m.Signs)
	}
	w.decideAll(NotSpam, m.ID)
	if m = w.expect(m.ID, Shown); signOf(m, "filter") < 0 {
		t.Errorf("got %+v", m.Signs)
	}
}

func TestWordsThatTheFilterKnowsDoNotDriftWhenAPageChanges(t *testing.T) {
	w, b, m := shown(t)
	w.decideAll(Show, m.ID)
	for n := range 3 {
		b.html("/a", reply(m.Target, fmt.Sprintf("Well said, version %d.", n)))
		w.again(m)
	}
	w.decideAll(Delete, m.ID)
	w.decideAll(CallSpam, m.ID)
	if n := w.number("SELECT count(*) FROM words WHERE ham <> 0"); n != 0 {
		t.Errorf("%d words are still taken for ham", n)
	}
	if n := w.number("SELECT spam FROM words WHERE word = ''"); n != 1 {
		t.Errorf("%d mentions are counted as spam", n)
	}
}

func TestAClosedPostTakesNothingNewAndKeepsWhatItHas(t *testing.T) {
	w, b, m := shown(t)
	p, err := w.posts.ByID(context.Background(), m.PostID)
	w.must(err)
	p.Closed = true
	w.save(p)
	refusal := (*Refusal)(nil)
	_, err = w.inbox.Receive(context.Background(), Webmention, b.URL+"/new", m.Target, stranger)
	if !errors.As(err, &refusal) || !refusal.Closed || !strings.Contains(refusal.Text, "no more answers") {
		t.Errorf("got %v", err)
	}
	if n := w.number("SELECT count(*) FROM mentions"); n != 1 || w.answers(m.PostID).Count() != 1 {
		t.Errorf("%d rows, %d answers", n, w.answers(m.PostID).Count())
	}
	b.status("/a", 410) // whoever was shown can still take it back
	w.again(m)
	w.expect(m.ID, Withdrawn)
}
