package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Message is any of the messages, client's or server's.
type Message interface{ typeName() string }

func (Subscribe) typeName() string    { return "subscribe" }
func (Move) typeName() string         { return "move" }
func (Unsubscribe) typeName() string  { return "unsubscribe" }
func (Ping) typeName() string         { return "ping" }
func (Hello) typeName() string        { return "hello" }
func (Subscribed) typeName() string   { return "subscribed" }
func (Snapshot) typeName() string     { return "snapshot" }
func (Batch) typeName() string        { return "batch" }
func (Mark) typeName() string         { return "mark" }
func (Leave) typeName() string        { return "leave" }
func (Resync) typeName() string       { return "resync" }
func (Unsubscribed) typeName() string { return "unsubscribed" }
func (Error) typeName() string        { return "error" }
func (Bye) typeName() string          { return "bye" }
func (Pong) typeName() string         { return "pong" }

// ClientMessages lists an empty one of each message of the client.
func ClientMessages() []Message { return []Message{Subscribe{}, Move{}, Unsubscribe{}, Ping{}} }

// ServerMessages lists an empty one of each message of the server.
func ServerMessages() []Message {
	return []Message{
		Hello{}, Subscribed{}, Snapshot{}, Batch{}, Mark{}, Leave{}, Resync{}, Unsubscribed{}, Error{}, Bye{}, Pong{},
	}
}

// Type is the message's name on the wire.
func Type(m Message) string { return m.typeName() }

// Encode writes a message: an object whose first member is its type.
func Encode(m Message) ([]byte, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("wire encode %s: %w", m.typeName(), err)
	}
	out := make([]byte, 0, len(body)+len(`{"type":"",`)+len(m.typeName()))
	out = append(out, `{"type":"`...)
	out = append(out, m.typeName()...)
	out = append(out, '"')
	if len(body) > len(`{}`) {
		out = append(out, ',')
	}
	return append(out, body[1:]...), nil
}

// DecodeClient reads what a client says. A message of no known type, a member that the type does not have, and
// anything behind the object are errors: a client that errs should hear of it, not wonder.
func DecodeClient(text []byte) (Message, error) {
	switch name, err := typeOf(text); {
	case err != nil:
		return nil, err
	case name == "subscribe":
		return decode[Subscribe](text)
	case name == "move":
		return decode[Move](text)
	case name == "unsubscribe":
		return decode[Unsubscribe](text)
	case name == "ping":
		return decode[Ping](text)
	default:
		return nil, fmt.Errorf("wire: clients send no message of type %q", clip(name))
	}
}

// DecodeServer reads what a server says, as strictly: for tests, the bench and other clients in Go.
func DecodeServer(text []byte) (Message, error) {
	switch name, err := typeOf(text); {
	case err != nil:
		return nil, err
	case name == "hello":
		return decode[Hello](text)
	case name == "subscribed":
		return decode[Subscribed](text)
	case name == "snapshot":
		return decode[Snapshot](text)
	case name == "batch":
		return decode[Batch](text)
	case name == "mark":
		return decode[Mark](text)
	case name == "leave":
		return decode[Leave](text)
	case name == "resync":
		return decode[Resync](text)
	case name == "unsubscribed":
		return decode[Unsubscribed](text)
	case name == "error":
		return decode[Error](text)
	case name == "bye":
		return decode[Bye](text)
	case name == "pong":
		return decode[Pong](text)
	default:
		return nil, fmt.Errorf("wire: servers send no message of type %q", clip(name))
	}
}

func typeOf(text []byte) (string, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return "", fmt.Errorf("wire: no JSON object: %w", err)
	}
	return head.Type, nil
}

// decode takes the type out first, since a Go type of no message has it.
func decode[M Message](text []byte) (Message, error) {
	var m M
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, fmt.Errorf("wire %s: %w", m.typeName(), err)
	}
	delete(members, "type")
	rest, err := json.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("wire %s: %w", m.typeName(), err)
	}
	d := json.NewDecoder(bytes.NewReader(rest))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("wire %s: %w", m.typeName(), err)
	}
	return m, nil
}

// clip keeps foreign input in messages short.
func clip(s string) string {
	const most = 32
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
