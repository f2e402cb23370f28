package audience

import "github.com/prometheus/client_golang/prometheus"

// Metrics tell how much is told, and what is kept to resume from.
type Metrics struct {
	events    prometheus.Counter
	conflated prometheus.Counter
	recent    prometheus.Gauge
	audiences prometheus.Gauge
	views     prometheus.Gauge
}

// NewMetrics registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		events: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gridweave_stream_events_total", Help: "Events told, each counted once however many hear of it.",
		}),
		conflated: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gridweave_stream_conflated_total", Help: "Events left out for a client that lagged, because a newer one of the same entity followed.",
		}),
		recent: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gridweave_stream_recent_bytes", Help: "Recent events kept to resume from.",
		}),
		audiences: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gridweave_stream_audiences", Help: "Logs of an area and a set of topics.",
		}),
		views: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gridweave_stream_views", Help: "Subscriptions with a box of their own.",
		}),
	}
	r.MustRegister(m.events, m.conflated, m.recent, m.audiences, m.views)
	return m
}

func (m *Metrics) told(events, recentBytes int) {
	m.events.Add(float64(events))
	m.recent.Set(float64(recentBytes))
}
