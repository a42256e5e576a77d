package pingback

import (
	"bytes"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/kolo/xmlrpc"

	"hark/internal/answer/fuzztest"
)

// FuzzDecode holds that no body brings the decoder down, and that a call it
// took means the same when another encoder writes it.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(callOf(pingMethod, typed(source), "<value>"+target+"</value>")))
	f.Add([]byte("\ufeff<?xml version='1.0' encoding='latin1'?>" + callOf("a.b", typed("<![CDATA[\xe9]]>"))))
	f.Add([]byte("\xff\xfe<\x00m\x00"))
	for _, part := range []string{"<param><value>x</value></param>", "<a>", "&#x41;", "<![CDATA[x]]>", "<!-- x -->", "\xe9"} {
		f.Add([]byte(callOf(pingMethod, typed(strings.Repeat(part, 8<<10/len(part))))))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		work := fuzztest.Begin()
		c, err := decodeCall(body, "")
		work.Holds(t, len(body), 1<<20)
		if err != nil {
			return
		}
		args := []any{}
		for _, p := range c.params {
			if !p.string {
				return
			}
			args = append(args, p.text)
		}
		again, err := xmlrpc.EncodeMethodCall(c.method, args...)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeCall(again, "")
		if err != nil {
			t.Fatalf("%q became %q: %v", body, again, err)
		}
		if got.method != c.method || len(got.params) != len(c.params) {
			t.Fatalf("%+v became %+v", c, got)
		}
		if len(c.params) > 0 && !reflect.DeepEqual(got.params, c.params) {
			t.Fatalf("%+v became %+v", c, got)
		}
	})
}

// FuzzAnswer holds that no answer of another site, and no library beneath,
// brings the sender down (T7), and that every answer is told apart: success, a
// fault, or no answer.
func FuzzAnswer(f *testing.F) {
	f.Add(success("ok"))
	f.Add(fault(48, "known"))
	f.Add([]byte("</value><methodResponse><fault><value><struct><member>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		receipt, err := readAnswer(body, http.Header{})
		var f *Fault
		switch {
		case err == nil:
			if bytes.ContainsAny([]byte(receipt.Text), "\r\n\x00\x1b") {
				t.Errorf("the text is not one clean line: %q", receipt.Text)
			}
		case errors.As(err, &f), errors.Is(err, ErrBadAnswer):
		default:
			t.Errorf("an error of no kind: %v", err)
		}
	})
}
