// Package webhook owns which other systems (其他部门的系统) are told what happens, and where: an area, topics, an address
// and the secret that deliveries are signed with. Package realtime/webhook does the telling.
//
// A Service's methods may be called from any goroutine.
package webhook
