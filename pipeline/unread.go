package pipeline

import (
	"fmt"
	"slices"

	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/domain/messages"
)

// Unread is a message that could not be decoded, for that cause. A mail has its bytes as its content
// key, so that it is known again when it comes another way.
// c is what the worker made of the parked message. Only mail has such a key: of other channels the delivery's key is the content's.
func Unread(c Case, raw []byte) Case {
	if c.Settings != nil && c.Settings.Digest != nil && c.Settings.Channels[c.Message.Channel].Mail {
		c.Plan.Row.Content = dedupe.Unread(raw, c.Settings.Digest)
		c.Asks.Content = c.Plan.Row.Content
	}
	return c
}

// DecideUnread folds a copy of a mail that could not be decoded. Any other stays parked.
// It has no other stage: nothing is known of a message that nobody could read.
func DecideUnread(c Case, known Known) Case {
	copy := dedupe.Check(c.Message, known.First)
	if c.Asks.Content == "" || copy.Of == 0 {
		return c
	}
	c.Known, c.Copy = Known{First: known.First}, copy
	c.Plan.Trace = slices.Clip(c.Plan.Trace)
	c.Plan.State, c.Plan.Cause, c.Plan.Evidence = messages.Duplicate, "", ""
	c.Plan.Duplicate, c.Plan.Erased = copy.Of, known.First.Erased
	c.note(stageDedupe, fmt.Sprintf("copy of message %d", copy.Of), copy.Reason)
	if c.Plan.Erased {
		forget(&c)
		return c
	}
	return c
}
