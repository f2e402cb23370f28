package postgis

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATE codes that this package acts on.
const (
	codeUniqueViolation      = "23505"
	codeCheckViolation       = "23514"
	codeForeignKeyViolation  = "23503"
	codeSerializationFailure = "40001"
	codeDeadlockDetected     = "40P01"
	codeQueryCanceled        = "57014"
	codeCannotConnectNow     = "57P03"
)

// IsUnique tells whether err is a violation of the named unique constraint or index; "" matches any.
func IsUnique(err error, constraint string) bool {
	return violates(err, codeUniqueViolation, constraint)
}

// IsCheck tells whether err is a violation of the named check constraint, or of a trigger that reports itself as one;
// "" matches any.
func IsCheck(err error, constraint string) bool { return violates(err, codeCheckViolation, constraint) }

// IsForeignKey tells whether err is a violation of the named foreign key; "" matches any.
func IsForeignKey(err error, constraint string) bool {
	return violates(err, codeForeignKeyViolation, constraint)
}

// IsCanceled tells whether the database gave up a statement: its time was up, or the caller's context ended.
func IsCanceled(err error) bool { return sqlState(err) == codeQueryCanceled }

func violates(err error, code, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code && (constraint == "" || pg.ConstraintName == constraint)
}

func sqlState(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}
