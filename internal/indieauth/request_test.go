package indieauth

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

// asked is a good request, but for what is changed: name, value and so on. An
// empty value leaves the parameter out.
func asked(changes ...string) url.Values {
	v := url.Values{
		"response_type": {"code"}, "client_id": {"https://app.example"}, "redirect_uri": {"https://app.example/done?a=b"},
		"state": {"s 1&é"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"}, "scope": {"profile create create"}, "me": {"https://Me.example"},
	}
	for i := 0; i < len(changes); i += 2 {
		if v.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			v.Del(changes[i])
		}
	}
	return v
}

func TestARequestIsReadAndAnswered(t *testing.T) {
	r, err := ReadRequest(asked())
	if err != nil {
		t.Fatal(err)
	}
	if r.Client != "https://app.example/" || r.Me != "https://me.example/" || r.Old || !r.AtHome() || !slices.Equal(r.Scopes, []string{"profile", "create"}) {
		t.Errorf("read %+v", r)
	}
	const issuer = "https://blog.example/"
	if got := r.Accept("c0de", issuer); got != "https://app.example/done?a=b&code=c0de&state=s+1%26%C3%A9&iss=https%3A%2F%2Fblog.example%2F" {
		t.Errorf("the answer goes to %s", got)
	}
	to, err := url.Parse(r.Refuse(AccessDenied, "No.", issuer))
	if q := to.Query(); err != nil || q.Get("error") != "access_denied" || q.Get("state") != "s 1&é" || q.Get("iss") != issuer || q.Get("a") != "b" || q.Has("code") {
		t.Errorf("the refusal goes to %s", to)
	}
	again, err := ReadRequest(r.Values())
	if err != nil || again.Accept("c", issuer) != r.Accept("c", issuer) || again.Client != r.Client || again.Challenge != challenge || again.Me != r.Me || !slices.Equal(again.Scopes, r.Scopes) || again.Old {
		t.Errorf("carried by a form it is %+v (%v)", again, err)
	}
}

func TestTheAnswerLeavesTheRedirectAddressAsItIs(t *testing.T) {
	for redirect, want := range map[string]string{
		"https://app.example":             "https://app.example?code=c&iss=i",
		"https://app.example/?":           "https://app.example/?code=c&iss=i",
		"https://app.example/?a=%2F&":     "https://app.example/?a=%2F&code=c&iss=i",
		"https://APP.example/%7Ea?b=c;d":  "",
		"https://APP.example/%7Ea?b=c%3B": "https://APP.example/%7Ea?b=c%3B&code=c&iss=i",
		"app.example:/done":               "app.example:/done?code=c&iss=i",
		"quill://done":                    "quill://done?code=c&iss=i",
	} {
		r, err := ReadRequest(asked("redirect_uri", redirect, "state", ""))
		if want == "" {
			if r != nil || err == nil {
				t.Errorf("%s is taken", redirect)
			}
			continue
		}
		if err != nil || r.Accept("c", "i") != want {
			t.Errorf("%s: %+v (%v), want %s", redirect, r, err, want)
		}
	}
}

func TestWhatIsWrongWithTheAppIsNotToldToIt(t *testing.T) {
	for _, changes := range [][]string{
		{"client_id", ""}, {"client_id", "app"}, {"client_id", "https://u@app.example/"},
		{"redirect_uri", ""}, {"redirect_uri", "/done"}, {"redirect_uri", "https://app.example/#x"}, {"redirect_uri", "https://app.example@evil.example/"},
		{"redirect_uri", "https://app.example\\@evil.example/"}, {"redirect_uri", "https://app.example/\nx"}, {"redirect_uri", "https://аpp.example/"},
		{"redirect_uri", "javascript:alert(1)//"}, {"redirect_uri", "data:text/html,x"}, {"redirect_uri", "https://app.example/?code=x"}, {"redirect_uri", "https://app.example/?a=b&state=x"},
		{"redirect_uri", "https://app.example/?i%73s=x"}, {"redirect_uri", "file:///etc/passwd"}, {"redirect_uri", "https://app.example;x/"}, {"redirect_uri", "INTENT://x"},
	} {
		if r, err := ReadRequest(asked(changes...)); r != nil || err == nil {
			t.Errorf("%v: %+v, %v", changes, r, err)
		}
	}
	for _, name := range []string{"client_id", "redirect_uri"} {
		if r, err := ReadRequest(twice(name)); r != nil || err == nil {
			t.Errorf("two of %s: %+v, %v", name, r, err)
		}
	}
}

func twice(name string) url.Values {
	v := asked()
	v.Add(name, v.Get(name))
	return v
}

