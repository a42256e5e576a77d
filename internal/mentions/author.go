package mentions

import (
	"context"
	"net/url"
	"strings"

	"hark/internal/mf2"
)

// name finds who says it: the author, else the site, else the host.
func (r *reading) name(ctx context.Context) {
	author := r.author(ctx)
	r.Site = cleanName(r.siteName(), nameLength)
	r.AuthorName = cleanName(author.Name, nameLength)
	r.AuthorURL = webOnly(author.URL)
	r.AuthorPhoto = webOnly(author.Photo)
	r.NamedAuthor = r.AuthorName != ""
	for _, name := range []string{r.Site, r.source.address.Hostname(), r.source.address.String()} {
		if r.AuthorName == "" {
			r.AuthorName = cleanName(strings.TrimPrefix(name, "www."), nameLength)
		}
	}
	if r.AuthorURL == "" {
		r.AuthorURL = (&url.URL{Scheme: r.source.address.Scheme, Host: r.source.address.Host, Path: "/"}).String()
	}
}

func (r *reading) siteName() string {
	name := r.head.first("og:site_name")
	fill(&name, r.linked.site)
	fill(&name, r.head.site())
	return name
}

// author goes through the ways in which a page names its author.
func (r *reading) author(ctx context.Context) mf2.Author {
	var a mf2.Author
	if r.entry != nil {
		a = r.authorOfEntry(ctx)
	}
	if a.Name == "" && r.linked.author != "" {
		a.Name = r.linked.author
		fill(&a.URL, r.linked.authorURL)
		fill(&a.Photo, r.linked.authorPhoto)
	}
	if a.Name == "" {
		a.Name = r.head.writer()
		fill(&a.URL, r.head.authorPage)
	}
	if a.Name == "" && r.mf2 != nil {
		if owner, ok := r.mf2.Owner(); ok {
			return owner
		}
	}
	return a
}

// authorOfEntry ends the authorship algorithm: where the entry only names a
// page of its author, that page is asked, this one or another.
func (r *reading) authorOfEntry(ctx context.Context) mf2.Author {
	a, page := r.entry.Author, r.entry.AuthorPage
	if page == "" {
		return a
	}
	person, ok := r.mf2.Person(page)
	if !ok && r.get != nil {
		person, ok = r.ask(ctx, page)
	}
	if !ok {
		return mf2.Author{Name: a.Name, URL: page, Photo: a.Photo}
	}
	fill(&person.URL, page)
	fill(&person.Photo, a.Photo)
	return person
}

// ask fetches the page of an author and looks for its representative h-card.
func (r *reading) ask(ctx context.Context, address string) (mf2.Author, bool) {
	page, err := r.get(ctx, address)
	if err != nil || page.Status < 200 || page.Status > 299 {
		return mf2.Author{}, false
	}
	s, err := readSource(page)
	if err != nil || s.root == nil {
		return mf2.Author{}, false
	}
	document, err := mf2.Parse(s.root, s.address)
	if err != nil {
		return mf2.Author{}, false
	}
	if person, ok := document.Person(s.address.String()); ok {
		return person, true
	}
	return document.Person(address)
}
