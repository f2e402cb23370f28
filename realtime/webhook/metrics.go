package webhook

import "github.com/prometheus/client_golang/prometheus"

// Metrics tell how deliveries do.
type Metrics struct {
	deliveries *prometheus.CounterVec
	lost       prometheus.Counter
}

// Outcomes of an attempt to deliver.
const (
	delivered = "delivered"
	refused   = "refused" // to be tried again, or a dead letter
)

// NewMetrics makes and registers them.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gridweave_webhook_attempts_total", Help: "Attempts to deliver an event to another system, by outcome.",
		}, []string{"outcome"}),
		lost: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gridweave_webhook_lost_total", Help: "Deliveries that were let go since too many waited.",
		}),
	}
	r.MustRegister(m.deliveries, m.lost)
	for _, outcome := range []string{delivered, refused} {
		m.deliveries.WithLabelValues(outcome) // each is there from the beginning
	}
	return m
}

func (m *Metrics) lose(n int) { m.lost.Add(float64(n)) }

func (m *Metrics) attempted(err error) {
	outcome := delivered
	if err != nil {
		outcome = refused
	}
	m.deliveries.WithLabelValues(outcome).Inc()
}
