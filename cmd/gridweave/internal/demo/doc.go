// Package demo fills an empty district with a generated one: areas, base map, buildings, rooms, grades and thirty days
// of past, by COPY and in one transaction, so that a database holds a whole demo or none of it. It refuses a database
// that holds areas or buildings already, and never touches accounts. What it writes comes from demo/city; personal
// data passes through the Sealer on its way and is stored as ciphertext and keyed hash only.
//
// Indexes, the words for search and the heatmaps' counts come last, in one pass over all rows rather than with each of
// them, in the same transaction: one that dies leaves an empty district with all of its indexes and triggers.
//
// Write is one transaction on one connection; the city is made beside it on the other processors, and every goroutine
// has ended when Write returns.
package demo
