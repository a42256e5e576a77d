package site

import (
	"context"
	"net/url"

	"hark/internal/posts"
)

// justDone says to who may change a post what was done to it a moment ago, and offers
// to take that back.
type justDone struct {
	Text    string
	Send    string // where to have it taken back
	Version int64  // that this is about
	Earlier string // the address of what the post was before
}

// justDone is nil for readers, and for what was done longer ago.
func (s *Site) justDone(ctx context.Context, p *posts.Post, bar *deskbar) (*justDone, error) {
	if bar == nil || !bar.user.MayChange(p.AuthorID) {
		return nil, nil
	}
	what, err := s.Posts.Undoable(ctx, p)
	if err != nil || what == posts.Nothing {
		return nil, err
	}
	at := "/desk/posts/" + url.PathEscape(p.ID)
	just := &justDone{Text: "Published a moment ago.", Send: at, Version: p.Version}
	if what == posts.Change {
		just.Text, just.Earlier = "Changed a moment ago.", at+"/revisions"
	}
	return just, nil
}
