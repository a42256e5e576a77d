package mentions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"hark/internal/settings"
)

func (w *world) rule(stance Stance, scope Scope, value string) Done {
	w.t.Helper()
	done, err := w.inbox.AddRule(context.Background(), stance, scope, value, "Writer")
	w.must(err)
	return done
}

// bridge has a host carry other people's words.
func (w *world) bridge(hosts ...string) {
	w.t.Helper()
	answers, err := w.settings.Answers(context.Background())
	w.must(err)
	answers.Bridges = settings.Hosts(strings.Join(hosts, "\n"))
	w.must(w.settings.SaveAnswers(context.Background(), answers))
}

func hostIn(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return u.Host
}

// by is a reply whose author lives elsewhere.
func by(author, to, words string) string {
	return strings.Replace(reply(to, words), `href="/"`, `href="`+author+`"`, 1)
}

func TestTheNarrowestRuleDecides(t *testing.T) {
	from := netip.MustParseAddr("198.51.100.9")
	rules := inOrder([]Rule{
		{Stance: Block, Scope: BySender, Value: "198.51.100.0/24"},
		{Stance: Block, Scope: BySuffix, Value: "example"},
		{Stance: Trust, Scope: BySuffix, Value: "good.example"},
		{Stance: Block, Scope: ByHost, Value: "bad.good.example"},
		{Stance: Trust, Scope: ByPrefix, Value: "bad.good.example/anna"},
		{Stance: Block, Scope: ByPrefix, Value: "bad.good.example/anna/ads"},
		{Stance: Block, Scope: ByAuthor, Value: "eve.test"},
		{Stance: Trust, Scope: ByAuthor, Value: "anna.test"},
	})
	p := &policy{rules: rules}
	for _, c := range []struct {
		knock knock
		want  string
	}{
		{knock{source: "other.test/x"}, ""},
		{knock{source: "other.test/x", from: from}, "block sender"},
		{knock{source: "a.example/x"}, "block suffix"},
		{knock{source: "notexample/x"}, ""},
		{knock{source: "good.example"}, "trust suffix"},
		{knock{source: "x.good.example", from: from}, "trust suffix"},
		{knock{source: "bad.good.example/bob"}, "block host"},
		{knock{source: "www.bad.good.example/bob"}, "block host"},
		{knock{source: "bad.good.example/anna"}, "trust prefix"},
		{knock{source: "bad.good.example/anna/1"}, "trust prefix"},
		{knock{source: "bad.good.example/annabel"}, "block host"},
		{knock{source: "bad.good.example/anna/ads?x=1"}, "block prefix"},
		{knock{source: "x.test/1", author: "eve.test"}, "block author"},
		{knock{source: "x.test/1", author: "anna.test"}, ""}, // anybody can name a friend
		{knock{source: "anna.test/1", author: "anna.test"}, "trust author"},
		{knock{source: "www.anna.test/1", author: "anna.test"}, "trust author"},
		{knock{source: "bridge.test/1", author: "anna.test", carried: true}, "trust author"},
		{knock{source: "x.good.example/1", author: "someone.test", carried: true}, "block suffix"}, // a bridge is never trusted
	} {
		got := ""
		if r := p.rule(c.knock); r != nil {
			got = string(r.Stance) + " " + string(r.Scope)
		}
		if got != c.want {
			t.Errorf("%+v: %q decides, want %q", c.knock, got, c.want)
		}
	}
}

func TestWhatCannotBeARuleIsToldInASentence(t *testing.T) {
	w := newWorld(t)
	w.bridge("brid.gy")
	for _, c := range []struct {
		stance       Stance
		scope        Scope
		value, field string
	}{
		{"like", ByHost, "a.example", "stance"},
		{Trust, "mood", "a.example", "scope"},
		{Trust, ByAuthor, "mailto:a@a.example", "value"},
		{Block, ByPrefix, "not an address", "value"},
		{Block, ByHost, "", "value"},
		{Block, BySuffix, "com", "value"},
		{Block, BySuffix, "www.com", "value"},
		{Block, BySender, "203.0.113.300", "value"},
		{Trust, ByHost, "brid.gy", "value"},
		{Trust, BySuffix, "fed.brid.gy", "value"},
		{Trust, ByPrefix, "https://brid.gy/post", "value"},
		{Block, ByHost, "OURS.example", "value"},
		{Block, BySuffix, "ours.example", "value"},
		{Trust, ByAuthor, "https://ours.example/", "value"},
	} {
		_, err := w.inbox.AddRule(context.Background(), c.stance, c.scope, c.value, "Writer")
		var invalid *Invalid
		if !errors.As(err, &invalid) || invalid.Field != c.field || len(invalid.Text) < 10 {
			t.Errorf("%s %s %q: got %v, want a sentence about %s", c.stance, c.scope, c.value, err, c.field)
		}
	}
	if rules, err := w.inbox.Rules(context.Background()); err != nil || len(rules) != 0 {
		t.Errorf("%d rules were made (%v)", len(rules), err)
	}
}

