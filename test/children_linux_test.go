package test

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends a child even when the test itself is killed, by its time limit for instance.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
}
