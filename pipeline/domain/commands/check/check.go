// Package check is the commands about who a customer is: an agent has a one-time code sent to an address that is proven, and what comes of it is noted.
package check

import (
	"strings"

	"frontdesk/pipeline/domain"
	"frontdesk/pipeline/domain/effects"
	"frontdesk/pipeline/domain/entries"
)

// Kinds of entries about checks.
const (
	ActBegin = "check-identity"
	Passed   = "identity-passed"
	Failed   = "identity-failed"
)

// Begin is an agent who has a code sent.
type Begin struct {
	Ticket  int64
	Contact int64 // the ticket's
	Row     effects.Plan
	Kind    string // of address to which it goes: who acts chose it, and nobody need see more
	Vouched bool   // a system of the company's has named the address, and nobody has proven it
	Joins   bool   // it is another contact's address, who may be the same person
	Actor   string
}

// Needs are the ticket.
func (b Begin) Needs(*domain.Known) domain.Needs { return domain.Needs{Tickets: []int64{b.Ticket}} }

// Decide writes the row that sends it. domain.ErrMerged: the ticket is worked on in another one.
func (b Begin) Decide(d *domain.Draft) error {
	t, there := d.Tickets[b.Ticket]
	switch {
	case there && t.MergedInto != 0:
		return domain.ErrMerged
	case !there, t.Erased:
		return domain.ErrNotSo
	}
	d.Plan.Sends = append(d.Plan.Sends, domain.Send{Row: b.Row, Ticket: b.Ticket, Contact: b.Contact})
	d.Enter(entries.Entry{Kind: ActBegin, Actor: b.Actor, Ticket: b.Ticket, Detail: b.detail()}, entries.Snapshot{Ticket: t.State}, entries.Snapshot{Effect: b.Row.Start()}, func() {})
	return nil
}

// company stands behind the kind of an address that a system of the company's has named.
const company = " company"

// joining stands behind the kind of an address that is another contact's.
const joining = " joins"

// detail is what its entry says beside who and when. Described reads it.
func (b Begin) detail() string {
	switch {
	case b.Vouched:
		return b.Kind + company
	case b.Joins:
		return b.Kind + joining
	}
	return b.Kind
}

// Described is what the detail of an entry of kind ActBegin says.
func Described(detail string) (kind string, vouched, joins bool) {
	kind, vouched = strings.CutSuffix(detail, company)
	kind, joins = strings.CutSuffix(kind, joining)
	return kind, vouched, joins
}

// Ended is a check that has come to its end, by the customer's answer.
type Ended struct {
	Ticket, Message int64
	Passed          bool
}

// Needs are nothing: who commits has held the answer to the check.
func (e Ended) Needs(*domain.Known) domain.Needs { return domain.Needs{} }

// Decide notes it.
func (e Ended) Decide(d *domain.Draft) error {
	kind := Failed
	if e.Passed {
		kind = Passed
	}
	d.Enter(entries.Entry{Kind: kind, Actor: entries.Service, Ticket: e.Ticket, Message: e.Message}, entries.Snapshot{}, entries.Snapshot{}, func() {})
	return nil
}
