package normalize

import (
	"strings"
	"testing"

	"frontdesk/pipeline/message"
)

// TestSignaturesThatMarkupPointsOut are cut off where nothing but history follows, and stay one click away.
func TestSignaturesThatMarkupPointsOut(t *testing.T) {
	t.Parallel()
	const said, card = "The money has not arrived yet.", "<div>Li Si</div><div>Payments, and all that goes with them?</div>"
	quote := `<div class="gmail_quote">On 20 Nov 2026 at 15:20, Desk &lt;d@desk.example&gt; wrote:<blockquote>Which one?</blockquote></div>`
	for name, c := range map[string]struct{ html, want string }{
		"Gmail":                           {"<div>" + said + `</div><div class="gmail_signature" data-smartmail="gmail_signature">` + card + "</div>", said},
		"Gmail above a history":           {"<div>" + said + `</div><div class="gmail_signature">` + card + "</div>" + quote, said},
		"Outlook":                         {"<div>" + said + `</div><div id="Signature">` + card + "</div>", said},
		"Outlook, quoted by another":      {"<div>" + said + `</div><div id="x_Signature">` + card + "</div>", said},
		"Outlook on a telephone":          {"<div>" + said + `</div><div id="ms-outlook-mobile-signature">Get <a href="https://aka.ms/x">Outlook</a></div>`, said},
		"Thunderbird":                     {"<p>" + said + `</p><pre class="moz-signature">Li Si` + "\nPayments, and all</pre>", said},
		"Apple":                           {"<div>" + said + `</div><div id="AppleMailSignature">` + card + "</div>", said},
		"Proton":                          {"<div>" + said + `</div><div class="protonmail_signature_block">` + card + "</div>", said},
		"DingTalk":                        {"<div>" + said + `</div><div class="__aliyun_signature_wrap">` + card + "</div>", said},
		"NetEase":                         {"<div>" + said + `</div><div id="ntes-pcmail-signature">` + card + "</div>", said},
		"words below it":                  {`<div>Hello</div><div class="gmail_signature">Li Si</div><div>` + said + "</div>", "Hello\nLi Si\n" + said},
		"words below it and its history":  {`<div>Hello</div><div class="gmail_signature">Li Si</div>` + `<blockquote type="cite">q</blockquote><div>` + said + "</div>", "Hello\nLi Si\n\n> q\n\n" + said},
		"nothing but it":                  {`<div class="gmail_signature">` + said + "</div>", said},
		"longer than any":                 {`<div>Hello</div><div id="Signature">` + strings.Repeat("<div>line</div>", 13) + "</div>", "Hello\n" + strings.TrimSpace(strings.Repeat("line\n", 13))},
		"hidden":                          {"<div>" + said + `</div><div class="gmail_signature" style="display:none">` + card + "</div>", said},
		"a class that only looks like it": {"<div>" + said + `</div><div class="signature-required">Yes</div>`, said + "\nYes"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Body(message.Message{HTML: c.html}, 0)
			if strings.Join(strings.Fields(got.Visible), " ") != strings.Join(strings.Fields(c.want), " ") {
				t.Errorf("visible text is %q, want %q", got.Visible, c.want)
			}
			if strings.Contains(c.html, card) && !strings.Contains(c.html, "none") && !strings.Contains(got.Signature+got.Visible, "Li Si") {
				t.Errorf("the signature is lost: %+v", got)
			}
		})
	}
}
