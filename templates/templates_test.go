package templates

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/segments"
)

var update = flag.Bool("update", false, "write the golden files anew")

func set(t testing.TB, overrides fstest.MapFS) *Set {
	t.Helper()
	var files fs.FS
	if overrides != nil {
		files = overrides
	}
	s, err := New(files)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sample is a full set of data in the language.
func sample(lang string) Data {
	d := Data{DeskName: "Topay Support", TicketNumber: "T-20260506-0042", Token: "[#T-20260506-0042-k7f3]", Language: lang,
		Category: "refund", Channel: "email", FirstReplyBy: "Wednesday 6 May, 10:00 (Shanghai time)", Subject: "Where is my refund?", CustomerName: "Ann Lee",
		Missing: []string{"the order number", "the amount and currency", "the date and time it happened"},
		Answers: []Answer{{"When will my refund arrive?", "Usually within 3 to 7 working days."}, {"How do I ask for a refund?", "Open the order and choose \"Request a refund\"."}},
		Digest: []DigestItem{{"T-20260506-0042", "Where is my refund?", "Wednesday 6 May, 10:00 (Shanghai time)"},
			{"T-20260506-0043", "", ""}}}
	switch lang {
	case "zh-Hans":
		d.DeskName, d.FirstReplyBy, d.Subject, d.CustomerName = "Topay 客服", "5月6日（星期三）10:00（北京时间）", "退款什么时候到账", "张伟"
		d.Missing = []string{"订单号", "金额及币种", "发生的日期和时间"}
		d.Answers = []Answer{{"退款多久可以到账？", "一般需 3 至 7 个工作日。"}, {"如何申请退款？", "请在订单详情中点击“申请退款”。"}}
	case "zh-Hant":
		d.DeskName, d.FirstReplyBy, d.Subject, d.CustomerName = "Topay 客服", "5月6日（週三）10:00（香港時間）", "退款何時到帳", "陳大文"
		d.Missing = []string{"訂單編號", "金額及幣種", "發生的日期和時間"}
		d.Answers = []Answer{{"退款多久可以到帳？", "一般需 3 至 7 個工作天。"}, {"如何申請退款？", "請於訂單詳情點選「申請退款」。"}}
	}
	d.Digest[0].Subject, d.Digest[0].FirstReplyBy = d.Subject, d.FirstReplyBy
	return d
}

func TestGolden(t *testing.T) {
	s := set(t, nil)
	for _, kind := range Kinds() {
		for _, lang := range []string{"en", "zh-Hans", "zh-Hant"} {
			for _, form := range []string{"mail", "sms", "telegram", "bare"} {
				name := fmt.Sprintf("%s.%s.%s", kind, lang, form)
				t.Run(name, func(t *testing.T) {
					d := sample(lang)
					switch form {
					case "sms", "telegram":
						d.Short, d.Channel, d.Parts = true, form, map[string]int{"sms": SMSParts}[form]
					case "bare":
						d = Data{DeskName: d.DeskName, TicketNumber: d.TicketNumber, Language: lang, Channel: "email", Digest: d.Digest[1:]}
					}
					got, err := s.Render(kind, d)
					if err != nil {
						t.Fatal(err)
					}
					golden(t, name, got)
				})
			}
		}
	}
}

func golden(t *testing.T, name string, got Text) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name+".txt")
	text := got.Body + "\n"
	if got.Subject != "" {
		text = "Subject: " + got.Subject + "\n\n" + text
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("run with -update if this is meant: %s", diff)
	}
}

func TestEveryTextSaysWhatItMust(t *testing.T) {
	s := set(t, nil)
	for _, kind := range Kinds() {
		for _, lang := range []string{"en", "zh-Hans", "zh-Hant"} {
			for _, short := range []bool{false, true} {
				d := sample(lang)
				d.Short = short
				got, err := s.Render(kind, d)
				if err != nil {
					t.Fatal(err)
				}
				must := []string{d.DeskName, d.TicketNumber,
					map[string]string{"en": "utomatic confirmation", "zh-Hans": "自动", "zh-Hant": "自動"}[lang],
					map[string]string{"en": "password", "zh-Hans": "密码", "zh-Hant": "密碼"}[lang]}
				if kind != Digest {
					must = append(must, d.FirstReplyBy, d.Missing[0], d.Missing[2])
				}
				if !short {
					must = append(must, d.CustomerName)
				}
				for _, want := range must {
					if !strings.Contains(got.Body, want) {
						t.Errorf("%s in %s, short %v: %q is missing in\n%s", kind, lang, short, want, got.Body)
					}
				}
				if short == strings.Contains(got.Subject, d.Token) {
					t.Errorf("%s in %s, short %v: subject %q", kind, lang, short, got.Subject)
				}
			}
		}
	}
}

