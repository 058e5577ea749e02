package formatted

import (
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ name, in, spaced, unbound string }{
		{"a number that is spread over tags is one without them", "<p>4111<b>1111</b>11111111</p>", " 4111 1111 11111111 ", "4111111111111111"},
		{"two cells are two words with a space between", "<td>12</td><td>34</td>", " 12  34 ", "1234"},
		{"entities are what they stand for", "Tom &amp; Jerry &#x41;", "Tom & Jerry A", "Tom & Jerry A"},
		{"what a picture and a link say stands behind", `<img alt="a b"><a href="mailto:x@y.example">c</a>`, "  c \na b\nmailto:x@y.example", "c\na b\nmailto:x@y.example"},
		{"what nobody sees of a tag is left out", `<p class="x" style="y">z`, " z", "z"},
	} {
		if spaced, unbound := Words(c.in); spaced != c.spaced || unbound != c.unbound {
			t.Errorf("%s: %q, %q; want %q, %q", c.name, spaced, unbound, c.spaced, c.unbound)
		}
	}
}

func TestReadingWordsIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	doubling.Text(t, 1<<14, "", "", append(doubling.Units(), "<b>", "<", "<!--", "&amp;&", "<img alt=a>", "<a href='"), func(text string) { Words(text) })
}

func FuzzWords(f *testing.F) {
	f.Add("<p title='a'>b<!-- c --><script>d</script>&#0;")
	f.Fuzz(func(t *testing.T, src string) {
		spaced, unbound := Words(src)
		if !strings.Contains(strings.ReplaceAll(spaced, " ", ""), strings.ReplaceAll(unbound, " ", "")) {
			t.Errorf("%q has the words %q and %q", src, spaced, unbound)
		}
	})
}
