package city

import "math/rand/v2"

// words makes names of places that exist nowhere, each once.
type words struct {
	rng  *rand.Rand
	used map[string]bool
}

func newWords(seed uint64) *words {
	w := &words{stream(seed, label("words")), map[string]bool{}}
	for _, real := range []string{"龙华", "龙岗", "坪山", "光明", "平湖", "观澜", "石岩", "松岗", "沙井", "新安", "西丽", "南湖", "桂园"} {
		w.used[real] = true // names of real streets near by
	}
	return w
}

// street is an invented street, and its name says so.
func (w *words) street(code string) place {
	n := w.next()
	return place{code: code, zh: n.zh + "街道（虚构）", en: n.en + " Street (invented)"}
}

func (w *words) community(code string) place {
	n := w.next()
	return place{code: code, zh: n.zh + "社区", en: n.en + " Community"}
}

func (w *words) next() named {
	heads := []named{
		{"云", "Yun"},
		{"石", "Shi"},
		{"松", "Song"},
		{"平", "Ping"},
		{"上", "Shang"},
		{"下", "Xia"},
		{"新", "Xin"},
		{"大", "Da"},
		{"南", "Nan"},
		{"北", "Bei"},
		{"东", "Dong"},
		{"西", "Xi"},
		{"清", "Qing"},
		{"长", "Chang"},
		{"安", "An"},
		{"永", "Yong"},
		{"金", "Jin"},
		{"银", "Yin"},
		{"玉", "Yu"},
		{"白", "Bai"},
		{"红", "Hong"},
		{"黄", "Huang"},
		{"高", "Gao"},
		{"古", "Gu"},
		{"竹", "Zhu"},
		{"荔", "Li"},
		{"榕", "Rong"},
		{"桂", "Gui"},
		{"鹤", "He"},
		{"鹿", "Lu"},
		{"鲤", "Li"},
		{"雁", "Yan"},
		{"和", "He"},
		{"兴", "Xing"},
		{"顺", "Shun"},
		{"丰", "Feng"},
		{"泰", "Tai"},
		{"康", "Kang"},
		{"华", "Hua"},
		{"锦", "Jin"},
	}
	tails := []named{
		{"岭", "ling"},
		{"湖", "hu"},
		{"田", "tian"},
		{"塘", "tang"},
		{"围", "wei"},
		{"坑", "keng"},
		{"坪", "ping"},
		{"山", "shan"},
		{"溪", "xi"},
		{"洲", "zhou"},
		{"湾", "wan"},
		{"园", "yuan"},
		{"桥", "qiao"},
		{"门", "men"},
		{"井", "jing"},
		{"岸", "an"},
		{"村", "cun"},
		{"坡", "po"},
		{"头", "tou"},
		{"陂", "bei"},
		{"墩", "dun"},
		{"沥", "li"},
		{"涌", "chong"},
		{"厦", "xia"},
	}
	for {
		h, t := pick(w.rng, heads), pick(w.rng, tails)
		if n := join(h, t); !w.used[n.zh] {
			w.used[n.zh] = true
			return n
		}
	}
}
