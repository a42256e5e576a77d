// Package micropub speaks the server's side of W3C Micropub, by which apps
// write to a blog. It reads requests, answers them, and knows nothing of the
// blog: tokens and posts are the business of the Service behind it.
package micropub

import "context"

// Properties are microformats2 properties as JSON decodes them: each value a
// string, a number, a bool, or a map of such.
type Properties map[string][]any

// Create asks for a new post (Micropub, section 3.3).
type Create struct {
	// Type is the kind of object, without its "h-": always "entry".
	Type string
	// Properties are kept as they came, unknown ones included.
	Properties Properties
	// Commands are the properties whose names begin with "mp-". They are for
	// the server and no part of the post.
	Commands map[string][]any
}

// Service is the blog behind the door. Authorize, Create, Delete and Undelete
// are needed. What they return as *Error is answered as such; any other error
// is answered 500 without its text, and told to Failed.
type Service struct {
	// Authorize is asked once a request, before anything else is done. The
	// scope is "create", "delete" or "undelete", or empty when any token will
	// do. The context it returns is handed on.
	Authorize func(ctx context.Context, token, scope string) (context.Context, error)
	// Create makes a post and returns its absolute address.
	Create func(ctx context.Context, c Create) (location string, err error)
	// Delete removes the post at an address.
	Delete func(ctx context.Context, url string) error
	// Undelete brings it back.
	Undelete func(ctx context.Context, url string) error
	// Failed is told of errors that are the site's own.
	Failed func(ctx context.Context, err error)
}
