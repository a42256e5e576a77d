package site

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"

	"hark/internal/auth"
	"hark/internal/media"
	"hark/internal/micropub"
	"hark/internal/page"
)

// unhurried gives an upload its time.
func unhurried(w http.ResponseWriter) error { return page.Unhurried(w, media.UploadTime) }

// uploads gives the router the door for files of apps, and the files.
func (s *Site) uploads(r chi.Router) {
	door := micropub.Media(micropub.MediaService{
		Authorize: s.authorize,
		Keep:      s.keepFile,
		Last:      s.lastFiles,
		MaxBytes:  media.MaxBytes,
		Unhurried: unhurried,
		Failed:    s.failed("media"),
	}).ServeHTTP
	get(r, "/media", door)
	r.Post("/media", door)
	r.Options("/media", door)
	get(r, "/media/{name}", s.Errors.Door(s.file))
}

func (s *Site) keepFile(ctx context.Context, name string, body io.Reader) (string, error) {
	f, err := s.Media.Save(ctx, body, name, ctx.Value(writer{}).(*auth.User).ID)
	if err != nil {
		return "", notTaken("file", err)
	}
	return s.URL + f.Path(), nil
}

// takeFile takes a file that comes with a post, for one of its properties.
func (s *Site) takeFile(ctx context.Context, property, name string, body io.Reader) (micropub.Upload, error) {
	taken, err := s.Media.Take(ctx, body, name, ctx.Value(writer{}).(*auth.User).ID)
	if err != nil {
		return micropub.Upload{}, notTaken(property, err)
	}
	if !taken.File.Fits(property) {
		taken.Drop()
		return micropub.Upload{}, micropub.Invalid("%s: this file is of the type %s, which is no %s. It can be kept by the media endpoint, and linked to.", property, taken.File.Type, property)
	}
	return micropub.Upload{
		Location: s.URL + taken.File.Path(),
		Keep: func(ctx context.Context) error {
			_, err := taken.Keep(ctx)
			return err
		},
		Drop: taken.Drop,
	}, nil
}

// notTaken says in Micropub's words why a file is not taken.
func notTaken(property string, err error) error {
	switch invalid := (*media.Invalid)(nil); {
	case errors.As(err, &invalid) && invalid.Large:
		return &micropub.Error{Status: http.StatusRequestEntityTooLarge, Code: "invalid_request", Text: property + ": " + invalid.Text}
	case errors.As(err, &invalid):
		return micropub.Invalid("%s: %s", property, invalid.Text)
	}
	return appFull(err)
}

func (s *Site) lastFiles(ctx context.Context, skip, limit int) (items []micropub.MediaItem, err error) {
	files, err := s.Media.List(ctx, media.List{By: ctx.Value(writer{}).(*auth.User).ID, Skip: skip, Limit: limit})
	for _, f := range files {
		items = append(items, micropub.MediaItem{URL: s.URL + f.Path(), Published: f.Created, MediaType: f.Type})
	}
	return items, err
}

// file serves a file as it is kept, or a smaller size of it. Its name is made from its
// bytes, so browsers keep it for ever; whoever knows the name may read it. What stands
// in for a size that is not made yet is asked for again.
func (s *Site) file(w http.ResponseWriter, r *http.Request) error {
	name := chi.URLParam(r, "name")
	f, bytes, lasting, err := s.Media.Open(r.Context(), name)
	if errors.Is(err, media.ErrNotFound) {
		return &page.Error{Status: http.StatusNotFound, Text: "There is no file at this address."}
	}
	if err != nil {
		return err
	}
	defer bytes.Close()
	header := w.Header()
	header.Set("Content-Type", f.Type)
	header.Set("X-Content-Type-Options", "nosniff")
	if lasting {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
		header.Set("ETag", `"`+name+`"`)
	} else {
		header.Set("Cache-Control", "no-cache")
		header.Set("ETag", `"`+f.Stored()+`"`)
	}
	header.Set("Content-Disposition", "inline")
	if !f.Safe() {
		header.Set("Content-Disposition", "attachment")
	}
	http.ServeContent(w, r, "", f.Created, bytes)
	return nil
}
