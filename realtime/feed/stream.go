package feed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/gridweave/gridweave/realtime/position"
)

// statusEvery is how often the server hears how far we are; it gives up on a reader that is silent for a minute.
const statusEvery = 10 * time.Second

// stream follows the log from a position until the connection breaks, a transaction cannot be applied, or the context
// ends.
func (f *Feed) stream(ctx context.Context, c connection, from uint64) error {
	err := pglogrepl.StartReplication(ctx, c.PgConn, f.cfg.Slot, pglogrepl.LSN(from), pglogrepl.StartReplicationOptions{
		PluginArgs: []string{"proto_version '1'", fmt.Sprintf("publication_names '%s'", f.cfg.Publication)},
	})
	if err != nil {
		return f.errorf("start replication: %w", err)
	}
	f.setState(Live, "")
	s := &streamer{Feed: f, conn: c, decode: newDecoder(c.epoch, f.cfg.MaxRows), done: from}
	for {
		if err := s.step(ctx); err != nil {
			return err
		}
	}
}

// streamer is one run along the log.
type streamer struct {
	*Feed
	conn    connection
	decode  *decoder
	done    uint64 // everything up to here is applied
	reports time.Time
}

// step sends the status where it is due and takes one message.
func (s *streamer) step(ctx context.Context) error {
	if err := s.report(ctx); err != nil {
		return err
	}
	wait, cancel := context.WithDeadline(ctx, s.reports)
	s.mu.Lock()
	s.poke = cancel
	asked := s.ask
	s.mu.Unlock()
	defer cancel()
	if asked {
		return nil // asked between report and here; the next step reports
	}
	message, err := s.conn.ReceiveMessage(wait)
	if err != nil {
		if ctx.Err() == nil && pgconn.Timeout(err) {
			return nil // time for a status, or somebody asked
		}
		return s.errorf("receive: %w", err)
	}
	switch m := message.(type) {
	case *pgproto3.CopyData:
		return s.take(ctx, m.Data)
	case *pgproto3.ErrorResponse:
		return s.errorf("receive: %w", pgconn.ErrorResponseToPgError(m))
	default:
		return s.errorf("receive: unexpected %T", message)
	}
}

// report sends the position, at the latest every statusEvery, and at once where somebody asked where the server is.
func (s *streamer) report(ctx context.Context) error {
	s.mu.Lock()
	ask := s.ask
	s.ask = false
	s.mu.Unlock()
	if !ask && time.Now().Before(s.reports) {
		return nil
	}
	err := pglogrepl.SendStandbyStatusUpdate(ctx, s.conn.PgConn, pglogrepl.StandbyStatusUpdate{
		WALWritePosition: pglogrepl.LSN(s.done), ReplyRequested: ask,
	})
	if err != nil {
		return s.errorf("send status: %w", err)
	}
	s.reports = time.Now().Add(statusEvery)
	return nil
}

func (s *streamer) take(ctx context.Context, data []byte) error {
	switch data[0] {
	case pglogrepl.PrimaryKeepaliveMessageByteID:
		k, err := pglogrepl.ParsePrimaryKeepaliveMessage(data[1:])
		if err != nil {
			return s.errorf("keepalive: %w", err)
		}
		s.keepalive(k)
		return nil
	case pglogrepl.XLogDataByteID:
		x, err := pglogrepl.ParseXLogData(data[1:])
		if err != nil {
			return s.errorf("log data: %w", err)
		}
		s.cfg.Metrics.received(x)
		return s.change(ctx, x.WALData)
	default:
		return s.errorf("receive: unknown message %q", data[0])
	}
}

// keepalive moves on where nothing published happened. Inside a transaction it says nothing about what is applied.
func (s *streamer) keepalive(k pglogrepl.PrimaryKeepaliveMessage) {
	if k.ReplyRequested {
		s.reports = time.Time{}
	}
	if end := uint64(k.ServerWALEnd); s.decode.current == nil && end > s.done {
		s.reach(end)
	}
	s.cfg.Metrics.lagBytes.Set(0)
}

func (s *streamer) change(ctx context.Context, data []byte) error {
	t, err := s.decode.message(data)
	if err != nil {
		return s.errorf("%w", err)
	}
	if t == nil {
		return nil
	}
	if t.End <= s.done {
		return nil // the server began a little before what was asked for
	}
	err = s.consumer.Apply(ctx, *t)
	if errors.Is(err, ErrReload) {
		return s.errorf("transaction %X: %w", t.Commit, err)
	}
	if err != nil {
		return errFatal{s.errorf("apply transaction %X: %w", t.Commit, err)}
	}
	s.cfg.Metrics.applied(*t)
	s.reach(t.End)
	return nil
}

func (s *streamer) reach(lsn uint64) {
	s.done = lsn
	s.advance(position.Position{Epoch: s.conn.epoch, LSN: lsn})
}
