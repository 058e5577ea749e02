package gauges

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/service"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/workerstest"
)

func gaugeRig(t *testing.T) (*store.Store, *engine.Engine) {
	t.Helper()
	redis, err := engine.StartEmbedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Close)
	e, err := engine.New(engine.Config{Redis: redis.Client()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return storetest.SQLite(t), e
}

// record records messages that were received that long ago.
func record(t *testing.T, s *store.Store, inbox string, ago time.Duration, bulk bool, keys ...string) []int64 {
	t.Helper()
	at := time.Now().Add(-ago)
	var lot intake.Lot
	for _, k := range keys {
		lot.Items = append(lot.Items, intake.Item{Bulk: bulk, Delivery: channels.Delivery{Inbox: inbox, Channel: "sms", Key: k, At: at, Raw: []byte(k)}})
	}
	got, err := s.Intake.Record(t.Context(), lot, at)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, r := range got {
		ids = append(ids, r.ID)
	}
	return ids
}

func decide(t *testing.T, s *store.Store, ids []int64, from int, now time.Time, change func(*pipeline.Plan)) {
	t.Helper()
	pending, err := s.Backlog.Undecided(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range pending {
		dec := storetest.Opening(t, s, p, storetest.Phone(from+i), now)
		if change != nil {
			change(&dec.Plan)
		}
		if err := s.Commit.Commit(t.Context(), []commit.Decision{dec}, now); err != nil {
			t.Fatal(err)
		}
	}
}

func TestGaugesTellWhatTheDatabaseHolds(t *testing.T) {
	s, e := gaugeRig(t)
	now := time.Now()
	decide(t, s, record(t, s, "hotline", 30*time.Hour, false, "late"), 1, now, nil)
	decide(t, s, record(t, s, "hotline", time.Minute, false, "fresh"), 2, now, nil)
	decide(t, s, record(t, s, "hotline", time.Minute, false, "capped"), 3, now, func(p *pipeline.Plan) { p.Effects[0].Cause = "sender-cap" })
	decide(t, s, record(t, s, "hotline", time.Minute, false, "spam"), 4, now, func(p *pipeline.Plan) {
		*p = pipeline.Plan{Message: p.Message, State: messages.Parked, Cause: causes.Spam, Row: p.Row}
	})
	record(t, s, "hotline", 90*time.Second, false, "w1", "w2")
	record(t, s, "archive", time.Hour, true, "w3")
	if err := s.Service.InboxSeen(t.Context(), []service.InboxStatus{
		{Inbox: "hotline", Channel: "sms", State: workers.InboxOK, Contact: now.Add(-30 * time.Second), Lag: 7 * time.Second},
		{Inbox: "archive", Channel: "email", State: workers.InboxFailing, Err: "refused"}}, now); err != nil {
		t.Fatal(err)
	}
	if err := e.Enqueue(t.Context(), engine.Task{Kind: engine.Process, IDs: []int64{1}}); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{
		`frontdesk_acknowledgements{state="due"}`:                             2,
		`frontdesk_acknowledgements{state="withheld"}`:                        1,
		`frontdesk_acknowledgements_late`:                                     1,
		`frontdesk_outbox_unsent`:                                             2,
		`frontdesk_share{cause="spam",inbox="hotline",what="parked"}`:         0.25,
		`frontdesk_share_unusual{cause="spam",inbox="hotline",what="parked"}`: 0,
		`frontdesk_tickets{status="open"}`:                                    3,
		`frontdesk_inbox_lag_seconds{inbox="archive"}`:                        0,
		`frontdesk_inbox_lag_seconds{inbox="hotline"}`:                        7,
		`frontdesk_inbox_up{inbox="archive"}`:                                 0,
		`frontdesk_inbox_up{inbox="hotline"}`:                                 1,
		`frontdesk_messages{state="parked"}`:                                  1,
		`frontdesk_messages{state="recorded"}`:                                3,
		`frontdesk_messages{state="ticketed"}`:                                3,
		`frontdesk_outbox{state="due"}`:                                       2,
		`frontdesk_outbox{state="withheld"}`:                                  1,
		`frontdesk_parked{cause="spam"}`:                                      1,
		`frontdesk_promises{state="due"}`:                                     3,
		`frontdesk_promises_overdue`:                                          1,
		`frontdesk_scrape_ok{part="database"}`:                                1,
		`frontdesk_scrape_ok{part="redis"}`:                                   1,
		`frontdesk_undecided{inbox="archive",lane="bulk"}`:                    1,
		`frontdesk_undecided{inbox="hotline",lane="live"}`:                    2,
	}
	got := workerstest.Values(t, New(t.Context(), s, e))
	exact := map[string]float64{}
	for name, v := range got {
		if !strings.Contains(name, "seconds") && !strings.Contains(name, "queue") || strings.Contains(name, "lag") {
			exact[name] = v
		}
	}
	if diff := cmp.Diff(want, exact); diff != "" {
		t.Errorf("gauges (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		name      string
		low, high float64
	}{
		{`frontdesk_undecided_oldest_seconds{lane="live"}`, 90, 150},
		{`frontdesk_undecided_oldest_seconds{lane="bulk"}`, 3600, 3660},
		{`frontdesk_undecided_age_seconds{inbox="hotline",lane="live"}`, 90, 150},
		{`frontdesk_undecided_age_seconds{inbox="archive",lane="bulk"}`, 3600, 3660},
		{`frontdesk_outbox_due_age_seconds`, 0.000001, 60},
		{`frontdesk_inbox_last_contact_seconds{inbox="hotline"}`, 30, 90},
		{`frontdesk_queue_depth{queue="live",state="pending"}`, 1, 1},
		{`frontdesk_queue_latency_seconds{queue="live"}`, 0, 60},
	} {
		if v, ok := got[c.name]; !ok || v < c.low || v > c.high {
			t.Errorf("%s = %v (there: %v), want %v to %v", c.name, v, ok, c.low, c.high)
		}
	}
	if _, there := got[`frontdesk_inbox_last_contact_seconds{inbox="archive"}`]; there {
		t.Error("an inbox that never answered has a last contact")
	}
}

func TestGaugesAreReadOnceForScrapesBesideEachOther(t *testing.T) {
	s, e := gaugeRig(t)
	g := New(t.Context(), s, e)
	before := workerstest.Values(t, g)[`frontdesk_messages{state="recorded"}`]
	record(t, s, "hotline", 0, false, "k1")
	if got := workerstest.Values(t, g)[`frontdesk_messages{state="recorded"}`]; got != before {
		t.Errorf("a second scrape within two seconds read again: %v, want %v", got, before)
	}
	g.at = g.at.Add(-scrapeFresh)
	if got := workerstest.Values(t, g)[`frontdesk_messages{state="recorded"}`]; got != before+1 {
		t.Errorf("a later scrape shows %v, want %v", got, before+1)
	}
}

func TestGaugesLeaveOutWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	redis, err := engine.StartEmbedded(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(engine.Config{Redis: redis.Client()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	redis.Close()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Migrate: true, Keyring: storetest.Keyring(t)}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got := workerstest.Values(t, New(t.Context(), s, e))
	if got[`frontdesk_scrape_ok{part="redis"}`] != 0 || got[`frontdesk_scrape_ok{part="database"}`] != 1 {
		t.Errorf("without Redis: %v", got)
	}
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := map[string]float64{`frontdesk_scrape_ok{part="redis"}`: 0, `frontdesk_scrape_ok{part="database"}`: 0}
	if diff := cmp.Diff(want, workerstest.Values(t, New(t.Context(), s, e))); diff != "" {
		t.Errorf("without a database (-want +got):\n%s", diff)
	}
}

// TestGaugesAskNobodyAfterTheProcess, and scrapes beside each other wait for one answer.
func TestGaugesAskNobodyAfterTheProcess(t *testing.T) {
	s, e := gaugeRig(t)
	life, end := context.WithCancel(t.Context())
	g := New(life, s, e)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if m := g.current(); len(m) == 0 {
				t.Error("a scrape beside others got nothing")
			}
		})
	}
	all.Wait()
	end()
	g.at = time.Time{}
	want := map[string]float64{`frontdesk_scrape_ok{part="redis"}`: 0, `frontdesk_scrape_ok{part="database"}`: 0}
	if diff := cmp.Diff(want, workerstest.Values(t, g)); diff != "" {
		t.Errorf("after the end (-want +got):\n%s", diff)
	}
}
