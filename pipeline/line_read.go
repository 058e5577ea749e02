package pipeline

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize"
	"frontdesk/pipeline/redact"
	"frontdesk/pipeline/thread"
)

func readText(c *Case) (done bool) {
	c.Text = normalize.Body(c.Message, c.Settings.BodyLimit)
	c.IsReply = normalize.ReplyPrefix(c.Message.Subject)
	found := strconv.Itoa(utf8.RuneCountInString(c.Text.Full)) + " characters, " + strconv.Itoa(utf8.RuneCountInString(c.Text.Quoted)) + " of them quoted"
	problems, _ := c.Settings.Mask.Text(strings.Join(c.Message.Problems, "; "))
	c.note("normalize", found, problems)
	return false
}

func maskSecrets(c *Case) (done bool) {
	total := map[string]int{}
	mask := func(s string) string {
		masked, found := c.Settings.Mask.Text(s)
		for _, f := range found {
			total[f.Kind] += f.Count
		}
		return masked
	}
	c.Text.Visible, c.Text.Quoted, c.Text.Signature = mask(c.Text.Visible), mask(c.Text.Quoted), mask(c.Text.Signature)
	c.Subject = mask(c.Message.Subject)
	c.Message.From.Name = mask(c.Message.From.Name)
	c.Message.ReplyTo, c.Message.To = maskNames(c.Message.ReplyTo, mask), maskNames(c.Message.To, mask)
	c.Message.Cc, c.Message.Also = maskNames(c.Message.Cc, mask), maskNames(c.Message.Also, mask)
	attachments := slices.Clone(c.Message.Attachments)
	for i := range attachments {
		attachments[i].Name, attachments[i].ContentID = mask(attachments[i].Name), mask(attachments[i].ContentID)
	}
	c.Message.Attachments = attachments
	fields, found := c.Settings.Mask.Fields(c.Message.Fields)
	for _, f := range found {
		total[f.Kind] += f.Count
	}
	c.Message.Fields = fields
	c.Base = normalize.Subject(c.Subject)
	c.Core = beginning(normalize.Core(c.Text.Visible), coreBytes)
	c.Numbers = thread.Numbers(c.Subject + "\n" + c.Core)
	c.Language = language(c)
	c.Plan.Row.Redacted = total
	c.Plan.DropOriginal = total[redact.CVV] > 0
	c.note("redact", describe(total), "")
	return false
}

// maskNames masks the display names of addresses. The addresses themselves stay: they are needed to answer,
// and listings mask them where they are shown.
func maskNames(list []message.Address, mask func(string) string) []message.Address {
	var out []message.Address
	for i, a := range list {
		name := mask(a.Name)
		if name != a.Name && out == nil {
			out = slices.Clone(list)
		}
		if out != nil {
			out[i].Name = name
		}
	}
	if out == nil {
		return list
	}
	return out
}

// coreBytes is how much of a text is looked at to understand it. People say what they want at the
// beginning; the cost of a long mail is then that of a short one.
const coreBytes = 4 << 10

// beginning cuts a text at a limit in bytes, between two characters.
func beginning(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}

func describe(total map[string]int) string {
	if len(total) == 0 {
		return "nothing to mask"
	}
	var kinds []string
	for kind, n := range total {
		kinds = append(kinds, kind+" ×"+strconv.Itoa(n))
	}
	slices.Sort(kinds)
	return "masked " + strings.Join(kinds, ", ")
}

// language prefers what is written over what the channel says, and that over the inbox's own.
func language(c *Case) string {
	for _, l := range []string{normalize.Language(c.Subject + "\n" + c.Core), c.Message.Language, c.inbox().Language} {
		if l != "" {
			return l
		}
	}
	if len(c.Settings.Languages) > 0 {
		return c.Settings.Languages[0]
	}
	return ""
}

func classifyText(c *Case) (done bool) {
	c.Class = c.Settings.Classifier.Classify(classify.Input{
		Subject: c.Base, Text: c.Core, Language: c.Language, Topic: c.Message.Fields["topic"],
	})
	c.note("classify", c.Class.Category, strings.Join(c.Class.Reasons, "; "))
	return false
}

