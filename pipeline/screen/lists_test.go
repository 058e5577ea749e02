package screen

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"frontdesk/pipeline/causes"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/words"
)

// files are all lists of the package.
var files = map[string]*words.Lists{"notices": noticeLists, "bounces": bounceLists, "receipts": receiptLists, "servers": serverLists, "optout": optLists}

// starred are the lists whose words may end in a star.
var starred = []string{"away", "asking", "contact", "urgent", "mine"}

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
	for file, lists := range files {
		for _, name := range lists.Names() {
			if !strings.Contains(code, "("+strconv.Quote(name)+")") {
				t.Errorf("nothing reads [%s] of %s", name, file)
			}
		}
	}
}

// TestWordsAreWrittenAsTheyAreCompared: subjects and texts are lower-case, and a list takes no word of one byte.
func TestWordsAreWrittenAsTheyAreCompared(t *testing.T) {
	t.Parallel()
	for file, lists := range files {
		for _, name := range lists.Names() {
			for _, w := range lists.Words(name) {
				if w != message.Lower(w) {
					t.Errorf("[%s] of %s has %q, texts have %q", name, file, w, message.Lower(w))
				}
				if star := strings.Contains(w, "*"); star && (!slices.Contains(starred, name) || !strings.HasSuffix(w, "*") || len(w) < 3) {
					t.Errorf("[%s] of %s has a star in %q, which nobody reads", name, file, w)
				}
				if len(w) < 2 && file != "optout" && name != "joining words" && name != "beginnings" {
					t.Errorf("[%s] of %s has %q, which is too short to be looked for", name, file, w)
				}
			}
		}
	}
	for _, name := range []string{"headings of programs", "headings of people"} {
		for _, w := range noticeLists.Words(name) {
			if fold(w) != w {
				t.Errorf("[%s] has %q, a subject has %q", name, w, fold(w))
			}
		}
	}
}

func TestEachHeadingOfAProgramIsKnown(t *testing.T) {
	t.Parallel()
	want := verdict{Kind: Auto, Park: causes.Automated, Withhold: withholdRobotText}
	for _, tag := range noticeLists.Words("headings of programs") {
		for _, subject := range []string{tag + ": Your ticket", capital(tag) + ": Your ticket", tag + "：您的工单", "[External] " + tag + ": Your ticket", tag} {
			if got := Check(mailOf("kim@firm.example", "", subject, "..."), Facts{}, settings); verdictOf(got) != want {
				t.Errorf("%q: %+v %v", subject, verdictOf(got), got.Reasons)
			}
		}
		// Within a sentence a heading is a word of somebody who has got one.
		if got := Check(mailOf("kim@firm.example", "", "I only get your "+tag, "Why?"), Facts{}, settings); got.Kind != Human {
			t.Errorf("%q within a sentence: %+v %v", tag, verdictOf(got), got.Reasons)
		}
	}
}

// TestAMatterUnderAnyHeadingIsNotSetAside: whatever a heading says, who names a matter beside his absence is heard.
func TestAMatterUnderAnyHeadingIsNotSetAside(t *testing.T) {
	t.Parallel()
	for _, tag := range slices.Concat(noticeLists.Words("headings of programs"), noticeLists.Words("headings of people")) {
		text := "I am out of the office until Monday. My card is stolen, please block it."
		if got := Check(mailOf("anna@customer.example", "", tag+": Your ticket", text), Facts{}, settings); got.Park != "" || got.Suppress != "" {
			t.Errorf("%q: %+v %v", tag, verdictOf(got), got.Reasons)
		}
	}
	for _, w := range noticeLists.Words("matters") {
		text := "I am out of the office until Monday.\n" + w + " 123."
		if got := Check(mailOf("anna@customer.example", "", "Out of office", text), Facts{}, settings); got.Park != "" {
			t.Errorf("a text with %q is set aside: %v", w, got.Reasons)
		}
	}
	for _, w := range noticeLists.Words("asking") {
		text := "I am on annual leave until Monday.\n" + strings.TrimSuffix(w, "*") + " 123."
		if got := Check(mailOf("anna@customer.example", "", "Out of office", text), Facts{}, settings); got.Park != "" {
			t.Errorf("a text that asks with %q is set aside: %v", w, got.Reasons)
		}
	}
}

