// Package classifytest reads the project's own labelled messages, for the tests of what classifies.
package classifytest

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/pipeline/words"
)

// Message is one message with the category that its writer gave it.
type Message struct {
	Category, Subject, Text string
}

// Chinese reports whether a Chinese character stands in it.
func (m Message) Chinese() bool { return strings.ContainsFunc(m.Subject+m.Text, words.Han) }

// Read reads a file of messages under [category] lines, one a line; " // " ends a subject, # begins a comment.
func Read(t testing.TB, path string) []Message {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []Message
	category := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			category = strings.Trim(line, "[]")
		default:
			subject, text, found := strings.Cut(line, " // ")
			if !found {
				subject, text = "", line
			}
			out = append(out, Message{category, subject, text})
		}
	}
	return out
}

// Banking77 are the rows of that data set's training part, the names of its columns first. A test is skipped where the set is not at hand.
func Banking77(t testing.TB) [][]string {
	t.Helper()
	shared := os.Getenv("FRONTDESK_SHARED")
	if shared == "" {
		t.Skip("FRONTDESK_SHARED is not set: the folder with the data sets is not known")
	}
	file, err := os.Open(filepath.Join(shared, "datasets", "banking77", "train.csv"))
	if err != nil {
		t.Skip("the data set is not there: ", err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
