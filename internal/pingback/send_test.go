package pingback

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sendTo sends a ping to a site that answers with the handler.
func sendTo(t *testing.T, answer http.HandlerFunc) (Receipt, error) {
	t.Helper()
	server := httptest.NewServer(answer)
	defer server.Close()
	return Send(t.Context(), server.Client(), server.URL+"/xmlrpc.php", source, target)
}

// replies answers with a status, headers by name and value, and a body.
func replies(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// replays answers with the bytes of a captured answer.
func replays(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "wordpress", file))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		readWhole(conn)
		conn.Write(raw)
	}()
	return "http://" + listener.Addr().String() + "/xmlrpc.php"
}

// readWhole reads a call up to its last element.
func readWhole(conn net.Conn) {
	var got []byte
	for part := make([]byte, 4096); !bytes.Contains(got, []byte("</methodCall>")); {
		n, err := conn.Read(part)
		if err != nil {
			return
		}
		got = append(got, part[:n]...)
	}
}

func TestWhatWeSendIsWhatWeTake(t *testing.T) {
	s := &site{text: "Taken & kept."}
	server := httptest.NewServer(Handler(s.methods()))
	defer server.Close()
	const from, to = "https://other.example/größe?a=1&b=<2>", "https://hark.example/x#y"
	receipt, err := Send(t.Context(), server.Client(), server.URL, from, to)
	if err != nil || receipt.Text != "Taken & kept." {
		t.Errorf("got %+v, %v", receipt, err)
	}
	if want := [2]string{from, to}; len(s.pings) != 1 || s.pings[0] != want {
		t.Errorf("pings %q, want %q", s.pings, want)
	}
}

func TestTheCallIsXMLByPOST(t *testing.T) {
	var got *http.Request
	_, err := sendTo(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.Write(success("ok"))
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Method != http.MethodPost || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/xml") || got.ContentLength <= 0 {
		t.Errorf("%s %s, length %d", got.Method, got.Header.Get("Content-Type"), got.ContentLength)
	}
}

func TestAnswersOfWordPressAreUnderstood(t *testing.T) {
	receipt, err := Send(t.Context(), http.DefaultClient, replays(t, "answer-success.http"), source, target)
	want := "Pingback from http://hark.example/2026/one to http://wordpress.example/2026/11/22/target/ registered. Keep the web talking! :-)"
	if err != nil || receipt.Text != want {
		t.Errorf("got %+v, %v, want %q", receipt, err, want)
	}
	for file, want := range map[string]Fault{
		"answer-masked.http":    {Code: 0},
		"answer-duplicate.http": {Code: 48, Text: "The pingback has already been registered."},
		"answer-flood.http":     {Code: 429, Text: "You are posting comments too quickly. Slow down."},
		"answer-not-xml.http":   {Code: -32700, Text: "parse error. not well formed"},
	} {
		t.Run(file, func(t *testing.T) {
			_, err := Send(t.Context(), http.DefaultClient, replays(t, file), source, target)
			var got *Fault
			if !errors.As(err, &got) || *got != want {
				t.Errorf("got %v, want %+v", err, want)
			}
		})
	}
}

func TestT13FaultCodesSurviveAnyDress(t *testing.T) {
	member := func(name, value string) string { return "<member><name>" + name + "</name>" + value + "</member>" }
	faulty := func(members ...string) string {
		return "<methodResponse><fault><value><struct>" + strings.Join(members, "\n ") + "</struct></value></fault></methodResponse>"
	}
	code := member("faultCode", "<value><int>48</int></value>")
	for name, c := range map[string]struct {
		body, text string
		code       int
	}{
		"plain":               {faulty(code, member("faultString", typed("Known &lt;b&gt;"))), "Known <b>", 48},
		"string first":        {faulty(member("faultString", typed("Known")), code), "Known", 48},
		"empty bare string":   {faulty(member("faultString", "<value></value>"), code), "", 48},
		"closed value":        {faulty(member("faultString", "<value/>"), code), "", 48},
		"bare string":         {faulty(member("faultString", "<value> Known </value>"), code), "Known", 48},
		"CDATA in pieces":     {faulty(member("faultString", typed("a<![CDATA[<&]]>b")), code), "a<&b", 48},
		"comments":            {faulty(code, "<!-- x -->", member("faultString", typed("a<!-- x -->b"))), "ab", 48},
		"i4 with space":       {faulty(member("faultCode", "<value> <i4> 17\n</i4> </value>"), member("faultString", typed("x"))), "x", 17},
		"no code":             {faulty(member("faultString", typed("x"))), "x", 0},
		"code is a string":    {faulty(member("faultCode", typed(" 48 ")), member("faultString", typed("x"))), "x", 48},
		"code is an array":    {faulty(member("faultCode", "<value><array><data>"+typed("48")+"</data></array></value>"), member("faultString", typed("x"))), "x", 0},
		"unknown type beside": {faulty(code, member("faultString", "<value><nil/></value>")), "", 48},
		"not a struct":        {"<methodResponse><fault><value>x</value></fault></methodResponse>", "", 0},
		"empty":               {"<methodResponse><fault/></methodResponse>", "", 0},
		"two lines, control":  {faulty(code, member("faultString", typed("a\n\t b\u202ec\u0085 "))), "a bc", 48},
		"BOM and prolog":      {"\ufeff\n<?xml version='1.0' encoding='utf-8'?>" + faulty(code), "", 48},
		"latin-1":             {"<?xml version='1.0' encoding='iso-8859-1'?>" + faulty(code, member("faultString", typed("d\xe9j\xe0"))), "déjà", 48},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sendTo(t, replies(200, c.body, "Content-Type", "text/html"))
			var got *Fault
			if !errors.As(err, &got) || got.Code != c.code || got.Text != c.text {
				t.Errorf("got %+v, %v, want fault %d %q", got, err, c.code, c.text)
			}
		})
	}
}

