package guard_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"hark/internal/database"
	"hark/internal/guard"
)

func network(t testing.TB, s string) netip.Prefix {
	t.Helper()
	p, err := guard.ParseNetwork(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ban(t testing.TB, b *guard.Bans, ban guard.Ban, who string) {
	t.Helper()
	ban.Network = network(t, who)
	if ban.By == "" {
		ban.By = "wren"
	}
	if err := b.Add(context.Background(), ban); err != nil {
		t.Fatalf("ban %s: %v", who, err)
	}
}

func look(t testing.TB, b *guard.Bans) {
	t.Helper()
	if err := b.Look(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// newBans are the bans of one process; more of them share a database.
func newBans(t testing.TB, db *database.DB, c *clock, trusted ...string) *guard.Bans {
	t.Helper()
	b := guard.NewBans(guard.BanOptions{DB: db, Trusted: prefixes(trusted...), Now: c.Now})
	look(t, b)
	return b
}

// knocks tells which status a request gets from an address.
func knocks(b *guard.Bans, from string, headers ...string) int {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = net.JoinHostPort(from, "4711")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	b.Door(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })).ServeHTTP(w, r)
	return w.Code
}

func wantStatus(t *testing.T, b *guard.Bans, want int, from string, headers ...string) {
	t.Helper()
	if got := knocks(b, from, headers...); got != want {
		t.Errorf("%s %v is answered %d, want %d", from, headers, got, want)
	}
}

const (
	in  = http.StatusNoContent
	out = http.StatusForbidden
)

func TestABanShutsOutWhatItNames(t *testing.T) {
	b := newBans(t, database.Test(t), newClock())
	ban(t, b, guard.Ban{}, "203.0.113.5")
	ban(t, b, guard.Ban{}, "198.51.100.7/24")
	ban(t, b, guard.Ban{}, "2001:db8:1:2::77")
	ban(t, b, guard.Ban{}, "2001:db8:9::/48")
	ban(t, b, guard.Ban{}, "::ffff:192.0.2.9")
	for from, want := range map[string]int{
		"203.0.113.5": out, "::ffff:203.0.113.5": out, "203.0.113.4": in, "203.0.113.6": in,
		"198.51.100.0": out, "198.51.100.255": out, "198.51.99.255": in, "198.51.101.0": in,
		"2001:db8:1:2::77": out, "2001:db8:1:2:ffff::1": out, "2001:db8:1:3::77": in, "2001:db8:1:1:ffff:ffff:ffff:ffff": in,
		"2001:db8:9:ffff::1": out, "2001:db8:a::1": in, "192.0.2.9": out, "192.0.2.8": in,
	} {
		wantStatus(t, b, want, from)
	}
	if n := b.TurnedAway(); n != 8 {
		t.Errorf("%d requests are counted, want 8", n)
	}
}

func TestABanIsSeenByEveryProcessAndLiftedByIt(t *testing.T) {
	db, c := database.Test(t), newClock()
	serving, command := newBans(t, db, c), newBans(t, db, c)
	ban(t, command, guard.Ban{}, "203.0.113.5")
	wantStatus(t, command, out, "203.0.113.5")
	wantStatus(t, serving, in, "203.0.113.5")
	look(t, serving)
	wantStatus(t, serving, out, "203.0.113.5")
	for range 2 { // the second time there is none
		if err := command.Lift(t.Context(), network(t, "203.0.113.5"), ""); err != nil {
			t.Fatal(err)
		}
	}
	look(t, serving)
	wantStatus(t, serving, in, "203.0.113.5")
}

func TestABanEndsByTheClock(t *testing.T) {
	c := newClock()
	b := newBans(t, database.Test(t), c)
	ban(t, b, guard.Ban{Until: c.Now().Add(time.Hour)}, "203.0.113.5")
	ban(t, b, guard.Ban{Until: c.Now().Add(2 * time.Hour)}, "203.0.113.6")
	ban(t, b, guard.Ban{}, "203.0.113.7")
	c.pass(time.Hour - time.Second)
	look(t, b)
	wantStatus(t, b, out, "203.0.113.5")
	c.pass(time.Second)
	look(t, b)
	wantStatus(t, b, in, "203.0.113.5")
	wantStatus(t, b, out, "203.0.113.6")

	c.pass(-time.Hour) // a clock that went wrong and was set right ends nothing
	look(t, b)
	wantStatus(t, b, out, "203.0.113.5")

	c.pass(48 * time.Hour)
	look(t, b)
	wantStatus(t, b, in, "203.0.113.6")
	wantStatus(t, b, out, "203.0.113.7")
	if list, err := b.List(t.Context()); err != nil || len(list) != 1 {
		t.Errorf("%d are listed long after (%v), want the one for good", len(list), err)
	}
}

func TestEachLiftsItsOwn(t *testing.T) {
	b := newBans(t, database.Test(t), newClock())
	for range 2 { // again, it is no error
		ban(t, b, guard.Ban{By: "wren"}, "203.0.113.5")
		ban(t, b, guard.Ban{By: "fail2ban-hark-auth"}, "203.0.113.5")
		ban(t, b, guard.Ban{By: "fail2ban-hark-auth"}, "203.0.113.6")
		ban(t, b, guard.Ban{By: "fail2ban-hark-auth"}, "2001:db8::6")
		ban(t, b, guard.Ban{By: "fail2ban-hark-auth"}, "2001:db8::7")
	}
	lift := func(who, by string) {
		t.Helper()
		if err := b.Lift(t.Context(), network(t, who), by); err != nil {
			t.Fatal(err)
		}
	}
	lift("203.0.113.5", "fail2ban-hark-auth")
	wantStatus(t, b, out, "203.0.113.5")
	lift("2001:db8::6", "fail2ban-hark-auth")
	wantStatus(t, b, out, "2001:db8::6") // for its neighbour's sake
	lift("2001:db8::7", "fail2ban-hark-auth")
	wantStatus(t, b, in, "2001:db8::6")

	ban(t, b, guard.Ban{By: "fail2ban-hark-auth"}, "2001:db8::7")
	lift("2001:db8::8", "") // a person means the whole of it
	wantStatus(t, b, in, "2001:db8::7")

	if err := b.LiftAll(t.Context(), "fail2ban-hark-auth"); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, b, in, "203.0.113.6")
	wantStatus(t, b, out, "203.0.113.5")
	if err := b.LiftAll(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, b, in, "203.0.113.5")
}

func TestSomeAreNeverBanned(t *testing.T) {
	db, c := database.Test(t), newClock()
	b := guard.NewBans(guard.BanOptions{DB: db, Trusted: prefixes("10.0.0.0/24", "::ffff:192.0.2.1/128"), Now: c.Now,
		Spared: func(context.Context) ([]netip.Prefix, error) {
			return prefixes("198.51.100.9/32", "2001:db8:5::/48"), nil
		}})
	look(t, b)
	for _, who := range []string{
		"unknown", "", "example.org", "203.0.113.5/33", "203.0.113.5 ",
		"0.0.0.0/0", "::/0", "::ffff:0:0/96", "128.0.0.0/1", "2000::/3", "11.0.0.0/7",
		"127.0.0.1", "127.0.0.0/8", "::1", "::", "0.0.0.0", "::/64", "::2", "::ffff:127.0.0.1", "224.0.0.1", "fe80::1%eth0",
		"10.0.0.5", "10.0.0.0/24", "10.0.0.128/25", "192.0.2.1", "198.51.100.9", "2001:db8:5::1", "2001:db8:5:1::/64",
	} {
		p, err := guard.ParseNetwork(who)
		if err == nil {
			err = b.Add(t.Context(), guard.Ban{Network: p, By: "wren"})
		}
		var unbannable *guard.Unbannable
		if who == "203.0.113.5 " {
			if err != nil {
				t.Errorf("blanks are in the way of %q: %v", who, err)
			}
		} else if !errors.As(err, &unbannable) || !strings.HasSuffix(err.Error(), ".") {
			t.Errorf("%q: got %v, want a sentence", who, err)
		}
	}

	// A wider ban passes over them.
	ban(t, b, guard.Ban{}, "10.0.0.0/8")
	ban(t, b, guard.Ban{}, "198.51.100.0/24")
	wantStatus(t, b, out, "10.0.1.1")
	wantStatus(t, b, out, "198.51.100.8")
	wantStatus(t, b, in, "198.51.100.9")
	wantStatus(t, b, in, "10.0.0.5")                                     // a proxy that names nobody
	wantStatus(t, b, out, "10.0.0.5", "X-Forwarded-For: 198.51.100.8")   // and one that does
	wantStatus(t, b, in, "203.0.113.77", "X-Forwarded-For: 203.0.113.5") // which only a proxy can
}

// Something else may write into the table.
func TestWhatStandsInTheTableByMistakeShutsNobodyOut(t *testing.T) {
	db := database.Test(t)
	err := db.InTx(t.Context(), func(tx *database.Tx) error {
		for _, network := range []string{"0.0.0.0/0", "::/0", "127.0.0.1/32", "::1/128", "nonsense", "::ffff:0.0.0.0/96", "10.0.0.1/32"} {
			if _, err := tx.Exec("INSERT INTO bans (network, by_whom, covers, why, since, until) VALUES ($1, 'x', $1, '', 0, 0)", network); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b := newBans(t, db, newClock(), "10.0.0.1/32")
	for _, from := range []string{"203.0.113.5", "127.0.0.1", "::1", "2001:db8::1", "10.0.0.1"} {
		wantStatus(t, b, in, from)
	}
}

func TestOverlappingBansHoldUntilTheLastOfThemEnds(t *testing.T) {
	c := newClock()
	b := newBans(t, database.Test(t), c)
	ban(t, b, guard.Ban{Until: c.Now().Add(3 * time.Hour)}, "203.0.113.0/24")
	ban(t, b, guard.Ban{Until: c.Now().Add(2 * time.Hour)}, "203.0.0.0/16")
	ban(t, b, guard.Ban{Until: c.Now().Add(time.Hour)}, "203.0.113.5")
	for _, want := range [][3]int{{out, out, out}, {out, out, out}, {out, out, in}, {in, in, in}} {
		look(t, b)
		wantStatus(t, b, want[0], "203.0.113.5")
		wantStatus(t, b, want[1], "203.0.113.255")
		wantStatus(t, b, want[2], "203.0.200.1")
		c.pass(time.Hour)
	}
}

func TestWhomTheOwnerSparesIsReadAgainWhenThatChanges(t *testing.T) {
	db, c := database.Test(t), newClock()
	var spared []netip.Prefix
	b := guard.NewBans(guard.BanOptions{DB: db, Now: c.Now, SparedBy: "settings",
		Spared: func(context.Context) ([]netip.Prefix, error) { return spared, nil }})
	ban(t, b, guard.Ban{}, "203.0.113.5")
	look(t, b)
	wantStatus(t, b, out, "203.0.113.5")
	spared = prefixes("203.0.113.5/32")
	if err := db.InTx(t.Context(), func(tx *database.Tx) error { tx.Touch("settings"); return nil }); err != nil {
		t.Fatal(err)
	}
	look(t, b)
	wantStatus(t, b, in, "203.0.113.5")
}

func TestABannedCallerIsToldSoAndTheConnectionEnds(t *testing.T) {
	b := newBans(t, database.Test(t), newClock(), "127.0.0.1/32")
	ban(t, b, guard.Ban{}, "203.0.113.5")
	server := httptest.NewServer(b.Door(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it is let in") })))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// The body that it announces never comes, and nobody waits for it.
	fmt.Fprintf(conn, "POST /pingback HTTP/1.1\r\nHost: blog.example\r\nX-Forwarded-For: 203.0.113.5\r\nContent-Length: 10000\r\n\r\n")
	conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != out || !res.Close || !strings.HasPrefix(string(body), "Your address was banned") {
		t.Errorf("answered %d, close %t: %q, %v", res.StatusCode, res.Close, body, err)
	}
}

// manyBans writes n bans of single addresses, half of them IPv6.
func manyBans(t testing.TB, db *database.DB, n int) {
	t.Helper()
	err := db.InTx(context.Background(), func(tx *database.Tx) error {
		for i := range n {
			p := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)}), 32)
			if i%2 == 1 {
				p = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, byte(i >> 16), byte(i >> 8), byte(i)}), 64)
			}
			if _, err := tx.Exec("INSERT INTO bans (network, by_whom, covers, why, since, until) VALUES ($1, 'fail2ban-hark-mention', $1, '', 0, 0)", p.String()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestTenThousandBansHoldAndCanBeLiftedAtOnce(t *testing.T) {
	db := database.Test(t)
	manyBans(t, db, 10_000)
	b := newBans(t, db, newClock())
	for i := range 10_000 {
		from := fmt.Sprintf("100.0.%d.%d", i>>8, i&255)
		want := out
		if i%2 == 1 {
			want = in
			wantStatus(t, b, out, netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, 0, 0, byte(i >> 8), byte(i), 15: 1}).String())
		}
		if got := knocks(b, from); got != want {
			t.Fatalf("%s: %d, want %d", from, got, want)
		}
	}
	if err := b.LiftAll(t.Context(), "fail2ban-hark-mention"); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, b, in, "100.0.0.0")
}

// The door finds the same address as the handlers behind ClientIP do.
func FuzzClient(f *testing.F) {
	for _, claim := range []string{
		"", "198.51.100.1", "10.0.0.2", `for="`, `,,,`, "\xff", "[::1", "::ffff:10.0.0.9", "203.0.113.5:80, 10.0.0.1", "for=203.0.113.5", "fe80::1%eth0", "203.0.113.5, what",
	} {
		f.Add("10.0.0.1:1", claim)
		f.Add("@", claim)
		f.Add("[::ffff:10.0.0.1]:1", claim)
		f.Add("203.0.113.9:1", claim)
		f.Add("somewhere", claim)
	}
	trusted := prefixes("10.0.0.0/8", "::1/128")
	f.Fuzz(func(t *testing.T, peer, claim string) {
		for _, header := range []http.Header{xff(claim), forwarded(claim), xff(claim, "10.0.0.3"), {}} {
			for _, trusted := range [][]netip.Prefix{nil, trusted} {
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				r.RemoteAddr, r.Header = peer, header
				if got, want := guard.Client(r, trusted), found(trusted, peer, header); got != want {
					t.Errorf("%q by %q, trusting %v: %v, want %v", header, peer, trusted, got, want)
				}
			}
		}
	})
}

// BenchmarkDoor is what a request costs more for the bans there are, and what one
// costs that is refused.
func BenchmarkDoor(b *testing.B) {
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	for _, c := range []struct {
		name, from string
		bans       int
		forwarded  string
	}{
		{"0 bans", "203.0.113.5:4711", 0, ""},
		{"100 bans", "203.0.113.5:4711", 100, ""},
		{"10000 bans", "203.0.113.5:4711", 10_000, ""},
		{"10000 bans, IPv6", "[2001:db8:77::5]:4711", 10_000, ""},
		{"10000 bans, by a proxy", "10.0.0.1:4711", 10_000, "203.0.113.5"},
		{"banned", "100.0.0.0:4711", 10_000, ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			db := database.Test(b)
			manyBans(b, db, c.bans)
			var trusted []string
			if c.forwarded != "" {
				trusted = []string{"10.0.0.0/8"}
			}
			door := newBans(b, db, newClock(), trusted...).Door(next)
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = c.from
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			w := nowhere{}
			b.ReportAllocs()
			for b.Loop() {
				door.ServeHTTP(w, r)
			}
		})
	}
}

// nowhere is a writer of answers that nobody reads.
type nowhere http.Header

func (w nowhere) Header() http.Header         { return http.Header(w) }
func (w nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (w nowhere) WriteHeader(int)             {}

// BenchmarkLook is what a look costs when nothing has changed, as nearly always,
// and when something has.
func BenchmarkLook(b *testing.B) {
	db, c := database.Test(b), newClock()
	manyBans(b, db, 10_000)
	bans := newBans(b, db, c)
	b.Run("nothing", func(b *testing.B) {
		for b.Loop() {
			look(b, bans)
		}
	})
	b.Run("of 10000", func(b *testing.B) {
		for b.Loop() {
			c.pass(-time.Second)
			look(b, bans)
		}
	})
}
