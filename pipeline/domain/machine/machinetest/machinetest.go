// Package machinetest walks state machines: for tests.
package machinetest

import (
	"fmt"
	"testing"

	"frontdesk/pipeline/domain/machine"
)

// Walk holds a machine against a table: each event in each state, "" where it means nothing.
func Walk[S, E interface {
	comparable
	~string
}](t *testing.T, m machine.Table[S, E], events []E, want map[S][]S) {
	t.Helper()
	rows := 0
	for from, row := range want {
		if len(row) != len(events) {
			t.Fatalf("%d columns for %s", len(row), from)
		}
		for i, on := range events {
			to, ok := m.Next(from, on)
			if row[i] == "" {
				if ok || to != from {
					t.Errorf("%s in %s leads to %s, and means nothing there", on, from, to)
				}
				continue
			}
			rows++
			if !ok || to != row[i] {
				t.Errorf("%s in %s leads to %s, want %s", on, from, to, row[i])
			}
		}
	}
	if rows != len(m) {
		t.Errorf("the table has %d rows, %d of them are known here", len(m), rows)
	}
	seen := map[string]bool{}
	for _, s := range m {
		key := fmt.Sprint(s.From, "/", s.On)
		if seen[key] {
			t.Errorf("two rows for %s", key)
		}
		seen[key] = true
		if _, known := want[s.To]; !known {
			t.Errorf("%s leads to %s, a state that is not known here", s.On, s.To)
		}
	}
}
