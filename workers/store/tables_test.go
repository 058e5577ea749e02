package store_test

import (
	"slices"
	"strings"
	"testing"

	"frontdesk/workers/store"
)

// TestEveryTableOfTheSchemaIsInTheTableOfTables: an erasure, an audit and a bench work from it.
func TestEveryTableOfTheSchemaIsInTheTableOfTables(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(name, func(t *testing.T) {
			schema, err := store.Schema(t.Context(), open(t))
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range store.Tables() {
				columns := schema[table.Name]
				delete(schema, table.Name)
				named := slices.Concat(table.Key, table.Personal)
				if f := table.Fill; f != nil {
					named = slices.Concat(named, f.Keys, f.Addresses)
					for column := range f.IDs {
						named = append(named, column)
					}
				}
				for _, column := range named {
					if !slices.Contains(columns, column) && (name != "sqlite" || table.Name != "searched") {
						t.Errorf("%s has no column %s", table.Name, column)
					}
				}
				if impersonal := len(table.Personal) == 0; impersonal != (table.Erasure == store.Impersonal) {
					t.Errorf("%s is %s, and its personal columns are %v", table.Name, table.Erasure, table.Personal)
				}
			}
			for table := range schema {
				if !strings.HasPrefix(table, "search_words") { // the index of words, whose rows are those of searched
					t.Errorf("%s is in the schema and not in Tables", table)
				}
			}
		})
	}
}
