package media

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"hark/internal/picture"
)

// Limits says what files are kept, for those who are about to choose one.
func Limits() string {
	return fmt.Sprintf("JPEG, PNG, GIF and WebP pictures of up to %d megapixels, MP4, WebM and Ogg films, MP3, M4A and Ogg recordings, PDF; at most %d MiB each.",
		picture.Megapixels, MaxBytes>>20)
}

// TooLarge says what to do with a file that is larger than all that are kept.
func TooLarge() string {
	return fmt.Sprintf("A file has at most %d MiB. Make it smaller, or put it elsewhere and link to it.", MaxBytes>>20)
}

// Accept lists the types that are kept, as the field of a form names them (HTML
// §4.10.5.1.17). kinds narrow it: image, audio, video.
func Accept(kinds ...string) string {
	var all []string
	for _, one := range append(slices.Sorted(maps.Keys(endings)), "image/webp") {
		kind, _, _ := strings.Cut(one, "/")
		if len(kinds) == 0 || slices.Contains(kinds, kind) {
			all = append(all, one)
		}
	}
	return strings.Join(all, ",")
}
