package city

import "math"

// The ten districts, drawn by hand from common knowledge of the region, in hundredths of a degree of longitude east of
// 113 and of latitude north of 22. Only Futian's inside resembles anything; the other nine have the right neighbours,
// shores and hills, and streets that are invented.

// lonlat turns pairs of such hundredths into metres.
func lonlat(xy ...float64) []vec {
	out := make([]vec, len(xy)/2)
	for i := range out {
		lon, lat := 113+xy[2*i]/100, 22+xy[2*i+1]/100
		out[i] = vec{(lon*1e7 - originLon) * lonMetre, (lat*1e7 - originLat) * latMetre}
	}
	return out
}

// quarter is a district outside Futian: its code, its names, a point inside, and how much it is divided into.
type quarter struct {
	code, zh, en   string
	at             vec
	streets, grids int
}

func quarters() []quarter {
	at := func(x, y float64) vec { return lonlat(x, y)[0] }
	return []quarter{
		{"440303", "罗湖区", "Luohu District", at(113, 57), 10, 900},
		{"440305", "南山区", "Nanshan District", at(93, 54), 8, 1900},
		{"440306", "宝安区", "Bao'an District", at(85, 66), 10, 4300},
		{"440307", "龙岗区", "Longgang District", at(120, 70), 11, 3900},
		{"440308", "盐田区", "Yantian District", at(126, 59.5), 4, 350},
		{"440309", "龙华区", "Longhua District", at(103, 68), 6, 2500},
		{"440310", "坪山区", "Pingshan District", at(136, 70), 6, 900},
		{"440311", "光明区", "Guangming District", at(93, 76), 6, 913},
		{"440312", "大鹏新区", "Dapeng New District", at(150, 60), 3, 150},
	}
}

// Shores, from the north-west round the south to the north-east.

// westShores meet where Bao'an ends and Nanshan begins.
func westShores() [][]vec {
	return [][]vec{
		lonlat(76, 74, 77.5, 70, 79, 66, 79.3, 63, 82.5, 60, 84.5, 57, 86.5, 54.6, 88.4, 53.4),
		append(lonlat(88.4, 53.4, 88.6, 51, 86.6, 48.6, 87.3, 46.3, 90.4, 47, 93, 47.8, 94.6, 49.5, 95.5, 51, 97.2, 51.9),
			futianOutline()[0]),
	}
}

func luohuRiver() []vec {
	return append(futianOutline()[southShore-1:southShore], lonlat(111.2, 53.2, 112.5, 53.8, 114, 54.7, 115.5, 55.6, 117, 56.1,
		119, 55.7)...)
}

// eastShores meet where Yantian ends and Dapeng begins.
func eastShores() [][]vec {
	return [][]vec{
		lonlat(119, 55.7, 122.5, 55.2, 124.5, 55.6, 126.5, 56.9, 129, 57.6, 130, 59.2, 132.5, 59.7, 134.5, 60, 136, 60.5),
		lonlat(136, 60.5, 139, 60.1, 142, 60, 144.5, 59, 147, 56.6, 147.4, 54.5, 149, 53.2, 148.5, 51, 150, 48.6, 149.5, 46.2, 153, 45.1, 156, 45.6,
			159.5, 48.1, 162, 50, 161, 53, 157.5, 55, 155.6, 57.2, 157, 60, 159, 62, 156.5, 64.5, 154, 65.5, 151.5, 66, 150.5, 66.5),
	}
}

// cityBorders are the borders to the neighbours in the north, from junction to junction, and those between districts;
// where these meet Futian they end a little inside it, and its own outline cuts them off.
func cityBorders() [][]vec {
	in := func(x, y float64) []vec { return []vec{{x, y}} }
	return [][]vec{
		lonlat(150.5, 66.5, 147.5, 66.1, 145, 67),
		lonlat(145, 67, 143.5, 69, 142, 71, 142.4, 74, 141, 77, 138.5, 79),
		lonlat(138.5, 79, 135, 80, 132, 81, 128.5, 80.1, 125, 79, 122, 76.6, 119, 75.1, 117.3, 73.2, 115, 72.2, 112, 73),
		lonlat(112, 73, 110.5, 75.5, 107.5, 77.4, 104.5, 78, 101, 77.4, 99.5, 77),
		lonlat(99.5, 77, 98.5, 80, 96, 83, 92.5, 84.4, 89.5, 83.1, 87.5, 81.1, 86, 80),
		lonlat(86, 80, 84, 80.4, 82, 79.5, 80, 77.6, 78.4, 75.5, 76, 74),
		lonlat(86, 80, 87.4, 77, 87.1, 74, 88.5, 72.1, 91, 70.6, 92.5, 69, 93.5, 68),
		lonlat(93.5, 68, 95.5, 70, 96.6, 73, 98.5, 75.1, 99.5, 77),
		lonlat(93.5, 68, 94.4, 65.6, 95.5, 63.5),
		lonlat(95.5, 63.5, 92.5, 61.4, 91.5, 58.6, 90.4, 56, 89.5, 54.4, 88.4, 53.4),
		append(lonlat(95.5, 63.5, 97.5, 62.1, 99, 60.4, 100, 59.3), in(-3550, 3750)...),
		append(in(1270, 4650), lonlat(106, 61.2, 108.4, 63.6, 109, 66.1, 110.6, 69, 111.4, 71, 112, 73)...),
		append(in(3230, 2900), lonlat(108, 58.9, 110, 59.6, 113, 60.1, 116, 60.4, 118.5, 60.6, 120, 60.5)...),
		lonlat(120, 60.5, 120.6, 58.1, 119.4, 56.6, 119, 55.7),
		lonlat(120, 60.5, 123.5, 61.4, 127, 63.1, 130, 63.6, 132.5, 63.5),
		lonlat(132.5, 63.5, 134.4, 62.6, 135.5, 62),
		lonlat(135.5, 62, 135.7, 61.2, 136, 60.5),
		lonlat(132.5, 63.5, 132.1, 66, 131.4, 68.6, 133, 71, 134.6, 74, 136.4, 77, 138.5, 79),
		lonlat(135.5, 62, 138, 63.4, 141, 64.6, 143, 66.1, 145, 67),
	}
}

