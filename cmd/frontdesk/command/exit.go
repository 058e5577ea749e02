package command

import "fmt"

// Exit codes. Scripts rely on them: a code keeps its meaning, and the manual page lists them (manualStatus).
const (
	ExitFinding = 1 // the command worked and found something wrong, or failed
	ExitUsage   = 2 // wrong use
	ExitDiffer  = 3 // replay: some messages would be decided differently
	ExitUnasked = 4 // audit: the sums hold, but a provider could not be asked
)

// Exit ends a command with a code of its own. An error of any other type ends it with ExitFinding.
type Exit struct {
	Code int
	Err  error // nil: the command has said itself what it found
}

func (e Exit) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

func (e Exit) Unwrap() error { return e.Err }

// Finding ends a command that has worked and found something wrong. err is nil when it has said itself what.
func Finding(err error) error { return Exit{ExitFinding, err} }

// Usage ends a command that was used wrongly.
func Usage(err error) error { return Exit{ExitUsage, err} }
