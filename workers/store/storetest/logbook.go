package storetest

import (
	"fmt"
	"sync"
	"time"

	"frontdesk/workers/store"
	"frontdesk/workers/store/auditing"
	"frontdesk/workers/store/logbook"
	"frontdesk/workers/store/sql"
	"frontdesk/workers/store/viewer"
)

// keepLog: what is noted stands in the chain once, in whatever process; and whatever is done to the rows past the program is seen.
func keepLog(d *desk) {
	const lines = 60
	for i := range lines {
		d.must(d.Logbook.Note(d.ctx, logbook.Line{At: d.now.Add(time.Duration(i) * time.Second), Who: []string{"tom", "li.na"}[i%2], Act: "read-tickets", Object: fmt.Sprint("T-", i%7), Detail: "s1"}))
	}
	var done sync.WaitGroup
	for range 4 { // processes beside each other
		done.Go(func() {
			for {
				n, err := d.Logbook.Chain(d.ctx, 7)
				if err != nil {
					d.t.Error(err)
				}
				if n == 0 || err != nil {
					return
				}
			}
		})
	}
	done.Wait()
	whole, err := d.Logbook.Verify(d.ctx)
	d.must(err)
	d.same("the chain", []any{int64(lines), int64(0), true}, []any{whole.Rows, whole.Broken, len(whole.Head) >= 32})

	auditor := viewer.Viewer{Grants: []viewer.Grant{{Role: viewer.Auditor}}}
	all, err := d.Logbook.List(d.ctx, auditor, logbook.Seek{Who: "tom", Object: "T-4", Act: "read-tickets", From: d.now, To: d.now.Add(50 * time.Second), Limit: 3})
	d.must(err)
	found := []string{}
	for _, l := range all {
		found = append(found, fmt.Sprint(l.Who, " ", l.Object, " ", l.At.Sub(d.now)))
	}
	d.same("the newest of tom about one ticket", []string{"tom T-4 46s", "tom T-4 32s", "tom T-4 18s"}, found)
	for _, v := range []viewer.Viewer{{}, {Grants: []viewer.Grant{{Role: viewer.Auditor, Queue: "cards"}, {Role: viewer.Lead}}}} {
		_, err = d.Logbook.List(d.ctx, v, logbook.Seek{Limit: 1})
		d.fails("the log, for who may not read it", err, store.ErrNotFound)
	}

	tamper := func(what string, broken int64, do, undo sql.Call) {
		d.t.Helper()
		d.must(d.Base.Do(d.ctx, what, do))
		c, err := d.Logbook.Verify(d.ctx)
		d.must(err)
		d.same(what, broken, c.Broken)
		d.must(d.Base.Do(d.ctx, what, undo))
		c, err = d.Logbook.Verify(d.ctx)
		d.must(err)
		d.same(what+", and back", whole, c)
	}
	tamper("another person", 7, sql.Do(`UPDATE logbook SET who = 'anna' WHERE n = 7`), sql.Do(`UPDATE logbook SET who = 'tom' WHERE n = 7`))
	tamper("another time", 8, sql.Do(`UPDATE logbook SET at = at + 1 WHERE n = 8`), sql.Do(`UPDATE logbook SET at = at - 1 WHERE n = 8`))
	tamper("words moved between columns", 9, sql.Do(`UPDATE logbook SET object = 'T-1s', detail = '1' WHERE n = 9`), sql.Do(`UPDATE logbook SET object = 'T-1', detail = 's1' WHERE n = 9`))
	tamper("a row that is gone", 20, sql.Do(`UPDATE logbook SET n = 1000 WHERE n = 20`), sql.Do(`UPDATE logbook SET n = 20 WHERE n = 1000`))
	tamper("a first row that is gone", 1, sql.Do(`UPDATE logbook SET n = 1000 WHERE n = 1`), sql.Do(`UPDATE logbook SET n = 1 WHERE n = 1000`))
	tamper("a row that was put in", lines+1, sql.Do(`INSERT INTO logbook (n, at, who, act, object, detail, hash) SELECT n + 1, at, who, act, object, detail, hash FROM logbook WHERE n = 60`), sql.Do(`DELETE FROM logbook WHERE n = 61`))
	d.must(d.Base.Do(d.ctx, "another act", sql.Do(`UPDATE logbook SET act = 'x' WHERE n = 30`)))
	books, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{Grace: time.Hour}, d.now)
	d.must(err)
	d.same("what an audit finds", []any{int64(1), int64(29)}, []any{books.Found[auditing.RuleLog], books.Log.Rows})
}
