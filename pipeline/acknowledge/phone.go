package acknowledge

import (
	"frontdesk/pipeline/message"

	"frontdesk/pipeline/causes"
)

// Phone is what the numbering plans and the configuration say of a number.
type Phone struct {
	Never  bool   // premium, shared-cost, satellite and the like: nothing is ever sent there
	Mobile bool   // takes texts; a landline takes them seldom, and of an unassigned range nobody knows: only who wrote from there gets one
	Served bool   // in a country where the desk writes unasked
	Prefix string // its range, for the caps
	Price  int64  // of one acknowledgement there, in millionths of the budget's currency
}

// SMS is the policy of what goes to telephone numbers.
// Each text costs money, and a number that somebody typed into a form may be anyone's, or one that pays its owner per text. Such traffic
// goes to ranges of numbers, so ranges are counted, not single numbers only.
type SMS struct {
	// Look reads a number; nil serves every number.
	Look func(number string) Phone
	// Abroad answers those who wrote by SMS themselves from a country that is not served.
	Abroad bool
	// ClaimedPrefix and ShownPrefix bound the texts a day to numbers that begin alike: to those that
	// somebody only typed, and to those from which somebody has written. 0 for no bound.
	ClaimedPrefix, ShownPrefix int
	// Budget bounds what the texts to numbers that somebody typed may cost a day, in millionths. 0 for no bound.
	Budget int64
}

// Scopes under which the desk's sends are counted over all recipients.
const (
	ScopeStranger = "stranger"   // to unproven addresses
	ScopeMoney    = "sms-money?" // of texts to numbers that somebody typed, in millionths
)

// ScopePrefix is the scope of numbers that begin alike.
func ScopePrefix(p Phone, shown bool) string {
	if shown {
		return "sms:" + p.Prefix
	}
	return "sms?:" + p.Prefix
}

// look is what is known of the recipient's number. Reading a number costs some microseconds, so what was
// found while the message was read is used again.
func (in Input) look(to message.Address) Phone {
	if in.Number != nil {
		return *in.Number
	}
	return in.SMS.Look(to.Value)
}

// phoneCause is why nothing may go to a number at all.
// A number from which somebody wrote proves that it takes texts; one that was only typed must be a mobile number by its range.
func phoneCause(in Input, to message.Address) string {
	if to.Kind != message.Phone || in.SMS.Look == nil {
		return ""
	}
	p := in.look(to)
	switch {
	case p.Never:
		return causes.PremiumNumber
	case !p.Served && !(in.Shown && in.SMS.Abroad), !p.Mobile && !in.Shown:
		return causes.NoServiceArea
	case !in.Shown && !in.ClaimedSMS:
		return causes.UnprovenNumber
	}
	return ""
}

// phoneCapped is why no more may go to such numbers today.
// The budget is asked with this text's price, so it is never passed.
func phoneCapped(in Input, to message.Address) string {
	if to.Kind != message.Phone || in.SMS.Look == nil {
		return ""
	}
	limit := in.SMS.ShownPrefix
	if !in.Shown {
		limit = in.SMS.ClaimedPrefix
	}
	switch {
	case limit > 0 && in.Sent.Prefix >= limit:
		return causes.SMSPrefixCap
	case !in.Shown && in.SMS.Budget > 0 && in.Sent.Spent+in.look(to).Price > in.SMS.Budget:
		return causes.SMSBudget
	}
	return ""
}

// Count is something that a send adds to a scope.
type Count struct {
	Scope string
	N     int64
	Room  int64 // how much more others may have added meanwhile before the decision would be another one
}

// Counts lists what a send to that address adds, or the digest that lists it.
// Rows of these scopes are written by many workers at a time. Room spares most of them a conflict: only near a limit the decision has to
// be made again.
func Counts(in Input, f Finding, caps Caps) []Count {
	if !f.Send() && !(f.Digest && in.fresh()) {
		return nil
	}
	var out []Count
	if !in.Trusted {
		out = append(out, Count{ScopeStranger, 1, min(room(int64(caps.StrangerHour), int64(in.Sent.StrangerHour)+1), room(int64(caps.StrangerDay), int64(in.Sent.StrangerDay)+1))})
	}
	if f.Digest || f.To.Kind != message.Phone || in.SMS.Look == nil {
		return out
	}
	p := in.look(f.To)
	limit := in.SMS.ShownPrefix
	if !in.Shown {
		limit = in.SMS.ClaimedPrefix
		out = append(out, Count{ScopeMoney, p.Price, room(in.SMS.Budget, in.Sent.Spent+p.Price)})
	}
	return append(out, Count{ScopePrefix(p, in.Shown), 1, room(int64(limit), int64(in.Sent.Prefix)+1)})
}

// room is what is left of a limit; of none, everything.
func room(limit, used int64) int64 {
	if limit <= 0 {
		return 1 << 62
	}
	return max(limit-used, 0)
}
