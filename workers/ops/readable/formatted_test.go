package readable

import (
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

func TestMakingMarkupHarmlessIsLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	units := append(doubling.Units(), "<b>", "<i>a</i>", "<svg>", "<p a=1 b=2 c=3>", "<", "<!--", "&amp;&", "<script>", "</script>", "<img alt=a>", "<a href='")
	// What is written is five times what is read: beyond 64 KiB it would leave the caches, which costs twice as much a byte.
	doubling.Text(t, 1<<12, "", "", units, func(text string) { Harmless(text) })
}

func FuzzHarmless(f *testing.F) {
	f.Add(`<style>b{display:none}</style><body onload="x()"><p style="display:none">Shown <b onclick=x()>words</b></p><script>alert(1)</script><img src="//evil" alt="a picture">` +
		`<a href="javascript:x()">a link</a><iframe src=//evil></iframe><svg><script>y()</script></svg><form action=/x><input value=1></form><td colspan="2" background="//evil">cell</td>`)
	f.Add("<td colspan=99 rowspan='1\"'>x<noscript><p title='</noscript><img src=x onerror=y>'>")
	f.Fuzz(func(t *testing.T, src string) {
		out := strings.ToLower(Harmless(src).HTML)
		if strings.Contains(out, "<script") || strings.Contains(out, "<iframe") || strings.Contains(out, "<a ") || strings.Contains(out, "<img") || strings.Contains(out, "<style") {
			t.Errorf("%q became %q", src, out)
		}
		if again := Harmless(Harmless(src).HTML).HTML; again != Harmless(src).HTML {
			t.Errorf("made harmless twice: %q, then %q", Harmless(src).HTML, again)
		}
	})
}
