package feed

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/gridweave/gridweave/realtime/position"
)

// ErrReload says that what was loaded cannot be gone on from.
var ErrReload = errors.New("load anew")

// ErrAgain says that a transaction could not be taken at the moment.
var ErrAgain = errors.New("take it again")

// errTaken says that somebody else follows the log through the slot that is shared.
var errTaken = errors.New("the slot is somebody else's at the moment")

// reloading has everything loaded anew whatever the error was.
func reloading(err error) error {
	if errors.Is(err, ErrReload) || errors.Is(err, ErrAgain) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrReload, errUnreadable{err})
}

// SQLSTATEs that decide what to do next.
const (
	undefinedObject = "42704"
	objectInUse     = "55006"
)

// connectTimeout ends an attempt whose answer a silent network has swallowed.
const connectTimeout = 10 * time.Second

// reportBlockers is how long a slot may take before those who hold it up are named.
const reportBlockers = 2 * time.Second

func (f *Feed) connect(ctx context.Context) (connection, error) {
	cfg, err := pgconn.ParseConfig(f.cfg.URL)
	if err != nil {
		return connection{}, errFatal{f.errorf("database URL: %w", err)}
	}
	cfg.RuntimeParams["replication"] = "database"
	cfg.RuntimeParams["application_name"] = "gridweave feed " + f.cfg.Slot
	plainText(cfg.RuntimeParams)
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return connection{}, f.errorf("connect: %w", err)
	}
	c := connection{PgConn: conn}
	system, err := pglogrepl.IdentifySystem(ctx, conn)
	if err != nil {
		c.close(ctx)
		return connection{}, f.errorf("identify system: %w", err)
	}
	if c.epoch, err = epochOf(system); err != nil {
		c.close(ctx)
		return connection{}, f.errorf("identify system: %w", err)
	}
	return c, nil
}

// plainText has values written in one way whatever the database's settings are, since projections read them.
func plainText(params map[string]string) {
	params["datestyle"], params["timezone"], params["extra_float_digits"] = "ISO", "UTC", "1"
	params["bytea_output"] = "hex"
}

// epochOf names the database's identity and timeline, as every position of it does.
func epochOf(s pglogrepl.IdentifySystemResult) (string, error) {
	id, err := strconv.ParseUint(s.SystemID, 10, 64)
	if err != nil {
		return "", fmt.Errorf("system identifier %q: %w", s.SystemID, err)
	}
	return fmt.Sprintf("%016x-%d", id, s.Timeline), nil
}

// resume tells where to go on from in the slot, or ErrReload and why that is impossible.
func (f *Feed) resume(ctx context.Context, c connection) (uint64, error) {
	at := f.Position()
	if f.cfg.From != nil {
		var err error
		if at, err = f.cfg.From(ctx); err != nil {
			return 0, f.errorf("%w", err)
		}
	} else if !f.loaded {
		return 0, fmt.Errorf("%w: nothing is loaded", ErrReload)
	}
	if at.Epoch != c.epoch {
		return 0, fmt.Errorf("%w: the database is another one than before", ErrReload)
	}
	conn, err := pgx.Connect(ctx, f.cfg.URL)
	if err != nil {
		return 0, f.errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var status string
	var active bool
	var confirmed pglogrepl.LSN
	err = conn.QueryRow(ctx, `
		select coalesce(wal_status, ''), active, coalesce(confirmed_flush_lsn, '0/0')::text
		from pg_replication_slots where slot_name = $1`, f.cfg.Slot).Scan(&status, &active, &confirmed)
	switch {
	case err == nil && active && f.cfg.From != nil:
		return 0, f.errorf("%w", errTaken)
	case errors.Is(err, pgx.ErrNoRows):
		return 0, fmt.Errorf("%w: the slot is gone", ErrReload)
	case err != nil:
		return 0, f.errorf("look at slot: %w", err)
	case status == "lost":
		return 0, fmt.Errorf("%w: the slot fell too far behind and was given up", ErrReload)
	case uint64(confirmed) > at.LSN:
		return 0, fmt.Errorf("%w: the slot was made anew by somebody else", ErrReload)
	}
	f.mu.Lock()
	f.at = at
	f.mu.Unlock()
	return at.LSN, nil
}

// reload makes the slot anew and has the consumer load in exactly the slot's snapshot. The old picture is served
// meanwhile.
func (f *Feed) reload(ctx context.Context, c connection, why string) (uint64, error) {
	f.cfg.Log.InfoContext(ctx, "feed loads", "slot", f.cfg.Slot, "reason", why)
	f.interrupt(Loading, why)
	began := time.Now()
	if err := f.drop(ctx, c.PgConn); err != nil {
		return 0, err
	}
	at, err := f.createAndLoad(ctx, c, false)
	if err != nil {
		return 0, err
	}
	f.loaded = true
	f.advance(at)
	f.cfg.Metrics.loaded(time.Since(began))
	f.cfg.Log.InfoContext(ctx, "feed loaded", "slot", f.cfg.Slot, "position", at.String(), "took", time.Since(began))
	return at.LSN, nil
}

// takeTurn makes sure that one process at a time makes, or makes anew, the slot that is shared; the slot itself lets one
// at a time read. The turn is held as long as the connection.
func (f *Feed) takeTurn(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, f.cfg.URL)
	if err != nil {
		return nil, f.errorf("connect: %w", err)
	}
	var mine bool
	err = conn.QueryRow(ctx, `select pg_try_advisory_lock(hashtextextended($1, 0))`, f.cfg.Slot).Scan(&mine)
	if err == nil && mine {
		return conn, nil
	}
	closeConn(ctx, conn)
	if err == nil {
		err = errTaken
	}
	return nil, f.errorf("%w", err)
}

