package parse

import (
	"bytes"
	"cmp"
	"strings"

	"frontdesk/channels/email/header"
	"frontdesk/channels/internal/mimewalk"
	"frontdesk/pipeline/message"
)

// Limits of what is read of a report.
const (
	// maxReportBytes bounds one report part, decoded; a machine's report has a few kilobytes. maxDiagnostic is what a person reads in a list.
	maxReportBytes = 256 << 10
	maxReportBlock = 500 // recipients of one delivery status notification
	maxDiagnostic  = 400 // bytes
)

// readReport fills Report, if the message is a bounce, a read receipt or an abuse report. It states
// facts; what becomes of the message is decided elsewhere.
// The first report part counts. A delivery status without action and status says less than the text beside it, so that is read then.
// The original's Message-ID ties the report to a mail of ours; it is searched in the report, then in the returned original,
// then in the text. Nothing in it is proof: anybody can write a report.
func (j *job) readReport() {
	for i := range j.tree.Parts {
		p := &j.tree.Parts[i]
		switch p.Type {
		case "message/delivery-status", "message/global-delivery-status":
			j.m.Report = statusReport(reportBlocks(p))
		case "message/disposition-notification", "message/global-disposition-notification":
			j.m.Report = dispositionReport(reportBlocks(p))
		case "message/feedback-report":
			j.m.Report = feedbackReport(reportBlocks(p))
		default:
			continue
		}
		break
	}
	original := j.originalID()
	if r := j.m.Report; r == nil || r.Kind == message.DSN && r.Action == "" && r.Status == "" {
		if told := textReport(&j.m, original); told != nil {
			j.m.Report = told
		}
	}
	if r := j.m.Report; r != nil {
		if r.OriginalMessageID == "" {
			r.OriginalMessageID = original
		}
		if r.OriginalMessageID == "" {
			r.OriginalMessageID = quotedMessageID(j.m.Text)
		}
	}
}

// originalID finds the Message-ID of the message that a report gives back.
// Only the beginning of a returned mail is decoded; its header is there.
func (j *job) originalID() string {
	for i := 1; i < len(j.tree.Parts); i++ {
		p := &j.tree.Parts[i]
		switch p.Type {
		case "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "text/rfc822", "message/global-headers":
			body, _ := mimewalk.Decode(p.Encoding, p.Body[:min(len(p.Body), maxReportBytes)])
			if id := firstID(innerHeader(body).Get("Message-ID")); id != "" {
				return id
			}
		}
	}
	return ""
}

// reportBlocks reads the groups of fields of a report part, which empty lines divide.
// Each group is read as a header, with its bounds. Fields that are folded or encoded are read as everywhere.
func reportBlocks(p *mimewalk.Part) []*mimewalk.Part {
	body, _ := mimewalk.Decode(p.Encoding, p.Body)
	body = bytes.ReplaceAll(body[:min(len(body), maxReportBytes)], []byte("\r"), nil)
	var out []*mimewalk.Part
	for _, block := range bytes.SplitN(body, []byte("\n\n"), maxReportBlock) {
		if len(bytes.TrimSpace(block)) == 0 {
			continue
		}
		t := mimewalk.Walk(append(bytes.TrimLeft(block, "\n"), '\n'), mimewalk.Limits{Parts: 1})
		out = append(out, &t.Parts[0])
	}
	return out
}

// statusReport reads a delivery status notification (RFC 3464 §2). Of several recipients the first
// failed one is told.
// The group about the report itself has none of the four fields and is skipped.
func statusReport(blocks []*mimewalk.Part) *message.Report {
	r := &message.Report{Kind: message.DSN}
	var chosen *mimewalk.Part
	for _, b := range blocks {
		if b.Get("Action") == "" && b.Get("Final-Recipient") == "" && b.Get("Status") == "" && b.Get("Original-Recipient") == "" {
			continue
		}
		if chosen == nil {
			chosen = b
		}
		if reportWord(b.Get("Action")) == "failed" {
			chosen = b
			break
		}
	}
	if chosen == nil {
		return r
	}
	r.Action = reportWord(chosen.Get("Action"))
	r.Diagnostic = shortDiagnostic(typedValue(chosen.Get("Diagnostic-Code")))
	r.Status = refinedStatus(statusCode(chosen.Get("Status")), r.Diagnostic)
	r.FinalRecipient = cmp.Or(reportRecipient(chosen, "Final-Recipient"), reportRecipient(chosen, "Original-Recipient"), reportRecipient(chosen, "X-Actual-Recipient"))
	if original := reportRecipient(chosen, "Original-Recipient"); original != r.FinalRecipient {
		r.OriginalRecipient = original
	}
	return r
}

