package thread

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/domain/tickets"
	"frontdesk/pipeline/message"

	"github.com/google/go-cmp/cmp"
)

func testMAC(parts ...[]byte) string {
	h := hmac.New(sha256.New, []byte("test key"))
	for _, p := range parts {
		h.Write([]byte{byte(len(p))})
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

var (
	now      = time.Date(2026, 5, 6, 10, 0, 0, 0, time.UTC)
	customer = message.Identity{Kind: message.Email, Value: "li@customer.example"}
	stranger = message.Identity{Kind: message.Email, Value: "mallory@elsewhere.example"}
)

func ticket(status tickets.State, age time.Duration) tickets.Ticket {
	return tickets.Ticket{ID: 7, Version: 3, Contact: 1, Status: status, Subject: "payment failed", Category: "payment-failed",
		Channels: []string{"email"}, OpenedAt: now.Add(-age), LastAt: now.Add(-age), Participants: []message.Identity{customer}}
}

// TestPain18SubjectHeadersAndState is the whole matrix of pain 18: subject same or changed, headers
// present, absent or naming an unknown ancestor, ticket open, closed or long closed.
func TestPain18SubjectHeadersAndState(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name    string
		subject string
		reply   bool
		named   bool // headers lead to the ticket; false: absent or unknown ancestor
		status  tickets.State
		age     time.Duration
		want    Finding
	}{
		{"same subject with headers continues the open ticket", "payment failed", true, true, tickets.Open, day, Finding{Ticket: 7, Version: 3, How: ByOwnMessageID}},
		{"same subject with headers reopens a closed ticket", "payment failed", true, true, tickets.Closed, day, Finding{Ticket: 7, Version: 3, Reopen: true, How: ByOwnMessageID}},
		{"same subject with headers long after closing follows it", "payment failed", true, true, tickets.Closed, 30 * day, Finding{Follows: 7, How: ByOwnMessageID}},
		{"changed subject with headers is a new topic of an open ticket", "lost card", false, true, tickets.Open, day, Finding{Follows: 7, How: ByOwnMessageID}},
		{"changed subject with headers is a new topic of a closed ticket", "lost card", false, true, tickets.Closed, day, Finding{Follows: 7, How: ByOwnMessageID}},
		{"empty subject with headers continues", "", false, true, tickets.Open, day, Finding{Ticket: 7, Version: 3, How: ByOwnMessageID}},
		{"reply without headers under the same subject continues", "payment failed", true, false, tickets.Open, day, Finding{Ticket: 7, Version: 3}},
		{"reply without headers under the same subject reopens", "payment failed", true, false, tickets.Closed, day, Finding{Ticket: 7, Version: 3, Reopen: true}},
		{"reply without headers after the window opens a ticket", "payment failed", true, false, tickets.Open, 8 * day, Finding{}},
		{"same subject that is no reply and has no headers opens a ticket", "payment failed", false, false, tickets.Open, day, Finding{}},
		{"changed subject without headers opens a ticket", "lost card", true, false, tickets.Open, day, Finding{}},
		{"changed subject without headers, closed ticket, opens a ticket", "lost card", false, false, tickets.Closed, day, Finding{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tk := ticket(c.status, c.age)
			in := Input{From: customer, Contact: 1, Proven: true, Channel: "email", At: now, Subject: c.subject, IsReply: c.reply, Recent: []tickets.Ticket{tk}, Category: "other"}
			if c.named {
				in.Named = []Named{{Ticket: tk, How: ByOwnMessageID}}
			}
			got := Decide(in, DefaultWindows())
			got.Reason = ""
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPain17StrangerNeverJoins: whoever quotes a ticket that is not his stays out of it.
func TestPain17StrangerNeverJoins(t *testing.T) {
	for _, c := range []struct {
		how  How
		want Finding
	}{
		{ByReplyAddress, Finding{Park: causes.UnauthenticatedReply, How: ByReplyAddress}},
		{ByOwnMessageID, Finding{Park: causes.UnauthenticatedReply, How: ByOwnMessageID}},
		{BySubjectToken, Finding{Park: causes.UnauthenticatedReply, How: BySubjectToken}},
		{ByReference, Finding{}},
	} {
		t.Run("a stranger naming a ticket by "+string(c.how), func(t *testing.T) {
			in := Input{From: stranger, Contact: 2, Proven: true, Channel: "email", At: now, Subject: "payment failed", IsReply: true,
				Named: []Named{{Ticket: ticket(tickets.Open, time.Hour), How: c.how}}}
			got := Decide(in, DefaultWindows())
			got.Reason = ""
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
			in.Released = true
			if got := Decide(in, DefaultWindows()); got.Park != "" || got.Ticket != 0 {
				t.Errorf("released by a person: %+v, want its own ticket", got)
			}
		})
	}
	t.Run("the customer's own address, but DMARC says forged", func(t *testing.T) {
		in := Input{From: customer, Contact: 1, Proven: true, DMARC: message.VerdictFail, Channel: "email", At: now, Subject: "payment failed", IsReply: true,
			Named: []Named{{Ticket: ticket(tickets.Open, time.Hour), How: BySubjectToken}}, Recent: []tickets.Ticket{ticket(tickets.Open, time.Hour)}}
		if got := Decide(in, DefaultWindows()); got.Park != causes.UnauthenticatedReply {
			t.Errorf("finding = %+v, want it parked", got)
		}
		in.Named = nil
		if got := Decide(in, DefaultWindows()); got.Ticket != 0 {
			t.Errorf("finding = %+v, want its own ticket", got)
		}
	})
}

// TestForgedFromNeedsATokenOfOurs: who only knows a customer's address and his subject stays out.
func TestForgedFromNeedsATokenOfOurs(t *testing.T) {
	base := Input{From: customer, Contact: 1, Proven: true, Foreign: true, Channel: "email", At: now, Subject: "payment failed", IsReply: true,
		Category: "payment-failed", Recent: []tickets.Ticket{ticket(tickets.Open, time.Hour)}}
	for _, how := range []How{"", ByReference} {
		in := base
		if how != "" {
			in.Named = []Named{{Ticket: ticket(tickets.Open, time.Hour), How: how}}
		}
		if got := Decide(in, DefaultWindows()); got.Ticket != 0 || got.Park != "" {
			t.Errorf("named by %q: %+v, want its own ticket", how, got)
		}
	}
	second := base
	second.Channel, second.IsReply = "form", false
	if got := Decide(second, DefaultWindows()); got.Ticket != 0 {
		t.Errorf("by its problem: %+v, want its own ticket", got)
	}
	token := base
	token.Named = []Named{{Ticket: ticket(tickets.Open, time.Hour), How: ByReplyAddress}}
	if got := Decide(token, DefaultWindows()); got.Ticket != 7 {
		t.Errorf("with a signed address: %+v, want it joined", got)
	}
}

func TestAnswerToASignedAddressJoinsUnderAnySubject(t *testing.T) {
	for _, how := range []How{ByReplyAddress, BySubjectToken} {
		in := Input{From: customer, Contact: 1, Proven: true, Channel: "email", At: now, Subject: "thanks, one more thing", IsReply: true,
			Named: []Named{{Ticket: ticket(tickets.Open, time.Hour), How: how}}}
		if got := Decide(in, DefaultWindows()); got.Ticket != 7 {
			t.Errorf("named by %s: %+v, want it joined", how, got)
		}
	}
}

func TestConversationGoesOnAndEnds(t *testing.T) {
	for _, c := range []struct {
		name   string
		age    time.Duration
		status tickets.State
		want   Finding
	}{
		{"goes on while it is warm, whatever it says", time.Hour, tickets.Open, Finding{Ticket: 7, Version: 3, How: ByConversation}},
		{"reopens while it is warm", time.Hour, tickets.Closed, Finding{Ticket: 7, Version: 3, Reopen: true, How: ByConversation}},
		{"starts anew when it has been quiet too long", 100 * time.Hour, tickets.Open, Finding{Follows: 7, How: ByConversation}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := Input{From: customer, Contact: 1, Proven: true, Channel: "sms", At: now, Category: "refund",
				Named: []Named{{Ticket: ticket(c.status, c.age), How: ByConversation}}}
			got := Decide(in, DefaultWindows())
			got.Reason = ""
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEachChannelHasItsOwnConversation(t *testing.T) {
	t.Parallel()
	w := DefaultWindows()
	w.Conversations = map[string]time.Duration{"sms": time.Hour, "telegram": 10 * 24 * time.Hour, "api": 0}
	for _, c := range []struct {
		name, channel string
		age           time.Duration
		continues     bool
	}{
		{"within the SMS hour", "sms", 59 * time.Minute, true},
		{"after the SMS hour", "sms", 61 * time.Minute, false},
		{"Telegram goes on where an SMS would not", "telegram", 9 * 24 * time.Hour, true},
		{"and ends in its own time", "telegram", 11 * 24 * time.Hour, false},
		{"a channel without any continuing", "api", time.Second, false},
		{"a channel that is not named has the usual one", "whatsapp", 2 * 24 * time.Hour, true},
		{"and no more", "whatsapp", 4 * 24 * time.Hour, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := Input{From: customer, Contact: 1, Proven: true, Channel: c.channel, At: now, Named: []Named{{Ticket: ticket(tickets.Open, c.age), How: ByConversation}}}
			if got := Decide(in, w); (got.Ticket == 7) != c.continues {
				t.Errorf("continues: %v, want %v (%s)", got.Ticket == 7, c.continues, got.Reason)
			}
		})
	}
}

func TestTokensComeBackAndForgeriesDoNot(t *testing.T) {
	const desk = "support@desk.example"
	address := ReplyAddress(testMAC, desk, 123)
	if got, ok := ParseReplyAddress(testMAC, strings.ToUpper(address)); !ok || got != 123 {
		t.Errorf("ParseReplyAddress(%q) = %d, %v", address, got, ok)
	}
	token := SubjectToken(testMAC, 123)
	if got, genuine := FindSubjectToken(testMAC, "Re: [#T-9-aaaaaaaaaa] hello "+token); !genuine || got != 123 {
		t.Errorf("FindSubjectToken = %d, %v", got, genuine)
	}
	id := MessageID(testMAC, "ack", 123, "acknowledgement:123", "desk.example")
	if got, ok := ParseMessageID(testMAC, "<"+id+">"); !ok || got != 123 {
		t.Errorf("ParseMessageID(%q) = %d, %v", id, got, ok)
	}
	if again := MessageID(testMAC, "ack", 123, "acknowledgement:123", "desk.example"); again != id {
		t.Errorf("a repeat has another Message-ID: %q and %q", again, id)
	}
	for _, forged := range []string{
		strings.Replace(address, "t123", "t124", 1), "support+t123.@desk.example", "support+t123@desk.example", "support+tx.y@desk.example", "support@desk.example", "", "+t1.a",
	} {
		if got, ok := ParseReplyAddress(testMAC, forged); ok {
			t.Errorf("ParseReplyAddress(%q) = %d, want none", forged, got)
		}
	}
	for _, forged := range []string{strings.Replace(token, "123", "124", 1), "[#T-123-]", "[#T-123", "[#T-]", "[#T-123-zzzzzzzzzz]"} {
		if got, genuine := FindSubjectToken(testMAC, forged); genuine {
			t.Errorf("FindSubjectToken(%q) = %d, want none", forged, got)
		}
	}
	if _, ok := ParseMessageID(testMAC, strings.Replace(id, ".123.", ".124.", 1)); ok {
		t.Error("a Message-ID with another ticket's number is believed")
	}
}

func FuzzTokens(f *testing.F) {
	f.Add("Re: [#T-123-abcdefghjk]")
	f.Add("support+t123.abcdefghjk@desk.example")
	f.Add("ack.123.a.b@desk.example")
	f.Fuzz(func(t *testing.T, s string) {
		if id, genuine := FindSubjectToken(testMAC, s); genuine && !strings.Contains(s, SubjectToken(testMAC, id)[:4]) {
			t.Errorf("genuine token %d out of %q", id, s)
		}
		ParseReplyAddress(testMAC, s)
		ParseMessageID(testMAC, s)
	})
}

// TestSubjectOfAnAnswerThatSaysNothingNew: an answer whose subject was shortened on the way, or has
// nothing left of it, is no new topic.
func TestSubjectOfAnAnswerThatSaysNothingNew(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("my payment to the shop failed and ", 10) + "nothing happens"
	chinese := strings.Repeat("付款失败", 100)
	for _, c := range []struct {
		name, ticket, subject string
		continues             bool
	}{
		{"our acknowledgement cut it and put an ellipsis", long, strings.TrimSpace(long[:119]) + "...", true},
		{"likewise in Chinese", chinese, string([]rune(chinese)[:119]) + "...", true},
		{"a mail program cut it", long, long[:200], true},
		{"only the prefix is left", "payment failed", "re:", true},
		{"only the token is left", "payment failed", "[#t-7-k3x9mm2pqa]", true},
		{"only prefix and token are left", "payment failed", "re: [#t-7-k3x9mm2pqa]", true},
		{"a short beginning is no cut", "payment failed", "payment", false},
		{"another long subject", long, strings.Repeat("my card was lost in the shop ", 10), false},
		{"a reference of the customer's own", "payment failed", "[order 12]", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			known := ticket(tickets.Open, time.Hour)
			known.Subject = c.ticket
			in := Input{From: customer, Contact: 1, Proven: true, Channel: "email", At: now, Subject: c.subject, Named: []Named{{known, ByOwnMessageID}}}
			if got := Decide(in, DefaultWindows()); (got.Ticket == 7) != c.continues {
				t.Errorf("continues: %v (%s)", got.Ticket == 7, got.Reason)
			}
		})
	}
}

// TestAClaimIsNotAPerson: who proves nothing joins nothing of a proven person's, unless he holds a signed
// reference of ours and nobody has proven the address he writes from.
func TestAClaimIsNotAPerson(t *testing.T) {
	proven, claimed := ticket(tickets.Open, time.Hour), ticket(tickets.Open, time.Hour)
	claimed.Claimed = true
	for _, c := range []struct {
		name   string
		ticket tickets.Ticket
		how    How
		in     Input
		want   string // "joins", "opens" or a parking cause
	}{
		{"a proven owner continues his ticket", proven, ByReference, Input{Contact: 1, Proven: true}, "joins"},
		{"a typed address with the customer's Message-ID opens a ticket of its own", proven, ByReference, Input{Owned: true}, "opens"},
		{"a typed address with a stolen reference of ours does likewise", proven, ByReplyAddress, Input{Owned: true}, "opens"},
		{"also with one in the subject", proven, BySubjectToken, Input{Owned: true}, "opens"},
		{"also in a conversation", proven, ByConversation, Input{Owned: true}, "opens"},
		{"somebody on Cc answers with our reference", proven, ByReplyAddress, Input{}, "joins"},
		{"somebody on Cc without it does not", proven, ByReference, Input{}, "opens"},
		{"a claim's own ticket goes on by its own Message-ID", claimed, ByReference, Input{}, "joins"},
		{"and by our reference", claimed, ByReplyAddress, Input{}, "joins"},
		{"its owner takes it over", claimed, ByReplyAddress, Input{Contact: 2, Proven: true}, "joins"},
		{"an aligned verdict that could not be had counts as none", claimed, ByReplyAddress, Input{DMARC: message.VerdictTempError}, causes.UnauthenticatedReply},
		{"what a person let through joins", proven, ByReplyAddress, Input{Owned: true, Released: true}, "joins"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := c.in
			in.From, in.Channel, in.At, in.Subject, in.IsReply, in.Named = customer, "email", now, c.ticket.Subject, true, []Named{{c.ticket, c.how}}
			f := Decide(in, DefaultWindows())
			got := f.Park
			switch {
			case got != "":
			case f.Ticket != 0:
				got = "joins"
			default:
				got = "opens"
			}
			if got != c.want {
				t.Errorf("%s (%s), want %s", got, f.Reason, c.want)
			}
		})
	}
	for _, in := range []Input{{IsReply: true, Subject: proven.Subject}, {Channel: "form", Category: proven.Category}} {
		in.From, in.Contact, in.At, in.Recent = customer, 1, now, []tickets.Ticket{proven}
		if f := Decide(in, DefaultWindows()); f.Ticket != 0 {
			t.Errorf("joined without a proof: %s", f.Reason)
		}
	}
}

// TestWhatWasTakenOutDoesNotComeBack: whatever a message names, it does not continue the ticket that a person has taken it out of.
func TestWhatWasTakenOutDoesNotComeBack(t *testing.T) {
	other := ticket(tickets.Open, time.Hour)
	other.ID = 8
	for _, how := range []How{ByReplyAddress, BySubjectToken, ByOwnMessageID, ByReference, ByConversation} {
		in := Input{From: customer, Contact: 1, Proven: true, At: now, Subject: "payment failed", IsReply: true, Apart: 7, Channel: "email",
			Named: []Named{{ticket(tickets.Open, time.Hour), how}}, Recent: []tickets.Ticket{ticket(tickets.Open, time.Hour)}}
		if f := Decide(in, DefaultWindows()); f.Ticket != 0 || f.Follows != 7 {
			t.Errorf("by %s: %+v", how, f)
		}
		in.Named = []Named{{other, how}}
		if f := Decide(in, DefaultWindows()); f.Ticket != 8 {
			t.Errorf("by %s, it names another ticket: %+v", how, f)
		}
	}
	in := Input{From: customer, Contact: 1, Proven: true, At: now, Subject: "payment failed", IsReply: true, Apart: 7, Recent: []tickets.Ticket{ticket(tickets.Open, time.Hour)}}
	if f := Decide(in, DefaultWindows()); f.Ticket != 0 || f.Follows != 7 {
		t.Errorf("by its subject alone: %+v", f)
	}
}
