package city

// Class is a road's rank.
type Class string

// The ranks of roads, from the widest.
const (
	Expressway Class = "expressway" // 快速路
	Arterial   Class = "arterial"   // 主干路
	Collector  Class = "collector"  // 次干路
	Lane       Class = "lane"       // 支路
	Alley      Class = "alley"      // 巷
	Path       Class = "path"       // 步道: borders that run through parks and hills
	Border     Class = "border"     // a shore or a border without a road
)

// roadway is a road of the mesh.
type roadway struct {
	Class  Class
	ZH, EN string
}

// half is half the width that buildings keep off, in metres: the carriageway, its pavements and its green strips.
func (c Class) half() float64 {
	switch c {
	case Expressway:
		return 30
	case Arterial:
		return 20
	case Collector:
		return 11
	case Lane:
		return 5
	case Alley:
		return 2
	case Path, Border:
		return 4
	}
	return 4
}

// minZoom is the web map zoom from which the road is worth drawing.
func (c Class) minZoom() int {
	switch c {
	case Expressway:
		return 8
	case Arterial:
		return 10
	case Collector:
		return 13
	case Lane, Path:
		return 14
	case Alley:
		return 16
	case Border:
		return 22
	}
	return 14
}
