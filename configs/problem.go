package configs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration, and what to do about it.
// Columns count from 1, in characters, as the YAML parser tells them.
type Problem struct {
	File   string `json:"file,omitempty"` // file, or the environment variable that gave the value
	Line   int    `json:"line,omitempty"` // from 1; 0 when the value is in no file
	Column int    `json:"column,omitempty"`
	Path   string `json:"path,omitempty"` // such as inboxes[0].imap.host
	Text   string `json:"text"`           // what is wrong; never a secret
	Fix    string `json:"fix,omitempty"`  // what to do
}

// String writes the problem in one line, in the form that editors jump to.
func (p Problem) String() string {
	var b strings.Builder
	switch {
	case p.Line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", p.File, p.Line, p.Column)
	case p.File != "":
		b.WriteString(p.File + ": ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Text)
	if p.Fix != "" {
		b.WriteString("; " + p.Fix)
	}
	return b.String()
}

// Problems is the error of Load, Parse and Validate: everything that is wrong, in the order of the file.
type Problems []Problem

// Error writes one problem a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// sorted orders by line and drops repeats.
func (p Problems) sorted() Problems {
	slices.SortStableFunc(p, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.File, b.File), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(p)
}

// With returns the problems of both, in the order of the file.
func (p Problems) With(more Problems) Problems { return slices.Concat(p, more).sorted() }

// err returns nil for no problems, so that no typed nil gets out.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return p.sorted()
}

// place is where a value was given.
type place struct {
	file         string
	line, column int
}

// places knows where each path of a configuration was given.
type places map[string]place

// find returns the place of path or of the nearest thing around it.
// A missing value has no place of its own: the mapping that it is missing in has.
func (p places) find(path string) place {
	for {
		if at, ok := p[path]; ok {
			return at
		}
		if path == "" {
			return place{}
		}
		path = parent(path)
	}
}

// parent cuts the last step off a path: "a.b[0]" to "a.b" to "a" to "".
func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }
