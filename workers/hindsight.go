package workers

import (
	"context"
	"log/slog"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/workers/store"
)

// Stages in the trace of a message that was parked outside the line.
const (
	StageDecode = "decode" // by its decoder, or because reading or deciding it failed inside Frontdesk
	StageClaim  = "claim"  // the process died whenever it was being worked on
	StageCommit = "commit" // the database refused its rows
)

// Hindsight decides again what was decided before, exactly as a Processor does, and writes nothing:
// it has no database and no queue. It is safe for concurrent use.
type Hindsight struct{ p *Processor }

// NewHindsight takes the decoders by inbox and what is decided with.
func NewHindsight(decoders map[string]channels.Decoder, settings *pipeline.Settings, logger *slog.Logger) *Hindsight {
	return &Hindsight{p: &Processor{decoders: decoders, settings: settings, logger: logger, now: func() time.Time { return time.Time{} },
		step: func(string) {}}}
}

// Knows reports whether there is a decoder for the inbox.
func (h *Hindsight) Knows(inbox string) bool { return h.p.decoders[inbox] != nil }

// Decide decodes the original anew and decides it with what was known then, at the time of the
// decision.
func (h *Hindsight) Decide(ctx context.Context, d store.Pending, known pipeline.Known, at time.Time) pipeline.Case {
	w := h.p.read(ctx, d, known.Opinions)
	if w.parked {
		return pipeline.DecideUnread(w.c, known)
	}
	return h.p.decideSafely(&w, known, at)
}
