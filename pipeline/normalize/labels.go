package normalize

import (
	"strings"

	"frontdesk/pipeline/normalize/tidy"
)

// labelKind is the header field that a label names; a bit set.
type labelKind uint8

const (
	labelFrom labelKind = 1 << iota
	labelDate
	labelTo
	labelCc
	labelSubject
	labelReplyTo
	labelOther
	labelSent // beside labelDate: the label says "sent", as only mail does
)

// labelOf reads the label of a line such as "*From:* Anna" or "发件人：张三"; 0 for all others.
// The words are those of mail.txt, in the languages of mail programs; at most maxLabel bytes before the colon.
func labelOf(t string) labelKind {
	head := tidy.Clip(t, maxLabel)
	i := strings.IndexAny(head, ":：")
	if i < 0 {
		return 0
	}
	name := strings.ToLower(strings.Trim(head[:i], "*_ \t\u00a0\u3000[]"))
	if name == "" {
		return 0
	}
	if k, ok := labels[name]; ok {
		return k
	}
	if name[0] >= 0x80 { // "主　题"
		return labels[strings.NewReplacer("\u3000", "", " ", "", "\u00a0", "").Replace(name)]
	}
	return 0
}

// labels are the header labels that mail clients write above a quoted or forwarded mail.
var labels = func() map[string]labelKind {
	out := make(map[string]labelKind, 256)
	for name, kind := range map[string]labelKind{
		"from": labelFrom, "date": labelDate, "to": labelTo, "cc": labelCc, "subject": labelSubject, "reply-to": labelReplyTo, "sent": labelSent, "other": labelOther,
	} {
		for _, w := range mailLists.Words("label " + name) {
			out[w] |= kind
		}
	}
	return out
}()

// originalMarks stand between rulers above a quoted mail.
var originalMarks = mailLists.Set("original")

// forwardMarks stand between rulers above a forwarded mail.
var forwardMarks = mailLists.Set("forwarded")

// forwardLines announce a forwarded mail without rulers, with a colon.
var forwardLines = mailLists.Set("forwarded, without rulers")
