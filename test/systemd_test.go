package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestTheShippedServiceIsWholeAndConfined(t *testing.T) {
	t.Parallel()
	analyze := peer(t, "systemd-analyze")
	unit := filepath.Join(t.TempDir(), "hark.service")
	write(t, unit, shipped(t, "systemd/hark.service", "/usr/local/bin/hark", os.Getenv("HARK_BINARY")))
	for _, args := range [][]string{
		{"verify", unit},
		{"security", "--offline=true", "--threshold=15", "--no-pager", unit}, // tenths, of ten; a service without any bounds has 9.6
	} {
		out, err := exec.Command(analyze, args...).CombinedOutput()
		if err != nil || args[0] == "verify" && len(out) > 0 {
			t.Errorf("systemd-analyze %s: %v\n%s", args[0], err, out)
		}
	}
}
