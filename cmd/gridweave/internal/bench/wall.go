package bench

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/gridweave/gridweave/geo"
)

// wallCases are what a live wall of the whole area asks, and a replay of the last day.
func wallCases(root geo.Code) []insightCase {
	area := "/api/v1/areas/" + string(root)
	parts := []string{area + "/stats"}
	for _, level := range []geo.Level{geo.Street, geo.Community, geo.Grid} {
		if level > root.Level() {
			parts = append(parts, area+"/stats?by="+level.String())
		}
	}
	now := time.Now().UTC()
	ago := func(hours int) string { return now.Add(-time.Duration(hours) * time.Hour).Format(time.RFC3339) }
	var past, history []string
	for _, hours := range []int{1, 6, 24, 47} {
		past = append(past, area+"/past?"+url.Values{"at": {ago(hours)}}.Encode())
		v := url.Values{"from": {ago(hours)}, "to": {ago(0)}, "limit": {strconv.Itoa(mostEvents)}}
		history = append(history, area+"/history?"+v.Encode())
		v.Set("order", "newest")
		history = append(history, area+"/history?"+v.Encode())
	}
	return []insightCase{
		{"wall, key figures", []string{area + "/figures"}},
		{"wall, sums of the area and of its parts", parts},
		{"wall, activity by quarters of an hour", []string{area + "/activity?step=900"}},
		{fmt.Sprintf("wall, %d events of history", mostEvents), history},
		{"wall, how things stood", past},
	}
}

// mostEvents is the largest page of history.
const mostEvents = 1000
