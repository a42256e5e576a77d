package test

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// nobody is the user and the group that services without rights of their own have.
const nobody = 65534

// The service has a user of its own (contrib/systemd), and the owner types commands
// as root: what those write has to stay the service's.
func TestACommandOfRootLeavesTheServiceItsFiles(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root writes what another cannot read")
	}
	for name, state := range map[string]func(*testing.T, *site){
		"after the service ran": func(_ *testing.T, s *site) { s.start(); s.owner(); s.stop() },
		"before it ever ran":    func(*testing.T, *site) {},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			state(t, s)
			data := s.setting("HARK_DATA")
			give(t, data)
			s.command(ownerPassword+"\n", "user", "add", "reed", "--role", "author", "--password-stdin")
			s.command("", "ban", "add", "203.0.113.9")
			each(t, data, func(path string, info fs.FileInfo) {
				if owner := info.Sys().(*syscall.Stat_t); owner.Uid != nobody || owner.Gid != nobody {
					t.Errorf("%s belongs to %d:%d", filepath.Base(path), owner.Uid, owner.Gid)
				}
			})
		})
	}
}

// give makes a directory, and gives it and what is in it to nobody.
func give(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	each(t, dir, func(path string, _ fs.FileInfo) {
		if err := os.Lchown(path, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	})
}

func each(t *testing.T, dir string, do func(path string, info fs.FileInfo)) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, info fs.FileInfo, err error) error {
		if err == nil {
			do(path, info)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
