package verdict

import (
	"testing"

	"frontdesk/internal/doubling"
)

// What the reader of a signature costs grows with its length, whatever somebody puts into it.
func TestTagsCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	units := append(doubling.Units(), "=", "a=b;", "a=b ", ";", "\r\n ", "\r\n a", "v=1; ")
	doubling.Text(t, 16<<10, "", "", units, func(s string) { tags(s) })
	doubling.Text(t, 16<<10, "v=1; a=", "; d=x", units, func(s string) { tags(s) })
}