// TestEachWordOfAbsenceMakesANotice under a heading and in an answer within minutes, and none in a first mail.
func TestEachWordOfAbsenceMakesANotice(t *testing.T) {
	t.Parallel()
	for _, w := range noticeLists.Words("away") {
		said := strings.TrimSuffix(w, "*")
		if matter(said) || requests(said) {
			t.Errorf("%q is a word of absence, and a matter or a wish", w)
			continue
		}
		if !tellsOf(said) || !tellsOf(said+".") || !tellsOf("("+said+")") {
			t.Errorf("%q by itself does not tell of an absence", w)
		}
		got := Check(mailOf("kim@firm.example", "", "Automatic reply: Your ticket", said), Facts{}, settings)
		if got.Kind != Auto {
			t.Errorf("%q under a program's heading: %+v %v", w, verdictOf(got), got.Reasons)
		}
		if got := Check(mailOf("kim@firm.example", "", "My card", said), Facts{}, settings); got.Kind != Human || got.Withhold != "" {
			t.Errorf("%q in a first mail: %+v %v", w, verdictOf(got), got.Reasons)
		}
	}
}

func TestEachHeadingOfADeliveryReportIsKnown(t *testing.T) {
	t.Parallel()
	for _, h := range bounceLists.Words("headings") {
		for _, subject := range []string{h, h + ": your ticket", "[external] " + h} {
			if !startsReport(fold(subject)) {
				t.Errorf("%q is no heading of a report", subject)
			}
		}
		for _, subject := range []string{"re: " + h, "why do i get " + h, h + "xyz"} {
			if startsReport(subject) && len(subject) > len(h)+3 && !strings.HasPrefix(subject, h) {
				t.Errorf("%q is a heading of a report", subject)
			}
		}
		got := Check(mailOf("mailer-daemon@mx.example", "<>", h, "kim@gone.example"), Facts{}, settings)
		if got.Kind != DSN {
			t.Errorf("%q of a mail system: %+v %v", h, verdictOf(got), got.Reasons)
		}
		if got := Check(mailOf("anna@customer.example", "", h, "My card was not delivered."), Facts{}, settings); got.Kind != Human {
			t.Errorf("%q of a person: %+v %v", h, verdictOf(got), got.Reasons)
		}
	}
}

func TestEachOpeningOfADeliveryReportIsKnown(t *testing.T) {
	t.Parallel()
	for _, o := range bounceLists.Words("openings") {
		if got := Check(mailOf("kim@gone.example", "<>", "Your ticket", o+" kim@gone.example"), Facts{}, settings); got.Kind != DSN {
			t.Errorf("%q under the null sender: %+v %v", o, verdictOf(got), got.Reasons)
		}
		if got := Check(mailOf("anna@customer.example", "", "Your ticket", "I got this today: "+o+" What does it mean?"), Facts{}, settings); got.Kind != Human {
			t.Errorf("%q quoted by a person: %+v %v", o, verdictOf(got), got.Reasons)
		}
	}
}

func TestEachFailureIsOneBesideAMailSystemAlone(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"failures", "subjects"} {
		for _, w := range bounceLists.Words(list) {
			subject, text := "Your ticket", "x "+w+" x"
			if list == "subjects" {
				subject, text = "x "+w+" x", "kim@gone.example"
			}
			if got := Check(mailOf("mailer-daemon@mx.example", "<>", subject, text), Facts{}, settings); got.Kind != DSN {
				t.Errorf("%q of a mail system: %+v %v", w, verdictOf(got), got.Reasons)
			}
			if got := Check(mailOf("anna@customer.example", "", subject, text), Facts{}, settings); got.Kind != Human {
				t.Errorf("%q of a person: %+v %v", w, verdictOf(got), got.Reasons)
			}
		}
	}
}

