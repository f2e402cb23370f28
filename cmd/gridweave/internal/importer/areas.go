package importer

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/tiling"
)

// ErrRefused is what a redraw answers where a row of its file cannot be taken; the report says which and why.
var ErrRefused = errors.New("nothing was changed")

// ErrNotExact is what a strict import, and every redraw, answers where areas do not tile; the report says where.
var ErrNotExact = errors.New("the areas do not tile exactly: nothing was changed")

// wholeFile imports areas in one transaction: a tiling is right or wrong only as a whole.
func (s *session) wholeFile(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		if err := s.insertJob(ctx, tx); err != nil {
			return err
		}
		c, last, err := s.stageAreas(ctx, tx)
		if err != nil {
			return err
		}
		err = s.tentative(ctx, tx, func(tx pgx.Tx) error {
			return s.applyAreas(ctx, tx, &c, "import of "+filepath.Base(s.o.File))
		})
		if err != nil {
			return err
		}
		if err := s.mark(ctx, tx, last, c); err != nil {
			return err
		}
		return s.finish(ctx, tx)
	})
}

// stageAreas stages and checks the whole file.
func (s *session) stageAreas(ctx context.Context, tx pgx.Tx) (counts, int64, error) {
	rows, last, refused := int64(0), int64(0), int64(0)
	err := s.consume(ctx, func(ctx context.Context, b *batch) error {
		rows, last, refused = rows+int64(b.size()), b.last, refused+int64(len(b.rejects))
		return s.stage(ctx, tx, b)
	})
	if err != nil {
		return counts{}, 0, err
	}
	if s.o.Codes == StatisticsCodes {
		if err := exec(ctx, tx, step(areasSQL, "translate")); err != nil {
			return counts{}, 0, err
		}
	}
	if err := s.mend(ctx, tx); err != nil {
		return counts{}, 0, err
	}
	if err := exec(ctx, tx, step(areasSQL, "check")); err != nil {
		return counts{}, 0, err
	}
	c := counts{rows: rows}
	if err := s.countStaged(ctx, tx, &c); err != nil {
		return c, 0, err
	}
	keep := s.collectStaged
	if !s.whole {
		keep = func(ctx context.Context, tx pgx.Tx) (int64, error) { return s.keepStaged(ctx, tx, s.table()) }
	}
	staged, err := keep(ctx, tx)
	c.rejected = refused + staged
	return c, last, err
}

// applyAreas writes what differs and checks the tiling that results.
func (s *session) applyAreas(ctx context.Context, tx pgx.Tx, c *counts, reason string) error {
	// Nobody else draws borders meanwhile; readers, and buildings that refer to a grid, go on.
	if err := exec(ctx, tx, "lock table area in share row exclusive mode"); err != nil {
		return err
	}
	if err := s.writeAreas(ctx, tx, c, reason); err != nil {
		return err
	}
	s.o.Progress.Update(State{Phase: "checking the tiling", Rows: c.rows})
	parents, err := s.parents(ctx, tx)
	if err != nil {
		return err
	}
	result, err := tiling.Check(ctx, tx, parents, s.o.Tolerance)
	if err != nil {
		return err
	}
	s.report.Tiling = &result
	if s.o.Strict && !result.Exact() {
		return ErrNotExact
	}
	return nil
}

func (s *session) writeAreas(ctx context.Context, tx pgx.Tx, c *counts, reason string) error {
	if err := exec(ctx, tx, step(areasSQL, "differ")); err != nil {
		return err
	}
	var outlines int
	if err := tx.QueryRow(ctx, "select count(*) from stage_change where outline").Scan(&outlines); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if outlines > 0 {
		change, err := newChange(ctx, tx, s.o.By.Name, reason)
		if err != nil {
			return err
		}
		s.report.change = change
		if err := exec(ctx, tx, step(areasSQL, "keep", "{change}", number32(change))); err != nil {
			return err
		}
	}
	var err error
	if c.updated, err = execCount(ctx, tx, step(areasSQL, "change")); err != nil {
		return err
	}
	c.inserted, err = execCount(ctx, tx, step(areasSQL, "add"))
	return err
}

func newChange(ctx context.Context, tx pgx.Tx, actor, reason string) (int32, error) {
	var id int32
	err := tx.QueryRow(ctx, "insert into area_change (actor, reason) values ($1, $2) returning id", actor, reason).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("area change: %w", err)
	}
	return id, nil
}

// parents are the areas whose tiling the file may have touched: those above its areas, and its areas themselves.
func (s *session) parents(ctx context.Context, tx pgx.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, `
		select code_parent(code) from stage_area where reason is null and length(code) > 4
		union select code from stage_area where reason is null`)
	if err != nil {
		return nil, fmt.Errorf("import: parents: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
