package mentions

import (
	"context"
	"fmt"
	"testing"

	"hark/internal/settings"
)

func TestMentionsAreFoundByTheirWordsAndWhence(t *testing.T) {
	w, anna, bob := newWorld(t), newBlog(t), newBlog(t)
	p, q := w.post("Words."), w.post("Others.")
	m := map[string]*Mention{
		"müsli": w.arrive(anna.html("/1", reply(ours(p), "Müsli mit 100% Milch_Schaum.")), ours(p)),
		"plain": w.arrive(bob.html("/2", linking(ours(p))), ours(p)),
		"other": w.arrive(bob.html("/3", reply(ours(q), "Quite.")), ours(q)),
	}
	w.receiveVia(Pingback, bob.html("/4", linking(ours(q))), ours(q))
	w.drain()
	for _, c := range []struct {
		wanted Wanted
		want   []string
	}{
		{Wanted{Text: "MÜSLI"}, []string{"müsli"}},
		{Wanted{Text: "müsli anna"}, []string{"müsli"}},
		{Wanted{Text: "100%"}, []string{"müsli"}},
		{Wanted{Text: "h_s"}, []string{"müsli"}},
		{Wanted{Text: "h%s"}, nil},
		{Wanted{Text: `\`}, nil},
		{Wanted{Text: "' OR 1=1 --"}, nil},
		{Wanted{Text: "read something", Via: Webmention}, []string{"plain"}},
		{Wanted{Host: hostIn(anna.URL)}, []string{"müsli"}},
		{Wanted{Kind: "reply"}, []string{"other", "müsli"}},
		{Wanted{Kind: "reply", Post: q.ID}, []string{"other"}},
		{Wanted{Via: Webmention}, []string{"other", "plain", "müsli"}},
		{Wanted{State: Held}, nil},
	} {
		c.wanted.Limit = 10
		list, err := w.inbox.Find(context.Background(), c.wanted)
		w.must(err)
		got := map[string]bool{}
		for _, one := range list {
			got[one.ID] = true
		}
		for _, name := range c.want {
			if !got[m[name].ID] {
				t.Errorf("%+v does not find %s", c.wanted, name)
			}
		}
		if ids, err := w.inbox.FindIDs(context.Background(), c.wanted); err != nil || len(list) != len(c.want) || len(ids) != len(list) {
			t.Errorf("%+v finds %d, or %d (%v), want %v", c.wanted, len(list), len(ids), err, c.want)
		}
	}
	tally, err := w.inbox.Tally(context.Background())
	if w.must(err); fmt.Sprint(tally) != "map[held:0 shown:4]" {
		t.Errorf("the tally is %v", tally)
	}
}

func TestTheTallyFollowsWhatComesAndGoes(t *testing.T) {
	w, anna := newWorld(t), newBlog(t)
	p, q := w.post("Words."), w.post("Others.")
	tallied := func(when, want string) {
		t.Helper()
		tally, err := w.inbox.Tally(t.Context())
		undecided, err2 := w.inbox.Undecided(t.Context())
		if got := fmt.Sprint(tally); err != nil || err2 != nil || got != want || undecided != tally[Held] {
			t.Errorf("%s it is %s, %v, and %d wait, %v; want %s", when, got, err, undecided, err2, want)
		}
	}
	tallied("at first", "map[held:0]")
	page := anna.html("/1", reply(ours(p), "One."))
	r := w.receive(page, ours(p))
	w.receive(page, ours(p))
	tallied("when one has come, twice", "map[held:0 waiting:1]")
	w.drain()
	tallied("when it is read", "map[held:0 shown:1]")
	w.arrive(anna.html("/2", reply(ours(q), "Two.")), ours(q))
	w.mode(settings.HoldAll)
	w.arrive(anna.html("/3", reply(ours(q), "Three.")), ours(q))
	tallied("with three", "map[held:1 shown:2]")
	w.decide(r.ID, CallSpam)
	tallied("when one is called spam", "map[held:1 shown:1 spam:1]")
	w.must(w.posts.Delete(t.Context(), q.ID))
	w.must(w.posts.Purge(t.Context(), q.ID, w.author))
	w.drain()
	tallied("when what the others spoke of is gone", "map[held:0 spam:1]")
}
