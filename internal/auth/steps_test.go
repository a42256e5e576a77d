package auth

import (
	"encoding/base32"
	"testing"
	"time"
)

// The vectors of RFC 6238, appendix B, of which six digits are asked for.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for at, code := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		step, ok := stepOf(secret, code, time.Unix(at, 0))
		if !ok || step != at/30 {
			t.Errorf("the code of %d is taken for that of step %d (%v), want %d", at, step, ok, at/30)
		}
	}
}

func TestWhatIsTypedIsTakenForACodeOfOneKind(t *testing.T) {
	for code, want := range map[string]string{
		"287082": "second-factor", " 287 082\n": "second-factor", "287-082": "second-factor", "287\u00a0082": "second-factor", "": "second-factor", "  ": "second-factor",
		"1111-1111-1111-1111": "recovery-code", "abcd-efgh-jkmn-pqrs": "recovery-code", "28708": "recovery-code", "٢٨٧٠٨٢": "recovery-code",
	} {
		if got := codeMethod(code); string(got) != want {
			t.Errorf("%q is taken for a %s, want %s", code, got, want)
		}
	}
}
