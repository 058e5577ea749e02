package normalize

import (
	"frontdesk/pipeline/words"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"frontdesk/pipeline/message"
)

const said = "钱还没到账，请再看一下。"

// capital is a text with a capital at its beginning.
func capital(s string) string {
	r := []rune(s)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

func TestEachListIsRead(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	for _, p := range paths {
		if content, err := os.ReadFile(p); err == nil && !strings.HasSuffix(p, "_test.go") {
			code += string(content)
		}
	}
	for _, name := range mailLists.Names() {
		if short, label := strings.CutPrefix(name, "label "); label {
			if !strings.Contains(code, strconv.Quote(short)+": label") {
				t.Errorf("nothing reads [%s]", name)
			}
		} else if !strings.Contains(code, "("+strconv.Quote(name)+")") {
			t.Errorf("nothing reads [%s]", name)
		}
	}
	for _, name := range courtesyLists.Names() {
		if !strings.Contains(code, "("+strconv.Quote(name)+")") {
			t.Errorf("nothing reads [%s]", name)
		}
	}
}

func TestWordsOfMailAreWrittenAsTheyAreCompared(t *testing.T) {
	t.Parallel()
	for _, name := range mailLists.Names() {
		for _, w := range mailLists.Words(name) {
			if w != message.Lower(w) {
				t.Errorf("[%s] has %q, lines have %q", name, w, message.Lower(w))
			}
			if strings.HasPrefix(name, "label ") && strings.ContainsAny(w, ":：") || strings.HasSuffix(name, "prefixes") && (strings.Contains(w, ":") || foldSubject(w) != w) {
				t.Errorf("[%s] has %q, which is never compared: a colon ends it", name, w)
			}
		}
	}
	for _, name := range courtesyLists.Names() {
		for _, w := range courtesyLists.Words(name) {
			if w != message.Lower(w) {
				t.Errorf("[%s] has %q", name, w)
			}
		}
	}
}

// TestEachLabelHeadsAQuotedMail: each word in its place among four fields of a header.
func TestEachLabelHeadsAQuotedMail(t *testing.T) {
	t.Parallel()
	usual := []string{"From", "Date", "To", "Subject"}
	place := map[string]int{"label from": 0, "label date": 1, "label sent": 1, "label to": 2, "label subject": 3}
	for list, at := range place {
		for _, w := range mailLists.Words(list) {
			for _, colon := range []string{": ", "：", " : "} {
				head := [4]string{}
				for i, name := range usual {
					head[i] = name + ": x"
				}
				head[at] = w + colon + "x"
				text := said + "\n\n" + strings.Join(head[:], "\n") + "\n\n已为您处理。"
				if got := visible(text); got != said {
					t.Errorf("[%s] %q: %q stays", list, w, got)
				}
			}
			if got := visible(said + "\n" + w + ": x"); !strings.Contains(got, w) && w != "发自" && w != "來自" {
				t.Errorf("[%s] %q alone heads nothing, and is gone from %q", list, w, got)
			}
		}
	}
}

func TestEachMarkOfAQuotedMail(t *testing.T) {
	t.Parallel()
	for _, w := range mailLists.Words("original") {
		for _, fence := range [][2]string{{"-----", "-----"}, {"-------- ", " --------"}, {"____", "____"}, {"==== ", " ===="}} {
			if got := visible(said + "\n\n" + fence[0] + w + fence[1] + "\n已为您处理。"); got != said {
				t.Errorf("%q between %q: %q stays", w, fence[0], got)
			}
			if got := visible(said + "\n\n" + fence[0] + strings.ToUpper(w) + fence[1] + "\n已为您处理。"); got != said && strings.ToLower(strings.ToUpper(w)) == w {
				t.Errorf("%q in capitals: %q stays", w, got)
			}
		}
		if text := said + "\n" + w + "\n还是没有到。"; visible(text) != text {
			t.Errorf("%q without rulers cuts: %q", w, visible(text))
		}
	}
	for list, form := range map[string][2]string{"forwarded": {"---------- ", " ----------"}, "forwarded, without rulers": {"", ":"}} {
		for _, w := range mailLists.Words(list) {
			text := said + "\n\n" + form[0] + w + form[1] + "\nFrom: Shop\nDate: today\nSubject: Receipt\n\nYou paid 12."
			if got := visible(text); got != text {
				t.Errorf("[%s] %q: what is forwarded is cut, %q stays", list, w, got)
			}
		}
	}
}

func TestEachSignatureOfADevice(t *testing.T) {
	t.Parallel()
	deviceLists := words.MustReadLists("device.txt", read(t, "device/device.txt"))
	for _, head := range deviceLists.Words("signature heads") {
		for _, form := range []string{head + "iphone", capital(head) + "iPhone", "[" + head + "iphone]", head + "iphone <https://x.example>"} {
			if got := visible(said + "\n\n" + form); got != said {
				t.Errorf("%q: %q stays", form, got)
			}
		}
		text := said + "\n\n" + head + "I have told you three times already, and nobody of you has answered me: why?"
		if got := visible(text); got != text {
			t.Errorf("%q before a sentence is taken for a signature: %q", head, got)
		}
	}
	for _, tail := range deviceLists.Words("signature tails") {
		if got := visible(said + "\n\nmy iPhone " + tail); got != said {
			t.Errorf("%q behind a device: %q stays", tail, got)
		}
	}
	for _, v := range deviceLists.Words("vendors") {
		for _, form := range []string{"来自" + v, "來自 " + v, "来自我的" + v, "来自" + v + "手机"} {
			if got := visible(said + "\n\n" + form); got != said {
				t.Errorf("%q: %q stays", form, got)
			}
		}
		if v == "钉钉" {
			continue // which is the head of a signature by itself
		}
		text := said + "\n\n来自" + v + "商店的订单还没有发货"
		if got := visible(text); got != text {
			t.Errorf("a sentence about %q is cut: %q", v, got)
		}
	}
}

func TestEachIntroductionOfAQuotation(t *testing.T) {
	t.Parallel()
	quote := "\n> 您好\n> 已为您处理。"
	for _, verb := range mailLists.Words("introduction ends") {
		for _, colon := range []string{":", "：", " :"} {
			text := said + "\n\nOn 20 Nov 2026 at 15:20, Desk <d@desk.example> " + verb + colon + quote
			if got := visible(text); got != said {
				t.Errorf("%q: %q stays", verb+colon, got)
			}
		}
	}
	for _, head := range mailLists.Words("introduction heads") {
		text := said + "\n\n" + head + "20 Nov 2026 15:20, Desk <d@desk.example> wrote:" + quote
		if got := visible(text); got != said {
			t.Errorf("%q: %q stays", head, got)
		}
	}
	for _, verb := range mailLists.Words("introduction verbs") {
		text := said + "\n\nOn 20 Nov 2026 15:20 Desk" + verb + " d@desk.example:" + quote
		if got := visible(text); got != said {
			t.Errorf("%q: %q stays", verb, got)
		}
	}
}

func TestEachPrefixOfASubject(t *testing.T) {
	t.Parallel()
	for list, is := range map[string]func(string) bool{"reply prefixes": ReplyPrefix, "forward prefixes": isForward} {
		for _, p := range mailLists.Words(list) {
			for _, s := range []string{p + ": refund", strings.ToUpper(p) + ": Refund", p + "：refund", p + "[2]: refund", "[External] " + p + ": refund", p + " : refund", p + ":refund", p + ": " + p + ": refund"} {
				if strings.ToLower(strings.ToUpper(p)) != p && s == strings.ToUpper(p)+": Refund" {
					continue // its capitals have another form
				}
				if got := Subject(s); got != "refund" {
					t.Errorf("base of %q is %q", s, got)
				}
				if !is(s) {
					t.Errorf("%q is none of [%s]", s, list)
				}
			}
			if got := Subject("x" + p + ": refund"); got == "refund" && !mailLists.Set("reply prefixes")["x"+p] {
				t.Errorf("%q within a word is a prefix", p)
			}
			if got := Subject(p + " refund"); got == "refund" {
				t.Errorf("%q without a colon is a prefix", p)
			}
		}
	}
}

func TestEachGreetingAndClosing(t *testing.T) {
	t.Parallel()
	const matter = "my card is lost since monday"
	for _, g := range courtesyLists.Words("greetings") {
		for _, text := range []string{strings.TrimSpace(g) + ",\n" + matter, strings.TrimSpace(g) + " Anna,\n" + matter, capital(g) + "!\n" + matter} {
			if strings.HasSuffix(g, " ") && !strings.Contains(text, "Anna") {
				continue // a name follows it
			}
			if got := Core(text); got != matter {
				t.Errorf("behind %q: %q", text, got)
			}
		}
	}
	for _, c := range courtesyLists.Words("closings") {
		for _, text := range []string{matter + ".\n\n" + c + "\nAnna Li", matter + ".\n" + c + ",\nAnna", matter + ".\n\n" + capital(c) + "!"} {
			if got := Core(text); got != matter+"." {
				t.Errorf("before %q: %q", c, got)
			}
		}
	}
	for _, th := range courtesyLists.Words("thanks") {
		for _, text := range []string{matter + ". " + th, matter + ", " + th + "!", matter + "。" + th + "。"} {
			if got := strings.TrimRight(Core(text), ".。,"); got != matter {
				t.Errorf("%q: %q", text, got)
			}
		}
	}
}

func TestEachPhraseThatSaysNothing(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"empty", "empty english", "empty chinese"} {
		for _, p := range courtesyLists.Words(list) {
			for _, text := range []string{p, strings.ToUpper(p), p + "!", "  " + p + "？？", p + " 🙏", p + "\n" + p} {
				if strings.ToLower(strings.ToUpper(p)) != p && text == strings.ToUpper(p) {
					continue
				}
				if !SaysNothing(text) {
					t.Errorf("%q says something", text)
				}
			}
			for _, text := range []string{p + " refund", "退款 " + p, p + " 12", p + "，卡丢了"} {
				if SaysNothing(text) {
					t.Errorf("%q says nothing", text)
				}
			}
		}
	}
}

func TestEachBeginningOfANotice(t *testing.T) {
	t.Parallel()
	for _, begin := range mailLists.Words("notice beginnings") {
		for _, p := range []string{begin, strings.ToUpper(begin) + " of the sender", "*** " + begin + " of the sender ***", "【" + begin} {
			if strings.ToLower(strings.ToUpper(begin)) != begin && strings.HasPrefix(p, strings.ToUpper(begin)) {
				continue
			}
			if !isNotice(p) {
				t.Errorf("%q is no notice", p)
			}
		}
		if isNotice("My refund has not come. " + begin) {
			t.Errorf("a text that only mentions %q is a notice", begin)
		}
	}
}
