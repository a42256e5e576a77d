// Package migrations holds the database's schema as numbered steps.
package migrations

import "embed"

// Files are the steps, named NNNNN_words.sql and run in order of their numbers
// by goose. A step that was released is never edited; a change is a new one.
//
//go:embed *.sql
var Files embed.FS
