package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"hark/contrib"
	"hark/internal/fail2ban"
)

// The logs where Debian's rsyslog puts what goes to the facilities auth and daemon.
const (
	debianAuthLog = "/var/log/auth.log"
	debianPingLog = "/var/log/syslog"
)

type fail2banCommand struct {
	Install   fail2banInstall   `cmd:"" help:"Write the filters and jails into the folder of fail2ban."`
	Test      fail2banTest      `cmd:"" help:"Hold the filters and jails against the lines that hark writes."`
	Uninstall fail2banUninstall `cmd:"" help:"Remove what install has written, and nothing else."`
}

type fail2banInstall struct {
	Dir     string `default:"/etc/fail2ban" placeholder:"DIR" help:"The folder of fail2ban."`
	Backend string `placeholder:"KIND" help:"What the jails read: systemd (the journal) or file. Without it, what HARK_AUTH_LOG says."`
	Log     string `placeholder:"PATH" help:"The file that both jails read."`
	Force   bool   `help:"Overwrite files that were changed since."`
}

// Run installs, then holds the filters against the lines.
func (f fail2banInstall) Run(c *config, out io.Writer) error {
	if _, err := c.check(); err != nil {
		return err
	}
	ctx := context.Background()
	values, err := f.values(ctx, c)
	if err != nil {
		return err
	}
	folder := fail2ban.Folder{Dir: f.Dir, Shipped: contrib.Fail2ban(), Values: values}
	done, err := folder.Install(f.Force)
	report(out, f.Dir, done)
	if err != nil {
		return err
	}
	reads := "the journal of hark.service"
	if values.AuthLog != "" {
		reads = values.AuthLog
		if values.PingLog != values.AuthLog {
			reads += " and " + values.PingLog
		}
	}
	fmt.Fprintf(out, "The jails read %s. HARK_AUTH_LOG is %s here; it must be the same for the site.\n", reads, c.AuthLog)
	verdicts, err := folder.Match(ctx)
	if errors.Is(err, fail2ban.ErrAbsent) {
		_, err = fmt.Fprintln(out, "The filters were not tried, since fail2ban-regex is not here.")
		return err
	}
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		if v.Counted != v.Want {
			return fmt.Errorf("the filters do not count %q as they should; hark fail2ban test shows all lines", v.Kind)
		}
	}
	_, err = fmt.Fprintf(out, "The filters count what they should of %d kinds of lines.\nTo put them to use: fail2ban-client reload\n", len(verdicts))
	return err
}

// values decides what the jails read. A log that is not there keeps fail2ban from
// starting, so no jail is made that reads one.
func (f fail2banInstall) values(ctx context.Context, c *config) (fail2ban.Values, error) {
	v := fail2ban.Values{Ident: c.AuthLogIdent}
	if program, err := os.Executable(); err == nil {
		v.Program = program
	}
	if filepath.IsAbs(c.Data) {
		v.DataPath = c.Data
	}
	file, isFile := strings.CutPrefix(c.AuthLog, "file:")
	elsewhere := strings.HasPrefix(c.AuthLog, "syslog:") || strings.HasPrefix(c.AuthLog, "syslog+udp:")
	switch {
	case f.Backend != "" && f.Backend != "systemd" && f.Backend != "file":
		return v, fmt.Errorf("--backend is %q; it must be systemd or file", f.Backend)
	case f.Backend == "systemd" && f.Log != "":
		return v, errors.New("--log names a file, and --backend=systemd reads none; leave one of them out")
	case f.Backend == "systemd" && isFile:
		return v, fmt.Errorf("HARK_AUTH_LOG is %s, which the journal does not hold; leave --backend out", c.AuthLog)
	case f.Backend == "" && f.Log == "" && elsewhere:
		return v, fmt.Errorf("HARK_AUTH_LOG is %s, and where that comes to cannot be told from here; name the file with --log, or the journal with --backend=systemd", c.AuthLog)
	case f.Log != "":
		v.AuthLog, v.PingLog = f.Log, f.Log
	case isFile:
		v.AuthLog, v.PingLog = file, file
	case f.Backend == "file":
		v.AuthLog, v.PingLog = debianAuthLog, debianPingLog
	default:
		return v, fail2ban.CanReadJournal(ctx)
	}
	for _, log := range []string{v.AuthLog, v.PingLog} {
		if !filepath.IsAbs(log) {
			return v, fmt.Errorf("--log is %q; it must be a whole path", log)
		}
		if info, err := os.Stat(log); err != nil || !info.Mode().IsRegular() {
			return v, fmt.Errorf("there is no log at %s, and fail2ban does not start at all while a log is missing; start what writes it, then install again", log)
		}
	}
	return v, nil
}

type fail2banUninstall struct {
	Dir   string `default:"/etc/fail2ban" placeholder:"DIR" help:"The folder of fail2ban."`
	Force bool   `help:"Remove files that were changed since."`
}

// Run removes what install has written.
func (f fail2banUninstall) Run(out io.Writer) error {
	done, err := fail2ban.Folder{Dir: f.Dir, Shipped: contrib.Fail2ban()}.Uninstall(f.Force)
	report(out, f.Dir, done)
	switch {
	case err != nil:
		return err
	case len(done) == 0:
		_, err = fmt.Fprintf(out, "There is nothing of hark in %s.\n", f.Dir)
	default:
		_, err = fmt.Fprintln(out, "To end the jails: fail2ban-client reload")
	}
	return err
}

func report(out io.Writer, dir string, done []fail2ban.Change) {
	for _, change := range done {
		fmt.Fprintf(out, "%-9s  %s\n", change.Did, filepath.Join(dir, change.File))
	}
}

type fail2banTest struct {
	Dir string `default:"/etc/fail2ban" placeholder:"DIR" help:"The folder of fail2ban."`
}

// Run shows what the filters make of each kind of line, and fails when anything
// is not as it should be.
func (f fail2banTest) Run(c *config, out io.Writer) error {
	if _, err := c.check(); err != nil {
		return err
	}
	folder := fail2ban.Folder{Dir: f.Dir, Shipped: contrib.Fail2ban(), Values: fail2ban.Values{Ident: c.AuthLogIdent}}
	found, err := folder.Check(context.Background(), c.AuthLog)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, v := range found.Verdicts {
		word, right := "not counted", ""
		if v.Counted {
			word = "counted"
		}
		if v.Counted != v.Want {
			right = "\twrong"
		}
		fmt.Fprintf(table, "%s\t%s%s\n", v.Kind, word, right)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, note := range found.Notes {
		fmt.Fprintln(out, note)
	}
	if len(found.Wrong) > 0 {
		return errors.New(strings.Join(found.Wrong, " "))
	}
	_, err = fmt.Fprintln(out, "All is as it should be.")
	return err
}
