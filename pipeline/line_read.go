package pipeline

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/acknowledge"
	"frontdesk/pipeline/answer"
	"frontdesk/pipeline/challenge"
	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/dedupe"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize"
	"frontdesk/pipeline/particulars"
	"frontdesk/pipeline/redact"
	"frontdesk/pipeline/screen"
	"frontdesk/pipeline/thread"
)

// readText parts the text into what was written now and what is only carried along. What the decoder repaired is told in the trace, masked.
func readText(c *Case) {
	c.Text = normalize.Body(c.Message, c.Settings.BodyLimit)
	c.IsReply = normalize.ReplyPrefix(c.Message.Subject)
	found := strconv.Itoa(utf8.RuneCountInString(c.Text.Full)) + " characters, " + strconv.Itoa(utf8.RuneCountInString(c.Text.Quoted)) + " of them quoted"
	problems, _ := c.Settings.Mask.Text(strings.Join(c.Message.Problems, "; "))
	c.note(stageNormalize, found, problems)
}

// maskSecrets masks every text that the message brought, once, before any stage looks at it or anything is kept. Base, Core, Numbers and
// Language are found behind it, from masked text only. A CVV must not be kept at all (PCI DSS), so it takes the original with it.
func maskSecrets(c *Case) {
	c.codes = challenge.Answers(c.Text.Visible)
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
		a := &attachments[i]
		a.Name, a.ContentID, a.MediaType = mask(a.Name), mask(a.ContentID), mask(a.MediaType) // senders write all three
	}
	c.Message.Attachments = attachments
	fields, found := c.Settings.Mask.Fields(c.Message.Fields)
	for _, f := range found {
		total[f.Kind] += f.Count
	}
	c.Message.Fields = answer.Spell(fields)
	c.Message.About, found = c.Settings.Mask.Fields(c.Message.About)
	for _, f := range found {
		total[f.Kind] += f.Count
	}
	c.Base = normalize.Subject(c.Subject)
	c.Core = beginning(normalize.Core(c.Text.Visible), coreBytes)
	c.Numbers = particulars.Numbers(answer.Numbers(fields) + "\n" + c.Subject + "\n" + c.Core)
	c.Language = language(c)
	c.Nothing = !c.tells() && (c.IsReply || normalize.SaysNothing(c.Base)) && normalize.SaysNothing(c.Text.Visible)
	c.Plan.Row.Redacted = total
	c.Plan.DropOriginal = total[redact.CVV] > 0
	c.note(stageRedact, describe(total), "")
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

// describe is the trace's finding; sorted, since replay compares it.
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

// language is what is written, else what the sender wrote before, which is known later (identifySender); then what the channel, the inbox
// and the desk say, in this order, as far as the script allows it: a person who writes in letters is not answered in Chinese on a guess.
func language(c *Case) string {
	spoken := normalize.Speaks(c.Subject, c.Core, c.Text.Visible, c.IsReply)
	c.Untold = spoken.Language == ""
	if !c.Untold {
		return spoken.Language
	}
	for _, l := range append([]string{c.Message.Language, c.inbox().Language}, c.Settings.Languages...) {
		if l != "" && !(spoken.Letters && isChinese(l)) {
			return l
		}
	}
	if spoken.Letters {
		return "en"
	}
	return ""
}

// isChinese reports whether a tag is one of Chinese, in either script.
func isChinese(language string) bool { return language == "zh" || strings.HasPrefix(language, "zh-") }

// blank reports whether a message says nothing at all, its subject included. The subject of an answer says nothing of its
// own, see Case.Nothing; but whoever opens a ticket under it has written it.
func (c *Case) blank() bool { return c.Nothing && normalize.SaysNothing(c.Base) }

// frames are the fields, as answer.Key spells them, that say who wrote a message, with what and by what road: programs send
// them with every message. So is a field that is named after a kind of address.
var frames = []string{"name", "email", "phone", "language", "registered-account", "phone-model", "app-version", "country"}

// tells reports whether the fields say what a message is about: any that is no frame.
func (c *Case) tells() bool {
	for name, value := range c.Message.Fields {
		if key := answer.Key(name); strings.TrimSpace(value) != "" && !slices.Contains(frames, key) && !c.Settings.names(message.AddressKind(key)) {
			return true
		}
	}
	return false
}

// names reports whether a channel writes to addresses of that kind.
func (s *Settings) names(kind message.AddressKind) bool {
	for _, t := range s.Channels {
		if t.Address == kind {
			return true
		}
	}
	return false
}

