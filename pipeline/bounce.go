package pipeline

import (
	"slices"
	"strings"

	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/thread"
)

// bounced names the mail of ours that a report is about: by the signed return address it came back to, or by its
// Message-ID.
// nil for a message that is no report and did not come with the null sender: people's answers name our mails, too. The first row that
// the database finds counts, so the surest way comes first.
func bounced(m *message.Message, s *Settings) []BouncedBy {
	var out []BouncedBy
	for _, to := range addressees(m) {
		if s.BounceKey == nil {
			break
		}
		if k, ok := s.BounceKey(to); ok {
			out = append(out, BouncedBy{Key: k, Returned: true})
		}
	}
	if m.Report == nil && (m.Envelope.MailFrom != "" || !m.Envelope.HasMailFrom) && len(out) == 0 {
		return nil
	}
	if m.Report != nil && m.Report.OriginalMessageID != "" {
		out = append(out, named(m, m.Report.OriginalMessageID, s)...)
	}
	for _, ref := range answered(m) {
		out = append(out, named(m, ref, s)...)
	}
	return out
}

// named names a mail of ours by its Message-ID, and the row that this was made for: a bounce may come
// before it is recorded that the mail went out.
// Only then the keys of rows are tried: two at most for an address, which the MAC of the Message-ID confirms.
func named(m *message.Message, id string, s *Settings) []BouncedBy {
	out := []BouncedBy{{MessageID: id}}
	ticket, ours := thread.ParseMessageID(s.MAC, id)
	if !ours {
		return out
	}
	keys := []string{effects.AcknowledgementKey(ticket)}
	for _, to := range about(m.Report) {
		keys = append(keys, effects.FallbackKey(ticket, to, s.Digest))
	}
	for _, key := range keys {
		if thread.MadeFor(s.MAC, id, key) {
			out = append(out, BouncedBy{Key: key})
		}
	}
	return out
}

// about are the addresses that a report is about.
func about(r *message.Report) (out []message.Identity) {
	if r == nil {
		return nil
	}
	for _, value := range []string{r.FinalRecipient, r.OriginalRecipient} {
		if to := (message.Address{Kind: message.Email, Value: value}).Identity(); value != "" && !slices.Contains(out, to) {
			out = append(out, to)
		}
	}
	return out
}

// bounce is what a report of failure does to the row of ours that it names; misfit says why it does nothing.
// Nothing is done for somebody who was erased: nothing is owed to him, and the row does not tell any more who he was.
func (c *Case) bounce() (plan *BouncePlan, misfit string) {
	row := c.Known.Bounced
	if row == nil || row.Erased || !c.Message.Report.Failed() {
		return nil, ""
	}
	if misfit = c.misfit(); misfit != "" {
		return nil, misfit
	}
	return &BouncePlan{Effect: row.ID, Reason: strings.TrimSpace("bounce " + c.Message.Report.Status), Dead: c.Message.Report.Gone() && c.Asks.returnedFor(row.Key)}, ""
}

// returnedFor reports whether the message came to the signed return address of that mail of ours, which stands in no
// answer to it.
func (a Asks) returnedFor(key string) bool {
	return slices.Contains(a.Bounced, BouncedBy{Key: key, Returned: true})
}

// returned reports whether it came to the signed return address of any mail of ours.
func (a Asks) returned() bool {
	return slices.ContainsFunc(a.Bounced, func(by BouncedBy) bool { return by.Returned })
}

// misfit says why a report of failure that names a mail of ours is not believed; empty when it is.
//
// A Message-ID is no secret: it stands in every answer to the mail, and in whatever its reader passes on. So the report
// must also be about the address to which that mail went, and come as reports of mail servers do, with the null sender
// (RFC 3464 §2, RFC 5321 §4.5.5) and not disowned by the domain in From. The signed return address is known to
// those alone who carried or received that mail, and was made for it: it stands for all of these.
func (c *Case) misfit() string {
	row, m := c.Known.Bounced, &c.Message
	if c.Asks.returnedFor(row.Key) {
		return ""
	}
	to := message.Address{Kind: message.Email, Value: row.To}.Identity()
	switch {
	case !slices.Contains(about(m.Report), to):
		return "the report names a mail of ours, but not the address to which that went"
	case !m.Envelope.HasMailFrom || strings.TrimSpace(m.Envelope.MailFrom) != "":
		return "the report names a mail of ours, but did not come with the null sender of a mail system"
	case m.Envelope.DMARC == message.VerdictFail:
		return "the report names a mail of ours, but the domain in From disowns it"
	}
	return ""
}
