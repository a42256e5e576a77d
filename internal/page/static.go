package page

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

// staticRoot is where the files are served.
const staticRoot = "/static/"

// forever is for addresses whose content never changes: they carry its hash.
const forever = "public, max-age=31536000, immutable"

// Static serves files under /static/. Each has an address with a hash of its
// content, /static/hark.1a2b3c4d5e6f.css, which browsers may keep for ever. An
// address with an old hash, or none, still finds the file, but is to be asked anew.
type Static struct{ files map[string]*file }

// file is one of them. It is compressed when it is first asked for.
type file struct {
	address  string
	lasting  *ready // at its own address
	passing  *ready // at an old one
	compress sync.Once
}

// NewStatic reads all files of fsys.
func NewStatic(fsys fs.FS) (*Static, error) {
	s := &Static{files: make(map[string]*file)}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		source, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		s.files[name] = newFile(name, source)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	return s, nil
}

func newFile(name string, content []byte) *file {
	sum := sha256.Sum256(content)
	hash := base64.RawURLEncoding.EncodeToString(sum[:9])
	extension := path.Ext(name)
	answer := &Answer{Header: http.Header{"Content-Type": {contentType(extension)}}, Body: content}
	return &file{
		address: staticRoot + strings.TrimSuffix(name, extension) + "." + hash + extension,
		lasting: newReady(answer, forever),
		passing: newReady(answer, publicCaching),
	}
}

// contentType does not ask the system, whose tables differ from one to the next.
func contentType(extension string) string {
	switch extension {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".jpg":
		return "image/jpeg"
	case ".ico":
		return "image/x-icon"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".json", ".webmanifest":
		return "application/json"
	}
	return "application/octet-stream"
}

// Asset gives the address of the file called name. Templates know it as "asset".
func (s *Static) Asset(name string) (string, error) {
	f, ok := s.files[name]
	if !ok {
		return "", fmt.Errorf("asset %s: no such static file", name)
	}
	return f.address, nil
}

// Serve answers a request for a path under /static/.
func (s *Static) Serve(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return &Error{Status: http.StatusMethodNotAllowed}
	}
	f := s.find(strings.TrimPrefix(r.URL.Path, staticRoot))
	if f == nil {
		return &Error{Status: http.StatusNotFound}
	}
	f.compress.Do(f.prepare)
	if r.URL.Path == f.address {
		f.lasting.send(w, r)
	} else {
		f.passing.send(w, r)
	}
	return nil
}

// find looks for a name as it is, then without the hash before its ending, or at
// its end where it has no ending.
func (s *Static) find(name string) *file {
	if f := s.files[name]; f != nil {
		return f
	}
	extension := path.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	if f := s.files[strings.TrimSuffix(stem, path.Ext(stem))+extension]; f != nil {
		return f
	}
	return s.files[stem]
}

// prepare makes the compressed forms, once for both addresses.
func (f *file) prepare() {
	body := f.lasting.plain()
	if !worthwhile(f.lasting.contentType, len(body)) {
		return
	}
	var g gzipper
	gzip, brotli := g.compress(body), brotliBytes(newBrotli(brotliFile), body)
	for _, r := range []*ready{f.lasting, f.passing} {
		r.add(gzipEncoding, gzip)
		r.add(brotliEncoding, brotli)
	}
}
