package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"frontdesk/workers/store"
)

// raw hands bytes to the SMTP door as they are.
func (r *rig) raw(from string, mail []byte) {
	r.t.Helper()
	r.mustMail(from, strings.ReplaceAll(string(mail), "\r\n", "\n"))
}

// one is the message that was taken in from that sender.
func (r *rig) one(from string) store.Message {
	r.t.Helper()
	var found []store.Message
	for _, m := range r.messages() {
		if m.From == from {
			found = append(found, m)
		}
	}
	if len(found) != 1 {
		r.t.Fatalf("%d messages of %s, want 1", len(found), from)
	}
	return found[0]
}

// ticketOf finds a message's ticket.
func (r *rig) ticketOf(m store.Message) store.Ticket {
	r.t.Helper()
	for _, k := range r.tickets() {
		if k.ID == m.Ticket {
			return k
		}
	}
	r.t.Fatalf("message %d (%s, %s) has no ticket", m.ID, m.State, m.Cause)
	return store.Ticket{}
}

// TestPain19TheCustomersTextIsNeverCutAway sends replies as mail programs quote them: what the
// customer wrote stays, what he quotes is set apart, and all of it is kept.
func TestPain19TheCustomersTextIsNeverCutAway(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, body, visible, kept string }{
		{"words above a quote", "Still not refunded!\n\nOn Fri, 20 Nov 2026 at 10:00, Support <support@desk.example> wrote:\n> Dear customer,\n> we are looking into it.\n", "Still not refunded!", "we are looking into it"},
		{"words below a quote", "On Fri, 20 Nov 2026 at 10:00, Support wrote:\n> What is your order number?\n\nIt is 20261120.\n", "It is 20261120.", "What is your order number?"},
		{"words between quotes", "> What is your order number?\n20261120\n> And the amount?\n200 yuan\n", "20261120", "And the amount?"},
		{"a quote and nothing else", "> Please close my account.\n> Now.\n", "Please close my account.", "Now."},
		{"a forwarded mail and nothing else", "---------- Forwarded message ---------\nFrom: Bank <bank@bank.example>\nDate: Fri, Nov 20, 2026\nSubject: Your transfer\nTo: li@customer.example\n\nYour transfer has failed.\n", "Your transfer has failed.", "bank@bank.example"},
		{"a line of dashes in the text", "First part.\n\n-----\n\nSecond part, which matters.\n", "Second part, which matters.", "First part."},
		{"a text that begins like a signature", "-- \nLi Lei\nPlease call me back at once.\n", "Please call me back at once.", "Li Lei"},
		{"a Chinese reply above a quote", "还是没有收到退款。\n\n------------------ 原始邮件 ------------------\n发件人: \"客服\"<support@desk.example>;\n发送时间: 2026年11月20日(星期五) 上午10:00\n收件人: \"李雷\"<li@customer.example>;\n主题: 回复：退款\n\n我们正在处理。\n", "还是没有收到退款。", "我们正在处理"},
		{"a sentence that begins with From", "I ask because\nFrom: tomorrow on I am abroad.\nPlease answer today.\n", "Please answer today.", "tomorrow on I am abroad"},
	}
	r := start(t, testConfig(t))
	for i, c := range cases {
		from := fmt.Sprintf("c%d@customer.example", i)
		r.mustMail(from, human(from, fmt.Sprintf("Case %d", i), fmt.Sprintf("c%d@customer.example", i), c.body))
	}
	r.settled(len(cases))
	for i, c := range cases {
		m := r.one(fmt.Sprintf("c%d@customer.example", i))
		if !strings.Contains(m.Text, c.visible) {
			t.Errorf("%s: the text is %q, want it to hold %q", c.name, m.Text, c.visible)
		}
		original, _, err := r.store.Original(t.Context(), m.ID)
		if err != nil || !strings.Contains(string(original), c.kept) {
			t.Errorf("%s: the original does not hold %q: %v", c.name, c.kept, err)
		}
		if m.Ticket == 0 {
			t.Errorf("%s: %s, want a ticket", c.name, m.State)
		}
	}
}

// TestPain19ReplyCorpusIsNeverEmpty sends the corpus of replies: none ends without words.
func TestPain19ReplyCorpusIsNeverEmpty(t *testing.T) {
	t.Parallel()
	var cases []struct{ Text string }
	readShared(t, "corpora/zh-replies/cases.json", &cases)
	r := start(t, testConfig(t))
	n := 0
	for _, c := range cases {
		if strings.TrimSpace(c.Text) == "" {
			continue
		}
		from := fmt.Sprintf("z%d@customer.example", n)
		r.mustMail(from, human(from, fmt.Sprintf("回复 %d", n), fmt.Sprintf("z%d@customer.example", n), c.Text))
		n++
	}
	r.settled(n)
	for _, m := range r.messages() {
		if strings.TrimSpace(m.Text) == "" {
			t.Errorf("message %s from %s has no text left", m.State, m.From)
		}
	}
	t.Logf("%d replies", n)
}

