// Package incident owns incidents (事件): what somebody reports somewhere, until it is closed.
//
//	            reject
//	reported ───────────▶ rejected
//	    │ file
//	    ▼          assign                acknowledge              resolve
//	  filed ───────────────▶ assigned ───────────────▶ acknowledged ─────▶ resolved ─── verify ──▶ verified
//	    ▲                     │     ▲                                       │    ▲                    │ close
//	    │                     │return│assign                          rework│    │resolve             ▼
//	    │                     ▼     │                                       ▼    │                  closed
//	    │                    returned                                      rework                     │
//	    └──────────────────────────────────────── reopen ─────────────────────────────────────────────┘
//
// Who collects does not handle, and who handles does not verify. Each stage has a timer, by the incident's type.
// Every step is one transaction with its entry in the evidence ledger. Merging, extension and suspension are not here
// yet.
//
// A Service is safe for concurrent use.
package incident
