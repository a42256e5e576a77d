package mentions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/settings"
)

func TestModesDecideWhatStrangersMayShow(t *testing.T) {
	hidden := func(to string) string {
		return fmt.Sprintf(`<title>x</title><div style="display:none"><a href="%s">x</a></div><p>Words.`, to)
	}
	for mode, want := range map[settings.Mode][3]State{
		settings.ShowAll:       {Shown, Shown, Shown},
		settings.HoldDoubtful:  {Shown, Shown, Held},
		settings.HoldStrangers: {Held, Held, Held},
		settings.HoldAll:       {Held, Held, Held},
	} {
		w, b := newWorld(t), newBlog(t)
		w.mode(mode)
		p := w.post("Words.")
		got := [3]State{
			w.arrive(b.html("/reply", reply(ours(p), "Well said.")), ours(p)).State,
			w.arrive(b.html("/plain", linking(ours(p))), ours(p)).State,
			w.arrive(b.html("/hidden", hidden(ours(p))), ours(p)).State,
		}
		if got != want {
			t.Errorf("%s: a reply, a plain link and a hidden one are %v, want %v", mode, got, want)
		}
		w.pass(time.Hour)
	}
}

func TestAHeldMentionSaysWhyAndCanBeShown(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	w.mode(settings.HoldAll)
	p := w.post("Words.")
	before := w.generation(p.ID)
	m := w.arrive(b.html("/a", reply(ours(p), "Well said.")), ours(p))
	if m = w.expect(m.ID, Held); m.Reason == "" || w.answers(p.ID).Count() != 0 || w.generation(p.ID) != before {
		t.Errorf("held, but: %+v", m)
	}
	if n, err := w.inbox.Undecided(context.Background()); err != nil || n != 1 {
		t.Errorf("%d wait for the owner (%v)", n, err)
	}
	w.decide(m.ID, Show)
	if m = w.expect(m.ID, Shown); m.Reason != "" || !m.Decided.Equal(w.now()) || w.answers(p.ID).Count() != 1 || w.generation(p.ID) == before {
		t.Errorf("shown, but: %+v", m)
	}
	if text := w.ledger(m.ID); !strings.Contains(text, "Held You asked to see every mention") || !strings.HasSuffix(text, "Shown by Writer.\n") {
		t.Errorf("the ledger:\n%s", text)
	}
}

func TestAuthorsWhoWereShownAreNoStrangers(t *testing.T) {
	w, anna, eve := newWorld(t), newBlog(t), newBlog(t)
	w.mode(settings.HoldStrangers)
	p := w.post("Words.")
	first := w.arrive(anna.html("/1", reply(ours(p), "First.")), ours(p))
	w.decide(first.ID, Show)
	w.expect(w.arrive(anna.html("/2", reply(ours(p), "Second.")), ours(p)).ID, Shown)
	// What another site says about its author proves nothing.
	claim := strings.Replace(reply(ours(p), "Third."), `href="/"`, `href="`+anna.URL+`/"`, 1)
	w.expect(w.arrive(eve.html("/3", claim), ours(p)).ID, Held)
	// A small change of what the owner has shown needs no other word.
	anna.html("/1", reply(ours(p), "First!"))
	if m := w.again(first); m.State != Shown || m.Changed != nil || !strings.Contains(string(m.HTML), "First!") {
		t.Errorf("got %+v", m)
	}
}

func TestWhatWasNeverReadCannotBeShown(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	m := w.arrive(b.html("/a", "Nothing."), ours(p))
	if _, err := w.inbox.Decide(context.Background(), Show, "Writer", m.ID); !errors.Is(err, ErrUnread) {
		t.Errorf("got %v", err)
	}
	if _, err := w.inbox.Decide(context.Background(), Delete, "Writer", "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, err := w.inbox.Decide(context.Background(), "approve", "Writer", m.ID); err == nil {
		t.Error("a word that is no decision was taken for one")
	}
	w.expect(m.ID, Refused)
}

