// Package live owns the live picture: what the map shows, in memory, as of one position in the database's log. It
// holds generic layers of features with quantised geometry, an area code each and a few small values, and knows no
// business noun: each noun declares which rows become which features. It never asks the database.
//
// A Picture may be read by any number of goroutines while one applies transactions; a reader sees whole transactions
// only.
package live
