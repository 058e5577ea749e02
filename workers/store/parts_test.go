package store

import "testing"

// TestEachTableThatMayNameAPersonIsSearched: an erasure that passed one over would prove nothing.
func TestEachTableThatMayNameAPersonIsSearched(t *testing.T) {
	parts := new(sweep).parts()
	for _, table := range Tables() {
		if searched := len(parts[table.Name]) > 0; searched != (len(table.Personal) > 0) {
			t.Errorf("%s is searched: %v; its personal columns are %v", table.Name, searched, table.Personal)
		}
		delete(parts, table.Name)
	}
	for name := range parts {
		t.Errorf("%s is searched, and is no table", name)
	}
}
