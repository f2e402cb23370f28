package main

import (
	"fmt"
	"strings"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/topics"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/civic/webhook"
)

type webhookCommand struct {
	Add    webhookAdd    `cmd:"" help:"Have another system told what happens; prints the secret, once."`
	List   webhookList   `cmd:"" help:"List webhooks, with what waits and what is dead."`
	Dead   webhookDead   `cmd:"" help:"Show deliveries that were refused too often."`
	Retry  webhookRetry  `cmd:"" help:"Try a webhook's dead letters again."`
	Pause  webhookPause  `cmd:"" help:"Have deliveries wait, for instance while the other system is rebuilt."`
	Resume webhookResume `cmd:"" help:"Have everything go that waited."`
	Remove webhookRemove `cmd:"" help:"End a webhook."`
}

func (o *opened) webhooks() (*webhook.Service, error) {
	sealer, err := o.sealer()
	if err != nil {
		return nil, err
	}
	return webhook.NewService(o.DB, sealer, topics.Names()), nil
}

// withWebhooks works on the webhooks of the whole database.
func (p place) withWebhooks(c *console, work func(*webhook.Service, account.Actor) error) error {
	return p.with(c, func(o *opened) error {
		service, err := o.webhooks()
		if err != nil {
			return err
		}
		root, err := o.root(c)
		if err != nil {
			return err
		}
		return work(service, account.Console(root))
	})
}

type webhookAdd struct {
	place
	URL    string   `required:"" name:"url" help:"Where CloudEvents are posted." placeholder:"URL"`
	Area   string   `required:"" help:"Area code: what happens there is told." placeholder:"CODE"`
	Topics []string `required:"" help:"Topics, by commas: incident, declaration, grade, building, area, tiles."`
	Label  string   `help:"What it is, for lists."`
}

// Run makes the webhook.
func (w *webhookAdd) Run(c *console) error {
	area, err := areaCode(w.Area)
	if err != nil {
		return err
	}
	return w.with(c, func(o *opened) error {
		service, err := o.webhooks()
		if err != nil {
			return err
		}
		made, _, err := service.Add(c, account.Console(province(area)), webhook.New{
			Code: area, Topics: w.Topics, URL: w.URL, Label: w.Label,
		})
		if err != nil {
			return err
		}
		if w.JSON {
			return c.printJSON(map[string]any{"webhook": made.Webhook, "secret": made.Secret})
		}
		c.printLine("webhook %d: %s of %s to %s", made.ID, strings.Join(made.Topics, ", "), made.Code, made.URL)
		c.printLine("secret  %s", made.Secret)
		return nil
	})
}

type webhookList struct{ place }

// Run lists.
func (w *webhookList) Run(c *console) error {
	return w.withWebhooks(c, func(service *webhook.Service, by account.Actor) error {
		all, err := service.List(c, by, webhook.Filter{})
		if err != nil {
			return err
		}
		if w.JSON {
			return c.printJSON(all)
		}
		for _, h := range all {
			state := ""
			if h.PausedAt != nil {
				state = ", paused"
			}
			if h.Lost > 0 {
				state += fmt.Sprintf(", %d lost", h.Lost)
			}
			c.printLine("%-4d %-20s %-30s %d waiting, %d dead%s  %s %s", h.ID, h.Code, strings.Join(h.Topics, ","), h.Waiting, h.Dead, state, h.URL, h.Label)
		}
		return nil
	})
}

type webhookDead struct{ place }

// Run shows the dead letters.
func (w *webhookDead) Run(c *console) error {
	return w.withWebhooks(c, func(service *webhook.Service, by account.Actor) error {
		all, err := service.Dead(c, by)
		if err != nil {
			return err
		}
		if w.JSON {
			return c.printJSON(all)
		}
		for _, d := range all {
			c.printLine("%s  webhook %d, delivery %d, %d attempts: %s", d.FinishedAt.Format("2006-01-02 15:04:05"), d.Webhook, d.ID, d.Attempts, d.Error)
		}
		return nil
	})
}

// oneWebhook names one.
type oneWebhook struct {
	place
	ID int64 `arg:"" help:"The webhook's number."`
}

type webhookRetry struct{ oneWebhook }

// Run tries again.
func (w *webhookRetry) Run(c *console) error {
	return w.withWebhooks(c, func(service *webhook.Service, by account.Actor) error {
		n, _, err := service.Retry(c, by, w.ID)
		if err != nil {
			return err
		}
		c.printLine("%d deliveries are tried again", n)
		return nil
	})
}

type webhookPause struct{ oneWebhook }

// Run pauses.
func (w *webhookPause) Run(c *console) error {
	return w.withWebhooks(c, func(service *webhook.Service, by account.Actor) error {
		h, _, err := service.Pause(c, by, w.ID)
		if err != nil {
			return err
		}
		c.printLine("webhook %d is paused; %d deliveries wait", w.ID, h.Waiting)
		return nil
	})
}

type webhookResume struct{ oneWebhook }

// Run resumes.
func (w *webhookResume) Run(c *console) error {
	return w.withWebhooks(c, func(service *webhook.Service, by account.Actor) error {
		h, _, err := service.Resume(c, by, w.ID)
		if err != nil {
			return err
		}
		c.printLine("webhook %d goes on; %d deliveries are on their way", w.ID, h.Waiting)
		return nil
	})
}

type webhookRemove struct{ oneWebhook }

// Run ends it.
func (w *webhookRemove) Run(c *console) error {
	return w.withWebhooks(c, func(service *webhook.Service, by account.Actor) error {
		if _, err := service.Remove(c, by, w.ID); err != nil {
			return err
		}
		c.printLine("webhook %d has been removed", w.ID)
		return nil
	})
}
