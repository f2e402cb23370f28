// Package civictest gives tests of the district's business a small district to work in: one district of two streets,
// each of one community of two square grids, with four houses of four rooms in each grid.
//
// Everything belongs to the test that asked for it.
package civictest

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/person"
	"github.com/gridweave/gridweave/geo/postgis"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

// Codes of the district.
const (
	Root      geo.Code = "440304"
	StreetA   geo.Code = "440304001"
	StreetB   geo.Code = "440304002"
	GridA     geo.Code = "44030400100101"
	GridB     geo.Code = "44030400200101"
	BuildingA geo.Code = "4403040010010100001"
	BuildingB geo.Code = "4403040020010100001"
	RoomA     geo.Code = "4403040010010100001000101"
	RoomB     geo.Code = "4403040020010100001000101"
)

// PlaceA lies in the first house of GridA, PlaceB in that of GridB, in WGS-84 degrees.
var (
	PlaceA = orb.Point{114.0005, 22.5005} //nolint:gochecknoglobals // a constant of a test
	PlaceB = orb.Point{114.0205, 22.5005} //nolint:gochecknoglobals // a constant of a test
)

// District is a database with the district in it.
type District struct {
	*postgis.DB
	Sealer *person.Sealer
	t      testing.TB
}

// New makes the district.
func New(t testing.TB) District {
	t.Helper()
	d := District{DB: pgtest.DB(t), t: t}
	var err error
	if d.Sealer, err = person.NewSealer(make([]byte, 32), append(make([]byte, 31), 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.AsAdmin(t.Context(), d.seed); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d District) seed(tx pgx.Tx) error {
	const degree = 0.01
	b := &pgx.Batch{}
	square := func(code geo.Code, west, east float64) {
		b.Queue(`insert into area (code, name_zh, name_en, geom) values ($1::text, '区域' || $1, 'Area ' || $1,
			st_multi(st_makeenvelope($2, 22.5, $3, 22.51, 4326)))`, code, west, east)
	}
	square(Root, 114, 114+4*degree)
	for s := range 2 {
		street := geo.Code(fmt.Sprintf("%s%03d", Root, s+1))
		west := 114 + float64(2*s)*degree
		square(street, west, west+2*degree)
		square(street+"001", west, west+2*degree)
		for g := range 2 {
			grid := geo.Code(fmt.Sprintf("%s001%02d", street, g+1))
			square(grid, west+float64(g)*degree, west+float64(g+1)*degree)
			d.houses(b, grid, west+float64(g)*degree)
		}
	}
	return tx.SendBatch(d.t.Context(), b).Close()
}

func (d District) houses(b *pgx.Batch, grid geo.Code, west float64) {
	for h := range 4 {
		code := geo.Code(fmt.Sprintf("%s%05d", grid, h+1))
		x := west + 0.0004 + float64(h)*0.002
		b.Queue(`insert into building (code, name_zh, address_zh, levels, geom)
			values ($1, '楼' || $2::int, '测试路' || $2::int || '号', 4, st_multi(st_makeenvelope($3::float8, 22.5004, $3::float8 + 0.0002, 22.5006, 4326)))`,
			code, h+1, x)
		b.Queue(`insert into building_state (building_id, code, use, grade, rooms, rental_rooms)
			select id, code, 'whole_let', 'green', 4, 4 from building where code = $1`, code)
		for r := range 4 {
			b.Queue(`insert into room (code, floor, unit, use, capacity) values ($1, $2, $3, 'whole_let', 2)`,
				fmt.Sprintf("%s%04d01", code, r+1), r+1, fmt.Sprintf("%d01", r+1))
		}
	}
}

// Actor makes an account and gives it at work; a department account works for urban management.
func (d District) Actor(name string, role account.Role, code geo.Code) account.Actor {
	d.t.Helper()
	n := account.New{Name: name, Role: role, Code: code, Password: "a long password"}
	if role == account.Department {
		n.Department = "urban_management"
	}
	a, _, err := account.NewService(d.DB, account.NewHasher(1)).Create(d.t.Context(), account.Console("44"), n)
	if err != nil {
		d.t.Fatal(err)
	}
	return a.Actor()
}

// Int asks the database for a number, as the administrator.
func (d District) Int(sql string, args ...any) int {
	d.t.Helper()
	var n int
	if err := d.Admin.QueryRow(d.t.Context(), sql, args...).Scan(&n); err != nil {
		d.t.Fatal(err)
	}
	return n
}

// Clock is a clock that a test sets.
type Clock struct{ At time.Time }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time { return c.At }
