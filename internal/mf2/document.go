// Package mf2 reads the microformats of other people's pages and answers what
// a blog asks of them: which entry answers us, who wrote it, and of what kind
// it is.
package mf2

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/net/html"
	"willnorris.com/go/microformats"
)

// ErrTooCostly is returned for a page built so that reading its microformats
// would take far more work than its size warrants.
var ErrTooCostly = errors.New("microformats are nested too deeply to be read")

// Document is the microformats of one page.
type Document struct {
	page *url.URL
	data *microformats.Data
	now  time.Time
}

// Parse reads the microformats of a parsed page that was fetched from the
// address page. It may change the tree: addresses inside an entry's content
// become absolute, and the classic include pattern is taken out.
func Parse(root *html.Node, page *url.URL) (d *Document, err error) {
	defer func() {
		if r := recover(); r != nil {
			d, err = nil, fmt.Errorf("read microformats: %v", r)
		}
	}()
	if root == nil {
		return nil, errors.New("read microformats: no document")
	}
	if err := tame(root); err != nil {
		return nil, fmt.Errorf("read microformats: %w", err)
	}
	if page == nil {
		page = &url.URL{}
	}
	return &Document{page: page, data: microformats.ParseNode(root, page), now: time.Now()}, nil
}

// Rel lists the addresses that the page links to with the relation rel.
func (d *Document) Rel(rel string) []string { return d.data.Rels[rel] }
