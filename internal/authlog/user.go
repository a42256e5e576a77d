package authlog

import "strings"

// tokenLength is where a name is cut, so that the address is never pushed off
// the end of a line.
const tokenLength = 64

// token writes a user's name as one word that cannot be anything else: bytes
// outside A-Za-z0-9._@+:/- become %XX, what is longer than 64 bytes is cut and
// ends in a tilde, and no name is a hyphen.
func token(user string) string {
	if user == "" {
		return "-"
	}
	var b strings.Builder
	for i := range len(user) {
		c := user[i]
		width := 1
		if !plain(c) {
			width = 3
		}
		if b.Len()+width > tokenLength {
			b.WriteByte('~')
			break
		}
		if plain(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String()
}

const hexDigits = "0123456789ABCDEF"

func plain(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("._@+:/-", c) >= 0
}