// shared is a path below FRONTDESK_SHARED; without that variable the test is skipped.
func shared(t *testing.T, path string) string {
	t.Helper()
	dir := os.Getenv("FRONTDESK_SHARED")
	if dir == "" {
		t.Skip("FRONTDESK_SHARED is not set: it names the folder of the corpora")
	}
	return filepath.Join(dir, path)
}

func readShared(t *testing.T, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(shared(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// word is an encoded word (RFC 2047) of text in a charset.
func word(t *testing.T, label string, e encoding.Encoding, text string) string {
	t.Helper()
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", label, err)
	}
	return "=?" + label + "?B?" + base64.StdEncoding.EncodeToString(b) + "?="
}

// TestMeasuredEastAsianHeadersAreRead sends subject and sender's name in the charsets of the region.
func TestMeasuredEastAsianHeadersAreRead(t *testing.T) {
	t.Parallel()
	gbk, gb18030, big5, jis := simplifiedchinese.GBK, simplifiedchinese.GB18030, traditionalchinese.Big5, japanese.ISO2022JP
	cases := []struct {
		label, name, subject string
		e                    encoding.Encoding
	}{
		{"gb2312", "李雷", "支付失败请处理", gbk},
		{"GBK", "韓梅梅", "關於退款", gbk},
		{"gb18030", "王小明", "帐户被锁定", gb18030},
		{"big5", "陳大文", "無法登入帳戶", big5},
		{"iso-2022-jp", "山田太郎", "支払いに失敗しました", jis},
	}
	r := start(t, testConfig(t))
	for i, c := range cases {
		from := fmt.Sprintf("c%d@customer.example", i)
		r.mustMail(from, human(fmt.Sprintf("%s <%s>", word(t, c.label, c.e, c.name), from), word(t, c.label, c.e, c.subject), fmt.Sprintf("h%d@customer.example", i), "请看附件，订单 2026112"+fmt.Sprint(i)))
	}
	r.settled(len(cases))
	for i, c := range cases {
		m := r.one(fmt.Sprintf("c%d@customer.example", i))
		if m.Subject != c.subject {
			t.Errorf("%s: the subject is %q, want %q", c.label, m.Subject, c.subject)
		}
		if got := r.ticketOf(m).Subject; got != c.subject {
			t.Errorf("%s: the ticket's subject is %q, want %q", c.label, got, c.subject)
		}
		if got := r.senderName(m.ID); got != c.name {
			t.Errorf("%s: the sender is called %q, want %q", c.label, got, c.name)
		}
	}
}

// senderName reads the sender's display name as it is kept.
func (r *rig) senderName(id int64) string {
	r.t.Helper()
	return lookUp(r.t, r.config, `SELECT sender_name FROM messages WHERE id = ?`, id)
}

// TestMeasuredChineseFileNames sends 发票.pdf and 合同.pdf, named in the three ways in use.
func TestMeasuredChineseFileNames(t *testing.T) {
	t.Parallel()
	percent := func(s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
		return b.String()
	}
	gbk, err := simplifiedchinese.GBK.NewEncoder().String("合同.pdf")
	if err != nil {
		t.Fatal(err)
	}
	for name, ways := range map[string][2]string{
		"as encoded words in quotes": {`filename="` + word(t, "gb2312", simplifiedchinese.GBK, "发票.pdf") + `"`, `filename="` + word(t, "utf-8", encoding.Nop, "合同.pdf") + `"`},
		"by RFC 2231":                {"filename*=utf-8''" + percent("发票.pdf"), "filename*=gbk''" + percent(gbk)},
		"as raw bytes":               {`filename="发票.pdf"`, `filename="` + gbk + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, testConfig(t))
			var b strings.Builder
			b.WriteString("From: li@customer.example\nTo: support@desk.example\nSubject: files\nMessage-ID: <f@customer.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n请看附件。\n")
			for _, way := range ways {
				fmt.Fprintf(&b, "--b\nContent-Type: application/pdf\nContent-Disposition: attachment; %s\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n", way)
			}
			r.mustMail("li@customer.example", b.String()+"--b--\n")
			r.settled(1)
			var got []string
			for _, a := range r.story(r.bySubject("files").ID).Attachments {
				got = append(got, a.Name)
			}
			if !slices.Equal(got, []string{"发票.pdf", "合同.pdf"}) {
				t.Errorf("the files are called %q", got)
			}
		})
	}
}

