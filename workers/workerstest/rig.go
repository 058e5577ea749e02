// Package workerstest is the ground under the tests of the workers' rooms: a store on a clock that the test holds, messages with
// their decoder, faults of what lies below, and what the tests ask of the store. It knows no room, so that each can use it from within.
package workerstest

import (
	"context"
	"database/sql"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/meta"
	"frontdesk/pipeline"
	"frontdesk/pipeline/pipelinetest"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
	"frontdesk/workers/store/blobs"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/view"
)

// Noon is the time of the tests that hold the clock.
var Noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// Payment is a customer's matter.
const Payment = "My payment of 200 USD failed yesterday, order 20261119001."

// Rig is a desk without workers. A room's tests embed it, add their worker, and hand each task on by themselves.
type Rig struct {
	T        testing.TB
	Store    *store.Store
	Dir      string // of the store
	Blobs    *Blobs
	Queue    *Queue // in place of the engine
	Logs     *Log
	Logger   *slog.Logger
	Settings *pipeline.Settings
	// Recorded is told of what Accept recorded; nil tells nobody.
	Recorded func(engine.Task)
	// Decide decides messages, by ids; without it each opens a ticket, whatever it says.
	Decide func(ctx context.Context, ids []int64) error
	mu     sync.Mutex
	now    time.Time // zero: the real time
}

// prepared is what costs time to make and is the same for every test.
type prepared struct {
	once     sync.Once
	settings *pipeline.Settings
}

var ready prepared

// copied are settings that a test may change.
func (p *prepared) copied(t testing.TB) *pipeline.Settings {
	t.Helper()
	p.once.Do(func() {
		p.settings = pipelinetest.Settings(t, pipeline.Inbox{Name: "support", Channel: "email", Address: "support@desk.example"},
			pipeline.Inbox{Name: "hotline", Channel: "sms", Address: "+85230000000"}, pipeline.Inbox{Name: "bot", Channel: "telegram", Address: "desk_bot"})
	})
	if p.settings == nil {
		t.Fatal("an earlier test could not prepare what all need")
	}
	s := *p.settings
	s.Inboxes = maps.Clone(s.Inboxes)
	return &s
}

// New opens a store at noon. It is closed at the test's end.
func New(t testing.TB) *Rig {
	t.Helper()
	r := &Rig{T: t, now: Noon, Logs: &Log{}, Queue: &Queue{}, Blobs: &Blobs{Store: blobs.NewMemory()}, Settings: ready.copied(t)}
	r.Store = storetest.SQLite(t, func(o *store.Options) { r.Dir, o.Blobs = o.Dir, r.Blobs })
	r.Logger = slog.New(slog.NewTextHandler(r.Logs, nil))
	return r
}

// InBubble runs a test in a bubble of its own, whose clock begins at noon.
func InBubble(t *testing.T, f func(t *testing.T)) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(Noon))
		f(t)
	})
}

// Time is the rig's time.
func (r *Rig) Time() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now.IsZero() {
		return time.Now()
	}
	return r.now
}

// Pass moves the clock on.
func (r *Rig) Pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = r.now.Add(d)
}

// RealTime lets the clock go: the rig's time is the real one from now on, or the bubble's.
func (r *Rig) RealTime() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = time.Time{}
}

// Must ends the test on an error.
func (r *Rig) Must(err error) {
	r.T.Helper()
	if err != nil {
		r.T.Fatal(err)
	}
}

// Same compares.
func (r *Rig) Same(what string, want, got any) {
	r.T.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		r.T.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Database runs a statement beside the store.
func (r *Rig) Database(statement string) {
	r.T.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.Dir, "frontdesk.db")+"?_pragma=busy_timeout(10000)")
	r.Must(err)
	defer db.Close()
	_, err = db.Exec(statement)
	r.Must(err)
}

// Delivery is a letter that the inbox's source received just now.
func (r *Rig) Delivery(inbox, key string, l Letter) channels.Delivery {
	channel := map[string]string{"support": "email", "hotline": "sms", "bot": "telegram"}[inbox]
	return channels.Delivery{Inbox: inbox, Channel: channel, Key: key, At: r.Time(), Raw: l.Raw()}
}

