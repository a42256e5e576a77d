package fetch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// ways are the names by which a program gets at other hosts. Those of true are
// types, and to take a pointer to one that somebody else made is no harm.
var ways = map[string]map[string]bool{
	"net/http": {
		"Client": true, "Transport": true, "DefaultClient": false, "DefaultTransport": false,
		"Get": false, "Head": false, "Post": false, "PostForm": false,
	},
	"net": {
		"Dialer": true, "Dial": false, "DialTimeout": false, "DialIP": false, "DialTCP": false, "DialUDP": false, "DialUnix": false,
	},
	"crypto/tls": {"Dialer": true, "Dial": false, "DialWithDialer": false},
	"net/smtp":   {"Dial": false, "SendMail": false},
}

func TestNobodyElseOpensConnections(t *testing.T) {
	allowed := map[string][]string{
		"internal/fetch":      {"net.Dialer", "net/http.Client", "net/http.Transport"},
		"internal/mail":       {"net.Dialer"},                                   // to the owner's mail server, which may be on a private address
		"internal/authlog":    {"net.DialTimeout"},                              // to syslog's socket
		"cmd/server":          {"net.Dial"},                                     // to its own socket, to see who listens
		"internal/webmention": {"net/http.Client", "net/http.DefaultTransport"}, // one that is answered from a page in hand; what stands for nil in a client that was handed over
	}
	found := map[string][]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && file != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		folder, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		folder = filepath.ToSlash(folder)
		for _, name := range reaching(t, file) {
			if !slices.Contains(found[folder], name) {
				found[folder] = append(found[folder], name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range slices.Sorted(maps.Keys(found)) {
		for _, name := range found[folder] {
			if !slices.Contains(allowed[folder], name) {
				t.Errorf("%s uses %s; only internal/fetch opens connections to other hosts", folder, name)
			}
		}
	}
	for folder, names := range allowed {
		for _, name := range names {
			if !slices.Contains(found[folder], name) {
				t.Errorf("%s no longer uses %s, and need not be allowed to", folder, name)
			}
		}
	}
}

// reaching are the ways to other hosts that a file uses, as net.Dial.
func reaching(t *testing.T, file string) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]string{} // by the name that they have in the file
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if ways[imported] == nil {
			continue
		}
		if packages[name] = imported; name == "." {
			t.Errorf("%s imports %s without a name, so that nobody sees what it uses of it", file, imported)
		}
	}
	var found []string
	ast.Inspect(tree, func(n ast.Node) bool {
		if pointer, ok := n.(*ast.StarExpr); ok {
			_, isType := way(packages, pointer.X)
			return !isType
		}
		if name, _ := way(packages, n); name != "" {
			found = append(found, name)
		}
		return true
	})
	return found
}

// way names the way to other hosts that a node is, empty if it is none.
func way(packages map[string]string, n ast.Node) (name string, isType bool) {
	selector, ok := n.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	from, ok := selector.X.(*ast.Ident)
	if !ok {
		return "", false
	}
	imported := packages[from.Name]
	isType, ok = ways[imported][selector.Sel.Name]
	if !ok {
		return "", false
	}
	return imported + "." + selector.Sel.Name, isType
}
