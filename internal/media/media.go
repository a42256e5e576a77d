// Package media keeps the files that writers upload: pictures, recordings, films.
package media

import (
	"errors"
	"strings"
	"time"
)

// MaxBytes is the largest file, in bytes.
const MaxBytes = 50 << 20

// UploadTime is how long a request with files may take: fifty megabytes over a slow line.
const UploadTime = 15 * time.Minute

// ErrNotFound says that there is no such file.
var ErrNotFound = errors.New("no such file")

// Invalid says in a sentence why a file is not taken.
type Invalid struct {
	Text  string
	Large bool // it is larger than a file may be
}

func (e *Invalid) Error() string { return e.Text }

// File is a file as it is kept.
type File struct {
	Key           string // 32 hexadecimal digits, made of the bytes
	Name          string // as it was called where it came from; for people, and never part of a path
	Type          string // its media type, found from the bytes
	Bytes         int64
	Width, Height int    // of a picture, in pixels; else 0
	AuthorID      string // who has uploaded it; of several, who was the first
	Created       time.Time
	Alt           string // what it shows, as who has uploaded it says; File and Open leave it empty
}

// Path is where the file is read: /media/{key}.{ending}.
func (f *File) Path() string { return "/media/" + f.Stored() }

// Stored is its name among the files.
func (f *File) Stored() string { return f.Key + "." + endings[f.Type] }

// Fits tells whether the file can be what a property of a post shows: a photo, a video
// or an audio. Some films are recordings without a picture, and the other way round.
func (f *File) Fits(property string) bool {
	if property == "photo" {
		return strings.HasPrefix(f.Type, "image/")
	}
	return strings.HasPrefix(f.Type, "video/") || strings.HasPrefix(f.Type, "audio/")
}

// Safe tells whether a browser may show the file in a page of its own. It shows
// pictures and plays sound and films; whatever it could run it has to save.
func (f *File) Safe() bool { return f.Type != pdf }
