package bench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"frontdesk/cmd/frontdesk/bench/filled"
	"frontdesk/cmd/frontdesk/bench/measured"
	"frontdesk/cmd/frontdesk/bench/proc"
)

// originalSMS and originalMails are how many messages are copied, at most. Customers of originalGroup have addresses
// that package fill finds and changes in each copy (fill.FillSMS, fill.FillMail).
const (
	originalSMS   = 700
	originalMails = 300
	originalGroup = 99 // of customers; see fill.FillSMS and fill.FillMail
)

// sizes measures accepts, the line, the way to the acknowledgement and memory again with many tickets stored. A
// database of a million tickets is not written by the service, which would take hours: the service writes some
// hundred real ones, and package fill copies their rows. What has to be the same is the size of tables and indexes,
// and how ids and times are spread.
func sizes(ctx context.Context, r *run) (err error) {
	s, err := r.newSite(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove(ctx)) }()
	if err := r.original(ctx, s); err != nil {
		return err
	}
	// The service is stopped while rows are copied; each size is measured by services of their own.
	grow := filled.Growing{Config: s.file}
	if err := grow.Grow(ctx, 0, func(int64) {}); err != nil { // sets aside what is copied
		return err
	}
	if err := r.sized(ctx, s, 0); err != nil {
		return err
	}
	wanted := []int64{10_000, 100_000, 1_000_000}
	if r.Quick {
		wanted = wanted[:1]
	}
	for i, n := range wanted {
		if r.Scale > 0 && r.Scale < 1 {
			n = int64(r.count(int(n), int(n)))
		}
		begin := time.Now()
		shown := begin
		err := grow.Grow(ctx, n, func(stored int64) {
			if time.Since(shown) > 5*time.Second {
				shown = time.Now()
				r.say("  %s of %s tickets stored", thousands(stored), thousands(n))
			}
		})
		if err != nil {
			return err
		}
		r.say("  filled to %s tickets in %.1f s", thousands(n), time.Since(begin).Seconds())
		if err := r.sized(ctx, s, wanted[i]); err != nil {
			return err
		}
	}
	return nil
}

// original lets the service itself write what is copied afterwards, and waits until all of it is acknowledged, so
// that no copy is open work.
func (r *run) original(ctx context.Context, s *site) error {
	v, err := startService(ctx, s, false)
	if err != nil {
		return err
	}
	defer v.stop()
	who := newCustomers(originalGroup)
	if _, err := post(ctx, v.HTTP, 16, who.sms(r.count(originalSMS, originalSMS))); err != nil {
		return err
	}
	who.again = 0 // a second mail of a customer waits for the digest of the day, which is not copied
	if _, err := deliver(ctx, v.SMTP, 16, who.mails(r.count(originalMails, originalMails), time.Now())); err != nil {
		return err
	}
	n := int64(who.serial - originalGroup*groupSize)
	err = v.until(ctx, func(f measured.Figures) bool { return f.Decided >= n && f.Sent >= int64(who.known) })
	if err != nil {
		return err
	}
	return v.end(ctx)
}

// sized measures with so many tickets stored: the intake in a service whose workers are held, then the whole line in
// a fresh one, both on the same database. Each time customers are new, so that none is a copy's.
func (r *run) sized(ctx context.Context, s *site, tickets int64) error {
	key, label := fmt.Sprintf("t%d.", tickets), thousands(tickets)+" tickets: "
	if bytes := diskOf(s.dir); s.pair.databaseURL == "" {
		r.put(key+"disk", label+"database", "MiB", float64(bytes)/(1<<20))
	}
	r.groups++
	who := newCustomers(r.groups)
	if err := r.sizedIntake(ctx, s, who, key, label); err != nil {
		return err
	}
	v, err := startService(ctx, s, false)
	if err != nil {
		return err
	}
	defer v.stop()
	return r.sizedLine(ctx, v, who, key, label)
}

// sizedIntake measures accepts, then how fast the backlog that they left is decided, and waits for its
// acknowledgements, so that the next part begins at rest.
func (r *run) sizedIntake(ctx context.Context, s *site, who *customers, key, label string) error {
	v, err := startService(ctx, s, true)
	if err != nil {
		return err
	}
	defer v.stop()
	if _, err := post(ctx, v.HTTP, 64, who.sms(r.count(warm, warm))); err != nil {
		return err
	}
	m, err := v.meter(ctx)
	if err != nil {
		return err
	}
	requests := who.sms(r.count(3000, 30000))
	var l load
	err = r.profiled(ctx, v, key+"accept", func() error {
		l, err = post(ctx, v.HTTP, 64, requests)
		return err
	})
	if err != nil {
		return err
	}
	r.put(key+"accept.c64.rate", label+"accepts over 64 connections", "/s", l.rate())
	r.latency(key+"accept.c64.", label+"accepts, ", &l.latency)
	if err := r.brief(ctx, m, key+"accept.c64.cpu", label+"accepts, CPU a message", len(requests)); err != nil {
		return err
	}
	begin := time.Now()
	if err := v.release(ctx, "work"); err != nil {
		return err
	}
	m, err = v.meter(ctx)
	if err != nil {
		return err
	}
	n := len(requests) + r.count(warm, warm)
	err = r.profiled(ctx, v, key+"backlog", func() error {
		return v.decided(ctx, int64(n))
	})
	if err != nil {
		return err
	}
	r.put(key+"backlog.rate", label+"backlog decided", "/s", float64(n)/time.Since(begin).Seconds())
	if err := r.brief(ctx, m, key+"backlog.cpu", label+"backlog, CPU a message", n); err != nil {
		return err
	}
	if err := v.release(ctx, "deliver"); err != nil {
		return err
	}
	if err := v.sent(ctx, int64(who.known)); err != nil {
		return err
	}
	return v.end(ctx)
}

// sizedLine measures latencies at the beat, then everything at once over 64 connections, and the most memory of the
// process since its start.
func (r *run) sizedLine(ctx context.Context, v *process, who *customers, key, label string) error {
	known := who.known
	w, err := r.pacedProfiled(ctx, v, who, r.count(300, 1500), key+"latency")
	if err != nil {
		return err
	}
	r.latency(key+"latency.", label+"accept to hand-over at 50/s, ", &w.handover)
	n := r.count(3000, 30000)
	requests := who.sms(n)
	m, err := v.meter(ctx)
	if err != nil {
		return err
	}
	begin := time.Now()
	if _, err := post(ctx, v.HTTP, 64, requests); err != nil {
		return err
	}
	if err := v.decided(ctx, m.figures.Decided+int64(n)); err != nil {
		return err
	}
	r.put(key+"all.rate", label+"accepted, decided and being handed over", "/s", float64(n)/time.Since(begin).Seconds())
	_, most := proc.Memory(v.cmd.Process.Pid)
	r.put(key+"memory", label+"most memory of the service", "MiB", float64(most)/(1<<20))
	if err := v.sent(ctx, int64(who.known-known)); err != nil {
		return err
	}
	return v.end(ctx)
}

// brief is cost in one figure.
func (r *run) brief(ctx context.Context, m meter, key, label string, n int) error {
	now, err := m.service.meter(ctx)
	if err != nil {
		return err
	}
	r.put(key, label, "ms", now.usage.minus(m.usage).all().Seconds()*1000/float64(n))
	return nil
}

// diskOf is what the files of a folder take, in bytes. SQLite's log counts.
func diskOf(dir string) int64 {
	var total int64
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error { // what cannot be read is not counted
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				total += info.Size()
			}
		}
		return nil
	})
	return total
}
