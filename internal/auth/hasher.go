package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a hash: two passes over 19 MiB in one lane.
const (
	passes   = 2
	memory   = 19 * 1024 // KiB
	lanes    = 1
	saltSize = 16
	keySize  = 32
)

// most bounds what a stored hash may ask for.
const (
	mostPasses = 16
	mostMemory = 256 * 1024
)

// waiting is how many people may wait for their password to be looked at.
const waiting = 64

// nobody is a hash that no password has. An unknown user's password is compared
// with it, so that the answer takes as long as a known one's.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// errCrowded says that too many wait for their turn.
var errCrowded = errors.New("too many logins wait")

// hasher turns passwords into argon2id hashes, which each take a core and 19 MiB for
// a while: at most one per core at a time, and with several cores one stays free for
// readers.
type hasher struct {
	cores chan struct{}
	queue chan struct{}
}

func newHasher() *hasher {
	return &hasher{
		cores: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
		queue: make(chan struct{}, waiting),
	}
}

// turn waits for a core until ctx ends.
func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	select {
	case h.cores <- struct{}{}:
		return h.release, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
}

// release gives the core back, and first the memory: left to itself the collector
// lets the garbage of many hashes pile up.
func (h *hasher) release() {
	runtime.GC()
	<-h.cores
}

// hash makes the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := make([]byte, saltSize)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, passes, memory, lanes, keySize)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, memory, passes, lanes, encode(salt), encode(key)), nil
}

// matches compares a password with a PHC string. Who is patient waits for a core
// as long as it takes; others are sent away when many wait already.
func (h *hasher) matches(ctx context.Context, password, phc string, patient bool) (bool, error) {
	if !patient {
		select {
		case h.queue <- struct{}{}:
			defer func() { <-h.queue }()
		default:
			return false, errCrowded
		}
	}
	want, err := parsePHC(phc)
	if err != nil {
		return false, err
	}
	done, err := h.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	got := argon2.IDKey([]byte(password), want.salt, want.passes, want.memory, want.lanes, uint32(len(want.key)))
	return subtle.ConstantTimeCompare(got, want.key) == 1, nil
}

// phc is a stored hash.
type phc struct {
	memory, passes uint32
	lanes          uint8
	salt, key      []byte
}

// parsePHC reads $argon2id$v=19$m=…,t=…,p=…$salt$key. The cost is read from it,
// so that hashes made before the cost is raised stay good.
func parsePHC(text string) (p phc, err error) {
	bad := errors.New("the stored password hash is unreadable")
	fields := strings.Split(text, "$")
	if len(fields) != 6 || fields[1] != "argon2id" || fields[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, bad
	}
	if _, err := fmt.Sscanf(fields[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.lanes); err != nil {
		return phc{}, bad
	}
	if p.memory > mostMemory || p.passes < 1 || p.passes > mostPasses || p.lanes < 1 {
		return phc{}, bad
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(fields[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(fields[5])
	if errors.Join(saltErr, keyErr) != nil || len(key) < 16 {
		return phc{}, bad
	}
	p.salt, p.key = salt, key
	return p, nil
}
