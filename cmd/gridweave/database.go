package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/person"
	"github.com/gridweave/gridweave/geo/postgis"
)

// place is where a command works: its data folder and, where one is given, a database of the operator's own.
type place struct {
	Data        string `default:"data" env:"GRIDWEAVE_DATA" help:"Folder of keys and, without --database-url, of the private PostgreSQL." placeholder:"DIR"`
	DatabaseURL string `env:"GRIDWEAVE_DATABASE_URL" help:"PostgreSQL with PostGIS to use instead of a private one, as its administrator." placeholder:"URL"`
	JSON        bool   `help:"Print what is reported as JSON."`
	LogFormat   string `enum:"text,json" default:"text" env:"GRIDWEAVE_LOG_FORMAT" help:"text or json."`
	LogLevel    string `env:"GRIDWEAVE_LOG_LEVEL" help:"debug, info, warn or error; a server tells info, other commands only what is wrong." placeholder:"LEVEL"`
}

// opened is a migrated database with its keys; Close gives both back.
type opened struct {
	*postgis.DB
	url     string
	keys    string
	log     *slog.Logger
	release postgis.Release
}

// acquire is how a database is reached: postgis.Acquire beside a server, postgis.AcquireAlone as one.
type acquire func(ctx context.Context, dataDir, databaseURL string, log *slog.Logger) (string, postgis.Release, error)

// open reaches the data folder's database and brings its schema up to date. What it logs is of the given level at least
// where the operator asks for none.
func (p place) open(c *console, acquire acquire, level slog.Level) (*opened, error) {
	log, err := newLogger(c.stderr, p.LogFormat, cmp.Or(p.LogLevel, level.String()))
	if err != nil {
		return nil, err
	}
	url, release, err := acquire(c, p.Data, p.DatabaseURL, log)
	if err != nil {
		return nil, err
	}
	o := &opened{url: url, keys: filepath.Join(p.Data, "keys"), log: log, release: release}
	if err := o.connect(c); err != nil {
		return nil, errors.Join(err, release(context.WithoutCancel(c)))
	}
	return o, nil
}

func (o *opened) connect(ctx context.Context) error {
	if err := postgis.Check(ctx, o.url); err != nil {
		return err
	}
	if err := postgis.Migrate(ctx, o.url, o.log); err != nil {
		return err
	}
	db, err := postgis.Open(ctx, o.url, postgis.Options{Log: o.log})
	if err != nil {
		return err
	}
	o.DB = db
	return nil
}

// Close ends the pools and, where this command started the cluster, the cluster. It runs to its end also after
// an interrupt: a cluster left behind would have to be found again.
func (o *opened) Close(ctx context.Context) error {
	o.DB.Close()
	return o.release(context.WithoutCancel(ctx))
}

// with runs work on the opened database and closes it.
func (p place) with(c *console, work func(*opened) error) error {
	o, err := p.open(c, postgis.Acquire, slog.LevelWarn)
	if err != nil {
		return err
	}
	return errors.Join(work(o), o.Close(c))
}

// hashPlaces is how many passwords are hashed at a time: one core stays with the map.
const hashPlaces = 1

func (o *opened) accounts() *account.Service {
	return account.NewService(o.DB, account.NewHasher(hashPlaces))
}

func (o *opened) sealer() (*person.Sealer, error) { return person.LoadKeys(o.keys) }
