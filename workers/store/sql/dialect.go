// Package sql holds SQLite and PostgreSQL behind one interface, with rows that have types.
package sql

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// DB hides what differs between the two databases. Statements are written once, in PostgreSQL's words; see
// translate.go for the few places where the words differ. All methods may be called by many at a time. Each statement
// of the hot path runs on an index, which a test over its plan holds (workers/store/plans_test.go); so a new
// statement over a large table needs an index first.
type DB interface {
	Name() string
	// Write runs f in one transaction, which is committed if f returns nil. The error of f comes
	// back unchanged; errors of the database are classified (see fault.go).
	// On SQLite one Write runs at a time in the process, and others wait in line; on PostgreSQL as many as the pool
	// has connections.
	Write(ctx context.Context, f func(Tx) error) error
	// Read runs f on one connection, each statement with its own view of the data. Like Snapshot and Outside it runs f once,
	// whatever becomes of it, so f may add to what its caller has begun.
	Read(ctx context.Context, f func(Tx) error) error
	// Snapshot runs f on one connection, all statements with one view of the data.
	Snapshot(ctx context.Context, f func(Tx) error) error
	// Outside runs f on one connection that may write, without a transaction.
	Outside(ctx context.Context, f func(Tx) error) error
	// Alone runs f in a transaction that no other process's Alone runs beside.
	Alone(ctx context.Context, f func(Tx) error) error
	// Exclusively gives f the schema; another process's Exclusively waits, until ctx ends.
	Exclusively(ctx context.Context, f func(Session) error) error
	// Shred makes later deletions overwrite what they delete, where the database can; Compact makes
	// what was deleted leave its files. It waits for long readings until ctx ends (ErrRead).
	Shred(ctx context.Context) error
	Compact(ctx context.Context, rewrite bool) error
	// Place says where the data lies, so that a copy of it says something else: the server and its database, or
	// the file. "" where that cannot be told.
	Place(ctx context.Context) string
	Ping(ctx context.Context) error
	// Close waits until nobody uses a connection any more.
	Close() error
}

// Tx runs calls in order. PostgreSQL gets all of one run in one round trip, and so a hot path has few runs with many
// calls. A Tx is for one goroutine, and for as long as the function that got it. The result of a call is read when
// Run returns, so a later call of the same run cannot depend on it.
type Tx interface {
	Run(ctx context.Context, calls ...Call) error
	// Last runs the calls of a write after which nothing follows, so that they and the commit are one
	// round trip. The transaction may be over when it returns.
	Last(ctx context.Context, calls ...Call) error
}

// Row is one row of a result.
type Row interface {
	Scan(dest ...any) error
}

// Call is one statement: either text with args, or a bulk statement with its rows. It may be made before a
// transaction and used once.
type Call struct {
	Text string
	Args []any

	Bulk *bulk
	rows [][]any

	each func(Row) error // called for each row of the result
	Done *int64          // gets the number of rows changed
}

// Ask is a call whose result is read row by row.
func Ask(each func(Row) error, text string, args ...any) Call {
	return Call{Text: text, Args: args, each: each}
}

// Do is a call without a result.
func Do(text string, args ...any) Call {
	return Call{Text: text, Args: args}
}

// writing is a bulk statement, whatever its rows are.
type writing interface{ writes() *bulk }

// Of reports whether the call writes rows by that statement, one at least.
func (c Call) Of(s writing) bool { return c.Bulk != nil && len(c.rows) > 0 && c.Bulk == s.writes() }

// kind is the type of a column in a bulk statement.
type kind string

const (
	number kind = "bigint"
	text   kind = "text"
	flag   kind = "boolean"
	bytes  kind = "bytea"
)

// column is one column of a bulk statement. kind is its type in PostgreSQL, which must be told for arrays; SQLite
// needs none.
type column struct {
	name string
	kind kind
}

// bulk describes a statement over many rows of one shape, from which either database's fastest
// form is made: arrays and unnest on PostgreSQL, a prepared statement in a loop on SQLite.
type bulk struct {
	table   string
	columns []column
	fixed   []fixedColumn // columns that are the same in every fresh row
	tail    string        // ON CONFLICT …, RETURNING …
	update  bool          // update by the first column instead of inserting

	many, one string   // texts, made once by the constructor
	several   string   // one for severalRows rows; empty where each row's own outcome counts
	returns   []source // what RETURNING gives, for the form that has none
}

// fixedColumn is a column of fresh rows with its value as the database writes it.
type fixedColumn struct{ name, value string }

// source is where a returned value of an inserted row comes from: an argument, or a word.
type source struct {
	argument int // -1 for the word
	word     string
}

