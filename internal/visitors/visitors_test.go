package visitors_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/indieauth"
	"hark/internal/visitors"
)

// person is somebody with a site of their own that speaks IndieAuth. Tests spoil it.
type person struct {
	*httptest.Server
	t        testing.TB
	page     http.HandlerFunc // at /
	metadata http.HandlerFunc // at /meta
	redeem   http.HandlerFunc // POST /auth
	me       string           // that is named for a code
	issuer   string
	asked    url.Values // what the last code was asked with
	redeemed int
}

// at serves a handler from one of the loopback addresses, each a host of its own.
func at(t testing.TB, address string, handler http.Handler) *httptest.Server {
	t.Helper()
	listener, err := net.Listen("tcp", address+":0")
	if err != nil {
		t.Skipf("cannot listen on %s: %v", address, err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return server
}

func newPerson(t testing.TB) *person {
	t.Helper()
	p := &person{t: t}
	p.page = p.announce("indieauth-metadata", "/meta")
	p.metadata = func(w http.ResponseWriter, _ *http.Request) {
		json.NewEncoder(w).Encode(map[string]any{"issuer": p.issuer, "authorization_endpoint": p.URL + "/auth", "code_challenge_methods_supported": []string{"S256"}})
	}
	p.redeem = p.identify
	p.Server = at(t, "127.0.0.1", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/meta":
			p.metadata(w, r)
		case r.URL.Path == "/auth" && r.Method == http.MethodPost:
			p.redeemed++
			p.redeem(w, r)
		default:
			p.page(w, r)
		}
	}))
	p.issuer, p.me = p.URL+"/", p.URL+"/"
	return p
}

func (p *person) announce(rel, href string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!doctype html><link rel=%q href=%q>`, rel, href)
	}
}

// identify says whose the code is, if it is asked as it must be.
func (p *person) identify(w http.ResponseWriter, r *http.Request) {
	challenge := p.asked.Get("code_challenge")
	if r.PostFormValue("code") != "the code" || !indieauth.Proves(r.PostFormValue("code_verifier"), challenge) || challenge == "" ||
		r.PostFormValue("redirect_uri") != p.asked.Get("redirect_uri") || r.PostFormValue("client_id") != p.asked.Get("client_id") {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"error": "invalid_grant"}`)
		return
	}
	json.NewEncoder(w).Encode(map[string]string{"me": p.me})
}

// allows is what the site sends the browser back with once its owner has said yes.
func (p *person) allows(way *visitors.Way) url.Values {
	p.t.Helper()
	to, err := url.Parse(way.Address)
	if err != nil || to.Scheme+"://"+to.Host != p.URL || to.Path != "/auth" {
		p.t.Fatalf("the way leads to %s (%v)", way.Address, err)
	}
	p.asked = to.Query()
	back := url.Values{"code": {"the code"}, "state": {p.asked.Get("state")}}
	if p.issuer != "" {
		back.Set("iss", p.issuer)
	}
	return back
}

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// door is a book and its clock.
type door struct {
	*visitors.Book
	t   testing.TB
	now time.Time
	db  *database.DB
}

func newDoor(t testing.TB, allow ...string) *door {
	t.Helper()
	d := &door{t: t, now: noon, db: database.Test(t)}
	options := fetch.Options{Agent: "hark"}
	for _, one := range allow {
		options.Allow = append(options.Allow, netip.MustParsePrefix(one))
	}
	d.Book = visitors.New(visitors.Options{
		DB: d.db, Fetch: fetch.New(options), Client: "https://blog.example/for-you/client", Redirect: "https://blog.example/for-you/back",
		Now: func() time.Time { return d.now },
	})
	return d
}

func open(t testing.TB) *door { return newDoor(t, "127.0.0.0/8") }

func (d *door) greets(me string) *visitors.Way {
	d.t.Helper()
	way, err := d.Greet(d.t.Context(), me, "/2026/rain")
	if err != nil {
		d.t.Fatalf("%s is not greeted: %v", me, err)
	}
	return way
}

// troubled checks that nobody is known, for a reason in words.
func (d *door) troubled(what string, err error, words string) {
	d.t.Helper()
	trouble := (*visitors.Trouble)(nil)
	if !errors.As(err, &trouble) || !strings.Contains(trouble.Text, words) {
		d.t.Errorf("%s: got %v (%+v), want trouble that says %q", what, err, trouble, words)
	}
}

