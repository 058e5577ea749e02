package recipients

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"frontdesk/pipeline/message"
)

func mail(values ...string) (out []message.Address) {
	for _, v := range values {
		out = append(out, message.Address{Kind: message.Email, Value: v})
	}
	return out
}

// ours are support@ and sales@ of the desk, with any plus-part.
func ours(id message.Identity) bool {
	box := id.Mailbox().Value
	return box == "support@desk.example" || box == "sales@desk.example"
}

// told writes a set as a line: To, copies, and who is left out and why.
func told(s Set) string {
	var b strings.Builder
	b.WriteString(s.To.Value)
	for _, a := range s.Cc {
		b.WriteString(" +" + a.Value)
	}
	for _, l := range s.Left {
		fmt.Fprintf(&b, " -%s:%s", l.Address.Value, l.Why)
	}
	return b.String()
}

func TestAnAnswerGoesTo(t *testing.T) {
	const us, a, c, d = "support@desk.example", "a@shop.example", "c@shop.example", "d@other.example"
	for _, tc := range []struct {
		name string
		in   Asked
		want string
	}{
		{"the sender alone, who wrote to us alone", Asked{Reading: Reading{To: mail(us)}}, a},
		{"D14: the others in To and Cc as well", Asked{Reading: Reading{To: mail(us, c), Cc: mail(d)}}, a + " +" + c + " +" + d},
		{"D15: the others where a second address of ours was written to", Asked{Reading: Reading{To: mail(us, "sales@desk.example"), Cc: mail(d)}}, a + " +" + d},
		{"the others, not to the signed address that he answered to", Asked{Reading: Reading{To: mail("support+t7.abcdefghjk@desk.example"), Cc: mail(c, "Support+T7.abcdefghjk@Desk.example")}}, a + " +" + c},
		{"a mailing list on which we are", Asked{Reading: Reading{To: mail("list@lists.example")}}, a + " +list@lists.example"},
		{"whom the mail was shown to, where we had a blind copy", Asked{Reading: Reading{To: mail(c)}}, a + " +" + c},
		{"the sender alone, where nobody is shown", Asked{}, a},
		{"no copy to the sender himself, in whatever spelling", Asked{Reading: Reading{To: mail(us, "A@shop.example"), Cc: mail("a+list@shop.example", a)}}, a},
		{"each mailbox once", Asked{Reading: Reading{To: mail(c, "C+x@shop.example"), Cc: mail(c, d, "d.d@gmail.com", "dd@googlemail.com")}}, a + " +" + c + " +" + d + " +d.d@gmail.com"},

		{"whom a proven sender asks to be answered", Asked{Proven: true, Reading: Reading{ReplyTo: mail(c), To: mail(us)}}, c},
		{"all whom a proven sender asks to be answered", Asked{Proven: true, Reading: Reading{ReplyTo: mail(c, d), To: mail(us)}}, c + " +" + d},
		{"the sender, whose Reply-To is ours", Asked{Proven: true, Reading: Reading{ReplyTo: mail(us), To: mail(us)}}, a},
		{"the sender, whose Reply-To nobody vouches for", Asked{Reading: Reading{ReplyTo: mail(c), To: mail(us)}}, a + " -" + c + ":unproven"},
		{"a stranger's own mailbox in another spelling", Asked{Reading: Reading{ReplyTo: mail("a+desk@shop.example"), To: mail(us)}}, "a+desk@shop.example"},
		{"whom a stranger wrote to, though he also names him to be answered", Asked{Reading: Reading{ReplyTo: mail(c), To: mail(us, c)}}, a + " +" + c},

		{"nobody who has said STOP, or is gone", Asked{Reading: Reading{To: mail(c, d)}, Shut: map[message.Identity]Reason{mail(c)[0].Identity(): OptedOut, mail(d)[0].Identity(): Failed}},
			a + " -" + c + ":opted-out -" + d + ":failed"},
		{"the next one who is asked to be answered, where the first is gone", Asked{Proven: true, Reading: Reading{ReplyTo: mail(c, d)}, Shut: map[message.Identity]Reason{mail(c)[0].Identity(): Failed}},
			d + " -" + c + ":failed"},
		{"the sender who has said STOP: that is seen when it is sent", Asked{Reading: Reading{To: mail(us)}, Shut: map[message.Identity]Reason{mail(a)[0].Identity(): OptedOut}}, a},
		{"nobody by a channel that carries no copies", Asked{Most: -1, Reading: Reading{To: mail(us, c)}}, a + " -" + c + ":too-many"},
		{"no more than the channel carries", Asked{Most: 1, Reading: Reading{To: mail(c, d)}}, a + " +" + c + " -" + d + ":too-many"},
		{"nothing that is no address", Asked{Reading: Reading{To: append(mail("undisclosed-recipients:;", "@", "x@", "@x", "a b@x.example", "x@y@z", "[erased]", c), message.Address{Kind: message.Phone, Value: "+861380@x"})}},
			a + " +" + c},
		{"nobody where the sender is ours", Asked{From: mail(us)[0], Reading: Reading{To: mail(c)}}, ""},
	} {
		in := tc.in
		if in.From.IsZero() {
			in.From = mail(a)[0]
		}
		if in.Ours = ours; in.Most == 0 {
			in.Most = 50
		}
		in.Most = max(in.Most, 0)
		if got := told(Answer(in)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestCopiesAreBounded(t *testing.T) {
	in := Asked{From: mail("a@shop.example")[0], Ours: ours, Most: 1000}
	for i := range 100 {
		in.Reading.To = append(in.Reading.To, mail(fmt.Sprintf("p%d@shop.example", i))...)
	}
	if got := Answer(in); len(got.Cc) != mostCopies || len(got.Left) != 50 {
		t.Errorf("%d copies, %d left out", len(got.Cc), len(got.Left))
	}
}

func TestAReadingIsBounded(t *testing.T) {
	m := message.Message{MessageID: "m@x.example"}
	for i := range 150 {
		m.To = append(m.To, mail(fmt.Sprintf("p%d@shop.example", i), fmt.Sprintf("p%d@shop.example", i))...)
		m.References = append(m.References, fmt.Sprintf("r%d@x.example", i))
	}
	m.Cc = []message.Address{{Kind: message.Email, Value: "c@shop.example", Name: strings.Repeat("x", longestName+1)}, {Kind: message.Email, Value: "secret@shop.example"}, {Value: "nobody"}}
	keep := func(s string) bool { return !strings.Contains(s, "secret") && s != "r149@x.example" }
	got := Read(m, keep)
	if len(got.To) != mostAddresses || got.To[99].Value != "p99@shop.example" || got.MessageID != "m@x.example" {
		t.Errorf("%d addresses of %+v", len(got.To), got.MessageID)
	}
	if n := len(got.References); n != mostReferences-1 || got.References[0] != "r130@x.example" || got.References[n-1] != "r148@x.example" {
		t.Errorf("references %v", got.References)
	}
	if want := mail("c@shop.example"); !reflect.DeepEqual(got.Cc, want) {
		t.Errorf("Cc %v, want %v", got.Cc, want)
	}
	m.MessageID = "secret@x.example"
	if got := Read(m, keep).MessageID; got != "" {
		t.Errorf("what would be masked is kept: %q", got)
	}
	if !Read(message.Message{}, keep).IsZero() || Read(m, keep).IsZero() {
		t.Error("an empty reading is not told from another")
	}
}

func TestAPersonIsTakenOutOfAReading(t *testing.T) {
	r := Reading{MessageID: "ann@x.example.1", References: []string{"1@x", "ann@x.example.0"}, ReplyTo: mail("ann@x.example"), To: mail("bob@x.example"),
		Cc: []message.Address{{Kind: message.Email, Value: "carl@x.example", Name: "for ann@x.example"}}}
	got := r.Without(func(s string) bool { return strings.Contains(s, "ann@x.example") })
	if want := (Reading{References: []string{"1@x"}, To: mail("bob@x.example"), Cc: mail("carl@x.example")}); !reflect.DeepEqual(got, want) {
		t.Errorf("left is %+v, want %+v", got, want)
	}
	if len(r.References) != 2 || r.Cc[0].Name == "" {
		t.Error("the reading itself was changed")
	}
}