// Load has a consumer load once, in the snapshot of a slot that is thrown away afterwards, and tells the position that
// it loaded. For who hears of what comes after in another way than through a slot of its own.
func Load(ctx context.Context, cfg Config, consumer Consumer) (position.Position, error) {
	f := &Feed{cfg: cfg, consumer: consumer}
	c, err := f.connect(ctx)
	if err != nil {
		return position.Position{}, err
	}
	defer c.close(context.WithoutCancel(ctx))
	return f.createAndLoad(ctx, c, true)
}

func (f *Feed) createAndLoad(ctx context.Context, c connection, throwAway bool) (position.Position, error) {
	made, err := f.create(ctx, c, throwAway)
	if err != nil {
		return position.Position{}, err
	}
	from, err := pglogrepl.ParseLSN(made.ConsistentPoint)
	if err != nil {
		return position.Position{}, f.errorf("consistent point: %w", err)
	}
	at := position.Position{Epoch: c.epoch, LSN: uint64(from)}
	return at, f.load(ctx, made.SnapshotName, at)
}

// create waits for every transaction that is running anywhere in the cluster; who they are is said meanwhile.
func (f *Feed) create(ctx context.Context, c connection, throwAway bool) (pglogrepl.CreateReplicationSlotResult, error) {
	watch, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		f.nameBlockers(watch)
	}()
	made, err := pglogrepl.CreateReplicationSlot(ctx, c.PgConn, f.cfg.Slot, "pgoutput",
		pglogrepl.CreateReplicationSlotOptions{
			Mode: pglogrepl.LogicalReplication, SnapshotAction: "EXPORT_SNAPSHOT", Temporary: throwAway,
		})
	stop()
	<-watched
	if err != nil {
		return made, f.errorf("create slot: %w", err)
	}
	return made, nil
}

func (f *Feed) nameBlockers(ctx context.Context) {
	tick := time.NewTicker(reportBlockers)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			who, err := Blockers(ctx, f.cfg.URL)
			if err == nil && who != "" {
				f.interrupt(Waiting, "a new slot waits for "+who)
				f.cfg.Log.WarnContext(ctx, "feed waits for running transactions", "slot", f.cfg.Slot, "blockers", who)
			}
		}
	}
}

// Blockers names the transactions that a new slot waits for, oldest first: process, user, database, age.
func Blockers(ctx context.Context, url string) (string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", fmt.Errorf("blockers: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var who string
	err = conn.QueryRow(ctx, `
		select coalesce(string_agg(who, ', ' order by began), '') from (
			select xact_start, format('process %s (%s in %s, for %s s)', pid, usename, datname,
				round(extract(epoch from now() - xact_start)))
			from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
			union all
			select prepared, format('prepared transaction %s (%s in %s, for %s s)', gid, owner, database,
				round(extract(epoch from now() - prepared)))
			from pg_prepared_xacts) as running (began, who)`).Scan(&who)
	if err != nil {
		return "", fmt.Errorf("blockers: %w", err)
	}
	return who, nil
}

func (f *Feed) load(ctx context.Context, snapshot string, at position.Position) error {
	cfg, err := pgx.ParseConfig(f.cfg.URL)
	if err != nil {
		return errFatal{f.errorf("database URL: %w", err)}
	}
	plainText(cfg.RuntimeParams)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return f.errorf("load: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		// The name comes from the server and is made of hexadecimal digits and hyphens; SET takes no parameters.
		if _, err := tx.Exec(ctx, "set transaction snapshot '"+snapshot+"'"); err != nil {
			return err
		}
		if err := f.verify(ctx, tx); err != nil {
			return err
		}
		if err := f.consumer.Load(ctx, tx, at); err != nil && ctx.Err() == nil && !conn.IsClosed() {
			return errUnreadable{err}
		} else if err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return f.errorf("load: %w", err)
	}
	return nil
}

// drop removes the slot if it is there, and ends a connection of a dead predecessor that still holds it.
func (f *Feed) drop(ctx context.Context, conn *pgconn.PgConn) error {
	err := pglogrepl.DropReplicationSlot(ctx, conn, f.cfg.Slot, pglogrepl.DropReplicationSlotOptions{})
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case err == nil, ok && pgErr.Code == undefinedObject:
		return nil
	case ok && pgErr.Code == objectInUse && f.cfg.From != nil:
		return f.errorf("%w", errTaken)
	case ok && pgErr.Code == objectInUse:
		if err := f.endHolder(ctx); err != nil {
			return err
		}
		return f.errorf("drop slot: it was held by a connection that has been ended")
	}
	return f.errorf("drop slot: %w", err)
}

func (f *Feed) endHolder(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, f.cfg.URL)
	if err != nil {
		return f.errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, `
		select pg_terminate_backend(active_pid) from pg_replication_slots
		where slot_name = $1 and active_pid is not null`, f.cfg.Slot)
	if err != nil {
		return f.errorf("end the slot's holder: %w", err)
	}
	return nil
}

// dropSlot gives the slot back on a connection of its own. A shared one is the next one's.
func (f *Feed) dropSlot(ctx context.Context) error {
	if f.cfg.From != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := f.connect(ctx)
	if err != nil {
		return nil //nolint:nilerr // the database is gone as well; the next start makes the slot anew
	}
	defer c.close(ctx)
	for ctx.Err() == nil {
		if err = f.drop(ctx, c.PgConn); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryFirst):
		}
	}
	return err
}