func TestEachHeadingOfAReceiptIsKnown(t *testing.T) {
	t.Parallel()
	for _, h := range receiptLists.Words("headings") {
		for _, said := range receiptLists.Words("receipts") {
			c := check{m: mailOf("kim@firm.example", "", "", ""), subject: h + ": your ticket", text: said}
			if !matter(said) && !requests(said) && !c.receipt() {
				t.Errorf("%q over %q is no receipt", h, said)
			}
		}
		if got := Check(mailOf("anna@customer.example", "", h, "My card is stolen"), Facts{}, settings); got.Kind != Human {
			t.Errorf("%q over a matter: %+v", h, verdictOf(got))
		}
		if got := Check(mailOf("anna@customer.example", "", h+": my card", "My card is stolen"), Facts{}, settings); got.Kind != Human {
			t.Errorf("%q before a matter: %+v", h, verdictOf(got))
		}
	}
}

func texted(text string) message.Message {
	return human(func(m *message.Message) { by(m, "sms"); m.Text, m.Proven = text, true })
}

// TestEachWordThatStopsDoes: alone, in capitals, with marks and pictures around it; with another word it is a sentence.
func TestEachWordThatStopsDoes(t *testing.T) {
	t.Parallel()
	for _, w := range optLists.Words("stop") {
		for _, text := range []string{w, strings.ToUpper(w), " " + w + "!", "“" + w + "”", w + " 🛑", w + "。"} {
			if got := Check(texted(text), Facts{}, settings); got.OptOut != "stop" || got.Suppress != SuppressOptOut {
				t.Errorf("%q: %q, %q", text, got.OptOut, got.Suppress)
			}
		}
		for _, text := range []string{w + " charging my card", "please do not " + w + " it", w + " 123"} {
			if got := Check(texted(text), Facts{}, settings); got.OptOut != "" {
				t.Errorf("%q is taken for %q", text, got.OptOut)
			}
		}
		if got := Check(mailOf("anna@customer.example", "", "x", w), Facts{}, settings); got.OptOut != "" {
			t.Errorf("%q by mail is taken for %q", w, got.OptOut)
		}
	}
}

func TestEachWordThatBringsBackDoes(t *testing.T) {
	t.Parallel()
	for list, fromAll := range map[string]bool{"start": true, "back": false} {
		for _, w := range optLists.Words(list) {
			if got := Check(texted(w), Facts{Stopped: true}, settings); got.OptOut != "start" {
				t.Errorf("%q from whom has left: %q", w, got.OptOut)
			}
			if got := Check(texted(w), Facts{}, settings); (got.OptOut == "start") != fromAll {
				t.Errorf("%q from whom has not left: %q", w, got.OptOut)
			}
		}
	}
	for _, w := range optLists.Words("help") {
		if got := Check(texted(strings.ToUpper(w)), Facts{}, settings); got.Suppress != SuppressHelp {
			t.Errorf("%q: %q", w, got.Suppress)
		}
	}
	for _, w := range optLists.Words("carrier") {
		if got := Check(texted(w), Facts{}, settings); got.OptOut != "stop" || got.Suppress != "" {
			t.Errorf("%q, which may mean an order: %q, %q", w, got.OptOut, got.Suppress)
		}
	}
}

// TestChineseStopsWithTheirRemarks: each word for leaving beside each remark, in both orders.
func TestChineseStopsWithTheirRemarks(t *testing.T) {
	t.Parallel()
	for _, stop := range optLists.Words("chinese stops") {
		for _, remark := range optLists.Words("chinese remarks") {
			for _, text := range []string{remark + stop, stop + remark, remark + " " + strings.ToUpper(stop), "【" + remark + stop + "】", stop + "," + remark} {
				if got := Check(texted(text), Facts{}, settings); got.OptOut != "stop" {
					t.Errorf("%q: %q", text, got.OptOut)
				}
			}
			if got := Check(texted(remark), Facts{}, settings); got.OptOut != "" {
				t.Errorf("%q alone: %q", remark, got.OptOut)
			}
			if got := Check(texted(remark+stop+"款"), Facts{}, settings); got.OptOut != "" {
				t.Errorf("%q goes on: %q", remark+stop, got.OptOut)
			}
		}
	}
}
