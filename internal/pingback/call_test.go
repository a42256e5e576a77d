package pingback

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// in writes text in another encoding.
func in(t *testing.T, e encoding.Encoding, text string) string {
	t.Helper()
	s, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestT12CallsInAnyDressAreUnderstood(t *testing.T) {
	plain := callOf(pingMethod, typed(source), typed(target))
	prolog := func(encoding string) string { return `<?xml version="1.0" encoding="` + encoding + `"?>` }
	umlauts := callOf(pingMethod, typed(source), typed("https://hark.example/größe"))
	kana := callOf(pingMethod, typed(source), typed("https://hark.example/日記"))
	utf16be := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	utf16le := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	cases := []struct{ name, body, target string }{
		{"plain", plain, target},
		{"bare values", callOf(pingMethod, "<value>"+source+"</value>", "<value>"+target+"</value>"), target},
		{"white space around", callOf(" "+pingMethod+"\n", "\n<value>\n <string>\n"+source+"\t</string> </value> ", "<value> "+target+"\r\n</value>"), target},
		{"CDATA", callOf(pingMethod, typed("<![CDATA["+source+"]]>"), "<value><![CDATA["+target+"]]></value>"), target},
		{"CDATA in pieces", callOf(pingMethod, typed("https://<![CDATA[other.example]]>/post"), typed(target)), target},
		{"comments", "<!-- a --><methodCall><!-- b -->" + strings.TrimPrefix(callOf(pingMethod, typed(source+"<!-- c -->"), typed(target)), "<methodCall>") + "<!-- d -->", target},
		{"entities", callOf(pingMethod, typed("https:&#47;&#x2f;other.example/post"), typed("https://hark.example/?a=1&amp;b=2")), "https://hark.example/?a=1&b=2"},
		{"prolog", prolog("UTF-8") + "\n" + plain, target},
		{"white space before the prolog", "\r\n \t" + prolog("utf-8") + plain, target},
		{"BOM", "\ufeff" + prolog("UTF-8") + plain, target},
		{"BOM and white space", "\ufeff\n" + prolog("UTF-8") + plain, target},
		{"single quotes", `<?xml version='1.0' encoding = 'utf-8' standalone='yes' ?>` + plain, target},
		{"raw UTF-8", umlauts, "https://hark.example/größe"},
		{"ISO-8859-1", prolog("ISO-8859-1") + in(t, charmap.ISO8859_1, umlauts), "https://hark.example/größe"},
		{"windows-1252", prolog("windows-1252") + in(t, charmap.Windows1252, umlauts), "https://hark.example/größe"},
		{"Shift_JIS", prolog("Shift_JIS") + in(t, japanese.ShiftJIS, kana), "https://hark.example/日記"},
		{"EUC-JP", prolog("euc-jp") + in(t, japanese.EUCJP, kana), "https://hark.example/日記"},
		{"UTF-16 with a mark", in(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), prolog("UTF-16")+kana), "https://hark.example/日記"},
		{"UTF-16BE without", in(t, utf16be, prolog("UTF-16")+kana), "https://hark.example/日記"},
		{"UTF-16LE without", in(t, utf16le, kana), "https://hark.example/日記"},
		{"attributes", strings.Replace(plain, "<methodCall>", `<methodCall xmlns:ex="http://ws.apache.org/xmlrpc/namespaces/extensions">`, 1), target},
		{"instructions", "<?xml-stylesheet href='x'?>" + plain, target},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := &site{text: "ok"}
			w := s.post(c.body)
			want := [2]string{source, c.target}
			if w.Code != 200 || len(s.pings) != 1 || s.pings[0] != want {
				t.Errorf("status %d, pings %q, want %q\n%s", w.Code, s.pings, want, w.Body)
			}
		})
	}
}

