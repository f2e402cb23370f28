package demo

import (
	"strconv"
	"time"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/demo/city"
)

// actor is who the ledger and the history of grades name for what the generator made up.
const actor = "demo"

func (w *writer) building(b *batch, m *city.Building) {
	w.ids.building++
	id := w.ids.building
	w.sum.Buildings++
	w.sum.Rooms += len(m.Rooms)
	t := b.building
	t.row()
	t.int4(id)
	t.text(m.Code)
	t.text(m.ZH)
	t.text(m.EN)
	t.text(m.AddressZH)
	t.text(m.AddressEN)
	t.text(string(m.Kind))
	t.int2(m.Levels)
	t.float4(m.HeightM)
	t.int2(m.Built)
	t.time(w.options.Now)
	t.geom(m.Geom)
	w.state(b.state, id, m)
	for _, r := range m.Rooms {
		room(b.room, m.Code, r)
	}
	for _, e := range m.History {
		w.grade(b.grade, id, m.Code, e)
	}
}

func (w *writer) state(t *table, id int, m *city.Building) {
	s := &m.State
	t.row()
	t.int4(id)
	t.text(m.Code)
	t.text(string(s.Use))
	t.textOrNull(string(s.Grade))
	score(t, s.Score, s.Grade)
	reasons(t, s.Reasons)
	t.time(s.Graded)
	t.time(s.Patrolled)
	t.int4(s.Rooms)
	t.int4(s.RentalRooms)
	t.int4(s.Residents)
	t.int4(s.Incidents)
	t.time(w.options.Now)
}

func score(t *table, n int, g city.Grade) {
	if g == "" || n < 0 {
		t.null()
		return
	}
	t.int2(n)
}

func reasons(t *table, rs []city.Reason) {
	if rs == nil {
		rs = []city.Reason{}
	}
	t.json(rs)
}

func room(t *table, building string, r city.Room) {
	t.row()
	t.head(25)
	t.buf = append(t.buf, building...)
	t.buf = appendDigits(t.buf, int(r.Floor))
	t.buf = appendDigits(t.buf, int(r.Number))
	t.int2(int(r.Floor))
	var unit [8]byte
	door := strconv.AppendInt(unit[:0], int64(r.Floor), 10)
	if r.Number < 10 {
		door = append(door, '0')
	}
	t.bytes(strconv.AppendInt(door, int64(r.Number), 10))
	t.text(string(r.Use))
	t.int2(int(r.Capacity))
	t.int2(int(r.Residents))
}

// appendDigits writes n in three digits.
func appendDigits(buf []byte, n int) []byte {
	return append(buf, byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
}

func (w *writer) grade(t *table, id int, code string, e city.GradeEvent) {
	t.row()
	t.int4(id)
	t.text(code)
	t.time(e.At)
	t.textOrNull(string(e.Old))
	t.textOrNull(string(e.New))
	score(t, e.Score, e.New)
	reasons(t, e.Reasons)
	t.text(actor)
}

func (w *writer) incident(b *batch, m *city.Incident, firstBuilding int) {
	w.ids.incident++
	w.sum.Incidents++
	id, kind := w.ids.incident, w.types[m.Type]
	at := map[string]time.Time{}
	for _, s := range m.Steps {
		at[s.Action] = s.At
	}
	last := m.Steps[len(m.Steps)-1].At
	t := b.incident
	t.row()
	t.int8(int64(id))
	t.text(m.Code)
	if m.Building < 0 {
		t.null()
	} else {
		t.int4(firstBuilding + m.Building)
	}
	t.geom(m.At)
	t.text(kind.Code)
	t.text(m.Status)
	t.text(m.Source)
	t.text(kind.ZH)
	w.sealed(t, m.Phone)
	t.text(w.departments[m.Type])
	t.textOrNull(m.Rejection)
	t.textOrNull(resolution(at["resolve"]))
	for _, action := range []string{"report", "file", "assign", "acknowledge", "resolve", "verify", "close"} {
		t.time(at[action])
	}
	t.time(m.Due)
	t.time(m.FinishBy)
	if m.Rating == 0 {
		t.null()
	} else {
		t.int2(m.Rating)
	}
	t.time(last)
	if m.Status == "assigned" || m.Status == "acknowledged" {
		task(b.task, "handle", m.Code, id, m.Due, last)
	}
	w.steps(b.evidence, id, m)
}

// sealed stores ciphertext and hash, or two NULLs where there is nothing, or nobody to seal it.
func (w *writer) sealed(t *table, plain string) {
	if plain == "" || w.options.Sealer == nil {
		t.null()
		t.null()
		return
	}
	t.bytes(w.options.Sealer.Seal([]byte(plain)))
	t.bytes(w.options.Sealer.Hash([]byte(plain)))
}

func resolution(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return "已现场处置"
}

func task(t *table, kind, code string, id int, due, created time.Time) {
	t.row()
	t.text(kind)
	t.text(code)
	if kind == "handle" {
		t.int8(int64(id))
		t.null()
	} else {
		t.null()
		t.int8(int64(id))
	}
	t.time(due)
	t.time(created)
}

// steps writes the ledger of an incident: each step with the state before and after it.
func (w *writer) steps(t *table, id int, m *city.Incident) {
	var before standing
	for _, s := range m.Steps {
		reason := ""
		if s.Action == "reject" {
			reason = m.Rejection
		}
		after := standing{s.Status, s.Due}
		entry(t, s.At, roleOf(s.Action), m.Code, "incident", id, s.Action, reason, before, after)
		before = after
	}
}

// roleOf is the post that takes a step, so that who reports, who handles and who verifies differ.
func roleOf(action string) string {
	switch action {
	case "file", "assign", "reject", "close":
		return "dispatcher"
	case "acknowledge", "resolve":
		return "department"
	case "verify":
		return "verifier"
	}
	return "grid_worker"
}

// standing is what the ledger keeps of a case before and after a step: its state, and the deadline that runs, zero for
// none. There is no state before the first step.
type standing struct {
	status string
	due    time.Time
}

func entry(t *table, at time.Time, role, code, noun string, id int, action, reason string, before, after standing) {
	t.row()
	t.time(at)
	t.text(actor)
	t.text(role)
	t.text(code)
	t.text(noun)
	t.text(strconv.Itoa(id))
	t.text(action)
	t.text(reason)
	t.standing(before)
	t.standing(after)
}

func (t *table) standing(s standing) {
	switch {
	case s.status == "":
		t.null()
	case s.due.IsZero():
		t.json(map[string]any{"status": s.status, "due_at": nil})
	default:
		t.json(map[string]any{"status": s.status, "due_at": s.due})
	}
}

// check is one line of declaration.checks.
type check struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	ZH    string `json:"message_zh"`
	EN    string `json:"message_en"`
}

