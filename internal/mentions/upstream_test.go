package mentions

import (
	"strings"
	"testing"
	"time"

	"hark/internal/posts"
)

// answering is a post of ours that answers another blog's.
func (w *world) answering(target string) *posts.Post {
	w.t.Helper()
	p := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "I do not think so.", Properties: posts.Properties{"in-reply-to": {target}}}
	w.save(p)
	return p
}

func TestWhoeverWeAnswerLearnsOfAnswersToUs(t *testing.T) {
	w, up, down := newWorld(t), newBlog(t), newBlog(t)
	p := w.answering(up.takesWebmentions("/a", 202, ""))
	up.heard()
	told := func(when string, want int) {
		t.Helper()
		w.after(upstreamRest)
		w.after(webmentionGap)
		if got := up.heard(); len(got) != want || want > 0 && !strings.HasPrefix(got[0], ours(p)+" -> ") {
			t.Errorf("%s it heard %q, want %d", when, got, want)
		}
	}
	page := down.html("/r", reply(ours(p), "Why not?"))
	m := w.arrive(page, ours(p))
	w.expect(m.ID, Shown)
	told("after a reply", 1)
	w.arrive(page, ours(p))
	told("after the same reply again", 0)
	w.arrive(down.html("/l", strings.Replace(reply(ours(p), ""), "u-in-reply-to", "u-like-of", 1)), ours(p))
	told("after a like", 0)
	for _, path := range []string{"/2", "/3", "/4"} {
		w.arrive(down.html(path, reply(ours(p), "And "+path+"?")), ours(p))
	}
	told("after three at once", 1)
	w.decide(m.ID, Delete)
	told("after the owner took one away", 1)
	down.status("/2", 410)
	w.arrive(down.URL+"/2", ours(p))
	told("after one is gone", 1)
	w.save(p)
	told("after an unchanged save", 0)
}

func TestHeldAnswersAreNoNewsForWhomWeAnswer(t *testing.T) {
	w, up, down := newWorld(t), newBlog(t), newBlog(t)
	w.mode("none")
	p := w.answering(up.takesWebmentions("/a", 202, ""))
	up.heard()
	m := w.arrive(down.html("/r", reply(ours(p), "Why not?")), ours(p))
	w.expect(m.ID, Held)
	w.after(time.Hour)
	if got := up.heard(); len(got) != 0 {
		t.Errorf("it heard %q of what nobody sees", got)
	}
	w.decide(m.ID, Show)
	w.after(upstreamRest)
	if got := up.heard(); len(got) != 1 {
		t.Errorf("after it was shown it heard %q", got)
	}
}

// A pingback says that there is a link and nothing more, so there is no news.
func TestWhoeverTakesPingbacksHearsOnce(t *testing.T) {
	w, up, down := newWorld(t), newBlog(t), newBlog(t)
	p := w.answering(up.takesPingbacks("/a", -1, ""))
	up.heard()
	w.arrive(down.html("/r", reply(ours(p), "Why not?")), ours(p))
	w.after(time.Hour)
	if got := up.heard(); len(got) != 0 {
		t.Errorf("it heard %q", got)
	}
	p.Content += " More."
	w.save(p)
	if got := up.heard(); len(got) != 1 {
		t.Errorf("after an edit it heard %q", got)
	}
}

// Only those are told whom we answer, and not others we link to.
func TestAnswersAreNoNewsForOthers(t *testing.T) {
	w, b, down := newWorld(t), newBlog(t), newBlog(t)
	p := w.post(link(b.takesWebmentions("/a", 202, "")))
	b.heard()
	w.arrive(down.html("/r", reply(ours(p), "Why not?")), ours(p))
	w.after(time.Hour)
	if got := b.heard(); len(got) != 0 {
		t.Errorf("it heard %q", got)
	}
}

// What we answer ourselves in the conversation beneath our reply is news, too.
func TestOwnAnswersAreNewsForWhomWeAnswer(t *testing.T) {
	w, up, down := newWorld(t), newBlog(t), newBlog(t)
	p := w.answering(up.takesWebmentions("/a", 202, ""))
	page := down.html("/r", reply(ours(p), "Why not?"))
	w.arrive(page, ours(p))
	w.after(time.Hour)
	up.heard()
	mine := w.answering(page)
	w.after(upstreamRest)
	w.after(webmentionGap)
	if got := up.heard(); len(got) != 1 || !strings.HasPrefix(got[0], ours(p)+" ") {
		t.Errorf("it heard %q", got)
	}
	if a := w.answers(p.ID); a.Count() != 2 || mine.ID == "" {
		t.Errorf("beneath it stand %d", a.Count())
	}
}
