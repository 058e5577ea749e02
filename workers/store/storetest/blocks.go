package storetest

import (
	"errors"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/message"
	"frontdesk/workers/store"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/setaside"
	"frontdesk/workers/store/viewer"
)

// blocked tells whether a decision knows that a sender is blocked.
func (d *desk) blocked(from string) bool {
	d.t.Helper()
	a := message.Address{Kind: message.Email, Value: from}
	return d.known(a, pipeline.Asks{From: a.Identity()}).Blocked
}

// blocksOf are all blocks that a viewer is shown.
func (d *desk) blocksOf(v viewer.Viewer) []setaside.Blocked {
	d.t.Helper()
	all, err := d.Aside.Blocks(d.ctx, v, 0, 10)
	d.must(err)
	return all
}

// blocksSenders: whoever looks after what is set aside blocks its sender, once, under any spelling, and lets him in again; both are in the journal.
func blocksSenders(d *desk) {
	head, admin := agent(9, viewer.Lead, "payments"), agent(8, viewer.Administrator, "cards")
	id, again, nobody := d.parkedMail("b1", "Pest@Firm.example", "Buy", causes.Spam), d.parkedMail("b2", "pest@firm.example", "Buy now", causes.Spam), d.parkedMail("b3", "", "Buy", causes.Automated)
	for _, v := range []viewer.Viewer{wang, chen, sun, {}} {
		_, err := d.Aside.Blocks(d.ctx, v, 0, 10)
		for what, err := range map[string]error{"lists": err, "blocks": d.Aside.Block(d.ctx, v, id, d.now), "lets in": d.Aside.Unblock(d.ctx, v, 1, d.now)} {
			if !errors.Is(err, store.ErrNotFound) {
				d.t.Errorf("%s %s: %v", v.Login, what, err)
			}
		}
	}
	d.same("before", false, d.blocked("pest@firm.example"))
	d.must(d.Aside.Block(d.ctx, head, id, d.now))
	d.must(d.Aside.Block(d.ctx, admin, again, d.now))
	d.same("the sender, however his address is written", true, d.blocked("PEST@firm.example"))
	d.same("another one of his house", false, d.blocked("lee@firm.example"))
	all := d.blocksOf(admin)
	if len(all) != 1 || all[0].Value != "Pest@Firm.example" && all[0].Value != "pest@firm.example" || all[0].By != head.Login || all[0].Message != id || !all[0].At.Equal(d.now) {
		d.t.Fatalf("listed: %+v", all)
	}
	veiled := head
	veiled.Veiled = []viewer.Role{viewer.Lead}
	if got := d.blocksOf(veiled); len(got) != 1 || got[0].Value == all[0].Value {
		d.t.Errorf("who may see no addresses is shown %+v", got)
	}
	if err := d.Aside.Block(d.ctx, head, nobody, d.now); !errors.Is(err, domain.ErrNotSo) {
		d.t.Errorf("a message without a sender: %v", err)
	}
	d.must(d.Aside.Dismiss(d.ctx, head, again, d.now))
	if err := d.Aside.Block(d.ctx, head, again, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("one that is not set aside any more: %v", err)
	}
	more, err := d.Aside.Blocks(d.ctx, head, all[0].ID, 10)
	d.must(err)
	d.same("below the last", 0, len(more))
	d.must(d.Aside.Unblock(d.ctx, admin, all[0].ID, d.now))
	d.same("let in again", false, d.blocked("pest@firm.example"))
	d.same("listed afterwards", 0, len(d.blocksOf(head)))
	if err := d.Aside.Unblock(d.ctx, admin, all[0].ID, d.now); !errors.Is(err, store.ErrNotFound) {
		d.t.Errorf("let in twice: %v", err)
	}
	d.same("what was done", []string{head.Login + " block email", admin.Login + " unblock email"},
		d.texts(`SELECT who || ' ' || act || ' ' || detail FROM journal WHERE id > 0 AND act LIKE '%block' ORDER BY id LIMIT 100`))
	d.counted()
}

// blocksOfTheErased: nothing of an erased person's address stays in the list of blocks, and everybody else's block stays.
func blocksOfTheErased(d *desk) {
	head := agent(9, viewer.Lead, "payments")
	for _, from := range []string{"kim@firm.example", "lee@firm.example"} {
		d.must(d.Aside.Block(d.ctx, head, d.parkedMail(from, from, "Buy", causes.Spam), d.now))
	}
	who, err := d.Erasure.PersonAt(d.ctx, message.Identity{Kind: message.Email, Value: "kim@firm.example"})
	d.must(err)
	out, err := d.Erasure.Erase(d.ctx, who, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	d.same("left of the person", 0, out.Proof.Left())
	left := d.blocksOf(head)
	if len(left) != 1 || left[0].Value != "lee@firm.example" {
		d.t.Errorf("blocks left: %+v", left)
	}
}