func TestARuleIsSpelledInOneWayListedAndTakenBack(t *testing.T) {
	w := newWorld(t)
	w.rule(Block, ByHost, "HTTPS://WWW.Bücher.example:443/x")
	w.pass(time.Minute)
	w.rule(Trust, ByHost, "xn--bcher-kva.example") // in place of the first
	w.pass(time.Minute)
	w.rule(Block, BySender, "2001:db8::1/64")
	rules, err := w.inbox.Rules(context.Background())
	w.must(err)
	if len(rules) != 2 || rules[0].Value != "2001:db8::/64" || rules[1].Value != "xn--bcher-kva.example" || rules[1].Stance != Trust || rules[1].By != "Writer" {
		t.Fatalf("got %+v", rules)
	}
	w.must(w.inbox.RemoveRule(context.Background(), rules[1].ID))
	if err := w.inbox.RemoveRule(context.Background(), rules[1].ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("taken back twice: %v", err)
	}
}

func TestABlockedSourceIsAnsweredLikeAnyOtherAndNothingIsStored(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	w.rule(Block, ByHost, hostIn(b.URL))
	b.html("/a", reply(ours(p), "Buy."))
	first := w.receive(b.URL+"/a", ours(p))
	again := w.receive(strings.Replace(b.URL, "127.0.0.1:", "127.0.0.1:00", 1)+"/a#x", ours(p))
	w.drain()
	if first.ID == "" || first.Known || again != first {
		t.Errorf("its sender was told %+v and %+v", first, again)
	}
	if n := w.number("SELECT count(*) FROM mentions") + w.number("SELECT count(*) FROM jobs") + b.visited("/a"); n != 0 {
		t.Errorf("%d rows, jobs and visits", n)
	}
	fresh, err := w.inbox.Status(context.Background(), first.ID)
	w.must(err)
	w.pass(time.Minute)
	later, err := w.inbox.Status(context.Background(), first.ID)
	w.must(err)
	if fresh.State != Waiting || later.State != Held || later.Source != b.URL+"/a" || later.Target != ours(p) {
		t.Errorf("its sender sees %+v, then %+v", fresh, later)
	}
	rules, err := w.inbox.Rules(context.Background())
	w.must(err)
	if rules[0].Hits != 2 || rules[0].Hit.IsZero() {
		t.Errorf("the rule has counted %+v", rules[0])
	}
	if got := w.logged(); strings.Count(got, "Webmention rejected (blocked) from 203.0.113.7") != 2 {
		t.Errorf("the log: %s", got)
	}
}

func TestABlockedSourceIsRefusedWhereEveryOtherIs(t *testing.T) {
	w, b, m := shown(t)
	p, err := w.posts.ByID(context.Background(), m.PostID)
	w.must(err)
	p.Closed = true
	w.save(p)
	told := func(source string) (Receipt, string) {
		r, err := w.inbox.Receive(context.Background(), Webmention, source, ours(p), stranger)
		if err != nil {
			return r, err.Error()
		}
		return r, ""
	}
	_, fresh := told("https://fresh.example/")
	w.rule(Block, ByHost, hostIn(b.URL))
	if _, got := told(b.URL + "/new"); got != fresh || got == "" {
		t.Errorf("of a closed post, a blocked source was told %q, another %q", got, fresh)
	}
	if r, got := told(m.Source); got != "" || r.ID == "" {
		t.Errorf("a blocked source that stood here before was told %q", got)
	}
	w.exec("UPDATE mentions SET state = 'waiting', strikes = 0")
	w.inbox.room.counted, w.inbox.room.waiting = w.now(), mostWaiting
	_, full := told("https://fresh.example/2")
	if _, got := told(b.URL + "/new"); got != full || !strings.Contains(got, "waiting") {
		t.Errorf("of a full inbox, a blocked source was told %q, another %q", got, full)
	}
}

