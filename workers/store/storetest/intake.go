package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/channels/meta"
	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/workers/store"
	"frontdesk/workers/store/backlog"
	"frontdesk/workers/store/base"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/intake"
	"frontdesk/workers/store/view"
)

// same fails the case unless both are equal.
func (d *desk) same(what string, want, got any) {
	d.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		d.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func recordOnce(d *desk) {
	lot := intake.Lot{Items: []intake.Item{item("hotline", "k1", "one"), item("hotline", "k2", "two"), item("hotline", "k1", "one again")},
		Moves: []intake.Move{{Inbox: "hotline", Stream: "all", Cursor: channels.Cursor(`{"at":2}`)}}}
	first, err := d.Intake.Record(d.ctx, lot, d.now)
	d.must(err)
	second, err := d.Intake.Record(d.ctx, lot, d.now)
	d.must(err)
	one, two := first[0].ID, first[1].ID
	d.same("first time", []channels.Recorded{{ID: one, Key: "k1", New: true}, {ID: two, Key: "k2", New: true}, {ID: one, Key: "k1"}}, first)
	d.same("second time", []channels.Recorded{{ID: one, Key: "k1"}, {ID: two, Key: "k2"}, {ID: one, Key: "k1"}}, second)
	d.same("read back", backlog.Pending{ID: one, Inbox: "hotline", Channel: "sms", Key: "k1", At: start, Raw: []byte("one"),
		Meta: map[string]string{meta.Remote: "192.0.2.7"}}, d.pending(one)[0])
	cursor, err := d.Intake.Cursor(d.ctx, "hotline", "all")
	d.must(err)
	d.same("cursor", `{"at":2}`, string(cursor))
	known, err := d.Intake.RecordedKeys(d.ctx, "hotline", []string{"k1", "k3"})
	d.must(err)
	d.same("recorded keys", map[string]bool{"k1": true}, known)
	other, err := d.Intake.RecordedKeys(d.ctx, "support", []string{"k1"})
	d.must(err)
	d.same("of another inbox", map[string]bool{}, other)
}

func recordAtOnce(d *desk) {
	var wait sync.WaitGroup
	results := make([][]channels.Recorded, 16)
	errs := make([]error, 16)
	for i := range results {
		wait.Go(func() {
			results[i], errs[i] = d.Intake.Record(d.ctx, intake.Lot{Items: []intake.Item{item("hotline", "k1", "one"), item("hotline", "k2", "two")}}, d.now)
		})
	}
	wait.Wait()
	fresh, ids := 0, map[int64]bool{}
	for i, r := range results {
		d.must(errs[i])
		ids[r[0].ID] = true
		if r[0].New {
			fresh++
		}
	}
	if fresh != 1 || len(ids) != 1 {
		d.t.Errorf("%d deliveries were new, under %d ids", fresh, len(ids))
	}
	n, err := d.Backlog.CountUndecided(d.ctx, "hotline")
	d.must(err)
	d.same("undecided", 2, n)
}

func recordPoison(d *desk) {
	bad := item("hotline", "k2", "two")
	bad.Channel = "" // refused by a constraint
	_, err := d.Intake.Record(d.ctx, intake.Lot{Items: []intake.Item{item("hotline", "k1", "one"), bad}}, d.now)
	var data *store.DataError
	if !errors.As(err, &data) {
		d.t.Fatalf("error is %v, want a DataError", err)
	}
	if strings.Contains(data.Reason(), "k2") {
		d.t.Errorf("the reason quotes data: %s", data.Reason())
	}
	n, err := d.Backlog.CountUndecided(d.ctx, "hotline")
	d.must(err)
	d.same("undecided", 0, n)
	d.record(item("hotline", "k1", "one"))
}

func recordForeignBytes(d *desk) {
	odd := item("hotline", "k\x00", "nul\x00 and \xff")
	odd.Meta = map[string]string{"helo": "a\x00b"}
	ids := d.record(odd, item("hotline", "k\ufffd", "other"), item("hotline", strings.Repeat("k", 600), "long"), item("hotline", strings.Repeat("k", 601), "longer"))
	pending := d.pending(ids...)
	d.same("raw", "nul\x00 and \xff", string(pending[0].Raw))
	d.same("meta", map[string]string{"helo": "a\x00b"}, pending[0].Meta)
	known, err := d.Intake.RecordedKeys(d.ctx, "hotline", []string{"k\x00", strings.Repeat("k", 600), strings.Repeat("k", 602)})
	d.must(err)
	d.same("recorded keys", map[string]bool{"k\x00": true, strings.Repeat("k", 600): true}, known)

	dec := d.opening(pending[0], phone(1))
	dec.Plan.Row.Visible, dec.Plan.Ticket.Display, dec.Plan.Evidence = "a\x00\xff", "\x00", "\xff"
	dec.Plan.Contact.Name = "\x00"
	dec.Plan.Row.Thread = strings.Repeat("t", 5000)
	dec.Plan.Row.From.Value = strings.Repeat("7", 5000)
	dec.Plan.Contact.Add[0].Address.Value = dec.Plan.Row.From.Value
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{dec}, d.now))
	asks := pipeline.Asks{From: dec.Plan.Row.From.Identity(), Proven: true, Thread: dec.Plan.Row.Thread}
	f := d.facts(asks)
	if f.Threads[asks.Thread] != dec.Plan.Ticket.ID || f.Owners[asks.From] != dec.Plan.Contact.ID {
		d.t.Error("long keys are not found again")
	}
}

