package akismet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	goodKey = "123YourAPIKey"
	blog    = "https://blog.example"
)

var mention = Comment{
	IP:        netip.MustParseAddr("203.0.113.5"),
	UserAgent: "WordPress/6.8",
	Referrer:  "https://there.example/post",
	Permalink: "https://blog.example/2026/post",
	Type:      "pingback",
	Author:    "Alice & Bob",
	AuthorURL: "https://there.example/",
	Content:   "Nice post; see\nwhat I wrote + more",
	Date:      time.Date(2026, 3, 1, 13, 0, 0, 0, time.FixedZone("", 3600)),
	Lang:      "en, de",
}

// standIn speaks the documented protocol, strictly: it refuses a parameter that
// the documentation does not know. A comment by viagra-test-123 is spam, as
// with the real service.
type standIn struct {
	*httptest.Server
	learned []string
}

var known = []string{"api_key", "blog", "user_ip", "user_agent", "referrer", "permalink", "comment_type", "comment_author",
	"comment_author_url", "comment_content", "comment_date_gmt", "blog_lang", "blog_charset", "recheck_reason", "is_test"}

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /1.1/verify-key", s.call(func(w http.ResponseWriter, _ url.Values) { io.WriteString(w, "valid") }))
	mux.HandleFunc("POST /1.1/comment-check", s.call(s.check))
	mux.HandleFunc("POST /1.1/submit-spam", s.call(s.learn("spam")))
	mux.HandleFunc("POST /1.1/submit-ham", s.call(s.learn("ham")))
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) call(next func(http.ResponseWriter, url.Values)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if help := wrong(r); help != "" {
			w.Header().Set("X-akismet-debug-help", help)
			io.WriteString(w, "invalid")
			return
		}
		if !strings.HasSuffix(r.URL.Path, "verify-key") && r.PostForm.Get("user_ip") == "" {
			w.Header().Set("X-akismet-debug-help", `Empty "user_ip" value`)
			io.WriteString(w, "Missing required field: user_ip.")
			return
		}
		next(w, r.PostForm)
	}
}

func wrong(r *http.Request) string {
	if err := r.ParseForm(); err != nil {
		return err.Error()
	}
	for name, values := range r.PostForm {
		if !slices.Contains(known, name) || len(values) != 1 || values[0] == "" {
			return fmt.Sprintf("We were unable to use %s=%q", name, values)
		}
	}
	switch form := r.PostForm; {
	case r.URL.RawQuery != "":
		return "All parameters should be sent via the POST method"
	case r.Header.Get("User-Agent") != "hark/test":
		return "We were unable to read your user agent"
	case form.Get("api_key") != goodKey:
		return "We were unable to parse your API key " + form.Get("api_key")
	case form.Get("blog") != blog:
		return `Empty "blog" value`
	}
	return ""
}

func (s *standIn) check(w http.ResponseWriter, form url.Values) {
	switch form.Get("comment_author") {
	case "viagra-test-123":
		io.WriteString(w, "true")
	case "blatant":
		w.Header().Set("X-akismet-pro-tip", "discard")
		io.WriteString(w, "true")
	case "unsure":
		if form.Get("recheck_reason") != "recheck" {
			w.Header().Set("X-akismet-recheck-after", "1200")
		}
		io.WriteString(w, "false")
	case "over the limit":
		w.Header().Set("X-akismet-alert-code", "10011")
		w.Header().Set("X-akismet-alert-msg", "Your plan has been exceeded")
		io.WriteString(w, "true")
	case "broken":
		w.Header().Set("X-akismet-error", "status")
		io.WriteString(w, "false")
	default:
		io.WriteString(w, "false")
	}
}

func (s *standIn) learn(as string) func(http.ResponseWriter, url.Values) {
	return func(w http.ResponseWriter, form url.Values) {
		s.learned = append(s.learned, as+" "+form.Encode())
		io.WriteString(w, "Thanks for making the web a better place.\n")
	}
}

// named gives requests the User-Agent that the service asks for, as the
// program's own client does.
type named struct{}

