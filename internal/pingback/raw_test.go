package pingback

import (
	"bufio"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/kolo/xmlrpc"
)

// wantFault checks an answer with a reader that is not ours.
func wantFault(t *testing.T, w *httptest.ResponseRecorder, status, code int, text string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d", w.Code, status)
	}
	if got := w.Header().Get("Content-Type"); got != "text/xml; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
	var fault xmlrpc.FaultError
	if err := xmlrpc.Response(w.Body.Bytes()).Err(); !errors.As(err, &fault) {
		t.Fatalf("no fault but %v: %s", err, w.Body)
	}
	if fault.Code != code || (text != "" && fault.String != text) {
		t.Errorf("fault %d %q, want %d %q", fault.Code, fault.String, code, text)
	}
}

// wantWellFormed reads an answer to its end.
func wantWellFormed(t *testing.T, body io.Reader) {
	t.Helper()
	d := xml.NewDecoder(body)
	for {
		_, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("the answer is not XML: %v", err)
		}
	}
}

func TestChunksThatBreakOffAreMalformed(t *testing.T) {
	told := make(chan error, 1)
	m := (&site{}).methods()
	m.Refused = func(_ context.Context, err error) { told <- err }
	server := httptest.NewServer(Handler(m))
	defer server.Close()
	for name, rest := range map[string]string{
		"early end":  "5\r\n<meth\r\n",
		"bad length": "zz\r\n<meth\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(5 * time.Second))
			io.WriteString(conn, "POST /pingback HTTP/1.1\r\nHost: hark.example\r\nTransfer-Encoding: chunked\r\n\r\n"+rest)
			conn.(*net.TCPConn).CloseWrite()
			res, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != http.StatusBadRequest {
				t.Errorf("status %d, want 400", res.StatusCode)
			}
			if err := <-told; !errors.Is(err, ErrMalformed) {
				t.Errorf("told %v, want malformed", err)
			}
		})
	}
}
