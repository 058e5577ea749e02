package wiring

import (
	"io"
	"strings"

	"frontdesk/channels/email/sink"
	"frontdesk/workers/ops"
)

// SinkPage is the mail sink as the operator's page shows it; nil where everything goes out by a relay.
func (w *Wiring) SinkPage() ops.Sink {
	if w.sink == nil {
		return nil
	}
	return sinkView{w.sink}
}

// sinkView shows the mail sink to the operator's page, which knows no channel.
type sinkView struct{ sink *sink.Sink }

// sinkSuffix is what the sink's names end with; the page adds it when a mail is handed out as a file.
const sinkSuffix = ".eml"

// List is the newest mails, at most limit of them. Names lose their suffix, which is no part of an address on the
// page.
func (v sinkView) List(limit int) ([]ops.SinkMail, error) {
	mails := v.sink.List()
	out := make([]ops.SinkMail, 0, min(limit, len(mails)))
	for _, m := range mails[:min(limit, len(mails))] {
		out = append(out, ops.SinkMail{Name: strings.TrimSuffix(m.Name, sinkSuffix), Key: m.Key, To: m.To, Cc: m.Cc, Subject: m.Subject, Files: m.Files, At: m.At, Size: m.Size})
	}
	return out, nil
}

func (v sinkView) Open(name string) (io.ReadCloser, error) { return v.sink.Open(name + sinkSuffix) }