func (named) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", "hark/test")
	return http.DefaultTransport.RoundTrip(r)
}

var program = &http.Client{Transport: named{}}

func answering(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return New(program, server.URL, goodKey, blog)
}

func TestAGoodKeyIsVerified(t *testing.T) {
	for _, base := range []string{newStandIn(t).URL, newStandIn(t).URL + "/"} {
		if err := New(program, base, goodKey, blog).Verify(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestAWrongKeyIsRefusedAndNotRepeated(t *testing.T) {
	c := New(program, newStandIn(t).URL, "wrong+key/secret", blog)
	_, checked := c.Check(t.Context(), mention)
	for name, err := range map[string]error{
		"verify": c.Verify(t.Context()), "check": checked,
		"spam": c.Spam(t.Context(), mention), "ham": c.Ham(t.Context(), mention),
	} {
		var refused *Error
		if !errors.As(err, &refused) || refused.Status != 200 || refused.Text != "We were unable to parse your API key [key]" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %s", c, c, c); strings.Contains(text, "secret") {
		t.Errorf("printed it is %s", text)
	}
}

func TestACommentIsJudged(t *testing.T) {
	c := New(program, newStandIn(t).URL, goodKey, blog)
	for author, want := range map[string]Verdict{
		"Alice":           {},
		"viagra-test-123": {Spam: true},
		"blatant":         {Spam: true, Discard: true},
		"unsure":          {Unsure: true},
		"over the limit":  {Spam: true, Alert: "Your plan has been exceeded (code 10011)"},
	} {
		about := mention
		about.Author = author
		if got, err := c.Check(t.Context(), about); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", author, got, err, want)
		}
	}
}

func TestASecondQuestionSaysThatItIsOne(t *testing.T) {
	about := mention
	about.Author, about.Recheck = "unsure", true
	got, err := New(program, newStandIn(t).URL, goodKey, blog).Check(t.Context(), about)
	if err != nil || got != (Verdict{}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestEverythingKnownIsToldInTheDocumentedForm(t *testing.T) {
	s := newStandIn(t)
	c := New(program, s.URL, goodKey, blog)
	about := mention
	about.IP, about.Test = netip.MustParseAddr("::ffff:203.0.113.5"), true
	if err := errors.Join(c.Spam(t.Context(), about), c.Ham(t.Context(), about)); err != nil {
		t.Fatal(err)
	}
	want := url.Values{
		"api_key": {goodKey}, "blog": {blog}, "user_ip": {"203.0.113.5"}, "user_agent": {"WordPress/6.8"},
		"referrer": {"https://there.example/post"}, "permalink": {"https://blog.example/2026/post"},
		"comment_type": {"pingback"}, "comment_author": {"Alice & Bob"}, "comment_author_url": {"https://there.example/"},
		"comment_content": {"Nice post; see\nwhat I wrote + more"}, "comment_date_gmt": {"2026-03-01T12:00:00Z"},
		"blog_lang": {"en, de"}, "blog_charset": {"UTF-8"}, "is_test": {"true"},
	}.Encode()
	if !reflect.DeepEqual(s.learned, []string{"spam " + want, "ham " + want}) {
		t.Errorf("learned %q\nwant %q twice", s.learned, want)
	}
}

func TestWithoutAnAddressTheServiceSaysWhatIsMissing(t *testing.T) {
	_, err := New(program, newStandIn(t).URL, goodKey, blog).Check(t.Context(), Comment{Content: "hello"})
	var refused *Error
	if !errors.As(err, &refused) || refused.Text != `Empty "user_ip" value` {
		t.Errorf("got %v", err)
	}
}

func TestAnAnswerThatIsNoVerdictIsAnError(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		header [2]string
		body   string
		want   Error
	}{
		{"too many", 429, [2]string{"Retry-After", "90"}, "", Error{429, "", 90 * time.Second}},
		{"too many, for a year", 429, [2]string{"Retry-After", "31536000"}, "", Error{429, "", 24 * time.Hour}},
		{"a wait that is none", 429, [2]string{"Retry-After", "-5"}, "", Error{429, "", 0}},
		{"broken", 500, [2]string{}, "<html>nginx</html>", Error{500, "", 0}},
		{"a verdict in a failure", 503, [2]string{}, "true", Error{503, "", 0}},
		{"moved", 307, [2]string{"Location", "https://thief.example/"}, "", Error{307, "", 0}},
		{"another page", 200, [2]string{}, "<h1>Log in\nto this network</h1>", Error{200, "<h1>Log in to this network</h1>", 0}},
		{"nothing", 200, [2]string{}, "", Error{200, "", 0}},
		{"in capitals", 200, [2]string{}, "TRUE", Error{200, "TRUE", 0}},
		{"suspended", 200, [2]string{"X-akismet-alert-msg", "Your key is suspended"}, "invalid", Error{200, "Your key is suspended", 0}},
		{"an error beside it", 200, [2]string{"X-akismet-error", "status"}, "false", Error{200, "false", 0}},
	} {
		client := answering(t, func(w http.ResponseWriter, r *http.Request) {
			if c.header[0] != "" {
				w.Header().Set(c.header[0], c.header[1])
			}
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		_, err := client.Check(t.Context(), mention)
		var refused *Error
		if !errors.As(err, &refused) || *refused != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, refused, c.want)
		}
		if c.body == "TRUE" || c.status != 200 {
			if client.Verify(t.Context()) == nil || client.Spam(t.Context(), mention) == nil || client.Ham(t.Context(), mention) == nil {
				t.Errorf("%s: taken for a success", c.name)
			}
		}
	}
}

func TestARetryMayBeADate(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"Fri, 02 Jan 2026 12:05:00 GMT": 5 * time.Minute,
		"Fri, 02 Jan 2026 11:00:00 GMT": 0,
		"soon":                          0,
	} {
		a := &reply{header: http.Header{"Retry-After": {value}, "Date": {"Fri, 02 Jan 2026 12:00:00 GMT"}}, secret: strings.NewReplacer()}
		if got := a.refusal().RetryAfter; got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestTheKeyIsNeverSentElsewhere(t *testing.T) {
	visited := false
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited = true }))
	defer thief.Close()
	client := answering(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
	})
	if err := client.Verify(t.Context()); err == nil || visited {
		t.Errorf("got %v, visited %t", err, visited)
	}
}

