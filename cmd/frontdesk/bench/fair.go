package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// fair measures the way from accept to acknowledgement of SMS, first with nothing else to do and then while
// `frontdesk import` loads mails into another inbox as fast as it goes. Its last figure, the ratio of both p99, is
// the promise that an import is not felt.
func fair(ctx context.Context, r *run) (err error) {
	s, err := r.newSite(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.remove(ctx)) }()
	n := r.count(5000, 100_000)
	file := filepath.Join(s.dir, "import.mbox")
	if err := writeMbox(file, n); err != nil {
		return err
	}
	v, err := startService(ctx, s, false)
	if err != nil {
		return err
	}
	defer v.stop()
	who := newCustomers(1)
	// The first messages warm the service up and are not counted.
	if _, err := r.paced(ctx, v, who, r.count(50, 100)); err != nil {
		return err
	}
	quiet, err := r.paced(ctx, v, who, r.count(300, 3000))
	if err != nil {
		return err
	}
	r.latency("quiet.", "quiet: accept to hand-over, ", &quiet.handover)
	var busy waits
	var took time.Duration
	err = r.profiled(ctx, v, "import", func() error {
		busy, took, err = r.beside(ctx, v, who, file)
		return err
	})
	if err != nil {
		return err
	}
	r.latency("import.", "during the import: accept to hand-over, ", &busy.handover)
	r.latency("import.accept.", "during the import: webhook answered, ", &busy.accept)
	r.put("import.rate", fmt.Sprintf("mails imported beside it (%s)", thousands(int64(n))), "/s", float64(n)/took.Seconds())
	if q := quiet.handover.Quantile(0.99); q > 0 {
		r.put("ratio", "p99 during the import to p99 quiet", "times", busy.handover.Quantile(0.99).Seconds()/q.Seconds())
	}
	return nil
}

// longestImport bounds for how long messages are made: their requests and times lie in memory.
const longestImport = 20 * time.Minute

// beside sends SMS at the beat for as long as an import takes. The import is a process of its own, as an operator
// would start it. If the SMS fail it is killed: what it has recorded is in a database that goes anyway.
func (r *run) beside(ctx context.Context, v *process, who *customers, file string) (waits, time.Duration, error) {
	importer := v.site.program("import", "--config", v.site.file, "--inbox", mailInbox, file)
	said := &tail{}
	importer.Stderr, importer.Stdout = said, said
	if err := importer.Start(); err != nil {
		return waits{}, 0, fmt.Errorf("importing: %w", err)
	}
	begin := time.Now()
	var took time.Duration
	var failed error
	over := make(chan struct{})
	go func() {
		defer close(over)
		failed = importer.Wait()
		took = time.Since(begin)
	}()
	most := int(longestImport.Seconds()) * perSecond
	if r.Quick {
		most /= 10
	}
	w, err := r.pacedUntil(ctx, v, who, most, over)
	if err != nil || ctx.Err() != nil {
		_ = importer.Process.Kill() // it may have ended
	}
	<-over
	if err == nil && failed != nil {
		err = fmt.Errorf("importing: %w: %s", failed, said)
	}
	return w, took, err
}

// writeMbox writes n mails as one mbox (RFC 4155), a minute apart and all in the past. They are made a thousand at a
// time, so that a hundred thousand of them (1.2 GB) never lie in memory.
func writeMbox(file string, n int) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("writing mails: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriterSize(f, 1<<20)
	who := newCustomers(2)
	at := time.Now().Add(-time.Duration(n) * time.Minute)
	for done := 0; done < n; {
		some := min(n-done, 1000)
		for _, l := range who.mails(some, at) {
			fmt.Fprintf(out, "From %s %s\n", l.from, at.UTC().Format(time.ANSIC))
			_, _ = out.Write(bytes.ReplaceAll(l.raw, []byte("\r\n"), []byte("\n"))) // told by Flush
			_ = out.WriteByte('\n')                                                 // told by Flush
		}
		done += some
		at = at.Add(time.Duration(some) * time.Minute)
	}
	return out.Flush()
}
