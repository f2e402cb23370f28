package tiles

// catalogue lists the tilesets. What it says of layers and attributes is what the SQL beside it makes; a test reads
// real tiles and compares.
func catalogue() []Set {
	names := map[string]string{"name_zh": "String", "name_en": "String"}
	return []Set{
		{
			Name: "areas", Description: "Areas in force, their borders and labels", MinZoom: 0,
			Layers: []Layer{
				{
					ID: "area", Description: "Polygons; the feature id is the area's id", MaxZoom: MaxZoom,
					Fields: map[string]string{"level": "String", "code": "String", "name_zh": "String", "name_en": "String"},
				},
				{
					ID: "area_line", Description: "Each border once, under the highest level that it bounds", MaxZoom: MaxZoom,
					Fields: map[string]string{"level": "String"},
				},
				{
					ID: "area_label", Description: "One point a place", MaxZoom: MaxZoom,
					Fields: map[string]string{"level": "String", "code": "String", "name_zh": "String", "name_en": "String"},
				},
			},
		},
		{
			Name: "buildings", Description: "Buildings with the grade of their rental houses", MinZoom: 13,
			Layers: []Layer{
				{
					ID: "building", Description: "Footprints; the feature id is the building's id", MinZoom: 13, MaxZoom: MaxZoom,
					Fields: map[string]string{
						"g": "Grade: 1 green, 2 yellow, 3 orange, 4 red, 5 grey (unrated or stale); absent where nothing is let",
						"u": "Use: 0 unknown, 1 self-occupied, 2 whole let, 3 shared let, 4 dormitory, 5 daily let, 6 vacant, 7 non-residential",
						"h": "Height in metres",
					},
				},
				{ID: "building_label", Description: "One point a named building", MinZoom: 16, MaxZoom: MaxZoom, Fields: names},
			},
		},
		{
			Name: "base", Description: "The base map drawn from own layers", MinZoom: 0,
			Layers: []Layer{
				baseLayer("land", "Land"), baseLayer("water", "Sea, rivers, lakes"), baseLayer("park", "Parks and hills"),
				baseLayer("block", "Built-up blocks"), baseLayer("road", "Roads by class"), baseLayer("rail", "Railways"),
			},
		},
	}
}

func baseLayer(id, description string) Layer {
	return Layer{
		ID: id, Description: description, MaxZoom: MaxZoom,
		Fields: map[string]string{"class": "String", "name_zh": "String", "name_en": "String"},
	}
}