// bulkInsert makes the statement that inserts rows. What it returns must be columns or words in quotes.
func bulkInsert(table, tail string, fixed []fixedColumn, columns []column) *bulk {
	b := &bulk{table: table, columns: columns, fixed: fixed, tail: tail}
	b.many, b.one, b.returns = b.insertMany(), b.insertRows(1), b.sources()
	if !strings.Contains(tail, "RETURNING") {
		b.several = b.insertRows(severalRows)
	}
	return b
}

// sources reads what the tail returns.
func (b *bulk) sources() []source {
	_, list, _ := strings.Cut(b.tail, "RETURNING ")
	var out []source
	for word := range strings.SplitSeq(list, ",") {
		word = strings.TrimSpace(word)
		at := slices.IndexFunc(b.columns, func(c column) bool { return c.name == word })
		out = append(out, source{argument: at, word: strings.Trim(word, "'")})
	}
	return out
}

// bulkUpdate makes the statement that updates rows by their first column.
func bulkUpdate(table string, columns []column) *bulk {
	b := &bulk{table: table, columns: columns, update: true}
	b.many, b.one = b.updateMany(), b.updateOne()
	return b
}

func (b *bulk) names() string {
	names := make([]string, len(b.columns))
	for i, c := range b.columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

func (b *bulk) arrays() string {
	arrays := make([]string, len(b.columns))
	for i, c := range b.columns {
		arrays[i] = "$" + strconv.Itoa(i+1) + "::" + string(c.kind) + "[]"
	}
	return strings.Join(arrays, ", ")
}

// insertMany hands each column over as an array: one statement and one plan, however many rows there are.
func (b *bulk) insertMany() string {
	names, values := b.names(), "*"
	for _, f := range b.fixed {
		names, values = names+", "+f.name, values+", "+f.value
	}
	return "INSERT INTO " + b.table + " (" + names + ") SELECT " + values + " FROM unnest(" + b.arrays() + ") " + b.tail
}

// severalRows are inserted by one statement where there are so many: beginning and ending a statement costs SQLite as
// much as half a row. More rows in one gain little, and would bring a statement near SQLite's bound of variables.
const severalRows = 16

// insertRows has marks without numbers, which SQLite's driver binds without looking for their names,
// and returns nothing: whether a single row went in is in the number of changed rows.
func (b *bulk) insertRows(n int) string {
	names, marks := b.names(), strings.Repeat(", ?", len(b.columns))[2:]
	for _, f := range b.fixed {
		names, marks = names+", "+f.name, marks+", "+f.value
	}
	conflict, _, _ := strings.Cut(b.tail, "RETURNING ")
	return "INSERT INTO " + b.table + " (" + names + ") VALUES " + strings.Repeat(", ("+marks+")", n)[2:] + " " + conflict
}

// updateMany joins the arrays with the table by its key.
func (b *bulk) updateMany() string {
	sets := make([]string, 0, len(b.columns))
	for _, c := range b.columns[1:] {
		sets = append(sets, c.name+" = new."+c.name)
	}
	key := b.columns[0].name
	return "UPDATE " + b.table + " SET " + strings.Join(sets, ", ") + " FROM unnest(" + b.arrays() + ") AS new (" + b.names() +
		") WHERE " + b.table + "." + key + " = new." + key
}

func (b *bulk) updateOne() string {
	sets := make([]string, 0, len(b.columns))
	for i, c := range b.columns[1:] {
		sets = append(sets, c.name+" = $"+strconv.Itoa(i+2))
	}
	return "UPDATE " + b.table + " SET " + strings.Join(sets, ", ") + " WHERE " + b.columns[0].name + " = $1"
}

// Into copies the row, of which there is one at most, into dest.
func Into(dest ...any) func(Row) error {
	return func(row Row) error { return row.Scan(dest...) }
}

// inserted is a row that went in, as RETURNING would give it: SQLite's form returns nothing, and its number of
// changed rows says whether the row was new. So RETURNING of a bulk insert may hold columns of the row and words in
// quotes only.
type inserted struct {
	bulk *bulk
	row  []any
}

// A wrong number of places is a mistake in the program; it would show in the first test that reads the row.
func (i inserted) Scan(dest ...any) error {
	if len(dest) != len(i.bulk.returns) {
		return fmt.Errorf("reading an inserted row: %d values into %d places", len(i.bulk.returns), len(dest))
	}
	for n, from := range i.bulk.returns {
		var value any = from.word
		if from.argument >= 0 {
			value = i.row[from.argument]
		}
		if err := assign(dest[n], value); err != nil {
			return err
		}
	}
	return nil
}

// assign knows the types that RETURNING is used with here, and no others.
func assign(dest, value any) error {
	switch d := dest.(type) {
	case *int64:
		if v, ok := value.(int64); ok {
			*d = v
			return nil
		}
	case *string:
		if v, ok := value.(string); ok {
			*d = v
			return nil
		}
	}
	return fmt.Errorf("reading an inserted row: %T into %T", value, dest)
}
