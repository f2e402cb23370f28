package main

import (
	"time"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
)

type tokenList struct {
	place
	Account string `help:"Only tokens of this account."`
}

// tokenRow is one line of `token list --json`.
type tokenRow struct {
	ID        int64      `json:"id"`
	Account   string     `json:"account"`
	Label     string     `json:"label"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

// Run lists tokens, newest first; a token itself is never seen again.
func (t *tokenList) Run(c *console) error {
	return t.with(c, func(o *opened) error {
		scope, err := o.widest(c)
		if err != nil {
			return err
		}
		all, err := o.accounts().Tokens(c, account.Console(scope), t.Account)
		if err != nil {
			return err
		}
		rows := make([]tokenRow, 0, len(all))
		for _, x := range all {
			rows = append(rows, tokenRow(x))
		}
		if t.JSON {
			return c.printJSON(rows)
		}
		for _, x := range rows {
			c.printLine("%-6d %-20s %-20s made %s, %s", x.ID, x.Account, x.Label, x.CreatedAt.Format(time.DateOnly), x.state())
		}
		return nil
	})
}

func (t tokenRow) state() string {
	switch {
	case t.RevokedAt != nil:
		return "revoked " + t.RevokedAt.Format(time.DateOnly)
	case t.ExpiresAt == nil:
		return "without end"
	case t.ExpiresAt.Before(time.Now()):
		return "over since " + t.ExpiresAt.Format(time.DateOnly)
	default:
		return "until " + t.ExpiresAt.Format(time.DateOnly)
	}
}

type tokenRevoke struct {
	place
	ID int64 `arg:"" help:"The token's number, as token list tells it."`
}

// Run ends the token; it holds from its next request, on open streams too.
func (t *tokenRevoke) Run(c *console) error {
	return t.with(c, func(o *opened) error {
		scope, err := o.widest(c)
		if err != nil {
			return err
		}
		pos, err := o.accounts().RevokeToken(c, account.Console(scope), t.ID)
		if err != nil {
			return err
		}
		if t.JSON {
			return c.printJSON(map[string]any{"revoked": t.ID, "position": pos})
		}
		c.printLine("token %d is revoked", t.ID)
		return nil
	})
}

// widest is the province of whatever accounts there are: what the console works for where nothing names an area.
func (o *opened) widest(c *console) (geo.Code, error) {
	var code geo.Code
	err := o.Admin.QueryRow(c, `select coalesce((select left(code, 2) from account order by code limit 1), '')`).Scan(&code)
	return code, err
}
