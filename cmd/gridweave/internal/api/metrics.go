package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// meter holds the surface's metrics.
type meter struct {
	inFlight prometheus.Gauge
	seconds  *prometheus.HistogramVec
}

func newMeter(r *prometheus.Registry) *meter {
	m := &meter{
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gridweave_http_requests_in_flight", Help: "Requests being answered.",
		}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "gridweave_http_request_seconds", Help: "Time to answer a request, by route, method and class of status.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, []string{"route", "method", "status"}),
	}
	r.MustRegister(m.inFlight, m.seconds)
	return m
}

func (m *meter) record(route, method string, status int, took time.Duration) {
	class := strconv.Itoa(status/100) + "xx"
	m.seconds.WithLabelValues(route, method, class).Observe(took.Seconds())
}

// route names the surface's parts, few enough to be labels: the first fixed segments of a path.
func route(r *http.Request) string {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch parts[0] {
	case "api":
		if len(parts) > 2 && parts[1] == "v1" {
			return apiRoute(parts[2])
		}
		return "api"
	case "tiles", "stream", "events", "healthz", "readyz", "metrics":
		return parts[0]
	default:
		return "frontend"
	}
}

// apiRoute keeps what a client invents out of the labels.
func apiRoute(noun string) string {
	switch noun {
	case "session", "status", "areas", "buildings", "incidents", "incident-types", "declarations", "crosswalk":
		return "api/v1/" + noun
	default:
		return "api/v1/other"
	}
}
