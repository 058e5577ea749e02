package machine

import "testing"

func TestATableSaysWhereAnEventLeads(t *testing.T) {
	door := Table[string, string]{{"shut", "open", "ajar"}, {"ajar", "shut", "shut"}, {"shut", "lock", "locked"}, {"locked", "lock", "locked"}}
	for _, c := range []struct {
		name, from, on, to string
		ok                 bool
	}{
		{"to another state", "shut", "open", "ajar", true},
		{"the same event elsewhere means nothing", "locked", "open", "locked", false},
		{"a state may lead to itself, which means something", "locked", "lock", "locked", true},
		{"an event that no state knows", "shut", "knock", "shut", false},
		{"a state that nobody knows", "burnt", "open", "burnt", false},
	} {
		if to, ok := door.Next(c.from, c.on); to != c.to || ok != c.ok {
			t.Errorf("%s: %s, %t", c.name, to, ok)
		}
	}
	if to, ok := (Table[string, string]{}).Next("shut", "open"); to != "shut" || ok {
		t.Errorf("an empty table leads to %s", to)
	}
}
