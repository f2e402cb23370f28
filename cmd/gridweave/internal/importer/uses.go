package importer

import (
	"fmt"
	"strings"
)

// buildingUse maps what a file calls a building's type to one of the kinds the database knows. OpenStreetMap's tags
// and the usual Chinese words are understood; "yes" and its like say nothing, which is "", and the rest is "other".
func buildingUse(s string) string {
	s = strings.ToLower(s)
	switch s {
	case "", "yes", "no", "building", "unknown", "construction":
		return ""
	case "residential", "house", "detached", "terrace", "apartments", "bungalow", "cabin", "住宅", "居住", "居民楼", "商品房":
		return "residential"
	case "urban_village", "城中村", "城中村住宅", "私宅", "自建房":
		return "urban_village"
	case "dormitory", "宿舍", "集体宿舍":
		return "dormitory"
	case "apartment", "公寓", "长租公寓":
		return "apartment"
	case "office", "办公", "写字楼":
		return "office"
	case "commercial", "retail", "hotel", "supermarket", "kiosk", "商业", "商铺", "酒店", "商场":
		return "commercial"
	case "industrial", "warehouse", "manufacture", "factory", "工业", "厂房", "仓库":
		return "industrial"
	case "school", "kindergarten", "college", "university", "学校", "幼儿园", "教育":
		return "school"
	case "hospital", "clinic", "医院", "医疗":
		return "hospital"
	case "public", "civic", "government", "museum", "library", "train_station", "transportation", "temple", "church",
		"mosque", "grandstand", "sports_centre", "公共", "公共建筑", "政府", "文化", "体育":
		return "public"
	}
	return "other"
}

// roomUseOf maps the use of a room; "" is not known.
func roomUseOf(s string) (string, error) {
	switch s {
	case "", "unknown", "未知":
		return "", nil
	case "self_occupied", "自住", "自用":
		return "self_occupied", nil
	case "whole_let", "整租", "出租":
		return "whole_let", nil
	case "shared_let", "合租":
		return "shared_let", nil
	case "dormitory", "宿舍", "集体宿舍":
		return "dormitory", nil
	case "daily_let", "日租", "日租房":
		return "daily_let", nil
	case "vacant", "空置", "闲置":
		return "vacant", nil
	case "non_residential", "非居住", "非住宅", "商用":
		return "non_residential", nil
	}
	return "", fmt.Errorf("use %q is none of self_occupied, whole_let, shared_let, dormitory, daily_let, vacant, non_residential", s)
}
