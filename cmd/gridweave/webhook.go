package main

import (
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
	Remove webhookRemove `cmd:"" help:"End a webhook."`
}

func (o *opened) webhooks() (*webhook.Service, error) {
	sealer, err := o.sealer()
	if err != nil {
		return nil, err
	}
	return webhook.NewService(o.DB, sealer, topics.Names()), nil
}

// everywhere is the console's actor over the whole database.
func (o *opened) everywhere(c *console) (account.Actor, error) {
	root, err := o.root(c)
	return account.Console(root), err
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
		made, secret, err := service.Add(c, account.Console(province(area)), webhook.New{
			Code: area, Topics: w.Topics, URL: w.URL, Label: w.Label,
		})
		if err != nil {
			return err
		}
		if w.JSON {
			return c.printJSON(map[string]any{"webhook": made, "secret": secret})
		}
		c.printLine("webhook %d: %s of %s to %s", made.ID, strings.Join(made.Topics, ", "), made.Code, made.URL)
		c.printLine("secret  %s", secret)
		return nil
	})
}

type webhookList struct{ place }

// Run lists.
func (w *webhookList) Run(c *console) error {
	return w.with(c, func(o *opened) error {
		service, err := o.webhooks()
		if err != nil {
			return err
		}
		by, err := o.everywhere(c)
		if err != nil {
			return err
		}
		all, err := service.List(c, by)
		if err != nil {
			return err
		}
		if w.JSON {
			return c.printJSON(all)
		}
		for _, h := range all {
			c.printLine("%-4d %-20s %-30s %d waiting, %d dead  %s %s", h.ID, h.Code, strings.Join(h.Topics, ","), h.Waiting, h.Dead, h.URL, h.Label)
		}
		return nil
	})
}

type webhookDead struct{ place }

// Run shows the dead letters.
func (w *webhookDead) Run(c *console) error {
	return w.with(c, func(o *opened) error {
		service, err := o.webhooks()
		if err != nil {
			return err
		}
		by, err := o.everywhere(c)
		if err != nil {
			return err
		}
		all, err := service.Dead(c, by)
		if err != nil {
			return err
		}
		if w.JSON {
			return c.printJSON(all)
		}
		for _, l := range all {
			c.printLine("%s  webhook %d, %d attempts: %s", l.At.Format("2006-01-02 15:04:05"), l.Webhook, l.Attempts, l.Error)
		}
		return nil
	})
}

type webhookRetry struct {
	place
	ID int64 `arg:"" help:"The webhook's number."`
}

// Run tries again.
func (w *webhookRetry) Run(c *console) error {
	return w.with(c, func(o *opened) error {
		service, err := o.webhooks()
		if err != nil {
			return err
		}
		by, err := o.everywhere(c)
		if err != nil {
			return err
		}
		n, err := service.Retry(c, by, w.ID)
		if err != nil {
			return err
		}
		c.printLine("%d deliveries are tried again", n)
		return nil
	})
}

type webhookRemove struct {
	place
	ID int64 `arg:"" help:"The webhook's number."`
}

// Run ends it.
func (w *webhookRemove) Run(c *console) error {
	return w.with(c, func(o *opened) error {
		service, err := o.webhooks()
		if err != nil {
			return err
		}
		by, err := o.everywhere(c)
		if err != nil {
			return err
		}
		if err := service.Remove(c, by, w.ID); err != nil {
			return err
		}
		c.printLine("webhook %d has been removed", w.ID)
		return nil
	})
}
