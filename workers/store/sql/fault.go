package sql

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// ErrConflict says that what a decision was made upon has changed, or that two transactions stood in each other's
// way. Nothing was committed: load the facts again, decide again, commit again. base.Write does that by itself for
// writes that depend on nothing read before.
var ErrConflict = errors.New("what was read has changed meanwhile")

// GoneError says that some messages of a commit are no longer undecided: another worker has
// committed them. Nothing was committed.
type GoneError struct {
	IDs []int64 // the messages that are gone
}

func (e *GoneError) Error() string {
	return fmt.Sprintf("%d messages of the batch are decided already", len(e.IDs))
}

// DataError says that the data of at least one item is what the database refuses. Nothing was
// committed; the caller tries the items one by one. Every other error is temporary.
type DataError struct {
	Err error
}

func (e *DataError) Error() string { return "storing data: " + e.Err.Error() }

func (e *DataError) Unwrap() error { return e.Err }

// Reason says which rule was broken, without the data that broke it.
func (e *DataError) Reason() string { return e.Err.Error() }

// SchemaError says that the database's schema is not the one that this program works with.
type SchemaError struct {
	Have, Want int // versions; Have 0 is an empty database
	Oldest     int // oldest program that works with a newer database
}

func (e *SchemaError) Error() string {
	if e.Oldest > e.Want {
		return fmt.Sprintf("the database has schema version %d, which programs before version %d do not work with; this one is of version %d: use a newer program", e.Have, e.Oldest, e.Want)
	}
	return fmt.Sprintf("the database has schema version %d and lacks what this program, version %d, brings: run the migrate command", e.Have, e.Want)
}

// ErrNotFound says that there is no such row, or not in the state that the act asks for.
var ErrNotFound = errors.New("not found")

// errLocked says that somebody held a lock for longer than the statement was willing to wait.
var errLocked = errors.New("locked by others")

// Fault classifies an error of either database.
func Fault(err error) error {
	if err == nil {
		return nil
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return postgresFault(err, pg.Code)
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return sqliteFault(err, lite.Code()&0xff)
	}
	return err
}

// postgresFault reads the SQLSTATE (PostgreSQL manual, appendix A).
// Serialization failures and deadlocks are conflicts, a lock that was not got in time is errLocked, and classes 21,
// 22, 23 and 54 are about the data.
func postgresFault(err error, code string) error {
	switch {
	case code == "40001", code == "40P01":
		return fmt.Errorf("%w: %w", ErrConflict, err)
	case code == "55P03":
		return fmt.Errorf("%w: %w", errLocked, withoutDetail(err))
	case len(code) == 5 && (code[:2] == "21" || code[:2] == "22" || code[:2] == "23" || code[:2] == "54"):
		return &DataError{Err: withoutDetail(err)}
	}
	return withoutDetail(err)
}

// withoutDetail drops the parts of a PostgreSQL error that quote data: its text goes to logs, and a customer's words
// do not.
func withoutDetail(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	where := pg.TableName
	if pg.ConstraintName != "" {
		where += " " + pg.ConstraintName
	}
	return fmt.Errorf("database says %s %s %s", pg.Code, pg.Severity, where)
}

const (
	sqliteTooBig     = 18
	sqliteConstraint = 19
	sqliteMismatch   = 20
)

// sqliteFault reads the primary result code (SQLite: Result and Error Codes). Everything else, a full disk and a
// locked file among it, is temporary.
func sqliteFault(err error, code int) error {
	switch code {
	case sqliteTooBig, sqliteConstraint, sqliteMismatch:
		return &DataError{Err: err}
	}
	return err
}
