package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"frontdesk/workers/store/base"
)

// Printer writes items as one JSON array or as a table. JSON is written as it comes, an item a line; a table is held
// until End, since its columns are as wide as their widest cell. It is for one goroutine, and End must be called
// once.
type Printer[T any] struct {
	json bool
	to   io.Writer
	// table is nil for JSON.
	table *tabwriter.Writer
	row   func(T) string
	n     int
}

// NewPrinter begins at once. head and what row returns are cells between tabs.
func NewPrinter[T any](w io.Writer, head string, row func(T) string, asJSON bool) *Printer[T] {
	p := &Printer[T]{json: asJSON, to: w, row: row}
	if !asJSON {
		p.table = tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
		fmt.Fprintln(p.table, head)
	}
	return p
}

// Item writes one more.
func (p *Printer[T]) Item(v T) error {
	p.n++
	if !p.json {
		_, err := fmt.Fprintln(p.table, Visible(p.row(v)))
		return err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	before := ",\n "
	if p.n == 1 {
		before = "["
	}
	_, err = fmt.Fprintf(p.to, "%s%s", before, b)
	return err
}

// End writes what is left to write: a table is set when its last row is known.
func (p *Printer[T]) End() error {
	if !p.json {
		return p.table.Flush()
	}
	closing := "]\n"
	if p.n == 0 {
		closing = "[]\n"
	}
	_, err := io.WriteString(p.to, closing)
	return err
}

// Columns joins the cells of a row.
func Columns(values ...any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, "\t")
}

// When is a time in the zone of the shell, with its name; a dash for none. --json prints UTC instead.
func When(s base.Stamp) string {
	if s.IsZero() {
		return "-"
	}
	return s.Local().Format(time.DateTime + " MST")
}

// OrDash is a text, or a dash for none.
func OrDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// Line folds a text into one line of a table, of at most so many characters.
func Line(s string, runes int) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > runes {
		return string(r[:runes-1]) + "…"
	}
	return OrDash(s)
}

// Colon is a text behind a colon, or nothing for none.
func Colon(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

// Indent moves each line of a text in by two blanks.
func Indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n  ")
}
