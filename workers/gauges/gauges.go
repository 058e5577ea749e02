// Package gauges shows what the database and the queues hold, whenever somebody scrapes.
package gauges

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"frontdesk/workers"
	"frontdesk/workers/engine"
	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/fates"
	"frontdesk/workers/store/view"
)

// Bounds of a scrape. Prometheus gives up after ten seconds by default; what cannot be read by then is left out
// before.
const (
	// scrapeWithin bounds what one scrape may ask of the database and Redis.
	scrapeWithin = 5 * time.Second
	// redisWithin is how soon Redis must give a sign of life.
	redisWithin = time.Second
	// scrapeFresh is how long figures serve further scrapes: two scrapers cost as much as one.
	scrapeFresh = 2 * time.Second
)

// Gauges are the metrics that are read from the database and the engine when somebody asks. Unlike the Meter's they
// are of the whole installation, not of this process. A part that cannot be read is left out, and frontdesk_scrape_ok
// says so. Collect may be called by several at a time; of those only one asks.
type Gauges struct {
	ctx    context.Context // of the process: a prometheus.Collector is given none
	store  *store.Store
	engine *engine.Engine
	descs  map[string]*prometheus.Desc

	reading singleflight.Group
	mu      sync.Mutex // never held while they are read
	at      time.Time
	metrics []prometheus.Metric
}

// gauge is one metric as it is documented: name without the prefix frontdesk_, its help, its labels.
type gauge struct {
	name, help string
	labels     []string
}

// gauges are all of them. A new one takes a line here, a call of set, and a line in docs/operations.md. Labels hold
// names of the configuration and of our own lists only, so their number is bounded.
func gauges() []gauge {
	return []gauge{
		{"messages", "Messages by state, undecided ones as recorded.", []string{"state"}},
		{"parked", "Messages that are set aside for a person, by cause.", []string{"cause"}},
		{"tickets", "Tickets by status.", []string{"status"}},
		{"undecided", "Messages without a decision, by inbox and lane (live, bulk).", []string{"inbox", "lane"}},
		{"undecided_oldest_seconds", "Age of the oldest message without a decision, by lane; 0 when none waits.", []string{"lane"}},
		{"outbox", "Outbox rows of every kind by state.", []string{"state"}},
		{"undecided_age_seconds", "Age of the oldest message without a decision, by inbox and lane; nothing where none waits.", []string{"inbox", "lane"}},
		{"outbox_due_age_seconds", "How long the outbox row that waits longest could have been done already; 0 when none is due.", nil},
		{"outbox_unsent", "Outbox rows that are still to be done.", nil},
		{"acknowledgements", "Acknowledgements and digests by state (due, sending, sent, delivered, failed, fallback, withheld).", []string{"state"}},
		{"acknowledgements_late", "Acknowledgements whose promise has passed without them.", nil},
		{"acknowledgements_held", "Acknowledgements that were withheld within seven days and that a person may let go, by cause and inbox.", []string{"cause", "inbox"}},
		{"share", "Share of an inbox's messages that were set aside (parked) or went unanswered (withheld) for that cause, of 1, within six hours or a day.", []string{"inbox", "what", "cause"}},
		{"share_unusual", "1 when that share has left the band in which it lay in the two weeks before, else 0.", []string{"inbox", "what", "cause"}},
		{"promises", "Promises by state.", []string{"state"}},
		{"promises_overdue", "Promises that have passed and are not settled.", nil},
		{"inbox_up", "1 when the inbox answers, 0 when it fails.", []string{"inbox"}},
		{"inbox_lag_seconds", "Age of the oldest message that the source still holds for us.", []string{"inbox"}},
		{"inbox_last_contact_seconds", "Seconds since the source last answered.", []string{"inbox"}},
		{"queue_depth", "Tasks in a queue by state.", []string{"queue", "state"}},
		{"queue_latency_seconds", "Age of the oldest waiting task of a queue.", []string{"queue"}},
		{"audit_findings", "Places where a sum did not hold in the last audit, by rule; nothing before the first.", []string{"rule"}},
		{"audit_last_seconds", "Seconds since the last audit; nothing before the first.", nil},
		{"audit_last_clean_seconds", "Seconds since the last audit in which every sum held; nothing before the first.", nil},
		{"audit_took_seconds", "How long the last audit took; nothing before the first.", nil},
		{"scrape_ok", "1 when that part (database, redis) could be read for this scrape.", []string{"part"}},
	}
}

