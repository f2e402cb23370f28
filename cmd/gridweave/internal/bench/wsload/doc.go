// Package wsload is a crowd of WebSocket clients on loopback that does as little as it can with what it gets: it counts
// events by a marker in their bytes and notes when they came. A client of a library costs as much as a server that sends
// to thousands, and both share this machine.
//
// A Crowd's clients are read by as many goroutines as there are cores, which ask the kernel who has something.
// Counters may be read at any time.
package wsload
