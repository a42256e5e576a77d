package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"hark/internal/auth"
)

// key is a passkey in a device, and the browser around it.
type key struct {
	t       testing.TB
	origin  string
	site    string // the name that it is for
	id      []byte
	private *ecdsa.PrivateKey
	handle  []byte
	counter uint32
	flags   byte
}

// What a device says of a use (WebAuthn §6.1).
const (
	present  = 0x01
	verified = 0x04
	backable = 0x08
	attested = 0x40
)

func newKey(t testing.TB) *key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k := &key{t: t, origin: "https://blog.example", site: "blog.example", id: make([]byte, 20), private: private, flags: present | verified | backable}
	rand.Read(k.id)
	return k
}

// options are what a page's script gets of a ceremony.
type options struct {
	PublicKey struct {
		Challenge                            string
		RPID                                 string
		RP                                   struct{ ID, Name string }
		User                                 struct{ ID, Name, DisplayName string }
		Attestation, UserVerification        string
		AllowCredentials, ExcludeCredentials []struct{ ID string }
		AuthenticatorSelection               struct {
			ResidentKey, UserVerification string
			RequireResidentKey            bool
		}
	}
}

func read(t testing.TB, c *auth.Ceremony) (o options) {
	t.Helper()
	if err := json.Unmarshal(c.Options, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (k *key) clientData(kind, challenge string) []byte {
	return k.json(map[string]any{"type": kind, "challenge": challenge, "origin": k.origin, "crossOrigin": false})
}

func (k *key) authData(more byte, tail []byte) []byte {
	site := sha256.Sum256([]byte(k.site))
	data := append(site[:], k.flags|more)
	data = binary.BigEndian.AppendUint32(data, k.counter)
	return append(data, tail...)
}

// create answers a ceremony that adds a passkey.
func (k *key) create(c *auth.Ceremony) []byte {
	k.t.Helper()
	o := read(k.t, c)
	k.handle = unb64(k.t, o.PublicKey.User.ID)
	point, err := k.private.PublicKey.Bytes()
	if err != nil {
		k.t.Fatal(err)
	}
	public := k.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	tail := make([]byte, 16, 256) // of no model that it names
	tail = binary.BigEndian.AppendUint16(tail, uint16(len(k.id)))
	tail = append(append(tail, k.id...), public...)
	object := k.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": k.authData(attested, tail)})
	return k.answer(map[string]any{
		"clientDataJSON": b64(k.clientData("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(object), "transports": []string{"internal"},
	})
}

// get answers a ceremony that signs in.
func (k *key) get(c *auth.Ceremony) []byte {
	k.t.Helper()
	if k.counter > 0 {
		k.counter++
	}
	client, data := k.clientData("webauthn.get", read(k.t, c).PublicKey.Challenge), k.authData(0, nil)
	hash := sha256.Sum256(client)
	signed := sha256.Sum256(append(data[:len(data):len(data)], hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, signed[:])
	if err != nil {
		k.t.Fatal(err)
	}
	return k.answer(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(k.handle),
	})
}

func (k *key) answer(response map[string]any) []byte {
	return k.json(map[string]any{"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "clientExtensionResults": map[string]any{}, "response": response})
}

func (k *key) json(v any) []byte {
	k.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		k.t.Fatal(err)
	}
	return b
}

func (k *key) cbor(v any) []byte {
	k.t.Helper()
	b, err := webauthncbor.Marshal(v)
	if err != nil {
		k.t.Fatal(err)
	}
	return b
}
