package test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// npmPeers is the folder into which scripts/npm-peers.sh fetched what stands in scripts/npm.
func npmPeers(t testing.TB) string {
	t.Helper()
	sum := sha256.New()
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(root(t), "scripts", "npm", name))
		if err != nil {
			t.Fatal(err)
		}
		sum.Write(text)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(cache, "hark", fmt.Sprintf("npm-%x", sum.Sum(nil)[:8]))
	if _, err := os.Stat(folder); err != nil {
		missing(t, folder)
	}
	return folder
}

// axeCore is the script that finds what is in the way of somebody.
func axeCore(t testing.TB) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(npmPeers(t), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}
