package search

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/account"
	"github.com/gridweave/gridweave/geo/postgis"
)

// Kind is what was found.
type Kind string

// The kinds.
const (
	Area     Kind = "area"
	Building Kind = "building"
	Room     Kind = "room"
	Incident Kind = "incident"
)

// Hit is one thing that was found.
type Hit struct {
	Kind      Kind
	ID        int64 // of the area, the building or the incident; of a room, its building's
	Code      geo.Code
	NameZh    string // of an incident, its type's
	NameEn    string
	AddressZh string
	AddressEn string
	Grade     string // of a building
	Status    string // of an incident
	At        *time.Time
	Place     orb.Point // WGS-84 degrees
	// Score is 1 for what was typed exactly, and less the further it is from that.
	Score float64
	// Corrected says that a code was found only by undoing a slip.
	Corrected bool
}

// Service searches.
type Service struct{ db *postgis.DB }

// NewService searches in db.
func NewService(db *postgis.DB) *Service { return &Service{db: db} }

const (
	// codeDigits is from how many digits on a number is read as a code: a district's.
	codeDigits = int(geo.District)
	// longest bounds what is searched for, in characters: no name is longer.
	longest = 100
)

// Find gives what fits the text best, best first, at most limit of each kind and limit in all.
func (s *Service) Find(ctx context.Context, by account.Actor, text string, limit int) (all []Hit, err error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest])
	}
	if text == "" {
		return nil, nil
	}
	err = s.db.Read(ctx, by.Scope, func(tx pgx.Tx) (err error) {
		if digits, ok := codeLike(text); ok {
			all, err = byCode(ctx, tx, digits, limit)
			return err
		}
		all, err = byName(ctx, tx, text, limit)
		return err
	})
	slices.SortStableFunc(all, better)
	return likely(all, limit), err
}

// far is the part of the best score below which a hit only happens to share a character with what was typed.
const far = 0.55

func likely(all []Hit, limit int) []Hit {
	for i, h := range all {
		if i == limit || h.Score < far*all[0].Score {
			return all[:i]
		}
	}
	return all
}

// better orders hits by their score; of equal ones the wider place comes first, and of cases the newer one.
func better(a, b Hit) int {
	switch {
	case a.Score != b.Score && a.Score > b.Score:
		return -1
	case a.Score != b.Score:
		return 1
	case len(a.Code) != len(b.Code) && a.Kind != Incident && b.Kind != Incident:
		return len(a.Code) - len(b.Code)
	}
	return 0
}

// codeLike reads text as digits of a code: whatever the width of its digits and however they are grouped, letters that
// look like digits included.
func codeLike(text string) (digits string, ok bool) {
	digits = geo.NormalizeCode(text)
	digits = strings.NewReplacer("O", "0", "o", "0", "l", "1", "I", "1").Replace(digits)
	if len(digits) < codeDigits || len(digits) > int(geo.Room)+1 || strings.Trim(digits, "0123456789") != "" {
		return "", false
	}
	return digits, true
}

func byCode(ctx context.Context, tx pgx.Tx, digits string, limit int) ([]Hit, error) {
	found, err := startingWith(ctx, tx, digits, limit)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		if found, err = exactly(ctx, tx, slips(digits)); err != nil {
			return nil, err
		}
		for i := range found {
			found[i].Corrected, found[i].Score = true, slipScore(digits, string(found[i].Code))
		}
	}
	if id, err := strconv.ParseInt(digits, 10, 64); err == nil {
		cases, err := incidentByID(ctx, tx, id)
		return append(found, cases...), err
	}
	return found, nil
}

func byName(ctx context.Context, tx pgx.Tx, text string, limit int) ([]Hit, error) {
	if id, err := strconv.ParseInt(geo.NormalizeCode(strings.TrimLeft(text, "#＃")), 10, 64); err == nil {
		return incidentByID(ctx, tx, id)
	}
	var all []Hit
	for _, find := range []func(context.Context, pgx.Tx, string, int) ([]Hit, error){areas, buildings, incidents} {
		some, err := find(ctx, tx, text, limit)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}