func TestWhatElseIsWrongIsToldToTheApp(t *testing.T) {
	for _, c := range []struct {
		values url.Values
		code   string
	}{
		{asked("response_type", "token"), codeResponseType},
		{asked("code_challenge_method", "plain"), codeInvalid},
		{asked("code_challenge_method", ""), codeInvalid},
		{asked("code_challenge", ""), codeInvalid},
		{asked("code_challenge", "short"), codeInvalid},
		{asked("code_challenge", challenge+"="), codeInvalid},
		{asked("scope", "create \"all\""), codeScope},
		{asked("scope", strings.Repeat("a b c d e f g h i j k l m n o p q r s t u v w x y z A B C D E F G H I J K L M N O P Q R S T U V W X Y Z ", 1)), codeScope},
		{asked("state", strings.Repeat("x", maxState+1)), codeInvalid},
		{twice("state"), codeInvalid}, {twice("scope"), codeInvalid}, {twice("code_challenge"), codeInvalid}, {twice("response_type"), codeInvalid}, {twice("me"), codeInvalid},
	} {
		r, err := ReadRequest(c.values)
		var refusal *Error
		if r == nil || !errors.As(err, &refusal) || refusal.Code != c.code || !plain(refusal.Text) {
			t.Errorf("%v: %+v, %v", c.values, r, err)
		}
	}
}

// plain tells whether a sentence can stand in error_description.
func plain(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' })
}

func TestAnOldRequestIsKnownAsOne(t *testing.T) {
	for _, changes := range [][]string{
		{"code_challenge", "", "code_challenge_method", ""}, {"response_type", ""}, {"response_type", "id"},
		{"response_type", "id", "code_challenge", "", "code_challenge_method", ""},
	} {
		r, err := ReadRequest(asked(changes...))
		if err != nil || !r.Old {
			t.Fatalf("%v: %+v, %v", changes, r, err)
		}
		if again, err := ReadRequest(r.Values()); err != nil || !again.Old || again.Challenge != r.Challenge {
			t.Errorf("%v: carried by a form it is %+v (%v)", changes, again, err)
		}
	}
}

func TestAnAnswerGoesHomeOrWhereTheAppSays(t *testing.T) {
	info := Information{Redirects: []string{"https://other.example/done", "app.example:/done"}}
	for _, c := range []struct {
		client, redirect string
		want             bool
		origin           string
	}{
		{"https://app.example/", "https://app.example/any/where?x=y", true, "https://app.example"},
		{"https://app.example/", "https://APP.example:443/", true, "https://app.example"},
		{"https://app.example:8443/", "https://app.example:8443/", true, "https://app.example:8443"},
		{"http://[::1]:80/", "http://[::1]/", true, "http://[::1]"},
		{"https://app.example/", "http://app.example/", false, "http://app.example"},
		{"https://app.example/", "https://app.example:444/", false, "https://app.example:444"},
		{"https://app.example/", "https://sub.app.example/", false, "https://sub.app.example"},
		{"https://app.example/", "https://app.example.evil.example/", false, "https://app.example.evil.example"},
		{"https://app.example/", "https://other.example/done", true, "https://other.example"},
		{"https://app.example/", "https://other.example/done/", false, "https://other.example"},
		{"https://app.example/", "https://other.example/done?x", false, "https://other.example"},
		{"https://app.example/", "https://OTHER.example/done", false, "https://other.example"},
		{"https://app.example/", "app.example:/done", true, "app.example:"},
		{"https://app.example/", "app.example:/done2", false, "app.example:"},
	} {
		r, err := ReadRequest(asked("client_id", c.client, "redirect_uri", c.redirect))
		if err != nil || info.Takes(r) != c.want || r.Origin() != c.origin {
			t.Errorf("%s to %s: %+v, %v", c.client, c.redirect, r, err)
		}
	}
}

func FuzzReadRequest(f *testing.F) {
	f.Add(asked().Encode())
	f.Add("client_id=https://app.example/&redirect_uri=quill://x&scope=a+b")
	f.Add("client_id=https://[::1]:1/&redirect_uri=https://[::1]:1/%00?a")
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		r, err := ReadRequest(values)
		if r == nil {
			if err == nil {
				t.Fatal("neither a request nor what is wrong")
			}
			return
		}
		if strings.ContainsAny(r.Origin(), " ;,*'\"\n") || r.Origin() == "" {
			t.Errorf("the origin is %q", r.Origin())
		}
		to, parsed := url.Parse(r.Accept("c", "https://blog.example/"))
		if parsed != nil {
			t.Fatalf("the answer goes to no address: %v", parsed)
		}
		if q := to.Query(); to.Host != r.to.Host && !strings.EqualFold(to.Host, r.to.Host) || q.Get("code") != "c" || q.Get("iss") != "https://blog.example/" || q.Get("state") != r.State {
			t.Errorf("the answer goes to %s", to)
		}
		if err != nil {
			return
		}
		if again, err := ReadRequest(r.Values()); err != nil || again.Client != r.Client || again.Challenge != r.Challenge || again.Old != r.Old || again.State != r.State {
			t.Errorf("carried by a form it is %+v (%v)", again, err)
		}
	})
}