func TestAReaderShowsWhoseAddressItIs(t *testing.T) {
	d, jane := open(t), newPerson(t)
	way := d.greets(jane.URL + "/")
	if way.Host != strings.TrimPrefix(jane.URL, "http://") || strings.Contains(way.Address, way.Key) {
		t.Errorf("the way is %+v", way)
	}
	me, next, err := d.Return(t.Context(), way.Key, jane.allows(way))
	if err != nil || me != jane.URL+"/" || next != "/2026/rain" {
		t.Fatalf("got %q, %q (%v)", me, next, err)
	}
	token := d.admits(me, "")
	if who, err := d.Who(t.Context(), token); who != me || err != nil {
		t.Errorf("the token is of %q (%v)", who, err)
	}
}

func TestOlderSitesAreUnderstood(t *testing.T) {
	d, jane := open(t), newPerson(t)
	jane.page, jane.issuer = jane.announce("authorization_endpoint", "/auth"), ""
	way := d.greets(jane.URL + "/")
	if me, _, err := d.Return(t.Context(), way.Key, jane.allows(way)); me != jane.URL+"/" || err != nil {
		t.Errorf("without metadata: got %q (%v)", me, err)
	}
}

func TestAnAnswerCountsOnceAndInOneBrowser(t *testing.T) {
	d, jane := open(t), newPerson(t)
	way, other := d.greets(jane.URL+"/"), d.greets(jane.URL+"/")
	back := jane.allows(way)
	for name, try := range map[string]struct {
		key   string
		state string
	}{
		"no cookie": {"", back.Get("state")}, "another browser": {other.Key, back.Get("state")}, "a made-up key": {"x", back.Get("state")},
		"no state": {way.Key, ""}, "another state": {way.Key, "x"},
	} {
		forged := url.Values{"code": back["code"], "iss": back["iss"], "state": {try.state}}
		if me, _, err := d.Return(t.Context(), try.key, forged); !errors.Is(err, visitors.ErrNobody) {
			t.Errorf("%s: got %q (%v)", name, me, err)
		}
	}
	if jane.redeemed != 0 {
		t.Errorf("the code was redeemed %d times for nobody", jane.redeemed)
	}
	if me, _, err := d.Return(t.Context(), way.Key, back); err != nil || me == "" {
		t.Errorf("what was made up has spoilt the true answer: %v", err)
	}
	if _, _, err := d.Return(t.Context(), way.Key, back); !errors.Is(err, visitors.ErrNobody) {
		t.Errorf("a second time: %v", err)
	}
	late := jane.allows(other)
	d.now = noon.Add(visitors.AskLife)
	if _, _, err := d.Return(t.Context(), other.Key, late); !errors.Is(err, visitors.ErrNobody) {
		t.Errorf("too late: %v", err)
	}
}

func TestABadServerIsNotBelieved(t *testing.T) {
	jane, honest := newPerson(t), newPerson(t)
	for name, c := range map[string]struct {
		spoil func(p *person, back url.Values)
		words string
	}{
		"of another issuer":  {func(_ *person, back url.Values) { back.Set("iss", honest.issuer) }, "another place"},
		"of no issuer":       {func(_ *person, back url.Values) { back.Del("iss") }, "another place"},
		"refused":            {func(_ *person, back url.Values) { back.Del("code"); back.Set("error", "access_denied") }, "has not said"},
		"two codes":          {func(_ *person, back url.Values) { back.Add("code", "x") }, "could not be understood"},
		"an expired code":    {func(_ *person, back url.Values) { back.Set("code", "an old one") }, "has not said"},
		"for another":        {func(p *person, _ url.Values) { p.me = jane.URL + "/" }, "not vouched for"},
		"for nobody's":       {func(p *person, _ url.Values) { p.me = honest.URL + "/../x" }, "has not said"},
		"for a dead address": {func(p *person, _ url.Values) { p.me = "http://127.0.0.1:1/" }, "not vouched for"},
		"by a huge answer": {func(p *person, _ url.Values) {
			p.redeem = func(w http.ResponseWriter, _ *http.Request) {
				io.WriteString(w, `{"me": "`+p.URL+`/", "x": "`+strings.Repeat("x", 1<<20)+`"}`)
			}
		}, "has not said"},
		"by a redirect": {func(p *person, _ url.Values) {
			p.redeem = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, jane.URL+"/auth", http.StatusTemporaryRedirect)
			}
		}, "has not said"},
		"by a moved door": {func(p *person, _ url.Values) {
			p.redeem = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, jane.URL+"/auth", http.StatusMovedPermanently)
			}
		}, "has not said"},
		"by a broken answer": {func(p *person, _ url.Values) {
			p.redeem = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		}, "could not be asked"},
	} {
		d, evil := open(t), newPerson(t)
		way := d.greets(evil.URL + "/")
		back := evil.allows(way)
		c.spoil(evil, back)
		me, next, err := d.Return(t.Context(), way.Key, back)
		d.troubled(name, err, c.words)
		if next != "/2026/rain" {
			t.Errorf("%s: it leads to %q (%s)", name, next, me)
		}
	}
	if jane.redeemed != 0 {
		t.Errorf("a code was brought to another server %d times", jane.redeemed)
	}
}

