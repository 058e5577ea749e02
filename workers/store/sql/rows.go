package sql

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// A row is a struct: each exported field is a column, named by its tag `db:"name"`, else by the field's name in the words of SQL
// (OpenedAt is opened_at). Fields of an embedded struct are columns of the same table; `db:"-"` is none. A time is stored in
// microseconds, 0 for none, and several times as a list of them; a text without what a database refuses (see Clean); a slice or map as JSON, "" when it is empty.

// field is one column of a row struct.
// A new column is a migration and a field of the row's struct, nothing else.
type field struct {
	column
	at   []int // index of the field
	read reader
	put  func(v reflect.Value) any // of the addressable field
}

// reader says how a column is read into its field.
type reader int

const (
	asItIs reader = iota // by the driver
	asTime
	asTimes
	asJSON
)

// shapes are the fields of each row struct, found once: reflection over types is slow, over values it is some
// nanoseconds a field.
var shapes sync.Map // reflect.Type → []field

// shapeOf are the fields of T in their order. It panics for a field that is no column: that is a mistake in the program, found by
// whoever first runs it.
func shapeOf[T any]() []field {
	t := reflect.TypeFor[T]()
	if s, ok := shapes.Load(t); ok {
		return s.([]field)
	}
	s := fieldsIn(t, nil)
	shapes.Store(t, s)
	return s
}

// fieldsIn goes into embedded structs, so that rows can share columns.
func fieldsIn(t reflect.Type, at []int) (out []field) {
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("db")
		here := append(slices.Clone(at), i)
		switch {
		case name == "-", !f.IsExported() && !f.Anonymous:
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			out = append(out, fieldsIn(f.Type, here)...)
		default:
			if name == "" {
				name = columnName(f.Name)
			}
			c := field{at: here}
			c.name = name
			c.kind, c.read, c.put = codec(f.Type)
			out = append(out, c)
		}
	}
	return out
}

