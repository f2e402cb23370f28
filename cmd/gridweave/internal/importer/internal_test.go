package importer

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/source"
)

func TestHints(t *testing.T) {
	cases := map[string]string{
		"EPSG:4547":                     "EPSG:4547",
		"urn:ogc:def:crs:EPSG::4490":    "cgcs2000",
		"urn:ogc:def:crs:OGC:1.3:CRS84": "",
		`PROJCS["x",GEOGCS["y",AUTHORITY["EPSG","4490"]],AUTHORITY["EPSG","4526"]]`: "EPSG:4526",
		`PROJCS["CGCS2000_3_Degree_GK_CM_114E",GEOGCS[]]`:                           "EPSG:4547",
		`PROJCS["CGCS2000_3_Degree_GK_Zone_38",GEOGCS[]]`:                           "EPSG:4526",
		`PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",GEOGCS[]]`:                 "EPSG:3857",
		`PROJCS["Shenzhen_Local",GEOGCS[]]`:                                         "",
	}
	for hint, want := range cases {
		c, _ := hinted(hint)
		if c.name != want {
			t.Errorf("%s: %q, want %q", hint, c.name, want)
		}
	}
}

func TestUsualNames(t *testing.T) {
	cases := []struct {
		kind  Kind
		codes Codes
		names string
		want  map[string]string
	}{
		{Areas, HouseCodes, "code nbs_code name street street_code", map[string]string{"code": "code", "name": "name"}},
		{Areas, HouseCodes, "community_code street_code GRID_CODE", map[string]string{"code": "GRID_CODE"}},
		{Areas, StatisticsCodes, "code nbs_code name", map[string]string{"code": "nbs_code", "name": "name"}},
		{Areas, StatisticsCodes, "code name", map[string]string{"code": "code", "name": "name"}},
		{Buildings, HouseCodes, "code building_code building:levels Height", map[string]string{"code": "building_code", "levels": "building:levels", "height": "Height"}},
		{Buildings, HouseCodes, "BUILDING_C 层数 高度 地址", map[string]string{"code": "BUILDING_C", "levels": "层数", "height": "高度", "address": "地址"}}, // DBF: ten bytes
		{Rooms, HouseCodes, "房屋编码 楼层 用途", map[string]string{"code": "房屋编码", "floor": "楼层", "use": "用途"}},
	}
	for _, c := range cases {
		f := newFields(c.kind, c.codes, nil)
		names := strings.Fields(c.names)
		f.of(&source.Record{Names: names, Values: make([]string, len(names))}, 0)
		if diff := cmp.Diff(c.want, f.found); diff != "" {
			t.Errorf("%s %s: %s", c.kind, c.names, diff)
		}
	}
}

// fakeClock moves on by a second with every look at it.
func fakeClock() func() time.Time {
	now := time.Unix(0, 0)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

func TestProgress(t *testing.T) {
	var bar, lines strings.Builder
	meters := []*meter{
		{w: &bar, now: fakeClock(), every: 100 * time.Millisecond, line: barLine},
		{w: &lines, now: fakeClock(), every: 2 * time.Second, line: plainLine},
	}
	for _, m := range meters {
		for i := range 5 {
			m.Update(State{Phase: "importing", Rows: int64(i) * 1000, Done: float64(i) / 10})
		}
		m.End()
	}
	if got := bar.String(); strings.Count(got, "\r") != 4 || !strings.HasSuffix(got, "\n") ||
		!strings.Contains(got, "████████████░░░░░░░░░░░░░░░░░░  40%  4000 rows  1000 rows/s, 6s left") {
		t.Errorf("bar: %q", got)
	}
	want := "importing: 20%, 2000 rows, 1000 rows/s, 8s left\nimporting: 40%, 4000 rows, 1000 rows/s, 6s left\n"
	if diff := cmp.Diff(want, lines.String()); diff != "" {
		t.Error(diff)
	}
}

func TestEveryStepExists(t *testing.T) {
	for name, file := range map[string]string{
		"transform": geometrySQL, "repair": geometrySQL, "check": buildingsSQL, "change": roomsSQL, "add": areasSQL, "count": roomsSQL,
		"translate": areasSQL, "differ": areasSQL, "keep": areasSQL, "find": recodeSQL, "write": recodeSQL,
	} {
		if got := step(file, name); strings.Contains(got, "no step") || strings.Contains(got, "-- step:") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestCommonCode(t *testing.T) {
	for _, c := range [][3]string{
		{"44030400100101", "44030400100102", "440304001001"},
		{"440304001", "440304010", "440304"},
		{"440303", "440304", "4403"},
		{"4403040010010100001", "4403040010010100001", "4403040010010100001"},
		{"11", "44", ""},
	} {
		if got := commonCode(c[0], c[1]); string(got) != c[2] {
			t.Errorf("%s and %s: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
