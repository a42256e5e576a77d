package indieauth

import (
	"strings"
	"testing"
)

func TestAnAddressHasOneSpelling(t *testing.T) {
	for address, want := range map[string]string{
		"https://app.example/":                                   "https://app.example/",
		"https://app.example":                                    "https://app.example/",
		"HTTPS://APP.Example":                                    "https://app.example/",
		"https://app.example:443/a":                              "https://app.example/a",
		"http://app.example:80":                                  "http://app.example/",
		"https://app.example:80/":                                "https://app.example:80/",
		"https://app.example:8443":                               "https://app.example:8443/",
		"https://app.example/A/b?C=d":                            "https://app.example/A/b?C=d",
		"https://app.example/%41":                                "https://app.example/%41",
		"https://app.example?x=1":                                "https://app.example/?x=1",
		"http://localhost:8000/":                                 "http://localhost:8000/",
		"http://127.0.0.1:8000/":                                 "http://127.0.0.1:8000/",
		"http://[::1]/":                                          "http://[::1]/",
		"https://xn--bcher-kva.example/":                         "https://xn--bcher-kva.example/",
		"https://a_b.example/.well-known/x":                      "https://a_b.example/.well-known/x",
		"https://app.example/..a":                                "https://app.example/..a",
		"https://bücher.example/":                                "",
		"https://аpp.example/":                                   "", // the first letter is Cyrillic
		"https://app.example/\u2025/":                            "",
		"app.example":                                            "",
		"//app.example/":                                         "",
		"mailto:a@app.example":                                   "",
		"ftp://app.example/":                                     "",
		"javascript://app.example/%0aalert(1)":                   "",
		"https:app.example/":                                     "",
		"https:///app.example/":                                  "",
		"https://app.example/../a":                               "",
		"https://app.example/a/..":                               "",
		"https://app.example/a/./b":                              "",
		"https://app.example/a/%2e%2E/b":                         "",
		"https://app.example/a/.%2e":                             "",
		"https://app.example/#top":                               "",
		"https://app.example/#":                                  "",
		"https://user@app.example/":                              "",
		"https://user:pass@app.example/":                         "",
		"https://@app.example/":                                  "",
		"https://bank.example\\@app.example/":                    "",
		"https://app.example\\.bank.example/":                    "",
		"https://app.example/a b":                                "",
		"https://app.example/\t":                                 "",
		"https://app.example/\r\nX: y":                           "",
		"https://app.example;script-src *":                       "",
		"https://app.example;x/":                                 "",
		"https://app.example,b/":                                 "",
		"https://*/":                                             "",
		"https://*.example/":                                     "",
		"https://app..example/":                                  "",
		"https://app.example./":                                  "",
		"https://.example/":                                      "",
		"https://app.example:/":                                  "",
		"https://app.example:0/":                                 "",
		"https://app.example:0443/":                              "",
		"https://app.example:99999/":                             "",
		"https://app.example:8a/":                                "",
		"https://192.168.1.1/":                                   "",
		"https://127.0.0.2/":                                     "",
		"http://127.1/":                                          "",
		"http://2130706433/":                                     "",
		"http://0x7f000001/":                                     "",
		"http://0x7f.1/":                                         "",
		"http://0177.0.0.01/":                                    "",
		"http://[::ffff:127.0.0.1]/":                             "",
		"http://[::1%25eth0]/":                                   "",
		"http://①②⑦.⓪.⓪.①/":                                      "",
		"https://" + strings.Repeat("a", 64) + "./":              "",
		"https://app.example/" + strings.Repeat("a", maxAddress): "",
		"": "",
	} {
		got, err := Client(address)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q (%v), want %q", address, got, err, want)
		}
		if again, err := Client(got); got != "" && (err != nil || again != got) {
			t.Errorf("%q becomes %q (%v)", got, again, err)
		}
	}
}

// The examples of section 3.2.
func TestAUserHasADomainNameAndNoPort(t *testing.T) {
	for _, good := range []string{"https://example.com/", "https://example.com/username", "https://example.com/users?id=100"} {
		if got, err := User(good); got != good || err != nil {
			t.Errorf("%s is %q (%v)", good, got, err)
		}
	}
	for _, bad := range []string{"example.com", "mailto:user@example.com", "https://example.com/foo/../bar", "https://example.com/#me",
		"https://user:pass@example.com/", "https://example.com:8443/", "https://172.28.92.51/", "http://127.0.0.1/", "http://[::1]/", ""} {
		if got, err := User(bad); err == nil {
			t.Errorf("%s is taken for %q", bad, got)
		}
	}
}

// The example of RFC 7636, appendix B.
func TestAVerifierProvesItsChallenge(t *testing.T) {
	const verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	if got := Challenge(verifier); got != challenge || !isChallenge(got) {
		t.Errorf("the challenge is %q", got)
	}
	for _, c := range []struct {
		verifier, challenge string
		want                bool
	}{
		{verifier, challenge, true},
		{"", "", true}, // nothing asked, nothing shown
		{verifier, "", false},
		{"", challenge, false},
		{challenge, challenge, false},
		{verifier + "x", challenge, false},
		{verifier[:42], Challenge(verifier[:42]), false}, // too short
		{strings.Repeat("a", 128), Challenge(strings.Repeat("a", 128)), true},
		{strings.Repeat("a", 129), Challenge(strings.Repeat("a", 129)), false},
		{strings.Repeat("é", 43), Challenge(strings.Repeat("é", 43)), false},
	} {
		if got := Proves(c.verifier, c.challenge); got != c.want {
			t.Errorf("%q for %q: %v", c.verifier, c.challenge, got)
		}
	}
}
