package pingback

import (
	"bytes"
	"encoding/xml"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// golden are the answers to the letter: the wording of the elements is what
// other people's programs search for.
func TestT13AnswersToTheLetter(t *testing.T) {
	ping := callOf(pingMethod, typed(source), typed(target))
	for file, c := range map[string]struct {
		site *site
		body string
	}{
		"success.xml":         {&site{text: "Received, thank you."}, ping},
		"success-hostile.xml": {&site{text: "<b>&amp;</b> ]]> \"'\x00\x1b\xff\ufffe \u2028 é\r\n"}, ping},
		"fault-16.xml":        {&site{err: &Fault{Code: SourceMissing, Text: "The source could not be read."}}, ping},
		"fault-17.xml":        {&site{err: &Fault{Code: SourceNoLink, Text: "No link to <" + target + "> was found."}}, ping},
		"fault-48.xml":        {&site{err: &Fault{Code: AlreadyKnown, Text: "Registered before."}}, ping},
		"fault-0.xml":         {&site{err: errors.New("secret")}, ping},
		"not-a-call.xml":      {&site{}, "<x/>"},
		"unknown-method.xml":  {&site{}, callOf("demo.sayHello")},
		"multicall.xml":       {&site{}, callOf(multicallMethod)},
		"wrong-count.xml":     {&site{}, callOf(pingMethod)},
		"wrong-type.xml":      {&site{}, callOf(pingMethod, "<value><int>1</int></value>", typed(target))},
		"bad-source.xml":      {&site{}, callOf(pingMethod, typed("x"), typed(target))},
		"list-methods.xml":    {&site{}, callOf(listMethod)},
		"method-help.xml":     {&site{}, callOf(helpMethod, typed(pingMethod))},
		"pingbacks.xml":       {&site{}, callOf(pingbacksMethod, typed(target))},
	} {
		t.Run(file, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", "answers", file))
			if err != nil {
				t.Fatal(err)
			}
			w := c.site.post(c.body)
			if w.Code != 200 || w.Body.String() != string(want) {
				t.Errorf("status %d\n got %q\nwant %q", w.Code, w.Body, want)
			}
			wantWellFormed(t, w.Body)
		})
	}
}

func TestT13AnyTextMakesAWellFormedAnswer(t *testing.T) {
	for _, text := range []string{
		"", "]]>", "<![CDATA[", "</string></value>", "&#0;", "&bogus;", "\x00\x01\x08\x0b\x1f", "\x7f\u0085",
		"\xff\xfe", "\xed\xa0\x80", "\ufffe\uffff", "a\xe2\x82", strings.Repeat("<", 1000),
	} {
		for _, answer := range [][]byte{success(text), fault(17, text), list([]string{text, text})} {
			wantWellFormed(t, bytes.NewReader(answer))
			if !utf8.Valid(answer) {
				t.Errorf("%q: the answer is no UTF-8", text)
			}
		}
	}
}

func TestTextComesBackAsItWas(t *testing.T) {
	const text = "  a <b> & \"c\" ]]>\td\n\r é 日 "
	var got struct {
		Text string `xml:"params>param>value>string"`
	}
	if err := xml.Unmarshal(success(text), &got); err != nil || got.Text != text {
		t.Errorf("got %q, %v, want %q", got.Text, err, text)
	}
}

func TestMethodsThatTheSiteLacksAreNotListed(t *testing.T) {
	s := &site{}
	m := s.methods()
	m.Pingbacks = nil
	h := Handler(m).(*handler)
	for _, name := range h.names() {
		if name == pingbacksMethod {
			t.Errorf("%s is listed", name)
		}
		if _, known := h.parameters(name); !known {
			t.Errorf("%s is listed, but unknown", name)
		}
	}
	if _, known := h.parameters(pingbacksMethod); known {
		t.Errorf("%s is known", pingbacksMethod)
	}
}
