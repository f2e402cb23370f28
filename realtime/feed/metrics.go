package feed

import (
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/prometheus/client_golang/prometheus"
)

// Metrics of a feed.
type Metrics struct {
	live          prometheus.Gauge
	lagBytes      prometheus.Gauge
	lagSeconds    prometheus.Gauge
	transactions  prometheus.Counter
	rows          prometheus.Counter
	loads         prometheus.Counter
	interruptions prometheus.Counter
}

// NewMetrics makes and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "gridweave_feed_" + name, Help: help})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "gridweave_feed_" + name, Help: help})
	}
	m := &Metrics{
		live:          gauge("live", "1 while the log is being followed."),
		lagBytes:      gauge("lag_bytes", "Log that the server has written and the feed has not received."),
		lagSeconds:    gauge("lag_seconds", "Time from the last transaction's commit until it was applied."),
		transactions:  counter("transactions_total", "Transactions applied."),
		rows:          counter("rows_total", "Changed rows applied."),
		loads:         counter("loads_total", "Times that everything was loaded from a snapshot."),
		interruptions: counter("interruptions_total", "Times that following was interrupted."),
	}
	r.MustRegister(m.live, m.lagBytes, m.lagSeconds, m.transactions, m.rows, m.loads, m.interruptions)
	return m
}

func (m *Metrics) received(x pglogrepl.XLogData) {
	m.lagBytes.Set(float64(x.ServerWALEnd - min(x.ServerWALEnd, x.WALStart)))
}

func (m *Metrics) applied(t Transaction) {
	m.transactions.Inc()
	m.rows.Add(float64(len(t.Rows)))
	m.lagSeconds.Set(max(0, time.Since(t.Time).Seconds()))
}
