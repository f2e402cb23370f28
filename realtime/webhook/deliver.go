package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
)

// Event is a CloudEvent (version 1.0) in the structured JSON format.
type Event struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"` // the event's position: the same for each delivery of it
	Source          string          `json:"source"`
	Type            string          `json:"type"`    // gridweave.TOPIC.KIND, or gridweave.resync
	Subject         string          `json:"subject"` // code of the area that it is about
	DataContentType string          `json:"datacontenttype,omitempty"`
	Entity          string          `json:"entity,omitempty"` // id of the entity, an extension
	Final           string          `json:"final,omitempty"`  // the status in which it ended, of what is removed; an extension
	Data            json.RawMessage `json:"data,omitempty"`
}

// delivery is a job: one event for one webhook.
type delivery struct {
	Webhook int64 `json:"webhook"`
	Event   Event `json:"event"`
}

// Kind implements river.JobArgs.
func (delivery) Kind() string { return "webhook" }

// SignatureHeader carries "t=SECONDS,v1=HEX": HMAC-SHA256, with the webhook's secret, of the seconds, a dot and the body.
// A receiver refuses what is not signed so, and what is older than it can remember.
const SignatureHeader = "X-Gridweave-Signature"

// Sign gives the header's value for a body.
func Sign(secret, body []byte, at time.Time) string {
	seconds := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(seconds + "."))
	mac.Write(body)
	return "t=" + seconds + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// deliverTimeout is how long a receiver may take to answer: it should take an event, not work on it.
const deliverTimeout = 10 * time.Second

// pausedFor is how long a delivery rests that finds its webhook paused.
const pausedFor = 10 * time.Minute

// worker delivers.
type worker struct {
	river.WorkerDefaults[delivery]
	pool    *pgxpool.Pool
	open    func(sealed []byte) ([]byte, error)
	metrics *Metrics
	client  *http.Client
}

func newWorker(cfg Config) *worker {
	return &worker{pool: cfg.Pool, open: cfg.Open, metrics: cfg.Metrics, client: &http.Client{
		Timeout: deliverTimeout,
		// Where to deliver is the administrator's decision, not the receiver's.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Work implements river.Worker. What is not answered by 2xx is tried again.
func (w *worker) Work(ctx context.Context, job *river.Job[delivery]) error {
	to, ok, err := loadTarget(ctx, w.pool, job.Args.Webhook)
	if err != nil {
		return fmt.Errorf("webhook %d: %w", job.Args.Webhook, err)
	}
	if !ok {
		return river.JobCancel(fmt.Errorf("webhook %d has been removed", job.Args.Webhook))
	}
	if to.paused {
		return river.JobSnooze(pausedFor) // it was on its way already; resuming finds it sooner
	}
	secret, err := w.open(to.sealed)
	if err != nil {
		return fmt.Errorf("webhook %d: secret: %w", job.Args.Webhook, err)
	}
	body, err := json.Marshal(job.Args.Event)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, bytes.NewReader(body))
	if err != nil {
		return river.JobCancel(err)
	}
	req.Header.Set("Content-Type", "application/cloudevents+json")
	req.Header.Set(SignatureHeader, Sign(secret, body, time.Now()))
	err = w.post(req)
	w.metrics.attempted(err)
	if err != nil {
		return fmt.Errorf("webhook %d deliver: %w", job.Args.Webhook, err)
	}
	return nil
}

// post takes an answer of 2xx for a yes.
func (w *worker) post(req *http.Request) error {
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection serves again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("the receiver answers %d", resp.StatusCode)
	}
	return nil
}
