package auth

import (
	_ "embed"
	"fmt"
	"strings"
)

const (
	shortest = 10
	longest  = 1024
)

// commonPasswords are words that people take for a password, one a line. They
// are refused with digits and signs around them too.
//
//go:embed common.txt
var commonPasswords string

// checkPassword refuses a password that others would guess early. It gives an
// *Invalid or nil.
func checkPassword(password, name, display string) error {
	refuse := func(text string) error { return &Invalid{"password", text} }
	lower := strings.ToLower(password)
	switch {
	case len(password) < shortest:
		return refuse(fmt.Sprintf("A password has at least %d characters. Several words are easy to remember.", shortest))
	case len(password) > longest:
		return refuse(fmt.Sprintf("A password has at most %d bytes.", longest))
	case monotonous(lower):
		return refuse("That password repeats a few characters. Take another, several words for example.")
	case followsKeys(lower):
		return refuse("That password follows the keys or the alphabet. Take another, several words for example.")
	case common(unit(lower)):
		return refuse("That password is one that many people use. Take another, several words for example.")
	case isName(lower, strings.ToLower(name)) || isName(lower, strings.ToLower(display)):
		return refuse("That password is little more than your name. Take another, several words for example.")
	}
	return nil
}

// monotonous reports whether a password has fewer than five different
// characters, or is one short piece again and again.
func monotonous(password string) bool {
	different := map[rune]bool{}
	for _, c := range password {
		different[c] = true
	}
	piece := unit(password)
	return len(different) < 5 || len(piece) < len(password) && len(piece) < 6
}

// unit is the shortest piece that makes the password when it is repeated.
func unit(password string) string {
	for n := 1; n <= len(password)/2; n++ {
		if len(password)%n == 0 && strings.Repeat(password[:n], len(password)/n) == password {
			return password[:n]
		}
	}
	return password
}

// keyRows are orders in which fingers and minds run.
const keyRows = "abcdefghijklmnopqrstuvwxyz 01234567890 " +
	"`1234567890-= qwertyuiop[] asdfghjkl;' zxcvbnm,./ qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn " +
	"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/ 1q2w3e4r5t6y7u8i9o0p qawsedrftgyhujikolp !@#$%^&*()_+"

// followsKeys reports whether at least four fifths of a password are pieces of
// three or more characters that stand in a row, read either way.
func followsKeys(password string) bool {
	covered := 0
	for rest := password; rest != ""; {
		n := run(rest)
		if n >= 3 {
			covered += n
		}
		rest = rest[n:]
	}
	return covered*5 >= len(password)*4
}

// run is how many bytes at the beginning stand in a row, at least one.
func run(password string) int {
	n := 1
	for n < len(password) && (strings.Contains(keyRows, password[:n+1]) || strings.Contains(keyRows, reversed(password[:n+1]))) {
		n++
	}
	return n
}

func reversed(s string) string {
	turned := make([]byte, len(s))
	for i := range len(s) {
		turned[len(s)-1-i] = s[i]
	}
	return string(turned)
}

// around are what people put before and after a word to make it a password.
const around = "0123456789 !@#$%^&*()-_=+[]{};:'\"\\|,.<>/?~`"

// common reports whether a password is on the list, with digits and signs
// around it or in place of letters.
func common(password string) bool {
	word := strings.Trim(password, around)
	plain := strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i").Replace(word)
	for line := range strings.Lines(commonPasswords) {
		if known := strings.TrimSpace(line); known == word || known == plain || known == unit(plain) {
			return true
		}
	}
	return false
}

// isName reports whether little is left of a password without the name, or
// only a common one.
func isName(password, name string) bool {
	if len(name) < 3 || !strings.Contains(password, name) {
		return false
	}
	rest := strings.Trim(strings.ReplaceAll(password, name, ""), around)
	return len(rest) < 4 || common(rest)
}
