package indieauth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

const (
	unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	base64url  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

// Challenge is what a verifier is asked for by (RFC 7636, section 4.2, S256).
func Challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Proves tells whether a verifier answers a challenge. Where nothing was asked,
// nothing may be answered (section 5.3.1).
func Proves(verifier, challenge string) bool {
	if challenge == "" {
		return verifier == ""
	}
	return isVerifier(verifier) && subtle.ConstantTimeCompare([]byte(Challenge(verifier)), []byte(challenge)) == 1
}

func isVerifier(s string) bool {
	return len(s) >= 43 && len(s) <= 128 && strings.Trim(s, unreserved) == ""
}

// isChallenge tells whether s can be 32 bytes in base64url.
func isChallenge(s string) bool { return len(s) == 43 && strings.Trim(s, base64url) == "" }
