package desk

import (
	"slices"

	"frontdesk/pipeline/message"
	"frontdesk/workers/store/tables"
	"frontdesk/workers/store/viewer"
	"frontdesk/workers/store/viewer/veil"
)

// What a viewer is not shown from whom the house keeps where customers can be reached. It is taken out here, so that no page, list, stream or
// file has to remember it.

func (c *Card) veil(v viewer.Viewer) {
	if v.May(viewer.Contact, c.Queue) {
		return
	}
	for _, text := range []*string{&c.Subject, &c.Customer, &c.LastWords, &c.LastFrom} {
		*text = veil.Text(*text)
	}
}

func (k *Ticket) veil(v viewer.Viewer) {
	if !v.May(viewer.Contact, k.Queue) {
		k.Addresses = slices.Clone(k.Addresses)
		for i := range k.Addresses {
			k.Addresses[i].Value = veil.Value(k.Addresses[i].Value)
		}
	}
	for i, o := range k.Others {
		if !v.May(viewer.Contact, o.Queue) {
			k.Others[i].Subject = veil.Text(o.Subject)
		}
	}
}

// veilLines takes addresses out of the lines of a ticket of that queue.
func veilLines(v viewer.Viewer, queue string, lines []Line) {
	if v.May(viewer.Contact, queue) {
		return
	}
	for i := range lines {
		l := &lines[i]
		if l.Message != nil {
			l.Message.veil()
		}
		if l.Reply != nil {
			l.Reply.veil()
		}
		if l.Send != nil {
			l.Send.To, l.Send.LastError = veil.Value(l.Send.To), veil.Text(l.Send.LastError)
		}
	}
}

func (m *Message) veil() {
	m.From, m.Formatted, m.Original = veil.Value(m.From), false, false // which package copies keeps from him, too
	for _, text := range []*string{&m.Name, &m.Subject, &m.Visible, &m.Quoted} {
		*text = veil.Text(*text)
	}
	m.Fields = slices.Clone(m.Fields)
	for i, f := range m.Fields {
		m.Fields[i] = tables.Field{Name: f.Name, Value: veil.Text(f.Value)}
	}
	m.Files = slices.Clone(m.Files)
	for i, f := range m.Files {
		f.Name = veil.Text(f.Name)
		m.Files[i] = f
	}
}

func (r *Reply) veil() {
	for _, text := range []*string{&r.Subject, &r.Text, &r.Quote} {
		*text = veil.Text(*text)
	}
	r.Recipients.To, r.Recipients.Cc = veiled(r.Recipients.To), veiled(r.Recipients.Cc)
}

func veiled(all []message.Address) (out []message.Address) {
	for _, a := range all {
		a.Value, a.Name = veil.Value(a.Value), veil.Text(a.Name)
		out = append(out, a)
	}
	return out
}
