package crashloop

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// judged is what a world without processes says of one message.
func judged(t *testing.T, n note, entries []entry, sends []send, rows ackRows) (result, []string) {
	t.Helper()
	w := &world{t: t, name: "judged", counts: map[string]int{}}
	r := newResult("judged")
	w.verifyNote(&r, n, entries)
	w.verifyAcknowledgement(&r, n, sends, rows)
	return r, w.violations
}

// TestTheLoopCanFail: the loop is worth something only if it finds what it looks for.
func TestTheLoopCanFail(t *testing.T) {
	at := time.Unix(1795330000, 0)
	accepted := note{token: "zqaqz", door: bySMTP, address: "a@c.example", sent: at, accepted: at, tries: 2}
	by := func(door string) note { n := accepted; n.door = door; return n }
	refused := accepted
	refused.accepted = time.Time{}
	ticket := entry{id: 1, ticket: 1, state: "ticketed", token: "zqaqz"}
	once := []send{{accepted.address, "<1@desk>", at}}
	twice := append(once[:1:1], send{accepted.address, "<1@desk>", at.Add(time.Second)})
	other := append(once[:1:1], send{accepted.address, "<2@desk>", at.Add(time.Second)})
	tried := ackRows{accepted.address: {rows: 1, attempts: 2}}
	for _, c := range []struct {
		name    string
		note    note
		entries []entry
		sends   []send
		rows    ackRows
		want    string // part of the violation
	}{
		{"one ticket and one acknowledgement", accepted, []entry{ticket}, once, nil, ""},
		{"a copy that was recognised", accepted, []entry{ticket, {id: 2, state: "duplicate"}}, once, nil, ""},
		{"accepted and not there", accepted, nil, once, nil, "is lost"},
		{"only a copy of nothing", accepted, []entry{{id: 2, state: "duplicate"}}, once, nil, "is lost"},
		{"there twice", accepted, []entry{ticket, {id: 2, ticket: 2, state: "ticketed"}}, once, nil, "is there 2 times"},
		{"never accepted and not there", refused, nil, nil, nil, ""},
		{"never accepted and there twice", refused, []entry{ticket, ticket}, nil, nil, "is there 2 times"},
		{"never acknowledged", accepted, []entry{ticket}, nil, nil, "never acknowledged"},
		{"a mail again under its Message-ID after an unknown outcome", accepted, []entry{ticket}, twice, tried, ""},
		{"a mail again without a second attempt", accepted, []entry{ticket}, twice, nil, "1 attempts"},
		{"a mail under two Message-IDs", accepted, []entry{ticket}, other, tried, "two Message-IDs"},
		{"an SMS twice", by(bySMS), []entry{ticket}, twice, tried, "acknowledged 2 times"},
		{"Telegram again after an unknown outcome", by(byTelegram), []entry{ticket}, other, tried, ""},
		{"Telegram again without a second attempt", by(byTelegram), []entry{ticket}, other, nil, "1 attempts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, got := judged(t, c.note, c.entries, c.sends, c.rows)
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("violations %q, want one with %q", got, c.want)
			}
		})
	}
}

func TestTokensAreFoundAgain(t *testing.T) {
	l := newLedger("x")
	seen := map[string]bool{}
	for range 5000 {
		n := l.open(bySMTP, mailAddress)
		if got := tokens.FindString(text(n.token)); got != n.token || seen[n.token] {
			t.Fatalf("token %q is read as %q, seen before: %v", n.token, got, seen[n.token])
		}
		seen[n.token] = true
	}
}

func TestSharesAddUp(t *testing.T) {
	got := []int{}
	for i := range 4 {
		got = append(got, share(30, 4, i))
	}
	if diff := cmp.Diff([]int{7, 8, 7, 8}, got); diff != "" {
		t.Errorf("shares (-want +got):\n%s", diff)
	}
}

func TestTheTableHasAColumnForAll(t *testing.T) {
	a, b := newResult("lite1"), newResult("post1")
	a.Faults["FLUSHALL"], b.Faults["FLUSHALL"], a.Lost = 2, 3, 1
	var out strings.Builder
	print(&out, []result{a, b})
	for _, want := range []string{"fault: FLUSHALL 2 3 5", "LOST 1 0 1"} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	print(io.Discard, []result{a})
}