func TestAnySuccessIsSuccess(t *testing.T) {
	for body, want := range map[string]string{
		"<methodResponse><params><param><value>bare</value></param></params></methodResponse>":                               "bare",
		"<methodResponse><params><param><value><string>a &lt;fault&gt; b</string></value></param></params></methodResponse>": "a <fault> b",
		"<methodResponse><params><param><value><boolean>1</boolean></value></param></params></methodResponse>":               "",
		"<methodResponse><params><param><value><nil/></value></param></params></methodResponse>":                             "",
		"<methodResponse><params></params></methodResponse>":                                                                 "",
		string(success(strings.Repeat("é", 400))):                                                                            strings.Repeat("é", 299) + "…",
	} {
		got, err := sendTo(t, replies(200, body))
		if err != nil || got.Text != want {
			t.Errorf("%s: got %q, %v, want %q", body, got.Text, err, want)
		}
	}
}

func TestWhatIsNoAnswerIsNoSuccess(t *testing.T) {
	for name, body := range map[string]string{
		"nothing":          "",
		"text":             "ok",
		"HTML":             "<!doctype html><p>Welcome",
		"a call":           callOf(pingMethod),
		"no params":        "<methodResponse/>",
		"something else":   "<methodResponse><value>x</value></methodResponse>",
		"text only":        "<methodResponse>ok</methodResponse>",
		"two answers":      string(success("a")) + "<methodResponse><params/></methodResponse>",
		"broken off":       "<methodResponse><params><param><value><string>Thank",
		"DOCTYPE":          "<!DOCTYPE x>" + "<methodResponse><params/></methodResponse>",
		"too deep":         "<methodResponse><params>" + strings.Repeat("<value><array><data>", 50),
		"too long":         string(success(strings.Repeat("x", maxBody))),
		"T7 stray end tag": "</value><methodResponse><fault></methodResponse>",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := sendTo(t, replies(200, body)); !errors.Is(err, ErrBadAnswer) {
				t.Errorf("got %+v, %v, want %v", got, err, ErrBadAnswer)
			}
		})
	}
}

func TestOtherStatusIsAnError(t *testing.T) {
	page := "<html><head><title>429 Too Many</title><style>p{}</style><script>x()</script></head><body><h1>Slow\n down</h1><p>a &amp; b</p>"
	for _, c := range []struct {
		answer http.HandlerFunc
		want   StatusError
	}{
		{replies(429, page, "Retry-After", "120"), StatusError{429, "429 Too Many Slow down a & b", 2 * time.Minute}},
		{replies(503, "busy\n", "Date", "Sun, 22 Nov 2026 13:00:00 GMT", "Retry-After", "Sun, 22 Nov 2026 13:05:00 GMT"), StatusError{503, "busy", 5 * time.Minute}},
		{replies(503, "", "Date", "Sun, 22 Nov 2026 13:00:00 GMT", "Retry-After", "Sun, 22 Nov 2026 12:00:00 GMT"), StatusError{Status: 503}},
		{replies(500, "", "Retry-After", "-5"), StatusError{Status: 500}},
		{replies(404, "", "Retry-After", "soon"), StatusError{Status: 404}},
		{replies(202, string(success("later"))), StatusError{Status: 202, Text: "later"}},
	} {
		_, err := sendTo(t, c.answer)
		var got *StatusError
		if !errors.As(err, &got) || *got != c.want {
			t.Errorf("got %v, want %+v", err, c.want)
		}
	}
}

func TestT13RefusalToWaitComesThroughWithItsFault(t *testing.T) {
	_, err := sendTo(t, replies(200, string(fault(429, "Slow down")), "Retry-After", "15"))
	var got *Fault
	if !errors.As(err, &got) || got.Code != 429 || got.RetryAfter != 15*time.Second {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestEndlessAnswerIsCutOff(t *testing.T) {
	for _, status := range []int{200, 500} {
		_, err := sendTo(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			for line := strings.Repeat("<p>", 1000); ; {
				if _, err := io.WriteString(w, line); err != nil {
					return
				}
			}
		})
		if err == nil {
			t.Errorf("status %d: an endless answer was taken", status)
		}
	}
}

func TestSendingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		cancel()
		<-release
	}))
	defer server.Close()
	defer close(release)
	if _, err := Send(ctx, server.Client(), server.URL, source, target); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestARedirectedCallIsSentAgainWhole(t *testing.T) {
	s := &site{text: "ok"}
	mux := http.NewServeMux()
	mux.Handle("/new", Handler(s.methods()))
	mux.Handle("/xmlrpc.php", http.RedirectHandler("/new", http.StatusPermanentRedirect))
	server := httptest.NewServer(mux)
	defer server.Close()
	if _, err := Send(t.Context(), server.Client(), server.URL+"/xmlrpc.php", source, target); err != nil || len(s.pings) != 1 {
		t.Errorf("%v after %d pings", err, len(s.pings))
	}
}
