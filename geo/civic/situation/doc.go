// Package situation answers what a live wall (态势) asks: key figures of an area as they are, as they were a day ago and
// hour by hour in between; what happened between two times; and how things stood at a time in the past, from which a
// replay goes on. It reads what the nouns have written, the ledger above all, and writes nothing; how long each case was in
// each state, which the database gathers from the ledger as it grows, is deleted by Run when no wall looks so far back.
//
// Figures are kept as numerator and denominator. What changed rows without the ledger, such as somebody in psql, shows
// on the map and in counts of what is, and is not in the history.
//
// A Service is safe for concurrent use.
package situation
