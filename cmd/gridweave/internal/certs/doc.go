// Package certs gives the server its certificate: one by a certificate authority of its own, which it makes in the data
// folder and which a closed network's devices are told to trust, or one of the operator's.
//
// It never speaks HTTP. A Source is safe for concurrent use and has no goroutine: whatever has to be made anew or read
// again is, when the next client connects.
package certs