func TestAnAddressThatNobodyTypedIsAskedItself(t *testing.T) {
	d, jane := open(t), newPerson(t)
	jane.me = jane.URL + "/about" // where the same server vouches
	way := d.greets(jane.URL + "/")
	if me, _, err := d.Return(t.Context(), way.Key, jane.allows(way)); me != jane.URL+"/about" || err != nil {
		t.Errorf("another address of the same person: %q (%v)", me, err)
	}

	// A page that leads elsewhere has its owner vouched for there.
	home := at(t, "127.0.0.1", http.RedirectHandler(jane.URL+"/", http.StatusFound))
	jane.me = home.URL + "/"
	way = d.greets(home.URL + "/")
	if me, _, err := d.Return(t.Context(), way.Key, jane.allows(way)); me != home.URL+"/" || err != nil {
		t.Errorf("a page that redirects: %q (%v)", me, err)
	}

	// But nobody leads to a page, and then speaks for that page.
	evil := newPerson(t)
	fake := at(t, "127.0.0.1", http.RedirectHandler(evil.URL+"/", http.StatusFound))
	evil.me = jane.URL + "/"
	way = d.greets(fake.URL + "/")
	_, _, err := d.Return(t.Context(), way.Key, evil.allows(way))
	d.troubled("a redirect to an evil server", err, "not vouched for")
}

func TestWhereNobodySignsInNobodyIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(p *person)
		words string
	}{
		"no server": {func(p *person) {
			p.page = func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<p>Hello") }
		}, "does not say where"},
		"no page":            {func(p *person) { p.page = http.NotFound }, "Nothing could be read"},
		"a script's address": {func(p *person) { p.page = p.announce("authorization_endpoint", "javascript:alert(1)") }, "does not say where"},
		"metadata that are none": {func(p *person) {
			p.metadata = func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<p>Hello") }
		}, "could not be understood"},
		"metadata that are missing": {func(p *person) { p.metadata = http.NotFound }, "could not be understood"},
		"metadata of another":       {func(p *person) { p.issuer = "https://other.example/" }, "could not be understood"},
		"a page without end": {func(p *person) {
			p.page = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				io.WriteString(w, strings.Repeat("<p>more", 1<<18)+`<link rel=authorization_endpoint href=/auth>`)
			}
		}, "does not say where"},
		"a loop": {func(p *person) {
			p.page = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/again", http.StatusFound) }
		}, "Nothing could be read"},
	} {
		d, p := open(t), newPerson(t)
		c.spoil(p)
		_, err := d.Greet(t.Context(), p.URL+"/", "")
		d.troubled(name, err, c.words)
	}
}

func TestASlowSiteIsGivenUp(t *testing.T) {
	d, p := open(t), newPerson(t)
	arrived := make(chan struct{})
	p.page = func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}
	ctx, giveUp := context.WithCancel(t.Context())
	go func() { <-arrived; giveUp() }()
	_, err := d.Greet(ctx, p.URL+"/", "")
	d.troubled("a slow site", err, "Nothing could be read")
}

// T8: what strangers type is visited by the guarded client alone.
func TestT8ALoopbackAddressIsNotVisited(t *testing.T) {
	d, jane := newDoor(t), newPerson(t)
	visited := false
	jane.page = func(http.ResponseWriter, *http.Request) { visited = true }
	for _, address := range []string{jane.URL + "/", strings.Replace(jane.URL, "127.0.0.1", "localhost", 1) + "/"} {
		_, err := d.Greet(t.Context(), address, "")
		d.troubled(address, err, "Nothing could be read")
	}
	if visited {
		t.Error("it was visited")
	}
}

// Where one site allows loopback addresses, a page may name one that is not allowed.
func TestT8AnEndpointOnAForbiddenAddressIsNotAsked(t *testing.T) {
	d, jane := newDoor(t, "127.0.0.2/32"), newPerson(t)
	page := at(t, "127.0.0.2", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		jane.announce("authorization_endpoint", jane.URL+"/auth")(w, r)
	}))
	way := d.greets(page.URL + "/")
	jane.issuer, jane.me = "", page.URL+"/"
	_, _, err := d.Return(t.Context(), way.Key, jane.allows(way))
	d.troubled("a forbidden endpoint", err, "could not be asked")
	if jane.redeemed != 0 {
		t.Error("it was asked")
	}
}