// approved is a mention that the owner has shown, and its page changed since.
func approved(t *testing.T, words string) (*world, *blog, *Mention) {
	t.Helper()
	w, b, m := shown(t)
	w.decide(m.ID, Show)
	b.html("/a", reply(m.Target, words))
	return w, b, w.again(m)
}

const otherWords = "Buy our cheap watches, pills and loans today; nothing else matters here at all."

func TestOtherWordsWaitBesideTheApprovedOnes(t *testing.T) {
	w, _, m := approved(t, otherWords)
	before := w.generation(m.PostID)
	if m.State != Shown || m.Changed == nil || !strings.Contains(string(m.Changed.HTML), "watches") || !strings.Contains(string(m.HTML), "Well said.") || m.Reason == "" {
		t.Fatalf("got %+v", m)
	}
	list, err := w.inbox.Find(context.Background(), Wanted{State: Held, Limit: 10})
	if err != nil || len(list) != 1 || list[0].ID != m.ID {
		t.Errorf("changed are %v (%v)", list, err)
	}
	w.decide(m.ID, Show)
	if m = w.expect(m.ID, Shown); m.Changed != nil || !strings.Contains(string(m.HTML), "watches") || m.Reason != "" || w.generation(m.PostID) == before {
		t.Errorf("after showing: %+v", m)
	}
}

func TestOtherWordsWaitInAnyScriptAndLength(t *testing.T) {
	for _, c := range []struct {
		old, new string
		waits    bool
	}{
		{"Thanks!", "Scum!", true},
		{"昨日、川に行って釣りをしました。とても楽しかったです。", "安い時計と薬を今すぐ買ってください。", true},
		{"昨日、川に行って釣りをしました。", "昨日、川に行って釣りをしました。楽しかった。", false},
		{"I liked this much.", "Buy cheap pills today.", true},
		{"I liked this very much.", "I liked this very, very much indeed.", false},
		{"👍", "🖕", true},
		{"👍", "👍", false},
	} {
		w, b := newWorld(t), newBlog(t)
		p := w.post("Words.")
		page := func(words string) string {
			return strings.Replace(reply(ours(p), words), "A reply", "A title of seven words that stays", 1)
		}
		m := w.arrive(b.html("/a", page(c.old)), ours(p))
		w.decide(m.ID, Show)
		b.html("/a", page(c.new))
		if m = w.again(m); (m.Changed != nil) != c.waits {
			t.Errorf("%s became %s: waits %v", c.old, c.new, m.Changed != nil)
		}
	}
}

func TestKeepKeepsTheOldWordsForGood(t *testing.T) {
	w, b, m := approved(t, otherWords)
	before := w.generation(m.PostID)
	w.decide(m.ID, Keep)
	for range 2 {
		if m = w.expect(m.ID, Shown); m.Changed != nil || m.Reason != "" || !strings.Contains(string(m.HTML), "Well said.") {
			t.Fatalf("after keeping: %+v", m)
		}
		if n, _ := w.inbox.Undecided(context.Background()); n != 0 {
			t.Errorf("%d wait for the owner", n)
		}
		w.again(m) // by anybody: the owner is not asked about the same words twice
	}
	if w.generation(m.PostID) != before {
		t.Error("the page was made anew")
	}
	b.html("/a", reply(m.Target, "Or perhaps a whole garden of cucumbers, which grow quickly in June."))
	if m = w.again(m); m.Changed == nil || !strings.Contains(string(m.Changed.HTML), "cucumbers") {
		t.Errorf("with other words again: %+v", m)
	}
	b.html("/a", reply(m.Target, "Well said."))
	if m = w.again(m); m.Changed != nil || m.Reason != "" {
		t.Errorf("with the old words again: %+v", m)
	}
}

