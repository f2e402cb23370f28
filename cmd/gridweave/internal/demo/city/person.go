package city

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Person is somebody invented. Their number begins with 440399, a division that does not exist, and their phone with
// 100, which no operator has, so neither can be anybody's.
type Person struct{ Name, ResidentID, Phone string }

// Declaration (自主申报) is a past self-declaration of somebody who moved into a room that is let.
type Declaration struct {
	Code               string // the room's, 25 digits
	Person             Person
	Status             string // submitted, accepted, doubtful, rejected, moved_out
	Source             string
	MovedIn, MovedOut  time.Time // days, at midnight UTC; MovedOut is zero unless moved_out
	Submitted, Decided time.Time
	Due                time.Time
	Visits             int
	Doubt              string // the check that failed, "" for none
}

// declarations are more in some places than in others: landlords of estates and dormitories have learned to, those of
// old villages have not.
func (c *City) declarations(rng *rand.Rand, bs []Building) []Declaration {
	var out []Declaration
	for i := range bs {
		if bs[i].showpiece {
			out = append(out, c.crowd(stream(c.seed, label("crowd"), label(bs[i].Code)), &bs[i])...)
			continue
		}
		declared := c.diligence(&bs[i])
		for _, r := range bs[i].Rooms {
			if r.Use.Rental() && r.Residents > 0 && rng.Float64() < declared {
				out = append(out, c.declaration(rng, bs[i].Code+r.Suffix(), metres(bs[i].Geom[0][0][0])))
			}
		}
	}
	return out
}

// diligence is the share of a building's let rooms that are declared. A whole city's people would take minutes to seal,
// so there it is an eighth.
func (c *City) diligence(b *Building) float64 {
	p := metres(b.Geom[0][0][0])
	share := .24
	switch b.Kind {
	case UrbanVillage:
		share = .14
	case Dormitory:
		share = .4
	case Residential, Apartment, Office, Commercial, Industrial, School, Hospital, Public, Other:
	}
	share *= 1 + .9*noise(c.seed+61, p.X/900, p.Y/900)
	if c.options.Scale == Everything {
		share /= 8
	}
	return share
}

// declared is when: a third within the last thirty days, the others up to a year and a half ago.
func (c *City) declared(rng *rand.Rand, at vec) time.Time {
	t := c.moment(rng, rhythm(""), at)
	if rng.Float64() < .65 {
		t = t.Add(-time.Duration(1+rng.IntN(17)) * history)
	}
	return t
}

func (c *City) declaration(rng *rand.Rand, code string, place vec) Declaration {
	at := c.declared(rng, place)
	d := Declaration{
		Code: code, Person: person(rng, at), Status: "accepted", Submitted: at,
		Source: []string{"qr", "batch", "counter", "grid_worker"}[weighted(rng, []float64{70, 12, 8, 10})],
	}
	day := at.In(china()).AddDate(0, 0, -int(rng.Float64()*rng.Float64()*16))
	d.MovedIn = time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
	d.Decided = at.Add(time.Duration(1+rng.IntN(40)) * time.Second)
	age := c.options.Now.Sub(at)
	switch x := rng.Float64(); {
	case age < 3*time.Hour && x < .4:
		d.Status, d.Decided, d.Due = "submitted", time.Time{}, at.Add(24*time.Hour)
	case x < .09:
		d.doubted(rng, age)
	case x < .13 && age > 10*24*time.Hour:
		d.Status = "moved_out"
		d.MovedOut = at.Add(time.Duration(3+rng.IntN(6)) * 24 * time.Hour).Truncate(24 * time.Hour)
	}
	if d.Decided.After(c.options.Now) {
		d.Decided = c.options.Now
	}
	return d
}

// doubted sends somebody to look, within three days; after that it is one or the other.
func (d *Declaration) doubted(rng *rand.Rand, age time.Duration) {
	d.Doubt = pick(rng, []string{"capacity", "elsewhere", "history", "stale"})
	if age < 3*24*time.Hour {
		d.Status, d.Decided, d.Due = "doubtful", time.Time{}, d.Submitted.Add(3*24*time.Hour)
		d.Visits = rng.IntN(2)
		return
	}
	d.Visits = 1 + rng.IntN(2)
	d.Decided = d.Submitted.Add(time.Duration(12+rng.IntN(60)) * time.Hour)
	if rng.Float64() < .3 {
		d.Status = "rejected"
	}
}

func person(rng *rand.Rand, at time.Time) Person {
	born := at.AddDate(-18-int(52*rng.Float64()*rng.Float64()), 0, -rng.IntN(365))
	n := fmt.Sprintf("440399%s%03d", born.Format("20060102"), rng.IntN(1000))
	return Person{name(rng), n + string(checkCharacter(n)), phone(rng)}
}

// checkCharacter is ISO 7064 MOD 11-2 over the first seventeen digits (GB 11643).
func checkCharacter(n string) byte {
	sum := 0
	for _, d := range []byte(n) {
		sum = (sum + int(d-'0')) * 2 % 11
	}
	return "10X98765432"[sum%11]
}

func phone(rng *rand.Rand) string { return fmt.Sprintf("100%08d", rng.IntN(1e8)) }

func name(rng *rand.Rand) string {
	surnames := []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱江尹薛")
	given := []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰飞鹏辉玲红鑫波斌宇浩凯健俊帆雪琳晨阳欣怡子轩梓涵思雨佳琪文博志远海燕春梅建国")
	s := string(pick(rng, surnames)) + string(pick(rng, given))
	if rng.Float64() < .72 {
		s += string(pick(rng, given))
	}
	return s
}

// Invent makes somebody up who is grown up at the time.
func Invent(rng *rand.Rand, at time.Time) Person { return person(rng, at) }
