package storetest

import (
	"errors"
	"fmt"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/acts"
	"frontdesk/workers/store/commit"
	"frontdesk/workers/store/view"
)

// parkedMail is a mail that was set aside.
func (d *desk) parkedMail(key, from, subject, cause string) int64 {
	p := d.pending(d.record(item("support", key, "x"))...)[0]
	d.must(d.Commit.Commit(d.ctx, []commit.Decision{{Pending: p, Plan: pipeline.Plan{Message: p.ID, State: messages.Parked, Cause: cause,
		Row: pipeline.MessageRow{Kind: "auto", From: message.Address{Kind: message.Email, Value: from}, Subject: subject}}}}, d.now))
	return p.ID
}

// excepted tells whether a mail of that sender with that base subject is let in.
func (d *desk) excepted(from, subject string) bool {
	a := pipeline.Asks{From: message.Identity{Kind: message.Email, Value: from}, Exceptions: []pipeline.Exception{{Kind: pipeline.ExceptSender, Value: from}, {Kind: pipeline.ExceptSubject, Value: subject}}}
	return d.known(message.Address{Kind: message.Email, Value: from}, a).Excepted
}

// releaseLearns: a release lets in the sender of what was taken for a machine's, or its subject; it is listed,
// written into the journal, and can be taken back.
func releaseLearns(d *desk) {
	d.same("before", false, d.excepted("kim@firm.example", "daily report"))
	d.must(d.Acts.Release(d.ctx, d.parkedMail("m1", "Kim@Firm.example", "Re: Daily report", causes.Automated), d.now, "ann"))
	d.same("the sender, under whatever subject", true, d.excepted("kim@firm.example", "another"))
	d.same("another sender", false, d.excepted("lee@firm.example", "daily report"))
	d.must(d.Acts.ReleaseLearning(d.ctx, d.parkedMail("m2", "x17@robots.example", "Re: Daily report", causes.Backscatter), acts.LearnSubject, d.now, "ann"))
	d.same("the subject, of whatever sender", true, d.excepted("lee@firm.example", "daily report"))
	for i, c := range []struct {
		cause string
		learn acts.Learn
	}{{causes.ServerNotice, acts.LearnNothing}, {causes.Malware, acts.LearnSender}, {causes.Spam, acts.LearnSender}, {causes.Automated, acts.LearnSender}} {
		from := fmt.Sprintf("n%d@firm.example", i)
		d.must(d.Acts.ReleaseLearning(d.ctx, d.parkedMail(from, from, "", c.cause), c.learn, d.now, "ann"))
		d.same(c.cause+", "+string(c.learn), c.learn == acts.LearnSender && c.cause == causes.Automated, d.excepted(from, "none"))
	}
	nobody := d.parkedMail("m3", "", "", causes.Automated)
	if err := d.Acts.ReleaseLearning(d.ctx, nobody, acts.LearnSender, d.now, "ann"); !errors.Is(err, acts.ErrLearn) {
		d.t.Errorf("released with nothing to learn: %v", err)
	}
	d.must(d.Acts.Release(d.ctx, nobody, d.now, "ann"))

	all, err := d.View.Exceptions(d.ctx, view.Page{})
	d.must(err)
	d.same("listed", 3, len(all))
	d.same("the oldest", []string{"sender", "automated", "ann"}, []string{all[2].Kind, all[2].Cause, all[2].MadeBy})
	for _, e := range all {
		d.must(d.Acts.RemoveException(d.ctx, e.ID, d.now, "ann"))
	}
	d.same("after they were removed", false, d.excepted("kim@firm.example", "daily report"))
	if err := d.Acts.RemoveException(d.ctx, all[0].ID, d.now, "ann"); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("removed twice: %v", err)
	}
	d.counted()
}
