package feed

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics of a feed. They serve one feed.
type Metrics struct {
	registerer    prometheus.Registerer
	transactions  prometheus.Counter
	rows          prometheus.Counter
	loads         prometheus.Counter
	loadSeconds   prometheus.Gauge
	interruptions prometheus.Counter
	applySeconds  prometheus.Histogram
}

// NewMetrics makes and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "gridweave_feed_" + name, Help: help})
	}
	m := &Metrics{
		registerer:    r,
		transactions:  counter("transactions_total", "Transactions applied."),
		rows:          counter("rows_total", "Changed rows applied."),
		loads:         counter("loads_total", "Times that everything was loaded from a snapshot."),
		interruptions: counter("interruptions_total", "Times that following was interrupted."),
		loadSeconds:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "gridweave_feed_load_seconds", Help: "Time that the last load took, the wait for its slot included."}),
		applySeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "gridweave_feed_apply_seconds", Help: "Time from a transaction's commit until it was applied.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .02, .05, .1, .5, 2, 10},
		}),
	}
	r.MustRegister(m.transactions, m.rows, m.loads, m.interruptions, m.loadSeconds, m.applySeconds)
	return m
}

// watch registers what is read from the feed itself.
func (m *Metrics) watch(f *Feed) {
	gauge := func(name, help string, value func(Report) float64) {
		m.registerer.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "gridweave_feed_" + name, Help: help},
			func() float64 { return value(f.Report()) }))
	}
	gauge("live", "1 while the log is being followed.", func(r Report) float64 { return map[State]float64{Live: 1}[r.State] })
	gauge("lag_bytes", "Log that the database had written at the last look and the feed has not applied.",
		func(r Report) float64 { return float64(r.LagBytes) })
	gauge("lag_seconds", "For how long the feed has been behind the database's log; 0 where it was not at the last look.",
		func(r Report) float64 { return r.Lag.Seconds() })
}

func (m *Metrics) loaded(took time.Duration) {
	m.loads.Inc()
	m.loadSeconds.Set(took.Seconds())
}

func (m *Metrics) applied(t Transaction) {
	m.transactions.Inc()
	m.rows.Add(float64(len(t.Rows)))
	m.applySeconds.Observe(max(0, time.Since(t.Time).Seconds()))
}
