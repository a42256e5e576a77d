//go:build unix

package database

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// entrust gives a file that root has made to whom its directory belongs to: that
// is who the service runs as.
func entrust(file string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	dir, err := os.Stat(filepath.Dir(file))
	if err != nil {
		return err
	}
	owner := dir.Sys().(*syscall.Stat_t)
	if err := os.Lchown(file, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("give it to the owner of its directory: %w", err)
	}
	return nil
}
