// Package feed follows the database's log: it owns one persistent logical replication slot, creates it anew with an
// exported snapshot when it starts, hands that snapshot to a Consumer to load from, and then hands over every
// committed transaction in commit order, from the snapshot's own point on: no gap, no double.
//
// A connection that drops is taken up again at the same slot, so nothing in between is missed. A slot that was lost,
// or made anew by somebody else, or a database with another identity, means a new slot and a new load; the consumer
// learns so by Load being called again. The feed knows tables, columns and positions, never what they mean.
//
// A Feed's Run calls its Consumer from one goroutine; Position, Nudge and State may be called from any.
package feed
