package viewer

import (
	"fmt"
	"slices"
	"testing"
)

func TestWhatRolesAllow(t *testing.T) {
	want := map[Role]string{
		Agent:         "[read answer]",
		Lead:          "[read answer direct]",
		Administrator: "[read administer audit]",
		Auditor:       "[read audit]",
	}
	for _, role := range Roles() {
		var has []Right
		for _, right := range []Right{Read, Answer, Direct, Administer, Audit} {
			if (Viewer{Grants: []Grant{{role, "refunds"}}}).May(right, "refunds") {
				has = append(has, right)
			}
		}
		if got := fmt.Sprint(has); got != want[role] {
			t.Errorf("%s: %s, want %s", role, got, want[role])
		}
	}
	if len(want) != len(rights) {
		t.Errorf("%d roles have rights, %d are tested", len(rights), len(want))
	}
}

func TestWhereAViewerMay(t *testing.T) {
	for _, c := range []struct {
		name   string
		grants []Grant
		right  Right
		queues []string
		every  bool
	}{
		{"nobody may nothing", nil, Read, nil, false},
		{"an agent of two queues reads both", []Grant{{Agent, "refunds"}, {Agent, "cards"}}, Read, []string{"cards", "refunds"}, false},
		{"a queue that two roles give stands once", []Grant{{Agent, "cards"}, {Lead, "cards"}}, Answer, []string{"cards"}, false},
		{"a lead of one queue directs there alone", []Grant{{Agent, "refunds"}, {Lead, "cards"}}, Direct, []string{"cards"}, false},
		{"an auditor of everything reads everything", []Grant{{Auditor, Every}, {Agent, "cards"}}, Read, nil, true},
		{"and answers only where he is an agent", []Grant{{Auditor, Every}, {Agent, "cards"}}, Answer, []string{"cards"}, false},
		{"a role that is not known allows nothing", []Grant{{"owner", Every}}, Read, nil, false},
	} {
		v := Viewer{Grants: c.grants}
		queues, every := v.Where(c.right)
		if !slices.Equal(queues, c.queues) || every != c.every {
			t.Errorf("%s: %v, %t", c.name, queues, every)
		}
		for _, queue := range []string{"cards", "refunds", "unknown"} {
			if got, want := v.May(c.right, queue), every || slices.Contains(queues, queue); got != want {
				t.Errorf("%s: may %s in %s: %t, want %t", c.name, c.right, queue, got, want)
			}
		}
	}
}

func TestAddressesAreKeptFromARole(t *testing.T) {
	v := Viewer{Grants: []Grant{{Role: Agent, Queue: "refunds"}, {Role: Agent, Queue: "cards"}, {Role: Lead, Queue: "cards"}, {Role: Auditor, Queue: Every}}}
	veiled := v
	veiled.Veiled = []Role{Agent, Auditor}
	if queues, every := veiled.Where(Contact); every || !slices.Equal(queues, []string{"cards"}) {
		t.Errorf("addresses are shown in %v, %t", queues, every)
	}
	if !v.May(Contact, "refunds") {
		t.Error("who is not veiled sees no addresses")
	}
	if queues, every := veiled.Where(Read); !every {
		t.Errorf("he reads in %v alone", queues)
	}
	if !veiled.Anywhere(Contact) || (Viewer{}).Anywhere(Read) {
		t.Error("what is seen anywhere is not told")
	}
}
