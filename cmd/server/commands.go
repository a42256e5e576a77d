package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"hark/internal/auth"
	"hark/internal/authlog"
	"hark/internal/database"
	choices "hark/internal/settings"
)

type userCommand struct {
	Add    userAdd    `cmd:"" help:"Make an account."`
	Passwd userPasswd `cmd:"" help:"Set the password of an account, which ends its sessions."`
	Reset  userReset  `cmd:"" help:"Print a link by which a new password is chosen, once, within an hour."`
	Unlock userUnlock `cmd:"" help:"Let an account try to sign in again at once, after too many wrong passwords."`
	List   userList   `cmd:"" help:"List the accounts."`
	Codes  userCodes  `cmd:"" help:"Switch off the one-time codes of an account, for who has lost them."`
}

type userAdd struct {
	Name          string `arg:"" help:"The name to sign in with."`
	Role          string `default:"owner" enum:"owner,editor,author" help:"What it may do: owner, editor or author."`
	PasswordStdin bool   `required:"" help:"Read the password from standard input."`
}

// Run makes an account.
func (u userAdd) Run(c *config, in io.Reader) error {
	password, err := readPassword(in)
	if err != nil {
		return err
	}
	return c.withNewGate(func(ctx context.Context, gate *auth.Gate, db *database.DB) error {
		if _, err := gate.Add(ctx, u.Name, u.Name, password, u.Role); err != nil {
			return err
		}
		if u.Role != auth.Owner {
			return nil
		}
		return nameAuthor(ctx, choices.New(db), u.Name)
	})
}

// nameAuthor gives the site its author's name, if it has none yet.
func nameAuthor(ctx context.Context, store *choices.Store, name string) error {
	site, err := store.Site(ctx)
	if err != nil || site.Author != "" {
		return err
	}
	site.Author = name
	return store.Save(ctx, site)
}

type userPasswd struct {
	Name          string `arg:"" help:"The name to sign in with."`
	PasswordStdin bool   `required:"" help:"Read the password from standard input."`
}

// Run sets a password.
func (u userPasswd) Run(c *config, in io.Reader) error {
	password, err := readPassword(in)
	if err != nil {
		return err
	}
	return c.withGate(func(ctx context.Context, gate *auth.Gate, _ *database.DB) error {
		return gate.SetPassword(ctx, u.Name, password)
	})
}

type userReset struct {
	Name string `arg:"" help:"The name to sign in with."`
}

// Run prints the link alone on its line.
func (u userReset) Run(c *config, out io.Writer) error {
	s, err := c.check()
	if err != nil {
		return err
	}
	return c.withGate(func(ctx context.Context, gate *auth.Gate, _ *database.DB) error {
		token, err := gate.Reset(ctx, u.Name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "%s/reset?token=%s\n", s.url, token)
		return err
	})
}

type userUnlock struct {
	Name string `arg:"" help:"The name to sign in with."`
}

// Run fills the budget of an account.
func (u userUnlock) Run(c *config) error {
	return c.withGate(func(ctx context.Context, gate *auth.Gate, _ *database.DB) error {
		return gate.Unlock(ctx, u.Name)
	})
}

type userList struct{}

// Run prints a line for each account: name, role, state, name that is shown.
func (userList) Run(c *config, out io.Writer) error {
	return c.withGate(func(ctx context.Context, gate *auth.Gate, _ *database.DB) error {
		people, err := gate.People(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, one := range people {
			state := "never seen"
			switch {
			case !one.Off.IsZero():
				state = "off since " + one.Off.UTC().Format(time.DateOnly)
			case !one.Seen.IsZero():
				state = "seen " + one.Seen.UTC().Format(time.DateOnly)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", one.Name, one.Role, state, one.DisplayName)
		}
		return table.Flush()
	})
}

type userCodes struct {
	Name string `arg:"" help:"The name to sign in with."`
	Off  bool   `required:"" help:"Ask for the password alone from now on."`
}

// Run switches one-time codes off.
func (u userCodes) Run(c *config) error {
	return c.withGate(func(ctx context.Context, gate *auth.Gate, _ *database.DB) error {
		return gate.DropCodes(ctx, u.Name)
	})
}

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a token and print it, this once."`
}

type tokenCreate struct {
	User  string `required:"" placeholder:"NAME" help:"Whose token it is."`
	Scope string `required:"" placeholder:"WORDS" help:"What it allows: some of create, draft, update, delete, undelete, media."`
	Name  string `default:"command line" help:"What it is for."`
}

// Run prints a new token alone on its line.
func (t tokenCreate) Run(c *config, out io.Writer) error {
	return c.withGate(func(ctx context.Context, gate *auth.Gate, _ *database.DB) error {
		token, err := gate.NewToken(ctx, t.User, t.Scope, t.Name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, token)
		return err
	})
}

// withGate opens what the commands about accounts need, where a site is.
func (c *config) withGate(do func(context.Context, *auth.Gate, *database.DB) error) error {
	if err := c.hasSite(); err != nil {
		return err
	}
	return c.withNewGate(do)
}

// hasSite says what is wrong where no site is: then a command was given the wrong
// directory, and would make an empty site in it.
func (c *config) hasSite() error {
	if _, err := os.Stat(filepath.Join(c.Data, "hark.db")); c.DB == "" && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("HARK_DATA: there is no site in %s; name its directory with --data", c.Data)
	}
	return nil
}

// withNewGate is withGate for the command that may come before the first start.
func (c *config) withNewGate(do func(context.Context, *auth.Gate, *database.DB) error) error {
	if _, err := c.check(); err != nil {
		return err
	}
	alog, err := authlog.Open(c.AuthLog, c.AuthLogIdent)
	if err != nil {
		return err
	}
	defer alog.Close()
	ctx := context.Background()
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(ctx, auth.New(db, alog, time.Now), db), db.Close())
}

// readPassword reads one line.
func readPassword(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.New("there is no password on standard input; pipe it in, as one line")
	}
	return line, nil
}
