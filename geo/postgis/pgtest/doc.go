// Package pgtest gives tests real databases: each a clone of a migrated template, in a throw-away PostgreSQL of the
// test process that forgets to sync its disk. The migrated cluster is kept among the temporary files by the hash of
// the migrations, so that the next process only copies it.
//
// All functions may be called from parallel tests. Nothing outlives the test process, however it ends: a watchdog
// stops the cluster and removes its files.
package pgtest