// columnName is the name of a field as SQL writes it.
func columnName(field string) string {
	var b strings.Builder
	lower := false
	for _, r := range field {
		if unicode.IsUpper(r) && lower {
			b.WriteByte('_')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// codec is how values of a type are stored and read.
func codec(t reflect.Type) (kind, reader, func(reflect.Value) any) {
	if t == reflect.TypeFor[time.Time]() {
		return number, asTime, func(v reflect.Value) any { return Micros(*v.Addr().Interface().(*time.Time)) }
	}
	if t == reflect.TypeFor[[]time.Time]() {
		return text, asTimes, func(v reflect.Value) any { return microsText(*v.Addr().Interface().(*[]time.Time)) }
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64, reflect.Int32:
		return number, asItIs, func(v reflect.Value) any { return v.Int() }
	case reflect.Uint32:
		return number, asItIs, func(v reflect.Value) any { return int64(v.Uint()) } // 32 bits
	case reflect.String:
		return text, asItIs, func(v reflect.Value) any { return Clean(v.String()) }
	case reflect.Bool:
		return flag, asItIs, func(v reflect.Value) any { return v.Bool() }
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 && t.Name() == "" {
			return bytes, asItIs, func(v reflect.Value) any { return v.Bytes() }
		}
		return text, asJSON, jsonText
	case reflect.Map:
		return text, asJSON, jsonText
	}
	panic(fmt.Sprintf("store: a field of type %s is no column", t))
}

// jsonText is a slice or a map as it is stored.
func jsonText(v reflect.Value) any {
	if v.Len() == 0 {
		return ""
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		return "" // strings, numbers and identities always marshal
	}
	return Clean(string(b))
}

// microsText are times as they are stored, the earliest first.
func microsText(times []time.Time) string {
	out := make([]int64, len(times))
	for i, t := range times {
		out[i] = Micros(t)
	}
	slices.Sort(out)
	return List(out)
}

// momentsOf reads stored times. What cannot be read is as good as none: no other row waits for this one.
func momentsOf(stored string) []time.Time {
	stored, ok := strings.CutPrefix(stored, "[")
	if !ok {
		return nil
	}
	var out []time.Time
	for w := range strings.SplitSeq(strings.TrimSuffix(stored, "]"), ",") {
		us, err := strconv.ParseInt(strings.TrimSpace(w), 10, 64)
		if err != nil {
			return nil
		}
		out = append(out, Moment(us))
	}
	return out
}

// Columns are the columns of T for a SELECT, each behind the prefix.
func Columns[T any](prefix string) string {
	names := make([]string, 0, 32)
	for _, f := range shapeOf[T]() {
		names = append(names, prefix+f.name)
	}
	return strings.Join(names, ", ")
}

// scratch is what one row is read through.
type scratch struct {
	dest  []any
	times []int64
	texts []string
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// sized gives room for n columns.
func (s *scratch) sized(n int) {
	s.dest, s.times, s.texts = slices.Grow(s.dest[:0], n)[:n], slices.Grow(s.times[:0], n)[:n], slices.Grow(s.texts[:0], n)[:n]
}

// put gives s back; it keeps nothing of the row alive.
func (s *scratch) put() {
	clear(s.dest)
	clear(s.texts)
	scratches.Put(s)
}

// Read reads the columns of T, in the order of Columns, and then more. What a JSON column holds is ours, so one that
// cannot be read is an error.
func Read[T any](row Row, more ...any) (out T, err error) {
	shape := shapeOf[T]()
	by := scratches.Get().(*scratch)
	defer by.put()
	by.sized(len(shape))
	v := reflect.ValueOf(&out).Elem()
	for i, f := range shape {
		switch f.read {
		case asTime:
			by.dest[i] = &by.times[i]
		case asJSON, asTimes:
			by.dest[i] = &by.texts[i]
		default:
			by.dest[i] = v.FieldByIndex(f.at).Addr().Interface()
		}
	}
	by.dest = append(by.dest, more...)
	if err := row.Scan(by.dest...); err != nil {
		return out, err
	}
	for i, f := range shape {
		switch {
		case f.read == asTime:
			*v.FieldByIndex(f.at).Addr().Interface().(*time.Time) = Moment(by.times[i])
		case f.read == asTimes:
			*v.FieldByIndex(f.at).Addr().Interface().(*[]time.Time) = momentsOf(by.texts[i])
		case f.read == asJSON && by.texts[i] != "":
			if err := json.Unmarshal([]byte(by.texts[i]), v.FieldByIndex(f.at).Addr().Interface()); err != nil {
				return out, fmt.Errorf("reading column %s: %w", f.name, err)
			}
		}
	}
	return out, nil
}

// Statement is a bulk statement over rows of T.
type Statement[T any] struct {
	*bulk
	shape []field
}

// Inserting makes the statement that inserts rows of T. What its tail returns must be columns or words in quotes. Further columns
// that are the same in every row are given as "name = value", in the words of SQL.
func Inserting[T any](table, tail string, same ...string) *Statement[T] {
	var fixed []fixedColumn
	for _, s := range same {
		name, value, _ := strings.Cut(s, " = ")
		fixed = append(fixed, fixedColumn{name, value})
	}
	shape := shapeOf[T]()
	return &Statement[T]{bulkInsert(table, tail, fixed, columnsIn(shape)), shape}
}

// Updating makes the statement that updates rows of T by its first column, except for the columns that are named.
func Updating[T any](table string, but ...string) *Statement[T] {
	shape := slices.DeleteFunc(slices.Clone(shapeOf[T]()), func(f field) bool { return slices.Contains(but, f.name) })
	return &Statement[T]{bulkUpdate(table, columnsIn(shape)), shape}
}

func columnsIn(shape []field) []column {
	out := make([]column, len(shape))
	for i, f := range shape {
		out[i] = f.column
	}
	return out
}

func (s *Statement[T]) writes() *bulk { return s.bulk }

// Put is the call that writes the rows.
func (s *Statement[T]) Put(rows ...T) Call { return Call{Bulk: s.bulk, rows: s.values(rows)} }

// Each is the call that writes the rows and hands on what comes back.
func (s *Statement[T]) Each(f func(Row) error, rows ...T) Call {
	return Call{Bulk: s.bulk, rows: s.values(rows), each: f}
}

// values are the cells of all rows in one slice: a commit of 256 messages writes thousands of cells.
func (s *Statement[T]) values(rows []T) [][]any {
	out := make([][]any, len(rows))
	cells := make([]any, len(rows)*len(s.shape))
	for i := range rows {
		v := reflect.ValueOf(&rows[i]).Elem()
		cut := cells[i*len(s.shape) : (i+1)*len(s.shape) : (i+1)*len(s.shape)]
		for j, f := range s.shape {
			cut[j] = f.put(v.FieldByIndex(f.at))
		}
		out[i] = cut
	}
	return out
}
