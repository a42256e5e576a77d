// Package web holds what hark sends but does not compute: the templates of its
// pages, the style sheets and the few scripts. All of it lives in the binary.
package web

import (
	"embed"
	"fmt"
	"io/fs"
)

// The prefix all: is needed because partial templates begin with an underscore.
//
//go:embed all:templates
var templates embed.FS

//go:embed static
var static embed.FS

//go:embed words
var words embed.FS

// Templates are the sources of the pages: error.html, site/*.html, desk/*.html.
var Templates = below(templates, "templates")

// Words are the languages of the pages, beside English: de.json is German.
var Words = below(words, "words")

// Static are the files served under /static/.
var Static = below(static, "static")

// below opens a directory of an embedded file system. It can only fail if the
// directory's name is malformed, which is a programmer's mistake.
func below(fsys fs.FS, dir string) fs.FS {
	sub, err := fs.Sub(fsys, dir)
	if err != nil {
		panic(fmt.Sprintf("open embedded %s: %v", dir, err))
	}
	return sub
}
