package test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	sourceHosts = 200
	perHost     = 20  // as many visits as a host gets without a gap
	perTarget   = 400 // fewer than make a post crowded
	perSender   = 50  // fewer than an address may send at once
)

// BenchmarkInbox sends one mention of each page of 200 hosts. With quick sources it waits until all
// are shown; with slow ones, each of which takes three seconds, the senders alone are looked at.
// What it reports: how many were accepted a second, safe on disk; how many shown a second, from
// the first POST to the last; and the time of the slowest hundredth of the answers.
func BenchmarkInbox(b *testing.B) {
	for _, sources := range []struct {
		name    string
		wait    time.Duration
		senders int // at once
	}{{"quick sources", 0, 32}, {"slow sources", 3 * time.Second, 32}, {"slow sources, one sender", 3 * time.Second, 1}} {
		b.Run(sources.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				s := start(b)
				mentions := crowd(b, s, sources.wait)
				b.StartTimer()
				began := time.Now()
				times, locations := deliver(b, s, sources.senders, mentions)
				b.ReportMetric(float64(len(times))/time.Since(began).Seconds(), "accepted/s")
				if sources.wait == 0 {
					awaitShown(b, locations)
					b.ReportMetric(float64(len(times))/time.Since(began).Seconds(), "shown/s")
				}
				b.StopTimer()
				slices.Sort(times)
				b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
				b.ReportMetric(s.process.memory(b), "MB")
				s.stop()
				b.StartTimer()
			}
		})
	}
}

// crowd are replies on 200 hosts that answer after a while.
func crowd(b *testing.B, s *site, wait time.Duration) []url.Values {
	token := s.owner()
	var posts []string
	for n := range sourceHosts * perHost / perTarget {
		posts = append(posts, s.publish(token, fmt.Sprintf("Target %d", n), "<p>Answered.</p>"))
	}
	var all []url.Values
	for host := range sourceHosts {
		address := listenOn(b, fmt.Sprintf("127.2.%d.1", host), func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(wait)
			fmt.Fprintf(w, `<!doctype html><title>A reply</title><article class="h-entry"><a class="p-author h-card" href="/">Writer %d</a>
<a class="u-in-reply-to" href="%s">to you</a> <p class="e-content">Well said, and here is what I would add to it.</p></article>`, host, r.URL.Query().Get("to"))
		})
		for page := range perHost {
			target := posts[(host*perHost+page)%len(posts)]
			all = append(all, url.Values{"target": {target}, "source": {fmt.Sprintf("%s/%d?to=%s", address, page, url.QueryEscape(target))}})
		}
	}
	return all
}

// listenOn serves pages on one loopback address.
func listenOn(t testing.TB, host string, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: l, Config: &http.Server{Handler: h}}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// deliver posts the mentions from many addresses, some at a time, and returns how long each answer
// took and where its fate can be read.
func deliver(b *testing.B, s *site, senders int, mentions []url.Values) (times []time.Duration, locations []string) {
	times, locations = make([]time.Duration, len(mentions)), make([]string, len(mentions))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range senders {
		wait.Go(func() {
			for {
				first := int(next.Add(perSender)) - perSender
				if first >= len(mentions) {
					return
				}
				sender := sendingFrom(fmt.Sprintf("127.3.%d.1", first/perSender))
				for n := first; n < min(first+perSender, len(mentions)); n++ {
					began := time.Now()
					res, err := sender.PostForm(s.url+"/webmention", mentions[n])
					if err != nil {
						b.Error(err)
						return
					}
					res.Body.Close()
					times[n], locations[n] = time.Since(began), res.Header.Get("Location")
					if res.StatusCode != http.StatusCreated {
						b.Errorf("a webmention is answered %s", res.Status)
						return
					}
				}
				sender.CloseIdleConnections()
			}
		})
	}
	wait.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return times, locations
}

func sendingFrom(address string) *http.Client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	return &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
}

// awaitShown asks for the fate of each mention until it is shown.
func awaitShown(b *testing.B, locations []string) {
	deadline := time.Now().Add(2 * time.Minute)
	for _, location := range locations {
		for {
			state, text := fateAt(b, location)
			if state == "shown" {
				break
			}
			if state != "waiting" || time.Now().After(deadline) {
				b.Fatalf("a mention is %s: %s", state, text)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func fateAt(b *testing.B, location string) (state, text string) {
	req, err := http.NewRequest(http.MethodGet, location, nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	var fate struct{ Status, Summary string }
	if err := json.NewDecoder(res.Body).Decode(&fate); err != nil {
		b.Fatal(err)
	}
	return fate.Status, fate.Summary
}

// BenchmarkDrip measures how long a good mention takes to be shown, and how much memory the
// server has, while 200 hosts send their pages at one byte a second.
func BenchmarkDrip(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		s := start(b)
		post := s.publish(s.owner(), "Target", "<p>Answered.</p>")
		dripping := make([]url.Values, sourceHosts)
		ended := make(chan struct{})
		for n := range dripping {
			address := listenOn(b, fmt.Sprintf("127.2.%d.1", n), func(w http.ResponseWriter, r *http.Request) {
				drip(w, r, post, ended)
			})
			dripping[n] = url.Values{"target": {post}, "source": {address + "/"}}
		}
		before := s.process.memory(b)
		deliver(b, s, 32, dripping)
		good := newBlog(b, "127.4.0.1", "Anna", post) + "/reply"
		b.StartTimer()
		began := time.Now()
		_, location := deliver(b, s, 1, []url.Values{{"target": {post}, "source": {good}}})
		awaitShown(b, location)
		b.ReportMetric(time.Since(began).Seconds(), "s-to-shown")
		b.StopTimer()
		b.ReportMetric(s.process.memory(b)-before, "MB-more")
		close(ended)
		s.stop()
		b.StartTimer()
	}
}

// drip sends a page so slowly that it never ends, after as much as a page may have at once.
func drip(w http.ResponseWriter, r *http.Request, post string, ended <-chan struct{}) {
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, `<a href="%s">here</a><!--%s`, post, strings.Repeat("x", 1000))
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		fmt.Fprint(w, "x")
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-ended:
			return
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}
