// Package migrations embeds the database's schema as plain SQL, one file a step, forward only. A step that has been
// released is never edited: what it left behind is what the next one meets.
package migrations

import "embed"

// FS holds the steps, NNNN_name.sql, in the form that goose reads.
//
//go:embed *.sql
var FS embed.FS
