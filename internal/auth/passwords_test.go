package auth

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
)

func TestWeakPasswordsAreRefused(t *testing.T) {
	for _, password := range []string{
		"", "short", "123456789", "aaaaaaaaaa", "abababababab", "1212121212", "abc12abc12",
		"1234567890", "0987654321", "qwertyuiop", "poiuytrewq", "qwerty12345", "12345qwert", "asdfghjkl;", "1qaz2wsx3edc",
		"1q2w3e4r5t", "abcdefghij", "zyxwvutsrq", "qwerty123456!",
		"password123", "Password2024!", "P@ssw0rd!!", "passwordpassword", "!!!letmein!!!", "iloveyou2026", "Welcome1234",
		"sunshine01", "monkey12345", "wordpress99", "indieweb2026",
		"alice12345", "alicealice", "12345alice!", "AliceAlice1", "alicepassword1", "alice example 1",
		strings.Repeat("long", 256) + "x",
	} {
		err := checkPassword(password, "alice", "Alice Example")
		var invalid *Invalid
		if !errors.As(err, &invalid) || invalid.Field != "password" {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestGoodPasswordsAreTaken(t *testing.T) {
	for _, password := range []string{
		"four small words here", "correct horse battery staple", "x7#Kq9!vLm2$", "alice-walks-the-dog", "Täglich grüßt das Tier",
		"test-password-1", "a password of mine", "schlüssel für hark", "0c9a77f14be2d06f", "hunter2-hunter2-hunter2",
		strings.Repeat("word and ", 113),
	} {
		if err := checkPassword(password, "alice", "Alice Example"); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestHashesAreReadBack(t *testing.T) {
	h := newHasher()
	ctx := context.Background()
	stored, err := h.hash(ctx, "four small words here")
	if err != nil {
		t.Fatal(err)
	}
	again, _ := h.hash(ctx, "four small words here")
	if stored == again {
		t.Error("two hashes have one salt")
	}
	for password, want := range map[string]bool{"four small words here": true, "four small words Here": false, "": false} {
		if got, err := h.matches(ctx, password, stored, false); got != want || err != nil {
			t.Errorf("%q: %v %v, want %v", password, got, err, want)
		}
	}
	if got, err := h.matches(ctx, "", nobody, false); got || err != nil {
		t.Errorf("the hash of nobody: %v %v", got, err)
	}
}

// The reference program of argon2 gave this one: printf password | argon2 somesalt -id -t 2 -m 16 -p 1 -e
func TestHashOfTheReferenceProgramMatches(t *testing.T) {
	const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if got, err := newHasher().matches(context.Background(), "password", reference, false); !got || err != nil {
		t.Errorf("%v %v", got, err)
	}
}

func TestUnreadableHashIsAnError(t *testing.T) {
	for _, stored := range []string{
		"", "$argon2id$", strings.Replace(nobody, "argon2id", "argon2i", 1), strings.Replace(nobody, "v=19", "v=16", 1),
		strings.Replace(nobody, "m=19456", "m=4294967295", 1), strings.Replace(nobody, "t=2", "t=0", 1),
		strings.Replace(nobody, "p=1", "p=0", 1), nobody[:60], nobody + "!",
	} {
		if _, err := newHasher().matches(context.Background(), "x", stored, false); err == nil {
			t.Errorf("%q was taken", stored)
		}
	}
}

func TestFewHashesAtOnceAndFewWait(t *testing.T) {
	h := newHasher()
	var done []func()
	for range cap(h.cores) {
		d, err := h.turn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, d)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	for range waiting {
		go func() {
			_, err := h.matches(ctx, "x", nobody, false)
			ended <- err
		}()
	}
	for len(h.queue) < waiting {
		runtime.Gosched()
	}
	if _, err := h.matches(ctx, "x", nobody, false); !errors.Is(err, errCrowded) {
		t.Errorf("one more: %v", err)
	}
	cancel()
	for range waiting {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("a waiting one ended with %v", err)
		}
	}
	if _, err := h.matches(ctx, "x", nobody, true); !errors.Is(err, context.Canceled) {
		t.Errorf("a patient one ended with %v", err)
	}
	for _, d := range done {
		d()
	}
	if got, err := h.matches(context.Background(), "x", nobody, false); got || err != nil {
		t.Errorf("with the cores free again: %v %v", got, err)
	}
}
