package parse

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/message"
)

func TestReport(t *testing.T) {
	dsn := func(status, original string) string {
		return "From: postmaster@e.cn\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n" + status + "\n--b\nContent-Type: " + original + "\n--b--\n"
	}
	cases := []struct {
		name, raw string
		want      *message.Report
	}{
		{"a failed delivery", dsn("Reporting-MTA: dns; mx.e.cn\n\nFinal-Recipient: rfc822; <li@e.cn>\nAction: failed\nStatus: 5.1.1 (bad mailbox)\nDiagnostic-Code: smtp; 550 5.1.1 User\n unknown\n", "message/rfc822\n\nMessage-ID: <ack.1@us.example>\nSubject: x\n\nbody"),
			&message.Report{Kind: message.DSN, Action: "failed", Status: "5.1.1", Diagnostic: "550 5.1.1 User unknown", FinalRecipient: "li@e.cn", OriginalMessageID: "ack.1@us.example"}},
		{"only the header of the original", dsn("Final-Recipient: rfc822;li@e.cn\nAction: Delayed\nStatus: 4.4.1\n", "text/rfc822-headers\n\nMessage-Id: <ack.2@us.example>\n"),
			&message.Report{Kind: message.DSN, Action: "delayed", Status: "4.4.1", FinalRecipient: "li@e.cn", OriginalMessageID: "ack.2@us.example"}},
		{"the failed one of two recipients", dsn("Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@e.cn\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; b@e.cn\nAction: failed\nStatus: 5.2.2\n", "text/rfc822-headers\n\nX: y\n"),
			&message.Report{Kind: message.DSN, Action: "failed", Status: "5.2.2", FinalRecipient: "b@e.cn"}},
		{"a forwarder's recipient and the one that was written to", dsn("Original-Recipient: rfc822; Li@e.cn\nFinal-Recipient: rfc822; b@f.cn\nAction: failed\nStatus: 5.1.1\n", "text/rfc822-headers\n\nX: y\n"),
			&message.Report{Kind: message.DSN, Action: "failed", Status: "5.1.1", FinalRecipient: "b@f.cn", OriginalRecipient: "Li@e.cn"}},
		{"a general status, a closer diagnostic", dsn("Original-Recipient: rfc822; a@e.cn\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 552-5.2.2 full\n", "text/rfc822-headers\n\nX: y\n"),
			&message.Report{Kind: message.DSN, Action: "failed", Status: "5.2.2", Diagnostic: "552-5.2.2 full", FinalRecipient: "a@e.cn"}},
		{"a read receipt", "From: li@e.cn\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nRead.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;li@e.cn\nOriginal-Message-ID: <m1@us.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
			&message.Report{Kind: message.MDN, Action: "displayed", FinalRecipient: "li@e.cn", OriginalMessageID: "m1@us.example"}},
		{"an abuse report", "From: fbl@isp.cn\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nSpam.\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: <li@isp.cn>\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <m2@us.example>\n\nx\n--b--\n",
			&message.Report{Kind: message.ARF, Action: "abuse", FinalRecipient: "li@isp.cn", OriginalMessageID: "m2@us.example"}},
		{"a bounce of qmail", "Return-Path: <>\nFrom: MAILER-DAEMON@e.cn\nSubject: failure notice\n\nHi. This is the qmail-send program at e.cn.\nI'm afraid I wasn't able to deliver your message.\n\n<li@e.cn>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <support@us.example>\nSubject: x\nMessage-ID:\n <ack.3@us.example>\n\nhello\n",
			&message.Report{Kind: message.DSN, Told: true, Action: "failed", Status: "5.1.1", FinalRecipient: "li@e.cn", OriginalMessageID: "ack.3@us.example"}},
		{"a bounce of Exim", "From: Mail Delivery System <Mailer-Daemon@e.cn>\nX-Failed-Recipients: li@e.cn\nSubject: Mail delivery failed: returning message to sender\n\nA message that you sent could not be delivered.\n\n  li@e.cn\n    SMTP error from remote mail server after RCPT TO:<li@e.cn>:\n    host mx.e.cn [192.0.2.1]: 550 5.7.1 Relaying denied\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-ID: <ack.4@us.example>\n",
			&message.Report{Kind: message.DSN, Told: true, Action: "failed", Status: "5.7.1", Diagnostic: "host mx.e.cn [192.0.2.1]: 550 5.7.1 Relaying denied", FinalRecipient: "li@e.cn", OriginalMessageID: "ack.4@us.example"}},
		{"a Chinese bounce with a quoted original", "From: Postmaster@qq.example\nSubject: =?gb18030?B?z7XNs83L0MU=?=\n\n很抱歉，您发送的邮件被退回，收件人不存在。\n收件人: li@qq.example\n> Message-ID: <ack.5@us.example>\n",
			&message.Report{Kind: message.DSN, Told: true, Action: "failed", FinalRecipient: "li@qq.example", OriginalMessageID: "ack.5@us.example"}},
		{"a warning", "From: MAILER-DAEMON@e.cn\nSubject: Warning: could not send message for past 4 hours\n\nTHIS IS A WARNING MESSAGE ONLY. You do not need to resend your message.\n451 4.4.1 reply: read error from mx.e.cn\n",
			&message.Report{Kind: message.DSN, Told: true, Action: "delayed", Status: "4.4.1", Diagnostic: "451 4.4.1 reply: read error from mx.e.cn"}},
		{"a bounce in HTML only", "Return-Path: <>\nFrom: postmaster@e.cn\nSubject: Undeliverable\nContent-Type: text/html\n\n<p>Delivery has failed to these recipients:</p><div>li@e.cn</div><p>550 5.1.10 RESOLVER.ADR.RecipientNotFound</p>",
			&message.Report{Kind: message.DSN, Told: true, Action: "failed", Status: "5.1.10", Diagnostic: "550 5.1.10 RESOLVER.ADR.RecipientNotFound", FinalRecipient: "li@e.cn"}},
		{"a person who quotes a bounce", "From: li@e.cn\nSubject: Fwd: failure notice\n\nI got this: 550 5.1.1 user unknown\n> Message-ID: <x@y>\n", nil},
		{"a person who forwards a bounce as a file", "From: li@e.cn\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee this.\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <x@y>\n\nx\n--b--\n", nil},
		{"an out-of-office answer with the null sender", "Return-Path: <>\nFrom: li@e.cn\nSubject: Out of office\n\nI am away until 4.5.2027, call 555 123.\n", nil},
		{"a postmaster who writes himself", "From: postmaster@e.cn\nSubject: question\n\nHow do I pay?\n", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, decodeString(t, c.raw).Report); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestStatusCode(t *testing.T) {
	for in, want := range map[string]string{
		"5.1.1": "5.1.1", "550 5.7.26 x": "5.7.26", "(#5.1.1)": "5.1.1", "x 192.5.1.1": "", "5.1.1.1": "", "15.1.1": "", "5.1234.1": "", "5.1": "", "": "", "4.5.2027": "", "at 5.1.1.": "5.1.1",
	} {
		if got := statusCode(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}
