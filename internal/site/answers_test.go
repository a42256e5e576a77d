package site

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"willnorris.com/go/microformats"

	"hark/internal/database"
	"hark/internal/mentions"
	"hark/internal/mf2"
	"hark/internal/posts"
	"hark/internal/settings"
)

func TestAnswersOfOtherSitesStandBeneathThePost(t *testing.T) {
	b := newBlog(t)
	p := b.publish(2*day24, posts.Post{Title: "Rain", Content: "Words."})
	if got := b.get(p.Path).texts("#answers h2"); !slices.Equal(got, []string{"No answers yet"}) {
		t.Errorf("before any answer the page says %q", got)
	}
	sources := b.answered(p,
		`<a class="p-author h-card" href="/">Juniper Hale</a> <a class="u-in-reply-to" href="%s">re</a> <p class="e-content">I keep a jar as well.</p>`,
		`<a class="p-author h-card" href="/">Maren Toft</a> <a class="u-like-of" href="%s">likes</a>`,
		`<a class="p-author h-card" href="/">Petra Lind</a> <a class="u-repost-of" href="%s">shares</a>`,
		`<a class="p-author h-card" href="/">Idris Vale</a> <a class="u-in-reply-to" href="%s">re</a> <span class="p-rsvp">yes</span>`,
		`<a class="p-author h-card" href="/">Otis Bellamy</a> <h1 class="p-name">Two clocks</h1> <div class="e-content"><p>Keep the old one, as <a href="%s">the jar</a> teaches.</p></div>`,
	)
	r := b.get(p.Path)
	if got := r.texts("#answers h2"); !slices.Equal(got, []string{"5 answers"}) {
		t.Errorf("h2 = %q", got)
	}
	if got := b.get("/").texts(".count"); !slices.Equal(got, []string{"5 answers"}) {
		t.Errorf("the kept home page counts %q", got)
	}
	entry := r.item(t, p.Path)
	for property, want := range map[string][]string{
		"comment": {sources[0], sources[3], sources[4]}, "like": {sources[1]}, "repost": {sources[2]},
	} {
		var got []string
		for _, value := range entry.Properties[property] {
			cite := value.(*microformats.Microformat)
			if cite.Type[0] != "h-cite" {
				t.Errorf("%s is %v, want h-cite", property, cite.Type)
			}
			got = append(got, cite.Properties["url"][0].(string))
			if len(cite.Properties["author"]) == 0 {
				t.Errorf("%s from %s has no author", property, got)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s = %q, want %q", property, got, want)
		}
	}
	if got := r.texts(".thread .p-content"); !slices.Equal(got, []string{"I keep a jar as well."}) {
		t.Errorf("the reply says %q", got)
	}
	if got := r.texts(".faces h3"); !slices.Equal(got, []string{"1 like", "1 repost", "1 going"}) {
		t.Errorf("rows are %q", got)
	}
	if got := r.texts(".quoted a.u-url"); !slices.Equal(got, []string{"Two clocks"}) {
		t.Errorf("the mention is called %q", got)
	}
	if got := attribute(r.one(t, ".tell [name=target]"), "value"); got != public+p.Path {
		t.Errorf("the form tells of %q", got)
	}
	r.one(t, `form.tell[action="/webmention"][method=post] input[name=source]`)
}

func TestTheFormBeneathAPageSaysWhatItIsFor(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	for path, want := range map[string][]string{
		p.Path: {
			"Written a response on your own site? Paste its address.", "Send it here",
			"Your page is read once, to find its link to this post. If it is there, your words appear here.",
		},
		"/about": {
			"Written about this site on your own? Paste the address.", "Send it here",
			"Your page is read once, to find its link to this site. If it is there, your words appear here.",
		},
	} {
		r := b.get(path)
		if got := r.texts("form.tell label[for=source], form.tell button, form.tell #how"); !slices.Equal(got, want) {
			t.Errorf("%s says %q, want %q", path, got, want)
		}
		r.one(t, `form.tell input#source[name=source][type=url][required][aria-describedby=how]`)
	}
}

func TestAnswersToAnInvitationStandByWhatTheySay(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "A walk", Content: "On Sunday."})
	var list []mentions.Mention
	for n, rsvp := range []string{"no", "interested", "yes", "maybe", "no", "yes", "interested", "no", "no", "yes"} {
		list = append(list, mentions.Mention{
			Source: fmt.Sprintf("https://r%d.example/", n), Content: mentions.Content{Kind: mf2.RSVP, RSVP: rsvp, AuthorName: fmt.Sprintf("Reader %d", n)},
		})
	}
	b.show(p.ID, list...)
	r := b.get(p.Path)
	if got, want := r.texts(".faces h3"), []string{"3 going", "1 may come", "2 interested", "4 not going"}; !slices.Equal(got, want) {
		t.Errorf("the rows are %q, want %q", got, want)
	}
	var values []string
	for _, data := range r.all(".faces .p-comment.h-cite > data.p-rsvp") {
		values = append(values, attribute(data, "value"))
	}
	if got, want := strings.Join(values, " "), "yes yes yes maybe interested interested no no no no"; got != want {
		t.Errorf("they say %q, want %q", got, want)
	}
}

