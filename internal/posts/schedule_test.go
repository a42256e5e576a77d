package posts

import (
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"hark/internal/queue"
)

// ring lets the job of a scheduled post be done now, whenever it is due.
func (b *bench) ring(t *testing.T, p *Post) {
	t.Helper()
	payload, err := json.Marshal(p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.publishDue(t.Context(), queue.Job{Payload: payload, Try: 1}); err != nil {
		t.Fatal(err)
	}
}

// jobs is when the jobs of a kind are due.
func (b *bench) dueAt(t *testing.T, kind queue.Kind) (at []time.Time) {
	t.Helper()
	rows, err := b.db.Query(t.Context(), "SELECT run_at_ms FROM jobs WHERE kind = $1 ORDER BY run_at_ms", string(kind))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var ms int64
		if err := rows.Scan(&ms); err != nil {
			t.Fatal(err)
		}
		at = append(at, time.UnixMilli(ms).UTC())
	}
	return at
}

func TestAScheduledPostComesOutWhenItsTimeHasCome(t *testing.T) {
	b := newBench(t)
	when := b.now().Add(2 * time.Hour)
	p := b.save(t, &Post{Status: Scheduled, Title: "Jar", Content: "Words.", Slug: "jar", Published: when})
	if p.Path != "" || p.Status != Scheduled {
		t.Errorf("it is %s at %q", p.Status, p.Path)
	}
	if jobs := b.dueAt(t, due); len(jobs) != 1 || !jobs[0].Equal(when) {
		t.Errorf("jobs are due at %v", jobs)
	}
	if b.ring(t, p); b.read(t, p.ID).Status != Scheduled { // a clock that ran ahead had woken it
		t.Error("it came out before its time")
	}
	if _, err := b.ByPath(t.Context(), "/2026/jar"); !errors.Is(err, ErrNotFound) || len(b.list(t, List{})) != 0 || len(b.dueAt(t, Changed)) != 0 {
		t.Errorf("it can be seen before its time: %v", err)
	}
	b.pass(2 * time.Hour)
	_, lists := b.touched(t, p.ID, func() {
		b.ring(t, p)
		b.ring(t, p) // jobs may run twice
	})
	out := b.read(t, p.ID)
	if out.Status != Published || out.Path != "/2026/jar" || !out.Published.Equal(when) || out.Version != 2 {
		t.Errorf("it is %s at %q since %v, version %d", out.Status, out.Path, out.Published, out.Version)
	}
	if len(b.dueAt(t, Changed)) != 1 || lists != 1 {
		t.Error("nobody was told, or some twice")
	}
	p.Content = "Other words."
	if err := b.Save(t.Context(), p); !errors.Is(err, ErrChanged) {
		t.Errorf("what was read before gives %v", err)
	}
}

func TestAnEditMovesTheTime(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Scheduled, Content: "Words.", Published: b.now().Add(time.Hour)})
	p.Published = b.now().Add(3 * time.Hour)
	b.save(t, p)
	b.pass(time.Hour)
	if b.ring(t, p); b.read(t, p.ID).Status != Scheduled {
		t.Fatal("it came out when it was first to")
	}
	p.Published = b.now().Add(30 * time.Minute)
	b.save(t, p)
	if jobs := b.dueAt(t, due); !slices.ContainsFunc(jobs, p.Published.Equal) && jobs[0].After(p.Published) {
		t.Errorf("jobs are due at %v, not at %v", jobs, p.Published)
	}
	p.Published = b.now().Add(-time.Minute) // the writer's clock is another
	if b.save(t, p); p.Status != Published || p.Path == "" {
		t.Errorf("after its time it is %s", p.Status)
	}
	p.Status, p.Published = Scheduled, b.now().Add(time.Hour)
	b.refused(t, p, "status")
}

func TestADraftThatWasScheduledStaysOne(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Scheduled, Content: "Words.", Published: b.now().Add(time.Hour)})
	p.Status = Draft
	b.save(t, p)
	gone := b.save(t, &Post{Status: Scheduled, Content: "Words.", Published: b.now().Add(time.Hour)})
	if err := b.Delete(t.Context(), gone.ID); err != nil {
		t.Fatal(err)
	}
	b.pass(2 * time.Hour)
	b.ring(t, p)
	b.ring(t, gone)
	if p, gone := b.read(t, p.ID), b.read(t, gone.ID); p.Status != Draft || gone.Status != Deleted {
		t.Errorf("they are %s and %s", p.Status, gone.Status)
	}
	if err := b.Restore(t.Context(), gone.ID); err != nil || b.read(t, gone.ID).Status != Draft {
		t.Errorf("restored it is %s, %v", b.read(t, gone.ID).Status, err)
	}
}

