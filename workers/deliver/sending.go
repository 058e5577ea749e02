package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"frontdesk/channels"
	"frontdesk/pipeline"
	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/commands"
	"frontdesk/pipeline/domain/contacts"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/workers"
	"frontdesk/workers/store"
	"frontdesk/workers/store/outbox"
)

// sending hands acknowledgements and digests to their channel. It decides nothing about whether one is owed: that
// stands in the row.
type sending struct {
	store   *store.Store
	senders *wayOut[channels.Sender]
	writer  *Writer
	health  *workers.Health
	rate    *rate.Limiter // of the whole desk; nil for none
	now     func() time.Time
	begin   func(row outbox.EffectRow, words []byte) // is told what is about to be handed over
}

// do is the order in which an attempt may end without a send: a fallback that is asked for, a digest without tickets,
// STOP, no sender, the desk's own rate, no text, a provider that is to be asked first. Only then the sender is
// called, with the row's key, by which a channel that can do so tells a repeat.
func (s *sending) do(ctx context.Context, row outbox.EffectRow) commands.SendEnded {
	if row.State == effects.Failed {
		return s.failed(ctx, row, commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "bounced", Detail: row.LastError})
	}
	if row.Kind == effects.KindDigest && len(row.Covers) == 0 {
		return commands.SendEnded{ID: row.ID, State: effects.Withheld, Code: "nothing-to-list"}
	}
	if row.OptedOut && !row.Unknown { // an earlier attempt may have gone out: then its fate is looked up first
		return stopped(row)
	}
	sender := s.senders.get(row.Inbox)
	if sender == nil {
		return s.failed(ctx, row, commands.SendEnded{ID: row.ID, State: effects.Failed, Code: "no-sender", Detail: "the inbox cannot send"})
	}
	if s.rate != nil && row.Kind != effects.KindReply && row.Kind != effects.KindForward && row.Kind != effects.KindCode && !s.rate.Allow() { // people write no more than they can
		return commands.SendEnded{ID: row.ID, State: effects.Due, Next: s.now().Add(rateWait + time.Duration(row.ID%16)*time.Second), Code: codeRate, Unknown: row.Unknown}
	}
	out, err := s.writer.Write(row, s.now())
	if err != nil {
		return s.unwritten(ctx, row, err)
	}
	if tooEarly(sender, row) {
		return commands.SendEnded{ID: row.ID, State: effects.Due, Next: s.now().Add(lookAfter), Code: codeLookLater, Detail: "a process died in an attempt", Unknown: true}
	}
	if row.Unknown {
		if receipt, there, err := s.look(ctx, sender, row, out); err != nil {
			o := retry(row, s.now(), codeLook, err.Error(), 0)
			o.Unknown = true
			return s.failed(ctx, row, o)
		} else if there != nil {
			o := s.traced(sender, sent(row, receipt))
			o.Words = s.words(row, *there)
			return o
		}
	}
	if row.OptedOut {
		return stopped(row)
	}
	return s.hand(ctx, sender, row, out)
}

// hand hands a row over. What its channel does not carry fails before anything is sent.
func (s *sending) hand(ctx context.Context, sender channels.Sender, row outbox.EffectRow, out channels.Outbound) commands.SendEnded {
	if err := out.Fits(s.writer.Channels[row.Channel].Carries); err != nil {
		return s.refused(ctx, row, err)
	}
	words := s.words(row, out)
	s.begin(row, words)
	receipt, err := sender.Send(ctx, row.Key, out)
	if err != nil {
		o := s.refused(ctx, row, err)
		if o.Unknown || o.PartsDone > row.PartsDone { // some of it may be there
			o.Words = words
		}
		return o
	}
	s.health.Taken(row.Inbox, s.now())
	o := s.traced(sender, sent(row, receipt))
	o.Words = words
	return o
}

// words seals what is being handed over. Only mail has a subject.
// It is kept as it was: what a person said to have been told can be looked up.
func (s *sending) words(row outbox.EffectRow, out channels.Outbound) []byte {
	w := outbox.Words{Text: out.Text, Language: out.Language, Skipped: out.Skip}
	if out.To.Kind == message.Email {
		w.Subject = out.Subject
	}
	if row.Kind == effects.KindCode { // a code is kept nowhere, sealed or not
		w.Text = s.writer.hidden(row, w.Text)
	}
	return s.store.Outbox.SealWords(row.ID, row.Attempts, w)
}

// refused is a send that failed. Where the provider refuses us and not the recipient, the inbox is failing and the
// customer is not to blame: what is given up for that, or because no provider could be reached, is not "nobody to write to".
func (s *sending) refused(ctx context.Context, row outbox.EffectRow, err error) commands.SendEnded {
	o := failure(row, err, s.now())
	o.Dead = o.Dead || s.dead(row.Channel, err)
	if o.Refused {
		s.health.Refused(row.Inbox, err)
	}
	givenUp := o.State == effects.Failed && !recipients(err)
	if o = s.failed(ctx, row, o); o.Void != "" && givenUp {
		o.Void = causes.NotTaken
	}
	return o
}

