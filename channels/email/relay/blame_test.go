package relay

import (
	"errors"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/email/internal/emailtest"
)

// TestSubmitBlames is whom a relay's refusal is about: a customer is lost over it only when it speaks of his address.
func TestSubmitBlames(t *testing.T) {
	for _, tc := range []struct {
		name, step, answer string
		class              channels.Class
	}{
		{"the null sender is not the mailbox that signed in (163)", "MAIL", "553 Mail from must equal authorized user", channels.Refused},
		{"the same in the words of QQ", "MAIL", "501 mail from address must be same as authorization user", channels.Refused},
		{"the sender may not send as that address (Exchange)", "MAIL", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", channels.Refused},
		{"the sender's address is bad", "MAIL", "550 5.1.7 Invalid address", channels.Refused},
		{"the account is suspended", "MAIL", "554 5.7.9 account suspended", channels.Refused},
		{"the sender is refused for now", "MAIL", "451 4.1.8 domain of sender not found", channels.Temporary},
		{"the daily quota is used up, at the recipient", "RCPT", "550 5.4.5 Daily user sending quota exceeded", channels.Refused},
		{"the daily limit, at the data", "DATA", "550 5.4.5 Daily user sending limit exceeded", channels.Refused},
		{"the daily limit after the dot", "BODY", "554 5.2.0 STOREDRV; exceeded its max sending limit", channels.Refused},
		{"the daily limit in words alone", "RCPT", "550 You have exceeded the daily limit of recipients per day", channels.Refused},
		{"the frequency in Chinese", "RCPT", "550 发信频率过高", channels.Refused},
		{"the frequency with a passing code", "MAIL", "450 4.4.5 mail frequency limited", channels.Refused},
		{"a quota in other words", "RCPT", "550 you have exceeded the allowed number of messages", channels.Refused},
		{"a limit with the code of a full mailbox", "RCPT", "552 5.2.2 sending quota exceeded", channels.Refused},
		{"a limit in Japanese", "RCPT", "550 送信制限を超えました", channels.Refused},
		{"unusual activity, with the code of a way (Zoho)", "RCPT", "550 5.4.6 Unusual sending activity detected. Please try after sometime", channels.Refused},
		{"a limit on bounces (cPanel)", "RCPT", "550 5.4.6 Sender hourly bounce limit exceeded", channels.Refused},
		{"recipients of a day (Exchange Online)", "RCPT", "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", channels.Refused},
		{"a bad outbound sender (Exchange Online)", "BODY", "550 5.1.8 Access denied, bad outbound sender", channels.Refused},
		{"credits of a mail service", "BODY", "550 Maximum credits exceeded", channels.Refused},
		{"a limit an hour in Chinese", "RCPT", "550 每小时发信超限", channels.Refused},
		{"the frequency of an address (QQ)", "MAIL", "550 Ip frequency limited", channels.Refused},
		{"throttling", "RCPT", "554 5.4.0 Throttling failure", channels.Refused},
		{"a user that Exchange does not know at the edge", "RCPT", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281)", channels.Permanent},
		{"the recipient unknown in Chinese", "RCPT", "550 5.1.1 用户不存在", channels.Permanent},
		{"policy at the recipient", "RCPT", "550 5.7.1 message refused by policy", channels.Refused},
		{"relaying is denied", "RCPT", "554 Relay access denied", channels.Refused},
		{"our content is spam to them", "BODY", "554 DT:SPM 163 smtp12", channels.Refused},
		{"our content is refused without a reason", "BODY", "550 rejected", channels.Refused},
		{"the relay's own system", "BODY", "554 5.3.0 internal error", channels.Refused},
		{"the recipient is unknown", "RCPT", "550 5.1.1 unknown user", channels.Permanent},
		{"the recipient is unknown to an old relay", "RCPT", "550 no such user here", channels.Permanent},
		{"the recipient's domain takes no mail", "RCPT", "556 5.1.10 null MX", channels.Permanent},
		{"the recipient's mailbox is closed", "RCPT", "550 5.2.1 mailbox disabled", channels.Permanent},
		{"the recipient's mailbox is full", "RCPT", "552 5.2.2 mailbox full", channels.Temporary},
		{"the recipient's mailbox is full in words", "RCPT", "552 Requested mail action aborted: quota exceeded", channels.Temporary},
		{"no way to the recipient's host", "RCPT", "550 5.4.4 unrouteable", channels.Permanent},
		{"the recipient is refused without a reason", "RCPT", "550 no", channels.Permanent},
		{"this mail is too large", "BODY", "552 5.3.4 message too big", channels.Permanent},
		{"this mail cannot be converted", "BODY", "554 5.6.1 media not supported", channels.Permanent},
		{"a login is wanted", "RCPT", "530 5.7.0 authentication required", channels.Unauthorized},
		{"the connection ends after so many", "RCPT", "421 4.7.0 too many messages in this session", channels.Temporary},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := startRelay(t, plan{answers: map[string]string{tc.step: tc.answer}})
			cfg := testConfig(r)
			cfg.CommandTimeout, cfg.SubmissionTimeout = 5*time.Second, 5*time.Second
			_, err := newTestter(t, cfg).Send(t.Context(), "k", emailtest.Mail())
			var ce *channels.Error
			if !errors.As(err, &ce) || ce.Class != tc.class {
				t.Errorf("class %q, want %q (%v)", ce.Class, tc.class, err)
			}
		})
	}
}
