// Package fill copies the rows of a database many times over, for measurements on a full one.
package fill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"frontdesk/pipeline"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/keyring"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/tables"
)

// Filler makes a small installation large: it copies what the installation holds, which the service itself has
// written, again and again under ids, keys and addresses of their own and with times that lie further back. What is
// true of the original's books is true of the copies'. It is made for `frontdesk bench`, on a database that nobody
// else uses. It is for one goroutine.
//
// What is copied lies in tables of its own (fill_…), so that a copy is never copied. How each table is copied stands
// in tables.Tables: ids are moved by a fixed step, unique texts get the copy's number, times go back. So a million
// rows are a few statements, and no row passes through this process but the sealed ones.
type Filler struct {
	plain  []fillPlain
	sealer *keyring.Sealer

	store *base.Store
	// columns are asked of the database, so that a migration needs no change here.
	columns map[string][]string // of each table
	// ids is how far a copy's ids lie from the one before, by sequence.
	ids     map[string]int64 // how many ids of each sequence the original has used
	tickets int64            // of the original
	counts  base.Tally       // the counters of the original
	copies  int64            // made until now
}

// Sequences of ids, besides the pipeline's.
const (
	ofMessages = tables.SequenceMessage
	ofTickets  = pipeline.SequenceTicket
	ofContacts = pipeline.SequenceContact
	ofEffects  = pipeline.SequenceEffect
)

// fillings are the tables that are copied.
func fillings() []tables.Table {
	return slices.DeleteFunc(tables.Tables(), func(t tables.Table) bool { return t.Fill == nil })
}

// FillSMS and FillMail are how addresses of an original's customers begin and end: numbers with this
// prefix, addresses at a domain with this suffix. A copy's have others, and nobody else's may be so.
const (
	FillSMS  = "+861899"
	FillMail = ".fill.example"
)

// fillSpread is over how long the copies' times are spread: shorter than originals are kept by
// default, so that nothing expires by itself. fillStride is how far one copy lies from the next, in
// microseconds; it has no common divisor with the spread.
const (
	fillSpread = 25 * 24 * 3600 * 1_000_000
	fillStride = 7919 * 1_000_003
)

// ErrUnsettled says that the original has work to do, which must not be copied.
var ErrUnsettled = errors.New("the installation has open work")

// NewFiller takes what the store holds now for the original. All its messages must be decided, its
// promises settled and its effects done.
func NewFiller(ctx context.Context, s *base.Store) (*Filler, error) {
	f := &Filler{store: s, columns: map[string][]string{}, ids: map[string]int64{}, counts: base.Tally{}}
	err := s.DB.Read(ctx, func(t sql.Tx) error { return f.look(ctx, t) })
	if err != nil {
		return nil, fmt.Errorf("looking at what is to be copied: %w", err)
	}
	for _, fill := range fillings() {
		err := s.DB.Write(ctx, func(t sql.Tx) error {
			return t.Run(ctx, sql.Do(`CREATE TABLE fill_`+fill.Name+` AS SELECT * FROM `+fill.Name))
		})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("setting aside what is to be copied: %w", err), f.Done(ctx))
		}
	}
	if err := f.unsealAll(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening what is to be copied: %w", err), f.Done(ctx))
	}
	return f, nil
}

// look reads the shape of the original, and refuses one with open work: a copy of a promise that is due would be a
// promise that nobody keeps.
func (f *Filler) look(ctx context.Context, t sql.Tx) error {
	var open int64
	calls := []sql.Call{
		sql.Ask(sql.Into(&open), `SELECT (SELECT count(*) FROM undecided) + (SELECT count(*) FROM promises WHERE next_at > 0) + (SELECT count(*) FROM turns WHERE next_at > 0) + (SELECT count(*) FROM outbox WHERE wake_at > 0)`),
		sql.Ask(sql.Into(&f.tickets), `SELECT count(*) FROM tickets`),
		sql.Ask(sql.Pair(func(name string, next int64) { f.ids[name] = next }), `SELECT name, next FROM sequences`),
		sql.Ask(sql.Pair(func(name string, n int64) { f.counts[name] = n }), `SELECT name, CAST(sum(n) AS bigint) FROM counters GROUP BY name`),
	}
	for _, fill := range fillings() {
		calls = append(calls, sql.Ask(sql.Value(func(name string) { f.columns[fill.Name] = append(f.columns[fill.Name], name) }), askColumns(f.store), fill.Name))
	}
	if err := t.Run(ctx, calls...); err != nil {
		return err
	}
	if open > 0 {
		return fmt.Errorf("%w: %d rows", ErrUnsettled, open)
	}
	if f.tickets == 0 {
		return errors.New("there are no tickets to copy")
	}
	return nil
}

// askColumns asks for the columns of a table.
func askColumns(s *base.Store) string {
	if s.Dialect() == "sqlite" {
		return `SELECT name FROM pragma_table_info($1)`
	}
	return `SELECT CAST(attname AS text) FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`
}

// fillTickets is about how many tickets are copied in one transaction: large enough that statements count for
// nothing, small enough for SQLite's log.
const fillTickets = 20_000