func recordFuture(d *desk) {
	late := item("hotline", "k1", "one")
	late.At = d.now.Add(time.Hour)
	none := item("hotline", "k2", "two")
	none.At = time.Time{}
	for _, p := range d.pending(d.record(late, none)...) {
		d.same("received", d.now, p.At)
	}
}

func recordLarge(d *desk) {
	raw := bytes.Repeat([]byte("0123456789abcdef"), 40_000)
	id := d.record(item("hotline", "big", string(raw)))[0]
	if p := d.pending(id)[0]; !bytes.Equal(p.Raw, raw) {
		d.t.Error("the original came back changed")
	}
	got, facts, err := d.Files.Original(d.ctx, id)
	d.must(err)
	if !bytes.Equal(got, raw) || len(facts) != 1 {
		d.t.Error("the original came back changed")
	}
}

func recordParked(d *desk) {
	bad := item("hotline", "k1", "garbage")
	bad.Cause, bad.Evidence = causes.Unparsable, "no JSON"
	id := d.record(bad)[0]
	parked, err := d.View.Parked(d.ctx, view.Page{})
	d.must(err)
	d.same("parked", []view.ParkedMessage{{ID: id, Cause: "unparsable", Evidence: "no JSON", Inbox: "hotline", Channel: "sms", ReceivedAt: base.Stamp{Time: start}}}, parked)
	open, err := d.Backlog.Undecided(d.ctx, []int64{id})
	d.must(err)
	d.same("undecided", 0, len(open))
	raw, _, err := d.Files.Original(d.ctx, id)
	d.must(err)
	d.same("original", "garbage", string(raw))
}

func readWithin(d *desk) {
	large := strings.Repeat("large ", 60_000) // lies in the blob store
	ids := d.record(item("hotline", "k1", "one"), item("hotline", "k2", large), item("hotline", "k3", large), item("hotline", "k4", "four"))
	for _, c := range []struct {
		ids        []int64
		most       int64
		now, later int
	}{
		{ids, 1 << 20, 4, 0},
		{ids, int64(len(large)) + 3, 2, 2},
		{ids, 3, 1, 3},
		{ids[1:], 3, 1, 2},
		{ids[3:], 0, 1, 0},
		{nil, 1, 0, 0},
	} {
		open, later, err := d.Backlog.UndecidedWithin(d.ctx, c.ids, c.most)
		d.must(err)
		var got []int64
		for _, p := range open {
			got = append(got, p.ID)
		}
		d.same(fmt.Sprintf("within %d bytes", c.most), c.ids, append(got, later...))
		d.same(fmt.Sprintf("within %d bytes, now and later", c.most), []int{c.now, c.later}, []int{len(open), len(later)})
	}
}

func claimMessages(d *desk) {
	bulk := item("hotline", "k2", "two")
	bulk.Bulk, bulk.Imported = true, true
	ids := d.record(item("hotline", "k1", "one"), bulk, item("support", "k1", "one"))
	n, err := d.Backlog.CountUndecided(d.ctx, "hotline")
	d.must(err)
	d.same("undecided", 2, n)
	_, err = d.Backlog.Claim(d.ctx, ids[:1], d.now)
	d.must(err)
	claims, err := d.Backlog.Claim(d.ctx, []int64{ids[1], ids[0], 999_999}, d.now)
	d.must(err)
	d.same("claims", map[int64]int{ids[0]: 2, ids[1]: 1}, claims)
	pending := d.pending(ids[:2]...)
	d.same("lanes", []bool{false, true}, []bool{pending[0].Bulk, pending[1].Bulk && pending[1].Imported})
	d.same("claims so far", 2, pending[0].Claims)
	facts, err := d.Facts.Facts(d.ctx, nil, ids, nil, d.now)
	d.must(err)
	d.same("imported", map[int64]bool{ids[1]: true}, facts.Imported)
}
