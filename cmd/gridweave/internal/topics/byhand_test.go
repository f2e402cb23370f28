package topics_test

import (
	"encoding/json"
	"testing"

	"github.com/gridweave/gridweave/geo/civic/civictest"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Whatever somebody does in psql to incidents and declarations, the stream tells: also of what is too old for the map.
func TestChangesByHand(t *testing.T) {
	f := newFollowed(t)
	declare := func(id int, days string) string {
		return `insert into declaration (id, code, status, source, id_sealed, id_hash, name_sealed, moved_in_on, submitted_at) values (` +
			string(rune('0'+id)) + `, '4403040010010100001000101', 'accepted', 'qr', '', '` + string(rune('0'+id)) + `', '', '2026-01-01', now() - interval '` + days + ` days')`
	}
	f.exec(declare(1, "0"))
	f.exec(declare(2, "40"))
	f.exec(declare(3, "41"))
	f.exec(`insert into incident (id, code, geom, type, source, due_at) values
		(1, '4403040010010100001', st_point(114.0005, 22.5005, 4326), '0501', 'hotline', now() + interval '1 hour')`)
	f.settle()
	e := f.listen(civictest.StreetA, "incident", "declaration")
	other := f.listen(civictest.StreetB, "incident", "declaration")
	type want struct {
		topic, was, now, final string
		kind                   wire.Kind
	}
	for _, c := range []struct {
		sql  string
		want []want
	}{
		{`update declaration set status = 'expired' where id = 1`, []want{{"declaration", "accepted", "expired", "", wire.Changed}}},
		{`update declaration set status = 'expired' where id = 2`, []want{{"declaration", "accepted", "expired", "", wire.Changed}}},
		{`update declaration set checks = '[1]' where id in (1, 2)`, nil},
		{`update declaration set status = 'moved_out', moved_out_on = '2026-02-01' where id = 3`, []want{{"declaration", "accepted", "moved_out", "", wire.Changed}}},
		{`update declaration set submitted_at = now() where id = 3`, []want{{"declaration", "", "moved_out", "", wire.Added}}},
		{`update declaration set submitted_at = now() - interval '1 year' where id = 3`, []want{{"declaration", "moved_out", "moved_out", "", wire.Changed}}},
		{`update declaration set code = '4403040020010100001000101' where id = 2`, []want{{"declaration", "", "", "", wire.Left}}},
		{`update declaration set code = '4403040010010100001000201' where id = 2`, []want{{"declaration", "expired", "expired", "", wire.Enter}}},
		{`delete from declaration where id = 2`, []want{{"declaration", "", "", "", wire.Removed}}},
		{`delete from declaration where id = 1`, []want{{"declaration", "", "", "", wire.Removed}}},
		{`update incident set status = 'filed'`, []want{{"incident", "reported", "filed", "", wire.Changed}}},
		{`update incident set handler_id = null, rating = null`, nil},
		{`update incident set status = 'rejected', rejected_because = 'no', due_at = null`, []want{{"incident", "", "", "rejected", wire.Removed}}},
		{`update incident set status = 'filed', due_at = now()`, []want{{"incident", "", "filed", "", wire.Added}}},
		{`update incident_type set severity = severity % 4 + 1 where code = '0501'`, []want{{"incident", "filed", "filed", "", wire.Changed}}},
		{`delete from incident`, []want{{"incident", "", "", "", wire.Removed}}},
	} {
		f.exec(c.sql)
		f.settle()
		var got []want
		for _, i := range e.heard() {
			var data struct{ Was, Status string }
			if len(i.Data) > 0 {
				if err := json.Unmarshal(i.Data, &data); err != nil {
					t.Fatal(err)
				}
			}
			got = append(got, want{i.Topic, data.Was, data.Status, i.Final, i.Kind})
		}
		if len(got) != len(c.want) || len(got) > 0 && got[0] != c.want[0] {
			t.Errorf("%s: told %+v, want %+v", c.sql, got, c.want)
		}
	}
	if all := other.heard(); len(all) != 2 || all[0].Kind != wire.Enter || all[1].Kind != wire.Left {
		t.Errorf("the other street is told %+v", all)
	}
}