func TestAnAnswerThatWaitsForTheOwnerIsNeitherShownNorCounted(t *testing.T) {
	b := newBlog(t)
	if err := b.Settings.SaveAnswers(t.Context(), settings.Answers{Mode: settings.HoldAll}); err != nil {
		t.Fatal(err)
	}
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	sources := b.answered(p, replies(1)...)
	if r := b.get(p.Path); strings.Contains(r.body, sources[0]) || len(r.all("#answers .h-cite")) != 0 {
		t.Error("the page shows it")
	}
	if got := b.get("/").texts(".count"); len(got) != 0 {
		t.Errorf("the home page counts %q", got)
	}
	b.seen = b.wren
	if got := b.get("/").texts(".deskbar b"); len(got) != 1 || !strings.HasPrefix(got[0], "1 ") {
		t.Errorf("the owner's bar counts %q", got)
	}
	b.seen = nil
	waiting, err := b.Inbox.Find(t.Context(), mentions.Wanted{State: mentions.Held, Limit: 10})
	if err != nil || len(waiting) != 1 {
		t.Fatalf("%d mentions are held, %v", len(waiting), err)
	}
	if _, err := b.Inbox.Decide(t.Context(), mentions.Show, "wren", waiting[0].ID); err != nil {
		t.Fatal(err)
	}
	if r := b.get(p.Path); len(r.all("#answers .h-cite")) != 1 {
		t.Error("the kept page does not show it after the owner did")
	}
}

