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
	Waiting   int       `json:"waiting"` // deliveries that are on their way or wait for their next attempt
	Dead      int       `json:"dead"`    // dead letters
}

// New is what is needed to make one.
type New struct {
	Code   geo.Code
	Topics []string
	URL    string
	Label  string
}

// Letter is a delivery that was refused too often, with what was said to the last attempt.
type Letter struct {
	ID       int64           `json:"id"`
	Webhook  int64           `json:"webhook"`
	Event    json.RawMessage `json:"event"`
	Attempts int             `json:"attempts"`
	Error    string          `json:"error"`
	At       time.Time       `json:"at"`
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
