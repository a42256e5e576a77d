package mentions

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/posts"
)

// drawn writes conversations as nested names.
func drawn(threads []*Thread) string {
	var parts []string
	for _, t := range threads {
		name := t.AuthorName
		if t.Via == Own {
			name = "we"
		}
		if len(t.Answers) > 0 {
			name += "(" + drawn(t.Answers) + ")"
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, " ")
}

// voice is a mention named n that answers another.
func voice(n int, to string) *Mention {
	name := fmt.Sprint(n)
	return &Mention{ID: name, key: name, Content: Content{AuthorName: name, ReplyTo: to, Published: time.Unix(int64(n), 0)}}
}

func TestAnswersStandBeneathWhatTheyAnswer(t *testing.T) {
	for _, c := range []struct {
		list []*Mention
		want string
	}{
		{[]*Mention{voice(1, ""), voice(2, "1"), voice(3, ""), voice(4, "2"), voice(5, "1")}, "1(2(4) 5) 3"},
		{[]*Mention{voice(1, "elsewhere"), voice(2, "1")}, "1(2)"},
		{[]*Mention{voice(1, "2"), voice(2, "")}, "2(1)"},
		{[]*Mention{voice(1, "1")}, "1"},
		{[]*Mention{voice(1, "2"), voice(2, "1")}, "1(2)"},
		{[]*Mention{voice(1, "3"), voice(2, "1"), voice(3, "2"), voice(4, "3")}, "1(2(3(4)))"},
	} {
		if got := drawn(newTree(c.list).roots); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestNoConversationIsTooLongOrTooDeep(t *testing.T) {
	const n = 5000
	var chain, star []*Mention
	for i := range n {
		before := ""
		if i > 0 {
			before = fmt.Sprint(i - 1)
		}
		chain = append(chain, voice(i, before))
		star = append(star, voice(i, "0"))
	}
	for name, list := range map[string][]*Mention{"chain": chain, "star": star} {
		tree := newTree(list)
		total := 0
		for _, root := range tree.roots {
			of := map[string]*Thread{}
			root.gather(of)
			if total += len(of); len(of) > mostWithin {
				t.Errorf("%s: a conversation of %d", name, len(of))
			}
			root.flatten(1)
			if got := depth(root); got > deepest {
				t.Errorf("%s: %d deep", name, got)
			}
			if again := map[string]*Thread{}; true {
				if root.gather(again); len(again) != len(of) {
					t.Errorf("%s: %d answers became %d", name, len(of), len(again))
				}
			}
		}
		if total != n {
			t.Errorf("%s: %d of %d stand somewhere", name, total, n)
		}
	}
}

func depth(t *Thread) int {
	most := 0
	for _, a := range t.Answers {
		most = max(most, depth(a))
	}
	return most + 1
}

func TestPagesHoldWholeConversationsAndEachAnswerOnce(t *testing.T) {
	var list []*Mention
	for i := range 1000 {
		to := ""
		if i%7 > 0 {
			to = fmt.Sprint(i - i%7)
		}
		list = append(list, voice(i, to))
	}
	_, pages := newTree(list).onPage(1)
	seen := map[string]*Thread{}
	for page := 1; page <= pages; page++ {
		roots, _ := newTree(list).onPage(page)
		on := map[string]*Thread{}
		for _, root := range roots {
			root.gather(on)
		}
		if len(on) > repliesOnPage || len(on) == 0 {
			t.Errorf("page %d has %d answers", page, len(on))
		}
		for id, thread := range on {
			if seen[id] != nil {
				t.Fatalf("%s stands on two pages", id)
			}
			seen[id] = thread
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d of 1000 are on the pages", len(seen))
	}
	if roots, _ := newTree(list).onPage(pages + 1); len(roots) != 0 {
		t.Error("there is a page after the last")
	}
}

func TestTheOwnersRepliesStandInTheConversation(t *testing.T) {
	w, juniper := newWorld(t), newBlog(t)
	post := w.post("Rain.")
	hers := w.arrive(juniper.html("/oil", reply(ours(post), "Use oil.")), ours(post))
	w.expect(hers.ID, Shown)

	mine := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Oil! Of course.", Properties: posts.Properties{"in-reply-to": {hers.Source}}}
	w.pass(time.Minute)
	w.save(mine)
	if got := drawn(w.answers(post.ID).Threads); got != "Anna Blume(we)" {
		t.Fatalf("the conversation is %s", got)
	}
	if a := w.answers(post.ID); a.Count() != 2 || len(a.Posts) != 1 || a.Posts[0] != mine.ID {
		t.Errorf("%d answers, of our posts %v", a.Count(), a.Posts)
	}

	// Somebody answers our answer, on its own page.
	w.pass(time.Minute)
	theirs := w.arrive(juniper.html("/cheap", reply(ours(mine), "Cheap oil.")), ours(mine))
	w.expect(theirs.ID, Shown)
	if got := drawn(w.answers(post.ID).Threads); got != "Anna Blume(we(Anna Blume))" {
		t.Errorf("the conversation is %s", got)
	}
	if got := drawn(w.answers(mine.ID).Threads); got != "Anna Blume" {
		t.Errorf("beneath our answer stands %s", got)
	}

	// Once what it answers is gone, ours goes; it comes back with it.
	w.decide(hers.ID, Delete)
	w.drain()
	if got := w.answers(post.ID); got.Count() != 0 {
		t.Errorf("after the delete: %s", drawn(got.Threads))
	}
	w.decide(hers.ID, Show)
	w.drain()
	if got := drawn(w.answers(post.ID).Threads); got != "Anna Blume(we(Anna Blume))" {
		t.Errorf("after it was shown again: %s", got)
	}
	w.must(w.posts.Delete(context.Background(), mine.ID))
	w.drain()
	if got := drawn(w.answers(post.ID).Threads); got != "Anna Blume" {
		t.Errorf("after our post was deleted: %s", got)
	}
}

func TestWhatAnswersSomethingOnAnotherPageStandsBeneathOurAnswer(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	post := w.post("Rain.")
	hers := w.arrive(b.html("/oil", reply(ours(post), "Use oil.")), ours(post))
	mine := &posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Oil!", Properties: posts.Properties{"in-reply-to": {hers.Source}}}
	w.save(mine)
	theirs := w.arrive(b.html("/cheap", reply(ours(mine), "Cheap oil.")), ours(mine))
	for n := range wholePage + repliesOnPage {
		w.exec(`
			INSERT INTO mentions (id, post_id, source_key, host, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
				kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at)
			SELECT $1, post_id, CAST($2 AS TEXT), host, source, target, via, address, state, '', '', FALSE, 0, 0,
				kind, author_name, author_url, title, html, '', '', published_at + 60, received_at, verified_at, 0
			FROM mentions WHERE id = $3`, database.NewID(), fmt.Sprint("far.example/", n), hers.ID)
	}
	w.exec("UPDATE mentions SET published_at = published_at + 60 WHERE source_key = 'far.example/7'")
	w.exec("UPDATE mentions SET reply_key = 'far.example/7' WHERE id = $1", theirs.ID)
	if got := drawn(w.answers(post.ID).Threads[:1]); got != "Anna Blume(we(Anna Blume))" {
		t.Errorf("the conversation is %s", got)
	}
}

func TestAnAnswerToAPageThatAnswersLaterIsFound(t *testing.T) {
	w, b := newWorld(t), newBlog(t)
	post := w.post("Rain.")
	source := b.html("/later", reply(ours(post), "I answer later."))
	w.save(&posts.Post{AuthorID: w.author, Status: posts.Published, Content: "Nice page.", Properties: posts.Properties{"in-reply-to": {source + "?utm_source=feed"}}})
	w.arrive(source, ours(post))
	w.drain()
	if got := drawn(w.answers(post.ID).Threads); got != "Anna Blume(we)" {
		t.Errorf("the conversation is %s", got)
	}
}

func TestAnAnswerToAnotherAnswerStandsBeneathIt(t *testing.T) {
	w, anna, bob := newWorld(t), newBlog(t), newBlog(t)
	post := w.post("Rain.")
	first := w.arrive(anna.html("/1", reply(ours(post), "First.")), ours(post))
	w.pass(time.Minute)
	both := strings.Replace(reply(ours(post), "Second."), `<p class="e-content">`, `<a class="u-in-reply-to" href="`+first.Source+`/">and to Anna</a> <p class="e-content">`, 1)
	w.arrive(bob.html("/2", strings.Replace(both, "Anna Blume", "Bob", 1)), ours(post))
	if got := drawn(w.answers(post.ID).Threads); got != "Anna Blume(Bob)" {
		t.Errorf("the conversation is %s", got)
	}
}
