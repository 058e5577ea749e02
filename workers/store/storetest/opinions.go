package storetest

import (
	"time"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
	"frontdesk/workers/store"
)

func pointer[T any](v T) *T { return &v }

// opinion is one that was given within a second.
func (d *desk) opinion(o screen.Opinion, symbols ...string) store.Opinion {
	return store.Opinion{Opinion: o, Symbols: symbols, AskedAt: store.Stamp{Time: d.now}, AnswerAt: store.Stamp{Time: d.now.Add(time.Second)}}
}

func (d *desk) await(until time.Time, ids ...int64) []int64 {
	d.t.Helper()
	took, err := d.Await(d.ctx, ids, until)
	d.must(err)
	return took
}

func (d *desk) opine(scanned ...store.Scanned) []int64 {
	d.t.Helper()
	on, err := d.Opine(d.ctx, scanned, d.now)
	d.must(err)
	return on
}

func awaitOpinions(d *desk) {
	ids := d.record(item("hotline", "k1", "one"), item("hotline", "k2", "two"))
	until := d.now.Add(20 * time.Second)
	d.same("taken", ids, d.await(until, ids[1], ids[0], ids[1]))
	d.same("taken twice", []int64(nil), d.await(until, ids...))
	p := d.pending(ids...)[0]
	d.same("awaiting", []any{true, until}, []any{p.Awaiting, p.AwaitUntil})
	spam := d.opinion(screen.Opinion{Scanner: "rspamd", Verdict: screen.OpinionSpam, Score: pointer(15.5), Action: "reject"}, "GTUBE", "R_\xff")
	found := d.opinion(screen.Opinion{Scanner: "clamd", Verdict: screen.OpinionMalware, Name: "Test"})
	d.now = d.now.Add(2 * time.Second)
	d.same("going on", ids[:1], d.opine(store.Scanned{Message: ids[0], Opinions: []store.Opinion{spam, found}}))
	p = d.pending(ids[0])[0]
	d.same("decided from now on", []any{false, d.now}, []any{p.Awaiting, p.AwaitUntil})
	d.same("scanned again", []int64(nil), d.await(until, ids[0]))
	heard, err := d.Opinions(d.ctx, ids)
	d.must(err)
	d.same("heard", map[int64][]screen.Opinion{ids[0]: {found.Opinion, spam.Opinion}}, heard)
	story, err := d.Trace(d.ctx, ids[0])
	d.must(err)
	d.same("opinions in the story", 2, len(story.Opinions))
	d.same("symbols", []string{"GTUBE", "R_\ufffd"}, story.Opinions[1].Symbols)
	d.same("times", []time.Time{spam.AskedAt.Time, spam.AnswerAt.Time}, []time.Time{story.Opinions[1].AskedAt.Time, story.Opinions[1].AnswerAt.Time})
	d.same("late", false, story.Opinions[0].Late)
}

func lateOpinions(d *desk) {
	id := d.record(item("hotline", "k1", "one"))[0]
	d.await(d.now.Add(time.Second), id)
	d.must(d.Commit(d.ctx, []store.Decision{d.opening(d.pending(id)[0], phone(1))}, d.now))
	d.same("going on", []int64(nil), d.opine(store.Scanned{Message: id,
		Opinions: []store.Opinion{d.opinion(screen.Opinion{Scanner: "clamd", Verdict: screen.OpinionMalware, Name: "Test"})}}))
	d.same("again", []int64(nil), d.opine(store.Scanned{Message: id,
		Opinions: []store.Opinion{d.opinion(screen.Opinion{Scanner: "clamd", Verdict: screen.OpinionClean})}}))
	story, err := d.Trace(d.ctx, id)
	d.must(err)
	d.same("state", "ticketed", story.Message.State)
	if len(story.Opinions) != 1 || !story.Opinions[0].Late || story.Opinions[0].Name != "Test" {
		d.t.Errorf("opinions: %+v, want the first one, late", story.Opinions)
	}
}

func awaitDeadline(d *desk) {
	ids := d.record(item("hotline", "k1", "one"), item("hotline", "k2", "two"))
	d.await(d.now.Add(20*time.Second), ids[0])
	d.must(d.Rouse(d.ctx, d.now)) // another process starts
	d.now = d.now.Add(19 * time.Second)
	d.same("before the deadline", []store.Taken{{ID: ids[1], Inbox: "hotline", Times: 1}}, d.take(10, false))
	d.now = d.now.Add(time.Second)
	d.same("at the deadline", []store.Taken{{ID: ids[0], Inbox: "hotline", Times: 1}}, d.take(10, false))
}

func unawait(d *desk) {
	ids := d.record(item("hotline", "k1", "one"), item("hotline", "k2", "two"))
	d.await(d.now.Add(20*time.Second), ids[0])
	d.must(d.Unawait(d.ctx, ids, d.now))
	for _, p := range d.pending(ids...) {
		d.same("as if nobody was asked", []any{false, time.Time{}}, []any{p.Awaiting, p.AwaitUntil})
	}
	d.same("due at once", []store.Taken{{ID: ids[0], Inbox: "hotline", Times: 1}, {ID: ids[1], Inbox: "hotline", Times: 1}}, d.take(10, false))
	d.must(d.Postpone(d.ctx, nil, d.now))
	d.must(d.Postpone(d.ctx, ids, d.now.Add(2*time.Hour)))
	d.same("taken again", ids, d.await(d.now.Add(20*time.Second), ids...))
}

func postpone(d *desk) {
	ids := d.record(item("hotline", "k1", "one"), item("hotline", "k2", "two"), item("hotline", "k3", "three"))
	d.await(d.now.Add(20*time.Second), ids[1])
	d.must(d.Postpone(d.ctx, ids[:2], d.now.Add(time.Hour)))
	d.now = d.now.Add(time.Minute)
	d.same("a deadline and what nobody postponed", []store.Taken{{ID: ids[1], Inbox: "hotline", Times: 1}, {ID: ids[2], Inbox: "hotline", Times: 1}}, d.take(10, false))
	d.now = d.now.Add(time.Hour)
	d.same("later", ids[0], d.take(10, false)[0].ID)
}

func refuseFile(d *desk) {
	dec := d.opening(d.pending(d.record(item("hotline", "k1", "one"))...)[0], phone(1))
	dec.Plan.Row.Attachments = []message.Attachment{{Name: "a.png", Ref: "ref-a"}, {Name: "b.png", Ref: "ref-b"}}
	d.must(d.Commit(d.ctx, []store.Decision{dec}, d.now))
	id := dec.Plan.Message
	o := d.opinion(screen.Opinion{Scanner: "clamd", Verdict: screen.OpinionMalware, Name: "Test"})
	o.Part = "ref-b"
	d.must(d.OpineFile(d.ctx, id, o, d.now))
	d.must(d.RefuseBlob(d.ctx, id, "ref-b", "not kept: malware"))
	story, err := d.Trace(d.ctx, id)
	d.must(err)
	d.same("notes", []string{"", "not kept: malware"}, []string{story.Attachments[0].Note, story.Attachments[1].Note})
	d.same("part", "ref-b", story.Opinions[0].Part)
	heard, err := d.Opinions(d.ctx, []int64{id})
	d.must(err)
	d.same("of the message itself", 0, len(heard))
}