// dead reports whether a refusal's code says that the recipient's address will never take anything.
func (s *sending) dead(channel string, err error) bool {
	e, ok := errors.AsType[*channels.Error](err)
	return ok && e.Class == channels.Permanent && s.writer.Channels[channel].Unreachable(e.Code)
}

// recipients reports whether an error says that the recipient, or what is to be sent to him, is at fault.
func recipients(err error) bool {
	var e *channels.Error
	return errors.As(err, &e) && slices.Contains([]channels.Class{channels.Permanent, channels.WindowClosed, channels.OptedOut, channels.Gone, channels.TooLarge}, e.Class)
}

// unwritten is a row whose text cannot be written: a fault of ours, such as a template's, that may be
// mended while it waits. When it is not, the row ends like one that no address takes, for a cause of its own.
func (s *sending) unwritten(ctx context.Context, row outbox.EffectRow, err error) commands.SendEnded {
	o := retry(row, s.now(), codeRender, err.Error(), 0)
	o.Unknown = row.Unknown
	if o = s.failed(ctx, row, o); o.Void != "" {
		o.Void = causes.NoText
	}
	return o
}

// stopped withholds what the customer has said STOP to while it waited, and owes it no more.
func stopped(row outbox.EffectRow) commands.SendEnded {
	return commands.SendEnded{ID: row.ID, State: effects.Withheld, Code: causes.OptedOut, Void: causes.OptedOut}
}

// Codes of attempts that ended before anything was handed over, besides codeRate and codeSilent.
const (
	codeHandedBack = "handed-back" // its claim ran out, or the process stops
	codeNoRoom     = "no-room"     // what is sent could not have been noted
	codeLookLater  = "look-later"  // the provider is asked later about an earlier attempt
	codeLook       = "look"        // it could not be asked
	codeRender     = "render"      // there is no text
)

// Idle reports whether an attempt with that code ended before anything was handed over. What is unknown of it is what an earlier
// one has done.
func Idle(code string) bool {
	return slices.Contains([]string{codeHandedBack, codeNoRoom, codeLookLater, codeLook, codeRender, codeRate, codeSilent}, code)
}

// codeRate is the outcome of a row that the desk's own rate held back: no fault, so no log line.
const codeRate = "desk-rate"

// rateWait is when a row is tried again that the desk's own rate held back.
const rateWait = 15 * time.Second

// lookAfter is how long a provider is given to list what a process was sending when it died: the
// request may still be on its way when the next process is there already.
const lookAfter = 10 * time.Second

// tooEarly reports whether the provider can be asked, and the attempt to ask about was cut off by the
// death of its process, perhaps just now.
func tooEarly(sender channels.Sender, row outbox.EffectRow) bool {
	_, ok := sender.(channels.Looker)
	return ok && row.Unknown && row.State == effects.Sending
}

// look asks the provider about sends that ended without an answer, and returns the one that it has; nil for none. A channel that cannot
// be asked is sent to again: mail then repeats under the same Message-ID, which clients fold.
func (s *sending) look(ctx context.Context, sender channels.Sender, row outbox.EffectRow, out channels.Outbound) (channels.Receipt, *channels.Outbound, error) {
	looker, ok := sender.(channels.Looker)
	if !ok {
		return channels.Receipt{}, nil, nil
	}
	said, err := s.store.Outbox.Said(ctx, []int64{row.ID})
	if err != nil {
		return channels.Receipt{}, nil, fmt.Errorf("looking for an earlier send: %w", err)
	}
	for _, o := range unheard(said[row.ID], out) {
		receipt, found, err := looker.Look(ctx, row.Key, o, row.CreatedAt)
		switch {
		case err != nil:
			return receipt, nil, fmt.Errorf("looking for an earlier send: %w", err)
		case found:
			return receipt, &o, nil
		}
	}
	return channels.Receipt{}, nil, nil
}

// unheard are the texts that the provider may have of a row: whoever can be asked compares texts. What an earlier attempt handed over
// may be worded otherwise than what is written now, since a time that it named has passed, or since another version of the program
// wrote it. The text of now stands for an attempt of which no words are kept.
func unheard(said []outbox.Said, now channels.Outbound) (out []channels.Outbound) {
	for _, a := range slices.Backward(said) {
		known := func(o channels.Outbound) bool { return o.Text == a.Words.Text }
		if !a.Unheard() || a.Words == nil || a.Words.Cut || a.Words.Text == now.Text || slices.ContainsFunc(out, known) {
			continue
		}
		then := now
		then.Subject, then.Text, then.Language = a.Words.Subject, a.Words.Text, a.Words.Language
		out = append(out, then)
	}
	return append(out, now)
}

