package bench

import (
	"context"
	"fmt"
	"time"

	"frontdesk/cmd/frontdesk/bench/histogram"
	"frontdesk/cmd/frontdesk/bench/measured"
)

// warm is how many requests go before those that are counted: caches, pools and SQLite's file are as in life by then.
const warm = 400

// accepts measures how fast signed webhooks are recorded, with nothing behind the intake. One connection shows what a
// single commit costs, 16 and 64 what group commit makes of many.
func accepts(ctx context.Context, r *run) error {
	return r.with(ctx, true, func(v *process) error {
		who := newCustomers(0)
		for _, connections := range []int{1, 16, 64} {
			if _, err := post(ctx, v.HTTP, connections, who.sms(r.count(warm, warm))); err != nil {
				return err
			}
			n := r.count(1200, 8000)
			if connections > 1 {
				n = r.count(8000, 60000)
			}
			if err := r.accept(ctx, v, who.sms(n), connections); err != nil {
				return err
			}
		}
		return nil
	})
}

// accept sends the requests over that many connections and puts rate, latencies and cost. The cost is that of the
// whole installation, database and Redis included: a service that moves its work into the database would look cheap
// otherwise.
func (r *run) accept(ctx context.Context, v *process, requests [][]byte, connections int) error {
	key, label := fmt.Sprintf("sms.c%d.", connections), fmt.Sprintf("%d connections: ", connections)
	m, err := v.meter(ctx)
	if err != nil {
		return err
	}
	var l load
	err = r.profiled(ctx, v, fmt.Sprintf("c%d", connections), func() error {
		l, err = post(ctx, v.HTTP, connections, requests)
		return err
	})
	if err != nil {
		return err
	}
	r.put(key+"rate", label+"accepts", "/s", l.rate())
	r.latency(key, label, &l.latency)
	return r.cost(ctx, m, key, label, len(requests))
}

func (r *run) latency(key, label string, h *histogram.Histogram) {
	r.put(key+"p50", label+"p50", "ms", h.Quantile(0.50).Seconds()*1000)
	r.put(key+"p99", label+"p99", "ms", h.Quantile(0.99).Seconds()*1000)
}

// usage is what processes have used of the CPU since they began. database and redis are 0 where they are not of this
// machine, or in the process.
type usage struct {
	service, database, redis time.Duration
}

func (u usage) minus(o usage) usage {
	return usage{u.service - o.service, u.database - o.database, u.redis - o.redis}
}

func (u usage) all() time.Duration { return u.service + u.database + u.redis }

// meter is what a service has used until now; two of them give what happened between.
type meter struct {
	service *process
	usage   usage
	figures measured.Figures
}

func (v *process) meter(ctx context.Context) (meter, error) {
	f, err := v.figures(ctx)
	return meter{v, v.usage(), f}, err
}

// cost tells what n messages have used since m: CPU of all processes, and what the service has allocated. CPU counts
// more than the rate where the measuring itself takes a part of the machine.
func (r *run) cost(ctx context.Context, m meter, key, label string, n int) error {
	now, err := m.service.meter(ctx)
	if err != nil {
		return err
	}
	used := now.usage.minus(m.usage)
	each := func(d time.Duration) float64 { return d.Seconds() * 1000 / float64(n) }
	r.put(key+"cpu", label+"CPU of all processes a message", "ms", each(used.all()))
	if m.service.site.pair.databasePID > 0 {
		r.put(key+"cpu.service", label+"  of it the service", "ms", each(used.service))
		r.put(key+"cpu.database", label+"  of it the database", "ms", each(used.database))
		r.put(key+"cpu.redis", label+"  of it Redis", "ms", each(used.redis))
	}
	r.put(key+"allocs", label+"allocations a message", "", float64(now.figures.Allocs-m.figures.Allocs)/float64(n))
	r.put(key+"bytes", label+"allocated a message", "KiB", float64(now.figures.AllocBytes-m.figures.AllocBytes)/float64(n)/1024)
	return nil
}

// wholeLine measures from the webhook to the committed ticket with its promise and acknowledgement.
func wholeLine(ctx context.Context, r *run) error {
	for _, k := range []struct {
		what string
		n    int
		load loader
	}{{"sms", r.count(6000, 60000), smsLoad}, {"mail", r.count(1500, 12000), mailLoad}} {
		if err := r.preloaded(ctx, k.what, k.n, k.load); err != nil {
			return err
		}
		if err := r.steady(ctx, k.what, k.n, k.load); err != nil {
			return err
		}
	}
	return nil
}

// smtp measures how fast mails of 12 KB are taken: with nothing behind the intake, and with the
// whole line at work.
func smtp(ctx context.Context, r *run) error {
	return r.with(ctx, true, func(v *process) error {
		who := newCustomers(0)
		for _, sessions := range []int{1, 16, 64} {
			if err := r.smtp(ctx, v, who, sessions, "intake"); err != nil {
				return err
			}
		}
		if err := v.release(ctx, "work"); err != nil {
			return err
		}
		if err := v.until(ctx, func(f measured.Figures) bool { return f.Decided >= f.Accepted }); err != nil {
			return err
		}
		return r.smtp(ctx, v, who, 64, "line")
	})
}

