package email

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/channels/channelstest"
)

// Throttle is left out: SMTP has no answer that says for how long to wait (421, 450 and 451 are
// all "later", RFC 5321 §4.2.1), so that a relay's throttling is Temporary, and the outbox's own
// delays apply. TestSubmitFaults has those answers.
func TestSubmitConformance(t *testing.T) {
	channelstest.Sender(t, channelstest.SenderCase{
		Open: openSubmitBench,
		Faults: []channelstest.Fault{
			channelstest.Slow, channelstest.ServerError, channelstest.Drop,
			channelstest.Unauthorized, channelstest.Refuse,
		},
		Patience: time.Second,
	})
}

func openSubmitBench(t *testing.T) channelstest.SenderBench {
	well := submitPlan{mechanisms: "PLAIN", secret: "\x00desk\x00test-password"}
	r := startRelay(t, well)
	cfg := submitTestConfig(r)
	cfg.Auth = SubmitAuth{Username: "desk", Password: "test-password"}
	return channelstest.SenderBench{
		Sender: newTestSubmitter(t, cfg),
		Out:    submitTestMail(),
		Fault:  func(f channelstest.Fault) { r.become(submitFailing(t, well, f)) },
		Taken: func() []string {
			mails, _ := r.got()
			texts := make([]string, len(mails))
			for i, m := range mails {
				texts[i] = submitText(t, m.Raw)
			}
			return texts
		},
		Secrets: []string{"test-password", "someone@desk.example"},
	}
}

// submitFailing is the relay's plan for one mail, or one login, that fails so. Slow and Drop come
// after the final dot: before it nothing was taken, and the outcome is never unknown.
func submitFailing(t *testing.T, well submitPlan, fault channelstest.Fault) submitPlan {
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

// submitText is the text of a composed mail with plain line ends.
func submitText(t *testing.T, raw string) string {
	t.Helper()
	_, text := composeRead(t, []byte(raw))
	return strings.ReplaceAll(text, "\r\n", "\n")
}

// A folder has none of a provider's faults.
func TestSinkConformance(t *testing.T) {
	channelstest.Sender(t, channelstest.SenderCase{Open: func(t *testing.T) channelstest.SenderBench {
		s := newTestSink(t, t.TempDir())
		return channelstest.SenderBench{
			Sender: s,
			Out:    submitTestMail(),
			Taken:  func() []string { return sinkTexts(t, s) },
		}
	}})
}

// sinkTexts are the texts of the sink's mails, oldest first.
func sinkTexts(t *testing.T, s *Sink) []string {
	t.Helper()
	var texts []string
	for _, m := range s.List() {
		f, err := s.Open(m.Name)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(f)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, submitText(t, string(raw)))
	}
	slices.Reverse(texts)
	return texts
}
