package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/gridweave/gridweave/realtime/position"
)

// Retained is log that is kept while no server runs, by a slot that belongs to all servers of one database, for who has
// to tell later what happened meanwhile. It reaches as far back as max_slot_wal_keep_size lets it; where that is
// unbounded nothing is kept, since a slot that nobody reads from would fill the disk.
type Retained struct {
	cfg    Config
	prefix string
}

// ErrNotRetained says that the log was not kept from the position on that was asked for.
var ErrNotRetained = errors.New("the log was not kept")

// NewRetained names the slot by the prefix and its database. Of cfg it takes URL, Publication and bounds.
func NewRetained(cfg Config, prefix string) *Retained {
	cfg.Log, cfg.Slot = slog.New(slog.DiscardHandler), prefix
	return &Retained{cfg: cfg.orDefaults(), prefix: prefix}
}

// retainedSlot is what the database says of the slot.
type retainedSlot struct {
	name, status string
	there        bool
	active       bool
	confirmed    pglogrepl.LSN
	bounded      bool // the log that slots hold back
}

func (r *Retained) look(ctx context.Context, conn *pgx.Conn) (s retainedSlot, err error) {
	err = conn.QueryRow(ctx, `
		select named.slot, s.slot_name is not null, coalesce(s.wal_status, ''), coalesce(s.active, false),
		  coalesce(s.confirmed_flush_lsn, '0/0')::text, current_setting('max_slot_wal_keep_size') <> '-1'
		from (select $1 || oid as slot from pg_database where datname = current_database()) as named
		left join pg_replication_slots s on s.slot_name = named.slot`, r.prefix,
	).Scan(&s.name, &s.there, &s.status, &s.active, &s.confirmed, &s.bounded)
	if err != nil {
		return s, fmt.Errorf("retained log: %w", err)
	}
	return s, nil
}

// Keep has the log kept from a position on, and what is older let go; the zero position lets all of it go. Making the
// slot waits for every transaction that runs.
func (r *Retained) Keep(ctx context.Context, from position.Position) error {
	conn, err := pgx.Connect(ctx, r.cfg.URL)
	if err != nil {
		return fmt.Errorf("retained log: %w", err)
	}
	defer closeConn(ctx, conn)
	s, err := r.look(ctx, conn)
	if err != nil || s.active {
		return err // somebody else moves it, or reads from it
	}
	unwanted := from.IsZero() || !s.bounded
	if s.there && (unwanted || s.status == "lost") {
		if err := taken(conn.Exec(ctx, `select pg_drop_replication_slot($1)`, s.name)); err != nil {
			return err
		}
		s.there = false
	}
	switch {
	case unwanted:
		return nil
	case !s.there:
		return taken(conn.Exec(ctx, `select pg_create_logical_replication_slot($1, 'pgoutput')`, s.name))
	case from.LSN > uint64(s.confirmed):
		return taken(conn.Exec(ctx, `select pg_replication_slot_advance($1, $2::pg_lsn)`, s.name, pglogrepl.LSN(from.LSN).String()))
	default:
		return nil
	}
}

// taken takes another server's having been there first for done.
func taken(_ pgconn.CommandTag, err error) error {
	const duplicateObject = "42710"
	pg, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case err == nil, ok && (pg.Code == objectInUse || pg.Code == undefinedObject || pg.Code == duplicateObject):
		return nil
	default:
		return fmt.Errorf("retained log: %w", err)
	}
}

// Since reads every transaction that ended behind from, up to and with the position to, which has been reached. The
// slot stays where it is. ErrNotRetained says that not all of them are there, ErrAgain that somebody else is reading.
func (r *Retained) Since(ctx context.Context, from, to position.Position, take func(Transaction) error) error {
	f := &Feed{cfg: r.cfg}
	c, err := f.connect(ctx)
	if err != nil {
		return err
	}
	defer c.close(context.WithoutCancel(ctx))
	if from.Epoch != c.epoch || to.Epoch != c.epoch {
		return fmt.Errorf("%w: the database is another one", ErrNotRetained)
	}
	conn, err := pgx.Connect(ctx, r.cfg.URL)
	if err != nil {
		return fmt.Errorf("retained log: %w", err)
	}
	s, err := r.look(ctx, conn)
	closeConn(ctx, conn)
	switch {
	case err != nil:
		return err
	case s.active:
		return fmt.Errorf("retained log: %w", ErrAgain)
	case !s.there || s.status == "lost" || uint64(s.confirmed) > from.LSN:
		return fmt.Errorf("%w from %X on", ErrNotRetained, from.LSN)
	}
	err = pglogrepl.StartReplication(ctx, c.PgConn, s.name, pglogrepl.LSN(from.LSN), pglogrepl.StartReplicationOptions{PluginArgs: pluginArgs(r.cfg.Publication)})
	if err != nil {
		return fmt.Errorf("retained log: %w: %w", ErrAgain, err)
	}
	reading := &retainedReader{conn: c, confirmed: s.confirmed, from: from.LSN, to: to.LSN, decode: newDecoder(c.epoch, r.cfg), take: take}
	for !reading.done {
		if err := reading.step(ctx); err != nil {
			return fmt.Errorf("retained log: %w", err)
		}
	}
	return nil
}

// retainedReader is one run along the retained log.
type retainedReader struct {
	conn      connection
	confirmed pglogrepl.LSN // what the slot lets go of, which reading does not change
	from, to  uint64
	decode    *decoder
	take      func(Transaction) error
	done      bool
	said      time.Time
}

func (r *retainedReader) step(ctx context.Context) error {
	if err := r.say(ctx); err != nil {
		return err
	}
	patience, cancel := context.WithTimeout(ctx, DefaultStatusEvery)
	message, err := r.conn.ReceiveMessage(patience)
	cancel()
	switch {
	case err != nil && ctx.Err() == nil && pgconn.Timeout(err):
		return nil // the log is long and has nothing of ours
	case err != nil:
		return err
	}
	data, ok := message.(*pgproto3.CopyData)
	if !ok {
		return fmt.Errorf("%w: unexpected %T", ErrAgain, message)
	}
	if data.Data[0] == pglogrepl.PrimaryKeepaliveMessageByteID {
		k, err := pglogrepl.ParsePrimaryKeepaliveMessage(data.Data[1:])
		if err != nil {
			return err
		}
		if k.ReplyRequested {
			r.said = time.Time{}
		}
		r.done = r.decode.current == nil && uint64(k.ServerWALEnd) >= r.to
		return nil
	}
	x, err := pglogrepl.ParseXLogData(data.Data[1:])
	if err != nil {
		return err
	}
	return r.change(x.WALData)
}

// say keeps the connection.
func (r *retainedReader) say(ctx context.Context) error {
	if time.Since(r.said) < DefaultStatusEvery/2 {
		return nil
	}
	r.said = time.Now()
	return pglogrepl.SendStandbyStatusUpdate(ctx, r.conn.PgConn, pglogrepl.StandbyStatusUpdate{
		WALWritePosition: r.confirmed, ReplyRequested: true,
	})
}

func (r *retainedReader) change(data []byte) error {
	t, err := r.decode.message(data)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotRetained, err) // what cannot be read now cannot be read later
	}
	if t == nil {
		return nil
	}
	if t.End > r.to {
		r.done = true
		return nil
	}
	if t.End > r.from {
		if err := r.take(*t); err != nil {
			return err
		}
	}
	r.done = t.End >= r.to
	return nil
}
