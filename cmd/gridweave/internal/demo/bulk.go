package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// bulk is what a load does without while it lasts: indexes, which are built several times faster over rows that are
// there than kept row by row, and triggers whose work is done at once over all rows. Constraints and their triggers stay
// on. All of it is the load's own transaction: a load that dies leaves the indexes and triggers as they were.
type bulk struct {
	tx      pgx.Tx
	indexes []string // what makes them anew
}

// derived are the triggers that restore makes up for, by their table.
func derived() map[string][]string {
	return map[string][]string{
		"building":       {"heat_new", "building_terms_new"},
		"building_state": {"heat_new"},
		"room":           {"heat_new"},
		"incident":       {"heat_new"},
		"declaration":    {"heat_new"},
		"grade_event":    {"heat_new"},
		"evidence":       {"stretched"},
	}
}

// prepare takes indexes off and switches triggers off. The tables are empty, and locked until the transaction ends.
func prepare(ctx context.Context, tx pgx.Tx) (*bulk, error) {
	b := &bulk{tx: tx}
	rows, err := tx.Query(ctx, `
		select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
		from pg_index i
		where i.indrelid = any (array['building', 'building_state', 'room', 'grade_event', 'incident', 'declaration', 'task',
			'evidence', 'base_feature', 'search_term']::regclass[])
		  and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
		order by 1`)
	if err != nil {
		return nil, fmt.Errorf("indexes: %w", err)
	}
	var drop []string
	var name, definition string
	if _, err := pgx.ForEachRow(rows, []any{&name, &definition}, func() error {
		drop, b.indexes = append(drop, name), append(b.indexes, definition)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("indexes: %w", err)
	}
	if _, err := tx.Exec(ctx, "drop index "+strings.Join(drop, ", ")); err != nil {
		return nil, fmt.Errorf("indexes drop: %w", err)
	}
	return b, b.triggers(ctx, "disable")
}

func (b *bulk) triggers(ctx context.Context, how string) error {
	for table, names := range derived() {
		for _, name := range names {
			if _, err := b.tx.Exec(ctx, "alter table "+table+" "+how+" trigger "+name); err != nil {
				return fmt.Errorf("trigger %s: %w", how, err)
			}
		}
	}
	return nil
}

// restore puts everything back, with what it holds of the rows that have come.
func (b *bulk) restore(ctx context.Context, say func(stage string)) error {
	say("building indexes")
	for _, definition := range b.indexes {
		if _, err := b.tx.Exec(ctx, definition); err != nil {
			return fmt.Errorf("%s: %w", definition, err)
		}
	}
	say("gathering statistics")
	if _, err := b.tx.Exec(ctx, `analyze area, base_feature, building, building_state, room, grade_event, incident, declaration, task,
		evidence`); err != nil {
		return fmt.Errorf("analyze: %w", err)
	}
	say("gathering words for search")
	if _, err := b.tx.Exec(ctx, `
		insert into search_term (code, stem, words)
		select code, stem, search_words(stem)
		from (select distinct left(b.code, 12) as code, search_stem(t.text) as stem
		      from building b, lateral (values (b.name_zh), (b.name_en), (b.address_zh), (b.address_en)) t (text)
		      where t.text <> '') s
		where stem <> '' and not exists (select from search_term o where o.code = s.code and o.stem = s.stem)`); err != nil {
		return fmt.Errorf("search terms: %w", err)
	}
	say("counting for the heatmaps")
	if _, err := b.tx.Exec(ctx, `select heat_rebuild(), incident_stretch_rebuild()`); err != nil {
		return fmt.Errorf("heat: %w", err)
	}
	return b.triggers(ctx, "enable")
}
