package storetest

import (
	"strings"
	"time"

	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/outbox"
)

// words are what an attempt has sent, sealed as the deliverer does.
func (d *desk) words(effect int64, attempt int, text string) []byte {
	return d.Outbox.SealWords(effect, attempt, outbox.Words{Text: text})
}

// attempt is an attempt as it is told: its outcome and its text, "-" where there is none.
func (d *desk) attempts(effect int64) (out []string) {
	d.t.Helper()
	all, err := d.Outbox.Said(d.ctx, []int64{effect})
	d.must(err)
	for i, a := range all[effect] {
		d.same("number of an attempt", i+1, a.N)
		text := "-"
		if a.Words != nil {
			text = a.Words.Text
		}
		out = append(out, a.Outcome+" "+text)
	}
	return out
}

// saidEach: each attempt keeps what it sent itself.
func saidEach(d *desk) {
	id := d.open("k1", phone(1)).Effects[0].ID
	d.claim(id)
	d.settle(commands.SendEnded{ID: id, Attempt: 1, State: effects.Due, Next: d.now, Unknown: true, Words: d.words(id, 1, "in time")})
	d.claim(id)
	d.settle(commands.SendEnded{ID: id, Attempt: 2, State: effects.Due, Next: d.now, Code: "451"})
	d.claim(id)
	d.same("while the third is under way", []string{"unknown in time", "retry -"}, d.attempts(id))
	d.settle(commands.SendEnded{ID: id, Attempt: 3, State: effects.Sent, ProviderID: "P", Words: d.words(id, 3, "we are late, 抱歉")})
	d.same("afterwards", []string{"unknown in time", "retry -", "sent we are late, 抱歉"}, d.attempts(id))
}

// saidDied: an attempt of a process that died is told, though nothing of it was written down.
func saidDied(d *desk) {
	id := d.open("k1", phone(1)).Effects[0].ID
	d.claim(id)
	d.now = d.now.Add(3 * time.Minute)
	d.claim(id)
	d.same("while the second is under way", []string{"died -"}, d.attempts(id))
	d.settle(commands.SendEnded{ID: id, Attempt: 2, State: effects.Sent, ProviderID: "P", Words: d.words(id, 2, "hello")})
	d.same("afterwards", []string{"died -", "sent hello"}, d.attempts(id))
	never := d.open("k2", phone(2)).Effects[0].ID
	d.same("one that nobody has tried", []string(nil), d.attempts(never))
}

// saidConfirmed: what a dead process had noted is what it sent, though another attempt stands beside it.
func saidConfirmed(d *desk) {
	id := d.open("k1", phone(1)).Effects[0].ID
	row := d.claim(id)[0]
	slip := outbox.Slip{Key: row.Key, CreatedAt: row.CreatedAt,
		SendEnded: commands.SendEnded{ID: id, Attempt: 1, State: effects.Sent, ProviderID: "P", Words: d.words(id, 1, "hello")}}
	_, err := d.Outbox.Confirm(d.ctx, []outbox.Slip{slip}, d.now)
	d.must(err)
	d.same("attempts", []string{"sent hello"}, d.attempts(id))
}

// saidLong: what is kept of a text has a bound.
func saidLong(d *desk) {
	id := d.open("k1", phone(1)).Effects[0].ID
	d.claim(id)
	d.settle(commands.SendEnded{ID: id, Attempt: 1, State: effects.Sent, Words: d.Outbox.SealWords(id, 1, outbox.Words{Subject: strings.Repeat("s", 9000), Text: strings.Repeat("长", 50_000)})})
	all, err := d.Outbox.Said(d.ctx, []int64{id})
	d.must(err)
	w := all[id][0].Words
	if w == nil || !w.Cut || len(w.Text) > 64<<10 || len(w.Text) < 60<<10 || strings.Contains(w.Text, "\uFFFD") || len(w.Subject) > 4<<10 {
		d.t.Errorf("kept %+v", w)
	}
}

