package screen

import (
	"slices"
	"strings"
	"unicode"

	"frontdesk/pipeline/words"
)

// A reaction says that somebody has read and likes what we wrote; a receipt says that he has read it. Neither asks
// for anything, so neither opens a ticket nor opens one again.

// reacted recognises a reaction: Gmail's part, the sentence of Outlook, Gmail or a telephone with the text that it
// is about, or an answer of nothing but friendly signs.
func (c *check) reacted() bool {
	for _, a := range c.m.Attachments {
		if strings.EqualFold(a.MediaType, "text/vnd.google.email-reaction+json") {
			c.is(Reaction, "a mail program's reaction")
			return true
		}
	}
	if len(c.m.Attachments) > 0 || c.text == "" {
		return false
	}
	switch {
	case c.mail() && !c.answers() && !reactionSubject(c.subject), !friendly(c.text) && !tapback(c.text):
		return false
	case !c.mail() && !c.f.TicketReference && friendly(c.text): // we have written nothing: it is how a talk begins
		return false
	}
	c.is(Reaction, "nothing but a reaction to what we wrote")
	return true
}

// friendly reports whether a text is nothing but signs of thanks and consent. Others, such as a question mark, a
// broken heart or an SOS, ask for something.
func friendly(text string) bool {
	signs := 0
	for _, r := range text {
		switch {
		case friendlySign(r):
			signs++
		case unicode.IsSpace(r) || r == '\ufe0f' || r == '\ufe0e' || r == '\u200d' || r >= 0x1f3fb && r <= 0x1f3ff || r == '!' || r == '.':
		default:
			return false
		}
	}
	return signs > 0 && signs <= 12
}

// Signs that may ask for help are left out. To add one, put it here; variation selectors and skin tones are allowed for in friendly.
const friendlySigns = "👍👌🙏❤♥💙💚💛🧡💜🖤🤍😊🙂😀😃😄😁😆🎉✅✔👏💯🌹🤝😍🥰💪😂🙌☺🤗😉😘👋✌🫡🫶⭐🌟💐"

// friendlySign reports whether a character is such a sign. Letters, which nearly all characters are, are none at a glance.
func friendlySign(r rune) bool {
	return r >= 0x2600 && !words.Han(r) && strings.ContainsRune(friendlySigns, r)
}

// tapback recognises the sentences by which programs tell a reaction to who cannot see it: `Liked “Your ticket…”`,
// `👍 to “…”`, "Kim reacted to your message: 👍", "Kim reacted via Gmail".
func tapback(text string) bool {
	if len(text) > 1000 {
		return false
	}
	for _, p := range tapbacks {
		if rest, ok := strings.CutPrefix(text, p); ok && quoted(rest) {
			return true
		}
	}
	return len(text) <= 300 && strings.ContainsFunc(text, friendlySign) && len(strings.Fields(text)) <= 16 && !strings.ContainsAny(text, "?？") && !matter(text) && reactions.In(text, nil)
}

// quoted reports whether a text is a quotation and nothing behind it.
func quoted(s string) bool {
	s = strings.TrimSpace(s)
	for _, marks := range [][2]string{{"“", "”"}, {"\"", "\""}, {"«", "»"}, {"„", "“"}, {"「", "」"}, {"”", "”"}} {
		if strings.HasPrefix(s, marks[0]) && (strings.HasSuffix(s, marks[1]) || strings.HasSuffix(s, "…") || strings.HasSuffix(s, "...")) && len(s) > len(marks[0])+len(marks[1]) {
			return true
		}
	}
	return slices.Contains([]string{"an image", "a photo", "a message", "an attachment", "a link"}, s)
}

// tapbacks are the first words of a telephone's reaction, before the text that it is about.
var tapbacks = receiptLists.Words("tapbacks")

// reactions are how programs tell one, beside its sign.
var reactions = receiptLists.List("reactions")

// reactionSubject reports whether a subject is that of a program's reaction.
func reactionSubject(subject string) bool { return reactions.In(subject, nil) }

// subjectFollows reports whether a heading goes on with the subject of what was read, as receipts' headings do.
func subjectFollows(rest string) bool {
	for _, mark := range []string{":", "：", " :", " ：", " -", " –"} {
		if tail, ok := strings.CutPrefix(rest, mark); ok {
			return strings.TrimSpace(tail) != ""
		}
	}
	return false
}

// receipt recognises a read receipt that is no RFC 8098 report: the heading of a receipt over its sentence.
func (c *check) receipt() bool {
	return headed(c.subject, receipted, subjectFollows) && receipts.In(clip(c.text, 800), nil) && !c.wants()
}

// receipts are the sentences of receipts.
var receipts = receiptLists.List("receipts")
