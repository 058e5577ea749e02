package check

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"frontdesk/channels"
	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/configs"
)

// How much a line of the report weighs. Those that count end check with exit code 1.
const (
	levelOK      = "ok"
	levelNote    = "note"    // what works less well than it could
	levelWarning = "warning" // what will not do what was meant, though a start takes it
	levelWeak    = "weak"    // counts
	levelFailed  = "failed"  // counts: a connection that does not work
	levelError   = "error"   // counts: what a start refuses
)

// labels are the words at the heads of lines.
var labels = map[string]string{levelOK: "ok      ", levelNote: "note    ", levelWarning: "WARNING ", levelWeak: "WEAK    ", levelFailed: "FAILED  "}

// reported is one line of the report. The problem's text is what was found. Its JSON names are read by scripts: they
// stay.
type reported struct {
	Level string `json:"level"`
	What  string `json:"what,omitempty"` // the connection or file
	configs.Problem
}

// report is what check finds. As text each line is printed at once, since a connection may take half a minute; as
// JSON all of them at the end, since an array has one. It is for one goroutine.
type report struct {
	o     *command.Options
	to    io.Writer
	json  bool
	lines []reported
	bad   int // connections that failed
}

// add takes one more line. path is where the configuration says it; "" for nowhere.
func (r *report) add(level, what, path, text string) {
	r.problem(level, what, r.place(path, text))
}

// problem takes one more line whose place in the file is known. It counts failures; weak places are counted by who
// finds them.
func (r *report) problem(level, what string, p configs.Problem) {
	if level == levelFailed {
		r.bad++
	}
	line := reported{level, what, p}
	r.lines = append(r.lines, line)
	if !r.json {
		fmt.Fprintln(terminal.Visibly(r.to), line.text()) // other servers say something about themselves
	}
}

// place finds the line of a path. It reads the file once more: paths such as inboxes[2].imap.host are known to the
// decoder only, and a check makes a dozen of them.
func (r *report) place(path, text string) configs.Problem {
	p := configs.Problem{Path: path, Text: text}
	if path == "" {
		return p
	}
	return configs.Locate(r.o.Config, os.LookupEnv, r.o.Kinds, configs.Problems{p})[0]
}

// text is a line for people. A weak place says its file and line first, as a compiler does; what is in order has no
// place at all.
func (l reported) text() string {
	switch l.Level {
	case levelWeak:
		return labels[l.Level] + l.Problem.String()
	case levelOK:
		return labels[l.Level] + l.head() + l.Text
	}
	return labels[l.Level] + l.head() + l.Text + l.where()
}

func (l reported) head() string {
	switch {
	case l.What == "":
		return ""
	case l.Text == "":
		return l.What
	}
	return l.What + ": "
}

// where tells the place in the file.
func (l reported) where() string {
	switch {
	case l.Line == 0:
		return ""
	case l.Path == "":
		return " [" + filepath.Base(l.File) + ":" + strconv.Itoa(l.Line) + "]"
	}
	return " [" + filepath.Base(l.File) + ":" + strconv.Itoa(l.Line) + ", " + l.Path + "]"
}

// checked adds what came of one connection or file. A *channels.Misgiving is an error of a probe that works all the
// same: a warning. One with a warning may have a line "ok" before it, for what did work.
func (r *report) checked(c checked) {
	doubt, warned := errors.AsType[*channels.Misgiving](c.err)
	switch {
	case warned:
		c.err, c.warning = nil, doubt.Error()
	case c.err != nil:
		r.add(levelFailed, c.what, c.path, c.err.Error())
		return
	}
	p := r.place(c.path, c.found)
	if c.found != "" || c.warning == "" {
		r.problem(levelOK, c.what, p)
	}
	if c.warning != "" {
		p.Text = c.warning
		r.problem(levelWarning, c.what, p)
	}
}

// end prints what is left to print and says how the command ends. With --json the error itself becomes lines of level
// error, so that a script reads one array and nothing on standard error; findings have their lines already.
func (r *report) end(err error) error {
	if !r.json {
		return err
	}
	list := r.lines
	if problems, ok := errors.AsType[configs.Problems](err); ok {
		for _, p := range problems {
			list = append(list, reported{levelError, "", p})
		}
	} else if exit, _ := errors.AsType[command.Exit](err); err != nil && exit.Code != command.ExitFinding {
		list = append(list, reported{levelError, "", configs.Problem{Text: err.Error()}})
	}
	text, marshalErr := json.MarshalIndent(append([]reported{}, list...), "", "  ")
	if marshalErr != nil {
		return fmt.Errorf("printing the report: %w", marshalErr)
	}
	fmt.Fprintln(terminal.Visibly(r.to), string(text))
	if err != nil {
		return command.Finding(nil)
	}
	return nil
}
