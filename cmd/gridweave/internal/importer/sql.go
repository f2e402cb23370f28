package importer

import (
	_ "embed" // the statements
	"strings"
)

//go:embed sql/stage.sql
var stageSQL string

//go:embed sql/geometry.sql
var geometrySQL string

//go:embed sql/buildings.sql
var buildingsSQL string

//go:embed sql/rooms.sql
var roomsSQL string

//go:embed sql/areas.sql
var areasSQL string

// step cuts the statements of one step out of a file and puts in what its braces stand for.
func step(file, name string, replace ...string) string {
	_, after, found := strings.Cut(file, "-- step: "+name+"\n")
	if !found {
		return "select 'no step " + name + "'::int" // fails in every test that comes by
	}
	body, _, _ := strings.Cut(after, "\n-- step: ")
	return strings.NewReplacer(replace...).Replace(body)
}
