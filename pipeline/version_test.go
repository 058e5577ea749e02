package pipeline_test

import (
	"testing"
	"time"

	"frontdesk/pipeline"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain/messages"
	"frontdesk/pipeline/message"
)

// chatMessage is version n of a message of a chat.
func chatMessage(id int64, version, text string, files ...message.Attachment) message.Message {
	return message.Message{ID: id, Inbox: "bot", Channel: "telegram", Key: version + ":" + string(rune('a'+id)), At: now.Add(time.Duration(id) * time.Minute), Proven: true,
		From: message.Address{Kind: "telegram", Value: "42"}, Thread: "42", Version: version, Edited: id > 1, Text: text, Attachments: files}
}

// TestAnEditThatShowsNothingNewAddsNothing: a reaction, the preview of a link, an edit that was taken back is told from one.
func TestAnEditThatShowsNothingNewAddsNothing(t *testing.T) {
	photo := message.Attachment{MediaType: "image/jpeg", Ref: "f1", Unique: "u1", Size: 4}
	again, other := photo, photo
	again.Ref = "f1-of-today"
	other.Ref, other.Unique = "f2", "u2"
	const text, changed = "My transfer of 500 HKD has not arrived", "My transfer of 5000 HKD has not arrived"
	type step struct {
		m    message.Message
		copy bool
	}
	for _, tc := range []struct {
		name  string
		steps []step
	}{
		{"a reaction, thrice", []step{{chatMessage(1, "42:1", text), false}, {chatMessage(2, "42:1", text), true}, {chatMessage(3, "42:1", text), true}, {chatMessage(4, "42:1", text), true}}},
		{"white space alone", []step{{chatMessage(1, "42:1", text), false}, {chatMessage(2, "42:1", text+" \n"), true}}},
		{"a change", []step{{chatMessage(1, "42:1", text), false}, {chatMessage(2, "42:1", changed), false}, {chatMessage(3, "42:1", changed), true}}},
		{"a change that is taken back", []step{{chatMessage(1, "42:1", text), false}, {chatMessage(2, "42:1", changed), false}, {chatMessage(3, "42:1", text), false}, {chatMessage(4, "42:1", text), true}}},
		{"a picture that is handed over by another id", []step{{chatMessage(1, "42:1", text, photo), false}, {chatMessage(2, "42:1", text, again), true}}},
		{"another picture", []step{{chatMessage(1, "42:1", text, photo), false}, {chatMessage(2, "42:1", text, other), false}}},
		{"a picture that is added", []step{{chatMessage(1, "42:1", text), false}, {chatMessage(2, "42:1", text, photo), false}}},
		{"a caption that is added", []step{{chatMessage(1, "42:1", "", photo), false}, {chatMessage(2, "42:1", text, photo), false}}},
		{"the same words as a message of their own", []step{{chatMessage(1, "42:1", text), false}, {chatMessage(2, "42:2", text), false}}},
		{"the same number in another chat", []step{{chatMessage(1, "42:1", text), false}, {chatMessage(2, "43:1", text), false}}},
		{"the first version comes last", []step{{chatMessage(2, "42:1", text), false}, {chatMessage(1, "42:1", text), true}}},
		{"an edit of what came before we were there", []step{{chatMessage(2, "42:1", text), false}, {chatMessage(3, "42:1", text), true}}},
		{"a channel that knows no versions", []step{{chatMessage(1, "", text), false}, {chatMessage(2, "", text), false}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, facts, ids := settings(t), pipeline.NewFacts(), counter{}
			for i, step := range tc.steps {
				got := batch(t, s, facts, ids, step.m)[0].Plan
				if (got.State == messages.Duplicate) != step.copy {
					t.Errorf("step %d: %s", i+1, got.State)
				}
			}
		})
	}
}

func TestAVersionOfWhatWasErasedBringsNothingBack(t *testing.T) {
	s := settings(t)
	c := pipeline.Read(chatMessage(2, "42:1", "My refund has not arrived"), s, now)
	got := pipeline.Decide(c, pipeline.Known{Version: &dedupe.Version{Message: 1, Seen: c.Keys.Seen, Erased: true}}).Plan
	if got.State != messages.Duplicate || !got.Erased || got.Row.Visible != "" {
		t.Errorf("%s, erased %v, %q", got.State, got.Erased, got.Row.Visible)
	}
}
