package learning

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"frontdesk/pipeline/classify/training"
)

// Limits of what is read to learn from.
const (
	maxExamples = 500_000
	maxLine     = 1 << 20
)

// The columns of a CSV file and the keys of a JSON line, by what they are; the first name is ours, the others are
// what such files are often called.
var (
	textNames     = []string{"text", "message", "body"}
	subjectNames  = []string{"subject", "title"}
	categoryNames = []string{"category", "label", "intent"}
	timeNames     = []string{"at", "time", "date"}
)

// readExamples reads labelled messages, or messages whose label does not matter, from a file: CSV with a line of
// column names, or a JSON object a line; where no label is needed, also a message a line. Errors name the line.
func readExamples(path string, labelled bool) ([]training.Example, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the messages: %w", err)
	}
	defer file.Close()
	r := bufio.NewReaderSize(file, 64<<10)
	if mark, _ := r.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = r.Discard(3)
	}
	head, _ := r.Peek(4096)
	var out []training.Example
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		err = errors.New("it is empty")
	case bytes.TrimSpace(head)[0] == '{':
		out, err = readJSON(r, labelled)
	case hasColumns(head):
		out, err = readCSV(r, labelled)
	case !labelled:
		out, err = readPlain(r)
	default:
		err = errors.New("line 1: no columns text and category, and no JSON object")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

// hasColumns reports whether the first line names a column for texts.
func hasColumns(head []byte) bool {
	first, _, _ := bytes.Cut(head, []byte("\n"))
	columns, err := csv.NewReader(bytes.NewReader(first)).Read()
	return err == nil && column(columns, textNames) >= 0
}

// column is the place of the first of the names; -1 for none.
func column(columns, names []string) int {
	return slices.IndexFunc(columns, func(c string) bool { return slices.Contains(names, strings.ToLower(strings.TrimSpace(c))) })
}

// readCSV reads a table (RFC 4180).
func readCSV(r io.Reader, labelled bool) ([]training.Example, error) {
	table := csv.NewReader(r)
	columns, err := table.Read()
	if err != nil {
		return nil, fmt.Errorf("reading the columns: %w", err)
	}
	text, subject, category, at := column(columns, textNames), column(columns, subjectNames), column(columns, categoryNames), column(columns, timeNames)
	if labelled && category < 0 {
		return nil, errors.New("line 1: there is no column category beside text")
	}
	var out []training.Example
	for {
		row, err := table.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading the table: %w", err) // it names the line
		}
		line, _ := table.FieldPos(0)
		e := training.Example{Text: row[text]}
		if subject >= 0 {
			e.Subject = row[subject]
		}
		if category >= 0 {
			e.Label = strings.TrimSpace(row[category])
		}
		if at >= 0 {
			e.At = moment(row[at])
		}
		if out, err = taken(out, e, line, labelled); err != nil {
			return nil, err
		}
	}
}

// taken adds an example, or says what is wrong with it.
func taken(out []training.Example, e training.Example, line int, labelled bool) ([]training.Example, error) {
	switch {
	case !utf8.ValidString(e.Text + e.Subject + e.Label):
		return nil, fmt.Errorf("line %d: it is not UTF-8", line)
	case labelled && e.Label == "":
		return nil, fmt.Errorf("line %d: the category is missing", line)
	case strings.TrimSpace(e.Text+e.Subject) == "":
		if labelled {
			return nil, fmt.Errorf("line %d: the text is missing", line)
		}
		return out, nil
	case len(out) == maxExamples:
		return nil, fmt.Errorf("line %d: more than %d messages", line, maxExamples)
	}
	return append(out, e), nil
}

// readJSON reads an object a line.
func readJSON(r io.Reader, labelled bool) ([]training.Example, error) {
	var out []training.Example
	err := eachLine(r, func(n int, line string) error {
		if strings.TrimSpace(line) == "" {
			return nil
		}
		var object map[string]any
		err := json.Unmarshal([]byte(line), &object)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		e := training.Example{Text: value(object, textNames), Subject: value(object, subjectNames), Label: strings.TrimSpace(value(object, categoryNames)), At: moment(value(object, timeNames))}
		out, err = taken(out, e, n, labelled)
		return err
	})
	return out, err
}

// value is the first of the keys that holds a text.
func value(object map[string]any, keys []string) string {
	for _, key := range keys {
		if s, ok := object[key].(string); ok {
			return s
		}
	}
	return ""
}

// moment reads a time; zero where it is none, since a column of that name may hold something else.
func moment(text string) time.Time {
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// readPlain reads a message a line.
func readPlain(r io.Reader) ([]training.Example, error) {
	var out []training.Example
	err := eachLine(r, func(n int, line string) (err error) {
		out, err = taken(out, training.Example{Text: line}, n, false)
		return err
	})
	return out, err
}

// eachLine hands each line over with its number. A line too long is an error: it is none of a message a line.
func eachLine(r io.Reader, take func(n int, line string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	n := 0
	for lines.Scan() {
		n++
		if err := take(n, lines.Text()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}
