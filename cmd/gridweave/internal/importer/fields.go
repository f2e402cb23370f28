package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/source"
)

// fieldSpec is a field of a kind with the property names it usually has, the likeliest first.
type fieldSpec struct {
	name    string
	aliases string
}

const (
	codeField  = "code"
	nameField  = "name"
	statNames  = "statistics_code stat_code nbs_code 统计代码 统计用区划代码 统计编码"
	areaCodes  = "code area_code 编码 代码 区划代码 grid_code 网格编码 网格代码 community_code 社区编码 社区代码 street_code 街道编码 街道代码 district_code 区县代码 adcode"
	namesZH    = "name name_zh 名称 name:zh 中文名 mc"
	namesEN    = "name_en name:en english_name 英文名"
	roomsCodes = "room_code house_code 房屋编码 房间编码 code 编码"
)

// fieldsOf lists the fields of a kind. Codes of the statistics bureau have names of their own where a file holds both.
func fieldsOf(k Kind, codes Codes) []fieldSpec {
	switch k {
	case Areas:
		code := areaCodes
		if codes == StatisticsCodes {
			code = statNames + " " + areaCodes
		}
		return []fieldSpec{
			{codeField, code},
			{nameField, namesZH + " grid_name 网格名称"},
			{"name_en", namesEN},
			{"residents", "residents population resident_count 常住人口 人口"},
			{"residents_on", "residents_on population_date 人口日期"},
		}
	case Buildings:
		return []fieldSpec{
			{codeField, "building_code bldg_code 楼栋编码 建筑编码 建筑物编码 code 编码 house_code 房屋编码"},
			{"grid", "grid_code grid 网格编码 网格代码"},
			{nameField, "building_name 楼名 楼栋名称 建筑名称 " + namesZH},
			{"name_en", namesEN},
			{"address", "address address_zh addr addr:full 地址 详细地址"},
			{"address_en", "address_en addr:en 英文地址"},
			{"kind", "kind building building_type type usage 用途 类型 建筑类型 fclass"},
			{"levels", "levels building:levels floors num_floors floor_count storeys 层数 楼层数"},
			{"height", "height height_m building:height 高度 楼高"},
			{"built_year", "built_year year_built 建成年份 建成年代 start_date"},
		}
	case Rooms:
		return []fieldSpec{
			{codeField, roomsCodes},
			{"floor", "floor level 楼层 所在层"},
			{"unit", "unit unit_no room_no 单元 房号 室号"},
			{"use", "use usage 用途 使用方式"},
			{"capacity", "capacity beds 容量 可住人数"},
		}
	}
	return nil
}

// plain makes names comparable: "Building:Levels", "building_levels" and "BUILDINGLEV" differ in habit only.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("_-: ", r) {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// fields finds the kind's fields among a record's properties. As a rule all records have the same properties, so the
// search is done once and repeated only when they change.
type fields struct {
	specs   []fieldSpec
	aliases [][]string
	chosen  map[string]string
	names   []string // those the columns were found for
	columns []int    // by field, -1 where the file has none
	found   map[string]string
}

func newFields(k Kind, codes Codes, chosen map[string]string) *fields {
	f := &fields{specs: fieldsOf(k, codes), chosen: chosen, found: map[string]string{}}
	for _, s := range f.specs {
		var list []string
		for _, a := range strings.Fields(s.aliases) {
			list = append(list, plain(a))
		}
		f.aliases = append(f.aliases, list)
	}
	return f
}

// of gives the value of the i-th field, "" where the record has none.
func (f *fields) of(rec *source.Record, i int) string {
	if !sameNames(f.names, rec.Names) {
		f.locate(rec.Names)
	}
	if c := f.columns[i]; c >= 0 {
		return strings.TrimSpace(rec.Values[c])
	}
	return ""
}

// sameNames is true at once where the two are one slice, as they are within one file.
func sameNames(a, b []string) bool {
	return len(a) == len(b) && (len(a) == 0 && a != nil || len(a) > 0 && &a[0] == &b[0] || slices.Equal(a, b) && a != nil)
}

func (f *fields) locate(names []string) {
	f.names = names
	if names == nil {
		f.names = []string{}
	}
	f.columns = make([]int, len(f.specs))
	for i, s := range f.specs {
		f.columns[i] = f.column(i, s.name, names)
		if c := f.columns[i]; c >= 0 {
			f.found[s.name] = names[c]
		}
	}
}

func (f *fields) column(i int, field string, names []string) int {
	if wanted, ok := f.chosen[field]; ok {
		return slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, wanted) })
	}
	for _, alias := range f.aliases[i] {
		for c, n := range names {
			if p := plain(n); p == alias || len(n) == 10 && strings.HasPrefix(alias, p) { // DBF cuts names to ten bytes
				return c
			}
		}
	}
	return -1
}

// missingCode explains that no property is the code, naming what there is.
func (f *fields) missingCode(rec *source.Record) error {
	if wanted, ok := f.chosen[codeField]; ok {
		return fmt.Errorf("property %s, which --map names as the code, is missing or empty", wanted)
	}
	if f.columns != nil && f.columns[0] >= 0 {
		return fmt.Errorf("property %s is empty", rec.Names[f.columns[0]])
	}
	for _, n := range rec.Names {
		if slices.Contains(strings.Fields(statNames), strings.ToLower(n)) {
			return fmt.Errorf("no house code; %s looks like the statistics bureau's: use --codes statistics or --map code=PROPERTY", n)
		}
	}
	return fmt.Errorf("no property looks like the code (there are %s): use --map code=PROPERTY", strings.Join(rec.Names, ", "))
}
