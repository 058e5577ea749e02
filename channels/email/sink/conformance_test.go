package sink

import (
	"io"
	"slices"
	"strings"
	"testing"

	"frontdesk/channels/channelstest"
	"frontdesk/channels/email/compose"
	"frontdesk/channels/email/internal/emailtest"
	"frontdesk/pipeline/message"
)

// A folder has none of a provider's faults.
func TestSinkConformance(t *testing.T) {
	channelstest.Sender(t, channelstest.SenderCase{Carries: compose.Carries(), Open: func(t *testing.T) channelstest.SenderBench {
		s := newTest(t, t.TempDir())
		return channelstest.SenderBench{
			Sender: s,
			Out:    emailtest.Mail(),
			Taken:  func() []string { return texts(t, s) },
			Others: []message.Address{{Kind: message.Email, Value: "ann@customer.example"}, {Kind: message.Email, Value: "Bob.B@partner.example"}},
			Holds:  func() channelstest.Held { return held(t, s) },
		}
	}})
}

// texts are the texts of the sink's mails, oldest first.
func texts(t *testing.T, s *Sink) []string {
	t.Helper()
	var texts []string
	for _, m := range s.List() {
		_, text := emailtest.Read(t, raw(t, s, m.Name))
		texts = append(texts, strings.ReplaceAll(text, "\r\n", "\n"))
	}
	slices.Reverse(texts)
	return texts
}

func raw(t *testing.T, s *Sink, name string) []byte {
	t.Helper()
	f, err := s.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// held is what the latest mail has beside its text: the copies as the list shows them.
func held(t *testing.T, s *Sink) (out channelstest.Held) {
	t.Helper()
	m := s.List()[0]
	if m.Cc != "" {
		out.Cc = strings.Split(m.Cc, ", ")
	}
	for _, p := range emailtest.Parts(t, raw(t, s, m.Name)) {
		switch {
		case p.Name != "":
			out.Files = append(out.Files, channelstest.HeldFile{Name: p.Name, Type: p.Type, Content: p.Content})
		case strings.HasPrefix(p.Type, "text/html"):
			_, body, _ := strings.Cut(string(p.Content), "<body>\r\n")
			out.HTML, _, _ = strings.Cut(body, "\r\n</body>")
		}
	}
	if m.Files != len(out.Files) {
		t.Errorf("the list shows %d files, the mail has %d", m.Files, len(out.Files))
	}
	return out
}
