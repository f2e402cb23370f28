// Package account owns who may act: staff accounts with one role and one area code, their passwords, bearer tokens
// and browser sessions. An account sees and changes what starts with its area code; what it may do there is its
// role's. Passwords exist only as argon2id hashes, tokens and session cookies only as SHA-256. It never decides what
// a role may do to a noun: each noun's transition table does.
//
// A Service and a SessionStore are safe for concurrent use.
package account
