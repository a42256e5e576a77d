package fail2ban

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"hark/internal/authlog"
)

// Verdict is what the installed filters make of one kind of line.
type Verdict struct {
	Kind          string
	Counted, Want bool
}

// Report is what a check has found.
type Report struct {
	Verdicts []Verdict
	Wrong    []string // sentences; none when all is well
	Notes    []string // what could not be told, and what is no mistake
}

func (r *Report) wrong(format string, values ...any) {
	r.Wrong = append(r.Wrong, fmt.Sprintf(format, values...))
}

func (r *Report) note(format string, values ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, values...))
}

// ErrAbsent says that fail2ban's programs are not on this machine.
var ErrAbsent = errors.New("fail2ban is not installed here: there is no fail2ban-regex")

// Check looks whether the files are there and are this hark's, whether they count
// what they should, whether the jails read where hark writes, and whether fail2ban
// runs with them. destination is the value of HARK_AUTH_LOG.
func (f Folder) Check(ctx context.Context, destination string) (*Report, error) {
	r := &Report{}
	whole, err := f.checkFiles(r)
	if err != nil || !whole {
		return r, err
	}
	if r.Verdicts, err = f.Match(ctx); err != nil {
		return r, err
	}
	for _, v := range r.Verdicts {
		if v.Counted != v.Want {
			r.wrong("The filters do not count as they should: %q is %s.", v.Kind, counting(v.Counted))
		}
	}
	f.checkJails(ctx, r, destination)
	f.checkServer(ctx, r)
	return r, nil
}

func counting(counted bool) string {
	if counted {
		return "counted"
	}
	return "not counted"
}

// checkFiles tells whether all files are there, whosever they are.
func (f Folder) checkFiles(r *Report) (whole bool, err error) {
	root, err := f.open()
	if err != nil {
		return false, err
	}
	defer root.Close()
	files, err := f.files()
	if err != nil {
		return false, err
	}
	whole = true
	for _, file := range files {
		state, text, err := f.look(root, file)
		if err != nil {
			return false, err
		}
		name := path.Join(f.Dir, file)
		switch state {
		case absent:
			whole = false
			r.wrong("%s is missing: run hark fail2ban install.", name)
		case edited:
			r.note("%s is not as hark wrote it.", name)
		case ours:
			shipped, err := fs.ReadFile(f.Shipped, file)
			if err != nil {
				return false, err
			}
			v := Values{Ident: f.Values.Ident}
			valuesOf(text, &v)
			if text != fill(string(shipped), v) && text != string(shipped) {
				r.wrong("%s is not what this hark would write: run hark fail2ban install again.", name)
			}
		}
	}
	return whole, nil
}

// Match writes a line of every kind, and one for every hostile name, and has
// fail2ban-regex say which of them the installed filters count. Each comes from
// an address of its own, by IPv4 and by IPv6.
func (f Folder) Match(ctx context.Context) ([]Verdict, error) {
	regex, err := exec.LookPath("fail2ban-regex")
	if err != nil {
		return nil, ErrAbsent
	}
	dir, err := os.MkdirTemp("", "hark-fail2ban-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "lines")
	kinds := kinds()
	if err := f.writeLines(file, kinds); err != nil {
		return nil, err
	}
	counted := map[bool]map[netip.Addr]bool{}
	for ping, filter := range map[bool]string{false: "hark-auth", true: "hark-mention"} {
		out, err := exec.CommandContext(ctx, regex, "-c", f.Dir, "-o", "ip", file, filepath.Join(f.Dir, "filter.d", filter+".conf")).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("fail2ban-regex cannot use the filter %s: %w: %s", filter, err, lastLine(out))
		}
		counted[ping] = map[netip.Addr]bool{}
		for word := range strings.FieldsSeq(string(out)) {
			if addr, err := netip.ParseAddr(word); err == nil {
				counted[ping][addr] = true
			}
		}
	}
	return verdicts(kinds, counted), nil
}

// victim is the address that hostile names would have banned.
var victim = netip.MustParseAddr("198.51.100.1")

// kinds are the kinds of lines, and last the hostile names.
func kinds() []authlog.Kind {
	kinds := authlog.Kinds()
	for _, name := range authlog.HostileNames(victim) {
		kinds = append(kinds, authlog.Kind{Name: hostile, Counted: true, Write: func(l *authlog.Log, from netip.Addr) {
			l.Failure(name, authlog.Password, from)
		}})
	}
	return kinds
}

// hostile is what all kinds of lines are called that hold a hostile name.
const hostile = "Authentication failure for (a name made to forge a line)"

func (f Folder) writeLines(file string, kinds []authlog.Kind) error {
	ident := f.Values.Ident
	if ident == "" {
		ident = "hark"
	}
	l, err := authlog.Open("file:"+file, ident)
	if err != nil {
		return err
	}
	for i, kind := range kinds {
		v4, v6 := addresses(i)
		kind.Write(l, v4)
		kind.Write(l, v6)
	}
	return l.Close()
}

// addresses are those of a kind, from the ranges made for documentation.
func addresses(i int) (v4, v6 netip.Addr) {
	return netip.AddrFrom4([4]byte{203, 0, 113, byte(i + 1)}), netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 15: byte(i + 1)})
}

// verdicts says of each kind whether all of its lines are counted, or none is; a
// kind of which some are is not as it should be, whatever it should be.
func verdicts(kinds []authlog.Kind, counted map[bool]map[netip.Addr]bool) []Verdict {
	var list []Verdict
	for i, kind := range kinds {
		v4, v6 := addresses(i)
		right := counted[kind.Ping][v4] == kind.Counted && counted[kind.Ping][v6] == kind.Counted &&
			!counted[!kind.Ping][v4] && !counted[!kind.Ping][v6]
		if kind.Name == hostile && (counted[false][victim] || counted[true][victim]) {
			right = false
		}
		v := Verdict{Kind: kind.Name, Counted: kind.Counted == right, Want: kind.Counted}
		if at := slices.IndexFunc(list, func(before Verdict) bool { return before.Kind == kind.Name }); at >= 0 {
			if v.Counted != v.Want {
				list[at] = v
			}
			continue
		}
		list = append(list, v)
	}
	return list
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}