// drawn is a post's page with answers that nobody sent.
func (b *blog) drawn(p *posts.Post, a *mentions.Answers) reading {
	b.t.Helper()
	site, err := b.Settings.Site(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	dates := b.calendar(settings.Default)
	view := b.postView(site, p, nil, dates)
	view.Comments = answersView(a, b.subject(p, dates.book), 1, dates)
	body, err := b.Pages.Render("site/post", view)
	if err != nil {
		b.t.Fatal(err)
	}
	return read(b.t, &http.Response{}, body)
}

func TestHostileWordsOfOthersAreInert(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	const bad = `"><script>alert(1)</script>' onmouseover=x`
	m := func(kind mf2.Kind) *mentions.Mention {
		return &mentions.Mention{
			ID: "m", Source: "https://evil.example/" + bad,
			Content: mentions.Content{Kind: kind, AuthorName: bad, AuthorURL: "javascript:alert(1)", Title: bad, RSVP: "yes"},
		}
	}
	r := b.drawn(p, &mentions.Answers{
		Likes: []*mentions.Mention{m(mf2.Like)}, RSVPs: []*mentions.Mention{m(mf2.RSVP)},
		Threads: []*mentions.Thread{{Mention: m(mf2.Reply)}}, Mentions: []*mentions.Mention{m(mf2.Mention)},
	})
	if n := len(r.all("script, [onmouseover]")); n != 0 {
		t.Errorf("%d elements came alive:\n%s", n, r.body)
	}
	for _, link := range r.all("a[href]") {
		if strings.HasPrefix(attribute(link, "href"), "javascript") {
			t.Error("an author's address runs a script")
		}
	}
	if got := r.texts(".thread .p-author"); !slices.Equal(got, []string{bad}) {
		t.Errorf("the author is called %q", got)
	}
}

func TestAReplySaysWhoseWordsItCarriesAndThatTheyAreOurs(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	r := b.drawn(p, &mentions.Answers{Threads: []*mentions.Thread{
		{Mention: &mentions.Mention{ID: "a", Source: "https://bridge.example/1", Content: mentions.Content{AuthorName: "Jun Ferrow", AuthorURL: "https://social.example/@jun", HTML: "<p>Yes</p>"}}},
		{Mention: &mentions.Mention{ID: "b", Source: public + "/2026/oil", Via: mentions.Own, Content: mentions.Content{AuthorName: "Wren Adair", AuthorURL: public + "/", HTML: "<p>Oil!</p>"}}},
	}})
	if got := r.texts(".via"); !slices.Equal(got, []string{"via bridge.example"}) {
		t.Errorf("via = %q", got)
	}
	if got := r.texts("#a-b .mine"); !slices.Equal(got, []string{"author"}) {
		t.Errorf("our own reply is marked %q", got)
	}
}

func TestARowOfManyFacesIsBoundedAndCounted(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	b.show(p.ID, likes(230)...)
	for path, want := range map[string]int{p.Path: 100, p.Path + "/answers/2": 100, p.Path + "/answers/3": 30} {
		r := b.get(path)
		if got := len(r.all(".u-like")); got != want {
			t.Errorf("%s has %d faces, want %d", path, got, want)
		}
		if got := r.texts(".faces h3")[0]; got != "230 likes" {
			t.Errorf("%s calls the row %q", path, got)
		}
		if got := r.texts(".faces p")[0]; !strings.HasSuffix(got, " and 218 others") || strings.Count(got, "Reader ") != 12 {
			t.Errorf("%s names %q", path, got)
		}
	}
}

// likes are likes of as many readers.
func likes(n int) []mentions.Mention {
	list := make([]mentions.Mention, n)
	for i := range list {
		list[i] = mentions.Mention{Source: fmt.Sprintf("https://l%d.example/", i), Content: mentions.Content{Kind: mf2.Like, AuthorName: fmt.Sprintf("Reader %d", i)}}
	}
	return list
}

// show puts mentions beneath a post, or with no key beneath the site, as if
// they had come and been verified. Each is an hour younger than the one before.
func (b *blog) show(post string, list ...mentions.Mention) {
	b.t.Helper()
	err := b.db.InTx(context.Background(), func(tx *database.Tx) error {
		for n, m := range list {
			via, state, at := cmp.Or(m.Via, mentions.Webmention), cmp.Or(m.State, mentions.Shown), m.Published
			if at.IsZero() {
				at = b.at.Add(time.Duration(n-len(list)) * time.Hour)
			}
			received := m.Received
			if received.IsZero() {
				received = at
			}
			_, err := tx.Exec(`
				INSERT INTO mentions (id, post_id, source_key, source, target, via, address, state, reason, refusal, checking, strikes, struck_at,
					kind, author_name, author_url, title, html, rsvp, changed, published_at, received_at, verified_at, decided_at, face, reply_key, score)
				VALUES ($1, $2, $3, $4, $5, $6, '', $7, $18, '', FALSE, 0, 0, $8, $9, $10, $11, $12, $13, '', $14, $15, $15, 0, $16, $17, $19)`,
				cmp.Or(m.ID, database.NewID()), post, strings.TrimPrefix(m.Source, "https://"), m.Source, m.Target, string(via), string(state),
				string(m.Kind), m.AuthorName, m.AuthorURL, m.Title, string(m.HTML), m.RSVP, at.Unix(), received.Unix(), m.Face, m.ReplyTo, m.Reason, m.Score)
			if err != nil {
				return err
			}
		}
		tx.Touch(posts.Generation(post), mentions.Generation)
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// conversation is a thread of four answers, two of them to the first.
func conversation() []mentions.Mention {
	return []mentions.Mention{
		{ID: "a", Source: "https://juniper.example/1", Content: mentions.Content{Kind: mf2.Reply, AuthorName: "Juniper Hale", AuthorURL: "https://juniper.example/", Face: strings.Repeat("ab", 16), HTML: "<p>I keep a jar as well.</p>"}},
		{ID: "b", Source: "https://otis.example/2", Content: mentions.Content{Kind: mf2.Reply, AuthorName: "Otis Bellamy", AuthorURL: "https://otis.example/", ReplyTo: "juniper.example/1", HTML: "<p>So do I.</p>"}},
		{ID: "c", Source: "https://juniper.example/3", Content: mentions.Content{Kind: mf2.Reply, AuthorName: "Juniper Hale", AuthorURL: "https://juniper.example/", ReplyTo: "otis.example/2", HTML: "<p>Cheap oil!</p>"}},
		{ID: "d", Source: "https://della.example/4", Content: mentions.Content{Kind: mf2.Reply, AuthorName: "Della Marsh", ReplyTo: "juniper.example/1", HTML: "<p>On the wall.</p>"}},
	}
}

func TestAnswersToAnswersStandWithinThem(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	list := conversation()
	b.show(p.ID, list...)
	comments := b.get(p.Path).item(t, p.Path).Properties["comment"]
	if len(comments) != 1 {
		t.Fatalf("%d comments stand at the root, want 1", len(comments))
	}
	first := commentOf(t, comments[0], list[0])
	if len(first.Properties["comment"]) != 2 {
		t.Fatalf("%d answers stand within the first, want 2", len(first.Properties["comment"]))
	}
	second := commentOf(t, first.Properties["comment"][0], list[1])
	commentOf(t, first.Properties["comment"][1], list[3])
	commentOf(t, second.Properties["comment"][0], list[2])
}

// commentOf checks that a comment says whose it is, when it was said, what, and where.
func commentOf(t *testing.T, comment any, want mentions.Mention) *microformats.Microformat {
	t.Helper()
	cite := comment.(*microformats.Microformat)
	if got := cite.Properties["url"]; len(got) != 1 || got[0] != want.Source {
		t.Errorf("a comment's url is %q, want %q", got, want.Source)
	}
	if got := cite.Properties["published"]; len(got) != 1 {
		t.Errorf("%s was published %q", want.Source, got)
	}
	if got := fmt.Sprint(cite.Properties["content"]...); !strings.Contains(string(want.HTML), got) || got == "" {
		t.Errorf("%s says %q, want %q", want.Source, got, want.HTML)
	}
	author := cite.Properties["author"][0].(*microformats.Microformat)
	if got := author.Properties["name"]; len(got) != 1 || got[0] != want.AuthorName {
		t.Errorf("%s is by %q, want %q", want.Source, got, want.AuthorName)
	}
	if got := fmt.Sprint(author.Properties["url"]...); got != want.AuthorURL {
		t.Errorf("%s is by somebody at %q, want %q", want.Source, got, want.AuthorURL)
	}
	photo := ""
	if want.Face != "" {
		photo = public + "/faces/" + want.Face
	}
	if got := author.Properties["photo"]; photo == "" && len(got) > 0 || photo != "" && (len(got) != 1 || !strings.Contains(fmt.Sprint(got[0]), photo)) {
		t.Errorf("the photo of %s is %q, want %q", want.AuthorName, got, photo)
	}
	return cite
}

func TestAFaceStandsWhereThereIsOneAndInitialsElsewhere(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	face := strings.Repeat("0f", 16)
	for n, kind := range []mf2.Kind{mf2.Like, mf2.Reply, mf2.Mention} {
		b.show(p.ID,
			mentions.Mention{Source: fmt.Sprintf("https://maren%d.example/", n), Content: mentions.Content{Kind: kind, AuthorName: "Maren Toft", Title: "A page", Face: face}},
			mentions.Mention{Source: fmt.Sprintf("https://jun%d.example/", n), Content: mentions.Content{Kind: kind, AuthorName: "Jun Ferrow", Title: "A page"}})
	}
	r := b.get(p.Path)
	for _, place := range []string{".faces", ".thread", ".quoted"} {
		img := r.one(t, place+` .h-card img.u-photo.face[alt=""][loading=lazy][width="40"][height="40"]`)
		if got := attribute(img, "src"); got != "/faces/"+face {
			t.Errorf("the face in %s is %q", place, got)
		}
	}
	for _, place := range []string{".faces", ".thread"} {
		if got := r.texts(place + " span.face[aria-hidden=true]"); !slices.Equal(got, []string{"JF"}) {
			t.Errorf("initials in %s are %q", place, got)
		}
	}
}

func TestLikesAndTheirKinAreProperties(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	face := strings.Repeat("0f", 16)
	for n, kind := range []mf2.Kind{mf2.Like, mf2.Repost, mf2.Bookmark, mf2.RSVP} {
		b.show(p.ID, mentions.Mention{Source: fmt.Sprintf("https://maren.example/%d", n), Content: mentions.Content{Kind: kind, AuthorName: "Maren Toft", Face: face, RSVP: "maybe"}})
	}
	entry := b.get(p.Path).item(t, p.Path)
	for n, property := range []string{"like", "repost", "bookmark", "comment"} {
		cite := entry.Properties[property][0].(*microformats.Microformat)
		if got, want := cite.Properties["url"][0], fmt.Sprintf("https://maren.example/%d", n); got != want {
			t.Errorf("%s is %q, want %q", property, got, want)
		}
		author := cite.Properties["author"][0].(*microformats.Microformat)
		if author.Properties["name"][0] != "Maren Toft" || !strings.Contains(fmt.Sprint(author.Properties["photo"]...), public+"/faces/"+face) {
			t.Errorf("%s is by %v", property, author.Properties)
		}
	}
	if got := entry.Properties["comment"][0].(*microformats.Microformat).Properties["rsvp"]; len(got) != 1 || got[0] != "maybe" {
		t.Errorf("the answer to the invitation is %q", got)
	}
}

func TestFurtherAnswersStandOnFurtherPages(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	replies := make([]mentions.Mention, 250)
	for n := range replies {
		replies[n] = mentions.Mention{Source: fmt.Sprintf("https://r%d.example/", n), Content: mentions.Content{Kind: mf2.Reply, AuthorName: "Otis", HTML: "<p>Yes</p>"}}
	}
	b.show(p.ID, append(replies, likes(10)...)...)

	first := b.get(p.Path)
	if got := first.texts("#answers h2"); !slices.Equal(got, []string{"260 answers"}) {
		t.Errorf("the post counts %q", got)
	}
	path, all := p.Path, map[string]bool{}
	for n := 1; ; n++ {
		r := b.get(path)
		for _, link := range r.all(".thread header > a.u-url") {
			all[attribute(link, "href")] = true
		}
		if want := public + path; attribute(r.one(t, "link[rel=canonical]"), "href") != want {
			t.Errorf("the canonical address of page %d is not %s", n, want)
		}
		if n > 1 {
			if got := r.texts("h1 a[href='" + p.Path + "']"); !slices.Equal(got, []string{"Rain"}) || r.texts("title")[0] != fmt.Sprintf("Answers to Rain, page %d · Tidewrack", n) {
				t.Errorf("page %d is called %q and leads back by %q", n, r.texts("title"), got)
			}
		}
		if len(r.all("meta[name=robots]")) > 0 {
			t.Errorf("page %d hides from search engines", n)
		}
		further := r.all(".pages a:contains('Further')")
		if len(further) == 0 {
			if n != 3 {
				t.Errorf("there are %d pages, want 3", n)
			}
			break
		}
		path = attribute(further[0], "href")
	}
	if len(all) != 250 {
		t.Errorf("%d replies stand on all pages, want 250", len(all))
	}
	if got := attribute(first.one(t, ".pages a:contains('Newest')"), "href"); got != path {
		t.Errorf("the newest answers are said to be at %q, and are at %q", got, path)
	}
	if got := attribute(b.get(p.Path+"/answers/2").one(t, ".pages a:contains('Earlier')"), "href"); got != p.Path+"#answers" {
		t.Errorf("before the second page comes %q", got)
	}
}

func TestAPageOfAnswersHasOneAddress(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	b.show(p.ID, likes(230)...)
	old := p.Path
	p.Slug = "snow"
	p = b.save(*p)
	for path, to := range map[string]string{
		p.Path + "/answers/1": p.Path, p.Path + "/answers/2/": p.Path + "/answers/2", old + "/answers/2": p.Path + "/answers/2",
	} {
		if r := b.ask(http.MethodGet, path); r.StatusCode != http.StatusMovedPermanently || r.Header.Get("Location") != public+to {
			t.Errorf("%s answers %d to %q, want 301 to %s", path, r.StatusCode, r.Header.Get("Location"), to)
		}
	}
	for _, below := range []string{"/answers/0", "/answers/4", "/answers/02", "/answers/-1", "/answers/x", "/answers/999999999999999999999", "/answers"} {
		if r := b.ask(http.MethodGet, p.Path+below); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d, want 404", below, r.StatusCode)
		}
	}
	if err := b.Posts.Delete(t.Context(), p.ID); err != nil {
		t.Fatal(err)
	}
	if r := b.ask(http.MethodGet, p.Path+"/answers/2"); r.StatusCode != http.StatusGone {
		t.Errorf("the answers to a deleted post answer %d, want 410", r.StatusCode)
	}
}

func TestAKeptPageOfAnswersIsMadeAnewWhenOneComes(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	b.show(p.ID, likes(230)...)
	path := p.Path + "/answers/3"
	b.get(path)
	b.show(p.ID, mentions.Mention{Source: "https://late.example/", Content: mentions.Content{Kind: mf2.Like, AuthorName: "Late"}})
	if got := len(b.get(path).all(".u-like")); got != 31 {
		t.Errorf("the last page has %d likes after one more, want 31", got)
	}
}

func TestWhatIsSaidOfTheSiteStandsOnTheAboutPage(t *testing.T) {
	b := newBlog(t)
	r := b.get("/about")
	if got := attribute(r.one(t, ".tell [name=target]"), "value"); got != public+"/" {
		t.Errorf("the form tells of %q", got)
	}
	b.show("", mentions.Mention{Source: "https://otis.example/", Content: mentions.Content{Kind: mf2.Mention, AuthorName: "Otis", Title: "Blogs I read"}})
	r = b.get("/about")
	if got := r.texts(".quoted a.u-url"); !slices.Equal(got, []string{"Blogs I read"}) {
		t.Errorf("the kept page shows %q after one came", got)
	}
	if got := r.texts("#answers h2"); !slices.Equal(got, []string{"1 mention"}) {
		t.Errorf("it counts %q", got)
	}
	b.show("", likes(230)...)
	if got := len(b.get("/about/answers/2").all(".u-like")); got != 100 {
		t.Errorf("the second page has %d likes", got)
	}
}

func TestAClosedPostKeepsItsAnswersAndAsksForNone(t *testing.T) {
	b := newBlog(t)
	p := b.publish(day24, posts.Post{Title: "Rain", Content: "Words."})
	b.show(p.ID, conversation()...)
	b.get(p.Path)
	p.Closed = true
	b.save(*p)
	r := b.get(p.Path)
	if len(r.all("form")) != 0 || !slices.Contains(r.texts("#answers p"), "This post takes no more answers.") {
		t.Error("it does not say that it is closed, or has a form")
	}
	if got := len(r.all(".p-comment")); got != 4 {
		t.Errorf("%d answers are left, want 4", got)
	}
	if r.Header.Get("X-Pingback") == "" || len(r.all("link[rel=webmention]")) != 1 {
		t.Error("its doors are not announced")
	}
}

func TestWordsThatWereCutLeadToTheRest(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	long := strings.Repeat("Rain falls on the jar. ", 100)
	b.answered(p,
		`<a class="u-in-reply-to" href="%s">x</a><div class="e-content"><p>`+long+`</p></div>`,
		`<a class="u-in-reply-to" href="%s">x</a><div class="e-content"><p>Short.</p></div>`,
		`<div class="e-content"><p>`+long+`<a href="%s">the jar</a> `+long+`</p></div>`)
	r := b.get(p.Path)
	if got := r.texts("a.more"); !slices.Equal(got, []string{"read on", "read on"}) {
		t.Errorf("the ways to the rest are %q", got)
	}
	for _, link := range r.all(".p-content a.more") {
		t.Errorf("%v is part of what others said", link.Attr)
	}
}

func TestWhoCarriesWordsIsNamedWhereverTheyStand(t *testing.T) {
	b := newBlog(t)
	p := b.publish(time.Hour, posts.Post{Title: "Rain", Content: "Words."})
	m := mentions.Mention{ID: "a", Source: "https://bridge.example/1", Content: mentions.Content{AuthorName: "Jun Ferrow", AuthorURL: "https://social.example/@jun", Title: "A page", HTML: "Yes"}}
	r := b.drawn(p, &mentions.Answers{Likes: []*mentions.Mention{&m}, Mentions: []*mentions.Mention{&m}, Counts: map[mf2.Kind]int{mf2.Like: 1, mf2.Mention: 1}})
	if got := attribute(r.one(t, ".faces a.u-url"), "title"); got != "Jun Ferrow, via bridge.example" {
		t.Errorf("the face is of %q", got)
	}
	if got := r.texts(".quoted .hint")[0]; !strings.Contains(got, "Jun Ferrow , via bridge.example,") {
		t.Errorf("the quotation is by %q", got)
	}
}
