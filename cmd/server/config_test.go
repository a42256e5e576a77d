package main

import (
	"strings"
	"testing"
)

func TestAWordBeforeTheLinesCannotBeTakenForAnythingElse(t *testing.T) {
	for word, ok := range map[string]bool{
		"hark": true, "idno(blog.example)": true, "a-b_c.d": true, "": true,
		"two words": false, "hark:": false, "hark[1]": false, "a\nb": false, "%s": false, strings.Repeat("a", 49): false,
	} {
		_, err := (&config{Addr: "127.0.0.1:8080", URL: "http://localhost:8080", AuthLogIdent: word}).check()
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "HARK_AUTH_LOG_IDENT") {
			t.Errorf("%q: %v, want it taken: %v", word, err, ok)
		}
	}
}
