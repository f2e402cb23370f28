package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gridweave/gridweave/realtime/node"
)

type nodeCommand struct {
	List nodeList `cmd:"" help:"List the servers on the database, with the log that each one's replication slot holds back."`
	Drop nodeDrop `cmd:"" help:"Drop a dead server's replication slot, which holds back the log, and forget it."`
}

// nodeFlag names a server.
type nodeFlag struct {
	Node string `env:"GRIDWEAVE_NODE" help:"This server's name among those on the database, and of its replication slot; made of the host's name and the data folder when left out." placeholder:"NAME"`
}

// self is this process as a server.
func (n nodeFlag) self(o *opened, address string) (node.Self, error) {
	folder, err := filepath.Abs(o.keys)
	if err != nil {
		return node.Self{}, err
	}
	return node.New(n.Node, folder, version, address)
}

type nodeList struct{ place }

// Run lists the nodes by name.
func (n *nodeList) Run(c *console) error {
	return n.with(c, func(o *opened) error {
		nodes, err := node.List(c, o.Admin)
		if err != nil {
			return err
		}
		if n.JSON {
			return c.printJSON(append([]node.Node{}, nodes...))
		}
		c.printLine("%-32s %-10s %-22s %-12s %10s  %s", "node", "state", "address", "last seen", "retained", "slot")
		for _, x := range nodes {
			c.printLine("%-32s %-10s %-22s %-12s %10s  %s", x.Name, stateOf(x), x.Address, seenAgo(x.Seen), megabytes(x.Retained), slotOf(x))
		}
		return nil
	})
}

func stateOf(n node.Node) string {
	switch {
	case n.Alive:
		return "alive"
	case n.Active:
		return "unknown" // somebody reads from the slot and does not say who
	default:
		return "dead"
	}
}

func seenAgo(at *time.Time) string {
	if at == nil {
		return "never"
	}
	return time.Since(*at).Round(time.Second).String() + " ago"
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

func slotOf(n node.Node) string {
	switch {
	case !n.HasSlot:
		return "none"
	case n.Active:
		return n.WALStatus + ", active"
	default:
		return n.WALStatus + ", inactive"
	}
}

type nodeDrop struct {
	place
	Name string        `arg:"" optional:"" help:"The node, as node list names it."`
	Dead time.Duration `help:"Instead of one: all that have not been seen for so long, such as 1h." placeholder:"TIME"`
}

// Run drops what was named and tells what that was.
func (n *nodeDrop) Run(c *console) error {
	if (n.Name == "") == (n.Dead == 0) {
		return usageError{errors.New("node drop: name one node, or give --dead")}
	}
	return n.with(c, func(o *opened) error {
		dropped := []string{n.Name}
		err := error(nil)
		if n.Name != "" {
			err = node.Drop(c, o.Admin, n.Name)
		} else {
			dropped, err = node.DropDead(c, o.Admin, n.Dead)
		}
		if err != nil {
			return err
		}
		if n.JSON {
			return c.printJSON(map[string][]string{"dropped": append([]string{}, dropped...)})
		}
		for _, name := range dropped {
			c.printLine("dropped %s", name)
		}
		return nil
	})
}