func cityHills() []knoll {
	k := func(x, y, rx, ry, turn float64, zh, en string) knoll {
		v := lonlat(x, y)[0]
		return knoll{v.X, v.Y, rx, ry, turn, zh, en}
	}
	return []knoll{
		k(96.8, 65.5, 4200, 2600, .5, "羊台山", "Yangtai Mountain"), k(98, 58.7, 1900, 1100, .2, "塘朗山西段", "West Tanglang"),
		k(121.5, 58, 3900, 2500, .3, "梧桐山", "Wutong Mountain"), k(127.5, 61.7, 4200, 1500, .1, "梅沙尖", "Meisha Peak"),
		k(134.5, 65, 4300, 2200, .4, "马峦山", "Maluan Mountain"), k(155, 51.3, 4700, 3100, .5, "七娘山", "Qiniang Mountain"),
		k(147, 62.6, 4300, 2300, .3, "排牙山", "Paiya Mountain"), k(85, 69, 1900, 1300, .7, "凤凰山", "Fenghuang Mountain"),
		k(90.2, 65, 2300, 1700, .2, "铁岗山", "Tiegang Hill"), k(90.4, 49.3, 1300, 1000, .3, "大南山", "Danan Mountain"),
		k(109.6, 60.8, 1900, 900, .2, "银湖山", "Yinhu Hill"), k(132, 76.5, 2900, 2300, .8, "清林山", "Qinglin Hill"),
		k(107, 72, 2000, 1300, .2, "观澜山", "Guanlan Hill"), k(97.3, 79.5, 2100, 1500, .9, "光明山", "Guangming Hill"),
		k(116.5, 66.5, 2700, 1600, .6, "樟坑山", "Zhangkeng Hill"), k(128, 69, 1700, 1500, .1, "松子山", "Songzi Hill"),
		k(139, 73.5, 1500, 1100, .4, "田头山", "Tiantou Hill"), k(92, 80, 1500, 1000, .2, "公明山", "Gongming Hill"),
		k(103.8, 63.8, 1500, 900, 1, "民治山", "Minzhi Hill"), k(142, 68.5, 1200, 1600, .3, "坪山东岭", "Pingshan East Ridge"),
	}
}

func cityLakes() []knoll {
	k := func(x, y, rx, ry, turn float64, zh, en string) knoll {
		v := lonlat(x, y)[0]
		return knoll{v.X, v.Y, rx, ry, turn, zh, en}
	}
	return []knoll{
		k(89.5, 61.8, 1500, 750, .4, "铁岗水库", "Tiegang Reservoir"), k(95.2, 60.3, 1200, 650, .6, "西丽水库", "Xili Reservoir"),
		k(90.4, 70.2, 850, 480, .2, "石岩湖", "Shiyan Lake"), k(115, 57.6, 620, 1150, .3, "东湖水库", "Donghu Reservoir"),
		k(134.3, 75.3, 900, 520, .5, "清林径水库", "Qinglinjing Reservoir"), k(131, 70.8, 800, 560, .1, "松子坑水库", "Songzikeng Reservoir"),
		k(94.4, 78.6, 1400, 700, .5, "公明水库", "Gongming Reservoir"), k(121, 64.2, 650, 420, .7, "龙口水库", "Longkou Reservoir"),
	}
}

func citySeas(west, east []vec, futian []vec) []patch {
	mouth := nearest(futian, futianOutline()[6])
	bay := append(append([]vec{}, west...), futian[1:mouth+1]...)
	bay = append(bay, vec{-1250, -4800}, vec{-1500, -5400}, vec{-2500, -6100}, vec{-3800, -6900}, vec{-5200, -7600}, vec{-7500, -8300},
		vec{-12000, -9800}, vec{-14500, -13500}, vec{-18000, -31000}, vec{-46000, -31000}, vec{-46000, 46000}, vec{-33000, 46000},
		vec{-31500, 33000}, vec{-30200, 26000})
	mirs := append([]vec{}, east...)
	mirs = append(mirs, lonlat(154, 68.5, 160, 72)...)
	mirs = append(mirs, vec{76000, 20000}, vec{76000, -31000}, vec{36000, -31000}, vec{32000, -14000}, vec{27000, -7000}, vec{24500, -3500},
		vec{20800, -600})
	return []patch{newPatch("water", "sea", "珠江口", "Pearl River Estuary", bay), newPatch("water", "sea", "大鹏湾", "Mirs Bay", mirs)}
}

// inFutian is true in the upright rectangle around Futian.
func inFutian(p vec) bool { return p.X > -5700 && p.X < 6100 && p.Y > -4800 && p.Y < 4900 }

// cityUrban thins out from a dozen centres, with towns in between.
func cityUrban(seed uint64) func(vec) float64 {
	centres := lonlat(112, 54.6, 93.5, 52.5, 88.5, 56.5, 103, 65.5, 124.5, 72, 112, 62.5, 93.5, 75.5, 135.5, 69.5, 84, 72, 106, 71.5)
	return func(p vec) float64 {
		if inFutian(p) {
			return futianUrban(p)
		}
		d := .5 + .3*noise(seed+51, p.X/3800, p.Y/3800)
		for _, c := range centres {
			r := p.sub(c)
			d += .75 * math.Exp(-r.dot(r)/(2300*2300))
		}
		return d
	}
}