// Fill copies until at least so many tickets are stored in all, the original's and the copies', and
// tells after each step how many there are. What else was written meanwhile is left alone.
func (f *Filler) Fill(ctx context.Context, tickets int64, step func(tickets int64)) error {
	for tickets > f.tickets*(f.copies+1) {
		missing := (tickets - f.tickets*(f.copies+1) + f.tickets - 1) / f.tickets
		n := min(missing, max(1, fillTickets/f.tickets))
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.store.DB.Write(ctx, func(t sql.Tx) error { return f.copy(ctx, t, n) }); err != nil {
			return fmt.Errorf("copying tickets: %w", err)
		}
		f.copies += n
		step(f.tickets * (f.copies + 1))
	}
	return f.tidy(ctx)
}

// copy makes the next n copies. The ids are taken from the sequences as everybody takes them.
// It raises the counters with the rows, so that an audit of the filled database holds.
func (f *Filler) copy(ctx context.Context, t sql.Tx, n int64) error {
	bases := map[string]int64{}
	var calls []sql.Call
	for _, name := range []string{ofMessages, ofTickets, ofContacts, ofEffects} {
		calls = append(calls, sql.Ask(sql.Value(func(next int64) { bases[name] = next - n*f.ids[name] }), `UPDATE sequences SET next = next + CAST($1 AS bigint) WHERE name = $2 RETURNING next`, n*f.ids[name], name))
	}
	if f.store.Dialect() == "sqlite" { // the indexes are written all over
		calls = append(calls, sql.Do(`PRAGMA cache_size(-400000)`))
	}
	if err := t.Run(ctx, calls...); err != nil {
		return err
	}
	calls = nil
	for _, fill := range fillings() {
		calls = append(calls, sql.Do(f.statement(fill, bases, n)))
	}
	count := base.Tally{}
	for name, all := range f.counts {
		count[name] = all * n
	}
	calls = append(calls, f.sealCopies(bases, n)...)
	return t.Run(ctx, append(calls, count.Call())...)
}

// statement copies one table n times, by a cross join of the set-aside rows with the numbers of the copies. The
// numbers in it are the program's own, not somebody's input.
func (f *Filler) statement(fill tables.Table, bases map[string]int64, n int64) string {
	columns := f.columns[fill.Name]
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = f.value(fill, c, bases)
	}
	only := ""
	if fill.Fill.Only != "" {
		only = " WHERE " + fill.Fill.Only
	}
	first := f.copies + 1
	return fmt.Sprintf(`INSERT INTO %s (%s) WITH RECURSIVE copies (k) AS (SELECT CAST(%d AS bigint) UNION ALL SELECT k + 1 FROM copies WHERE k < %d)
SELECT %s FROM copies CROSS JOIN fill_%s f%s`, fill.Name, strings.Join(columns, ", "), first, first+n-1, strings.Join(values, ", "), fill.Name, only)
}

// value is what a column of a copied row holds.
func (f *Filler) value(fill tables.Table, column string, bases map[string]int64) string {
	shifted := func(column string) string {
		name := fill.Fill.IDs[column]
		return fmt.Sprintf("f.%s + %d + (k - %d) * %d", column, bases[name]-1, f.copies+1, f.ids[name])
	}
	own := "f." + column
	switch {
	case fill.Fill.Made[column] != "":
		words := []string{"{copy}", "k"}
		if fill.Fill.IDs["ticket"] != "" {
			words = append(words, "{ticket}", "("+shifted("ticket")+")")
		}
		return strings.NewReplacer(words...).Replace(fill.Fill.Made[column])
	case fill.Fill.IDs[column] != "":
		return "CASE WHEN " + own + " = 0 THEN 0 ELSE " + shifted(column) + " END"
	case slices.Contains(fill.Fill.Keys, column):
		return "CASE WHEN " + own + " = '' THEN '' ELSE " + own + " || '/' || CAST(k AS text) END"
	case slices.Contains(fill.Fill.Addresses, column):
		return fmt.Sprintf("replace(replace(%s, '%s', '+' || CAST(20000 + k AS text)), '%s', '.f' || CAST(k AS text) || '.example')", own, FillSMS, FillMail)
	case column == "at" || strings.HasSuffix(column, "_at"):
		return "CASE WHEN " + own + " = 0 THEN 0 ELSE " + own + " - (k * " + strconv.FormatInt(fillStride, 10) + ") % " + strconv.FormatInt(fillSpread, 10) + " END"
	}
	return own
}

// tidy leaves the database as one that has grown slowly: with statistics, and nothing waiting to be written back.
// Else the first measurements would pay for the filling.
func (f *Filler) tidy(ctx context.Context) error {
	statements := []string{`PRAGMA wal_checkpoint(TRUNCATE)`}
	if f.store.Dialect() != "sqlite" {
		statements = []string{`VACUUM (ANALYZE)`}
	}
	err := f.store.DB.Outside(ctx, func(t sql.Tx) error {
		for _, text := range statements {
			if err := t.Run(ctx, sql.Ask(func(sql.Row) error { return nil }, text)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("tidying after copying: %w", err)
	}
	return nil
}

// On goes on filling through another connection to the same database.
func (f *Filler) On(s *base.Store) { f.store = s }

// Done drops what was set aside. It may be called twice.
func (f *Filler) Done(ctx context.Context) error {
	var failed error
	for _, fill := range fillings() {
		err := f.store.DB.Write(ctx, func(t sql.Tx) error { return t.Run(ctx, sql.Do(`DROP TABLE IF EXISTS fill_`+fill.Name)) })
		failed = errors.Join(failed, err)
	}
	if failed != nil {
		return fmt.Errorf("dropping what was set aside: %w", failed)
	}
	return nil
}
