package main

import (
	"io"
	"os"
	"strings"
	"testing"
)

func TestACommandInTheWrongDirectoryMakesNoSiteThere(t *testing.T) {
	for _, line := range []string{
		"user passwd wren --password-stdin", "user reset wren", "user unlock wren", "user list", "user codes wren --off",
		"token create --user wren --scope create", "ban list", "ban add 203.0.113.5",
	} {
		dir := t.TempDir()
		args := append(strings.Fields(line), "--data="+dir, "--db=", "--auth-log=stderr")
		err := run(args, strings.NewReader("four plain words suffice\n"), io.Discard)
		if err == nil || !strings.Contains(err.Error(), "there is no site in "+dir) {
			t.Errorf("hark %s: %v", line, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("hark %s leaves %v, %v", line, left, err)
		}
	}
}