func TestKeepNeedsSomethingToKeep(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	w.mode(settings.HoldAll)
	p := w.post("Words.")
	m := w.arrive(b.html("/a", linking(ours(p))), ours(p))
	w.decide(m.ID, Keep)
	if got := w.expect(m.ID, Held); got.Reason == "" || !got.Decided.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func TestAnotherNameBesideApprovedWordsWaits(t *testing.T) {
	w, b, m := shown(t)
	w.decide(m.ID, Show)
	b.html("/a", strings.Replace(reply(m.Target, "Well said."), "Anna Blume", "Cheap Watches For You", 1))
	if got := w.again(m); got.AuthorName != "Anna Blume" || got.Changed == nil {
		t.Errorf("got %+v", got)
	}
}

func TestAnAnswerThatChangesIsUpdated(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	rsvp := func(answer string) string {
		return fmt.Sprintf(`<div class="h-entry"><a class="u-in-reply-to" href="%s">x</a><data class="p-rsvp" value="%s"></data></div>`, ours(p), answer)
	}
	m := w.arrive(b.html("/a", rsvp("yes")), ours(p))
	if w.expect(m.ID, Shown).RSVP != "yes" || len(w.answers(p.ID).RSVPs) != 1 {
		t.Fatalf("got %+v", m)
	}
	before := w.generation(p.ID)
	b.html("/a", rsvp("no"))
	if got := w.again(m); got.RSVP != "no" || w.generation(p.ID) == before {
		t.Errorf("got %+v", got)
	}
}

func TestRemovedStaysRemovedAndItsSenderCannotTell(t *testing.T) {
	w, b, m := shown(t)
	fresh, err := w.inbox.Receive(context.Background(), Webmention, b.URL+"/fresh", m.Target, stranger)
	w.must(err)
	w.drain()
	before, visits := w.generation(m.PostID), b.visited("/a")
	w.decide(m.ID, Delete)
	if w.expect(m.ID, Removed); w.answers(m.PostID).Count() != 0 || w.generation(m.PostID) == before {
		t.Error("readers see it still")
	}
	lines := w.ledger(m.ID)
	for _, spelling := range []string{m.Source, m.Source + "/", m.Source + "#x", m.Source + "?utm_source=x", strings.Replace(m.Source, "http:", "https:", 1)} {
		r := w.receiveVia(Pingback, spelling, m.Target)
		if r.ID != m.ID || r.Known != fresh.Known {
			t.Errorf("%s: got %+v, a fresh one is %+v", spelling, r, fresh)
		}
		w.drain()
		w.expect(m.ID, Removed)
	}
	if b.visited("/a") != visits || w.ledger(m.ID) != lines || w.answers(m.PostID).Count() != 0 {
		t.Error("something was done for it")
	}
	w.after(200 * 24 * time.Hour)
	w.expect(m.ID, Removed)
}

// The owner decides while the source is being read: the owner's word stands.
func TestADecisionDuringAReadStands(t *testing.T) {
	w, b, m := shown(t)
	for _, d := range []Decision{Show, Delete} {
		b.serve("/a", func(rw http.ResponseWriter, _ *http.Request) {
			w.decide(m.ID, d)
			fmt.Fprint(rw, reply(m.Target, otherWords))
		})
		w.again(m)
		if d == Show {
			if got := w.expect(m.ID, Shown); got.Changed == nil {
				t.Errorf("the words the owner just approved were replaced: %+v", got)
			}
		}
	}
	if got := w.expect(m.ID, Removed); got.Checking {
		t.Errorf("got %+v", got)
	}
}

func TestDecisionsAndVerdictsAtOnceLoseNoDelete(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	var ids []string
	for n := range 15 {
		ids = append(ids, w.arrive(b.html(fmt.Sprintf("/%d", n), linking(ours(p))), ours(p)).ID)
	}
	policy, err := w.inbox.policy(context.Background())
	w.must(err)
	var all sync.WaitGroup
	for _, id := range ids {
		f := finding{verdict: links, what: "Found", judged: judgement{state: Shown}, content: Content{AuthorName: "Anna", HTML: "New words."}}
		all.Go(func() {
			w.must(w.db.InTx(context.Background(), func(tx *database.Tx) error { return w.inbox.settle(tx, policy, id, f) }))
		})
		all.Go(func() { w.decide(id, Delete) })
	}
	all.Wait()
	for _, id := range ids {
		w.expect(id, Removed)
	}
}

func TestPagesMoveOnlyWithWhatReadersSee(t *testing.T) {
	w, b, m := shown(t)
	before := w.generation(m.PostID)
	other := w.post("Another.")
	of := w.generation(other.ID)
	w.again(m)                                             // the same
	w.arrive(b.html("/none", "Nothing."), m.Target)        // refused
	w.mode(settings.HoldAll)                               //
	w.arrive(b.html("/held", linking(m.Target)), m.Target) // held
	w.receive(b.URL+"/waiting", m.Target)                  // waiting
	if w.generation(m.PostID) != before {
		t.Error("the page was made anew, though nothing on it changed")
	}
	w.decide(m.ID, Delete)
	if w.generation(m.PostID) == before {
		t.Error("the page was not made anew")
	}
	if w.generation(other.ID) != of {
		t.Error("another post's page was made anew")
	}
}

func TestTheLedgerSaysWhatHappenedInOrder(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	w.mode(settings.HoldAll)
	p := w.post("Words.")
	b.status("/old", 302, "Location", "/a")
	b.html("/a", reply(ours(p), "Well said."))
	m := w.arrive(b.URL+"/old", ours(p))
	w.decide(m.ID, Show)
	b.status("/a", 503)
	w.again(m)
	b.status("/old", 410)
	w.after(time.Minute)
	w.decide(m.ID, Delete)
	want := strings.Join([]string{
		"Asked by 203.0.113.7, at the webmention door.",
		"Found the link to your post: a.u-in-reply-to. Read the page: 200, 1 KB, found at " + b.URL + "/a.",
		"Understood a reply by Anna Blume, 2 words, no photo.",
		"Weighed links +100, microformats +200, text +150, few-links +50, together 500, of 200",
		"Held You asked to see every mention before others do.",
		"Shown by Writer.",
		"Asked by 203.0.113.7, at the webmention door.",
		"Read the page: 503, 0 KB, found at " + b.URL + "/a. Nothing changed.",
		"Gone the page: 410, 0 KB.",
		"Withdrawn The source answers that it is gone.",
		"Removed by Writer.", "",
	}, "\n")
	if got := w.ledger(m.ID); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// Sums of earlier versions are sentences.
func TestSumsThatWereSentencesAreRead(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	b.html("/a", reply(ours(p), "Well said."))
	m := w.arrive(b.URL+"/a", ours(p))
	for written, want := range map[string]string{
		"links +1.0, older −0.5; together 0.5, of 2.0 needed.":                   "Weighed links +100, older -50, together 50, of 200",
		"links +1.0, hidden −4.0, blocklist −2.5; together −5.5, of 2.0 needed.": "Weighed links +100, hidden -400, blocklist -250, together -550, of 200",
		"links +1.0, older; together 0.5, of 2.0 needed.":                        "Weighed links +1.0, older; together 0.5, of 2.0 needed.",
		"Nothing.": "Weighed Nothing.",
	} {
		w.must(w.db.InTx(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec("UPDATE mention_events SET detail = $1 WHERE mention_id = $2 AND what = 'Weighed'", written, m.ID)
			return err
		}))
		if got := w.ledger(m.ID); !strings.Contains(got, want+"\n") {
			t.Errorf("of %q is read\n%s", written, got)
		}
	}
}

func TestTheLedgerSaysWhyWhatSpeaksAgainstItIsShownAndWhoWasAsked(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	about := b.html("/about", `<div class="h-card"><a class="p-name u-url u-uid" href="/about">Anna Blume</a></div>`)
	page := b.html("/a", fmt.Sprintf(`<article class="h-entry"><a class="u-author" href="/about"></a><a class="u-in-reply-to" href="%s" hidden>x</a><p class="e-content">Hm.</p></article>`, ours(p)))
	w.rule(Trust, ByHost, b.URL)
	m := w.arrive(page, ours(p))
	text := w.ledger(m.ID)
	for _, line := range []string{"Asked the page of its author, " + about + ": 200, 1 KB.", "Shown You trust " + hostIn(b.URL) + "."} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the ledger has no line %q:\n%s", line, text)
		}
	}
	b.status("/go", 302, "Location", "http://10.0.0.1/x")
	m = w.arrive(b.URL+"/go", ours(p))
	if text := w.ledger(m.ID); !strings.Contains(text, "It had led on to http://10.0.0.1/x.") {
		t.Errorf("the ledger does not say where it led:\n%s", text)
	}
}

