package stored

import (
	"testing"

	"frontdesk/pipeline/domain/agents"
	"frontdesk/pipeline/domain/entries"
	table "frontdesk/workers/store/desk"
)

// TestWhyATicketWentBackIsSaid: each reason has a word of its own, which stands in templates/desk/words.txt.
func TestWhyATicketWentBackIsSaid(t *testing.T) {
	for _, c := range []struct {
		act  table.Act
		want string
	}{
		{table.Act{What: entries.ActHandBack}, "handed-back"},
		{table.Act{What: entries.ActHandBack, Reason: agents.ReasonAbsent}, "returned.owner-absent"},
		{table.Act{What: entries.ActHandBack, Reason: agents.ReasonLong}, "returned.owner-absent-longer"},
		{table.Act{What: entries.ActHandBack, Reason: agents.ReasonAnswered}, "returned.answered-while-away"},
		{table.Act{What: entries.ActHandBack, Reason: agents.ReasonUnbegun}, "returned.not-begun"},
		{table.Act{What: entries.ActGive}, "given"},
		{table.Act{What: entries.ActGive, Reason: agents.ReasonBeyond}, "given.given-beyond-limit"},
		{table.Act{What: entries.ActTake, Reason: "longest-waiting"}, "taken"},
	} {
		if got := did(c.act); got != c.want {
			t.Errorf("%s for %q: %s, want %s", c.act.What, c.act.Reason, got, c.want)
		}
	}
}