func TestGhostsAreForgottenInTheirOrder(t *testing.T) {
	g, now := newGhosts(), time.Now()
	ids := make([]string, mostGhosts+10)
	for n := range ids {
		ids[n] = g.appear(&Mention{ID: fmt.Sprint("g", n), key: fmt.Sprint("k", n)}, now)
	}
	if g.seen(ids[9], now) != nil || g.seen(ids[10], now) == nil || g.seen(ids[len(ids)-1], now) == nil || g.seen("k20 ", now) != nil {
		t.Error("others are remembered than the newest")
	}
	if len(g.of) != 2*mostGhosts || len(g.line) != mostGhosts {
		t.Errorf("%d are remembered", len(g.line))
	}
}

func TestTrustShowsWhatWouldWaitAndWhatWaits(t *testing.T) {
	w, anna := newWorld(t), newBlog(t)
	w.mode(settings.HoldAll)
	p := w.post("Words.")
	held := w.arrive(anna.html("/1", reply(ours(p), "One.")), ours(p))
	w.expect(held.ID, Held)
	done := w.rule(Trust, ByAuthor, anna.URL+"/")
	if w.expect(held.ID, Shown); done.Count != 1 {
		t.Errorf("%d were shown by the rule", done.Count)
	}
	w.expect(w.arrive(anna.html("/2", reply(ours(p), "Two.")), ours(p)).ID, Shown)
	// Taking the rule back decides nothing about what was shown by it.
	w.must(w.inbox.RemoveRule(context.Background(), done.Rule))
	w.expect(held.ID, Shown)
	w.expect(w.arrive(anna.html("/3", reply(ours(p), "Three.")), ours(p)).ID, Held)
}

func TestTrustInAnAuthorReachesThroughABridgeAndNoFurther(t *testing.T) {
	w, bridge, eve := newWorld(t), newBlog(t), newBlog(t)
	w.bridge(hostIn(bridge.URL))
	w.mode(settings.HoldAll)
	p := w.post("Words.")
	const anna = "https://social.example/@anna"
	w.rule(Trust, ByAuthor, anna)
	w.expect(w.arrive(bridge.html("/1", by(anna, ours(p), "Carried.")), ours(p)).ID, Shown)
	w.expect(w.arrive(bridge.html("/2", by("https://social.example/@eve", ours(p), "Carried, too.")), ours(p)).ID, Held)
	w.expect(w.arrive(eve.html("/3", by(anna, ours(p), "Forged.")), ours(p)).ID, Held)
}

func TestABlockedAuthorIsSpamWhereverTheWordsComeFrom(t *testing.T) {
	w, one, two := newWorld(t), newBlog(t), newBlog(t)
	p := w.post("Words.")
	const eve = "https://eve.example/"
	before := w.arrive(one.html("/1", by(eve, ours(p), "Buy one.")), ours(p))
	w.expect(before.ID, Shown)
	w.rule(Block, ByAuthor, "http://eve.example")
	w.expect(before.ID, Spam)
	m := w.expect(w.arrive(two.html("/2", by(eve, ours(p), "Buy two.")), ours(p)).ID, Spam)
	if !strings.Contains(m.Reason, "blocked") || !strings.Contains(m.Reason, "eve.example") {
		t.Errorf("the reason is %q", m.Reason)
	}
	if w.answers(p.ID).Count() != 0 {
		t.Error("something is shown")
	}
}

// leadTo is a page of b that sends its readers on.
func (b *blog) leadTo(address string) string {
	return b.status("/go", http.StatusFound, "Location", address)
}

func TestNobodyIsTrustedByAnAddressThatLeadsElsewhere(t *testing.T) {
	const anna = "https://social.example/@anna"
	for name, c := range map[string]struct {
		ready  func(w *world, friend *blog, to string)
		author func(friend *blog) string
	}{
		"a trusted author": {func(w *world, friend *blog, _ string) { w.rule(Trust, ByAuthor, friend.URL) }, nil},
		"a trusted host":   {func(w *world, friend *blog, _ string) { w.rule(Trust, ByHost, friend.URL) }, nil},
		"a trusted prefix": {func(w *world, friend *blog, _ string) { w.rule(Trust, ByPrefix, friend.URL+"/go") }, nil},
		"a known author": {func(w *world, friend *blog, to string) {
			w.decide(w.arrive(friend.html("/known", by(friend.URL, to, "Hello.")), to).ID, Show)
		}, nil},
		"a bridge": {func(w *world, friend *blog, _ string) {
			w.bridge(hostIn(friend.URL))
			w.rule(Trust, ByAuthor, anna)
		}, func(*blog) string { return anna }},
	} {
		w, friend, eve := newWorld(t), newBlog(t), newBlog(t)
		w.mode(settings.HoldStrangers)
		p := w.post("Words.")
		c.ready(w, friend, ours(p))
		author := friend.URL
		if c.author != nil {
			author = c.author(friend)
		}
		forged := w.arrive(friend.leadTo(eve.html("/1", by(author, ours(p), "Forged."))), ours(p))
		if forged.State != Held {
			t.Errorf("%s: what was forged is %s", name, forged.State)
		}
		honest := w.arrive(friend.html("/go/2", by(author, ours(p), "Honest.")), ours(p))
		if honest.State != Shown {
			t.Errorf("%s: what is honest is %s (%s)", name, honest.State, honest.Reason)
		}
	}
}