func TestEveryHomeCategoryHasItsParagraph(t *testing.T) {
	s := set(t, nil)
	keys := strings.Fields("payment-failed wrong-amount funds-missing refund password-reset account-locked account-details registration " +
		"security-fraud payment-methods cross-border promotion technical complaint invoice suggestion")
	for _, lang := range []string{"en", "zh-Hans", "zh-Hant"} {
		seen := map[string]string{}
		for _, k := range keys {
			p, err := s.paragraph(lang, Data{Category: k}, k)
			if err != nil || p == "" || seen[p] != "" {
				t.Errorf("%s in %s: %q, %v, same as %q", k, lang, p, err, seen[p])
			}
			seen[p] = k
			d := sample(lang)
			d.Category = k
			if got, err := s.Render(Acknowledgement, d); err != nil || !strings.Contains(got.Body, p) {
				t.Errorf("%s in %s: paragraph not in the mail, %v", k, lang, err)
			}
		}
	}
}

func TestLateTurnsTheAcknowledgement(t *testing.T) {
	s := set(t, nil)
	d := sample("en")
	late, err := s.Render(AcknowledgementLate, d)
	if err != nil {
		t.Fatal(err)
	}
	d.Late = true
	got, err := s.Render(Acknowledgement, d)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(late, got); diff != "" || !strings.Contains(got.Body, "sorry") {
		t.Errorf("late is not the late text: %s", diff)
	}
	d.Late = false
	if in, _ := s.Render(Acknowledgement, d); strings.Contains(in.Body, "sorry") {
		t.Error("an acknowledgement in time says sorry")
	}
}

func TestLanguageChain(t *testing.T) {
	s := set(t, fstest.MapFS{"ack/fr/acknowledgement.mail.txt": {Data: []byte("Subject: Reçu {{.Token}}\n\nMerci. {{.TicketNumber}}")}})
	cases := []struct{ name, lang, fallback, want string }{
		{"Hong Kong reads Traditional", "zh-HK", "", "zh-Hant-HK"},
		{"Taiwan with an underscore", "zh_TW", "", "zh-Hant-TW"},
		{"Macau with its script", "zh-Hant-MO", "", "zh-Hant-HK"},
		{"Chinese alone reads Simplified", "zh", "", "zh-Hans"},
		{"Singapore reads Simplified", "zh-SG", "", "zh-Hans"},
		{"a script wins over a region", "zh-Hans-HK", "", "zh-Hans"},
		{"a region of English", "en-GB", "zh-Hans", "en"},
		{"an added language", "fr-CA", "zh-Hans", "fr"},
		{"an unknown language takes the fallback", "de", "fr", "fr"},
		{"German reads English rather than Chinese", "de", "zh-Hant", "en"},
		{"Japanese reads English rather than Chinese", "ja", "zh-Hans", "en"},
		{"Swahili with a region reads English rather than Chinese", "sw_KE", "ZH_tw", "en"},
		{"Chinese of another script is Chinese", "zh-HK", "zh-Hans", "zh-Hant-HK"},
		{"the script alone is nobody's place", "zh-Hant", "", "zh-Hant"},
		{"no language takes the fallback", "", "zh", "zh-Hans"},
		{"no fallback is English", "de", "", "en"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := sample("en")
			d.Language, d.Fallback = c.lang, c.fallback
			got, err := s.Render(Acknowledgement, d)
			if err != nil || got.Language != c.want {
				t.Errorf("got %q, %v, want %q", got.Language, err, c.want)
			}
		})
	}
	d := sample("en")
	d.Language = "fr"
	if got, err := s.Render(Digest, d); err != nil || got.Language != "en" {
		t.Errorf("a kind that the language lacks: got %q, %v, want English", got.Language, err)
	}
}

