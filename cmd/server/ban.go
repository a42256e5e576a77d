package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"hark/internal/guard"
	choices "hark/internal/settings"
)

// banCommand is also what fail2ban calls, by the action hark-deny. Each of its
// commands may be given again, and changes nothing then.
type banCommand struct {
	Add   banAdd   `cmd:"" help:"Ban an address or a network."`
	Del   banDel   `cmd:"" help:"Lift the ban of an address or a network."`
	List  banList  `cmd:"" help:"Show who is banned."`
	Flush banFlush `cmd:"" help:"Lift all bans."`
}

type banAdd struct {
	Address string `arg:"" help:"An address, or a network like 203.0.113.0/24. One IPv6 address stands for its /64."`
	For     string `placeholder:"TIME" help:"How long, like 90m, 12h, 7d or 3600s; without it, or below zero, for good."`
	Why     string `placeholder:"TEXT" help:"What for."`
	Source  string `default:"command" placeholder:"NAME" help:"Who bans; its bans can be lifted without touching those of others."`
}

// Run bans.
func (a banAdd) Run(c *config) error {
	network, err := guard.ParseNetwork(a.Address)
	if err != nil {
		return err
	}
	length, err := duration(a.For)
	if err != nil {
		return err
	}
	return c.withBans(func(ctx context.Context, bans *guard.Bans) error {
		ban := guard.Ban{Network: network, By: a.Source, Why: a.Why}
		if length > 0 {
			ban.Until = time.Now().Add(length)
		}
		return bans.Add(ctx, ban)
	})
}

type banDel struct {
	Address string `arg:"" help:"The address or network, as it was banned."`
	Source  string `placeholder:"NAME" help:"Lift only what this one has banned."`
}

// Run lifts a ban, and says so if another still holds.
func (d banDel) Run(c *config, out io.Writer) error {
	network, err := guard.ParseNetwork(d.Address)
	if err != nil {
		return err
	}
	return c.withBans(func(ctx context.Context, bans *guard.Bans) error {
		if err := bans.Lift(ctx, network, d.Source); err != nil || d.Source != "" {
			return err
		}
		list, err := bans.List(ctx)
		if err != nil {
			return err
		}
		for _, ban := range list {
			if ban.Holds(time.Now()) && ban.Covers().Overlaps(network) {
				if _, err := fmt.Fprintf(out, "Still banned: %s, by %s.\n", ban.Name(), ban.By); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

type banList struct{}

// Run shows the bans, the latest first.
func (banList) Run(c *config, out io.Writer) error {
	return c.withBans(func(ctx context.Context, bans *guard.Bans) error {
		list, err := bans.List(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, ban := range list {
			until := "for good"
			switch {
			case !ban.Holds(time.Now()):
				continue
			case !ban.Until.IsZero():
				until = "until " + ban.Until.Format(time.RFC3339)
			}
			line := fmt.Sprintf("%s\t%s\tby %s", ban.Name(), until, ban.By)
			if ban.Why != "" {
				line += "\t" + ban.Why
			}
			fmt.Fprintln(table, line)
		}
		return table.Flush()
	})
}

type banFlush struct {
	Source string `placeholder:"NAME" help:"Lift only what this one has banned."`
}

// Run lifts all bans.
func (f banFlush) Run(c *config) error {
	return c.withBans(func(ctx context.Context, bans *guard.Bans) error { return bans.LiftAll(ctx, f.Source) })
}

// withBans opens what the commands about bans need, where a site is.
func (c *config) withBans(do func(context.Context, *guard.Bans) error) error {
	proxies, err := prefixes("HARK_TRUSTED_PROXIES", c.TrustedProxies)
	if err != nil {
		return err
	}
	if err := c.hasSite(); err != nil {
		return err
	}
	ctx := context.Background()
	db, err := c.open(ctx)
	if err != nil {
		return err
	}
	bans := guard.NewBans(guard.BanOptions{DB: db, Trusted: proxies, Spared: spared(choices.New(db)), Now: time.Now})
	return errors.Join(do(ctx, bans), db.Close())
}

// duration reads how long a ban is: Go's way of writing it, and days and weeks.
// Zero is for good, and so is what is below zero, which fail2ban writes for that.
func duration(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	if length, err := time.ParseDuration(s); err == nil {
		return max(length, 0), nil
	}
	units := map[byte]time.Duration{'d': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	n, err := strconv.Atoi(s[:len(s)-1])
	if unit := units[s[len(s)-1]]; err == nil && unit > 0 && n <= 10_000 {
		return max(time.Duration(n)*unit, 0), nil
	}
	return 0, fmt.Errorf("%q is no length of time; one is written like 90m, 12h, 7d or 3600s", s)
}
