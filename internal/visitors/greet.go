package visitors

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"hark/internal/database"
	"hark/internal/fetch"
	"hark/internal/indieauth"
)

// Way is where a reader goes to say who they are.
type Way struct {
	Address string // with all that is asked
	Host    string // of it, for people
	Key     string // which the browser has to bring back
}

// Greet finds where the owner of an address says that it is theirs, and remembers
// what is asked there; next is told by Return. me is as indieauth.Person spells it.
// Why there is no way is a *Trouble, or ErrBusy.
func (b *Book) Greet(ctx context.Context, me, next string) (*Way, error) {
	server, err := b.server(ctx, me)
	if err != nil {
		return nil, err
	}
	ask := indieauth.NewAsk(b.Client, b.Redirect, me)
	way := &Way{Address: server.Address(ask), Host: indieauth.Host(server.Authorization), Key: rand.Text() + rand.Text()}
	err = b.DB.InTx(ctx, func(tx *database.Tx) error {
		if err := b.makeRoom(tx); err != nil {
			return err
		}
		_, err := tx.Exec(`
			INSERT INTO greetings (key_hash, state, verifier, me, issuer, endpoint, next, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			digest(way.Key), ask.State, ask.Verifier, me, server.Issuer, server.Authorization, next, b.Now().Add(AskLife).Unix())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("greet a reader: %w", err)
	}
	return way, nil
}

// makeRoom forgets whom nobody can be any more. Those who are being asked are never
// forgotten for others who came later.
func (b *Book) makeRoom(tx *database.Tx) error {
	if _, err := tx.Exec("DELETE FROM greetings WHERE expires_at <= $1", b.Now().Unix()); err != nil {
		return err
	}
	var asked int
	if err := tx.QueryRow("SELECT count(*) FROM greetings").Scan(&asked); err != nil {
		return err
	}
	if asked >= mostAsked {
		return ErrBusy
	}
	return nil
}

// greeting is what was asked of a reader.
type greeting struct {
	ask    indieauth.Ask
	server indieauth.Server
	next   string
}

// Return hears what a reader's server says, by the query with which the browser came
// back and the key that it holds. It gives the address that the server vouches for,
// in its one spelling, and next as Greet had it. A greeting counts once. One that
// nobody made, or another browser, is ErrNobody; what else is wrong is a *Trouble.
func (b *Book) Return(ctx context.Context, key string, query url.Values) (me, next string, err error) {
	g, err := b.take(ctx, key, query.Get("state"))
	if err != nil {
		return "", "", err
	}
	code, err := g.server.Code(query, g.ask.State)
	switch {
	case errors.Is(err, indieauth.ErrDenied):
		return "", g.next, &Trouble{"Your site has not said that it is you.", err}
	case errors.Is(err, indieauth.ErrMixedUp):
		return "", g.next, &Trouble{"The answer came from another place than was asked, so nothing was done.", err}
	case err != nil:
		return "", g.next, &Trouble{notAnswered, err}
	}
	me, err = b.identify(ctx, g, code)
	if err != nil {
		return "", g.next, err
	}
	if me == g.ask.Me {
		return me, g.next, nil
	}
	return me, g.next, b.confirm(ctx, me, g.server)
}

const notAnswered = "What your site answered could not be understood."

// take gives what was asked of who holds a key, once. An answer with another state
// takes nothing: whoever makes one up must not spoil the true one.
func (b *Book) take(ctx context.Context, key, state string) (*greeting, error) {
	if key == "" || state == "" {
		return nil, ErrNobody
	}
	var g *greeting
	err := b.DB.InTx(ctx, func(tx *database.Tx) error {
		g = &greeting{ask: indieauth.Ask{Client: b.Client, Redirect: b.Redirect}}
		return tx.QueryRow(`
			DELETE FROM greetings
			WHERE key_hash = $1 AND state = $2 AND expires_at > $3
			RETURNING state, verifier, me, issuer, endpoint, next`, digest(key), state, b.Now().Unix()).
			Scan(&g.ask.State, &g.ask.Verifier, &g.ask.Me, &g.server.Issuer, &g.server.Authorization, &g.next)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNobody
	}
	if err != nil {
		return nil, fmt.Errorf("find whom a reader said to be: %w", err)
	}
	return g, nil
}

func (b *Book) identify(ctx context.Context, g *greeting, code string) (string, error) {
	ctx, leave, err := b.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	me, err := g.server.Identify(ctx, b.Fetch.Polite(), g.ask, code)
	switch {
	case errors.Is(err, fetch.ErrBusy):
		return "", fmt.Errorf("%w: %w", ErrBusy, err)
	case errors.Is(err, indieauth.ErrDenied):
		return "", &Trouble{"Your site has not said that it is you.", err}
	case err != nil:
		return "", &Trouble{"Your site could not be asked who you are.", err}
	}
	return me, nil
}

// confirm asks the page at an address, which nobody has typed, whether it has its
// owner vouched for by this server: else any server could speak for any address
// (IndieAuth, section 5.4).
func (b *Book) confirm(ctx context.Context, me string, server indieauth.Server) error {
	found, err := b.server(ctx, me)
	if errors.Is(err, ErrBusy) {
		return err
	}
	if err != nil || found != server {
		return &Trouble{"Your site named an address that is not vouched for there, so nothing was done.", errors.Join(err, fmt.Errorf("%s is not vouched for by %s", me, server.Authorization))}
	}
	return nil
}

// enter bounds how many sites of readers are visited, and for how long.
func (b *Book) enter(ctx context.Context) (context.Context, func(), error) {
	select {
	case b.doors <- struct{}{}:
	default:
		return nil, nil, ErrBusy
	}
	ctx, cancel := context.WithTimeoutCause(ctx, askTime, fetch.ErrTooSlow)
	return ctx, func() {
		cancel()
		<-b.doors
	}, nil
}

// server finds the server of the owner of an address. Where the address is a safe one
// (https) all of the way to its server has to be, or whoever sits on the way could be
// anybody. Of what went wrong on the way nothing is told: it would tell strangers
// about hosts that they cannot reach themselves.
func (b *Book) server(ctx context.Context, me string) (indieauth.Server, error) {
	ctx, leave, err := b.enter(ctx)
	if err != nil {
		return indieauth.Server{}, err
	}
	defer leave()
	page, err := b.visit(ctx, me, nil)
	switch {
	case errors.Is(err, ErrBusy):
		return indieauth.Server{}, err
	case err != nil:
		return indieauth.Server{}, &Trouble{"Nothing could be read at that address. Is it written as a browser shows it?", err}
	}
	server, plain := indieauth.Server{}, page.Plain
	switch pointers := indieauth.Point(page.URL, page.Header, page.Body); {
	case pointers.Metadata != "":
		said, err := b.visit(ctx, pointers.Metadata, http.Header{"Accept": {"application/json"}})
		if err == nil {
			plain = plain || said.Plain
			server, err = indieauth.ReadMetadata(pointers.Metadata, said.Body)
		}
		switch {
		case errors.Is(err, ErrBusy):
			return indieauth.Server{}, err
		case err != nil:
			return indieauth.Server{}, &Trouble{"Your page names where to sign in, but what stands there could not be understood.", err}
		}
	case pointers.Authorization != "":
		server.Authorization = pointers.Authorization
	default:
		return indieauth.Server{}, &Trouble{Text: "The page at that address does not say where its owner signs in. It has to speak IndieAuth; the page about IndieAuth says how: https://indieauth.net/"}
	}
	if !safe(me, plain, server) {
		return indieauth.Server{}, &Trouble{Text: "Part of the way to where you sign in is not encrypted (https), so that anybody could say to be you."}
	}
	return server, nil
}

// safe tells whether the way to a server was as safe as the address that it is to
// vouch for; plain, whether some of it went by plain http.
func safe(me string, plain bool, server indieauth.Server) bool {
	return !strings.HasPrefix(me, "https://") || !plain && server.Secure()
}

// visit reads a page that has to be there. Where it is our turn that does not come,
// that says nothing of the page, and is ErrBusy.
func (b *Book) visit(ctx context.Context, address string, header http.Header) (*fetch.Page, error) {
	page, err := b.Fetch.GetText(ctx, address, header)
	switch {
	case errors.Is(err, fetch.ErrBusy):
		return nil, fmt.Errorf("%w: %w", ErrBusy, err)
	case err == nil && page.Status != http.StatusOK:
		err = fmt.Errorf("%s answers %d", address, page.Status)
	}
	return page, err
}
