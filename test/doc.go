// Package test starts the program as it ships and lets it meet its real peers:
// WordPress, rsyslog, fail2ban, a browser, an administrator who pulls the plug.
//
// The peers come from Debian's packages (scripts/peers.sh) and run privately, on
// loopback addresses, in folders that vanish with the test. Where one is missing
// its tests are skipped; with CI set they fail.
package test
