package mimewalk

import (
	"encoding/base64"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
)

// coded is base64 as mail programs fold it.
func coded(s string) string {
	var b strings.Builder
	for e := base64.StdEncoding.EncodeToString([]byte(s)); e != ""; {
		n := min(76, len(e))
		b.WriteString(e[:n] + "\r\n")
		e = e[n:]
	}
	return b.String()
}

func TestBase64EndsWhereOtherTextBegins(t *testing.T) {
	zh := strings.Repeat("您好，退款还没有到账，订单号 20261123，请查一下。", 4)
	full := strings.Repeat("abc", 38) // its base64 fills lines and has no padding
	cases := []struct{ name, body, want, before, after string }{
		{"English lines behind the padding", coded("x"+zh) + "\r\n___________\r\nChecked by the gateway.", "x" + zh, "", "___________\r\nChecked by the gateway."},
		{"a Chinese footer", coded("x"+zh) + "\r\n本邮件已由网关检查。\r\n", "x" + zh, "", "本邮件已由网关检查。"},
		{"a Russian footer without an empty line", coded("x"+zh) + "Письмо проверено.\r\n", "x" + zh, "", "Письмо проверено."},
		{"a footer where no padding is needed", coded(full) + "\r\nTo unsubscribe, write to list@lists.example.\r\n", full, "", "To unsubscribe, write to list@lists.example."},
		{"a footer of one word without padding before it", coded(full) + "\r\nUnsubscribe\r\n", full, "", "Unsubscribe"},
		{"a word in two cases behind the padding", coded("x"+zh) + "\r\nLinkedIn\r\n", "x" + zh, "", "LinkedIn"},
		{"a ruler of dashes alone", coded("x"+zh) + "--------\r\n", "x" + zh, "", "--------"},
		{"a ruler of underlines without padding before it", coded(full) + "________________\r\nA list.\r\n", full, "", "________________\r\nA list."},
		{"words on the line of the padding", strings.TrimRight(coded("x"+zh), "\r\n") + " Sent by Example Mail\r\n", "x" + zh, "", "Sent by Example Mail"},
		{"a banner above", "[External mail] Take care.\r\n\r\n" + coded(zh), zh, "[External mail] Take care.", ""},
		{"a Japanese banner above and a German footer below", "【注意】社外からのメールです。\r\n" + coded(zh) + "\r\nDiese E-Mail wurde geprüft.\r\n", zh, "【注意】社外からのメールです。", "Diese E-Mail wurde geprüft."},
		{"a short text", "5L2g5aW9\r\n\r\nThis list is run by Example.", "你好", "", "This list is run by Example."},
		{"an antivirus's line with a link", coded("x"+zh) + "Virus-free.www.example.com <https://www.example.com/>\r\n", "x" + zh, "", "Virus-free.www.example.com <https://www.example.com/>"},
		{"pieces that were encoded one by one", "aGVsbG8=\r\naGk=\r\nd29ybGQ=\r\n", "hellohiworld", "", ""},
		{"pieces, then words", "aGVsbG8=\r\nd29ybGQ=\r\nThat was all.\r\n", "helloworld", "", "That was all."},
		{"empty lines between the lines", strings.ReplaceAll(coded(zh), "\r\n", "\r\n\r\n"), zh, "", ""},
		{"a damaged character inside", strings.Replace(coded(full), "YWJj", "YWJj!", 1), full, "", ""},
		{"words that are labelled base64", "Dear all, this is no base64, is it?", "Dear all, this is no base64, is it?", "", ""},
		{"nothing but padding", "====", "", "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, before, after, _ := DecodeText(Base64, []byte(c.body))
			if string(out) != c.want || string(before) != c.before || string(after) != c.after {
				t.Errorf("got %q, before %q, after %q", out, before, after)
			}
			if again, _ := Decode(Base64, []byte(c.body)); string(again) != c.want {
				t.Errorf("as a file it is %q", again)
			}
		})
	}
}

func TestTextAroundBase64CostsLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	units := []string{"=", "a=", "=a", "= ", "YWJj\n", "YWJj\n\n", "YQ==\n", "YQ== x\n", "\n", "a b\n", "_\n", "aA1=", "中\n", strings.Repeat("aB1+", 19) + "\n"}
	doubling.Text(t, 16<<10, "", "the end", units, func(body string) { DecodeText(Base64, []byte(body)) })
}

func FuzzDecodeText(f *testing.F) {
	f.Add([]byte("aGVsbG8=\r\nfooter of a list"))
	f.Add([]byte("banner\n\naGVsbG8gd29ybGQ\n"))
	f.Add([]byte("YQ== x y\nYQ=="))
	f.Fuzz(func(t *testing.T, body []byte) {
		out, before, after, _ := DecodeText(Base64, body)
		if len(out)+len(before)+len(after) > len(body)+3 {
			t.Errorf("%d bytes come out of %d", len(out)+len(before)+len(after), len(body))
		}
	})
}
