package authlog

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// newSink reads a value of HARK_AUTH_LOG.
func newSink(destination string, tag tag, stderr sink) (sink, error) {
	kind, rest, more := strings.Cut(destination, ":")
	switch {
	case destination == "auto":
		path, found := systemSocket()
		if !found {
			return stderr, nil
		}
		return newSocket("unixgram", path, tag), nil
	case destination == "stderr":
		return stderr, nil
	case destination == "syslog":
		path, _ := systemSocket()
		return newSocket("unixgram", path, tag), nil
	case kind == "syslog" && more && filepath.IsAbs(rest):
		return newSocket("unixgram", rest, tag), nil
	case kind == "syslog+udp" && strings.HasPrefix(rest, "//"):
		return newUDP(destination, strings.TrimPrefix(rest, "//"), tag)
	case kind == "file" && filepath.IsAbs(rest):
		return newFile(rest, tag)
	}
	return nil, wrong(destination)
}

func wrong(destination string) error {
	return fmt.Errorf("HARK_AUTH_LOG is %q; it must be auto, syslog, syslog:/path/to/socket, "+
		"syslog+udp://host:514, file:/path or stderr", destination)
}

func newUDP(destination, address string, tag tag) (sink, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" {
		return nil, wrong(destination)
	}
	if _, err := net.LookupPort("udp", port); err != nil {
		return nil, wrong(destination)
	}
	return newSocket("udp", address, tag), nil
}

// systemSocket is where syslog(3) writes on Linux, macOS and the BSDs. On a
// system that has none of them yet it is the first.
func systemSocket() (path string, found bool) {
	candidates := []string{"/dev/log", "/var/run/syslog", "/var/run/log"}
	for _, path := range candidates {
		info, err := os.Stat(path)
		if err == nil && info.Mode()&os.ModeSocket != 0 {
			return path, true
		}
	}
	return candidates[0], false
}
