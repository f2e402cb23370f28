// Package tiling checks that areas cover the area above them exactly (网格无缝): no gap, no overlap, nothing outside.
// It asks PostGIS, in metres (EPSG:4547), within the caller's transaction, and changes nothing.
//
// Its functions keep no state.
package tiling
