package deliver

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/engine"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/storetest"
)

// BenchmarkHandOver is what handing an acknowledgement to a provider that takes it at once costs: claim, text, notes, record.
func BenchmarkHandOver(b *testing.B) {
	r := newRig(b)
	r.Pass(time.Since(r.Time()))
	r.senders["hotline"] = sendFunc(wellDone)
	d := r.deliverer()
	var err error
	if d.journal, _, err = OpenJournal(filepath.Join(b.TempDir(), "sent.log"), r.Logger); err != nil {
		b.Fatal(err)
	}
	r.Must(d.journal.Forget())
	const many = 512
	for b.Loop() {
		b.StopTimer()
		ids := dueAcknowledgements(b, r, many)
		b.StartTimer()
		for some := range slices.Chunk(ids, 128) {
			r.Must(d.Handle(b.Context(), engine.Work{Inbox: "hotline", IDs: some}))
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*many), "µs/send")
}

// dueAcknowledgements are n of as many tickets.
func dueAcknowledgements(b *testing.B, r *rig, n int) (ids []int64) {
	b.Helper()
	lot := intake.Lot{}
	for range n {
		lot.Items = append(lot.Items, intake.Item{Delivery: channels.Delivery{Inbox: "hotline", Channel: "sms", Key: b.Name() + time.Now().String(), At: r.Time(), Raw: []byte("hello")}})
	}
	recorded, err := r.Store.Intake.Record(b.Context(), lot, r.Time())
	r.Must(err)
	messages := make([]int64, n)
	for i, m := range recorded {
		messages[i] = m.ID
	}
	pending, err := r.Store.Backlog.Undecided(b.Context(), messages)
	r.Must(err)
	var decisions []commit.Decision
	for _, p := range pending {
		dec := storetest.Opening(b, r.Store, p, storetest.Phone(int(p.ID)), r.Time())
		decisions = append(decisions, dec)
		ids = append(ids, dec.Plan.Effects[0].ID)
	}
	r.Must(r.Store.Commit.Commit(b.Context(), decisions, r.Time()))
	if len(ids) != n || decisions[0].Plan.Effects[0].Kind != effects.KindAcknowledgement {
		b.Fatalf("%d acknowledgements are due", len(ids))
	}
	return ids
}
