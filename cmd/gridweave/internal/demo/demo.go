package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Options say which district to generate.
type Options struct {
	Scale    city.Scale
	Seed     uint64
	Now      time.Time      // past events are counted back from here; the zero time is the present
	Sealer   Sealer         // seals invented people; without one nobody declared anything
	Progress func(Progress) // called often, from Write's goroutine; may be nil
}

// Sealer turns personal data into what may be stored: a ciphertext, and a keyed hash to find it by.
type Sealer interface {
	Seal(plain []byte) []byte
	Hash(plain []byte) []byte
}

// Progress is how far a generation has come.
type Progress struct {
	Stage       string // what is being done, for people
	Done, Total int    // communities; Total is 0 where it is not known
}

// Summary is what was written.
type Summary struct {
	Scale        city.Scale    `json:"scale"`
	Seed         uint64        `json:"seed"`
	Areas        int           `json:"areas"`
	Features     int           `json:"base_features"`
	Buildings    int           `json:"buildings"`
	Rooms        int           `json:"rooms"`
	Residents    int           `json:"residents"`
	Incidents    int           `json:"incidents"`
	Declarations int           `json:"declarations"`
	Took         time.Duration `json:"took_ns"`
}

// ErrNotEmpty says that the database holds areas or buildings already; the message tells which.
var ErrNotEmpty = errors.New("the district is not empty")

// Write generates a district into an empty database. Where it fails or is interrupted nothing stays behind.
func Write(ctx context.Context, db *postgis.DB, o Options) (Summary, error) {
	began := time.Now()
	if o.Now.IsZero() {
		o.Now = began.UTC().Truncate(time.Second)
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	var sum Summary
	_, err := db.AsAdmin(ctx, func(tx pgx.Tx) (err error) {
		sum, err = write(ctx, tx, o)
		return err
	})
	if err != nil && !errors.Is(err, postgis.ErrPositionUnknown) {
		return Summary{}, fmt.Errorf("demo write: %w", err)
	}
	sum.Took = time.Since(began)
	return sum, nil
}

func write(ctx context.Context, tx pgx.Tx, o Options) (Summary, error) {
	if err := requireEmpty(ctx, tx); err != nil {
		return Summary{}, err
	}
	types, departments, err := incidentTypes(ctx, tx)
	if err != nil {
		return Summary{}, err
	}
	o.Progress(Progress{Stage: "drawing the plan"})
	c, err := city.New(ctx, city.Options{Scale: o.Scale, Seed: o.Seed, Now: o.Now, Types: types})
	if err != nil {
		return Summary{}, err
	}
	w := &writer{tx: tx, city: c, options: o, types: types, departments: departments, people: map[string]int{}}
	w.sum = Summary{Scale: o.Scale, Seed: o.Seed}
	if err := w.run(ctx); err != nil {
		return Summary{}, err
	}
	return w.sum, nil
}

// requireEmpty holds other generators off until the transaction ends, and refuses a district that has something in it.
func requireEmpty(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `lock table area, building in share row exclusive mode`); err != nil {
		return fmt.Errorf("lock areas: %w", err)
	}
	var areas, buildings int
	var demo *string
	err := tx.QueryRow(ctx, `select (select count(*) from area), (select count(*) from building),
		(select value ->> 'scale' || ', seed ' || (value ->> 'seed') from setting where key = 'demo')`).Scan(&areas, &buildings, &demo)
	if err != nil {
		return fmt.Errorf("look for areas: %w", err)
	}
	switch {
	case areas == 0 && buildings == 0:
		return nil
	case demo != nil:
		return fmt.Errorf("%w: a demo is there already (%s); a new one needs an empty data folder or database", ErrNotEmpty, *demo)
	}
	return fmt.Errorf("%w: it holds %d areas and %d buildings; a demo needs an empty data folder or database", ErrNotEmpty, areas, buildings)
}

// incidentTypes reads the types of incidents and the department of each.
func incidentTypes(ctx context.Context, tx pgx.Tx) (types []city.IncidentType, departments []string, err error) {
	rows, err := tx.Query(ctx, `
		select code, name_zh, name_en, severity, department,
			accept_minutes, assign_minutes, respond_minutes, finish_minutes, verify_minutes
		from incident_type order by code`)
	if err != nil {
		return nil, nil, fmt.Errorf("incident types: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t city.IncidentType
		var department string
		var minutes [5]time.Duration
		err := rows.Scan(&t.Code, &t.ZH, &t.EN, &t.Severity, &department,
			(*int64)(&minutes[0]), (*int64)(&minutes[1]), (*int64)(&minutes[2]), (*int64)(&minutes[3]), (*int64)(&minutes[4]))
		if err != nil {
			return nil, nil, fmt.Errorf("incident types: %w", err)
		}
		t.Accept, t.Assign, t.Respond = minutes[0]*time.Minute, minutes[1]*time.Minute, minutes[2]*time.Minute
		t.Finish, t.Verify = minutes[3]*time.Minute, minutes[4]*time.Minute
		types, departments = append(types, t), append(departments, department)
	}
	return types, departments, rows.Err()
}
