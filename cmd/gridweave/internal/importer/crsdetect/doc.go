// Package crsdetect finds out in which of several coordinate systems an upload is, by where each of them would land it
// on geometry that is known to be right. It weighs, and it refuses when the weights do not tell: a wrong guess moves a
// district by half a kilometre. It does no I/O and knows no particular system; the caller brings the conversions.
//
// Its functions keep no state and are safe for concurrent use.
package crsdetect
