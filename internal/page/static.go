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
	"sync/atomic"
)

// staticRoot is where the files are served.
const staticRoot = "/static/"

// forever is for addresses whose content never changes: they carry its hash.
const forever = "public, max-age=31536000, immutable"

// Static serves files under /static/. Each has an address with a hash of its
// content, /static/hark.1a2b3c4d5e6f.css, which browsers may keep for ever. An
// address with an old hash, or none, still finds the file, but is to be asked anew.
type Static struct{ files map[string]*file }

// file is one name among the static files, in its present version.
type file struct {
	source  []byte
	version atomic.Pointer[version]
}

// version is a content of a file. It is compressed when it is first asked for.
type version struct {
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
		f := &file{source: source}
		f.version.Store(newVersion(name, source))
		s.files[name] = f
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	return s, nil
}

func newVersion(name string, content []byte) *version {
	sum := sha256.Sum256(content)
	hash := base64.RawURLEncoding.EncodeToString(sum[:9])
	extension := path.Ext(name)
	answer := &Answer{Header: http.Header{"Content-Type": {contentType(extension)}}, Body: content}
	return &version{
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

// Append makes the file called name consist of its own content and tail: the
// owner's accent goes to the end of the style sheet. Its address changes with it.
// Append may be called again, while the file is being served.
func (s *Static) Append(name string, tail []byte) error {
	f, ok := s.files[name]
	if !ok {
		return fmt.Errorf("append to %s: no such static file", name)
	}
	content := append(f.source[:len(f.source):len(f.source)], tail...)
	f.version.Store(newVersion(name, content))
	return nil
}

// Asset gives the address of the file called name. Templates know it as "asset".
func (s *Static) Asset(name string) (string, error) {
	f, ok := s.files[name]
	if !ok {
		return "", fmt.Errorf("asset %s: no such static file", name)
	}
	return f.version.Load().address, nil
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
	v := f.version.Load()
	v.compress.Do(v.prepare)
	if r.URL.Path == v.address {
		v.lasting.send(w, r)
	} else {
		v.passing.send(w, r)
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
func (v *version) prepare() {
	body := v.lasting.plain()
	if !worthwhile(v.lasting.contentType, len(body)) {
		return
	}
	var g gzipper
	gzip, brotli := g.compress(body), brotliBytes(newBrotli(brotliFile), body)
	for _, r := range []*ready{v.lasting, v.passing} {
		r.add(gzipEncoding, gzip)
		r.add(brotliEncoding, brotli)
	}
}
