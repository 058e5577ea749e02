package learning

import (
	"context"
	"io"
	"strings"
	"time"

	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/pipeline/classify/training"
	"frontdesk/workers/store"
)

// fromDesk stands in the place of a file for the desk's own messages.
const fromDesk = "desk"

// Bounds of what is read of the desk: the newest ones.
const (
	pageSize    = 500
	mostBytes   = 128 << 20 // of texts
	mostLabels  = 100_000
	mostOthers  = 20_000
	longestText = 8 << 10 // bytes of one text: what comes behind says little of what it is about
)

// reader reads the desk's messages, the newest first, and shows how far it is.
type reader struct {
	store *store.Store
	bar   *terminal.Progress
	bytes int
}

func newReader(s *store.Store, to io.Writer, what string, quiet bool) *reader {
	return &reader{store: s, bar: terminal.NewProgress(to, what, quiet, time.Now())}
}

// full reports whether so much was read that no more fits.
func (r *reader) full(e training.Example) bool {
	r.bytes += len(e.Text) + len(e.Subject)
	return r.bytes > mostBytes
}

// labels are the desk's tickets whose category a person has set: the words of the message that opened each, as they are kept, with what was
// said last. That somebody has answered a ticket without correcting it is no label: most who answer do not look at the category.
func (r *reader) labels(ctx context.Context) (out []training.Example, err error) {
	defer r.bar.Clear()
	said := map[int64]bool{}
	for before := int64(0); ; {
		page, err := r.store.Decided.Corrections(ctx, before, pageSize)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, c := range page {
			before = c.ID
			label := c.Category[1]
			if said[c.Ticket] || label == "" || label == c.Category[0] {
				continue
			}
			said[c.Ticket] = true
			e := training.Example{Subject: clipped(c.Subject), Text: clipped(c.Text), Label: label, At: c.At.Time}
			if strings.TrimSpace(e.Text+e.Subject) == "" { // erased since
				continue
			}
			if out = append(out, e); len(out) == mostLabels || r.full(e) {
				return out, nil
			}
		}
		r.bar.At(0, 0, len(out), time.Now())
	}
}

// others are messages of customers, whatever they are about.
func (r *reader) others(ctx context.Context) (out []training.Example, err error) {
	defer r.bar.Clear()
	for before := int64(0); ; {
		page, err := r.store.Decided.Said(ctx, before, pageSize)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, m := range page {
			before = m.ID
			e := training.Example{Subject: clipped(m.Subject), Text: clipped(m.Text), At: m.At.Time}
			if out = append(out, e); len(out) == mostOthers || r.full(e) {
				return out, nil
			}
		}
		r.bar.At(int64(len(out)), mostOthers, len(out), time.Now())
	}
}

// clipped is a text that is short enough, without half a letter at its end.
func clipped(text string) string {
	if len(text) <= longestText {
		return text
	}
	return strings.ToValidUTF8(text[:longestText], "")
}
