package relay

import (
	"strings"
	"testing"
	"time"

	"frontdesk/channels/channelstest"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/pipeline/message"
)

// Throttle is left out: SMTP has no answer that says for how long to wait (421, 450 and 451 are
// all "later", RFC 5321 §4.2.1), so that a relay's throttling is Temporary, and the outbox's own
// delays apply. TestSubmitFaults has those answers.
func TestSubmitConformance(t *testing.T) {
	channelstest.Sender(t, channelstest.SenderCase{
		Open: openBench,
		Faults: []channelstest.Fault{
			channelstest.Slow, channelstest.ServerError, channelstest.Drop,
			channelstest.Unauthorized, channelstest.Refuse,
		},
		Patience: time.Second,
		Carries:  compose.Carries(),
	})
}

func openBench(t *testing.T) channelstest.SenderBench {
	well := plan{mechanisms: "PLAIN", secret: "\x00desk\x00test-password"}
	r := startRelay(t, well)
	cfg := testConfig(r)
	cfg.Auth = Auth{Username: "desk", Password: "test-password"}
	return channelstest.SenderBench{
		Sender: newTestter(t, cfg),
		Out:    emailtest.Mail(),
		Fault:  func(f channelstest.Fault) { r.become(failing(t, well, f)) },
		Taken: func() []string {
			mails, _ := r.got()
			texts := make([]string, len(mails))
			for i, m := range mails {
				texts[i] = text(t, m.Raw)
			}
			return texts
		},
		Secrets: []string{"test-password", "someone@desk.example"},
		Others:  []message.Address{{Kind: message.Email, Value: "ann@customer.example"}, {Kind: message.Email, Value: "Bob.B@partner.example"}},
		Holds: func() channelstest.Held {
			mails, _ := r.got()
			return held(t, mails[len(mails)-1].Raw)
		},
	}
}

// held is what a mail has beside its text.
func held(t *testing.T, raw string) (out channelstest.Held) {
	t.Helper()
	h, _ := emailtest.Read(t, []byte(raw))
	if cc, err := h.AddressList("Cc"); err == nil {
		for _, a := range cc {
			out.Cc = append(out.Cc, a.Address)
		}
	}
	for _, p := range emailtest.Parts(t, []byte(raw)) {
		switch {
		case p.Name != "":
			out.Files = append(out.Files, channelstest.HeldFile{Name: p.Name, Type: p.Type, Content: p.Content})
		case strings.HasPrefix(p.Type, "text/html"):
			_, body, _ := strings.Cut(strings.ReplaceAll(string(p.Content), "\r\n", "\n"), "<body>\n") // the relay's reader of dots changes line ends, too
			out.HTML, _, _ = strings.Cut(body, "\n</body>")
		}
	}
	return out
}

// failing is the relay's plan for one mail, or one login, that fails so. Slow and Drop come
// after the final dot: before it nothing was taken, and the outcome is never unknown.
func failing(t *testing.T, well plan, fault channelstest.Fault) plan {
	plan := well
	plan.then = &well
	switch fault {
	case channelstest.Slow:
		plan.silent = "BODY"
	case channelstest.Drop:
		plan.drop = "BODY"
	case channelstest.ServerError:
		plan.answers = map[string]string{"BODY": "451 4.3.0 <lina@customer.example> queue file write error"}
	case channelstest.Unauthorized:
		plan.secret = "another"
	case channelstest.Refuse:
		plan.answers = map[string]string{"RCPT": "550 5.1.1 <lina@customer.example> unknown"}
	default:
		t.Fatalf("no such fault: %s", fault)
	}
	return plan
}

// text is the text of a composed mail with plain line ends.
func text(t *testing.T, raw string) string {
	t.Helper()
	_, text := emailtest.Read(t, []byte(raw))
	return strings.ReplaceAll(text, "\r\n", "\n")
}
