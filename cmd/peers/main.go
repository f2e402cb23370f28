// Command peers is others' ways of doing what gridweave does, as servers that `gridweave bench` runs beside its own:
// vector tiles by ST_AsMVT, and ways to send one event to many WebSockets. It is a module of its own, so that
// what it needs stays out of the program's; bin/tegola is built from here too.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/gridweave/gridweave/cmd/peers/internal/asmvt"
	"github.com/gridweave/gridweave/cmd/peers/internal/fanout"
	"github.com/gridweave/gridweave/cmd/peers/internal/serving"
)

// cli lists the servers. Each prints one line of JSON with its address when it is ready, and ends on SIGTERM.
type cli struct {
	Asmvt      asmvtCommand      `cmd:"" name:"asmvt" help:"Vector tiles by ST_AsMVT behind a thin handler."`
	Centrifuge centrifugeCommand `cmd:"" help:"Events through the centrifuge library, for those who may see them."`
	Lean       leanCommand       `cmd:"" name:"centrifuge-lean" help:"Events through the centrifuge library, for everybody."`
	Channels   channelsCommand   `cmd:"" help:"Events through a goroutine and a channel for each client."`
	Prepared   preparedCommand   `cmd:"" help:"Events by a loop over the clients with a prepared message."`
}

type listen struct {
	Addr string `default:"127.0.0.1:0" help:"Address to listen on." placeholder:"HOST:PORT"`
}

type asmvtCommand struct {
	listen
	asmvt.Config
}

// Run serves tiles.
func (a *asmvtCommand) Run(ctx context.Context) error {
	handler, closer, err := asmvt.New(ctx, a.Config)
	if err != nil {
		return err
	}
	defer closer()
	return serving.Run(ctx, a.Addr, handler, os.Stdout)
}

type centrifugeCommand struct {
	listen
	Token string `required:"" help:"Token of the account that clients are." placeholder:"TOKEN"`
	Area  string `required:"" help:"Code of the account's area." placeholder:"CODE"`
	Topic string `required:"" help:"Topic that clients listen to." placeholder:"NAME"`
}

// Run serves events.
func (c *centrifugeCommand) Run(ctx context.Context) error {
	return serveCentrifuge(ctx, c.listen, &fanout.Access{Token: c.Token, Area: c.Area, Topic: c.Topic})
}

type leanCommand struct{ listen }

// Run serves events.
func (l *leanCommand) Run(ctx context.Context) error { return serveCentrifuge(ctx, l.listen, nil) }

func serveCentrifuge(ctx context.Context, l listen, access *fanout.Access) error {
	s, err := fanout.NewCentrifuge(access)
	if err != nil {
		return err
	}
	return serving.Run(ctx, l.Addr, fanout.Handler(s), os.Stdout)
}

type channelsCommand struct{ listen }

// Run serves events.
func (c *channelsCommand) Run(ctx context.Context) error {
	return serving.Run(ctx, c.Addr, fanout.Handler(fanout.NewChannels()), os.Stdout)
}

type preparedCommand struct{ listen }

// Run serves events.
func (p *preparedCommand) Run(ctx context.Context) error {
	return serving.Run(ctx, p.Addr, fanout.Handler(fanout.NewPrepared()), os.Stdout)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var commands cli
	k := kong.Parse(&commands, kong.Name("peers"), kong.Description("Others' servers, to measure gridweave against."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	err := k.Run()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}
