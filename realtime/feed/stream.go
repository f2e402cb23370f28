package feed

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/gridweave/gridweave/realtime/position"
)

// stream follows the log from a position until the connection breaks, a transaction cannot be applied, or the context
// ends.
func (f *Feed) stream(ctx context.Context, c connection, from uint64) error {
	err := pglogrepl.StartReplication(ctx, c.PgConn, f.cfg.Slot, pglogrepl.LSN(from), pglogrepl.StartReplicationOptions{
		PluginArgs: pluginArgs(f.cfg.Publication),
	})
	if err != nil {
		return f.errorf("start replication: %w", err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		f.look(ctx, stop)
	}()
	defer func() { stop(nil); <-watched }()
	defer context.AfterFunc(ctx, f.poke)()
	f.streaming(c.PgConn)
	defer f.streaming(nil)
	f.goLive()
	s := &streamer{Feed: f, conn: c, decode: newDecoder(c.epoch, f.cfg), done: from}
	for {
		err := s.step(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
	}
}

// pluginArgs ask for the published tables' changes, and for what triggers write between them.
func pluginArgs(publication string) []string {
	return []string{"proto_version '1'", fmt.Sprintf("publication_names '%s'", publication), "messages 'true'"}
}

// streamer is one run along the log.
type streamer struct {
	*Feed
	conn    connection
	decode  *decoder
	done    uint64    // everything up to here is applied
	reports time.Time // when the next status is due
	asked   bool      // the server owes an answer: whoever asks meanwhile is answered by the next question
}

// step sends the status where it is due and takes one message.
func (s *streamer) step(ctx context.Context) error {
	if err := s.report(ctx); err != nil {
		return err
	}
	if !s.untilReport() {
		return nil // asked between report and here; the next step reports
	}
	// A deadline on the connection instead of a context for each message, which would cost a goroutine each.
	message, err := s.conn.ReceiveMessage(context.Background()) //nolint:contextcheck // said above; poke ends it with ctx
	if err != nil {
		if pgconn.Timeout(err) {
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

// untilReport has the connection wake up when the next status is due; false where somebody is asking already.
func (s *streamer) untilReport() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ask && !s.asked {
		return false
	}
	_ = s.conn.Conn().SetReadDeadline(s.reports) // a connection that is closed says so when it is read
	return true
}

func (f *Feed) streaming(conn *pgconn.PgConn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conn = conn
}

// Nudge asks the server how far its log has been read, instead of waiting until it says so by itself: a position that
// no published change follows is reached at once then.
func (f *Feed) Nudge() {
	f.mu.Lock()
	f.ask = true
	f.mu.Unlock()
	f.poke()
}

// poke ends the wait for the next message.
func (f *Feed) poke() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conn != nil {
		_ = f.conn.Conn().SetReadDeadline(time.Unix(1, 0)) // see untilReport
	}
}

// report sends the position, at the latest every StatusEvery, and at once where somebody asked where the server is.
func (s *streamer) report(ctx context.Context) error {
	s.mu.Lock()
	ask, silent := s.ask && !s.asked, time.Since(s.heard)
	if ask {
		s.ask = false
	}
	s.mu.Unlock()
	if !ask && time.Now().Before(s.reports) {
		return nil
	}
	// Two questions without an answer: a network may go without a word.
	if silent > s.cfg.StatusEvery*5/2 {
		return s.errorf("the database has not answered for %s", silent.Round(time.Second))
	}
	err := pglogrepl.SendStandbyStatusUpdate(ctx, s.conn.PgConn, pglogrepl.StandbyStatusUpdate{
		WALWritePosition: pglogrepl.LSN(s.done), ReplyRequested: true,
	})
	if err != nil {
		return s.errorf("send status: %w", err)
	}
	s.reports, s.asked = time.Now().Add(s.cfg.StatusEvery), true
	return nil
}

func (s *streamer) take(ctx context.Context, data []byte) error {
	s.mu.Lock()
	s.heard = time.Now()
	s.mu.Unlock()
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
		return s.change(ctx, x.WALData)
	default:
		return s.errorf("receive: unknown message %q", data[0])
	}
}

// keepalive moves on where nothing published happened. Inside a transaction it says nothing about what is applied.
func (s *streamer) keepalive(k pglogrepl.PrimaryKeepaliveMessage) {
	s.asked = false
	if k.ReplyRequested {
		s.reports = time.Time{}
	}
	if end := uint64(k.ServerWALEnd); s.decode.current == nil && end > s.done {
		s.reach(end)
	}
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
	if err := s.consumer.Apply(ctx, *t); err != nil {
		return s.errorf("apply transaction %X: %w", t.Commit, reloading(err))
	}
	s.cfg.Metrics.applied(*t)
	s.reach(t.End)
	return nil
}

func (s *streamer) reach(lsn uint64) {
	s.done = lsn
	s.advance(position.Position{Epoch: s.conn.epoch, LSN: lsn})
}
