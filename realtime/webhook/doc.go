// Package webhook tells other systems what the stream tells: CloudEvents, one for each event, signed, and tried again
// until they are taken.
//
// A Reactor listens to the hub like a client, and turns what a webhook is to hear into River jobs, in one transaction
// with the position up to which it has done so. Another node that does the same finds the position moved on and does
// nothing: each event becomes one job, whoever comes first. A delivery may happen twice, when a node dies between the
// answer and its own note of it, and never goes missing: what is refused too often is kept as a dead letter.
//
// What happened while no server was there is told from the database's log, where that is kept (Past), of topics whose
// every event counts. Of what cannot be told the receiver is sent gridweave.resync, with the topics and the position from
// which it is told everything again, and asks REST for the present. So it is where more has waited than may wait.
//
// A Reactor's Run and River's workers are the only goroutines.
package webhook
