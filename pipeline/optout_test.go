package pipeline_test

import (
	"testing"

	"frontdesk/pipeline"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/screen"
)

// TestStopAndYes: who says YES after STOP is acknowledged again, and HELP between the two changes nothing.
func TestStopAndYes(t *testing.T) {
	s, facts, ids := settings(t), pipeline.NewFacts(), counter{}
	for i, step := range []struct{ text, cause, ack string }{
		{"STOP", screen.SuppressOptOut, ""},
		{"HELP", screen.SuppressHelp, ""},
		{"My card was stolen.", "", causes.OptedOut},
		{"Ｙes!", screen.SuppressOptIn, ""},
		{"Where is my refund of 30 dollars?", "", "sent"},
	} {
		m := sms(int64(i+1), step.text)
		m.From, m.Thread, m.At = message.Address{Kind: message.Phone, Value: "+8613800000001"}, "t", now.AddDate(0, 0, 30*i)
		got := batch(t, s, facts, ids, m)[0].Plan
		ack := ""
		for _, e := range got.Effects {
			if e.Kind == effects.KindAcknowledgement {
				ack = e.Cause
				if ack == "" {
					ack = "sent"
				}
			}
		}
		if got.Cause != step.cause || ack != step.ack {
			t.Errorf("%q: %s %q, acknowledgement %q; want %q, %q", step.text, got.State, got.Cause, ack, step.cause, step.ack)
		}
	}
}

// TestAChatThatBeginsAnewIsAnswered: /start takes a stop back and is a message as before.
func TestAChatThatBeginsAnewIsAnswered(t *testing.T) {
	s, facts, ids := settings(t), pipeline.NewFacts(), counter{}
	chat := func(id int64, text string, proven bool) message.Message {
		m := sms(id, text)
		m.Channel, m.Inbox, m.Proven, m.Thread = "telegram", "bot", proven, "42"
		m.From = message.Address{Kind: "telegram", Value: "42"}
		return m
	}
	who := message.Identity{Kind: "telegram", Value: "42"}
	batch(t, s, facts, ids, chat(1, "/stop", true))
	if !facts.Stopped[who] {
		t.Fatal("/stop stopped nothing")
	}
	batch(t, s, facts, ids, chat(2, "/start", false))
	if !facts.Stopped[who] {
		t.Error("who only names a chat has brought it back")
	}
	got := batch(t, s, facts, ids, chat(3, "/start", true))[0].Plan
	if got.State == messages.Suppressed || facts.Stopped[who] {
		t.Errorf("%s, stopped %v; want a message, and nothing stopped", got.State, facts.Stopped[who])
	}
	batch(t, s, facts, ids, chat(4, "/stop", true))
	later := chat(5, "/start", true)
	later.At = now.AddDate(0, 1, 0)
	got = batch(t, s, facts, ids, later)[0].Plan
	if len(got.Effects) != 1 || got.Effects[0].Cause == causes.OptedOut {
		t.Errorf("%s, %+v; want an acknowledgement", got.State, got.Effects)
	}
}
