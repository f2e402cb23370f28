package wire

// CloseCode is a WebSocket close code of the application's range. Its range tells the client what to do: from 4000 come
// back, after a wait that grows; from 4500 do not, since nothing would be different.
type CloseCode int

// noReturn is where the codes begin after which a client stays away.
const noReturn = 4500

// The codes.
const (
	CloseStopping CloseCode = 4000 // the server stops; bye said when to come back
	CloseSlow     CloseCode = 4001 // did not read for too long
	CloseSilent   CloseCode = 4002 // gave no sign of life
	CloseTooMany  CloseCode = 4003 // the account or the address has too many connections
	CloseBroken   CloseCode = 4004 // something failed in the server
	CloseAway     CloseCode = 4005 // another server can go on from where the client is; bye said when to come back

	CloseUnauthenticated CloseCode = 4500 // not signed in, or the session or account has ended
	CloseProtocol        CloseCode = 4501 // said what is no message
	CloseTooLarge        CloseCode = 4502 // a message above the limit
	CloseTooFast         CloseCode = 4503 // more messages than the limit for longer than its burst
)

// CloseCodes lists every code with its name, in order.
func CloseCodes() []NamedCode {
	return []NamedCode{
		{CloseStopping, "stopping"},
		{CloseSlow, "slow"},
		{CloseSilent, "silent"},
		{CloseTooMany, "too_many"},
		{CloseBroken, "broken"},
		{CloseAway, "away"},
		{CloseUnauthenticated, "unauthenticated"},
		{CloseProtocol, "protocol"},
		{CloseTooLarge, "too_large"},
		{CloseTooFast, "too_fast"},
	}
}

// NamedCode is a row of the table.
type NamedCode struct {
	Code CloseCode
	Name string
}

// Reconnect tells whether a client should come back.
func (c CloseCode) Reconnect() bool { return c < noReturn }

// String is the code's name, which is also the reason in the close frame.
func (c CloseCode) String() string {
	for _, n := range CloseCodes() {
		if n.Code == c {
			return n.Name
		}
	}
	return "unknown"
}
