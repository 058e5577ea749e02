package decide

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store/backlog"
)

// Stages in the trace of a message that was parked outside the line.
const (
	StageDecode = "decode" // by its decoder, or because reading or deciding it failed inside Frontdesk
	StageClaim  = "claim"  // the process died whenever it was being worked on
	StageCommit = "commit" // the database refused its rows
)

// decider reads messages and decides them: a message in, a case with its plan out. It has no database and no queue. It is
// safe for concurrent use.
type decider struct {
	decoders map[string]channels.Decoder // by inbox
	settings atomic.Pointer[pipeline.Settings]
	logger   *slog.Logger
	line     func(pipeline.Case, pipeline.Known) pipeline.Case
}

func newDecider(decoders map[string]channels.Decoder, settings *pipeline.Settings, logger *slog.Logger) *decider {
	d := &decider{decoders: decoders, logger: logger, line: pipeline.Decide}
	d.settings.Store(settings)
	return d
}

// reading is a message with what it says by itself.
type reading struct {
	pending backlog.Pending
	c       pipeline.Case
	parked  bool
	heard   []screen.Opinion // what scanners said of it
}

// read decodes one message and runs the first half of the line. A message that cannot be decoded,
// or makes the code panic, is parked by its own fault alone. heard is what was said of it since it came: its sender
// is who he is known to be now.
func (d *decider) read(in backlog.Pending, heard []screen.Opinion, now time.Time) (r reading) {
	defer func() {
		if cause := recover(); cause != nil {
			d.logger.Error("reading panicked; parked", "inbox", in.Inbox, "message", in.ID, "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			r = d.unread(in, causes.Unparsable, "reading it failed inside Frontdesk")
		}
	}()
	if in.Away { // restored blobs and mended mounts are seen by the sweep
		return reading{pending: in, c: parkedCase(in, causes.OriginalMissing, "the blob of its original cannot be read: "+in.Shut), parked: true}
	}
	if in.Shut != "" {
		return reading{pending: in, c: parkedCase(in, causes.Unparsable, "its original cannot be opened: "+in.Shut), parked: true}
	}
	decoder, ok := d.decoders[in.Inbox]
	if !ok {
		return reading{pending: in, c: parkedCase(in, causes.Policy, "its inbox is not configured any more"), parked: true}
	}
	m, err := decoder.Decode(channels.Delivery{Inbox: in.Inbox, Channel: in.Channel, Key: in.Key, At: in.At, Raw: in.Raw, Meta: in.Meta})
	if err != nil {
		cause, evidence := decodeFault(err)
		return d.unread(in, cause, evidence)
	}
	m.ID, m.Inbox, m.Key, m.At = in.ID, in.Inbox, in.Key, in.At
	return reading{pending: in, c: pipeline.ReadHeard(m, heard, d.settings.Load(), now), heard: heard}
}

// unread parks what could not be read, unless it turns out to be a copy.
func (d *decider) unread(in backlog.Pending, cause, evidence string) reading {
	c := parkedCase(in, cause, evidence)
	c.Settings = d.settings.Load()
	return reading{pending: in, c: pipeline.Unread(c, in.Raw), parked: true}
}

func decodeFault(err error) (cause, evidence string) {
	cause = causes.Unparsable
	var e *channels.Error
	if errors.As(err, &e) && slices.Contains(causes.Parking(), e.Cause) {
		cause = e.Cause
	}
	return cause, err.Error()
}

func parkedCase(in backlog.Pending, cause, evidence string) pipeline.Case {
	m := message.Message{ID: in.ID, Inbox: in.Inbox, Channel: in.Channel, Key: in.Key, At: in.At}
	return pipeline.Case{Message: m, Plan: pipeline.Plan{Message: in.ID, State: messages.Parked, Cause: cause, Evidence: evidence,
		Trace: []pipeline.Line{{Stage: StageDecode, Found: "parked: " + cause, Why: evidence}}}}
}

// decide decides a message with what is known. One that makes the code panic is parked.
func (d *decider) decide(w *reading, known pipeline.Known, now time.Time) (c pipeline.Case) {
	if w.parked {
		return pipeline.DecideUnread(w.c, known)
	}
	defer func() {
		if cause := recover(); cause != nil {
			d.logger.Error("deciding panicked; parked", "inbox", w.pending.Inbox, "message", w.pending.ID, "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			c = parkedCase(w.pending, causes.Unparsable, "deciding it failed inside Frontdesk")
		}
	}()
	c = w.c
	c.Now = now
	return d.line(c, known)
}

// Hindsight decides again what was decided before, exactly as a Processor does, and writes nothing:
// it has no database and no queue. It is safe for concurrent use.
type Hindsight struct{ d *decider }

// NewHindsight takes the decoders by inbox and what is decided with.
func NewHindsight(decoders map[string]channels.Decoder, settings *pipeline.Settings, logger *slog.Logger) *Hindsight {
	return &Hindsight{newDecider(decoders, settings, logger)}
}

// Knows reports whether there is a decoder for the inbox.
func (h *Hindsight) Knows(inbox string) bool { return h.d.decoders[inbox] != nil }

// Decide decodes the original anew and decides it with what was known then, at the time of the
// decision.
func (h *Hindsight) Decide(in backlog.Pending, known pipeline.Known, at time.Time) pipeline.Case {
	w := h.d.read(in, known.Opinions, time.Time{})
	return h.d.decide(&w, known, at)
}
