package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/civictest"
)

type historyPage struct {
	Items []struct {
		Topic, Action, Now string
		ID                 int64
	}
	Next *string
}

func TestHistoryPagesThroughWhatWasDone(t *testing.T) {
	s := newSurface(t)
	desk := s.token(t, "desk", account.DutyOfficer, civictest.Root)
	for n := range 5 {
		res, body := s.do(t, http.MethodPost, "/api/v1/incidents", desk, fmt.Sprintf(`{"type":"0101","building":%q,"source":"hotline"}`, civictest.BuildingA))
		if res.StatusCode != http.StatusCreated {
			t.Fatalf("report %d: %d %s", n, res.StatusCode, body)
		}
	}
	var seen []int64
	for path := fmt.Sprintf("/api/v1/areas/%s/history?limit=2", civictest.StreetA); ; {
		res, body := s.do(t, http.MethodGet, path, desk, "")
		var page historyPage
		if err := json.Unmarshal(body, &page); err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%d %s", res.StatusCode, body)
		}
		for _, e := range page.Items {
			if e.Topic != "incident" || e.Action != "report" || e.Now != "reported" {
				t.Errorf("unexpected %+v", e)
			}
			seen = append(seen, e.ID)
		}
		if page.Next == nil {
			break
		}
		path = fmt.Sprintf("/api/v1/areas/%s/history?limit=2&cursor=%s", civictest.StreetA, *page.Next)
	}
	if fmt.Sprint(seen) != "[1 2 3 4 5]" {
		t.Errorf("saw %v", seen)
	}
	res, body := s.do(t, http.MethodGet, fmt.Sprintf("/api/v1/areas/%s/history?order=newest&topics=incident&limit=1", civictest.Root), desk, "")
	var newest historyPage
	if err := json.Unmarshal(body, &newest); err != nil || len(newest.Items) != 1 || newest.Items[0].ID != 5 {
		t.Errorf("newest: %d %s", res.StatusCode, body)
	}
}

func TestTheSituationElsewhereIsNotFound(t *testing.T) {
	s := newSurface(t)
	street := s.token(t, "street", account.Dispatcher, civictest.StreetA)
	for _, what := range []string{"figures", "history", "activity", "past?at=" + time.Now().UTC().Format(time.RFC3339)} {
		for code, status := range map[string]int{string(civictest.StreetB): 404, string(civictest.Root): 404, "44x": 422} {
			res, body := s.do(t, http.MethodGet, fmt.Sprintf("/api/v1/areas/%s/%s", code, what), street, "")
			if res.StatusCode != status {
				t.Errorf("%s of %s: %d %s, want %d", what, code, res.StatusCode, body, status)
			}
		}
		if res, body := s.do(t, http.MethodGet, fmt.Sprintf("/api/v1/areas/%s/%s", civictest.StreetA, what), street, ""); res.StatusCode != 200 {
			t.Errorf("%s of one's own: %d %s", what, res.StatusCode, body)
		}
	}
}