// reportRecipient is the address in a field of a recipient (RFC 3464 §2.3.1, §2.3.2).
func reportRecipient(block *mimewalk.Part, field string) string {
	return canonicalAddress(strings.Trim(typedValue(block.Get(field)), "<> "))
}

// refinedStatus prefers the code that the remote server gave over a missing or general one.
// 5.0.0 is general: what it hides often stands in the text of the other server, in the same class.
func refinedStatus(status, diagnostic string) string {
	told := statusCode(diagnostic)
	if status == "" || told != "" && strings.HasSuffix(status, ".0.0") && told[0] == status[0] {
		return told
	}
	return status
}

// dispositionReport reads a message disposition notification (RFC 8098 §3.2).
func dispositionReport(blocks []*mimewalk.Part) *message.Report {
	r := &message.Report{Kind: message.MDN}
	for _, b := range blocks {
		if v := b.Get("Disposition"); v != "" {
			_, kind, _ := strings.Cut(v, ";")
			kind, _, _ = strings.Cut(kind, "/")
			r.Action = reportWord(kind)
		}
		if v := b.Get("Final-Recipient"); v != "" {
			r.FinalRecipient = canonicalAddress(strings.Trim(typedValue(v), "<> "))
		}
		if v := b.Get("Original-Message-ID"); v != "" {
			r.OriginalMessageID = firstID(v)
		}
	}
	return r
}

// feedbackReport reads an abuse report (RFC 5965 §3); Action is its Feedback-Type.
func feedbackReport(blocks []*mimewalk.Part) *message.Report {
	r := &message.Report{Kind: message.ARF}
	for _, b := range blocks {
		if v := b.Get("Feedback-Type"); v != "" {
			r.Action = reportWord(v)
		}
		if v := b.Get("Original-Rcpt-To"); v != "" {
			r.FinalRecipient = canonicalAddress(strings.Trim(header.Line(v, ""), "<> "))
		}
	}
	return r
}

// reportWord is the first word of a value, in lower case.
func reportWord(v string) string {
	words := strings.FieldsFunc(strings.ToLower(v), func(r rune) bool { return r <= ' ' || r == '(' || r == ';' || r == ',' })
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// typedValue drops the "rfc822;" or "smtp;" in front of a value.
func typedValue(v string) string {
	v = header.Text(v, "")
	if kind, rest, ok := strings.Cut(v, ";"); ok && !strings.ContainsAny(kind, " @") {
		return strings.TrimSpace(rest)
	}
	return v
}

// statusCode finds the first enhanced status code (RFC 3463) in a text.
// It takes no part of a longer number with dots, such as an IP address or a version.
func statusCode(s string) string {
	for i := 0; i+4 < len(s); i++ {
		if (s[i] != '2' && s[i] != '4' && s[i] != '5') || s[i+1] != '.' || i > 0 && (isDigit(s[i-1]) || s[i-1] == '.') {
			continue
		}
		j, groups := i+1, 0
		for groups < 2 && j < len(s) && s[j] == '.' {
			n := 0
			for j++; j < len(s) && isDigit(s[j]) && n < 3; j++ {
				n++
			}
			if n == 0 {
				break
			}
			groups++
		}
		if groups == 2 && (j == len(s) || !isDigit(s[j]) && (s[j] != '.' || j+1 == len(s) || !isDigit(s[j+1]))) {
			return s[i:j]
		}
	}
	return ""
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// shortDiagnostic bounds a diagnostic without cutting a character, and puts it on one line: a stray CR
// ends none of the lines that a body is read in.
func shortDiagnostic(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' }), " ")
	if len(s) <= maxDiagnostic {
		return s
	}
	return strings.ToValidUTF8(s[:maxDiagnostic], "")
}
