package base

import (
	"context"
	"encoding/json"
	"fmt"

	"frontdesk/pipeline"
	"frontdesk/pipeline/recipients"
	"frontdesk/workers/store/keyring"
)

// Record is what lies sealed in the decisions table.
type Record struct {
	Known json.RawMessage `json:"known,omitempty"`
	Trace []pipeline.Line `json:"trace,omitempty"`
}

// EncodeRecord is the JSON of a record. What was known is JSON already, of our own making, and is not
// read through once more.
func EncodeRecord(known json.RawMessage, trace []pipeline.Line) ([]byte, error) {
	out := append(make([]byte, 0, len(known)+96*len(trace)+len(`{"known":,"trace":[]}`)), '{')
	if len(known) > 0 {
		out = append(append(out, `"known":`...), known...)
	}
	if len(known) > 0 && len(trace) > 0 {
		out = append(out, ',')
	}
	if len(trace) > 0 {
		var err error
		if out, err = appendTrace(append(out, `"trace":`...), trace); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}

// appendTrace appends the JSON of a trace, as json.Marshal writes it. Each decision has one, and nearly all that it says is
// plain text.
func appendTrace(out []byte, trace []pipeline.Line) (_ []byte, err error) {
	for i, l := range trace {
		out = append(out, "[,"[min(i, 1)])
		for j, f := range [...]struct{ name, text string }{{`{"stage":`, l.Stage}, {`,"found":`, l.Found}, {`,"why":`, l.Why}} {
			if j == 2 && f.text == "" {
				continue
			}
			if out, err = appendText(append(out, f.name...), f.text); err != nil {
				return nil, err
			}
		}
		out = append(out, '}')
	}
	return append(out, ']'), nil
}

// appendText appends a JSON string.
func appendText(out []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			text, err := json.Marshal(s)
			return append(out, text...), err
		}
	}
	return append(append(append(out, '"'), s...), '"'), nil
}

// SealReading seals what an answer to a message stands on, for its place.
func SealReading(ring *keyring.Ring, message int64, r recipients.Reading) ([]byte, error) {
	plain, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encoding what an answer to message %d stands on: %w", message, err)
	}
	return ring.Seal(plain, ReadingAt(message)), nil
}

// OpenReading opens it again. It may ask the database for a key, so nobody calls it within a transaction.
func OpenReading(ctx context.Context, ring *keyring.Ring, message int64, sealed []byte) (r recipients.Reading, err error) {
	plain, err := ring.Open(ctx, sealed, ReadingAt(message))
	if err == nil {
		err = json.Unmarshal(plain, &r)
	}
	if err != nil {
		return recipients.Reading{}, fmt.Errorf("opening what an answer to message %d stands on: %w", message, err)
	}
	return r, nil
}
