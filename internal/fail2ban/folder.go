// Package fail2ban puts the filters and jails that hark ships into the folder of
// fail2ban, takes them out again, and holds them against the lines that hark
// writes.
package fail2ban

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Folder is the folder of fail2ban, with what hark would write into it.
type Folder struct {
	Dir     string
	Shipped fs.FS // filter.d, jail.d, action.d
	Values  Values
}

// Values are the words in the shipped files that depend on the machine. An empty
// one leaves what is shipped.
type Values struct {
	Ident    string // what stands before the lines in a log
	AuthLog  string // the file where attempts to sign in are logged; empty: the journal
	PingLog  string // the file where refused pings are logged
	Program  string // hark itself, for the action
	DataPath string // of the site, for the action
}

// Change is what became of a file.
type Change struct {
	File string // jail.d/hark.conf
	Did  string // "written", "unchanged", "removed"
}

// common is a file that every fail2ban has, and that our filters stand on.
const common = "filter.d/common.conf"

// Install writes the files. If the administrator has changed one, it writes none,
// unless force is set.
func (f Folder) Install(force bool) ([]Change, error) {
	root, err := f.open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files, err := f.files()
	if err != nil {
		return nil, err
	}
	var changed []string
	for _, file := range files {
		state, _, err := f.look(root, file)
		if err != nil {
			return nil, err
		}
		if state == edited && !force {
			changed = append(changed, path.Join(f.Dir, file))
		}
	}
	if len(changed) > 0 {
		return nil, fmt.Errorf("%s: not as hark wrote it, so nothing was written; "+
			"put your changes into a file that ends in .local, which hark leaves alone, or have it overwritten with --force", strings.Join(changed, ", "))
	}
	var done []Change
	for _, file := range files {
		did, err := f.write(root, file)
		if err != nil {
			return done, fmt.Errorf("write %s: %w", path.Join(f.Dir, file), err)
		}
		done = append(done, Change{file, did})
	}
	return done, nil
}

// Uninstall removes what Install has written. If the administrator has changed
// one of the files it removes none, unless force is set: a jail without its filter
// keeps fail2ban from starting.
func (f Folder) Uninstall(force bool) ([]Change, error) {
	root, err := f.open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files, err := f.files()
	if err != nil {
		return nil, err
	}
	slices.Reverse(files)
	var there, changed []string
	for _, file := range files {
		state, _, err := f.look(root, file)
		if err != nil {
			return nil, err
		}
		if state == edited && !force {
			changed = append(changed, path.Join(f.Dir, file))
		}
		if state != absent {
			there = append(there, file)
		}
	}
	if len(changed) > 0 {
		return nil, fmt.Errorf("%s: not as hark wrote it, so nothing was removed; "+
			"keep your changes elsewhere, then remove it with --force", strings.Join(changed, ", "))
	}
	var done []Change
	for _, file := range there {
		if err := root.Remove(file); err != nil {
			return done, fmt.Errorf("remove %s: %w", path.Join(f.Dir, file), err)
		}
		done = append(done, Change{file, "removed"})
	}
	return done, nil
}

func (f Folder) open() (*os.Root, error) {
	root, err := os.OpenRoot(f.Dir)
	if err != nil {
		return nil, fmt.Errorf("%s: this is where fail2ban keeps its filters and jails; install fail2ban first, or name its folder with --dir: %w", f.Dir, err)
	}
	if _, err := root.Stat(common); err != nil {
		root.Close()
		return nil, fmt.Errorf("%s is no folder of fail2ban: it has no %s; install fail2ban first, or name its folder with --dir", f.Dir, common)
	}
	return root, nil
}

// files are what hark ships, filters and actions before the jails that need them.
func (f Folder) files() ([]string, error) {
	var files []string
	for _, pattern := range []string{"filter.d/*.conf", "action.d/*.conf", "jail.d/*.conf"} {
		found, err := fs.Glob(f.Shipped, pattern)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	return files, nil
}

// state is whose hand a file is in.
type state int

const (
	absent state = iota
	ours         // as a hark wrote it, or a plain copy of what is shipped
	edited       // by somebody else
)

// look tells whose a file is, and gives its text without our first line.
func (f Folder) look(root *os.Root, file string) (state, string, error) {
	text, err := root.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return absent, "", nil
	}
	if err != nil {
		return absent, "", err
	}
	if first, rest, _ := strings.Cut(string(text), "\n"); first+"\n" == seal(rest) {
		return ours, rest, nil
	}
	shipped, err := fs.ReadFile(f.Shipped, file)
	if err == nil && string(shipped) == string(text) {
		return ours, string(text), nil
	}
	return edited, string(text), err
}

// seal is the first line of what hark has written: it shows whether anybody has
// changed what follows.
func seal(text string) string {
	sum := sha256.Sum256([]byte(text))
	return `# Written by "hark fail2ban install", which replaces it. Changes belong into a file that ends in .local. sha256:` + hex.EncodeToString(sum[:]) + "\n"
}

// write makes a file, whole or not at all.
func (f Folder) write(root *os.Root, file string) (did string, err error) {
	shipped, err := fs.ReadFile(f.Shipped, file)
	if err != nil {
		return "", err
	}
	text := fill(string(shipped), f.Values)
	text = seal(text) + text
	if before, err := root.ReadFile(file); err == nil && string(before) == text {
		return "unchanged", nil
	}
	if err := root.Mkdir(path.Dir(file), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	half := file + ".hark-new" // a name that fail2ban does not read
	if err := root.WriteFile(half, []byte(text), 0o644); err != nil {
		return "", err
	}
	if err := root.Rename(half, file); err != nil {
		return "", errors.Join(err, root.Remove(half))
	}
	return "written", nil
}
