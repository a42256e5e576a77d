package mentions

import (
	"testing"
	"time"
)

func TestPingsWithoutEndDoNotFillTheDisk(t *testing.T) {
	w := newWorld(t)
	p := w.post("Words.")
	now := w.now().Unix()
	w.exec(`
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
		INSERT INTO mentions (id, post_id, source_key, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
			kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at)
		SELECT 'm' || i, $1, 'k' || i, 's', 't', 'pingback', '', 'refused', '', '', FALSE, 0, 0, '', '', '', '', '', '', '', 0, $2 + i, 0,
			CASE WHEN i = 1 THEN 1 ELSE 0 END FROM n`, p.ID, now)
	b := newBlog(t)
	m := w.arrive(b.html("/a", "Nothing."), ours(p))
	w.expect(m.ID, Refused)
	w.after(pruneRest)
	if n := w.number("SELECT count(*) FROM mentions"); n != mostRefused+1 {
		t.Errorf("%d are kept, want the newest %d and the one that was decided about", n, mostRefused)
	}
	w.pass(refusedFor + time.Hour)
	m = w.arrive(b.html("/b", "Nothing."), ours(p))
	w.after(pruneRest)
	if n := w.number("SELECT count(*) FROM mentions"); n != 2 {
		t.Errorf("after a month %d are kept", n)
	}
	w.expect(m.ID, Refused)
	if n := w.number("SELECT count(*) FROM jobs"); n != 0 {
		t.Errorf("%d jobs are left where nothing is to be done", n)
	}
}
