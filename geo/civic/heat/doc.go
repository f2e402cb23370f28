// Package heat answers how much of what happened where and when (热力图): incidents and declarations in a time, grades
// and undeclared rentals at a time, by street, community, grid, hexagon or as a density. It reads the cube that triggers
// keep in PostgreSQL (migrations/0013_heat.sql), within the reader's scope, and lets geo/insight make of the counts
// what can be shown. It changes nothing.
//
// A Service is safe for concurrent use.
package heat