// New makes the collector; the caller registers it, once. It asks nobody any more once ctx has ended.
func New(ctx context.Context, s *store.Store, e *engine.Engine) *Gauges {
	g := &Gauges{ctx: ctx, store: s, engine: e, descs: map[string]*prometheus.Desc{}}
	for _, m := range gauges() {
		g.descs[m.name] = prometheus.NewDesc(prometheus.BuildFQName("frontdesk", "", m.name), m.help, m.labels, nil)
	}
	return g
}

// Describe implements prometheus.Collector.
func (g *Gauges) Describe(out chan<- *prometheus.Desc) {
	for _, d := range g.descs {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (g *Gauges) Collect(out chan<- prometheus.Metric) {
	for _, m := range g.current() {
		out <- m
	}
}

// current returns figures that are fresh: one scrape asks, and others that come meanwhile wait for its answer.
func (g *Gauges) current() []prometheus.Metric {
	metrics, fresh := g.last()
	if fresh {
		return metrics
	}
	g.reading.Do("", func() (any, error) { //nolint:errcheck // a part that cannot be read is left out
		if _, fresh := g.last(); !fresh { // they may just have been read
			g.renew()
		}
		return nil, nil
	})
	metrics, _ = g.last()
	return metrics
}

func (g *Gauges) last() (metrics []prometheus.Metric, fresh bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.metrics, time.Since(g.at) < scrapeFresh
}

// renew reads outside of the lock, so that a database that hangs holds up only those who scrape.
func (g *Gauges) renew() {
	ctx, cancel := context.WithTimeout(g.ctx, scrapeWithin)
	defer cancel()
	metrics := g.read(ctx, time.Now())
	g.mu.Lock()
	defer g.mu.Unlock()
	g.metrics, g.at = metrics, time.Now()
}

// scrape gathers the metrics of one scrape.
type scrape struct {
	g   *Gauges
	out []prometheus.Metric
}

// set adds a value. A wrong number of labels is a metric that says so, not a panic in the middle of a scrape.
func (r *scrape) set(name string, value float64, labels ...string) {
	m, err := prometheus.NewConstMetric(r.g.descs[name], prometheus.GaugeValue, value, labels...)
	if err != nil {
		m = prometheus.NewInvalidMetric(r.g.descs[name], err)
	}
	r.out = append(r.out, m)
}

func (r *scrape) each(name string, values map[string]int64) {
	for label, n := range values {
		r.set(name, float64(n), label)
	}
}

// read asks part by part: what one cannot say, the others still do. The database costs four short reads, see
// view.Counts.
func (g *Gauges) read(ctx context.Context, now time.Time) []prometheus.Metric {
	r := &scrape{g: g}
	database := 1.0
	if counts, err := g.store.View.Counts(ctx, now); err == nil {
		r.counts(counts, now)
	} else {
		database = 0
	}
	if inboxes, err := g.store.View.Inboxes(ctx); err == nil {
		r.inboxes(inboxes, now)
	} else {
		database = 0
	}
	if shares, err := g.store.Fates.Shares(ctx, now); err == nil {
		r.shares(shares)
	} else {
		database = 0
	}
	if last, err := g.store.Auditing.LastAudit(ctx); err == nil {
		r.audit(last, now)
	} else {
		database = 0
	}
	r.set("scrape_ok", database, "database")
	depths, err := g.depths(ctx)
	if err != nil {
		r.set("scrape_ok", 0, "redis")
		return r.out
	}
	r.queues(depths)
	r.set("scrape_ok", 1, "redis")
	return r.out
}

// depths asks Redis for a sign of life first: looking at the queues itself knows no deadline.
func (g *Gauges) depths(ctx context.Context) ([]engine.Depth, error) {
	alive, cancel := context.WithTimeout(ctx, redisWithin)
	defer cancel()
	if err := g.engine.Ping(alive); err != nil {
		return nil, err
	}
	return g.engine.Depths(ctx)
}

// counts turns the figures into metrics. Undecided messages are counted as recorded, which no counter does; a lane
// without any is 0, so that an alarm over the age of the oldest has a value to compare.
func (r *scrape) counts(c view.Counts, now time.Time) {
	messages := map[string]int64{"recorded": 0}
	maps.Copy(messages, c.Messages)
	oldest := map[string]float64{"live": 0, "bulk": 0}
	for _, u := range c.Undecided {
		lane := "live"
		if u.Bulk {
			lane = "bulk"
		}
		messages["recorded"] += u.Count
		r.set("undecided", float64(u.Count), u.Inbox, lane)
		r.set("undecided_age_seconds", max(0, now.Sub(u.Oldest.Time).Seconds()), u.Inbox, lane)
		oldest[lane] = max(oldest[lane], now.Sub(u.Oldest.Time).Seconds())
	}
	for lane, seconds := range oldest {
		r.set("undecided_oldest_seconds", seconds, lane)
	}
	r.each("messages", messages)
	r.each("parked", c.Parked)
	r.each("tickets", c.Tickets)
	r.each("outbox", c.Effects)
	due := 0.0
	if !c.DueSince.IsZero() {
		due = max(0, now.Sub(c.DueSince.Time).Seconds())
	}
	r.set("outbox_due_age_seconds", due)
	r.set("outbox_unsent", float64(c.Unsent))
	r.each("acknowledgements", c.Acknowledgements)
	r.set("acknowledgements_late", float64(c.Late))
	for _, h := range c.Held {
		r.set("acknowledgements_held", float64(h.Count), h.Cause, h.Inbox)
	}
	r.each("promises", c.Promises)
	r.set("promises_overdue", float64(c.Overdue))
}

// inboxes says of each inbox whether it works. One that never had contact has no age of it: 0 would look like now.
func (r *scrape) inboxes(inboxes []view.Inbox, now time.Time) {
	for _, i := range inboxes {
		up := 1.0
		if i.State == workers.InboxFailing {
			up = 0
		}
		r.set("inbox_up", up, i.Name)
		r.set("inbox_lag_seconds", float64(i.LagSeconds), i.Name)
		if !i.LastContactAt.IsZero() {
			r.set("inbox_last_contact_seconds", max(0, now.Sub(i.LastContactAt.Time).Seconds()), i.Name)
		}
	}
}

// shares and their bands are computed by package fates; here is only whether one has left its band.
func (r *scrape) shares(all []fates.Share) {
	for _, s := range all {
		unusual := 0.0
		if s.Unusual != "" {
			unusual = 1
		}
		r.set("share", s.Share, s.Inbox, s.What, s.Cause)
		r.set("share_unusual", unusual, s.Inbox, s.What, s.Cause)
	}
}

// queues has nothing where Redis is away; scrape_ok says so.
func (r *scrape) queues(depths []engine.Depth) {
	for _, q := range depths {
		for state, n := range map[string]int{"pending": q.Pending, "active": q.Active, "scheduled": q.Scheduled, "retry": q.Retry, "archived": q.Archived} {
			r.set("queue_depth", float64(n), q.Queue, state)
		}
		r.set("queue_latency_seconds", q.Latency.Seconds(), q.Queue)
	}
}

// audit has a 0 for each rule, so that an alarm sees a finding as a step and not as a new series.
func (r *scrape) audit(last auditing.AuditMark, now time.Time) {
	if last.At.IsZero() {
		return // there was none yet
	}
	for _, rule := range auditing.Rules() {
		r.set("audit_findings", float64(last.Found[rule]), string(rule))
	}
	r.set("audit_last_seconds", now.Sub(last.At).Seconds())
	r.set("audit_took_seconds", last.Took.Seconds())
	if !last.Clean.IsZero() {
		r.set("audit_last_clean_seconds", now.Sub(last.Clean).Seconds())
	}
}
