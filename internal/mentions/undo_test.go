package mentions

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hark/internal/settings"
)

func (w *world) decideAll(d Decision, ids ...string) Done {
	w.t.Helper()
	done, err := w.inbox.Decide(context.Background(), d, "Writer", ids...)
	w.must(err)
	return done
}

func (w *world) undo(done Done) int {
	w.t.Helper()
	n, err := w.inbox.Undo(context.Background(), done.Batch, "Writer")
	w.must(err)
	return n
}

// heldOnes are mentions of one post that wait.
func heldOnes(t *testing.T, n int) (*world, *blog, []*Mention) {
	t.Helper()
	w, b := newWorld(t), newBlog(t)
	w.mode(settings.HoldAll)
	p := w.post("Words.")
	list := make([]*Mention, n)
	for i := range list {
		list[i] = w.arrive(b.html(fmt.Sprintf("/%d", i), reply(ours(p), fmt.Sprintf("Answer %d.", i))), ours(p))
		w.expect(list[i].ID, Held)
	}
	return w, b, list
}

func keysOf(list []*Mention) []string {
	ids := make([]string, len(list))
	for n, m := range list {
		ids[n] = m.ID
	}
	return ids
}

func TestManyAreDecidedAtOnceAndUndoneAtOnce(t *testing.T) {
	for d, want := range map[Decision]State{Show: Shown, CallSpam: Spam, Delete: Removed} {
		w, _, list := heldOnes(t, 5)
		before := w.generation(list[0].PostID)
		done := w.decideAll(d, append(keysOf(list), "nobody")...)
		if done.Count != 5 {
			t.Errorf("%s: %d were moved", d, done.Count)
		}
		for _, m := range list {
			w.expect(m.ID, want)
		}
		if n := w.undo(done); n != 5 {
			t.Errorf("%s: %d were moved back", d, n)
		}
		for _, m := range list {
			got := w.expect(m.ID, Held)
			if got.Reason != m.Reason || !got.Decided.IsZero() || got.HTML != m.HTML {
				t.Errorf("%s: it was %+v and is %+v", d, m, got)
			}
			if text := w.ledger(m.ID); !strings.HasSuffix(text, "Undone by Writer. It is as it was before.\n") {
				t.Errorf("the ledger:\n%s", text)
			}
		}
		if n := w.number("SELECT count(*) FROM words"); n != 0 {
			t.Errorf("%s: the filter still knows %d words", d, n)
		}
		if d == Show && w.generation(list[0].PostID) < before+2 {
			t.Error("the page was not made anew")
		}
		if _, err := w.inbox.Undo(context.Background(), done.Batch, "Writer"); !errors.Is(err, ErrNotFound) {
			t.Errorf("undone twice: %v", err)
		}
	}
}

func TestWhatWasDecidedAnewIsNotUndone(t *testing.T) {
	w, _, list := heldOnes(t, 2)
	first := w.decideAll(CallSpam, keysOf(list)...)
	w.pass(time.Minute)
	w.decideAll(Show, list[0].ID)
	if n := w.undo(first); n != 1 {
		t.Errorf("%d were moved back", n)
	}
	w.expect(list[0].ID, Shown)
	w.expect(list[1].ID, Held)
}

func TestABlockedHostComesBackWholeByUndo(t *testing.T) {
	w, b, list := heldOnes(t, 3)
	w.decideAll(Show, list[0].ID)
	done := w.decideAll(BlockHost, list[1].ID)
	for _, m := range list {
		w.expect(m.ID, Spam)
	}
	if done.Count != 3 || done.Rule == "" {
		t.Errorf("got %+v", done)
	}
	w.undo(done)
	w.expect(list[0].ID, Shown)
	w.expect(list[1].ID, Held)
	if rules, err := w.inbox.Rules(context.Background()); err != nil || len(rules) != 0 {
		t.Errorf("%d rules are left (%v)", len(rules), err)
	}
	w.expect(w.arrive(b.html("/new", reply(list[0].Target, "New.")), list[0].Target).ID, Held)
}

func TestTwoDecisionsWithinASecondAreUndoneOneByOne(t *testing.T) {
	w, _, list := heldOnes(t, 1)
	first, second := w.decideAll(CallSpam, list[0].ID), w.decideAll(Show, list[0].ID)
	if n := w.undo(first); n != 0 {
		t.Error("the older decision was undone in spite of the newer")
	}
	w.expect(list[0].ID, Shown)
	w.undo(second)
	w.expect(list[0].ID, Spam)
}

func TestARuleThatTookThePlaceOfAnotherGivesItBack(t *testing.T) {
	w := newWorld(t)
	w.rule(Block, ByHost, "a.example")
	w.undo(w.rule(Trust, ByHost, "a.example"))
	rules, err := w.inbox.Rules(context.Background())
	if w.must(err); len(rules) != 1 || rules[0].Stance != Block || rules[0].Value != "a.example" {
		t.Errorf("got %+v", rules)
	}
}

