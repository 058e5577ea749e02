package sql

import (
	"context"
)

// Session is a database of which one process alone has the schema in hand (DB.Exclusively). Migrations are its only
// use.
type Session interface {
	// Transact runs f in one transaction; it may run f again when the tables were busy.
	Transact(ctx context.Context, f func(Tx) error) error
	// Beside runs the statement that builds the index, without keeping others from their work. What
	// an earlier attempt left half-built is thrown away first.
	Beside(ctx context.Context, index, statement string) error
}