// saidErased: what was sent goes with the person, and what is written down afterwards brings nothing back.
func saidErased(d *desk) {
	plan, later := d.open("k1", phone(1)), d.open("k2", phone(2))
	id, other := plan.Effects[0].ID, later.Effects[0].ID
	rows := d.claim(id, other)
	d.settle(commands.SendEnded{ID: id, Attempt: 1, State: effects.Due, Next: d.now.Add(time.Hour), Unknown: true, Words: d.words(id, 1, "hello")},
		commands.SendEnded{ID: other, Attempt: 1, State: effects.Sent, Words: d.words(other, 1, "A friend of +4930000000001 wrote, not of +49300000000012.")})
	p, err := d.Erasure.PersonAt(d.ctx, phone(1).Identity())
	d.must(err)
	found, err := d.Erasure.Find(d.ctx, p, nil)
	d.must(err)
	d.same("sends to others that name the person", []int64{other}, found.Others.Words)
	got, err := d.Erasure.Erase(d.ctx, p, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	d.same("left", 0, got.Proof.Left())
	d.same("hers", []string{"unknown -"}, d.attempts(id))
	d.same("another's", []string{"sent A friend of [erased] wrote, not of +49300000000012."}, d.attempts(other))
	for _, row := range rows {
		if row.ID == id { // a slip of a process that died is read after the erasure
			_, err := d.Outbox.Confirm(d.ctx, []outbox.Slip{{Key: row.Key, CreatedAt: row.CreatedAt,
				SendEnded: commands.SendEnded{ID: id, Attempt: 2, State: effects.Sent, Words: d.words(id, 2, "hello again")}}}, d.now)
			d.must(err)
		}
	}
	d.same("hers, after word of a send", []string{"unknown -", "sent -"}, d.attempts(id))
}

// saidBegun: a note of a send that begins counts for its own row and attempt, and gives way to word of its end.
func saidBegun(d *desk) {
	cut, ended, erased, never := d.open("k1", phone(1)).Effects[0].ID, d.open("k2", phone(2)).Effects[0].ID, d.open("k3", phone(3)).Effects[0].ID, d.open("k4", phone(4)).Effects[0].ID
	rows := d.claim(cut, ended, erased)
	begun := func(row outbox.EffectRow, attempt int, text string) outbox.Slip {
		return outbox.Slip{Key: row.Key, CreatedAt: row.CreatedAt, BegunAt: d.now.Add(-time.Minute),
			SendEnded: commands.SendEnded{ID: row.ID, Attempt: attempt, State: effects.Sending, Words: d.words(row.ID, attempt, text)}}
	}
	d.settle(commands.SendEnded{ID: ended, Attempt: 1, State: effects.Due, Next: d.now.Add(time.Hour), Code: "451"},
		commands.SendEnded{ID: erased, Attempt: 1, State: effects.Sent})
	p, err := d.Erasure.PersonAt(d.ctx, phone(3).Identity())
	d.must(err)
	_, err = d.Erasure.Erase(d.ctx, p, erasure.Erasure{Who: "op"}, d.now)
	d.must(err)
	other := begun(rows[0], 1, "of another installation")
	other.CreatedAt = other.CreatedAt.Add(-time.Hour)
	unborn := begun(rows[0], 9, "of an attempt that there was not")
	n, err := d.Outbox.Confirm(d.ctx, []outbox.Slip{other, unborn, begun(rows[0], 1, "hello"), begun(rows[1], 1, "refused"), begun(rows[2], 1, "secret"),
		begun(outbox.EffectRow{ID: never, Key: rows[0].Key, CreatedAt: rows[0].CreatedAt}, 1, "of another row")}, d.now)
	d.must(err)
	d.same("sends that were not written down", 0, n)
	d.must(d.Service.Reclaim(d.ctx, d.now))
	d.same("the row goes on", 1, len(d.claim(cut)))
	d.settle(commands.SendEnded{ID: cut, Attempt: 2, State: effects.Sent, Words: d.words(cut, 2, "hello again")})
	d.same("one that was cut off", []string{"died hello", "sent hello again"}, d.attempts(cut))
	d.same("one whose end is known", []string{"retry -"}, d.attempts(ended))
	d.same("one whose person is erased", []string{"sent -"}, d.attempts(erased))
	d.same("one that was never tried", []string(nil), d.attempts(never))
}
