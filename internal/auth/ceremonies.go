package auth

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"hark/internal/authlog"
	"hark/internal/budget"
	"hark/internal/database"
)

const (
	ceremonyLife = 5 * time.Minute

	// mostCeremonies is how many logins by passkey may be under way. Anybody may
	// begin one, so the oldest make room.
	mostCeremonies = 2000
)

// Ceremony is what a browser is asked. Token goes with its answer, once; Options
// is for the browser's script, as JSON.
type Ceremony struct {
	Token   string
	Expires time.Time
	Options json.RawMessage
}

// ask remembers what a browser is asked.
func (p *Passkeys) ask(ctx context.Context, userID string, asked *webauthn.SessionData, options any) (*Ceremony, error) {
	now := p.gate.now()
	c := &Ceremony{Token: newSecret(), Expires: now.Add(ceremonyLife)}
	kept, err := json.Marshal(asked)
	if err != nil {
		return nil, fmt.Errorf("write down a ceremony: %w", err)
	}
	if c.Options, err = json.Marshal(options); err != nil {
		return nil, fmt.Errorf("write down a ceremony: %w", err)
	}
	err = p.gate.db.InTx(ctx, func(tx *database.Tx) error {
		if err := forgetEnded(tx, now); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO ceremonies (token_hash, user_id, asked, expires_at) VALUES ($1, $2, $3, $4)",
			digest(c.Token), userID, string(kept), c.Expires.Unix())
		if err != nil || userID != "" {
			return err
		}
		_, err = tx.Exec(`
			DELETE FROM ceremonies
			WHERE user_id = '' AND token_hash NOT IN (
				SELECT token_hash
				FROM ceremonies
				WHERE user_id = ''
				ORDER BY expires_at DESC, token_hash
				LIMIT $1)`, mostCeremonies)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("begin a ceremony: %w", err)
	}
	return c, nil
}

// answered gives what was asked of a browser whose answer has come, once. What
// waited too long, was answered before or never asked is ErrNoPending.
func (p *Passkeys) answered(ctx context.Context, token, userID string) (*webauthn.SessionData, error) {
	now := p.gate.now()
	var kept string
	err := p.gate.db.InTx(ctx, func(tx *database.Tx) error {
		err := tx.QueryRow(`
			SELECT asked
			FROM ceremonies
			WHERE token_hash = $1 AND user_id = $2 AND expires_at > $3 AND expires_at <= $4`,
			digest(token), userID, now.Unix(), now.Add(ceremonyLife+clockSlack).Unix()).Scan(&kept)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoPending
		}
		if err != nil {
			return err
		}
		ended, err := tx.Exec("DELETE FROM ceremonies WHERE token_hash = $1", digest(token))
		if err == nil && ended == 0 {
			return ErrNoPending
		}
		return err
	})
	if errors.Is(err, ErrNoPending) {
		return nil, ErrNoPending
	}
	if err != nil {
		return nil, fmt.Errorf("end a ceremony: %w", err)
	}
	asked := &webauthn.SessionData{}
	if err := json.Unmarshal([]byte(kept), asked); err != nil {
		return nil, fmt.Errorf("read a ceremony: %w", err)
	}
	return asked, nil
}

// BeginLogin asks a browser for a passkey of this site, whoever's it is.
func (p *Passkeys) BeginLogin(ctx context.Context, from netip.Addr) (*Ceremony, error) {
	if retry, ok := p.begun.Take(budget.Address(from), p.gate.now()); !ok {
		p.gate.log.Throttled("", from)
		return nil, &Throttled{RetryAfter: retry}
	}
	options, asked, err := p.web.BeginDiscoverableLogin()
	if err != nil {
		return nil, fmt.Errorf("begin a login by passkey: %w", err)
	}
	return p.ask(ctx, "", asked, options)
}

// Login begins a session for who has a passkey, which makes sure of the person
// itself, so that nothing else is asked. One that is not known, or proves
// nothing, is ErrRefused; an answer too late, or given before, is ErrNoPending.
// The budgets are those of a password.
func (p *Passkeys) Login(ctx context.Context, ceremony string, answer []byte, device string, from netip.Addr, agent string) (Session, error) {
	g := p.gate.seenBy(agent)
	given, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil || p.web == nil {
		return Session{}, g.refuseUnknown(authlog.Passkey, from, ErrRefused)
	}
	held, err := p.find(ctx, given.RawID)
	if err != nil {
		return Session{}, err
	}
	if held == nil {
		return Session{}, g.refuseUnknown(authlog.Passkey, from, ErrRefused)
	}
	a := attempt{name: held.user.Name, typed: held.user.Name, device: device, from: from, agent: agent}
	if a.seen, err = g.knows(ctx, device, held.user.ID); err != nil {
		return Session{}, err
	}
	if retry, ok := g.admit(ctx, a); !ok {
		return Session{}, g.throttled(a, retry)
	}
	s, err := p.enter(ctx, ceremony, held, given, a)
	for _, refusal := range []error{ErrRefused, ErrNoPending} {
		if errors.Is(err, refusal) {
			g.log.Failure(held.user.Name, authlog.Passkey, from)
			return Session{}, refusal
		}
	}
	if err != nil {
		return Session{}, fmt.Errorf("log %s in by passkey: %w", held.user.Name, err)
	}
	g.forgive(a)
	g.log.Accepted(held.user.Name, authlog.Passkey, from)
	return s, nil
}

// enter verifies what the passkey has signed, and makes the session.
func (p *Passkeys) enter(ctx context.Context, ceremony string, held *heldKey, given *protocol.ParsedCredentialAssertionData, a attempt) (s Session, err error) {
	asked, err := p.answered(ctx, ceremony, "")
	if err != nil {
		return Session{}, err
	}
	whose := func(_, _ []byte) (webauthn.User, error) {
		return &holder{user: held.user, keys: []webauthn.Credential{held.key}}, nil
	}
	_, key, err := p.web.ValidatePasskeyLogin(whose, *asked, given)
	if err != nil {
		return Session{}, ErrRefused
	}
	if key.Authenticator.CloneWarning {
		slog.Warn("a passkey counts its uses backwards, so there may be a copy of it; it was refused", "user", held.user.Name)
		return Session{}, ErrRefused
	}
	record, err := recordOf(key)
	if err != nil {
		return Session{}, err
	}
	err = p.gate.db.InTx(ctx, func(tx *database.Tx) error {
		// One that was removed meanwhile, or has counted on, is none.
		used, err := tx.Exec(`
			UPDATE passkeys
			SET record = $1, counter = $2, used_at = $3
			WHERE id = $4 AND (counter < $2 OR counter = 0 AND $2 = 0)`,
			record, int64(key.Authenticator.SignCount), p.gate.now().Unix(), held.id)
		if err == nil && used == 0 {
			return ErrRefused
		}
		if err != nil {
			return err
		}
		s, err = p.gate.begin(tx, *held.user, a)
		return err
	})
	return s, err
}
