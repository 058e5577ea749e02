package sql

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Micros is a time as it is stored: microseconds since 1970, 0 for none. Both databases have 64-bit integers, and
// compare them alike; times of their own would differ in zone and in precision.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Moment is a stored time, see Micros.
func Moment(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// Clean makes text that both databases take: valid UTF-8 without NUL. What cannot stay is replaced
// by U+FFFD, never dropped.
func Clean(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// MaxKey bounds every text that is a key of an index, in bytes. PostgreSQL's limit is 2704, over all columns of the
// index together.
const MaxKey = 512

// List is a slice as JSON text, "" when it is empty.
func List[T any](values []T) string {
	if len(values) == 0 {
		return ""
	}
	b, err := json.Marshal(values)
	if err != nil {
		return "" // strings, numbers and identities always marshal
	}
	return Clean(string(b))
}

// Unlist is the slice that List wrote.
func Unlist[T any](text string) (out []T, err error) {
	if text == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(text), &out)
	return out, err
}

// Clip bounds a text that is part of an index; digests are far shorter.
func Clip(s string) string {
	s = Clean(s)
	if len(s) > MaxKey {
		return ""
	}
	return s
}

// Each64 collects rows of one number.
func Each64(out *[]int64) func(Row) error {
	return Value(func(id int64) { *out = append(*out, id) })
}

// Value hands on the one value of each row.
func Value[A any](take func(A)) func(Row) error {
	return func(row Row) error {
		var a A
		err := row.Scan(&a)
		if err == nil {
			take(a)
		}
		return err
	}
}

// Pair hands on the two values of each row.
func Pair[A, B any](take func(A, B)) func(Row) error {
	return func(row Row) error {
		var a A
		var b B
		err := row.Scan(&a, &b)
		if err == nil {
			take(a, b)
		}
		return err
	}
}

// KeysOf returns the keys of a map in order.
func KeysOf[K interface{ ~string | ~int64 }, V any](m map[K]V) []K {
	out := slices.AppendSeq(make([]K, 0, len(m)), maps.Keys(m)) // never nil: see OrNone
	slices.Sort(out)
	return out
}

// OrNone makes a nil slice an empty one, which both databases take for an empty array.
func OrNone[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// Sorted is a sorted copy without repeats, so that rows are locked in one order everywhere.
func Sorted(ids []int64) []int64 {
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}
