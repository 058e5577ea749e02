package engine

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// What a command may have. Asynq's largest carries the ids of one task, or the state of all lanes. The bounds hold
// memory before anything is believed.
const (
	maxArguments    = 16 << 10
	maxCommandBytes = 8 << 20
)

// protocolError says what is wrong with a command. Nothing can be read after it.
type protocolError struct{ why string }

func (e *protocolError) Error() string { return "Protocol error: " + e.why }

// readCommand reads one command in the form in which clients send it: an array of strings (RESP). A
// *protocolError says that it is none, another error that the connection has ended.
func readCommand(r *bufio.Reader) ([]string, error) {
	n, err := readLength(r, '*', maxArguments)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, &protocolError{"a command without a name"}
	}
	args := make([]string, 0, min(n, 64))
	room := maxCommandBytes
	for range n {
		size, err := readLength(r, '$', room)
		if err != nil {
			return nil, err
		}
		arg, err := readBulk(r, size)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
		room -= size
	}
	return args, nil
}

// readBulk reads a string and the end of its line.
// size is bounded by its caller.
func readBulk(r *bufio.Reader, size int) (string, error) {
	b := make([]byte, size+2)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", ended(err)
	}
	if b[size] != '\r' || b[size+1] != '\n' {
		return "", &protocolError{"a string that is longer than it says"}
	}
	return string(b[:size]), nil
}

// readLength reads a line of a mark and a number between 0 and most.
func readLength(r *bufio.Reader, mark byte, most int) (int, error) {
	const digits = 8 // more than any bound has
	line, err := r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return 0, &protocolError{"a line without an end"}
	case err != nil:
		return 0, ended(err)
	}
	if len(line) < 4 || len(line) > digits+3 || line[0] != mark || line[len(line)-2] != '\r' {
		return 0, &protocolError{fmt.Sprintf("expected '%c' and a number up to %d", mark, most)}
	}
	n, err := strconv.ParseUint(string(line[1:len(line)-2]), 10, 31)
	if err != nil || n > uint64(most) {
		return 0, &protocolError{fmt.Sprintf("expected '%c' and a number up to %d", mark, most)}
	}
	return int(n), nil
}

// ended tells a connection that broke off within a command from one that was closed after it: both end.
func ended(err error) error { return fmt.Errorf("reading a command: %w", err) }
