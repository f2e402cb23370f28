// Package heat answers how much of what happened where and when (热力图): incidents and declarations in a time, grades
// and undeclared rentals at a time, by street, community, grid, hexagon or as a density. It reads the cube that triggers
// keep in PostgreSQL (migrations/0013_heat.sql and 0020_heat_log.sql) through a copy in memory that each question first
// brings up to date, within the reader's scope, and lets geo/insight make of the counts what can be shown. Of the cube it
// changes nothing; it shortens the log of its changes.
//
// A Service is safe for concurrent use. One question at a time reads the log; a copy never changes once it is made, so
// that any number of questions read it without a lock.
package heat
