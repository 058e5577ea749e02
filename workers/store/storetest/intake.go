package storetest

import (
	"github.com/google/go-cmp/cmp"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/workers/store"
)

func recordOnce(d *desk) {
	lot := store.Lot{Items: []store.Item{item("hotline", "k1", "one"), item("hotline", "k2", "two"), item("hotline", "k1", "one again")},
		Moves: []store.Move{{Inbox: "hotline", Stream: "all", Cursor: channels.Cursor(`{"at":2}`)}}}
	first, err := d.Record(d.ctx, lot, d.now)
	d.must(err)
	second, err := d.Record(d.ctx, lot, d.now)
	d.must(err)
	want := []channels.Recorded{{ID: first[0].ID, Key: "k1", New: true}, {ID: first[1].ID, Key: "k2", New: true}, {ID: first[0].ID, Key: "k1"}}
	if diff := cmp.Diff(want, first); diff != "" {
		d.t.Errorf("first time (-want +got):\n%s", diff)
	}
	for i := range want {
		want[i].New = false
	}
	if diff := cmp.Diff(want, second); diff != "" {
		d.t.Errorf("second time (-want +got):\n%s", diff)
	}
	p := d.pending(first[0].ID)[0]
	got := store.Pending{ID: first[0].ID, Inbox: "hotline", Channel: "sms", Key: "k1", At: start, RecordedAt: d.now, Raw: []byte("one"),
		Meta: map[string]string{channels.MetaRemote: "192.0.2.7"}}
	if diff := cmp.Diff(got, p); diff != "" {
		d.t.Errorf("read back (-want +got):\n%s", diff)
	}
	cursor, err := d.Cursor(d.ctx, "hotline", "all")
	d.must(err)
	if string(cursor) != `{"at":2}` {
		d.t.Errorf("cursor is %s", cursor)
	}
}

func openTicket(d *desk) {
	plan := d.open("k1", phone(1))
	f := d.facts(pipeline.Asks{From: phone(1).Identity(), Recipient: phone(1).Identity(), Print: "f00d", Thread: "hotline|" + phone(1).Value})
	k := f.For(d.message(phone(1)), pipeline.Asks{From: phone(1).Identity(), Recipient: phone(1).Identity(), Print: "f00d", Thread: "hotline|" + phone(1).Value})
	if k.Contact == nil || k.Contact.ID != plan.Contact.ID || len(k.Contact.Identities) != 1 || k.Contact.Version != 1 {
		d.t.Errorf("contact is %+v", k.Contact)
	}
	if len(k.Recent) != 1 || k.Recent[0].ID != plan.Ticket.ID || len(k.Named) != 1 {
		d.t.Errorf("tickets are %+v, named %+v", k.Recent, k.Named)
	}
	if k.LastHour != 1 || k.Sent.Hour != 1 || k.Sent.Day != 1 || k.Sent.Repeats != 1 {
		d.t.Errorf("counts are %d %+v", k.LastHour, k.Sent)
	}
}
