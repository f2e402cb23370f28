// Package wire is the language of the stream: the messages that client and server exchange as JSON in WebSocket text
// frames (subprotocol gridweave.v1), the codes with which the server closes, and the frames' bytes. ARCHITECTURE.md has a
// page of examples, which tests here and in the front end read with the types of both.
//
// The package holds values and writes bytes; it does no I/O and knows no topic's meaning.
package wire
