package admin

import (
	"net/http"
	"time"

	"frontdesk/templates/desk/admin"
	"frontdesk/workers/desk/signin"
	"frontdesk/workers/store/staff"
	"frontdesk/workers/store/viewer"
)

// queues shows the queues that a viewer looks after, with their members.
func (p *Pages) queues(w http.ResponseWriter, r *http.Request) {
	v := signin.Viewer(r)
	crew, err := p.Staff.Crew(r.Context(), v)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	page := admin.Queues{Frame: p.frame(w, r, "queues", "queues")}
	for _, q := range p.House().Queues {
		if !v.May(viewer.Administer, q.Name) {
			continue
		}
		line := admin.Line{Queue: q}
		for _, m := range crew[q.Name] {
			line.Members = append(line.Members, admin.Member(m))
		}
		page.All = append(page.All, line)
	}
	p.render(w, http.StatusOK, page.Lang, "queues", page)
}

// fixed shows what the configuration file says.
func (p *Pages) fixed(tab string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !staff.Sees(signin.Viewer(r)) {
			p.nothing(w, r)
			return
		}
		f := p.frame(w, r, tab, tab)
		p.render(w, http.StatusOK, f.Lang, tab, admin.Fixed{Frame: f, House: p.House()})
	}
}

// inboxes shows how the inboxes are.
func (p *Pages) inboxes(w http.ResponseWriter, r *http.Request) {
	all, err := p.Staff.Inboxes(r.Context(), signin.Viewer(r))
	if err != nil {
		p.failed(w, r, err)
		return
	}
	page := admin.Inboxes{Frame: p.frame(w, r, "inboxes", "inboxes")}
	for _, i := range all {
		page.All = append(page.All, admin.Inbox{Name: i.Name, Channel: i.Channel, Address: i.Address, State: i.State, Error: i.LastError, Sending: i.SendingError, Received: i.Received, Sent: i.Sent,
			Contact: i.LastContactAt.Time, Lag: time.Duration(i.LagSeconds) * time.Second, Source: i.SourceCount, Recorded: i.RecordedCount, Checked: i.CheckedAt.Time})
	}
	p.render(w, http.StatusOK, page.Lang, "inboxes", page)
}
