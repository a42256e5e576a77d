package answer

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRetryAfterIsBounded(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"120":                           2 * time.Minute,
		" 7 ":                           7 * time.Second,
		"-5":                            0,
		"1.5":                           0,
		"soon":                          0,
		"86401":                         24 * time.Hour,
		"99999999999999999999999":       24 * time.Hour,
		"9223372036854775807":           24 * time.Hour,
		"Fri, 01 May 2026 12:01:00 GMT": time.Minute,
		"Fri, 01 May 2026 11:59:00 GMT": 0,
		"Fri, 01 May 2099 12:00:00 GMT": 24 * time.Hour,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("Retry-After %q gave %s, want %s", value, got, want)
		}
	}
}

func TestRetryAfterIsReadByTheClockThatWroteIt(t *testing.T) {
	header := http.Header{
		"Date":        {"Fri, 01 May 2026 13:00:00 GMT"},
		"Retry-After": {"Fri, 01 May 2026 13:05:00 GMT"},
	}
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	if got := RetryAfter(header, now); got != 5*time.Minute {
		t.Errorf("got %s, want 5m", got)
	}
	header.Set("Date", "today")
	if got := RetryAfter(header, now); got != 65*time.Minute {
		t.Errorf("without a clock: %s, want 65m", got)
	}
}

func TestTextIsOneLineWithoutMarkup(t *testing.T) {
	for name, test := range map[string]struct{ kind, body, want string }{
		"text":        {"text/plain", "No link\r\n\tfound.\n", "No link found."},
		"a sign":      {"text/plain", "a < b", "a < b"},
		"HTML":        {"text/html; charset=iso-8859-1", "<title>404</title><style>p{}</style><script>x</script><p>Nicht da, f\xfcr <b>immer</b> &lt;3", "404 Nicht da, für immer <3"},
		"XHTML":       {"Application/XHTML+XML", "<p>a</p><p>b</p>", "a b"},
		"XML":         {"text/xml", "<?xml version='1.0'?><fault><string>Slow down</string></fault>", "Slow down"},
		"unnamed":     {"", "<!doctype html><p>Gone", "Gone"},
		"unnamed too": {"", "Gone", "Gone"},
		"JSON":        {"application/json", `{"error":"no_link"}`, `{"error":"no_link"}`},
		"a sentence":  {"application/json", `{"code":"target_not_found","message":"Cannot find\ntarget link","data":{"status":400}}`, "Cannot find target link"},
		"no sentence": {"application/json", `{"message":["a"],"summary":" "}`, `{"message":["a"],"summary":" "}`},
		"control":     {"text/plain", "a\x1b[31mb\u202ec \u200b d\x00e\u0085f", "a[31mbc de f"},
		"no UTF-8":    {"text/plain", "a\xffb", "a\uFFFDb"},
		"just fits":   {"text/plain", strings.Repeat("é", 300), strings.Repeat("é", 300)},
		"long":        {"text/plain", strings.Repeat("ä ", 1<<10), strings.Repeat("ä ", 149) + "ä…"},
		"nothing":     {"text/html", "", ""},
	} {
		if got := Text(http.Header{"Content-Type": {test.kind}}, []byte(test.body)); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
