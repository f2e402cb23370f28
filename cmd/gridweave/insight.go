package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

type insightCommand struct {
	Check   insightCheck   `cmd:"" help:"Compare the heatmaps' counts with the rows they count."`
	Rebuild insightRebuild `cmd:"" help:"Count everything for the heatmaps anew."`
}

type insightCheck struct{ place }

// Run fails where a count is not what the rows say.
func (i *insightCheck) Run(c *console) error {
	return i.with(c, func(o *opened) error {
		wrong, err := differences(c, o)
		if err != nil {
			return err
		}
		if i.JSON {
			if err := c.printJSON(map[string]any{"differences": wrong}); err != nil {
				return err
			}
		}
		for _, w := range wrong {
			if !i.JSON {
				c.printLine("%s", w)
			}
		}
		if len(wrong) > 0 {
			return errors.New("counts differ from the rows: `gridweave insight rebuild` counts anew")
		}
		if !i.JSON {
			c.printLine("every count is what the rows say")
		}
		return nil
	})
}

// mostDifferences are enough to see what is wrong.
const mostDifferences = 50

func differences(ctx context.Context, o *opened) ([]string, error) {
	rows, err := o.Admin.Query(ctx, `select format('%s %s: %s, by the rows %s', which, key, kept, counted) from heat_check() limit $1`, mostDifferences)
	if err != nil {
		return nil, fmt.Errorf("insight check: %w", err)
	}
	wrong, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("insight check: %w", err)
	}
	return wrong, nil
}

type insightRebuild struct{ place }

// Run counts anew; who writes meanwhile waits.
func (i *insightRebuild) Run(c *console) error {
	return i.with(c, func(o *opened) error {
		began := time.Now()
		if _, err := o.Admin.Exec(c, `select heat_rebuild()`); err != nil {
			return fmt.Errorf("insight rebuild: %w", err)
		}
		if i.JSON {
			return c.printJSON(map[string]any{"took_ms": time.Since(began).Milliseconds()})
		}
		c.printLine("counted in %s", time.Since(began).Round(time.Millisecond))
		return nil
	})
}