// TestMeasuredBrokenMailIsTakenInOnce sends what kept others from ever taking it in.
func TestMeasuredBrokenMailIsTakenInOnce(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("很长的名字", 60)
	cases := []struct {
		name, raw, subject, text string
		parked                   bool // may also be set aside
	}{
		{"no Message-ID", human("c0@customer.example", "no id", "", "There is no Message-ID in here."), "no id", "There is no Message-ID in here.", false},
		{"multipart/mixed without boundary", "From: c1@customer.example\nTo: support@desk.example\nSubject: no boundary\nMessage-ID: <c1@customer.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed\n\nThe text stands here all the same.\n", "no boundary", "The text stands here all the same.", false},
		{"a display name of more than 140 characters", human("=?utf-8?B?"+base64.StdEncoding.EncodeToString([]byte(long))+"?= <c2@customer.example>", "long name", "c2@customer.example", "My name is long."), "long name", "My name is long.", false},
		{"NUL in the subject", human("c3@customer.example", "=?utf-8?Q?with=00a_NUL?=", "c3@customer.example", "There is a NUL in the subject."), "", "There is a NUL in the subject.", false},
		{"no From", strings.Replace(human("X", "no from", "c4@customer.example", "Nobody has signed this."), "From: X\n", "", 1), "no from", "Nobody has signed this.", true},
	}
	r := start(t, testConfig(t))
	for i, c := range cases {
		from := fmt.Sprintf("c%d@customer.example", i)
		r.mustMail(from, c.raw)
		r.mustMail(from, c.raw) // and once more, as a sender does that did not hear the 250
	}
	r.settled(len(cases))
	messages := r.messages()
	if len(messages) != len(cases) {
		t.Errorf("%d messages, want %d", len(messages), len(cases))
	}
	slices.Reverse(messages)
	for i, m := range messages {
		c := cases[i]
		if m.State == "parked" && c.parked {
			continue
		}
		if m.State != "ticketed" || !strings.Contains(m.Text, c.text) || c.subject != "" && m.Subject != c.subject || strings.ContainsRune(m.Subject, 0) {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
	if got := len(r.tickets()); got > len(cases) || got < len(cases)-1 {
		t.Errorf("%d tickets", got)
	}
}

// TestPain20OurOwnChineseMails sends the hard cases that we wrote down ourselves.
func TestPain20OurOwnChineseMails(t *testing.T) {
	t.Parallel()
	folded := func(label, text string, e encoding.Encoding, cut int) string {
		b, err := e.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		enc := func(p []byte) string { return "=?" + label + "?B?" + base64.StdEncoding.EncodeToString(p) + "?=" }
		return enc(b[:cut]) + "\n " + enc(b[cut:])
	}
	body := func(charset string, text []byte) string {
		return "MIME-Version: 1.0\nContent-Type: text/plain; charset=" + charset + "\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(text) + "\n"
	}
	in := func(e encoding.Encoding, s string) []byte {
		b, err := e.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	gbk, gb18030 := simplifiedchinese.GBK, simplifiedchinese.GB18030
	cases := []struct{ name, subject, rest, wantSubject, wantText string }{
		{"an en-dash in mail labelled gb2312", "plain", body("gb2312", in(gbk, "营业时间 9:00–18:00 请问")), "plain", "9:00–18:00"},
		{"龍 and ㎡ in mail labelled gb2312", "plain", body("gb2312", in(gbk, "龍先生买了 80㎡ 的房子，付款失败")), "plain", "龍先生买了 80㎡ 的房子"},
		{"a four-byte character in mail labelled gbk", "plain", body("gbk", in(gb18030, "姓名 㐂 先生 𠮷 请查询")), "plain", "姓名 㐂 先生 𠮷"},
		{"UTF-8 in mail labelled gb2312", "plain", body("gb2312", []byte("其实是 UTF-8 编码的正文，请处理退款")), "plain", "其实是 UTF-8 编码的正文"},
		{"NUL bytes in the text", "plain", body("utf-8", []byte("付款\x00失败\x00了，请帮忙")), "plain", "付款"},
		{"an encoded word folded inside a UTF-8 character", folded("utf-8", "支付失败请尽快处理", encoding.Nop, 7), body("utf-8", []byte("正文一")), "支付失败请尽快处理", "正文一"},
		{"an encoded word folded inside a GB2312 character", folded("gb2312", "支付失败请尽快处理", gbk, 5), body("utf-8", []byte("正文二")), "支付失败请尽快处理", "正文二"},
		{"龍 in a subject labelled gb2312", word(t, "gb2312", gbk, "龍卡支付–退款"), body("utf-8", []byte("正文三")), "龍卡支付–退款", "正文三"},
	}
	r := start(t, testConfig(t))
	for i, c := range cases {
		from := fmt.Sprintf("c%d@customer.example", i)
		r.mustMail(from, "From: "+from+"\nTo: support@desk.example\nSubject: "+c.subject+"\nMessage-ID: <own"+fmt.Sprint(i)+"@customer.example>\n"+c.rest)
	}
	r.settled(len(cases))
	for i, c := range cases {
		m := r.one(fmt.Sprintf("c%d@customer.example", i))
		if m.Subject != c.wantSubject || !strings.Contains(m.Text, c.wantText) || strings.ContainsAny(m.Text, "\x00\uFFFD") {
			t.Errorf("%s: subject %q, text %q; want %q and %q", c.name, m.Subject, m.Text, c.wantSubject, c.wantText)
		}
		if m.State != "ticketed" {
			t.Errorf("%s: %s %s, want a ticket", c.name, m.State, m.Cause)
		}
	}
}

// TestPain20ChineseMailsOfTheCorpora sends the mails of the corpora that speak a Chinese charset and
// whose truth is known.
func TestPain20ChineseMailsOfTheCorpora(t *testing.T) {
	t.Parallel()
	var truth map[string]struct{ Subject, Text, Att, Kind string }
	readShared(t, "corpora/matrix/truth.json", &truth)
	r := start(t, testConfig(t))
	sent := map[string]string{}
	for name := range truth {
		if !strings.Contains(name, "gb") && !strings.Contains(name, "big5") && !strings.Contains(name, "cp936") && !strings.Contains(name, "hz-") && !strings.HasPrefix(name, "at-") && !strings.Contains(name, "utf8") || strings.HasPrefix(name, "st-") {
			continue
		}
		raw, err := os.ReadFile(shared(t, "corpora/matrix/"+name+".eml"))
		if err != nil {
			t.Fatal(err)
		}
		from := fmt.Sprintf("m%d@customer.example", len(sent))
		r.raw(from, fromOf(raw, from, name))
		sent[from] = name
	}
	r.settled(len(sent))
	for from, name := range sent {
		want, m := truth[name], r.one(from)
		if want.Subject != "" && m.Subject != want.Subject {
			t.Errorf("%s: subject %q, want %q", name, m.Subject, want.Subject)
		}
		if want.Text != "" && !strings.Contains(squash(m.Text), squash(want.Text)) {
			t.Errorf("%s: text %q, want %q", name, m.Text, want.Text)
		}
	}
	t.Logf("%d mails of the matrix", len(sent))
}

func squash(s string) string { return strings.Join(strings.Fields(s), " ") }

// fromOf gives a mail a sender and an id of its own, so that it can be found again.
func fromOf(raw []byte, from, id string) []byte {
	head, body, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n\n")
	var kept []string
	for _, line := range strings.Split(head, "\n") {
		if l := strings.ToLower(line); !strings.HasPrefix(l, "from:") && !strings.HasPrefix(l, "message-id:") && !strings.HasPrefix(l, "to:") {
			kept = append(kept, line)
		}
	}
	return []byte("From: " + from + "\nTo: support@desk.example\nMessage-ID: <" + id + "@matrix.example>\n" + strings.Join(kept, "\n") + "\n\n" + body)
}

// TestPain20MailsOfAnotherDesk sends every mail of another desk's tests, the Chinese ones among them:
// all are taken in once, none stays undecided, none is lost.
func TestPain20MailsOfAnotherDesk(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(shared(t, "corpora/zammad-mail/test/data/mail/*.box"))
	if err != nil || len(files) == 0 {
		t.Skipf("no mails: %v", err)
	}
	r := start(t, testConfig(t))
	begun := time.Now()
	for i, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.mail(fmt.Sprintf("z%d@customer.example", i), []string{"support@desk.example"}, strings.ReplaceAll(string(raw), "\r\n", "\n")); err != nil {
			t.Logf("%s: refused at the door: %v", filepath.Base(f), err)
		}
	}
	r.settledIn(1)
	states, lost := map[string]int{}, 0
	for _, m := range r.messages() {
		states[m.State]++
		if m.State == "ticketed" && strings.ContainsRune(m.Subject, '\uFFFD') {
			lost++
			t.Logf("message %d has a broken subject %q", m.ID, m.Subject)
		}
	}
	t.Logf("%d mails in %s: %v, %d subjects with characters that could not be read", len(files), time.Since(begun), states, lost)
	if states["ticketed"] < len(files)/2 {
		t.Errorf("of %d mails: %v", len(files), states)
	}
}