func TestTheKeyIsInNoErrorThoughTheServiceRepeatsIt(t *testing.T) {
	client := answering(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprintf(conn, "HTTP/1.1 %s what\r\n\r\n", goodKey)
	})
	if err := client.Verify(t.Context()); err == nil || strings.Contains(err.Error(), goodKey) || !strings.Contains(err.Error(), "[key]") {
		t.Errorf("got %v", err)
	}
}

func TestALongAnswerIsCut(t *testing.T) {
	client := answering(t, func(w http.ResponseWriter, r *http.Request) {
		for range 1000 {
			if _, err := io.WriteString(w, strings.Repeat("true\x00\u202e ", 1000)); err != nil {
				return
			}
		}
	})
	_, err := client.Check(t.Context(), mention)
	var refused *Error
	if !errors.As(err, &refused) || len([]rune(refused.Text)) > maxText+1 || strings.ContainsAny(refused.Text, "\x00\u202e") {
		t.Errorf("got %v", err)
	}
}

func TestAServiceThatIsAwayIsAnErrorOfTheWay(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // it never answers
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = New(program, "http://"+listener.Addr().String(), goodKey, blog).Check(ctx, mention)
	var refused *Error
	if !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}

func TestTheRealServiceIsAskedByDefault(t *testing.T) {
	asked := ""
	client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		asked = r.URL.String()
		return nil, errors.New("not from a test")
	})}
	if err := New(client, "", goodKey, blog).Verify(t.Context()); err == nil || asked != "https://rest.akismet.com/1.1/verify-key" {
		t.Errorf("asked %s, got %v", asked, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
