package search_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/geo/civic/incident"
	"github.com/gridweave/gridweave/geo/civic/search"
	"github.com/gridweave/gridweave/geo/postgis/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// names are given to houses of the small district, by code, with the words of a large one around them.
const names = `
update building set name_zh = '水围新村12栋', name_en = 'Shuiwei New Village Block 12', address_zh = '福民路123号', address_en = '123 Fumin Road' where code = '4403040010010100001';
update building set name_zh = '水围新村13栋', name_en = 'Shuiwei New Village Block 13', address_zh = '福民路125号', address_en = '125 Fumin Road' where code = '4403040010010100002';
update building set name_zh = '市民中心', name_en = 'Civic Center', address_zh = '福中三路1号', address_en = '1 Fuzhong 3rd Road' where code = '4403040010010200003';
update building set name_zh = '水围新村12栋', name_en = 'Shuiwei New Village Block 12' where code = '4403040020010100001';
update area set name_zh = '香蜜湖街道', name_en = 'Xiangmihu Street' where code = '440304001';
update area set name_zh = '水围社区', name_en = 'Shuiwei Community' where code = '440304001001'`

func newDistrict(t *testing.T) civictest.District {
	t.Helper()
	d := civictest.New(t)
	if _, err := d.Admin.Exec(t.Context(), names); err != nil {
		t.Fatal(err)
	}
	return d
}

// What somebody types, and what they mean by it: the first hit.
func TestFindsWhatWasMeant(t *testing.T) {
	d := newDistrict(t)
	s := search.NewService(d.DB)
	street := d.Actor("street", account.Dispatcher, civictest.StreetA)
	made, _, err := incident.NewService(d.DB, d.Sealer, time.Now).Report(t.Context(), d.Actor("res", account.Resident, civictest.StreetA),
		incident.Report{Type: "0101", Building: civictest.RoomA})
	if err != nil {
		t.Fatal(err)
	}
	const a, b, c = civictest.BuildingA, "4403040010010100002", "4403040010010200003"
	for text, want := range map[string]geo.Code{
		"水围新村12栋": a, "水围新村１３栋": b, "水围 12": a, "新村13": b, "水为新村12栋": a, "水围心村13栋": b, // a wrong character
		"福民路125号": b, "福明路123号": a, "福民123": a, "福明路": a, "民路125": b, // address, from the middle too
		"Fumin Road 125": b, "fumin raod 123": a, "Fumn Road 125": b, "shuiwei vilage 13": b, "CIVIC CENTRE": c, "civc center": c, "ｃｉｖｉｃ": c,
		"市民中心": c, "市明中心": c, "民中心": c,
		"香蜜湖": "440304001", "香密湖街道": "440304001", "xiangmihu": "440304001", "Xiangmhu Street": "440304001",
		string(a): a, "４４０３０４００１００１０１００００１": a, "440304 001 001 01 00001": a,
		"4403040010010100010": a,                            // the last two changed places
		"4403040010100100001": a,                            // two in the middle did
		"4403O40010010100002": b,                            // a letter for a digit
		"440304001001010002":  b, "44030400100101000022": b, // one missing, one too many
		string(civictest.RoomA): civictest.RoomA, string(a) + "000110": civictest.RoomA,
		"440304001": "440304001", "44030400100": "440304001001",
		fmt.Sprint(made.ID): civictest.RoomA, fmt.Sprint("#", made.ID): civictest.RoomA,
	} {
		found, err := s.Find(t.Context(), street, text, 10)
		if err != nil || len(found) == 0 || found[0].Code != want {
			t.Errorf("%q: %v, %v; want %s first", text, brief(found), err, want)
		}
		for _, h := range found {
			if !civictest.StreetA.Covers(h.Code) {
				t.Errorf("%q finds %s outside the scope", text, h.Code)
			}
		}
	}
	var kind string
	if err := d.Admin.QueryRow(t.Context(), `select name_zh from incident_type where code = '0101'`).Scan(&kind); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Find(t.Context(), street, kind, 10); err != nil || len(found) == 0 || found[0].Kind != search.Incident || found[0].ID != made.ID {
		t.Errorf("by its type: %v, %v", brief(found), err)
	}
	for _, nothing := range []string{"", "  ", "zzzzqqqq", "龘龘龘", "999999", "9999999999999999999", "#99999", "%_'\"\\"} {
		if found, err := s.Find(t.Context(), street, nothing, 10); err != nil || len(found) != 0 {
			t.Errorf("%q: %v, %v; want nothing", nothing, brief(found), err)
		}
	}
}

func brief(all []search.Hit) (out []string) {
	for _, h := range all {
		out = append(out, fmt.Sprintf("%s %s %s %.2f", h.Kind, h.Code, h.NameZh, h.Score))
	}
	return out
}

