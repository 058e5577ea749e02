package worldtest

import (
	"fmt"
	"strings"

	"frontdesk/workers/store/answering"
	"frontdesk/workers/store/viewer"
)

// draft is what an agent was told is saved.
type draft struct {
	answering.Draft
	author int64
}

// saved notes that an agent was told that his draft is saved.
func (b *book) saved(v viewer.Viewer, d answering.Draft, version int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drafts == nil {
		b.drafts = map[string]draft{}
	}
	key := fmt.Sprint(d.Ticket, " ", v.User, " ", d.Kind)
	if before, there := b.drafts[key]; !there || before.Version < version {
		d.Version = version
		b.drafts[key] = draft{d, v.User}
	}
}

// drafts: what was saved lies there until it is sent, or its customer is erased.
func (j *judge) drafts() {
	b := j.w.book
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.drafts {
		// Of tickets that were merged, also for a time, drafts are joined where they are worked on: that is tried in the store's cases.
		if j.count(`SELECT count(*) FROM merges WHERE source = ? OR target = ?`, d.Ticket, d.Ticket) > 0 ||
			j.count(`SELECT count(*) FROM replies WHERE ticket = ? AND author = ? AND kind = ?`, d.Ticket, d.author, string(d.Kind)) > 0 ||
			j.count(`SELECT count(*) FROM messages WHERE ticket = ? AND erased_at <> 0`, d.Ticket) > 0 {
			continue
		}
		var version int64
		var text string
		j.each(`SELECT version, text FROM drafts WHERE ticket = ? AND author = ? AND kind = ?`, func(scan func(...any) error) error { return scan(&version, &text) }, d.Ticket, d.author, string(d.Kind))
		first, _, _ := strings.Cut(d.Text, "\n")
		if version < d.Version || version == d.Version && !strings.HasPrefix(text, first) {
			j.w.fail("a draft stays until it is sent", "that of agent %d on ticket %d was saved as %d (%q), and is %d (%q)", d.author, d.Ticket, d.Version, first, version, text)
		}
	}
}

// answered is what agents did in worlds, for the figures of a run.
type answered struct{ worlds, killed, drafts, sent, undone int }

// add adds a world.
func (a *answered) add(w *world) {
	if !w.staffed {
		return
	}
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	a.worlds++
	a.killed += int(w.killed.Load())
	a.drafts += len(w.book.drafts)
	for _, p := range w.book.answers {
		switch {
		case p.undone:
			a.undone++
		case p.reply != 0:
			a.sent++
		}
	}
}

func (a answered) String() string {
	return fmt.Sprintf("in %d of them agents worked, processes died %d times while somebody was about to send, %d drafts were saved, %d texts sent and %d answers taken back", a.worlds, a.killed, a.drafts, a.sent, a.undone)
}
