package tables

import "strings"

// Steps is the beginning of a statement (WITH RECURSIVE step (ticket)) that finds for each value of the columns, two or more and
// the first ones of an index over the table desk, the first item of
// those that meet a condition: one step down the index for each value, however many items there are. order is what follows in the index, condition
// is upon the row d.
//
// From one value to the next each column is a step of its own. One comparison of rows, (a, b) > (c.a, c.b), says the same; but SQLite then goes down the index by the
// first column alone, and looks at all items of it.
func Steps(columns []string, order, condition string) string {
	first := `SELECT d.ticket FROM desk d WHERE ` + condition
	by := ` ORDER BY d.` + strings.Join(columns, `, d.`) + `, ` + order + `, d.ticket LIMIT 1`
	var next []string
	for i := len(columns) - 1; i >= 0; i-- {
		var same strings.Builder
		for _, c := range columns[:i] {
			same.WriteString(` AND d.` + c + ` = c.` + c)
		}
		next = append(next, `(`+first+same.String()+` AND d.`+columns[i]+` > c.`+columns[i]+by+`)`)
	}
	return `WITH RECURSIVE step (ticket) AS (SELECT (` + first + by + `)
UNION ALL SELECT coalesce(` + strings.Join(next, `, `) + `) FROM step s JOIN desk c ON c.ticket = s.ticket)`
}
