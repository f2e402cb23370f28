package session

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/gridweave/gridweave/realtime/audience"
	"github.com/gridweave/gridweave/realtime/wire"
)

// Metrics tell how the connections do; every step of the ladder has its own.
type Metrics struct {
	connections prometheus.Gauge
	writes      prometheus.Counter
	bytes       prometheus.Counter
	blocked     prometheus.Counter
	caughtUp    prometheus.Counter
	resyncs     *prometheus.CounterVec
	resumes     prometheus.Counter
	closes      *prometheus.CounterVec
	audience    *audience.Metrics
}

// NewMetrics registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &Metrics{
		connections: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "gridweave_stream_connections", Help: "Open streams, over WebSocket and as events.",
		}),
		writes:   counter("gridweave_stream_writes_total", "System calls that wrote to streams without waiting."),
		bytes:    counter("gridweave_stream_bytes_total", "Bytes written to streams."),
		blocked:  counter("gridweave_stream_blocked_total", "Times that a line took no more and its connection went on by itself."),
		caughtUp: counter("gridweave_stream_caught_up_total", "Times that a lagging subscription was told the newest states only."),
		resyncs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gridweave_stream_resyncs_total", Help: "Times that a subscription had to start anew, by reason.",
		}, []string{"reason"}),
		resumes: counter("gridweave_stream_resumes_total", "Subscriptions that went on where they had been."),
		closes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gridweave_stream_closes_total", Help: "Connections that the server closed, by the code's name.",
		}, []string{"code"}),
		audience: audience.NewMetrics(r),
	}
	r.MustRegister(m.connections, m.writes, m.bytes, m.blocked, m.caughtUp, m.resyncs, m.resumes, m.closes)
	for _, reason := range []wire.Reason{wire.OtherEpoch, wire.Ahead, wire.TooOld, wire.TooSlow, wire.Reloaded} {
		m.resyncs.WithLabelValues(string(reason)) // each is there from the beginning
	}
	for _, c := range wire.CloseCodes() {
		m.closes.WithLabelValues(c.Name)
	}
	return m
}
