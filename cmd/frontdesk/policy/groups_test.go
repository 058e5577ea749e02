package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/configs"
	"frontdesk/configs/rules"
	"frontdesk/configs/values"
	"frontdesk/pipeline/match"
)

func TestWhoIsInSeveralGroupsBelongsToTheFirst(t *testing.T) {
	got := groups(configs.Config{ContactGroups: []rules.ContactGroup{{Name: "vip", Members: []string{"Li@Shop.example", "@bank.example"}}, {Name: "banks", Members: []string{"@bank.example", "+85291234567"}}}})
	if d := cmp.Diff(match.Groups{"li@shop.example": "vip", "@bank.example": "vip", "+85291234567": "banks"}, got); d != "" {
		t.Error(d)
	}
}

// TestPromisesThatNobodyGets: a rule behind one that takes all that it would.
func TestPromisesThatNobodyGets(t *testing.T) {
	target := &rules.Target{Within: 1}
	sms := values.OneOrMore{"sms"}
	for _, c := range []struct {
		name  string
		rules []rules.Promise
		want  []string
	}{
		{"the narrow one comes first", []rules.Promise{{Match: rules.Match{Channel: sms}, FirstReply: target}, {FirstReply: target}}, nil},
		{"the wide one does", []rules.Promise{{FirstReply: target}, {Match: rules.Match{Channel: sms}, FirstReply: target, NextReply: target}}, []string{"promises[1].first_reply"}},
		{"of several values each is taken", []rules.Promise{{Match: rules.Match{Channel: values.OneOrMore{"email", "sms"}}, Resolution: target}, {Match: rules.Match{Channel: sms, Group: values.OneOrMore{"vip"}}, Resolution: target}}, []string{"promises[1].resolution"}},
		{"of several values one is not", []rules.Promise{{Match: rules.Match{Channel: sms}, Resolution: target}, {Match: rules.Match{Channel: values.OneOrMore{"email", "sms"}}, Resolution: target}}, nil},
		{"they ask for different things", []rules.Promise{{Match: rules.Match{Channel: sms}, Acknowledgement: target}, {Match: rules.Match{Group: values.OneOrMore{"vip"}}, Acknowledgement: target}}, nil},
		{"they promise different things", []rules.Promise{{Acknowledgement: target}, {FirstReply: target}}, nil},
	} {
		var got []string
		for _, n := range PromiseNotes(configs.Config{Promises: c.rules}) {
			got = append(got, n.Path)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}
