package declare

import (
	"fmt"
	"time"

	"github.com/gridweave/gridweave/geo"
)

// facts is what the database knows that a declaration is checked against, gathered under lock.
type facts struct {
	roomKnown bool
	use       string
	capacity  int
	residents int
	grade     string   // of the building
	elsewhere geo.Code // another room where the person lives by an accepted declaration
	refuted   int      // declarations of the person that were refuted
}

// youngest and oldest are ages at which somebody plausibly declares for themselves.
const (
	youngest = 16
	oldest   = 110
)

// examine runs every check. A declaration is trusted when all of them pass.
func examine(v valid, f facts, now time.Time) []Check {
	age := v.number.AgeOn(now)
	return []Check{
		check("age", age >= youngest && age <= oldest,
			"年龄可自行申报", "of an age to declare for oneself",
			fmt.Sprintf("年龄 %d 岁，需核实", age), fmt.Sprintf("aged %d, to be verified", age)),
		check("lettable", lettable(f.use) && f.grade != "red",
			"房屋可居住", "the room may be lived in",
			"该房间用途或等级不允许入住", "the room's use or its house's grade does not allow living there"),
		check("capacity", f.capacity == 0 || f.residents < f.capacity,
			"未超员", "within capacity",
			fmt.Sprintf("核定 %d 人，已住 %d 人", f.capacity, f.residents), fmt.Sprintf("room for %d, %d live there", f.capacity, f.residents)),
		check("elsewhere", f.elsewhere == "",
			"无其他在住申报", "not declared elsewhere",
			"在其他房屋仍有在住申报，建议先办理迁出", "still declared to live elsewhere; move out there first"),
		check("trust", f.refuted == 0,
			"无不实申报记录", "no false declaration before",
			fmt.Sprintf("有 %d 次不实申报", f.refuted), fmt.Sprintf("%d false declarations before", f.refuted)),
	}
}

func check(name string, ok bool, okZh, okEn, zh, en string) Check {
	if ok {
		zh, en = okZh, okEn
	}
	return Check{Check: name, OK: ok, Zh: zh, En: en}
}

// lettable tells whether somebody can live in a room of this use.
func lettable(use string) bool { return use != "non_residential" }

func allPass(checks []Check) bool {
	for _, c := range checks {
		if !c.OK {
			return false
		}
	}
	return true
}
