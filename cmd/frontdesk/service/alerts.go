package service

import (
	"time"

	"frontdesk/cmd/frontdesk/trust"
	"frontdesk/configs"
	"frontdesk/pipeline/domain/alerts"
	texts "frontdesk/templates/alerts"
	"frontdesk/workers/deliver"
	"frontdesk/workers/store/alerting"
)

// hookWithin is how long a call of somebody's own webhook may take, with its answer.
const hookWithin = 10 * time.Second

// alerts are what the people of the desk are told with outside of it. Their webhooks are foreign addresses: they are called in the public Internet alone,
// unless the configuration says otherwise, whatever their names lead to by then.
func (a *Service) alerts() (deliver.Alerts, error) {
	writer, err := texts.New(deskWords(a.config))
	if err != nil {
		return deliver.Alerts{}, err
	}
	believed, err := trust.Roots("", a.config.CAFile)
	if err != nil {
		return deliver.Alerts{}, err
	}
	return deliver.Alerts{Texts: writer, Client: trust.Guarded(believed, hookWithin, a.config.Alerts.Private()), Base: a.deskBase(), Subjects: a.config.Alerts.Subjects,
		Hooks: a.config.Alerts.Webhooks != configs.AlertsOff, Private: a.config.Alerts.Private()}, nil
}

// deskBase is where people reach the desk; "" where no process of this configuration serves it.
func (a *Service) deskBase() string {
	at := a.config.Listen.Desk
	if a.desk != nil {
		at = a.desk.Addr().String()
	}
	return DeskAddress(a.config, at)
}

// alerting is how people are told.
func (a *Service) alerting() *alerting.Rules {
	c := a.config.Alerts
	r := &alerting.Rules{Bounds: alerts.Bounds{Gather: c.Gather.Std(), Hourly: c.Hourly}, Hooks: c.Webhooks != configs.AlertsOff}
	for _, in := range a.config.Inboxes {
		if r.Inbox == "" && (in.Name == c.Inbox || c.Inbox == "") && c.Inbox != configs.AlertsOff && a.config.Kinds.Line()[in.Channel].Mail {
			r.Inbox, r.Channel = in.Name, in.Channel
		}
	}
	if hours := a.settings.Promise.Calendars[a.config.Agents.CalendarOf(a.config.Promises)]; hours != nil {
		r.Open = hours.Open
	}
	return r
}
