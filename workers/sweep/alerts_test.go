package sweep

import (
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/pipeline/domain/alerts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/route/assign"
	"frontdesk/workers/store/alerting"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/users"
	"frontdesk/workers/store/view"
	"frontdesk/workers/store/viewer"
)

// TestWhatHappensIsGatheredByTheSweepsClock: an agent who is away is told of all that was given to him, and of what is about to break there, by one mail, when
// the time of gathering is over; then no sooner than it is over again.
func TestWhatHappensIsGatheredByTheSweepsClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(noon))
		r := newRig(t)
		r.RealTime()
		r.Settings.Promise.Warn = []float64{0.001}
		u, err := r.Store.Users.Add(t.Context(), users.User{Login: "li", Email: "li@desk.example"}, time.Now(), "test")
		r.Must(err)
		r.Must(r.Store.Users.SetGrants(t.Context(), u.ID, []viewer.Grant{{Role: viewer.Agent}}, time.Now(), "test"))
		li := viewer.Viewer{User: u.ID, Login: "li"}
		c := alerts.Default()
		c.On[alerts.Given], c.On[alerts.Risk] = []alerts.Way{alerts.Mail}, []alerts.Way{alerts.Mail}
		r.Must(r.Store.Alerts.Choose(t.Context(), li, c, time.Now()))
		lead := viewer.Viewer{User: 99, Login: "lead", Grants: []viewer.Grant{{Role: viewer.Lead, Queue: viewer.Every}}}
		s := New(Config{Store: r.Store, Notifier: r.notifier, Meter: r.meter, Logger: r.Logger, Alerts: &alerting.Rules{Bounds: alerts.Bounds{Gather: 5 * time.Minute, Hourly: 6}, Inbox: "support", Channel: "email"}})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { s.Run(ctx); close(done) }()
		time.Sleep(2500 * time.Millisecond) // what follows stands between two beats: one between leaving and the rows below would take his tickets back
		synctest.Wait()
		give := func(key, from string) {
			t.Helper()
			ticket := r.Opened("hotline", key, letter{From: from, Text: payment}).Message.Ticket
			_, err := r.Store.Agents.Hear(t.Context(), u.ID, time.Now())
			r.Must(err)
			r.Must(r.Store.Desk.Give(t.Context(), lead, ticket, u.ID, assign.Rules{Limit: 100}, time.Now()))
		}
		posts := func() (out []int) {
			t.Helper()
			rows, err := r.Store.View.Outbox(t.Context(), view.Page{Limit: 100})
			r.Must(err)
			for _, row := range rows {
				if row.Kind != effects.KindAlert {
					continue
				}
				var p alerting.Post
				r.Must(r.Store.Base.Read(t.Context(), "reading a payload", sql.Ask(sql.Value(func(payload string) { r.Must(json.Unmarshal([]byte(payload), &p)) }), `SELECT o.payload FROM outbox o WHERE o.id = $1`, row.ID)))
				out = append(out, len(p.Items))
			}
			return out
		}
		give("k1", "+8613800138001")
		time.Sleep(20 * time.Second)
		give("k2", "+8613800138002")
		r.Must(r.Store.Agents.Move(t.Context(), u.ID, "leave", time.Now()))
		r.Database(`UPDATE desk SET begun_at = given_at`) // so that they stay his
		r.Database(`UPDATE desk SET since_at = 9000000000000000`)
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		r.Same("it is gathered", 0, len(posts()))
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := posts(); len(got) != 1 || got[0] < 2 {
			t.Errorf("posts with so many events each: %v", got)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		r.Same("and told once", 1, len(posts()))
		stop()
		<-done
	})
}

// TestWhoTellsNobodyKeepsNothingForIt: a house without mail and webhooks of people's own forgets up to where it was noted.
func TestWhoTellsNobodyKeepsNothingForIt(t *testing.T) {
	r := newRig(t)
	walks := func() (n int) {
		r.Must(r.Store.Base.Read(t.Context(), "counting", sql.Ask(sql.Into(&n), `SELECT count(*) FROM alert_walk`)))
		return n
	}
	s := New(Config{Store: r.Store, Notifier: r.notifier, Meter: r.meter, Logger: r.Logger, Alerts: &alerting.Rules{Inbox: "support", Channel: "email", Bounds: alerts.Bounds{Gather: time.Minute, Hourly: 1}}})
	s.once(t.Context(), r.Time())
	r.Same("it walks", 1, walks())
	r.sweep().once(t.Context(), r.Time())
	r.Same("it does not", 0, walks())
}