func TestARuleThatWasMadeAnewIsNotUndone(t *testing.T) {
	w := newWorld(t)
	first, second := w.rule(Trust, ByHost, "a.example"), w.rule(Block, ByHost, "a.example")
	stances := func() string {
		rules, err := w.inbox.Rules(context.Background())
		w.must(err)
		said := ""
		for _, r := range rules {
			said += string(r.Stance)
		}
		return said
	}
	if w.undo(first); stances() != "block" {
		t.Errorf("with the older decision undone the rules are %q", stances())
	}
	if w.undo(second); stances() != "trust" {
		t.Errorf("with both undone, the newer last, the rules are %q", stances())
	}
}

func TestOurOwnWordsAreNoSpam(t *testing.T) {
	w := newWorld(t)
	one := w.post("One.")
	w.post("Two, see [one](" + ours(one) + ").")
	own := w.answers(one.ID).Mentions[0]
	if done := w.decideAll(CallSpam, own.ID); done.Count != 0 || done.Batch != "" {
		t.Errorf("got %+v", done)
	}
	w.expect(own.ID, Shown)
}

func TestAnUndoAfterAMonthComesTooLate(t *testing.T) {
	w, _, list := heldOnes(t, 1)
	done := w.decideAll(Delete, list[0].ID)
	w.pass(undoFor + time.Second)
	if _, err := w.inbox.Undo(context.Background(), done.Batch, "Writer"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
	w.expect(list[0].ID, Removed)
}

func TestNobodyToMakeARuleAbout(t *testing.T) {
	w, bridge := newWorld(t), newBlog(t)
	w.bridge(hostIn(bridge.URL))
	one := w.post("One.")
	two := w.post("Two, see [one](" + ours(one) + ").")
	own := w.answers(one.ID).Mentions[0]
	carried := w.arrive(bridge.html("/1", by("https://social.example/@anna", ours(two), "Hm.")), ours(two))
	for _, c := range []struct {
		m    *Mention
		want map[Decision]bool
	}{
		{own, map[Decision]bool{}},
		{carried, map[Decision]bool{TrustAuthor: true, BlockAuthor: true}},
	} {
		able, err := w.inbox.Rulable(context.Background(), c.m)
		w.must(err)
		for _, d := range []Decision{TrustAuthor, BlockAuthor, BlockHost} {
			if able[d] != c.want[d] {
				t.Errorf("%s of %s: %v", d, c.m.Source, able[d])
			}
			if _, err := w.inbox.Decide(context.Background(), d, "Writer", c.m.ID); errors.Is(err, ErrNobody) == c.want[d] {
				t.Errorf("%s of %s: %v", d, c.m.Source, err)
			}
		}
	}
}

func TestWhatTheOwnerCallsSpamIsSpamForEveryPostAndSpelling(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	one, two := w.post("One."), w.post("Two.")
	source := b.html("/a", reply(ours(one), "Buy.")+reply(ours(two), "Buy."))
	m := w.arrive(source, ours(one))
	w.decideAll(CallSpam, m.ID)
	visits := b.visited("/a")
	for _, spelling := range []string{source, source + "/", source + "#x", source + "?utm_source=y"} {
		if r := w.receive(spelling, ours(one)); r.ID != m.ID || r.Known {
			t.Errorf("%s: its sender was told %+v", spelling, r)
		}
		w.receive(spelling, ours(two))
	}
	w.drain()
	if rows := w.number("SELECT count(*) FROM mentions"); rows != 1 || b.visited("/a") != visits {
		t.Errorf("%d rows, %d more visits", rows, b.visited("/a")-visits)
	}
	if got := w.expect(m.ID, Spam); got.Asked != 8 {
		t.Errorf("it came again %d times", got.Asked)
	}
	fresh, err := w.inbox.Status(context.Background(), m.ID)
	w.must(err)
	w.pass(time.Minute)
	later, err := w.inbox.Status(context.Background(), m.ID)
	w.must(err)
	if fresh.State != Held || !fresh.Checking || later.State != Held || later.Checking {
		t.Errorf("its sender sees %+v, then %+v", fresh, later)
	}
}

func TestReadAgainReadsAtOnce(t *testing.T) {
	w, b, m := shown(t)
	b.html("/a", "Nothing.")
	w.decideAll(ReadAgain, m.ID)
	w.drain()
	w.expect(m.ID, Withdrawn)
	w.decideAll(Delete, m.ID)
	if _, err := w.inbox.Decide(context.Background(), ReadAgain, "Writer", m.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("what was removed is read again: %v", err)
	}
}
