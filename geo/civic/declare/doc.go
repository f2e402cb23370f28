// Package declare owns self-declarations of residence (自主申报): somebody says that they live in a room. Most are
// trusted and stored at once; a few are doubtful and visited.
//
//	             checks pass
//	submitted ──── or accept ────▶ accepted ──── move-out ───▶ moved_out
//	    │                            ▲  ▲
//	    │ a check fails, doubt verify │  │ accept
//	    ▼                            │  │
//	 doubtful ───────────────────────┴──┘
//	    │ ▲
//	    │ └── absent (visit again)
//	    └──── refute ──▶ rejected
//
// The person exists only as ciphertext and keyed hash; lists show masks. Accepting and moving out change the room's and
// the building's counts in the same transaction. Evidence never holds personal data.
//
// A Service is safe for concurrent use.
package declare
