//go:build !linux

package test

import "os/exec"

// dieWithParent is a favour that only Linux does.
func dieWithParent(*exec.Cmd) {}
