package workers

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/channels/limits"
)

// Meter holds the metrics that the workers count as they go. What the database knows (ages, open
// promises) is read by gauges when somebody asks. A nil Meter counts nothing.
type Meter struct {
	Accepted  *prometheus.CounterVec   // inbox
	Repeated  *prometheus.CounterVec   // inbox
	Decided   *prometheus.CounterVec   // inbox, state
	Parked    *prometheus.CounterVec   // inbox, cause
	Refused   *prometheus.CounterVec   // inbox, status
	Effects   *prometheus.CounterVec   // kind, outcome
	Late      *prometheus.CounterVec   // kind of promise
	Warned    *prometheus.CounterVec   // kind of promise
	Commit    *prometheus.HistogramVec // stage: messages in one commit
	Took      *prometheus.HistogramVec // stage: seconds
	Conflicts prometheus.Counter
	Failures  *prometheus.CounterVec   // inbox: fetches that failed
	Scans     *prometheus.CounterVec   // scanner, outcome
	ScanTook  *prometheus.HistogramVec // scanner: seconds
}

// NewMeter makes the metrics and registers them.
func NewMeter(r prometheus.Registerer) *Meter {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "frontdesk", Name: name, Help: help}, labels)
		r.MustRegister(c)
		return c
	}
	histogram := func(name, help string, buckets []float64) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "frontdesk", Name: name, Help: help, Buckets: buckets}, []string{"stage"})
		r.MustRegister(h)
		return h
	}
	m := &Meter{
		Accepted: counter("accepted_total", "Messages recorded.", "inbox"),
		Repeated: counter("repeated_total", "Deliveries of messages that were recorded before.", "inbox"),
		Decided:  counter("decided_total", "Messages decided, by state.", "inbox", "state"),
		Parked:   counter("parked_total", "Messages parked, by cause.", "inbox", "cause"),
		Refused:  counter("refused_total", "Webhook calls refused, by HTTP status.", "inbox", "status"),
		Effects:  counter("effects_total", "Outbox rows worked on, by kind and outcome (sent, failed, retried, refused, withheld, fallback).", "kind", "outcome"),
		Late:     counter("promises_broken_total", "Promises that passed their time.", "kind"),
		Warned:   counter("promises_warned_total", "Warnings before promises pass.", "kind"),
		Commit:   histogram("commit_size", "Messages in one commit.", []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}),
		Took:     histogram("commit_seconds", "Time of one commit.", prometheus.ExponentialBuckets(0.0005, 2, 14)),
		Failures: counter("fetch_failures_total", "Fetches that failed.", "inbox"),
	}
	m.Conflicts = prometheus.NewCounter(prometheus.CounterOpts{Namespace: "frontdesk", Name: "conflicts_total", Help: "Batches decided again because another worker was first."})
	m.Scans = counter("scans_total", "Messages and files that a scanner was asked about, by what came of it.", "scanner", "outcome")
	m.ScanTook = prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "frontdesk", Name: "scan_seconds",
		Help: "Time until a scanner's opinion.", Buckets: prometheus.ExponentialBuckets(0.002, 2, 14)}, []string{"scanner"})
	r.MustRegister(m.Conflicts, m.ScanTook)
	return m
}

// Crowd registers the figures of the memory that messages share until they are recorded.
func (m *Meter) Crowd(r prometheus.Registerer, b *limits.Budget) {
	r.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "frontdesk", Name: "inflight_bytes",
			Help: "Bytes of messages that are being taken in."}, func() float64 { return float64(b.Held()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "frontdesk", Name: "inflight_refused_total",
			Help: "Messages told to come back because limits.max_inflight was reached."}, func() float64 { return float64(b.Refused()) }))
}

// CountRefused counts a webhook call that was refused, by its status.
func (m *Meter) CountRefused(inbox string, status int) {
	if m != nil {
		m.Refused.WithLabelValues(inbox, strconv.Itoa(status)).Inc()
	}
}

// CountCommit counts one commit of a stage: its messages and its time.
func (m *Meter) CountCommit(stage string, size int, took time.Duration) {
	if m != nil {
		m.Commit.WithLabelValues(stage).Observe(float64(size))
		m.Took.WithLabelValues(stage).Observe(took.Seconds())
	}
}

// CountRecorded counts a delivery that was recorded, or had been before.
func (m *Meter) CountRecorded(inbox string, fresh bool) {
	if m == nil {
		return
	}
	if fresh {
		m.Accepted.WithLabelValues(inbox).Inc()
		return
	}
	m.Repeated.WithLabelValues(inbox).Inc()
}

// CountDecided counts a decision.
func (m *Meter) CountDecided(inbox, state, cause string) {
	if m == nil {
		return
	}
	m.Decided.WithLabelValues(inbox, state).Inc()
	if state == "parked" {
		m.Parked.WithLabelValues(inbox, cause).Inc()
	}
}

// CountConflict counts a batch that is decided again, because another worker was first.
func (m *Meter) CountConflict() {
	if m != nil {
		m.Conflicts.Inc()
	}
}

// CountEffect counts one attempt at a row of the outbox.
func (m *Meter) CountEffect(kind, outcome string) {
	if m != nil {
		m.Effects.WithLabelValues(kind, outcome).Inc()
	}
}

// CountFailedFetch counts a fetch that failed.
func (m *Meter) CountFailedFetch(inbox string) {
	if m != nil {
		m.Failures.WithLabelValues(inbox).Inc()
	}
}

// CountPromise counts a promise that was warned of, or broken.
func (m *Meter) CountPromise(kind, event string) {
	switch {
	case m == nil:
	case event == "broken":
		m.Late.WithLabelValues(kind).Inc()
	default:
		m.Warned.WithLabelValues(kind).Inc()
	}
}

// Scanned counts one opinion of a scanner.
func (m *Meter) Scanned(scanner, outcome string, took time.Duration) {
	if m != nil {
		m.Scans.WithLabelValues(scanner, outcome).Inc()
		m.ScanTook.WithLabelValues(scanner).Observe(took.Seconds())
	}
}