// smtp warms the sessions up, then sends n mails. Over one session it is fewer, since each waits for its own commit.
func (r *run) smtp(ctx context.Context, v *process, who *customers, sessions int, behind string) error {
	if _, err := deliver(ctx, v.SMTP, sessions, who.mails(r.count(100, 200), time.Now())); err != nil {
		return err
	}
	n := r.count(1500, 10000)
	if sessions == 1 {
		n = r.count(500, 3000)
	}
	letters := who.mails(n, time.Now())
	key, label := fmt.Sprintf("%s.c%d.", behind, sessions), fmt.Sprintf("%d sessions, %s: ", sessions, map[string]string{"intake": "intake alone", "line": "whole line"}[behind])
	m, err := v.meter(ctx)
	if err != nil {
		return err
	}
	var l load
	err = r.profiled(ctx, v, fmt.Sprintf("%s-c%d", behind, sessions), func() error {
		l, err = deliver(ctx, v.SMTP, sessions, letters)
		return err
	})
	if err != nil {
		return err
	}
	r.put(key+"rate", label+"accepts", "/s", l.rate())
	r.latency(key, label, &l.latency)
	if behind == "line" {
		return nil // what it costs is told by the section "line"
	}
	return r.cost(ctx, m, key, label, n)
}

// loader makes n messages of customers and hands back what sends them over so many connections.
type loader func(ctx context.Context, v *process, who *customers, n int) (send func(connections int) (load, error))

func smsLoad(ctx context.Context, v *process, who *customers, n int) func(int) (load, error) {
	requests := who.sms(n)
	return func(connections int) (load, error) { return post(ctx, v.HTTP, connections, requests) }
}

func mailLoad(ctx context.Context, v *process, who *customers, n int) func(int) (load, error) {
	letters := who.mails(n, time.Now())
	return func(sessions int) (load, error) { return deliver(ctx, v.SMTP, sessions, letters) }
}

// preloaded records n messages while the workers are held back, then lets them go: how fast the
// line works a backlog off. Sending the acknowledgements is held back too and measured after it.
func (r *run) preloaded(ctx context.Context, what string, n int, make loader) error {
	return r.with(ctx, true, func(v *process) error {
		who := newCustomers(0)
		send := make(ctx, v, who, n)
		before, err := v.meter(ctx)
		if err != nil {
			return err
		}
		if _, err := send(64); err != nil {
			return err
		}
		recorded, err := v.meter(ctx)
		if err != nil {
			return err
		}
		// The clock runs from the release: what was held back is all there by then.
		begin := time.Now()
		err = r.profiled(ctx, v, what+" backlog", func() error {
			if err := v.release(ctx, "work"); err != nil {
				return err
			}
			return v.decided(ctx, before.figures.Decided+int64(n))
		})
		if err != nil {
			return err
		}
		key, label := what+".backlog.", what+" backlog: "
		r.put(key+"rate", label+"decided", "/s", float64(n)/time.Since(begin).Seconds())
		if err := r.cost(ctx, recorded, key+"decide.", label+"deciding: ", n); err != nil {
			return err
		}
		if err := r.cost(ctx, before, key+"whole.", label+"accepting and deciding: ", n); err != nil {
			return err
		}
		return r.handOver(ctx, v, what, int64(who.known))
	})
}

// handOver lets the acknowledgements that wait go out, and measures them alone. Each customer is owed one for his
// first message; what answers his later ones is for the digest of the day, or appended to his ticket.
func (r *run) handOver(ctx context.Context, v *process, what string, due int64) error {
	m, err := v.meter(ctx)
	if err != nil {
		return err
	}
	begin := time.Now()
	err = r.profiled(ctx, v, what+" handover", func() error {
		if err := v.release(ctx, "deliver"); err != nil {
			return err
		}
		return v.sent(ctx, m.figures.Sent+due)
	})
	if err != nil {
		return err
	}
	r.put(what+".handover.rate", what+" acknowledgements handed over", "/s", float64(due)/time.Since(begin).Seconds())
	return r.cost(ctx, m, what+".handover.", what+" handing over: ", int(due))
}

// steady measures with everything at work at once, until the last message is decided.
func (r *run) steady(ctx context.Context, what string, n int, make loader) error {
	return r.with(ctx, true, func(v *process) error {
		who := newCustomers(0)
		if err := v.release(ctx, "work"); err != nil {
			return err
		}
		w := r.count(warm, warm)
		if _, err := make(ctx, v, who, w)(16); err != nil {
			return err
		}
		if err := v.decided(ctx, int64(w)); err != nil {
			return err
		}
		send := make(ctx, v, who, n)
		m, err := v.meter(ctx)
		if err != nil {
			return err
		}
		var l load
		begin := time.Now()
		err = r.profiled(ctx, v, what+" steady", func() error {
			if l, err = send(64); err != nil {
				return err
			}
			return v.decided(ctx, m.figures.Decided+int64(n))
		})
		if err != nil {
			return err
		}
		key, label := what+".steady.", what+" all at once: "
		r.put(key+"rate", label+"accepted and decided", "/s", float64(n)/time.Since(begin).Seconds())
		r.put(key+"accept.rate", label+"of it accepted at", "/s", l.rate())
		r.latency(key+"accept.", label+"accepting ", &l.latency)
		return r.cost(ctx, m, key, label, n)
	})
}