func TestANewTrustShowsNothingThatWasFoundElsewhere(t *testing.T) {
	w, friend, eve := newWorld(t), newBlog(t), newBlog(t)
	w.mode(settings.HoldAll)
	p := w.post("Words.")
	forged := w.arrive(friend.leadTo(eve.html("/1", by(friend.URL, ours(p), "Forged."))), ours(p))
	honest := w.arrive(friend.html("/2", by(friend.URL, ours(p), "Honest.")), ours(p))
	w.rule(Trust, ByAuthor, friend.URL)
	w.expect(forged.ID, Held)
	w.expect(honest.ID, Shown)
	if _, err := w.inbox.Decide(context.Background(), TrustAuthor, "Writer", forged.ID); !errors.Is(err, ErrNobody) {
		t.Errorf("its author can be trusted by it: %v", err)
	}
}

func TestABlockReachesAlongARedirect(t *testing.T) {
	for _, scope := range []Scope{ByHost, ByPrefix} {
		w, mask, eve := newWorld(t), newBlog(t), newBlog(t)
		p := w.post("Words.")
		w.rule(Block, scope, eve.URL)
		w.expect(w.arrive(mask.leadTo(eve.html("/1", reply(ours(p), "Buy."))), ours(p)).ID, Spam)
	}
}

func TestAnAuthorsPageOnlySpeaksForItself(t *testing.T) {
	w, bridge, eve := newWorld(t), newBlog(t), newBlog(t)
	w.bridge(hostIn(bridge.URL))
	w.mode(settings.HoldAll)
	p := w.post("Words.")
	w.rule(Trust, ByAuthor, "https://anna.example")
	me := eve.html("/me", `<a class="h-card u-url" href="https://anna.example/">Anna</a>
		<div class="h-card"><a class="u-url p-name" href="https://anna.example/">Anna</a> <a class="u-url u-uid" href="/me">me</a></div>`)
	m := w.arrive(bridge.html("/1", `<div class="h-entry"><a class="u-author" href="`+me+`"></a>
		<a class="u-in-reply-to" href="`+ours(p)+`">to you</a> <p class="e-content">Forged.</p></div>`), ours(p))
	if m.State != Held || m.AuthorURL != me || m.AuthorName != "Anna" {
		t.Errorf("it is %s, by %s at %s", m.State, m.AuthorName, m.AuthorURL)
	}
}

func TestARuleMadeWhileASourceIsReadIsAboutItToo(t *testing.T) {
	for stance, want := range map[Stance]State{Trust: Shown, Block: Spam} {
		w, b := newWorld(t), newBlog(t)
		w.mode(settings.HoldAll)
		p := w.post("Words.")
		source := b.serve("/a", func(rw http.ResponseWriter, _ *http.Request) {
			w.rule(stance, ByAuthor, b.URL)
			rw.Header().Set("Content-Type", "text/html")
			fmt.Fprint(rw, reply(ours(p), "Hm."))
		})
		if m := w.arrive(source, ours(p)); m.State != want {
			t.Errorf("%s: it is %s (%s)", stance, m.State, m.Reason)
		}
	}
}

func TestOtherHostsOfOursAreOurs(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	www := "http://www.ours.example" + p.Path
	if _, err := w.inbox.Receive(context.Background(), Webmention, b.URL+"/a", www, stranger); err == nil {
		t.Error("a host that nobody has called ours was taken for it")
	}
	answers := settings.DefaultAnswers
	answers.Aliases = "www.ours.example\nold.example"
	w.must(w.settings.SaveAnswers(context.Background(), answers))
	w.expect(w.arrive(b.html("/a", reply(www, "To www.")), ours(p)).ID, Shown)
	w.expect(w.arrive(b.html("/b", reply(ours(p), "To the first.")), "https://old.example"+p.Path+"/").ID, Shown)
	var refusal *Refusal
	if _, err := w.inbox.Receive(context.Background(), Webmention, "https://old.example/2020/x", ours(p), stranger); !errors.As(err, &refusal) {
		t.Errorf("a page of ours by another host was taken: %v", err)
	}
}