func TestAnAddressThatIsTakenMeanwhileHoldsNothingUp(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Scheduled, Title: "Rain", Content: "Words.", Slug: "jar", Published: b.now().Add(time.Hour)})
	b.save(t, &Post{Status: Published, Content: "Words.", Slug: "jar"})
	b.pass(time.Hour)
	if b.ring(t, p); b.read(t, p.ID).Path != "/2026/rain" {
		t.Errorf("it lives at %q", b.read(t, p.ID).Path)
	}
	b.refused(t, &Post{Status: Scheduled, Content: "Words.", Slug: "jar", Published: b.now().Add(time.Hour)}, "slug")
	b.refused(t, &Post{Status: Scheduled, Content: "Words."}, "published")
	b.refused(t, &Post{Status: Scheduled, Content: "Words.", Published: b.now().AddDate(11, 0, 0)}, "published")
	b.refused(t, &Post{Status: Scheduled, Published: b.now().Add(time.Hour)}, "text")
}

func TestOnlyWhatIsPublicStandsInLists(t *testing.T) {
	b := newBench(t)
	shown := b.save(t, &Post{Status: Published, Title: "Shown", Content: "W", Tags: []string{"rain"}})
	for _, visibility := range []Visibility{Unlisted, Private} {
		p := b.save(t, &Post{Status: Published, Title: string(visibility), Content: "W", Tags: []string{"rain", "secret"}, Visibility: visibility, Properties: Properties{"like-of": {"https://x.example/"}}})
		if older, newer, err := b.Neighbours(t.Context(), shown); err != nil || older != nil || newer != nil {
			t.Errorf("%s: beside a public post stand %v and %v, %v", visibility, older, newer, err)
		}
		if named, err := b.Named(t.Context(), p.ID, shown.ID); err != nil || len(named) != 1 {
			t.Errorf("%s: named are %v, %v", visibility, named, err)
		}
		if _, err := b.ByPath(t.Context(), p.Path); (err == nil) != (visibility == Unlisted) {
			t.Errorf("%s: at its path: %v", visibility, err)
		}
		if at, err := b.At(t.Context(), p.Path); err != nil || at.ID != p.ID {
			t.Errorf("%s: for its author: %v", visibility, err)
		}
		p.Slug = "moved-" + string(visibility)
		old := p.Path
		b.save(t, p)
		moved := (*Moved)(nil)
		if _, err := b.ByPath(t.Context(), old); errors.As(err, &moved) != (visibility == Unlisted) {
			t.Errorf("%s: at its old path: %v", visibility, err)
		}
	}
	for name, l := range map[string]List{"all": {}, "tag": {Tag: "rain"}, "year": {From: b.now().Add(-time.Hour)}} {
		if got := b.list(t, l); !slices.Equal(got, []string{"Shown"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := b.list(t, List{All: true}); len(got) != 3 {
		t.Errorf("for their author stand %v", got)
	}
	if kinds, err := b.KindsInUse(t.Context()); err != nil || !slices.Equal(kinds, []Kind{Article}) {
		t.Errorf("kinds are %v, %v", kinds, err)
	}
	if months, err := b.Months(t.Context()); err != nil || len(months) != 1 || months[0].Posts != 1 {
		t.Errorf("months are %v, %v", months, err)
	}
	if tags, err := b.Tags(t.Context(), 9); err != nil || len(tags) != 1 || tags[0].Posts != 1 {
		t.Errorf("tags are %v, %v", tags, err)
	}
}

func TestTheQueuePublishesWhatIsDue(t *testing.T) {
	b := newBench(t)
	p := b.save(t, &Post{Status: Scheduled, Content: "Words.", Published: b.now().Add(time.Hour)})
	b.pass(time.Hour)
	later := queue.New(b.db, slog.New(slog.DiscardHandler), b.now) // of another process, after a restart
	New(b.db, later, "https://blog.example", b.now)
	if err := later.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.read(t, p.ID); got.Status != Published {
		t.Errorf("it is %s", got.Status)
	}
}
