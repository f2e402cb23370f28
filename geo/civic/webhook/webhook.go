package webhook

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
)

// Webhook is one receiver. Its secret is told once, when it is made.
type Webhook struct {
	ID        int64     `json:"id"`
	Code      geo.Code  `json:"area"`
	Topics    []string  `json:"topics"`
	URL       string    `json:"url"`
	Label     string    `json:"label,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	// PausedAt is since when deliveries wait until it is resumed; nil where they go.
	PausedAt *time.Time `json:"paused_at,omitempty"`
	Waiting  int        `json:"waiting"` // deliveries that are on their way or wait for their next attempt
	Dead     int        `json:"dead"`    // dead letters
	// Lost is how many deliveries have been let go so far, since too many waited, and LostAt when that was last.
	Lost   int64      `json:"lost"`
	LostAt *time.Time `json:"lost_at,omitempty"`
}

// New is what is needed to make one.
type New struct {
	Code   geo.Code
	Topics []string
	URL    string
	Label  string
}

// State is where a delivery stands.
type State string

// The states. Delivered ones are known for a day.
const (
	Waiting   State = "waiting" // on its way, or until its next attempt
	Delivered State = "delivered"
	Dead      State = "dead" // refused too often: a dead letter
)

// Delivery is one event for one webhook, with what was said to the last attempt.
type Delivery struct {
	ID         int64           `json:"id"`
	Webhook    int64           `json:"webhook"`
	State      State           `json:"state"`
	Event      json.RawMessage `json:"event"` // a CloudEvent
	Attempts   int             `json:"attempts"`
	Error      string          `json:"error,omitempty"`
	CreatedAt  time.Time       `json:"created_at"`
	NextAt     *time.Time      `json:"next_attempt_at,omitempty"`
	FinishedAt *time.Time      `json:"finished_at,omitempty"`
}

// Filter says which of a list: those behind the last of the page before, in the list's order. Zero values leave it open.
type Filter struct {
	State State // of deliveries
	After int64 // an ID
	Limit int
}

// validate checks against the topics that there are.
func (n New) validate(known []string) error {
	to, err := url.Parse(n.URL)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Host == "" {
		return fault.Invalid("webhook.url", fmt.Sprintf("url: %q is no http or https address", n.URL))
	}
	if to.User != nil {
		return fault.Invalid("webhook.url", "url: a password in an address would be shown in lists; deliveries are signed instead")
	}
	if len(n.Topics) == 0 {
		return fault.Invalid("webhook.topics", "topics: name at least one of "+strings.Join(known, ", "))
	}
	for _, t := range n.Topics {
		if !slices.Contains(known, t) {
			return fault.Invalid("webhook.topics", fmt.Sprintf("topics: no topic %q; there are %s", t, strings.Join(known, ", ")))
		}
	}
	return nil
}
