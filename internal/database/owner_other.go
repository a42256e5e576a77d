//go:build !unix

package database

// entrust has nothing to do where files have no such owners.
func entrust(string) error { return nil }