func (w *writer) declaration(b *batch, m *city.Declaration) {
	w.ids.declaration++
	w.sum.Declarations++
	id := w.ids.declaration
	decided := m.Decided
	if trusted(m) {
		decided = m.Submitted
	}
	seal := w.options.Sealer
	t := b.declaration
	t.row()
	t.int8(int64(id))
	t.text(m.Code)
	t.text(m.Status)
	t.text(m.Source)
	w.sealed(t, m.Person.ResidentID)
	t.bytes(seal.Seal([]byte(m.Person.Name)))
	w.sealed(t, m.Person.Phone)
	t.date(m.MovedIn)
	t.date(m.MovedOut)
	t.json(checks(m))
	t.time(m.Submitted)
	t.time(decided)
	t.time(m.Due)
	t.int2(m.Visits)
	last := m.Submitted
	if decided.After(last) {
		last = decided
	}
	t.time(last)
	first := standing{m.Status, m.Due}
	switch {
	case m.Doubt != "":
		first = standing{"doubtful", m.Due}
	case trusted(m):
		first = standing{status: "accepted"}
	}
	entry(b.evidence, m.Submitted, "resident", m.Code, "declaration", id, "submit", "", standing{}, first)
	w.decided(b, id, m, first)
}

// trusted tells whether nobody had to look at the declaration: it was accepted as it was handed in, in one step.
func trusted(m *city.Declaration) bool {
	return m.Doubt == "" && (m.Status == "accepted" || m.Status == "moved_out")
}

// decided writes what became of the declaration later: it was visited, or the person moved out.
func (w *writer) decided(b *batch, id int, m *city.Declaration, before standing) {
	accepted := standing{status: "accepted"}
	switch m.Status {
	case "doubtful":
		task(b.task, "visit", m.Code, id, m.Due, m.Submitted)
	case "rejected":
		entry(b.evidence, m.Decided, "grid_worker", m.Code, "declaration", id, "refute", "", before, standing{status: "rejected"})
	case "accepted", "moved_out":
		if !trusted(m) {
			entry(b.evidence, m.Decided, "station", m.Code, "declaration", id, "verify", "", before, accepted)
		}
		if m.Status == "moved_out" {
			entry(b.evidence, m.MovedOut, "resident", m.Code, "declaration", id, "move-out", "", accepted, standing{status: "moved_out"})
		}
	}
}

func checks(m *city.Declaration) []check {
	out := []check{
		{"id_number", true, "身份证号码有效", "the ID number is valid"},
		{"house", true, "房屋存在且可出租", "the house exists and may be let"},
	}
	switch m.Doubt {
	case "capacity":
		out = append(out, check{"capacity", false, "居住人数超过核定人数", "more people than the room may hold"})
	case "elsewhere":
		out = append(out, check{"elsewhere", false, "该人员在其他住址已申报", "already declared at another address"})
	case "history":
		out = append(out, check{"history", false, "与历史居住记录不符", "does not agree with the record of residence"})
	case "stale":
		out = append(out, check{"verified", false, "房屋长期未核查", "the house was not verified for long"})
	}
	return out
}
