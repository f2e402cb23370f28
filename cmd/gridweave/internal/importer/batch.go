package importer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/gridweave/gridweave/cmd/gridweave/internal/importer/source"
)

// batch is so many rows, encoded and ready to go.
type batch struct {
	rows    copyBuffer
	rejects []Reject
	last    int64 // row number of its last row
	done    float64
	before  *turn // of the batch before
	own     *turn
}

// next begins the batch that follows on b; the first follows on one that is over.
func (b *batch) next() *batch {
	n := &batch{own: newTurn(), rows: copyBuffer{b: make([]byte, 0, cap(b.rows.b))}, before: b.own}
	if n.before == nil {
		n.before = newTurn()
		close(n.before.checked)
		close(n.before.done)
	}
	return n
}

func (b *batch) size() int { return b.rows.rows + len(b.rejects) }

// produce reads the file from the job's mark on and hands over full batches. While one is at work in the database the
// next is being read.
func (s *session) produce(ctx context.Context, out chan<- *batch) error {
	defer close(out)
	r, err := source.Open(ctx, s.o.File, source.Options{Layer: s.o.Layer})
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // opened for reading only
	info := r.Info()
	s.report.Format, s.report.Layer, s.report.Encoding = info.Format, info.Layer, info.Encoding
	b := (&batch{}).next()
	var rec source.Record
	for {
		err := r.Next(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", s.o.File, err)
		}
		if rec.Row <= s.job.rowsDone {
			continue
		}
		s.add(b, &rec)
		if b.size() >= s.o.Batch {
			full := b
			full.done, b = r.Done(), full.next() // from here on it belongs to who receives it
			if !hand(ctx, out, full) {
				return ctx.Err()
			}
		}
	}
	b.done = 1
	if b.size() > 0 && !hand(ctx, out, b) {
		return ctx.Err()
	}
	return nil
}

func hand(ctx context.Context, out chan<- *batch, b *batch) bool {
	select {
	case out <- b:
		return true
	case <-ctx.Done():
		return false
	}
}

// add decodes the record into the batch, or notes why not.
func (s *session) add(b *batch, rec *source.Record) {
	b.last = rec.Row
	err := rec.Err
	if err == nil {
		err = s.dec.decode(rec, &b.rows)
	}
	if err != nil {
		code := ""
		if rec.Err == nil {
			code = s.dec.code(rec)
		}
		b.rejects = append(b.rejects, Reject{Row: rec.Row, Code: code, Reason: err.Error()})
	}
}

// consume runs fn over one batch after the other while the next is being read.
func (s *session) consume(ctx context.Context, fn func(context.Context, *batch) error) error {
	g, ctx := errgroup.WithContext(ctx)
	ready := make(chan *batch, 1)
	g.Go(func() error { return s.produce(ctx, ready) })
	g.Go(func() error {
		for b := range ready {
			if err := fn(ctx, b); err != nil {
				return err
			}
			s.o.Progress.Update(State{Phase: "importing " + string(s.o.Kind), Rows: b.last, Done: b.done})
		}
		return nil
	})
	return g.Wait()
}
