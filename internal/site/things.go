package site

import (
	"context"
	"path"
	"strings"

	"hark/internal/gallery"
	"hark/internal/media"
	"hark/internal/posts"
)

// shown finds what pages of posts say of pictures.
func (s *Site) shown(ctx context.Context, list ...*posts.Post) (media.Shown, error) {
	var texts []string
	for _, p := range list {
		texts = append(texts, gallery.Named(p)...)
	}
	return s.Media.Shown(ctx, s.URL, texts...)
}

// mediaTypes are those of the files that posts are about, by the endings of their
// names.
var mediaTypes = map[string]string{
	".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif",
	".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav", ".flac": "audio/flac",
	".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".ogv": "video/ogg", ".mov": "video/quicktime",
}

// enclosure is a file that goes with an item of a feed.
type enclosure struct {
	address, mediaType, title string
	bytes                     int64 // 0 where it is not known
}

// weigh says of the files of ours in a feed what they are and how large.
func (s *Site) weigh(ctx context.Context, f feed) error {
	var addresses []string
	for _, it := range f.items {
		for _, file := range it.files {
			addresses = append(addresses, file.address)
		}
	}
	if len(addresses) == 0 {
		return nil
	}
	known, err := s.Media.Shown(ctx, s.URL, addresses...)
	if err != nil {
		return err
	}
	for _, it := range f.items {
		for n, file := range it.files {
			if mediaType, bytes := known.File(file.address); bytes > 0 {
				it.files[n].mediaType, it.files[n].bytes = mediaType, bytes
			}
		}
	}
	return nil
}

// enclosures are the files of a post: what is heard, then seen.
func (s *Site) enclosures(p *posts.Post, base string) (all []enclosure) {
	for _, one := range []struct {
		files []posts.File
		usual string
	}{{p.Audios(), "audio/mpeg"}, {p.Videos(), "video/mp4"}, {p.Photos(), "image/jpeg"}} {
		for _, f := range one.files {
			mediaType := one.usual
			name, _, _ := strings.Cut(f.Address, "?")
			if known := mediaTypes[strings.ToLower(path.Ext(name))]; strings.HasPrefix(known, one.usual[:6]) {
				mediaType = known
			}
			all = append(all, enclosure{address: wholeAddress(f.Address, base), mediaType: mediaType, title: f.Alt})
		}
	}
	return all
}