// classifyText sees the beginning of the text alone (coreBytes). A topic that a form's visitor chose goes along; the model weighs it.
func classifyText(c *Case) {
	if c.blank() { // the payload of a link is not what the sender says
		c.Class = classify.Finding{Category: classify.Other, Reasons: []string{"says nothing yet"}}
		c.note(stageClassify, c.Class.Category, "says nothing yet")
		return
	}
	c.Class = c.Settings.Classifier.Classify(classify.Input{
		Subject: c.Base, Text: c.Core, Language: c.Language, Topic: c.Message.Fields["topic"],
	})
	if said, ok := screen.Seconded(c.Known.Opinions); ok {
		if _, ours := c.Settings.Desk[said.Category]; ours {
			c.Class = c.Class.Seconded(said.Category, said.Model)
		}
	}
	c.note(stageClassify, c.Class.Category, strings.Join(c.Class.Reasons, "; "))
}

// askFacts names what the second half has to know.
// It is the last stage that reads the message alone, and must name everything: the second half cannot ask again.
func askFacts(c *Case) {
	m, s := &c.Message, c.Settings
	c.Keys = dedupe.Make(*m, c.Text.Full, normalize.Fingerprint(c.Base+"\n"+c.Core), s.Digest)
	to := acknowledge.Recipient(*m, c.Author.Back)
	c.Recipient = to
	c.Asks = Asks{
		From: m.From.Identity(), Recipient: to.Identity(), Proven: m.Proven, Trusted: acknowledge.Trusted(*m, to), Content: c.Keys.Content, Print: c.Keys.Fingerprint,
		Sides: sides(m, s.MAC), Tokens: tokens(m, s.MAC), References: references(m, s.Digest),
	}
	c.Asks.Sketch, c.Asks.Numbers = sketch(c), c.Numbers
	for _, ref := range c.Asks.References {
		c.Asks.Mine = append(c.Asks.Mine, dedupe.Mine(ref, c.Asks.Writer(), s.Digest))
	}
	if m.Proven && c.Keys.Content != "" {
		c.Asks.Vouched = dedupe.Vouched(c.Keys.Content, s.Digest)
	}
	c.Asks.Version, c.Asks.Coded = c.Keys.Version, len(c.codes) > 0
	c.Asks.Bounced = bounced(m, s)
	c.Asks.Scopes, c.Asks.Number = scopes(c.Asks, s.SMS)
	c.Asks.Exceptions = exceptions(m, c.Base)
	if m.Thread != "" {
		c.Asks.Thread, c.Asks.Beside = m.Inbox+"|"+m.Thread, unprovenThread+m.Inbox+"|"+m.Thread
		if !m.Proven { // who can name any conversation must not take it from whom it is
			c.Asks.Thread, c.Asks.Beside = c.Asks.Beside, c.Asks.Thread
		}
	}
	if c.Asks.Own = c.Keys.Reference; c.Asks.Own != "" {
		text := c.Text
		c.Asks.Text = func() string { return text.Visible + "\n" + hidden(text) }
	}
}

// unprovenThread marks a conversation as senders whom nothing proves write in it.
const unprovenThread = "?"

// exceptions are what a person may have let in: of mail alone, since nothing else is taken for a machine's.
func exceptions(m *message.Message, subject string) []Exception {
	if !m.Traits.Mail {
		return nil
	}
	out := make([]Exception, 0, 2)
	if from := m.From.Identity(); !from.IsZero() {
		out = append(out, Exception{ExceptSender, from.Value})
	}
	if subject != "" {
		out = append(out, Exception{ExceptSubject, subject})
	}
	return out
}

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

// tokens lists the tickets that the message names by something we have signed. What stands on the mail's face, address
// and subject, is believed before the headers: mail programs fill those in from the mail that was at hand.
func tokens(m *message.Message, mac thread.MAC) []Token {
	var out []Token
	for _, a := range addressees(m) {
		if id, ok := thread.ParseReplyAddress(mac, a); ok {
			out = append(out, Token{id, thread.ByReplyAddress})
		}
	}
	if id, ok := thread.FindSubjectToken(mac, m.Subject); ok {
		out = append(out, Token{id, thread.BySubjectToken})
	}
	for _, ref := range answered(m) {
		if id, ok := thread.ParseMessageID(mac, ref); ok {
			out = append(out, Token{id, thread.ByOwnMessageID})
		}
	}
	return out
}

// addressees are all addresses that the mail came to or was written to, any of which may be one that we have signed.
func addressees(m *message.Message) []string {
	out := slices.Clone(m.Envelope.Recipients)
	for _, a := range slices.Concat(m.To, m.Cc) {
		out = append(out, a.Value)
	}
	return out
}

// maxReferences bounds how many ancestors are looked up; the nearest count.
// A References field may hold hundreds, each of which is a digest and a key to look up.
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

// references are their digests: Message-IDs are kept in no other form.
func references(m *message.Message, digest dedupe.Digest) []string {
	var out []string
	for _, ref := range answered(m) {
		out = append(out, dedupe.Reference(ref, digest))
	}
	return out
}
