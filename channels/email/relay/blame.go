package relay

import (
	"slices"
	"strings"
)

// step is what a relay's answer was an answer to.
type step int

const (
	elsewhere step = iota // greeting, login, NOOP
	sender                // MAIL FROM
	recipient             // RCPT TO
	data                  // DATA and the final dot
)

// blame is whom a refusal is about.
type blame int

const (
	theirs  blame = iota // the recipient's address, or this very mail: it will never go
	passing              // the recipient's mailbox, for now
	ours                 // our sender, our account, our mail as such: the operator's to mend
)

// blames finds out whom a refusal is about. The enhanced code says so where there is one (RFC 3463), and the
// words where they speak of a limit on what we may send: providers give 550 and 554 for that. Without either, a
// refused recipient is the recipient's, and whatever is refused before or after is ours: no customer can mend it, and
// his address is not to be lost over it.
// The question matters because a Permanent failure may cost a customer his address (Traits.Dead), while Refused tells the operator.
func (r reply) blames(at step, words string) blame {
	words = strings.ToLower(words)
	switch {
	case r.code != 421 && (has(words, limits) || r.is(4, 5)): // 421 ends the connection, whatever it says
		return ours
	case r.code < 500:
		return passing
	case r.tooBig():
		return theirs
	case at == elsewhere || at == sender:
		return ours
	case r.enhanced[0] > 0 && !r.is(0, 0):
		return r.blamesByCode()
	case at == data:
		return ours
	case r.code == 552 || has(words, full):
		return passing
	case has(words, unknown):
		return theirs
	case has(words, policy):
		return ours
	}
	return theirs
}

// blamesByCode reads the enhanced code of a refused recipient or mail.
// The codes are those of RFC 3463 §3 and of the IANA registry "SMTP Enhanced Status Codes".
func (r reply) blamesByCode() blame {
	switch subject, detail := r.enhanced[1], r.enhanced[2]; subject {
	case 1: // addressing: all about the recipient but the sender's address (7, 8)
		if detail == 7 || detail == 8 {
			return ours
		}
		return theirs
	case 2: // the recipient's mailbox; full is for now
		if detail == 2 {
			return passing
		}
		return theirs
	case 4, 6: // there is no way to the recipient's host; the mail cannot be carried there
		return theirs
	case 5: // protocol: that no recipient was valid (1) is said so by some at DATA
		if detail == 1 {
			return theirs
		}
		return ours
	}
	return ours // 3: the relay's own system; 7: security and policy; what no standard knows
}

// tooBig reports whether this mail is too large, which no other try changes.
func (r reply) tooBig() bool { return r.is(3, 4) || r.is(2, 3) }

// is reports whether the enhanced code has that subject and detail, whatever its class.
func (r reply) is(subject, detail int) bool {
	return r.enhanced[0] > 0 && r.enhanced[1] == subject && r.enhanced[2] == detail
}

// has reports whether a text holds one of the words. Both are in lower case.
func has(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// Words of relays, lower-case, of answers whose code says too little.
var (
	// limits speak of what one account may send in a day or an hour.
	// A new one goes to the list whose meaning it has; it must not occur in answers of another meaning, since lists are asked in the
	// order limits, full, unknown, policy.
	limits = []string{
		"sending quota", "quota exceeded for sending", "sending limit", "send limit", "daily limit", "daily quota", "hourly limit", "message limit", "messages per day",
		"messages per hour", "rate limit", "ratelimit", "limit on the number of", "limit exceeded for", "submission quota", "sent too many", "too many messages", "too many mails",
		"too many emails", "too much mail", "mail frequency", "sending rate", "exceeded the maximum number", "exceeded its max", "outgoing mail limit", "recipients per day", "bounce limit", "sender limit", "account limit", "sending activity", "unusual activity", "throttl", "credits exceeded", "message quota", "per hour", "per day", "每小时", "每天", "每日",
		"发送频率", "发信频率", "发信数", "发送数量", "发信量", "超过限制", "超出限制", "频率限制", "每日限额", "送信数", "送信制限",
	}
	// full speak of the recipient's mailbox that is full.
	full = []string{"mailbox full", "mailbox is full", "over quota", "overquota", "quota exceeded", "exceeded storage", "insufficient storage", "out of space"}
	// unknown speak of an address that is nobody's.
	unknown = []string{
		"no such", "unknown", "not exist", "doesn't exist", "not found", "invalid recipient", "invalid mailbox", "invalid address", "bad address", "bad destination",
		"no mailbox", "mailbox unavailable", "mailbox disabled", "disabled", "inactive", "user suspended", "not a valid", "does not accept mail", "不存在", "无此用户", "無此",
	}
	// policy speak of who may send what.
	policy = []string{
		"spam", "policy", "blocked", "blocklist", "blacklist", "denied", "not allowed", "not permitted", "not authorized", "unauthorized", "not authorised", "authenticat", "relay",
		"exceed", "limit", "too many", "quota", "frequen", "限", "频", "reputation", "suspicious", "suspended", "dt:", "sender", "mail from", "content", "垃圾", "拒绝", "发件人",
	}
)