func TestFewSitesAreVisitedAtATime(t *testing.T) {
	d := open(t)
	const many = 8
	arrived, goOn := make(chan struct{}), make(chan struct{})
	answers := make(chan error)
	for n := range many {
		slow := at(t, fmt.Sprintf("127.0.0.%d", n+10), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			arrived <- struct{}{}
			<-goOn
			io.WriteString(w, "<p>Hello")
		}))
		go func() {
			_, err := d.Greet(t.Context(), slow.URL+"/", "")
			answers <- err
		}()
		<-arrived
	}
	jane := newPerson(t)
	if _, err := d.Greet(t.Context(), jane.URL+"/", ""); !errors.Is(err, visitors.ErrBusy) {
		t.Errorf("one more is answered %v", err)
	}
	close(goOn)
	for range many {
		<-answers
	}
	d.greets(jane.URL + "/")
}

func TestThoseWhoAreAskedAreBounded(t *testing.T) {
	d, jane := open(t), newPerson(t)
	err := d.db.InTx(t.Context(), func(tx *database.Tx) error {
		for n := range 1000 {
			if _, err := tx.Exec("INSERT INTO greetings VALUES ($1, 's', 'v', 'm', '', 'e', '', $2)", fmt.Sprint(n), noon.Add(time.Minute).Unix()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Greet(t.Context(), jane.URL+"/", ""); !errors.Is(err, visitors.ErrBusy) {
		t.Errorf("one more is answered %v", err)
	}
	d.now = noon.Add(time.Minute)
	d.greets(jane.URL + "/")
	var left int
	if err := d.db.QueryRow(t.Context(), "SELECT count(*) FROM greetings").Scan(&left); err != nil || left != 1 {
		t.Errorf("%d are remembered (%v), want 1", left, err)
	}
}

func (d *door) admits(me, before string) string {
	d.t.Helper()
	token, err := d.Admit(d.t.Context(), me, before)
	if err != nil {
		d.t.Fatal(err)
	}
	return token
}

func (d *door) knows(token, want string) {
	d.t.Helper()
	who, err := d.Who(d.t.Context(), token)
	if who != want || (want == "") != errors.Is(err, visitors.ErrNobody) {
		d.t.Errorf("the token is of %q (%v), want %q", who, err, want)
	}
}

func TestAStayEnds(t *testing.T) {
	const jane, otis = "https://jane.example/", "https://otis.example/"
	d := open(t)
	first := d.admits(jane, "")
	d.knows("", "")
	d.knows("made-up", "")
	second := d.admits(jane, first)
	d.knows(first, "") // who signs in anew is known by a new token alone
	third, other := d.admits(jane, ""), d.admits(otis, "")

	if err := d.Leave(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	d.knows(second, "")
	d.knows(third, jane)
	if err := d.End(t.Context(), jane); err != nil {
		t.Fatal(err)
	}
	d.knows(third, "")
	d.knows(other, otis)
	d.now = noon.Add(visitors.StayLife - time.Second)
	d.knows(other, otis)
	d.now = noon.Add(visitors.StayLife) // however often they came
	d.knows(other, "")
}

func TestTheOldestOfManyStaysGivesWay(t *testing.T) {
	const jane = "https://jane.example/"
	d := open(t)
	bystander := d.admits("https://otis.example/", "")
	var tokens []string
	for range 12 {
		d.now = d.now.Add(time.Minute)
		tokens = append(tokens, d.admits(jane, ""))
	}
	for n, token := range tokens {
		want := jane
		if n < 2 {
			want = ""
		}
		d.knows(token, want)
	}
	d.knows(bystander, "https://otis.example/")
}

func TestThoseWhoAreSignedInAreListed(t *testing.T) {
	const jane, otis = "https://jane.example/", "https://otis.example/"
	d := open(t)
	token := d.admits(jane, "")
	d.now = noon.Add(time.Minute)
	d.admits(otis, "")
	d.admits(otis, "")
	d.now = noon.Add(2 * time.Hour)
	d.knows(token, jane)
	got, err := d.Visitors(t.Context())
	want := []visitors.Visitor{
		{Address: otis, Browsers: 2, Begun: noon.Add(time.Minute), Seen: noon.Add(time.Minute)},
		{Address: jane, Browsers: 1, Begun: noon, Seen: noon.Add(2 * time.Hour)},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v (%v), want %+v", got, err, want)
	}
	d.now = noon.Add(visitors.StayLife + time.Hour)
	if got, err := d.Visitors(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("after their time %+v are listed (%v)", got, err)
	}
}