// Accept records deliveries, as they are handed over at a door, and returns their ids.
func (r *Rig) Accept(deliveries ...channels.Delivery) []int64 {
	r.T.Helper()
	var lot intake.Lot
	for _, d := range deliveries {
		facts := map[string]string{meta.Door: "yes"}
		maps.Copy(facts, d.Meta)
		d.Meta = facts
		lot.Items = append(lot.Items, intake.Item{Delivery: d})
	}
	recorded, err := r.Store.Intake.Record(r.T.Context(), lot, r.Time())
	r.Must(err)
	var ids, fresh []int64
	for _, d := range recorded {
		ids = append(ids, d.ID)
		if d.New {
			fresh = append(fresh, d.ID)
		}
	}
	if r.Recorded != nil {
		r.Recorded(engine.Task{Kind: engine.Process, IDs: fresh})
	}
	return ids
}

// Process decides messages.
func (r *Rig) Process(ids ...int64) {
	r.T.Helper()
	if r.Decide != nil {
		r.Must(r.Decide(r.T.Context(), ids))
		return
	}
	pending, err := r.Store.Backlog.Undecided(r.T.Context(), ids)
	r.Must(err)
	for _, p := range pending {
		r.Must(r.Store.Commit.Commit(r.T.Context(), []commit.Decision{storetest.Opening(r.T, r.Store, p, storetest.Phone(int(p.ID)), r.Time())}, r.Time()))
	}
}

// Worker is who decides, as this package knows him.
type Worker interface {
	Run(ctx context.Context)
	Handle(ctx context.Context, w engine.Work) error
}

// By has a worker decide, a new one each time: he runs until none of the messages is due any more.
func (r *Rig) By(newWorker func() Worker) {
	r.Decide = func(ctx context.Context, ids []int64) error {
		w := newWorker()
		ctx, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.Run(ctx)
		}()
		defer func() {
			stop()
			<-ended
		}()
		for left := len(ids) + 1; ; {
			if err := w.Handle(ctx, engine.Work{Kind: engine.Process, Due: true}); err != nil {
				return err
			}
			pending, err := r.Store.Backlog.Undecided(ctx, ids)
			if err != nil || len(pending) == 0 || len(pending) >= left {
				return err
			}
			left = len(pending)
		}
	}
}

// Opened takes a letter in, decides it, and returns its story.
func (r *Rig) Opened(inbox, key string, l Letter) view.Story {
	r.T.Helper()
	id := r.Accept(r.Delivery(inbox, key, l))[0]
	r.Process(id)
	return r.Story(id)
}

// Story is a message's.
func (r *Rig) Story(id int64) view.Story {
	r.T.Helper()
	s, err := r.Store.View.Trace(r.T.Context(), id)
	r.Must(err)
	return s
}

// States are the states and causes of messages.
func (r *Rig) States(ids ...int64) []string {
	r.T.Helper()
	var out []string
	for _, id := range ids {
		m := r.Story(id).Message
		state := m.State
		if m.Cause != "" {
			state += " " + m.Cause
		}
		out = append(out, state)
	}
	return out
}

// Kept are the contents of a message's files that are here.
func (r *Rig) Kept(message int64) map[string]string {
	r.T.Helper()
	out := map[string]string{}
	for _, a := range r.Story(message).Attachments {
		if a.Digest == "" {
			continue
		}
		content, err := r.Store.Files.Blob(r.T.Context(), a.Digest)
		r.Must(err)
		out[a.Name] = string(content)
	}
	return out
}

// Effect is an outbox row as it stands.
func (r *Rig) Effect(id int64) view.OutboxRow {
	r.T.Helper()
	rows, err := r.Store.View.Outbox(r.T.Context(), view.Page{ID: id})
	r.Must(err)
	if len(rows) != 1 || rows[0].ID != id {
		r.T.Fatalf("there is no outbox row %d", id)
	}
	return rows[0]
}

// Undecided counts what waits for its decision.
func (r *Rig) Undecided(inbox string) int {
	r.T.Helper()
	n, err := r.Store.Backlog.CountUndecided(r.T.Context(), inbox)
	r.Must(err)
	return n
}

// Messages are all of them.
func (r *Rig) Messages() []view.Message {
	r.T.Helper()
	list, err := r.Store.View.Messages(r.T.Context(), view.Page{Limit: 1000})
	r.Must(err)
	return list
}