// sent is a send that the provider took. What befell copies is noted with the attempt; whose they are is not.
func sent(row outbox.EffectRow, r channels.Receipt) commands.SendEnded {
	o := commands.SendEnded{ID: row.ID, State: effects.Sent, ProviderID: r.ProviderID}
	if r.Status == channels.StatusDelivered {
		o.State = effects.Delivered
	}
	if len(r.Refused) > 0 {
		o.Detail = fmt.Sprintf("%d %s", len(r.Refused), r.Reason)
	}
	return o
}

// traced notes when the provider of a send is asked what became of it, where it can be.
func (s *sending) traced(sender channels.Sender, o commands.SendEnded) commands.SendEnded {
	if _, ok := sender.(channels.Tracer); ok && o.State == effects.Sent && o.ProviderID != "" {
		now := s.now()
		o.Ask = nextCheck(now, now)
	}
	return o
}

// failed gives an acknowledgement that failed for good another way, if the contact has one. A digest has none: what
// it would have kept is owed no more. When the addresses cannot be read the row comes back, as long as it may: an
// address must not be lost because the database was away.
func (s *sending) failed(ctx context.Context, row outbox.EffectRow, o commands.SendEnded) commands.SendEnded {
	if o.State == effects.Failed && row.Kind == effects.KindDigest {
		o.Void = causes.NoAddress
	}
	if o.State != effects.Failed || row.Kind != effects.KindAcknowledgement {
		return o
	}
	next, err := s.fallback(ctx, row)
	if err != nil {
		if o = retry(row, s.now(), o.Code, err.Error(), 0); o.State != effects.Failed {
			return o
		}
	}
	o.Fallback = next
	if next == nil {
		o.Void = causes.NoAddress
	}
	return o
}

// reaches reports whether the desk writes to an address of itself: to a number only where it serves,
// and only when somebody has written from it.
func (w *Writer) reaches(id contacts.Identity) bool {
	if id.Kind != message.Phone || w.Phone == nil {
		return true
	}
	p := w.Phone(id.Value)
	return id.Verified && p.Served && p.Mobile && !p.Never
}

// full reports whether an address that a message only claims has had its share, or whether the desk has written to
// as many such addresses as it may. Whoever names one address with many that fail would fill it else.
func (s *sending) full(ctx context.Context, id contacts.Identity) (bool, error) {
	if id.Verified {
		return false, nil
	}
	asks := pipeline.Asks{Recipient: id.Identity, Scopes: []string{acknowledge.ScopeStranger}}
	facts, err := s.store.Facts.Facts(ctx, []pipeline.Asks{asks}, nil, nil, s.now())
	if err != nil {
		return false, fmt.Errorf("asking what was sent to an address: %w", err)
	}
	return s.writer.Caps.Full(facts.For(message.Message{}, asks).Sent), nil
}

// fallback is the same acknowledgement to the sender's next address, proven or of that very message: one that was not
// tried for this ticket, has not failed, has not said STOP, and that an inbox can write to. nil: there is none. Its
// key holds a digest of the address, so that one address gets it once. Kinds are tried in the configured order,
// within a kind in the order of Addresses.
func (s *sending) fallback(ctx context.Context, row outbox.EffectRow) (*effects.Plan, error) {
	if len(row.Payload) == 0 {
		return nil, nil // its person was erased after it had gone out
	}
	var p pipeline.AckPayload
	if err := json.Unmarshal(row.Payload, &p); err != nil {
		return nil, fmt.Errorf("reading the payload of an effect: %w", err)
	}
	p.Tried = append(p.Tried, row.To.Identity())
	known, err := s.store.Outbox.Addresses(ctx, row.Contact, row.Message)
	if err != nil {
		return nil, fmt.Errorf("reading the contact's addresses: %w", err)
	}
	for _, kind := range s.writer.Fallback {
		for _, id := range known {
			if id.Kind != kind || id.Failed || id.OptedOut || slices.Contains(p.Tried, id.Identity) || !s.writer.reaches(id) {
				continue
			}
			inbox, ok := s.writer.Answering[kind]
			if !ok || s.senders.get(inbox) == nil {
				continue
			}
			if full, err := s.full(ctx, id); err != nil {
				return nil, err
			} else if full {
				continue
			}
			if !id.Verified { // somebody has typed it: it may be a third person's
				p = p.Bare()
			}
			payload, err := json.Marshal(p)
			if err != nil {
				return nil, fmt.Errorf("writing the payload of an effect: %w", err)
			}
			return &effects.Plan{Kind: row.Kind, Unproven: p.Unproven, Inbox: inbox, Channel: s.writer.Inboxes[inbox].Channel,
				Key: effects.FallbackKey(row.Ticket, id.Identity, s.store.Base.Digest),
				To:  message.Address{Kind: id.Kind, Value: id.Value}, Payload: payload, Due: s.now()}, nil
		}
	}
	return nil, nil
}
