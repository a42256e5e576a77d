// Package micropub speaks the server's side of W3C Micropub, by which apps
// write to a blog. It reads requests, answers them, and knows nothing of the
// blog: tokens and posts are the business of the Service behind it.
package micropub

import (
	"context"
	"io"
	"net/http"
)

// Properties are microformats2 properties as JSON decodes them: each value a
// string, a number, a bool, or a map of such.
type Properties map[string][]any

// Create asks for a new post (Micropub, section 3.3).
type Create struct {
	// Type is the kind of object, without its "h-": "entry" or "event".
	Type string
	// Properties are kept as they came, unknown ones included.
	Properties Properties
	// Commands are the properties whose names begin with "mp-". They are for
	// the server and no part of the post.
	Commands map[string][]any
	// Uploads are the files that came with it. The properties name them by their
	// addresses; they are kept by whoever keeps the post.
	Uploads []Upload
}

// Upload is a file that came with a new post, and is not yet kept: the post may be
// refused. One of Keep and Drop ends it; Drop after Keep does nothing.
type Upload struct {
	Location string // its absolute address, once it is kept
	Keep     func(ctx context.Context) error
	Drop     func()
}

// Update asks for changes of a post (Micropub, section 3.4). Commands among the
// properties, such as mp-slug, are not kept apart.
type Update struct {
	URL          string
	Replace, Add Properties
	Delete       Properties // values to take away
	Drop         []string   // properties to take away whole
}

// Item is a post as an app edits it.
type Item struct {
	Type       []string   `json:"type"`
	Properties Properties `json:"properties"`
}

// Listing says which posts an app wants to see.
type Listing struct {
	Kind  string // of post type discovery; empty for all
	After string // what the last answer gave to go on with; empty for the newest
	Limit int    // 0 where the app does not say
}

// PostType is a kind of post that an app may offer.
type PostType struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// Target is a place to which a post can be copied.
type Target struct {
	UID  string `json:"uid"`
	Name string `json:"name"`
}

// Service is the blog behind the door. All but Failed, Config, Targets, Take, Twice and
// Unhurried are needed. What they return as *Error is answered as such; any other error
// is answered 500 without its text, and told to Failed.
type Service struct {
	// Authorize is asked once a request, before anything else is done. The
	// scope is "create", "update", "delete" or "undelete", or several of which one
	// will do, or empty when any token will do. The context it returns is handed on.
	Authorize func(ctx context.Context, token, scope string) (context.Context, error)
	// Twice is asked, once it is authorized, about a token that stood both in the header
	// and in the form, as RFC 6750, section 2, forbids. nil lets it pass, for apps that
	// know no better. Without Twice all of those are refused.
	Twice func(ctx context.Context) error
	// Create makes a post and returns its absolute address.
	Create func(ctx context.Context, c Create) (location string, err error)
	// Update changes a post in one step or not at all, and returns its absolute
	// address, which may be another then.
	Update func(ctx context.Context, u Update) (location string, err error)
	// Source is a post as it can be edited.
	Source func(ctx context.Context, url string) (Item, error)
	// List is a page of the posts that the token's user may edit. after leads to
	// the next page; it is empty at the end.
	List func(ctx context.Context, l Listing) (items []Item, after string, err error)
	// Categories are the categories in use whose names hold filter.
	Categories func(ctx context.Context, filter string) ([]string, error)
	// Types are the kinds of posts there can be.
	Types []PostType
	// Targets are the places to which a post can be copied; nil for none.
	Targets func(ctx context.Context) ([]Target, error)
	// Config is what q=config says beside the queries.
	Config map[string]any
	// Delete removes the post at an address.
	Delete func(ctx context.Context, url string) error
	// Undelete brings it back.
	Undelete func(ctx context.Context, url string) error
	// Take reads a file that came as the part of a form for a property: photo, video
	// or audio. name is what the app calls it. Without Take there are no files.
	Take func(ctx context.Context, property, name string, body io.Reader) (Upload, error)
	// MaxFiles is how much all files of a request have together, in bytes.
	MaxFiles int64
	// Unhurried gives a request with files its time once its token is known, where the
	// deadlines of the server are for small requests; nil leaves those.
	Unhurried func(w http.ResponseWriter) error
	// Failed is told of errors that are the site's own.
	Failed func(ctx context.Context, err error)
}
