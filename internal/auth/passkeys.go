package auth

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"hark/internal/budget"
	"hark/internal/database"
)

// mostPasskeys is how many passkeys a user may have.
const mostPasskeys = 25

// Passkeys lets people in by a key that their device or password manager keeps
// (WebAuthn), and keeps what must be known of those keys. NewPasskeys is its only
// door.
type Passkeys struct {
	gate  *Gate
	web   *webauthn.WebAuthn            // nil where there can be none
	begun *budget.Buckets[netip.Prefix] // logins begun from an address
}

// Passkey is one that a user has added.
type Passkey struct {
	ID, Name string
	Created  time.Time
	Used     time.Time // zero for never
}

// NewPasskeys is for the site at this address. A passkey belongs to a name, and
// browsers use it by https alone, or on the machine itself: elsewhere Able is
// false.
func NewPasskeys(gate *Gate, address string) (*Passkeys, error) {
	p := &Passkeys{gate: gate, begun: budget.New[netip.Prefix](budget.Limit{Burst: 20, Refill: time.Minute})}
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("read the address of the site: %w", err)
	}
	host := u.Hostname()
	if net.ParseIP(host) != nil || u.Scheme != "https" && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return p, nil
	}
	p.web, err = webauthn.New(&webauthn.Config{
		RPID:                  host,
		RPDisplayName:         host,
		RPOrigins:             []string{origin(u)},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: protocol.ResidentKeyRequired(),
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			UserVerification:   protocol.VerificationRequired,
		},
		// We ask for no extension; some password managers answer all the same.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("make ready for passkeys: %w", err)
	}
	return p, nil
}

// origin is how browsers write where a page is from.
func origin(u *url.URL) string {
	standard := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	return u.Scheme + "://" + strings.TrimSuffix(u.Host, ":"+standard)
}

// From is the same as a client meets it, as Gate.From has it.
func (p *Passkeys) From(address netip.Addr, agent string) *Passkeys {
	met := *p
	met.gate = p.gate.From(address, agent)
	return &met
}

// Able reports whether there can be passkeys at the address of this site.
func (p *Passkeys) Able() bool { return p != nil && p.web != nil }

// List gives the passkeys of a user, the newest last.
func (p *Passkeys) List(ctx context.Context, userID string) ([]Passkey, error) {
	rows, err := p.gate.db.Query(ctx, `
		SELECT id, name, created_at, used_at
		FROM passkeys
		WHERE user_id = $1
		ORDER BY created_at, id`, userID)
	if err != nil {
		return nil, fmt.Errorf("list passkeys: %w", err)
	}
	defer rows.Close()
	var list []Passkey
	for rows.Next() {
		var one Passkey
		var created, used int64
		if err := rows.Scan(&one.ID, &one.Name, &created, &used); err != nil {
			return nil, fmt.Errorf("list passkeys: %w", err)
		}
		one.Created, one.Used = database.Time(created), database.Time(used)
		list = append(list, one)
	}
	return list, rows.Err()
}

// Rename calls a user's passkey something else.
func (p *Passkeys) Rename(ctx context.Context, userID, id, name string) error {
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	return p.change(ctx, func(tx *database.Tx) (int64, error) {
		return tx.Exec("UPDATE passkeys SET name = $1 WHERE user_id = $2 AND id = $3", name, userID, id)
	})
}

// Remove forgets a user's passkey, which opens nothing from then on.
func (p *Passkeys) Remove(ctx context.Context, userID, id string) error {
	return p.change(ctx, func(tx *database.Tx) (int64, error) {
		removed, err := tx.Exec("DELETE FROM passkeys WHERE user_id = $1 AND id = $2", userID, id)
		if err != nil || removed == 0 {
			return removed, err
		}
		return removed, p.gate.log.changed(tx, userID, PasskeyRemoved, "")
	})
}

func (p *Passkeys) change(ctx context.Context, do func(*database.Tx) (int64, error)) error {
	err := p.gate.db.InTx(ctx, func(tx *database.Tx) error {
		changed, err := do(tx)
		if err == nil && changed == 0 {
			return ErrNoPasskey
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("change a passkey: %w", err)
	}
	return nil
}

// passkeyName is a name as it is kept.
func passkeyName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return "A passkey", nil
	}
	if !validDisplay(name) {
		return "", &Invalid{"name", fmt.Sprintf("The name of a passkey is at most %d characters on one line.", longestDisplay)}
	}
	return name, nil
}

