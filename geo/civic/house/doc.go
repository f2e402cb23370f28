// Package house owns buildings and rooms (房屋): what stands, its changing state, the grade of houses that are let with
// the rules that gave it, and its history. A grade changes together with its entry in the history and in the evidence
// ledger. Which grade a house deserves is decided elsewhere; here it is set, by somebody, for reasons.
//
// A Service is safe for concurrent use.
package house
