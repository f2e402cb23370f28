// Package civic is the room of the district's business. Each noun has a folder of the same form: doc.go, the
// types and their validation, the transition table, the use cases, the SQL. This package itself holds nothing.
//
// A use case permits, loads, decides, writes and records its evidence in one transaction, and answers with the
// position that includes it. What one noun causes in another happens through the feed, never by reaching into
// the other's store.
package civic
