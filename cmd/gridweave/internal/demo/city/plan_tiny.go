package city

// planTiny is a corner of Futian Street for tests: a shopping and office quarter, an estate and an urban village
// around one crossing, with a pond. It keeps real codes and names, and lies about where they lie.
func planTiny(seed uint64) (*plan, error) {
	o := vec{1500, -1900}
	at := func(x, y float64) vec { return o.add(vec{x, y}.mul(.79)) }
	outline := rounded([]vec{
		at(-480, -330), at(0, -370), at(470, -340), at(510, 0), at(480, 360), at(0, 340), at(-490, 370),
		at(-520, 0), at(-480, -330),
	}, 40)
	g := &ground{seed: seed, scale: Tiny, urban: func(vec) float64 { return 1 }}
	g.land = []vec{at(-3000, -3000), at(3000, -3000), at(3000, 3000), at(-3000, 3000)}
	g.lakes([]knoll{{o.X - 205, o.Y + 160, 42, 28, .4, "福塘", "Fu Pond"}})
	names := []roadway{{Class: Border}, {Arterial, "福民路", "Fumin Road"}, {Collector, "金田路", "Jintian Road"}}
	strokes := []stroke{
		{outline, 0},
		{rounded([]vec{at(-600, -20), at(-100, 30), at(250, -30), at(600, 20)}, 50), 1},
		{rounded([]vec{at(40, 20), at(60, -150), at(20, -500)}, 50), 2},
	}
	m := arrange(strokes, names, func(mid vec, road int32) bool { return road == 0 || inside(outline, mid) })
	p := &plan{}
	p.prepare(g, m)
	p.districts = []place{{code: "440304", zh: "福田区", en: "Futian District"}}
	p.streets = []place{futianStreets()[2]}
	for _, c := range []place{
		{"440304003001", "福华社区", "Fuhua Community", at(-200, -150), 'C', "440304004022"},
		{"440304003004", "福民社区", "Fumin Community", at(250, -150), 'S', "440304004027"},
		{"440304003005", "水围社区", "Shuiwei Community", at(0, 150), 'W', "440304004028"},
	} {
		p.communities = append(p.communities, &community{place: c})
	}
	faces := make([]int32, len(m.faces))
	for i := range faces {
		faces[i] = int32(i)
	}
	rest, err := p.shareFaces(faces, p.communities)
	if err != nil {
		return nil, err
	}
	p.adopt(rest, p.communities)
	if err := p.cutGrids(p.communities, Tiny.Counts().Grids); err != nil {
		return nil, err
	}
	return p, p.number()
}
