package message

import "testing"

// TestWhichReportsSayThatAMailboxIsGone: a full mailbox, a time-out, a policy, a quota and our own sender say nothing
// about whether the recipient is there.
func TestWhichReportsSayThatAMailboxIsGone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, action, status, diagnostic string
		want                             bool
	}{
		{"an unknown mailbox", "failed", "5.1.1", "", true},
		{"an unknown host", "failed", "5.1.2", "", true},
		{"a bad address", "failed", "5.1.3", "", true},
		{"a mailbox that has moved", "failed", "5.1.6", "", true},
		{"a domain without mail", "failed", "5.1.10", "", true},
		{"a mailbox that is disabled", "failed", "5.2.1", "", true},
		{"no code, and words", "failed", "", "550 No such user here", true},
		{"a general code, and words", "failed", "5.0.0", "550 user unknown", true},
		{"a general code of addressing, and words", "failed", "5.1.0", "550 5.1.0 <kim@x.example>: unknown user", true},
		{"a general code of the protocol, and words", "failed", "5.5.0", "550 5.5.0 Requested action not taken: no such mailbox", true},
		{"no code, and Chinese words", "failed", "", "550 收件人不存在", true},
		{"no action, a code", "", "5.1.1", "", true},
		{"a general code of addressing without words", "failed", "5.1.0", "550 5.1.0 rejected", false},
		{"a general code, and the sender is unknown", "failed", "5.1.0", "550 sender domain does not exist", false},
		{"our sender's bad address", "failed", "5.1.7", "", false},
		{"our sender's bad domain", "failed", "5.1.8", "user unknown", false},
		{"a full mailbox", "failed", "5.2.2", "mailbox full", false},
		{"a full mailbox without a code", "failed", "", "552 mailbox full", false},
		{"a mail that is too large", "failed", "5.2.3", "", false},
		{"a list that does not expand", "failed", "5.2.4", "", false},
		{"a time-out", "failed", "5.4.7", "delivery time expired", false},
		{"a quota of ours", "failed", "5.4.5", "daily sending quota exceeded", false},
		{"no answer from the host", "failed", "5.4.1", "", false},
		{"a policy", "failed", "5.7.1", "blocked, user unknown", false},
		{"DMARC", "failed", "5.7.26", "", false},
		{"a passing failure", "failed", "4.2.2", "", false},
		{"a delay", "delayed", "4.4.1", "user unknown", false},
		{"a delivery", "delivered", "2.0.0", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &Report{Kind: DSN, Action: c.action, Status: c.status, Diagnostic: c.diagnostic}
			if got := r.Gone(); got != c.want {
				t.Errorf("gone: %v, want %v", got, c.want)
			}
		})
	}
	if (&Report{Kind: MDN, Action: "failed", Status: "5.1.1"}).Gone() || (*Report)(nil).Gone() {
		t.Error("a receipt, or no report, says that a mailbox is gone")
	}
}
