package declare

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/gridweave/gridweave/geo"
)

const columns = `id, code, status, source, moved_in_on, moved_out_on, checks, submitted_by, submitted_at, decided_at, due_at,
	visits, id_sealed, id_hash, name_sealed, phone_sealed, phone_hash`

// scan reads a declaration and masks its person.
func (s *Service) scan(r pgx.CollectableRow) (Declaration, error) {
	var d Declaration
	var checks []byte
	err := r.Scan(&d.ID, &d.Code, &d.Status, &d.Source, &d.MovedIn, &d.MovedOut, &checks, &d.SubmittedBy, &d.SubmittedAt,
		&d.DecidedAt, &d.DueAt, &d.Visits, &d.sealed.number, &d.sealed.numberHash, &d.sealed.name, &d.sealed.phone,
		&d.sealed.phoneHash)
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(checks, &d.Checks); err != nil {
		return d, err
	}
	return d, s.unmask(&d)
}

func (s *Service) unmask(d *Declaration) error {
	name, errName := s.sealer.Open(d.sealed.name)
	number, errNumber := s.sealer.Open(d.sealed.number)
	if err := errors.Join(errName, errNumber); err != nil {
		return fmt.Errorf("declaration %d: %w", d.ID, err)
	}
	d.Name, d.Number = geo.MaskName(string(name)), geo.MaskResidentID(string(number))
	if d.sealed.phone != nil {
		phone, err := s.sealer.Open(d.sealed.phone)
		if err != nil {
			return fmt.Errorf("declaration %d: %w", d.ID, err)
		}
		d.Phone = geo.MaskPhone(string(phone))
	}
	return nil
}

func (s *Service) one(ctx context.Context, tx pgx.Tx, sql string, id int64) (Declaration, bool, error) {
	rows, err := tx.Query(ctx, sql, id)
	if err != nil {
		return Declaration{}, false, fmt.Errorf("declaration get: %w", err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, s.scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return Declaration{}, false, nil
	}
	if err != nil {
		return Declaration{}, false, fmt.Errorf("declaration get: %w", err)
	}
	return d, true, nil
}

func (s *Service) get(ctx context.Context, tx pgx.Tx, id int64) (Declaration, bool, error) {
	return s.one(ctx, tx, `select `+columns+` from declaration where id = $1`, id)
}

// lock holds the declaration until the transaction ends.
func (s *Service) lock(ctx context.Context, tx pgx.Tx, id int64) (Declaration, bool, error) {
	return s.one(ctx, tx, `select `+columns+` from declaration where id = $1 for update`, id)
}

func (s *Service) list(ctx context.Context, tx pgx.Tx, f Filter) ([]Declaration, error) {
	lo, hi := "", ":"
	if f.Within != "" {
		lo, hi = f.Within.Range()
	}
	rows, err := tx.Query(ctx, `
		select `+columns+` from declaration
		where code >= $1 and code < $2 and ($3 = '' or status = $3) and ($4::timestamptz is null or submitted_at >= $4)
		  and ($5 = 0 or id < $5)
		order by id desc limit $6`, lo, hi, string(f.Status), f.Since, f.Before, f.Limit)
	if err != nil {
		return nil, fmt.Errorf("declarations list: %w", err)
	}
	all, err := pgx.CollectRows(rows, s.scan)
	if err != nil {
		return nil, fmt.Errorf("declarations list: %w", err)
	}
	return all, nil
}

// gather reads what the checks need, and holds the room: of two who declare for the last place one comes second.
func gather(ctx context.Context, tx pgx.Tx, room geo.Code, numberHash []byte) (f facts, err error) {
	err = tx.QueryRow(ctx, `select use, capacity, residents from room where code = $1 for update`, room).
		Scan(&f.use, &f.capacity, &f.residents)
	if errors.Is(err, pgx.ErrNoRows) {
		return f, nil
	}
	if err != nil {
		return f, fmt.Errorf("declaration room: %w", err)
	}
	f.roomKnown = true
	building, _ := room.At(geo.Building)
	err = tx.QueryRow(ctx, `
		select coalesce((select grade from building_state where code = $1), ''),
		       coalesce((select code from declaration where id_hash = $2 and status = 'accepted' and code <> $3 limit 1), ''),
		       (select count(*) from declaration where id_hash = $2 and status = 'rejected')`,
		building, numberHash, room).Scan(&f.grade, &f.elsewhere, &f.refuted)
	if err != nil {
		return f, fmt.Errorf("declaration facts: %w", err)
	}
	return f, nil
}

func insert(ctx context.Context, tx pgx.Tx, d Declaration) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		insert into declaration (code, status, source, id_sealed, id_hash, name_sealed, phone_sealed, phone_hash, moved_in_on,
			checks, submitted_by, submitted_at, decided_at, due_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $12) returning id`,
		d.Code, d.Status, d.Source, d.sealed.number, d.sealed.numberHash, d.sealed.name, d.sealed.phone, d.sealed.phoneHash,
		d.MovedIn, d.Checks, d.SubmittedBy, d.SubmittedAt, d.DecidedAt, d.DueAt).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("declaration insert: %w", err)
	}
	return id, nil
}

func update(ctx context.Context, tx pgx.Tx, d Declaration, by int64) error {
	var decider *int64
	if by != 0 {
		decider = &by
	}
	_, err := tx.Exec(ctx, `
		update declaration set status = $2, moved_out_on = $3, decided_by = $4, decided_at = $5, due_at = $6, visits = $7,
			updated_at = now()
		where id = $1`, d.ID, d.Status, d.MovedOut, decider, d.DecidedAt, d.DueAt, d.Visits)
	if err != nil {
		return fmt.Errorf("declaration update: %w", err)
	}
	return nil
}

// move keeps the room's and the building's counts of residents in the same transaction as the declaration.
func move(ctx context.Context, tx pgx.Tx, room geo.Code, by int) error {
	building, _ := room.At(geo.Building)
	_, err := tx.Exec(ctx, `update room set residents = greatest(0, residents + $2) where code = $1`, room, by)
	if err == nil {
		_, err = tx.Exec(ctx, `
			update building_state set residents = greatest(0, residents + $2), updated_at = now() where code = $1`, building, by)
	}
	if err != nil {
		return fmt.Errorf("declaration counts: %w", err)
	}
	return nil
}

func openVisit(ctx context.Context, tx pgx.Tx, d Declaration) error {
	_, err := tx.Exec(ctx, `insert into task (kind, code, declaration_id, due_at) values ('visit', $1, $2, $3)`, d.Code, d.ID, d.DueAt)
	if err != nil {
		return fmt.Errorf("declaration visit: %w", err)
	}
	return nil
}

func postponeVisit(ctx context.Context, tx pgx.Tx, d Declaration) error {
	_, err := tx.Exec(ctx, `update task set due_at = $2 where declaration_id = $1 and status = 'open'`, d.ID, d.DueAt)
	if err != nil {
		return fmt.Errorf("declaration visit: %w", err)
	}
	return nil
}

func endVisit(ctx context.Context, tx pgx.Tx, d Declaration) error {
	_, err := tx.Exec(ctx, `
		update task set status = 'done', outcome = $2, ended_at = now() where declaration_id = $1 and status = 'open'`,
		d.ID, string(d.Status))
	if err != nil {
		return fmt.Errorf("declaration visit: %w", err)
	}
	return nil
}