// Scope is applied inside: many better hits elsewhere do not push one's own out.
func TestOwnHitsAreNotCrowdedOut(t *testing.T) {
	d := newDistrict(t)
	s := search.NewService(d.DB)
	for scope, want := range map[geo.Code]geo.Code{
		civictest.StreetA: civictest.BuildingA, civictest.GridA: civictest.BuildingA, civictest.BuildingA: civictest.BuildingA,
		civictest.StreetB: civictest.BuildingB, civictest.GridB: civictest.BuildingB, "440305": "",
	} {
		found, err := s.Find(t.Context(), account.Actor{Scope: scope}, "水围新村12栋", 1)
		if err != nil || want == "" && len(found) != 0 || want != "" && (len(found) != 1 || found[0].Code != want) {
			t.Errorf("scope %s: %v, %v; want %s", scope, brief(found), err, want)
		}
	}
}

// A building that somebody adds or renames by hand is found at once.
func TestNewNamesAreFound(t *testing.T) {
	d := newDistrict(t)
	s := search.NewService(d.DB)
	by := account.Actor{Scope: civictest.Root}
	if _, err := d.Admin.Exec(t.Context(), `update building set name_zh = '莲花山阁' where code = $1`, civictest.BuildingB); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Find(t.Context(), by, "莲化山阁", 3); err != nil || len(found) == 0 || found[0].Code != civictest.BuildingB {
		t.Errorf("%v, %v", brief(found), err)
	}
}

// At size, each lookup goes through an index: a city's worth of names would take seconds without.
func TestIndexesAreUsed(t *testing.T) {
	d := newDistrict(t)
	if _, err := d.Admin.Exec(t.Context(), `
		insert into building (code, name_zh, name_en, address_zh, address_en, geom)
		select '44030400100101' || to_char(n, 'FM00000'), chr(20000 + n % 700) || chr(21000 + n % 900) || '苑' || n % 50 || '栋', 'Garden ' || n,
			chr(22000 + n % 300) || '山路' || n || '号', n || ' Hill Road', st_multi(st_makeenvelope(114.0004, 22.5004, 114.0006, 22.5006, 4326))
		from generate_series(100, 20000) n;
		insert into search_term (code, stem, words) select '440304001001', n::text, search_words(chr(20000 + n % 700) || chr(21000 + n % 900) || chr(22000 + n % 1100))
		from generate_series(1, 60000) n;
		insert into area (code, name_zh, geom) select '4403050' || to_char(n / 100, 'FM00000') || to_char(n % 100, 'FM00'),
		  chr(20000 + n % 700) || chr(21000 + n % 900), st_multi(st_makeenvelope(113, 22, 113.1, 22.1, 4326)) from generate_series(1, 17000) n;
		insert into building_state (building_id, code) select id, code from building on conflict do nothing;
		analyze building; analyze building_state; analyze search_term; analyze area`); err != nil {
		t.Fatal(err)
	}
	for query, index := range map[string]string{
		`select 1 from search_term t where search_words('水围新村') <% t.words`:                                                                            "search_term_words_idx",
		`select 1 from area a where search_words('水围新村') <% a.name_words`:                                                                              "area_words_idx",
		`select 1 from building b where search_tokens(b.code, b.name_zh, b.name_en, b.address_zh, b.address_en) @> array['440304001001水围新村 栋', '#12']`: "building_search_idx",
		`select 1 from building b where b.code >= '4403040010010100' and b.code < '4403040010010100:' order by b.code limit 10`:                        "building_code_key",
		`select 1 from incident where type = '0101' order by id desc limit 5`:                                                                          "incident_type_idx",
	} {
		if got := plan(t, d, query); !strings.Contains(got, index) {
			t.Errorf("%s does not use %s:\n%s", query, index, got)
		}
	}
}

func plan(t *testing.T, d civictest.District, query string) string {
	t.Helper()
	rows, err := d.Admin.Query(t.Context(), `explain `+query)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// BenchmarkFind looks for a house among 30,000, with a typing error in its name.
func BenchmarkFind(b *testing.B) {
	d := civictest.New(b)
	if _, err := d.Admin.Exec(b.Context(), `
		insert into building (code, name_zh, name_en, address_zh, address_en, geom)
		select '44030400100101' || to_char(n, 'FM00000'), chr(20000 + n % 700) || chr(21000 + n % 900) || '苑' || n % 50 || '栋', 'Garden ' || n,
			chr(22000 + n % 300) || '山路' || n || '号', n || ' Hill Road', st_multi(st_makeenvelope(114.0004, 22.5004, 114.0006, 22.5006, 4326))
		from generate_series(100, 30000) n;
		insert into building_state (building_id, code) select id, code from building on conflict do nothing;
		analyze building; analyze building_state; analyze search_term; analyze area;`+names); err != nil {
		b.Fatal(err)
	}
	s := search.NewService(d.DB)
	for b.Loop() {
		found, err := s.Find(b.Context(), account.Actor{Scope: civictest.Root}, "水为新村12栋", 12)
		if err != nil || len(found) == 0 || found[0].Code != civictest.BuildingA {
			b.Fatal(brief(found), err)
		}
	}
}