func TestSubject(t *testing.T) {
	s := set(t, nil)
	cases := []struct{ name, subject, want string }{
		{"plain", "Where is it?", "Re: Where is it? [#T-1-x]"},
		{"already a reply", "RE: Where is it?", "Re: Where is it? [#T-1-x]"},
		{"replies of several programs", "回复：Re[2]: AW: 答复: 退款", "Re: 退款 [#T-1-x]"},
		{"none", "", "We have received your message [#T-1-x]"},
		{"only a prefix", "Re:", "We have received your message [#T-1-x]"},
		{"an older token", "Re: refund [#T-9-zzzz]", "Re: refund [#T-1-x]"},
		{"a token inside a token", "refund [#T[#T-9]-9]", "Re: refund -9] [#T-1-x]"},
		{"header injection", "Hi\r\nBcc: a@b.example\x00\u2028x", "Re: Hi Bcc: a@b.example x [#T-1-x]"},
		{"a word with a colon stays", "Order: 12", "Re: Order: 12 [#T-1-x]"},
		{"much too long", strings.Repeat("很", 300), "Re: " + strings.Repeat("很", 119) + "… [#T-1-x]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := s.Render(Acknowledgement, Data{DeskName: "D", TicketNumber: "T-1", Token: "[#T-1-x]", Language: "en", Subject: c.subject})
			if err != nil || got.Subject != c.want {
				t.Errorf("got %q, %v, want %q", got.Subject, err, c.want)
			}
		})
	}
}

func TestSalutationRepeatsNamesOnly(t *testing.T) {
	s := set(t, nil)
	for name, want := range map[string]string{
		"Ann Lee": "Dear Ann Lee,", "J. R. Smith": "Dear J. R. Smith,", "O'Neil-Müller": "Dear O'Neil-Müller,", "张伟": "Dear 张伟,",
		"": "Hello,", "visit evil.example": "Hello,", "Win €500 at http://x": "Hello,", "13800000000": "Hello,", "ann@x.example": "Hello,",
		strings.Repeat("a", 41): "Hello,", "- -": "Hello,", "Ann\nLee": "Dear Ann Lee,", "恭喜您中奖！": "Hello,",
	} {
		got, err := s.Render(Acknowledgement, Data{DeskName: "D", TicketNumber: "T-1", Language: "en", CustomerName: name})
		if first, _, _ := strings.Cut(got.Body, "\n"); err != nil || first != want {
			t.Errorf("%q: got %q, %v, want %q", name, first, err, want)
		}
	}
}

func TestBodyIsClean(t *testing.T) {
	s := set(t, nil)
	d := sample("en")
	d.Missing = []string{"one\r\ntwo\x00"}
	d.Answers = []Answer{{"Q\n1", "line 1\r\nline 2\x00"}, {"2", "2"}, {"3", "3"}, {"fourth", "4"}}
	got, err := s.Render(Acknowledgement, d)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"\r", "\x00", "fourth", "\n\n\n"} {
		if strings.Contains(got.Body, bad) {
			t.Errorf("%q is in the text", bad)
		}
	}
	for _, want := range []string{"  - one two\n", "Q: Q 1\n", "A: line 1\nline 2\n"} {
		if !strings.Contains(got.Body, want) {
			t.Errorf("%q is not in\n%s", want, got.Body)
		}
	}
	if d.Missing[0] != "one\r\ntwo\x00" {
		t.Error("the caller's data was changed")
	}
}

func TestShortTextFitsThreeParts(t *testing.T) {
	s := set(t, nil)
	for _, kind := range Kinds() {
		for _, lang := range []string{"en", "zh-Hans", "zh-Hant"} {
			d := sample(lang)
			d.Short, d.Parts = true, SMSParts
			got, err := s.Render(kind, d)
			if err != nil {
				t.Fatal(err)
			}
			if n := segments.Count(got.Body); n > SMSParts {
				t.Errorf("%s in %s takes %d parts", kind, lang, n)
			}
		}
	}
	d := sample("zh-Hans")
	d.Short, d.Parts = true, SMSParts
	for range 12 {
		d.Missing = append(d.Missing, "相关页面或提示信息的完整截图")
	}
	got, err := s.Render(Acknowledgement, d)
	if err != nil {
		t.Fatal(err)
	}
	if n := segments.Count(got.Body); n > SMSParts || !strings.Contains(got.Body, "订单号") || !strings.Contains(got.Body, d.FirstReplyBy) {
		t.Errorf("%d parts, the first facts and the time must stay: %s", n, got.Body)
	}
	d.Parts = 0
	if got, _ := s.Render(Acknowledgement, d); strings.Count(got.Body, "完整截图") != 12 || !strings.Contains(got.Body, d.Answers[0].Answer) {
		t.Errorf("other short channels are not cut and have answers: %s", got.Body)
	}
}