func TestALedgerDoesNotGrowForEver(t *testing.T) {
	w, _, m := shown(t)
	w.must(w.db.InTx(context.Background(), func(tx *database.Tx) error {
		for range 3 * longestLedger {
			if err := w.inbox.note(tx, m.ID, Event{What: "Asked", Detail: "\xff"}); err != nil {
				return err
			}
		}
		return nil
	}))
	w.again(m)
	events, err := w.inbox.Ledger(context.Background(), m.ID)
	w.must(err)
	if len(events) != longestLedger || events[len(events)-1].What != "Weighed" {
		t.Errorf("%d lines, the last: %+v", len(events), events[len(events)-1])
	}
}

func TestListsGoBackPageByPage(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	p := w.post("Words.")
	want := map[string]bool{}
	for n := range 7 {
		want[w.arrive(b.html(fmt.Sprintf("/%d", n), linking(ours(p))), ours(p)).ID] = true
		if n%3 == 0 {
			w.pass(time.Second)
		}
	}
	before, last := "", time.Time{}
	for len(want) > 0 {
		list, err := w.inbox.Find(context.Background(), Wanted{State: Shown, After: before, Limit: 2})
		w.must(err)
		if len(list) == 0 {
			t.Fatalf("%d were not listed", len(want))
		}
		for _, m := range list {
			if !want[m.ID] || !last.IsZero() && m.Received.After(last) {
				t.Fatalf("%s is listed twice or out of order", m.ID)
			}
			delete(want, m.ID)
			before, last = m.ID, m.Received
		}
	}
	counts, err := w.inbox.Counts(context.Background(), p.ID, "nothing")
	if err != nil || counts[p.ID] != 7 || counts["nothing"] != 0 {
		t.Errorf("counts are %v (%v)", counts, err)
	}
	sources, err := w.inbox.Sources(context.Background(), ours(p))
	if err != nil || len(sources) != 7 || !strings.HasPrefix(sources[0], b.URL) {
		t.Errorf("sources are %v (%v)", sources, err)
	}
	if _, err := w.inbox.Sources(context.Background(), ourSite+"/2026/nothing"); err == nil {
		t.Error("an unknown target has sources")
	}
}

func TestAHostIsFoundHoweverItIsSpelled(t *testing.T) {
	w := newWorld(t)
	p := w.post("One.")
	w.receive("https://www.bücher.example/answer", ours(p))
	for _, host := range []string{"bücher.example", "www.bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "https://bücher.example/other"} {
		list, err := w.inbox.Find(context.Background(), Wanted{Host: host, Limit: 10})
		w.must(err)
		if len(list) != 1 {
			t.Errorf("%s: found %d, want 1", host, len(list))
		}
	}
	list, err := w.inbox.Find(context.Background(), Wanted{Host: "cher.example", Limit: 10})
	w.must(err)
	if len(list) != 0 {
		t.Errorf("another host finds %d", len(list))
	}
}
