package sink

import (
	"io"
	"slices"
	"strings"
	"testing"

	"frontdesk/channels/channelstest"
	"frontdesk/channels/email/internal/emailtest"
)

// A folder has none of a provider's faults.
func TestSinkConformance(t *testing.T) {
	channelstest.Sender(t, channelstest.SenderCase{Open: func(t *testing.T) channelstest.SenderBench {
		s := newTest(t, t.TempDir())
		return channelstest.SenderBench{
			Sender: s,
			Out:    emailtest.Mail(),
			Taken:  func() []string { return texts(t, s) },
		}
	}})
}

// texts are the texts of the sink's mails, oldest first.
func texts(t *testing.T, s *Sink) []string {
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
		_, text := emailtest.Read(t, raw)
		texts = append(texts, strings.ReplaceAll(text, "\r\n", "\n"))
	}
	slices.Reverse(texts)
	return texts
}
