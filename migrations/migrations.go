// Package migrations holds the database's schema as numbered steps.
package migrations

import "embed"

// Files are the steps, named NNNNN_words.sql and run in order of their numbers
// by goose. A step that was released is never edited; a change is a new one.
//
// A step that the two engines cannot share stands once in sqlite and once in
// postgres. Such a file is run as it is, without goose's marks.
//
//go:embed *.sql sqlite/*.sql postgres/*.sql
var Files embed.FS
