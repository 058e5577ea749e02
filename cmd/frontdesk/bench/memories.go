package bench

import (
	"context"
	"time"

	"frontdesk/cmd/frontdesk/bench/proc"
)

// memories measures what the service holds: after its start, under the loads of SMS and of mails,
// and when it has come to rest again.
// Memory is what the kernel says of the process (VmRSS, VmHWM), not what Go says of its heap: that is what an
// operator has to provide. The peak is made to begin anew before each load.
func memories(ctx context.Context, r *run) error {
	return r.with(ctx, false, func(v *process) error {
		pid := v.cmd.Process.Pid
		const mib = 1 << 20
		if err := rest(ctx, 2*time.Second); err != nil {
			return err
		}
		now, _ := proc.Memory(pid)
		r.put("rest", "at rest, after the start", "MiB", float64(now)/mib)
		who := newCustomers(0)
		for _, k := range []struct {
			what, label string
			n           int
			load        loader
		}{{"sms", "SMS", r.count(4000, 60000), smsLoad}, {"mail", "mails of 12 KB", r.count(1500, 12000), mailLoad}} {
			send := k.load(ctx, v, who, k.n)
			m, err := v.figures(ctx)
			if err != nil {
				return err
			}
			proc.ForgetPeak(pid)
			if _, err := send(64); err != nil {
				return err
			}
			if err := v.decided(ctx, m.Decided+int64(k.n)); err != nil {
				return err
			}
			_, most := proc.Memory(pid)
			r.put(k.what, "most while "+k.label+" come over 64 connections", "MiB", float64(most)/mib)
		}
		return nil
	})
}

// rest waits, unless ctx ends.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