// BeginAdd asks a browser to make a passkey for a user.
func (p *Passkeys) BeginAdd(ctx context.Context, u *User) (*Ceremony, error) {
	h, err := p.holder(ctx, u)
	if err != nil {
		return nil, err
	}
	if len(h.keys) >= mostPasskeys {
		return nil, &Invalid{"passkey", fmt.Sprintf("There are %d passkeys already. Remove one that you do not use.", mostPasskeys)}
	}
	options, asked, err := p.web.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return nil, fmt.Errorf("begin to add a passkey: %w", err)
	}
	return p.ask(ctx, u.ID, asked, options)
}

// Add keeps the passkey that a browser made after BeginAdd. What cannot be kept
// is told by an *Invalid.
func (p *Passkeys) Add(ctx context.Context, u *User, ceremony string, answer []byte, name string) error {
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	asked, err := p.answered(ctx, ceremony, u.ID)
	if errors.Is(err, ErrNoPending) {
		return &Invalid{"passkey", "That took longer than five minutes, or was done already. Begin again."}
	}
	if err != nil {
		return err
	}
	key, err := p.made(u, asked, answer)
	if err != nil {
		return &Invalid{"passkey", "What the browser made is no passkey that this site can use. Try once more, or with another device."}
	}
	record, err := recordOf(key)
	if err != nil {
		return err
	}
	err = p.gate.db.InTx(ctx, func(tx *database.Tx) error {
		kept, err := tx.Exec(`
			INSERT INTO passkeys (id, user_id, credential, record, counter, name, created_at, used_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
			ON CONFLICT (credential) DO NOTHING`,
			database.NewID(), u.ID, credentialText(key.ID), record, int64(key.Authenticator.SignCount), name, p.gate.now().Unix())
		if err == nil && kept == 0 {
			return &Invalid{"passkey", "This passkey is known here already."}
		}
		if err != nil {
			return err
		}
		return p.gate.log.changed(tx, u.ID, PasskeyAdded, "")
	})
	if err != nil {
		return fmt.Errorf("keep a passkey of %s: %w", u.Name, err)
	}
	return nil
}

// made verifies a passkey that a browser says it has made.
func (p *Passkeys) made(u *User, asked *webauthn.SessionData, answer []byte) (*webauthn.Credential, error) {
	given, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, err
	}
	return p.web.CreateCredential(&holder{user: u}, *asked, given)
}

// holder is a user as the library wants to see one.
type holder struct {
	user *User
	keys []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { return []byte(h.user.ID) }
func (h *holder) WebAuthnName() string                       { return h.user.Name }
func (h *holder) WebAuthnDisplayName() string                { return h.user.DisplayName }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// holder is a user with all passkeys.
func (p *Passkeys) holder(ctx context.Context, u *User) (*holder, error) {
	rows, err := p.gate.db.Query(ctx, "SELECT record, counter FROM passkeys WHERE user_id = $1", u.ID)
	if err != nil {
		return nil, fmt.Errorf("read passkeys: %w", err)
	}
	defer rows.Close()
	h := &holder{user: u}
	for rows.Next() {
		var record string
		var counter int64
		if err := rows.Scan(&record, &counter); err != nil {
			return nil, fmt.Errorf("read passkeys: %w", err)
		}
		key, err := keyOf(record, counter)
		if err != nil {
			return nil, err
		}
		h.keys = append(h.keys, key)
	}
	return h, rows.Err()
}

// heldKey is a passkey with its holder.
type heldKey struct {
	id   string
	user *User
	key  webauthn.Credential
}

// find looks for the passkey that a browser names; nil is one that nobody has.
func (p *Passkeys) find(ctx context.Context, credential []byte) (*heldKey, error) {
	var id, record string
	var counter int64
	u, err := scanUser(p.gate.db.QueryRow(ctx, `
		SELECT `+userColumns+`, passkeys.id, passkeys.record, passkeys.counter
		FROM passkeys
		JOIN users ON users.id = passkeys.user_id
		WHERE passkeys.credential = $1`, credentialText(credential)), &id, &record, &counter)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find a passkey: %w", err)
	}
	key, err := keyOf(record, counter)
	if err != nil {
		return nil, err
	}
	return &heldKey{id, u, key}, nil
}

func credentialText(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }

// recordOf is what is kept of a passkey beside its counter. Who made the device
// that holds it was not asked.
func recordOf(key *webauthn.Credential) (string, error) {
	kept := *key
	kept.Attestation = webauthn.CredentialAttestation{}
	record, err := json.Marshal(kept)
	if err != nil {
		return "", fmt.Errorf("write down a passkey: %w", err)
	}
	return string(record), nil
}

func keyOf(record string, counter int64) (key webauthn.Credential, err error) {
	if err := json.Unmarshal([]byte(record), &key); err != nil {
		return key, fmt.Errorf("read a passkey: %w", err)
	}
	key.Authenticator.SignCount = uint32(counter)
	return key, nil
}
