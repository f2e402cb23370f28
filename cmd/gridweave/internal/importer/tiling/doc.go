// Package tiling checks that areas cover the area above them exactly (网格无缝): no gap, no overlap, nothing outside.
// It asks PostGIS within the caller's transaction, in metres on a plane where straight borders stay straight, and
// changes nothing.
//
// Its functions keep no state.
package tiling
