package test

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// junk are the bodies of a spam run as seen in the wild: chunked, from an old PHP, none of them a call.
func junk(host string) []string {
	call := "<?xml version=\"1.0\"?><methodCall><methodName>pingback.ping</methodName><params>" +
		"<param><value><string>" + host + "/buy</string></value></param>"
	return []string{
		call,                                // breaks off
		call + "</params></methodResponse>", // closes what it did not open
		strings.Replace(call, "<params>", "<params<", 1) + "</params></methodCall>",
		"<!DOCTYPE m [<!ENTITY a SYSTEM \"" + host + "/entity\">]>" + call + "</params></methodCall>",
		host + "/plain",
		"",
	}
}

func TestASpamRunIsRefusedCheaplyAndLoggedOnceEach(t *testing.T) {
	t.Parallel()
	var visits atomic.Int64
	named := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer named.Close()
	s := start(t)
	s.owner()

	const addresses, rounds = 6, 3
	want := map[string]int{}
	var wait sync.WaitGroup
	for n := range addresses {
		address := fmt.Sprintf("127.0.%d.77", n+1)
		want["Pingback rejected (malformed) from "+address] = rounds * len(junk(named.URL))
		wait.Go(func() {
			for range rounds {
				for _, body := range junk(named.URL) {
					if status := spam(t, s, address, body); status != http.StatusBadRequest {
						t.Errorf("%q from %s is answered %d, want 400", body, address, status)
					}
				}
			}
		})
	}
	wait.Wait()
	s.stop() // whatever was still to be written or fetched is done

	log := strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:")
	got := map[string]int{}
	for _, line := range lines(t, log) {
		if strings.HasPrefix(line, "Pingback ") {
			got[line]++
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("the log holds %v, want %v", got, want)
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("the host that the junk names was asked %d times, want 0", n)
	}
	t.Run("and the shipped filter finds every line", func(t *testing.T) {
		found := map[string]int{}
		for _, address := range matches(t, "hark-mention", log) {
			found["Pingback rejected (malformed) from "+address]++
		}
		if !maps.Equal(found, want) {
			t.Errorf("the filter finds %v, want %v", found, want)
		}
	})
}

func TestAChunkedBodyThatBreaksOffIsRefusedAsMalformed(t *testing.T) {
	t.Parallel()
	s := start(t)
	conn := dial(t, s, "127.0.0.78")
	fmt.Fprintf(conn, "POST /pingback HTTP/1.1\r\nHost: %s\r\nUser-Agent: PHP/5.2.10\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<?xml\r\nZZ\r\n", s.host())
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("a broken chunk is answered %d, want 400", res.StatusCode)
	}
	got := waitForLines(t, strings.TrimPrefix(s.setting("HARK_AUTH_LOG"), "file:"), 1)
	if want := []string{"Pingback rejected (malformed) from 127.0.0.78"}; !slices.Equal(got, want) {
		t.Errorf("the log holds %q, want %q", got, want)
	}
}

// spam posts one chunked body as the spammers' program does and returns the status of the answer.
func spam(t *testing.T, s *site, address, body string) int {
	req, err := http.NewRequest(http.MethodPost, s.url+"/pingback", io.MultiReader(strings.NewReader(body))) // a reader of unknown length goes in chunks
	if err != nil {
		t.Error(err)
		return 0
	}
	req.Header.Set("User-Agent", "PHP/5.2.10")
	req.Header.Set("Content-Type", "text/xml")
	req.Close = true
	a, err := from(t, address).do(req)
	if err != nil {
		t.Error(err)
	}
	return a.status
}

// dial opens a bare connection to hark from an address of choice.
func dial(t *testing.T, s *site, address string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}, Timeout: 5 * time.Second}
	conn, err := dialer.Dial("tcp", s.host())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// host is where hark listens.
func (s *site) host() string { return strings.TrimPrefix(s.url, "http://") }
