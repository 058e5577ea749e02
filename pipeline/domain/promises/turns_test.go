package promises

import (
	"testing"
	"time"
)

// TestWhoseTurnItIs: what an answer, and whether there is to be one, makes of the promises of replies; nothing else is concerned.
func TestWhoseTurnItIs(t *testing.T) {
	for _, kind := range []string{Acknowledgement, FirstReply, NextReply, Resolution} {
		reply := kind == FirstReply || kind == NextReply
		for _, state := range states() {
			p := in(t, state, false)
			p.Kind = kind
			open := p.Settled.IsZero()
			done, changed := OnReply(p, time.Time{}, most)
			if changed != (reply && open) || changed && !done.Settled.Equal(most) {
				t.Errorf("answered with %s %s: %+v, changed %t", kind, state, done, changed)
			}
			if _, changed := OnReply(p, time.Time{}, p.Start.Add(-time.Second)); changed != (kind == FirstReply && open) {
				t.Errorf("an answer that was there before, with %s %s: changed %t", kind, state, changed)
			}
			late, changed := OnReply(p, p.Start, most)
			if changed != (kind == FirstReply && open) {
				t.Errorf("an answer from before it was owed, with %s %s: %+v, changed %t", kind, state, late, changed)
			}
			if _, changed := OnReply(p, p.Start.Add(time.Second), most); changed != (reply && open) {
				t.Errorf("an answer from before the customer wrote once more, with %s %s: changed %t", kind, state, changed)
			}
			aside, changed := OnSetAside(p, most)
			if changed != (reply && open) || changed && (aside.Open() || aside.Cause != "set-aside") {
				t.Errorf("set aside with %s %s: %+v, changed %t", kind, state, aside, changed)
			}
			again, back := OnRecall(aside, most)
			if back != (changed && aside.State == Void) || back && (again.State != Due || !again.Due.Equal(p.Due) || !again.Start.Equal(p.Start)) {
				t.Errorf("called up with %s %s: %+v, changed %t", kind, state, again, back)
			}
			closed, _ := OnClose(p, most)
			if _, back := OnRecall(closed, most); back {
				t.Errorf("calling up takes back a closing, with %s %s", kind, state)
			}
		}
	}
}

// TestCountedAnew: what the customer was told moves earlier, never later; the rest either way; nothing to what has passed.
func TestCountedAnew(t *testing.T) {
	for _, kind := range []string{Acknowledgement, FirstReply, NextReply, Resolution} {
		told := kind == Acknowledgement || kind == FirstReply
		for _, state := range states() {
			p := in(t, state, false)
			p.Kind = kind
			for _, c := range []struct {
				name string
				made Promise
				want bool
			}{
				{"earlier", Promise{Start: start, Due: most.Add(time.Hour)}, true},
				{"later", Promise{Start: start, Due: later}, !told},
				{"to what has passed", Promise{Start: start, Due: half}, false},
				{"to the same", Promise{Start: start, Due: deadline}, false},
				{"from another start", Promise{Start: half, Due: most.Add(time.Hour)}, false},
			} {
				got, changed := p.Recounted(c.made, most)
				if changed != (c.want && p.Open()) || changed && (!got.Due.Equal(c.made.Due) || got.State != state || !got.Next.Equal(c.made.Due)) {
					t.Errorf("%s %s counted anew %s: %+v, changed %t", kind, state, c.name, got, changed)
				}
			}
		}
	}
}

func TestATurnThatBeginsBehindAnotherOne(t *testing.T) {
	made := Promise{Ticket: 7, Start: start, Due: deadline, Warn: []time.Time{half}}
	if p := Begun(made, false, start); p.Kind != NextReply || p.State != Due || !p.Next.Equal(half) {
		t.Errorf("begun: %+v", p)
	}
	behind := Begun(made, true, start)
	if behind.State != Void || behind.Cause != "answer-first" || !behind.Next.IsZero() {
		t.Errorf("begun while a reply is owed: %+v", behind)
	}
	if p, changed := OnRecall(behind, most); !changed || p.State != Due || !p.Due.Equal(deadline) || !p.Next.Equal(deadline) {
		t.Errorf("once that has gone out: %+v, changed %t", p, changed)
	}
}