func TestT12CharsetOfTheMediaTypeCountsWhereThePrologNamesNone(t *testing.T) {
	body := in(t, charmap.ISO8859_1, callOf(pingMethod, typed(source), typed("https://hark.example/größe")))
	c, err := decodeCall([]byte(body), "text/xml; charset=iso-8859-1")
	if err != nil || c.params[1].text != "https://hark.example/größe" {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := decodeCall([]byte(body), "text/xml"); err != errNotXML {
		t.Errorf("as UTF-8: %v, want %v", err, errNotXML)
	}
}

func TestT12WhatIsNotXMLIsRefused(t *testing.T) {
	plain := callOf(pingMethod, typed(source), typed(target))
	deep := func(n int) string {
		return callOf(pingMethod, "<value>"+strings.Repeat("<a>", n)+strings.Repeat("</a>", n)+"</value>")
	}
	for name, body := range map[string]string{
		"nothing":             "",
		"white space":         " \r\n\t",
		"text":                "hello",
		"JSON":                `{"source":"https://other.example/"}`,
		"a form":              "source=https%3A%2F%2Fother.example%2F&target=x",
		"a bracket":           "<",
		"a stray end":         "</methodCall>" + plain,
		"an open element":     strings.TrimSuffix(plain, "</methodCall>"),
		"crossed elements":    "<methodCall><methodName>pingback.ping</methodCall></methodName>",
		"two roots":           plain + plain,
		"another root":        plain + "<x/>",
		"text before":         "x" + plain,
		"text after":          plain + "x",
		"zero byte after":     plain + "\x00",
		"only a prolog":       `<?xml version="1.0"?>`,
		"an open prolog":      `<?xml version="1.0"` + plain,
		"a second prolog":     plain + `<?xml version="1.0"?>`,
		"prolog after text":   `<!-- x --><?xml version="1.0"?>` + plain,
		"DOCTYPE":             `<!DOCTYPE methodCall>` + plain,
		"DOCTYPE, entities":   `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + callOf(pingMethod, typed("&b;"), typed(target)),
		"external entity":     `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + callOf(pingMethod, typed("&a;"), typed(target)),
		"unknown entity":      callOf(pingMethod, typed("&nbsp;"), typed(target)),
		"too deep":            deep(13),
		"too many elements":   "<a>" + strings.Repeat("<b/>", 16000) + "</a>",
		"far too deep":        strings.Repeat("<a>", 20000),
		"bad UTF-8":           callOf(pingMethod, typed("https://other.example/\xff"), typed(target)),
		"control character":   callOf(pingMethod, typed("https://other.example/\x01"), typed(target)),
		"control by number":   callOf(pingMethod, typed("https://other.example/&#1;"), typed(target)),
		"unknown encoding":    `<?xml version="1.0" encoding="klingon"?>` + plain,
		"encoding not quoted": `<?xml version="1.0" encoding=utf-8?>` + plain,
		"encoding left open":  `<?xml version="1.0" encoding="utf-8?>` + plain,
		"says UTF-16, is not": `<?xml version="1.0" encoding="UTF-16"?>` + plain,
	} {
		t.Run(name, func(t *testing.T) {
			s := &site{}
			if w := s.post(body); w.Code != 400 || w.Body.String() != "This is not an XML-RPC call.\n" {
				t.Errorf("status %d %q, want 400 and a short text", w.Code, w.Body)
			}
			if len(s.pings) != 0 {
				t.Errorf("pings %q", s.pings)
			}
		})
	}
	if w := (&site{}).post(deep(12)); w.Code != 200 {
		t.Errorf("sixteen levels: status %d, want a fault", w.Code)
	}
}

func TestT12XMLThatIsNoGoodCallIsAFault(t *testing.T) {
	two := func(first, second string) string { return callOf(pingMethod, first, second) }
	ok := typed(target)
	for name, c := range map[string]struct {
		body string
		code int
	}{
		"HTML":                {"<html><body>hello</body></html>", -32700},
		"an answer":           {string(success("x")), -32700},
		"empty call":          {"<methodCall/>", -32700},
		"no name":             {"<methodCall><params/></methodCall>", -32700},
		"empty name":          {callOf(""), -32700},
		"odd name":            {callOf("pingback ping"), -32700},
		"element in the name": {callOf("<b>pingback.ping</b>"), -32700},
		"two names":           {"<methodCall><methodName>pingback.ping</methodName><methodName>system.listMethods</methodName></methodCall>", -32700},
		"text in between":     {"<methodCall>x<methodName>system.listMethods</methodName></methodCall>", -32700},
		"two params elements": {"<methodCall><methodName>pingback.ping</methodName><params/><params/></methodCall>", -32700},
		"param without value": {two("", ok), -32700},
		"two values":          {two(typed(source)+typed(source), ok), -32700},
		"foreign name space":  {"<methodCall xmlns='urn:x'><methodName>system.listMethods</methodName></methodCall>", -32700},
		"no params":           {"<methodCall><methodName>pingback.ping</methodName></methodCall>", -32600},
		"one param":           {callOf(pingMethod, ok), -32600},
		"three params":        {callOf(pingMethod, typed(source), ok, ok), -32600},
		"a hundred params":    {callOf(pingMethod, strings.Split(strings.Repeat(ok+"|", 99)+ok, "|")...), -32600},
		"list with params":    {callOf(listMethod, ok), -32600},
		"an int":              {two("<value><int>1</int></value>", ok), -32602},
		"an array":            {two("<value><array><data>"+ok+"</data></array></value>", ok), -32602},
		"nil":                 {two(typed(source), "<value><nil/></value>"), -32602},
		"base64":              {two("<value><base64>aHR0cA==</base64></value>", ok), -32602},
		"two types":           {two("<value><string>a</string><string>b</string></value>", ok), -32602},
		"text and type":       {two("<value>x<string>a</string></value>", ok), -32602},
		"unknown method":      {callOf("wp.getUsersBlogs", typed("admin"), typed("secret")), -32601},
		"case of the method":  {callOf("Pingback.Ping", typed(source), ok), -32601},
		"multicall":           {callOf(multicallMethod, "<value><array><data><value><struct><member><name>methodName</name>"+typed("demo.sayHello")+"</member></struct></value></data></array></value>"), -32601},
	} {
		t.Run(name, func(t *testing.T) {
			s := &site{}
			wantFault(t, s.post(c.body), 200, c.code, "")
			if len(s.pings) != 0 || len(s.refused) != 1 {
				t.Errorf("pings %q, told %v", s.pings, s.refused)
			}
		})
	}
}

func TestAddressesAreCheckedBeforeTheSiteIsAsked(t *testing.T) {
	long := "https://other.example/" + strings.Repeat("x", maxAddress)
	exact := long[:maxAddress]
	for _, c := range []struct {
		source, target string
		code           int
	}{
		{"", target, 16},
		{"/relative", target, 16},
		{"other.example/post", target, 16},
		{"ftp://other.example/post", target, 16},
		{"javascript:alert(1)", target, 16},
		{"file:///etc/passwd", target, 16},
		{"https:///post", target, 16},
		{"https://:80/post", target, 16},
		{"https://alice@other.example/", target, 16},
		{"https://alice:secret@other.example/", target, 16},
		{"https://other.example/a b", target, 16},
		{"https://other.example/a&#10;b", target, 16},
		{"https://other.example/%zz", target, 16},
		{long, target, 16},
		{source, "", 33},
		{source, "mailto:alice@hark.example", 33},
		{source, "https://bob@hark.example/2026/one", 33},
		{source, long, 33},
		{target, target, 33},
		{target + "#part", target, 33},
		{"http://HARK.example/2026/one/", target, 33},
	} {
		s := &site{}
		t.Run(c.source+" "+c.target, func(t *testing.T) {
			wantFault(t, s.post(callOf(pingMethod, typed(c.source), typed(c.target))), 200, c.code, "")
			if len(s.pings) != 0 {
				t.Errorf("pings %q", s.pings)
			}
		})
	}
	for _, good := range []string{exact, "http://other.example", "https://other.example:8443/?p=1#c", "https://bücher.example/größe", "http://[2001:db8::1]/x"} {
		s := &site{}
		if s.post(callOf(pingMethod, typed(good), typed(target))); len(s.pings) != 1 {
			t.Errorf("%.40s was not taken: %v", good, s.refused)
		}
	}
}
