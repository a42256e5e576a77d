package fail2ban

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// jails are those that hark ships.
var jails = []string{"hark-auth", "hark-mention"}

// jail is one as fail2ban would start it.
type jail struct {
	backend string
	logs    []string
	started bool
}

// Rows of what fail2ban-client -d prints: Python lists.
var (
	addRow   = regexp.MustCompile(`^\['add', '([^']+)', '([^']+)'\]`)
	logRow   = regexp.MustCompile(`^\['set', '([^']+)', 'addlogpath', '([^']+)'`)
	startRow = regexp.MustCompile(`^\['start', '([^']+)'\]`)
	noLogRow = regexp.MustCompile(`Have not found any log file for (\S+) jail`)
)

// checkJails asks fail2ban what it would start, and holds that against where hark
// writes.
func (f Folder) checkJails(ctx context.Context, r *Report, destination string) {
	var out, errs bytes.Buffer
	client := exec.CommandContext(ctx, "fail2ban-client", "-c", f.Dir, "-d")
	client.Stdout, client.Stderr = &out, &errs
	if err := client.Run(); err != nil {
		r.wrong("fail2ban cannot read its settings in %s and does not start: %s.", f.Dir, lastLine(append(out.Bytes(), errs.Bytes()...)))
		return
	}
	for _, found := range noLogRow.FindAllStringSubmatch(errs.String(), -1) {
		r.wrong("The log of the jail %s is not there, and fail2ban does not start at all while a log is missing.", found[1])
	}
	list := readJails(out.String())
	journal := false
	for _, name := range jails {
		j := list[name]
		if j == nil || !j.started {
			r.wrong("The jail %s is not enabled.", name)
			continue
		}
		journal = journal || j.backend == "systemd"
		checkPlace(r, name, j, destination)
	}
	if journal {
		if err := CanReadJournal(ctx); err != nil {
			r.wrong("%s.", err)
		}
	}
}

func readJails(dump string) map[string]*jail {
	list := map[string]*jail{}
	at := func(name string) *jail {
		if list[name] == nil {
			list[name] = &jail{}
		}
		return list[name]
	}
	for row := range strings.Lines(dump) {
		if found := addRow.FindStringSubmatch(row); found != nil {
			at(found[1]).backend = found[2]
		}
		if found := logRow.FindStringSubmatch(row); found != nil {
			j := at(found[1])
			j.logs = append(j.logs, found[2])
		}
		if found := startRow.FindStringSubmatch(row); found != nil {
			at(found[1]).started = true
		}
	}
	return list
}

// checkPlace holds where a jail looks against where hark writes.
func checkPlace(r *Report, name string, j *jail, destination string) {
	file, isFile := strings.CutPrefix(destination, "file:")
	switch {
	case isFile && j.backend == "systemd":
		r.wrong("hark writes to %s, but the jail %s reads the journal: run hark fail2ban install again, with the settings of the site.", file, name)
	case isFile && !slices.ContainsFunc(j.logs, func(log string) bool { return sameFile(log, file) }):
		r.wrong("hark writes to %s, but the jail %s reads %s: run hark fail2ban install again, with the settings of the site.", file, name, strings.Join(j.logs, ", "))
	case !isFile && j.backend != "systemd":
		r.note("The jail %s reads %s; whether the lines of hark come there (HARK_AUTH_LOG is %s) cannot be told from here.", name, strings.Join(j.logs, ", "), destination)
	}
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return a == b
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

// checkServer asks whether fail2ban runs with the jails. Its socket is root's.
func (f Folder) checkServer(ctx context.Context, r *Report) {
	ask := func(args ...string) (string, bool) {
		out, err := exec.CommandContext(ctx, "fail2ban-client", append([]string{"-c", f.Dir}, args...)...).CombinedOutput()
		return string(out), err == nil
	}
	if out, ok := ask("ping"); !ok {
		if strings.Contains(out, "Permission denied") {
			r.note("Whether fail2ban runs can be told by root only.")
			return
		}
		r.wrong("fail2ban is not running: systemctl enable --now fail2ban.")
		return
	}
	for _, name := range jails {
		if _, ok := ask("status", name); !ok {
			r.wrong("fail2ban runs, but without the jail %s: fail2ban-client reload.", name)
		}
	}
}

// ErrNoJournal says that fail2ban on this machine cannot read the journal.
var ErrNoJournal = errors.New("fail2ban cannot read the journal without Python's systemd module, and would not start at all: " +
	"install python3-systemd, or have the jails read files with --backend=file")

// CanReadJournal tells whether a jail may read the journal. One that cannot keeps
// fail2ban from starting, as a missing log does. Where there is no fail2ban yet,
// nothing is wrong.
func CanReadJournal(ctx context.Context) error {
	server, err := exec.LookPath("fail2ban-server")
	if err != nil {
		return nil
	}
	python := "python3"
	if text, err := os.ReadFile(server); err == nil {
		if line, _, _ := strings.Cut(string(text), "\n"); strings.HasPrefix(line, "#!/") && len(strings.Fields(line)) == 1 {
			python = strings.TrimPrefix(line, "#!")
		}
	}
	if _, err := exec.LookPath(python); err != nil {
		return nil
	}
	if err := exec.CommandContext(ctx, python, "-c", "import systemd.journal").Run(); err != nil {
		return ErrNoJournal
	}
	return nil
}
