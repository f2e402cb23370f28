// Package postgis is the border to PostgreSQL: it owns the private cluster in a data folder, the two connection pools,
// transactions with a scope, the schema's migration, and the translation between orb geometry and PostGIS's EWKB.
// It never knows a table of the business.
//
// The user of a connection URL is the administrator, who owns the tables. The App pool works as gridweave_app, which
// owns nothing, so that row-level security binds it; what it sees is decided by the scope of each transaction.
//
// A DB and a Cluster may be used by any number of goroutines. A private cluster belongs to one process at a time,
// which holds the data folder's lock; other processes beside it only connect. The package reads /proc and uses
// pidfds: it runs on Linux.
package postgis
