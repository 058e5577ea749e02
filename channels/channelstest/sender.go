package channelstest

import (
	"context"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/pipeline/message"
)

// SenderCase describes one connector that sends. Open starts a fresh fake provider, which
// t.Cleanup stops.
type SenderCase struct {
	Open func(t *testing.T) SenderBench
	// Faults are those that the fake can be told. Their classes: ServerError Temporary, Throttle
	// Throttled with a wait, Slow and Drop Unknown, Unauthorized Unauthorized, Refuse OptedOut, Gone or
	// Permanent.
	Faults []Fault
	// Patience is how long a send is given when the provider does not answer. 0 means 2 s.
	Patience time.Duration
	// Carries is what the channel's traits say. All of it must go out, and nothing else may.
	Carries message.Carries
}

// SenderBench is one fake provider and what is needed to work with it.
type SenderBench struct {
	Sender  channels.Sender
	Out     channels.Outbound // a short message that the provider takes
	Fault   func(Fault)       // the next request fails this way
	Taken   func() []string   // texts that the provider has taken so far, in order
	Secrets []string
	// Long is a text that takes at least three parts; empty where a text is never split.
	Long string
	// Others are two whom a copy may go to, and Holds is what the provider has taken so far beside texts, all messages together. They
	// may be empty where Carries is.
	Others []message.Address
	Holds  func() Held
}

// Held is what a provider was given beside texts.
type Held struct {
	Cc    []string // addresses, as recipients see them
	HTML  string
	Files []HeldFile
}

// HeldFile is one file.
type HeldFile struct {
	Name, Type string
	Content    []byte
}

// Sender asks every question that a sending connector must answer.
func Sender(t *testing.T, c SenderCase) {
	t.Helper()
	if c.Patience == 0 {
		c.Patience = 2 * time.Second
	}
	t.Run("a message goes out once", func(t *testing.T) { once(t, c) })
	for _, f := range c.Faults {
		t.Run(string(f)+" has the right class", func(t *testing.T) { sendFault(t, c, f) })
	}
	t.Run("a long text goes in parts and is continued", func(t *testing.T) { parts(t, c) })
	t.Run("what its traits promise goes out", func(t *testing.T) { carried(t, c) })
	t.Run("what they deny is refused before the wire", func(t *testing.T) { denied(t, c) })
	t.Run("a file that cannot be read costs no other part", func(t *testing.T) { unreadable(t, c) })
	t.Run("each file goes once, whatever was sent before", func(t *testing.T) { filesOnce(t, c) })
	t.Run("a look finds what was taken and only that", func(t *testing.T) { look(t, c) })
}

func once(t *testing.T, c SenderCase) {
	b := c.Open(t)
	r, err := b.Sender.Send(t.Context(), "key-1", b.Out)
	if err != nil {
		t.Fatalf("sending: %v", err)
	}
	if r.ProviderID == "" || r.Status == "" || r.Status == channels.StatusFailed || r.Key != "key-1" {
		t.Errorf("receipt = %+v, want our key, the provider's id and a status", r)
	}
	if got := b.Taken(); len(got) != 1 || got[0] != b.Out.Text {
		t.Errorf("the provider has %d messages, want the one sent", len(got))
	}
}

func sendFault(t *testing.T, c SenderCase, fault Fault) {
	b := c.Open(t)
	b.Fault(fault)
	ctx, stop := context.WithTimeout(t.Context(), c.Patience)
	defer stop()
	_, err := b.Sender.Send(ctx, "key-1", b.Out)
	secrets := append([]string{b.Out.To.Value, b.Out.Text}, b.Secrets...)
	e := checkClass(t, err, secrets, sendClasses(fault)...)
	if fault == Throttle && e.After <= 0 {
		t.Error("throttled without saying how long")
	}
	if _, err := b.Sender.Send(t.Context(), "key-2", b.Out); err != nil {
		t.Errorf("sending after the fault: %v", err)
	}
}

func sendClasses(f Fault) []channels.Class {
	switch f {
	case Slow, Drop:
		return []channels.Class{channels.Unknown}
	case Throttle:
		return []channels.Class{channels.Throttled}
	case Unauthorized:
		return []channels.Class{channels.Unauthorized}
	case Refuse:
		return []channels.Class{channels.OptedOut, channels.Gone, channels.Permanent}
	}
	return []channels.Class{channels.Temporary}
}

// parts lets the second part fail, goes on where Error.Done says, and wants each part once.
func parts(t *testing.T, c SenderCase) {
	b := c.Open(t)
	if b.Long == "" {
		t.Skip("this connector never splits a text")
	}
	out := b.Out
	out.Text = b.Long
	probe := c.Open(t)
	if _, err := probe.Sender.Send(t.Context(), "key-1", out); err != nil {
		t.Fatalf("sending the long text: %v", err)
	}
	want := probe.Taken()
	if len(want) < 3 || strings.Join(want, "") != b.Long {
		t.Fatalf("%d parts that join to the text: %v, want at least 3 and true", len(want), strings.Join(want, "") == b.Long)
	}
	// The first two parts are sent before; the third fails.
	out.Skip = 2
	b.Fault(ServerError)
	_, err := b.Sender.Send(t.Context(), "key-1", out)
	if e := asError(t, err); e.Done != 2 {
		t.Fatalf("Done = %d after the third part failed, want 2", e.Done)
	}
	if _, err := b.Sender.Send(t.Context(), "key-1", out); err != nil {
		t.Fatalf("going on: %v", err)
	}
	if got := b.Taken(); strings.Join(got, "") != strings.Join(want[2:], "") {
		t.Errorf("the provider has %d parts of the rest, want %d", len(got), len(want)-2)
	}
}

func look(t *testing.T, c SenderCase) {
	b := c.Open(t)
	looker, ok := b.Sender.(channels.Looker)
	if !ok {
		t.Skip("this provider cannot be asked what it has taken")
	}
	since := time.Now().Add(-time.Second)
	b.Fault(ServerError)
	_, err := b.Sender.Send(t.Context(), "key-1", b.Out)
	asError(t, err)
	if _, found, err := looker.Look(t.Context(), "key-1", b.Out, since); err != nil || found {
		t.Fatalf("look after a refused send: found %v, error %v; want not found", found, err)
	}
	b.Fault(Drop)
	_, err = b.Sender.Send(t.Context(), "key-1", b.Out)
	asError(t, err)
	r, found, err := looker.Look(t.Context(), "key-1", b.Out, since)
	if err != nil || !found || r.ProviderID == "" || r.Key != "key-1" {
		t.Errorf("look after a send without answer: %+v, found %v, error %v; want it found", r, found, err)
	}
}
