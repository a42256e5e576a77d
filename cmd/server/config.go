package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"hark/internal/database"
)

// config holds the settings of the machine, each a flag with an environment
// variable. What a person chooses later is kept in the database instead.
type config struct {
	Addr           string   `env:"HARK_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on; unix:/path for a socket."`
	URL            string   `name:"url" env:"HARK_URL" default:"http://localhost:8080" placeholder:"URL" help:"The site's public address, without a slash at its end."`
	Data           string   `env:"HARK_DATA" default:"./data" placeholder:"DIR" help:"Directory of the database and the media."`
	DB             string   `name:"db" env:"HARK_DB" placeholder:"URL" help:"A postgres:// address. Without one the database is SQLite, in the data directory."`
	AuthLog        string   `env:"HARK_AUTH_LOG" default:"auto" placeholder:"WHERE" help:"Where logins are logged: auto, syslog, syslog:/path, syslog+udp://host:514, file:/path or stderr."`
	AuthLogIdent   string   `env:"HARK_AUTH_LOG_IDENT" default:"hark" placeholder:"WORD" help:"What the lines of that log begin with. An older filter may expect another word, like idno(blog.example)."`
	TrustedProxies []string `env:"HARK_TRUSTED_PROXIES" placeholder:"CIDR" help:"Proxies whose forwarding headers are believed."`
	MetricsAllow   []string `env:"HARK_METRICS_ALLOW" placeholder:"CIDR" help:"Addresses that may read /metrics, beside this machine."`
	MetricsToken   string   `env:"HARK_METRICS_TOKEN" placeholder:"TOKEN" help:"Whoever brings this bearer token may read /metrics."`
	FetchAllow     []string `env:"HARK_FETCH_ALLOW" placeholder:"CIDR" help:"Private addresses that outgoing requests may reach all the same, on any port."`
}

// settings are the config, checked and parsed.
type settings struct {
	network, address string // to listen on
	url              string // without a slash at its end
	https            bool
	media            string // the directory of uploaded files
	proxies, allow   []netip.Prefix
	measurers        []netip.Prefix // who may read the figures
	token            string         // or bring this
}

// ident is a word that stands before a line in a log and cannot be taken for
// anything else.
var ident = regexp.MustCompile(`^[A-Za-z0-9_.()-]{1,48}$`)

// check parses the settings. Each error names the variable and what would be
// right.
func (c *config) check() (s settings, err error) {
	if s.network, s.address, err = listenAddress(c.Addr); err != nil {
		return s, err
	}
	if s.url, s.https, err = publicAddress(c.URL); err != nil {
		return s, err
	}
	c.AuthLogIdent = cmp.Or(c.AuthLogIdent, "hark")
	if !ident.MatchString(c.AuthLogIdent) {
		return s, fmt.Errorf("HARK_AUTH_LOG_IDENT is %q; it is one word of at most 48 letters, digits and ._()-, like hark or idno(blog.example)", c.AuthLogIdent)
	}
	if c.DB != "" {
		if u, err := url.Parse(c.DB); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
			return s, errors.New("HARK_DB is not a PostgreSQL address; it is written like postgres://user:password@host/hark")
		}
	}
	if s.proxies, err = prefixes("HARK_TRUSTED_PROXIES", c.TrustedProxies); err != nil {
		return s, err
	}
	if s.measurers, err = prefixes("HARK_METRICS_ALLOW", c.MetricsAllow); err != nil {
		return s, err
	}
	if s.token = strings.TrimSpace(c.MetricsToken); s.token != "" && len(s.token) < shortestToken {
		return s, fmt.Errorf("HARK_METRICS_TOKEN is too short to be secret; %d letters or more are not", shortestToken)
	}
	s.media = filepath.Join(c.Data, "media")
	s.allow, err = prefixes("HARK_FETCH_ALLOW", c.FetchAllow)
	return s, err
}

// shortestToken is the least length of a token that nobody guesses.
const shortestToken = 20

func listenAddress(addr string) (network, address string, err error) {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		if path == "" {
			return "", "", fmt.Errorf("HARK_ADDR is %q; a socket is written like unix:/run/hark/hark.sock", addr)
		}
		return "unix", path, nil
	}
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return "", "", fmt.Errorf("HARK_ADDR is %q; it is written like 127.0.0.1:8080, [::1]:8080 or unix:/path", addr)
	}
	return "tcp", addr, nil
}

func publicAddress(address string) (clean string, https bool, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", false, fmt.Errorf("HARK_URL is %q; it is the address that readers type, like https://blog.example, without a path", address)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), u.Scheme == "https", nil
}

// prefixes parses a list of CIDRs; a bare address stands for itself.
func prefixes(variable string, list []string) ([]netip.Prefix, error) {
	var parsed []netip.Prefix
	for _, item := range list {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		if address, err := netip.ParseAddr(item); err == nil {
			parsed = append(parsed, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(item)
		if err != nil {
			return nil, fmt.Errorf("%s has %q; its parts are addresses or networks like 10.0.0.0/8 or ::1, with commas between them", variable, item)
		}
		parsed = append(parsed, prefix.Masked())
	}
	return parsed, nil
}

// open opens the database that the settings name.
func (c *config) open(ctx context.Context) (*database.DB, error) {
	db, err := database.Open(ctx, database.Options{Dir: c.Data, URL: c.DB})
	switch {
	case err == nil:
		return db, nil
	case c.DB != "":
		return nil, fmt.Errorf("HARK_DB: %w", err)
	}
	return nil, fmt.Errorf("HARK_DATA: %w", err)
}
