package sweep

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/workers/engine"
	"frontdesk/workers/gauges"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/workerstest"
)

func (r *rig) audit(holder string) *Audit {
	return NewAudit(r.Store, holder, time.Hour, nil, r.Logger)
}

func (r *rig) lastAudit() auditing.AuditMark {
	r.T.Helper()
	m, err := r.Store.Auditing.LastAudit(r.T.Context())
	r.Must(err)
	return m
}

// engine is one whose Redis has just been started.
func (r *rig) engine() *engine.Engine {
	r.T.Helper()
	redis, err := engine.StartEmbedded(r.T.Context())
	r.Must(err)
	r.T.Cleanup(redis.Close)
	e, err := engine.New(engine.Config{Redis: redis.Client()})
	r.Must(err)
	r.T.Cleanup(func() { e.Close() })
	return e
}

func TestTheServiceAuditsItself(t *testing.T) {
	r := newRig(t)
	a, other := r.audit("a"), r.audit("b")
	ids := r.Accept(r.Delivery("hotline", "k1", letter{From: "+8613800138000", Text: payment}), r.Delivery("hotline", "k2", letter{From: "+8613800138001", Text: payment}))
	r.Process(ids...)
	r.sent(r.Story(ids[0]).Effects[0].ID, r.Story(ids[1]).Effects[0].ID)
	r.Must(a.once(t.Context(), r.Time()))
	first := r.lastAudit()
	r.Same("first", []any{noon, noon, noon, 0}, []any{first.At.UTC(), first.Clean.UTC(), first.Whole.UTC(), len(first.Found)})

	r.Database(`UPDATE tickets SET messages = 7 WHERE id = 1`)
	r.Pass(59 * time.Minute)
	r.Must(other.once(t.Context(), r.Time()))
	r.Same("within the hour nobody audits again", first, r.lastAudit())

	r.Pass(time.Minute)
	held, err := r.Store.Service.Lease(t.Context(), auditLease, "somebody", r.Time(), time.Minute)
	r.Must(err)
	r.Must(other.once(t.Context(), r.Time()))
	r.Same("nor while another process is at it", []any{true, first}, []any{held, r.lastAudit()})

	r.Must(r.Store.Service.ReleaseLease(t.Context(), auditLease, "somebody"))
	r.Must(other.once(t.Context(), r.Time()))
	second := r.lastAudit()
	r.Same("an hour later", []any{r.Time(), noon, noon, map[auditing.Rule]int64{auditing.RuleTicket: 1}},
		[]any{second.At.UTC(), second.Clean.UTC(), second.Whole.UTC(), second.Found})
	if log := r.Logs.String(); !strings.Contains(log, "findings=1 rules=map[ticket:1]") || !strings.Contains(log, fmt.Sprintf("messages=[%d] tickets=[1]", ids[0])) {
		t.Errorf("the log is %s", log)
	}
	got := workerstest.Values(t, gauges.New(t.Context(), r.Store, r.engine()))
	r.Same("metrics", []float64{1, 0}, []float64{got[`frontdesk_audit_findings{rule="ticket"}`], got[`frontdesk_audit_findings{rule="twice"}`]})
	if got["frontdesk_audit_last_clean_seconds"] < got["frontdesk_audit_last_seconds"] {
		t.Errorf("the last clean audit was after the last one")
	}

	r.Database(`UPDATE tickets SET messages = 1 WHERE id = 1`)
	r.Database(`INSERT INTO counters (name, shard, n) VALUES ('message:bogus', 0, 3)`)
	r.Pass(time.Hour)
	r.Must(a.once(t.Context(), r.Time()))
	third := r.lastAudit()
	r.Same("mended, and only what is recent is looked at", []any{r.Time(), r.Time(), noon}, []any{third.At.UTC(), third.Clean.UTC(), third.Whole.UTC()})
	r.Pass(23 * time.Hour)
	r.Must(a.once(t.Context(), r.Time()))
	r.Same("once a day everything", int64(1), r.lastAudit().Found[auditing.RuleCounters])
}

// A million tickets are two hundred slices, during which customers write and agents work.
func TestAnAuditLeavesMostOfTheTimeToOthers(t *testing.T) {
	r := newRig(t)
	a := r.audit("a")
	lease := func(holder string, after time.Duration) bool {
		held, err := r.Store.Service.Lease(context.Background(), auditLease, holder, r.Time().Add(after), auditWithin)
		r.Must(err)
		return held
	}
	lease("a", 0)
	synctest.Test(t, func(t *testing.T) {
		rest := a.rest(r.Time())
		for _, c := range []struct{ took, rests time.Duration }{{200 * time.Millisecond, 3800 * time.Millisecond}, {time.Minute, 10 * time.Second}, {0, 0}} {
			began := time.Now()
			if err := rest(t.Context(), c.took); err != nil || time.Since(began) != c.rests {
				t.Errorf("after %v it rests for %v, %v", c.took, time.Since(began), err)
			}
		}
		time.Sleep(auditWithin - time.Minute)
		if err := rest(t.Context(), 0); err != nil || lease("b", auditWithin+time.Minute) {
			t.Errorf("a long audit does not keep its lease: %v", err)
		}
		time.Sleep(2 * auditWithin) // it stood still
		if !lease("b", 3*auditWithin) {
			t.Error("whoever stands still keeps the lease")
		}
		if err := rest(t.Context(), 0); err == nil {
			t.Error("two audit at a time")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := a.rest(r.Time())(ctx, time.Second); err == nil {
			t.Error("it rests beyond its end")
		}
	})
}