func TestRenderRefusesUnknownKinds(t *testing.T) {
	if got, err := set(t, nil).Render("x", sample("en")); err == nil {
		t.Errorf("got %+v", got)
	}
}

func TestOverrides(t *testing.T) {
	s := set(t, fstest.MapFS{
		"ack/en/acknowledgement.mail.txt": {Data: []byte("Subject: Got it {{.Token}}\n\nRef {{.TicketNumber}}. {{.Paragraph}}{{range $i, $m := $.Missing}}{{if $i}},{{end}}{{$m}}{{end}}\n")},
		"ack/en/categories.txt":           {Data: []byte(`{{define "refund"}}Ours for {{.DeskName}}.{{end}}{{define "parking"}}New.{{end}}`)},
	})
	d := sample("en")
	got, err := s.Render(Acknowledgement, d)
	want := Text{"Got it [#T-20260506-0042-k7f3]", "Ref T-20260506-0042. Ours for Topay Support.the order number,the amount and currency,the date and time it happened", "en"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for category, want := range map[string]string{"parking": "New.", "technical": "exact words of the error", "unknown": "Ref T-20260506-0042. the order"} {
		d.Category = category
		if got, err := s.Render(Acknowledgement, d); err != nil || !strings.Contains(got.Body, want) {
			t.Errorf("%s: %q, %v", category, got.Body, err)
		}
	}
}

func TestOverridesMayHoldHiddenFilesBesideTheTexts(t *testing.T) {
	s := set(t, fstest.MapFS{"ack/en/acknowledgement.mail.txt": {Data: []byte("Subject: Ours\n\nHello")}, ".git/config": {Data: []byte("x")},
		"..data/ack/en/acknowledgement.mail.txt": {Data: []byte("Subject: {{broken")}})
	got, err := s.Render(Acknowledgement, Data{Language: "en"})
	if err != nil || got.Subject != "Ours" {
		t.Errorf("got %q, %v", got.Subject, err)
	}
}

// TestTextsOfOlderVersionsMayStay in a folder that was copied from the built-in texts of an older version.
func TestTextsOfOlderVersionsMayStay(t *testing.T) {
	s := set(t, fstest.MapFS{
		"ack/en/acknowledgement.mail.txt": {Data: []byte("Subject: Ours\n\nOurs.")},
		"ack/en/follow-up.mail.txt":       {Data: []byte("Subject: x\n\n{{.GoneSince}}")},
		"ack/fr/follow-up.short.txt":      {Data: []byte("x")},
	})
	if got, err := s.Render(Acknowledgement, sample("en")); err != nil || got.Subject != "Ours" {
		t.Errorf("%q, %v", got.Subject, err)
	}
	if got := s.Languages(); slices.Contains(got, "fr") {
		t.Errorf("a language of which nothing is read: %v", got)
	}
}

// TestOfSeveralFaultsTheSameIsTold at each start: whoever mends one wants to see the next.
func TestOfSeveralFaultsTheSameIsTold(t *testing.T) {
	empty, broken := &fstest.MapFile{Data: []byte("Subject: x\n\n{{/* */}}")}, &fstest.MapFile{Data: []byte(`{{define "a"}}{{index .Missing 99}}{{end}}{{define "b"}}{{index .Missing 98}}{{end}}`)}
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"texts that are empty", fstest.MapFS{"ack/en/acknowledgement.mail.txt": empty, "ack/en/digest.mail.txt": empty, "ack/zh-Hans/acknowledgement.mail.txt": empty, "ack/zh-Hant/digest.mail.txt": empty}, "ack/en/acknowledgement.mail.txt"},
		{"paragraphs of several languages", fstest.MapFS{"ack/en/categories.txt": broken, "ack/zh-Hans/categories.txt": broken, "ack/zh-Hant/categories.txt": broken}, "ack/en/categories.txt"},
		{"paragraphs of one language", fstest.MapFS{"ack/en/categories.txt": broken}, `"a"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for range 12 {
				if _, err := New(c.files); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("%v, want %s", err, c.want)
				}
			}
		})
	}
}

func TestAnEmptyFolderOfTextsIsRefused(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{"nothing": {}, "an empty ack": {"ack": {Mode: fs.ModeDir | 0o755}}} {
		if _, err := New(files); err == nil || !strings.Contains(err.Error(), "there is no text") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOverridesAreRefusedWhenTheyAreBroken(t *testing.T) {
	const name = "ack/en/acknowledgement.mail.txt"
	cases := []struct{ name, path, text, want string }{
		{"a field that does not exist", name, "Subject: x\n\n{{.Nonsense}}", "Nonsense"},
		{"a field that does not exist, behind a condition", name, "Subject: x\n\nok {{if .Missing}}{{.Nonsense}}{{end}}", "Nonsense"},
		{"a syntax error", name, "Subject: x\n\n{{if}}", "parsing"},
		{"no subject line", name, "Hello", "begins with a line"},
		{"an empty subject", name, "Subject:\n\nHello", "empty"},
		{"no text", name, "Subject: x\n\n", "empty"},
		{"a name that nothing reads", "ack/en/acknowledgment.mail.txt", "Subject: x\n\ny", "no text of that name"},
		{"a file in the wrong place", "ack/acknowledgement.mail.txt", "Subject: x\n\ny", "ack/<language>"},
		{"a language beside ack", "en/acknowledgement.mail.txt", "Subject: x\n\ny", "nothing would read en: texts lie at ack/<language>/<file>"},
		{"a text beside ack", "acknowledgement.mail.txt", "Subject: x\n\ny", "nothing would read acknowledgement.mail.txt"},
		{"only hidden files", ".gitignore", "", "there is no text"},
		{"only a text of an older version", "ack/en/follow-up.mail.txt", "Subject: x\n\ny", "there is no text"},
		{"a loop over a number", name, "Subject: x\n\n{{range 1000000000}}{{end}}", "range goes over a field"},
		{"a loop over a function", name, "Subject: x\n\n{{range len .Missing}}{{end}}", "range goes over a field"},
		{"a loop over a variable", name, "Subject: x\n\n{{$x := 1000000000}}{{range $x}}{{end}}", "range goes over a field"},
		{"a text that calls another", name, "Subject: x\n\n{{template \"text\"}}", "calls no other"},
		{"a call inside an else", name, "Subject: x\n\n{{with .Token}}{{else}}{{template \"text\"}}{{end}}", "calls no other"},
		{"a definition in a text", name, "Subject: x\n\n{{define \"a\"}}b{{end}}c", "categories.txt"},
		{"a function that writes without bound", name, "Subject: x\n\n{{printf \"%999999999d\" 1}}", "not for texts"},
		{"a function inside brackets", name, "Subject: x\n\n{{len (print 1)}}", "not for texts"},
		{"a broken paragraph", "ack/en/categories.txt", `{{define "refund"}}{{.Nonsense}}{{end}}`, "Nonsense"},
		{"a huge file", name, "Subject: x\n\n" + strings.Repeat("x", maxFile), "larger"},
		{"a huge text", name, "Subject: x\n\ny{{range .Missing}}" + strings.Repeat("x", maxFile-100) + "{{end}}", "larger"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(fstest.MapFS{c.path: {Data: []byte(c.text)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// FuzzOverride lays foreign bytes over a text and over the paragraphs: loading must end in time
// and never panic, and what it takes must render without control characters in the subject.
func FuzzOverride(f *testing.F) {
	for _, file := range []string{"ack/en/acknowledgement.mail.txt", "ack/zh-Hans/digest.mail.txt", "ack/en/categories.txt"} {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "Re: hello", "Ann")
	}
	f.Add("Subject: {{range 99}}{{end}}", "[#[#]", "\r\n")
	f.Fuzz(func(t *testing.T, text, subject, name string) {
		for _, path := range []string{"ack/en/acknowledgement.mail.txt", "ack/en/categories.txt"} {
			// The embedded texts are left away, so that most of the time goes into foreign bytes.
			s, err := newSet(fstest.MapFS{path: {Data: []byte(text)}})
			if err != nil {
				continue
			}
			d := sample("en")
			d.Subject, d.CustomerName = subject, name
			got, err := s.Render(Acknowledgement, d)
			if err == nil && strings.ContainsAny(got.Subject, "\r\n\x00") {
				t.Fatalf("subject %q", got.Subject)
			}
		}
	})
}

func BenchmarkRender(b *testing.B) {
	s := set(b, nil)
	d := sample("zh-Hans")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Render(Acknowledgement, d); err != nil {
			b.Fatal(err)
		}
	}
}
