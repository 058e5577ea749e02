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
				n, err := d.Logbook.Chain(d.ctx, 7, d.now.Add(lines*time.Second))
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

// cutLog: what is old goes, at a checkpoint of the program's; what is left still fits together, and whatever somebody else cuts off, or puts in its
// place, is seen.
func cutLog(d *desk) {
	const lines = 50
	begun := d.now
	for i := range lines {
		d.must(d.Logbook.Note(d.ctx, logbook.Line{At: begun.Add(time.Duration(i) * time.Hour), Who: "tom", Act: "read-tickets", Object: fmt.Sprint("T-", i), Detail: "s1"}))
	}
	chain := func() {
		d.t.Helper()
		_, err := d.Logbook.Chain(d.ctx, 1000, begun.Add(lines*time.Hour))
		d.must(err)
	}
	verify := func() logbook.Checked {
		d.t.Helper()
		c, err := d.Logbook.Verify(d.ctx)
		d.must(err)
		return c
	}
	chain()
	whole := verify()
	d.now = begun.Add(lines * time.Hour)
	cut := func(before time.Time, most int) int {
		d.t.Helper()
		n, err := d.Logbook.Cut(d.ctx, before, most, d.now)
		d.must(err)
		return n
	}
	d.same("nothing is that old", 0, cut(begun, 100))
	d.same("and nothing has changed", whole, verify())
	d.same("a part at a time", []int{7, 7, 6, 0}, []int{cut(begun.Add(20*time.Hour), 7), cut(begun.Add(20*time.Hour), 7), cut(begun.Add(20*time.Hour), 7), cut(begun.Add(20*time.Hour), 7)})
	d.same("the rest fits, and it is known who has cut it", []any{int64(30), whole.Head, int64(20), d.now.UTC(), int64(0)}, []any{verify().Rows, verify().Head, verify().Cut, verify().CutAt.UTC(), verify().Broken})
	chain()
	auditor := viewer.Viewer{Grants: []viewer.Grant{{Role: viewer.Auditor}}}
	told, err := d.Logbook.List(d.ctx, auditor, logbook.Seek{Act: logbook.ActCut, Limit: 10})
	d.must(err)
	d.same("the log tells of it", []any{3, logbook.Program, "20"}, []any{len(told), told[0].Who, told[0].Object})
	rest := verify()
	d.same("with what tells of it", int64(33), rest.Rows)
	books, err := d.Auditing.Audit(d.ctx, auditing.AuditOptions{Grace: time.Hour}, d.now)
	d.must(err)
	d.same("an audit knows that", []any{int64(0), int64(33), int64(20), d.now.UTC()}, []any{books.Found[auditing.RuleLog], books.Log.Rows, books.Log.Cut, books.Log.CutAt.UTC()})

	tamper := func(what string, broken int64, do ...sql.Call) {
		d.t.Helper()
		var kept checkpointRow
		d.must(d.Base.Read(d.ctx, "keeping the checkpoint", sql.Ask(func(row sql.Row) error { return row.Scan(&kept.n, &kept.at, &kept.hash, &kept.cut, &kept.mark) },
			`SELECT n, at, hash, cut_at, mark FROM logbook_cut`)))
		for _, call := range do {
			d.must(d.Base.Do(d.ctx, what, call))
		}
		d.same(what, broken, verify().Broken)
		if n, err := d.Logbook.Cut(d.ctx, begun.Add(1000*time.Hour), 1000, d.now); err == nil || n != 0 {
			d.t.Errorf("%s: what does not fit is cut off, %d rows of it: %v", what, n, err)
		}
		d.must(d.Base.Do(d.ctx, what, sql.Do(`DELETE FROM logbook_cut`)))
		d.must(d.Base.Do(d.ctx, what, sql.Do(`INSERT INTO logbook_cut (one, n, at, hash, cut_at, mark) VALUES (1, $1, $2, $3, $4, $5)`, kept.n, kept.at, kept.hash, kept.cut, kept.mark)))
	}
	tamper("a checkpoint that is gone", 1, sql.Do(`DELETE FROM logbook_cut`))
	tamper("a checkpoint that was moved on", 25, sql.Do(`UPDATE logbook_cut SET n = 25, hash = (SELECT hash FROM logbook WHERE n = 25)`))
	tamper("a checkpoint of another time", 20, sql.Do(`UPDATE logbook_cut SET cut_at = cut_at - 1`))
	d.same("put back, all is well", rest, verify())
	d.must(d.Base.Do(d.ctx, "a row before it", sql.Do(`INSERT INTO logbook (n, at, who, act, object, detail, hash) SELECT 3, at, 'anna', act, object, detail, hash FROM logbook WHERE n = 30`)))
	d.same("a row that was put before it", int64(3), verify().Broken)
	d.must(d.Base.Do(d.ctx, "a row before it", sql.Do(`DELETE FROM logbook WHERE n = 3`)))
	d.same("the newest line stays, however old it is", 32, cut(begun.Add(1000*time.Hour), 1000))
	d.same("and with it the chain", int64(1), verify().Rows)
	chain()
	d.same("which goes on", []int64{2, 0}, []int64{verify().Rows, verify().Broken})
	d.must(d.Base.Do(d.ctx, "another act", sql.Do(`UPDATE logbook SET act = 'x' WHERE n = 53`)))
	d.same("a change behind a checkpoint", int64(53), verify().Broken)
}

// futureLog: a line that was noted under a wrong clock stops no cut.
func futureLog(d *desk) {
	for i, at := range []time.Time{d.now.Add(20 * 365 * 24 * time.Hour), d.now.Add(-time.Hour), d.now.Add(-time.Minute)} {
		d.must(d.Logbook.Note(d.ctx, logbook.Line{At: at, Who: "tom", Act: "read-tickets", Object: fmt.Sprint("T-", i)}))
		_, err := d.Logbook.Chain(d.ctx, 10, d.now)
		d.must(err)
	}
	all, err := d.Logbook.List(d.ctx, viewer.Viewer{Grants: []viewer.Grant{{Role: viewer.Auditor}}}, logbook.Seek{Object: "T-0", Limit: 10})
	d.must(err)
	d.same("it is of when it was chained", []any{1, d.now.UTC()}, []any{len(all), all[0].At.UTC()})
	c, err := d.Logbook.Verify(d.ctx)
	d.must(err)
	d.same("and the chain fits", []int64{3, 0}, []int64{c.Rows, c.Broken})
	n, err := d.Logbook.Cut(d.ctx, d.now.Add(time.Hour), 10, d.now.Add(2*time.Hour))
	d.must(err)
	d.same("what is old is cut off with it", 2, n)
}

// checkpointRow is where the log begins, as it is stored.
type checkpointRow struct {
	n, at, cut int64
	hash, mark string
}