// askFacts names what the second half has to know.
func askFacts(c *Case) (done bool) {
	m, s := &c.Message, c.Settings
	c.Keys = dedupe.Make(*m, c.Text.Full, normalize.Fingerprint(c.Base+"\n"+c.Core), s.Digest)
	to, _ := acknowledge.Recipient(*m)
	c.Asks = Asks{
		From: m.From.Identity(), Recipient: to.Identity(), Proven: m.Proven, Trusted: acknowledge.Trusted(*m, to), Content: c.Keys.Content, Print: c.Keys.Fingerprint,
		Tokens: tokens(m, s.MAC), References: references(m, s.Digest), Bounced: bounced(m, s),
	}
	if m.Proven && c.Keys.Content != "" {
		c.Asks.Vouched = dedupe.Vouched(c.Keys.Content, s.Digest)
	}
	c.Asks.Scopes, c.Asks.Number = scopes(c.Asks, s.SMS)
	if m.Thread != "" {
		c.Asks.Thread, c.Asks.Beside = m.Inbox+"|"+m.Thread, unprovenThread+m.Inbox+"|"+m.Thread
		if !m.Proven { // who can name any conversation must not take it from whom it is
			c.Asks.Thread, c.Asks.Beside = c.Asks.Beside, c.Asks.Thread
		}
	}
	return false
}

// unprovenThread marks a conversation as senders whom nothing proves write in it.
const unprovenThread = "?"

// scopes are those under which a send to the recipient would be counted.
func scopes(a Asks, sms acknowledge.SMS) (out []string, number *acknowledge.Phone) {
	if !a.Trusted && !a.Recipient.IsZero() {
		out = append(out, acknowledge.ScopeStranger)
	}
	if a.Recipient.Kind == message.Phone && sms.Look != nil {
		p := sms.Look(a.Recipient.Value)
		number = &p
		out = append(out, acknowledge.ScopeMoney, acknowledge.ScopePrefix(p, true), acknowledge.ScopePrefix(p, false))
	}
	return out, number
}

func tokens(m *message.Message, mac thread.MAC) []Token {
	var out []Token
	for _, a := range recipients(m) {
		if id, ok := thread.ParseReplyAddress(mac, a); ok {
			out = append(out, Token{id, thread.ByReplyAddress})
		}
	}
	for _, ref := range answered(m) {
		if id, ok := thread.ParseMessageID(mac, ref); ok {
			out = append(out, Token{id, thread.ByOwnMessageID})
		}
	}
	if id, ok := thread.FindSubjectToken(mac, m.Subject); ok {
		out = append(out, Token{id, thread.BySubjectToken})
	}
	return out
}

func recipients(m *message.Message) []string {
	out := slices.Clone(m.Envelope.Recipients)
	for _, a := range slices.Concat(m.To, m.Cc) {
		out = append(out, a.Value)
	}
	return out
}

// maxReferences bounds how many ancestors are looked up; the nearest count.
const maxReferences = 20

// answered lists the Message-IDs that the mail answers, nearest first.
func answered(m *message.Message) []string {
	out := slices.Clone(m.InReplyTo)
	for _, ref := range slices.Backward(m.References) {
		if !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out[:min(len(out), maxReferences)]
}

func references(m *message.Message, digest dedupe.Digest) []string {
	var out []string
	for _, ref := range answered(m) {
		out = append(out, dedupe.Reference(ref, digest))
	}
	return out
}

// bounced names the mail of ours that a report is about: by the signed envelope address it came
// back to, or by its Message-ID.
func bounced(m *message.Message, s *Settings) []BouncedBy {
	var out []BouncedBy
	for _, to := range m.Envelope.Recipients {
		if s.BounceKey == nil {
			break
		}
		if k, ok := s.BounceKey(to); ok {
			out = append(out, BouncedBy{Key: k})
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
func named(m *message.Message, id string, s *Settings) []BouncedBy {
	out := []BouncedBy{{MessageID: id}}
	ticket, ours := thread.ParseMessageID(s.MAC, id)
	if !ours {
		return out
	}
	keys := []string{AcknowledgementKey(ticket)}
	if m.Report != nil && m.Report.FinalRecipient != "" {
		to := message.Address{Kind: message.Email, Value: m.Report.FinalRecipient}
		keys = append(keys, FallbackKey(ticket, to.Identity(), s.Digest))
	}
	for _, key := range keys {
		if thread.MadeFor(s.MAC, id, key) {
			out = append(out, BouncedBy{Key: key})
		}
	}
	return out
}
