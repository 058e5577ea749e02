package normalize

import (
	"strings"
	"testing"

	"frontdesk/pipeline/message"
)

// pages are formatted mails as programs make them: ANSWER is what the customer wrote, ENDING what the program or he put below it.
var pages = map[string]string{
	"Gmail":               `<div dir="ltr">ANSWER<br><br>ENDING</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Fri, Nov 20, 2026 at 3:20 PM Desk &lt;<a href="mailto:d@desk.example">d@desk.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote">Which order?</blockquote></div>`,
	"Outlook":             `<div class="WordSection1"><p class="MsoNormal">ANSWER</p><p class="MsoNormal">ENDING</p><div id="divRplyFwdMsg"><b>From:</b> Desk<br><b>Sent:</b> Friday<br><b>To:</b> Li<br><b>Subject:</b> card</div><div>Which order?</div></div>`,
	"Outlook for the web": `<div>ANSWER</div><div>ENDING</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Desk<br><b>Subject:</b> card</div><p>Which order?</p>`,
	"Apple Mail":          `<html><body>ANSWER<div><br></div><div>ENDING</div><div><br><blockquote type="cite"><div>On 20 Nov 2026, at 15:20, Desk &lt;d@desk.example&gt; wrote:</div><div>Which order?</div></blockquote></div></body></html>`,
	"Yahoo":               `<div class="ydp1">ANSWER</div><div>ENDING</div><div id="yahoo_quoted_123" class="yahoo_quoted"><div>On Friday, Desk wrote:</div><div>Which order?</div></div>`,
	"Thunderbird":         `<p>ANSWER</p><p>ENDING</p><div class="moz-cite-prefix">Am 20.11.2026 um 15:20 schrieb Desk:<br></div><blockquote type="cite">Welche?</blockquote>`,
	"Proton":              `<div>ANSWER</div><div>ENDING</div><div class="protonmail_quote">On Friday, Desk wrote:<br><blockquote class="protonmail_quote" type="cite">Which order?</blockquote></div>`,
	"NetEase Mail Master": `<div>ANSWER</div><div>ENDING</div><div class="ntes-mailmaster-quote"><div>---- 回复的原邮件 ----</div><div>发件人 客服</div><div>哪个订单？</div></div>`,
	"Lark":                `<div>ANSWER</div><div>ENDING</div><div class="lark-mail-quote"><div>发件人: 客服</div><div>哪个订单？</div></div>`,
}

// TestWhatTheCustomerWroteNowInMarkup: as in plain text, with the marks that programs leave; hidden text and pictures say nothing.
func TestWhatTheCustomerWroteNowInMarkup(t *testing.T) {
	t.Parallel()
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\n", "<br>")
	for client, page := range pages {
		for _, answer := range answers {
			for ending, markup := range map[string]string{
				"nothing":              "",
				"a telephone":          "Sent from my iPhone",
				"a telephone, Chinese": "发自我的iPhone",
				"a signature":          `<div class="gmail_signature">Anna Li</div>`,
				"a picture":            `<img src="cid:1" alt="logo.png">`,
				"hidden words":         `<span style="display:none">preheader words</span>`,
				"empty lines":          "<br><br>&nbsp;",
			} {
				html := strings.NewReplacer("ANSWER", escape.Replace(answer), "ENDING", markup).Replace(page)
				got := Body(message.Message{HTML: html}, 0)
				if folded(got.Visible) != folded(answer) {
					t.Errorf("%s, %s: %q is left, want %q", client, ending, got.Visible, answer)
				}
				if strings.Contains(got.Visible, "preheader") || got.Quoted == "" {
					t.Errorf("%s, %s: the history is %q", client, ending, got.Quoted)
				}
				if again := Body(message.Message{HTML: "<div>" + escape.Replace(got.Visible) + "</div>"}, 0); folded(again.Visible) != folded(got.Visible) {
					t.Errorf("%s, %s: what is left is cut again: %q", client, ending, again.Visible)
				}
			}
		}
	}
}

// TestAnAnswerWithoutAHistoryIsWhole in every program's markup without its quotation.
func TestAnAnswerWithoutAHistoryIsWhole(t *testing.T) {
	t.Parallel()
	for _, answer := range answers {
		for _, frame := range [][2]string{
			{"<div>", "</div>"},
			{"<p>", "</p>"},
			{"<html><head><title>x</title><style>p{}</style></head><body>", "</body></html>"},
			{"<table><tr><td>", "</td></tr></table>"},
			{"<div><div><span>", "</span></div></div>"},
			{"<font face=x>", ""},
			{"", ""},
		} {
			html := frame[0] + strings.NewReplacer("&", "&amp;", "<", "&lt;", "\n", "<br>").Replace(answer) + frame[1]
			if got := Body(message.Message{HTML: html}, 0); folded(got.Visible) != folded(answer) || got.Quoted != "" {
				t.Errorf("%q is read as %+v", html, got)
			}
		}
	}
}
