package desk

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/templates/desk/acts"
	"frontdesk/templates/words"
)

var update = flag.Bool("update", false, "write the golden files anew")

var shanghai = time.FixedZone("CST", 8*3600)

// monday is a working morning.
var monday = time.Date(2026, 11, 30, 9, 26, 0, 0, shanghai)

func pages(t testing.TB) *Pages {
	t.Helper()
	p, err := New(Config{Zone: shanghai, Words: map[string]map[string]string{English: {"queue.payments": "Payments", "category.double": "Double charge"}, Chinese: {"fact.the amount and currency": "金额和币种", "queue.payments": "支付与扣款", "category.double": "重复扣款"}},
		Assets: map[string]string{"desk.css": "/desk/assets/desk.css", "desk.js": "/desk/assets/desk.js", "live.js": "/desk/assets/live.js", "icon.svg": "/desk/assets/icon.svg"}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestEveryWordIsThereInBothLanguages(t *testing.T) {
	words, err := words.Read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, en := range words[English] {
		zh := words[Chinese][key]
		if en == "" || zh == "" {
			t.Errorf("%s: a word is missing: %q, %q", key, en, zh)
		}
		if diff := cmp.Diff(verbs.FindAllString(en, -1), verbs.FindAllString(zh, -1)); diff != "" {
			t.Errorf("%s: the languages differ in their verbs (-en +zh):\n%s", key, diff)
		}
	}
}

// What look.md says of Chinese: full-width punctuation, a space between Chinese and Latin letters or digits, quotes of its own, 您.
func TestTheChineseIsWellSet(t *testing.T) {
	words, err := words.Read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	wrong := regexp.MustCompile(`\p{Han}[,.:;?!()]|[,;?!(]\p{Han}|\p{Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Han}|"|你|%d\p{Han}|\p{Han}%d`)
	for key, zh := range words[Chinese] {
		if found := wrong.FindString(strings.ReplaceAll(zh, "%s", "")); found != "" {
			t.Errorf("%s: %q in %q", key, found, zh)
		}
	}
	for key, en := range words[English] {
		if key != "list.label" && regexp.MustCompile(`\p{Han}|，|。`).MatchString(en) {
			t.Errorf("%s: Chinese in %q", key, en)
		}
	}
}

func TestEveryWordOfThePagesIsInTheTable(t *testing.T) {
	words, err := words.Read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	used, seen := regexp.MustCompile(`\bt \(?(?:printf )?"([a-z.%-]+)"`), 0
	err = fs.WalkDir(files, "pages", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".html") {
			return err
		}
		text, err := fs.ReadFile(files, name)
		for _, m := range used.FindAllSubmatch(text, -1) {
			key := string(m[1])
			seen++
			if _, ok := words[English][key]; !ok && !strings.Contains(key, "%") {
				t.Errorf("%s uses %q, which is not in words.txt", name, key)
			}
		}
		return err
	})
	if err != nil || seen < 60 {
		t.Fatalf("%d words are used: %v", seen, err)
	}
}

// The content security policy allows no inline script and style, and nothing of another host.
func TestPagesHoldNothingThatThePolicyForbids(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script>|https?://`)
	err := fs.WalkDir(files, "pages", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		if found := forbidden.Find(text); found != nil {
			t.Errorf("%s holds %q", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	script, err := fs.ReadFile(Assets(), "desk.js")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|\.style\b|https?://`).Find(script); found != nil {
		t.Errorf("the script holds %q", found)
	}
}

func TestUnknownPageIsAnError(t *testing.T) {
	if err := pages(t).Render(&bytes.Buffer{}, English, "nowhere", nil); err == nil {
		t.Error("a page that is not there was rendered")
	}
}

// The table of look.md, and what lies at its edges.
func TestTimesLeft(t *testing.T) {
	at := func(d, h, m int) time.Time { return time.Date(2026, 11, d, h, m, 0, 0, shanghai) }
	for _, c := range []struct {
		name   string
		due    Due
		en, zh string
		tone   string
	}{
		{"under an hour", Due{At: at(30, 9, 40), Left: 14*time.Minute + 50*time.Second}, "14 min left", "还剩 14 分钟", Risk},
		{"a minute", Due{At: at(30, 9, 27), Left: time.Minute}, "1 min left", "还剩 1 分钟", Risk},
		{"less than a minute", Due{At: at(30, 9, 26), Left: 59 * time.Second}, "due now", "现在到时限", Risk},
		{"just over", Due{At: at(30, 9, 26), Left: -59 * time.Second}, "due now", "现在到时限", Over},
		{"an hour is no risk yet", Due{At: at(30, 10, 26), Left: time.Hour}, "by 10:26 today", "今天 10:26 前", ""},
		{"today", Due{At: at(30, 17, 30), Left: 7 * time.Hour}, "by 17:30 today", "今天 17:30 前", ""},
		{"under an hour of business time, though tomorrow", Due{At: at(31, 9, 10), Left: 40 * time.Minute}, "40 min left", "还剩 40 分钟", Risk},
		{"the next day", Due{At: at(31, 9, 30), Left: 8 * time.Hour}, "by Tue 09:30", "周二 09:30 前", ""},
		{"within the week", Due{At: at(34, 18, 0), Left: 40 * time.Hour}, "by Fri 18:00", "周五 18:00 前", ""},
		{"later", Due{At: at(41, 9, 30), Left: 90 * time.Hour}, "by 11 Dec 09:30", "12 月 11 日 09:30 前", ""},
		{"next year", Due{At: at(70, 9, 30), Left: 300 * time.Hour}, "by 9 Jan 2027 09:30", "2027 年 1 月 9 日 09:30 前", ""},
		{"over", Due{At: at(30, 9, 14), Left: -12 * time.Minute}, "12 min over", "超时 12 分钟", Over},
		{"hours over", Due{At: at(27, 16, 0), Left: -2*time.Hour - 10*time.Minute}, "2 h 10 min over", "超时 2 小时 10 分钟", Over},
		{"whole hours over", Due{At: at(27, 16, 0), Left: -3 * time.Hour}, "3 h over", "超时 3 小时", Over},
		{"days over", Due{At: at(24, 16, 0), Left: -30 * time.Hour}, "due since 24 Nov", "11 月 24 日起超时", Over},
		{"the customer's turn", Due{At: at(30, 9, 14), Left: -time.Hour, Paused: true}, "with the customer", "等客户回复", ""},
		{"nothing promised", Due{}, "", "", ""},
	} {
		p := pages(t)
		if en, zh := p.due(English, c.due, monday), p.due(Chinese, c.due, monday); en != c.en || zh != c.zh {
			t.Errorf("%s: %q and %q, want %q and %q", c.name, en, zh, c.en, c.zh)
		}
		if got := c.due.Tone(); got != c.tone {
			t.Errorf("%s: the tone is %q, want %q", c.name, got, c.tone)
		}
	}
}

func TestSmallWords(t *testing.T) {
	p := pages(t)
	for _, c := range []struct{ name, got, want string }{
		{"today is a clock time", p.stamp(English, monday.Add(-time.Hour), monday), "08:26"},
		{"a day before", p.stamp(English, monday.AddDate(0, 0, -1), monday), "29 Nov 09:26"},
		{"a day to come", p.stamp(Chinese, monday.AddDate(0, 0, 1), monday), "周二 09:26"},
		{"another year", p.stamp(Chinese, monday.AddDate(-1, 0, 0), monday), "2025 年 11 月 30 日 09:26"},
		{"a separator of today", p.day(Chinese, monday, monday), "今天"},
		{"of yesterday", p.day(English, monday.AddDate(0, 0, -1), monday), "Yesterday"},
		{"of another day", p.day(Chinese, monday.AddDate(0, 0, -3), monday), "周五 11 月 27 日"},
		{"a month", p.month(Chinese, monday), "2026 年 11 月"},
		{"a count", count(999), "999"},
		{"a larger one", count(1000), "999+"},
		{"a number", number(25), "T-25"},
		{"bytes", size(900), "900 B"},
		{"kilobytes", size(290816), "284 KB"},
		{"megabytes", size(2 << 20), "2.0 MB"},
		{"a face", face("王建国"), "王"},
		{"a Latin face", face(" “daniel"), "D"},
		{"no face", face("…"), "?"},
		{"a language's mark", mark(English, "zh-Hans"), "ZH"},
		{"in Chinese", mark(Chinese, "zh-Hant"), "中"},
		{"another's", mark(Chinese, "en"), "EN"},
		{"none", mark(English, "x"), ""},
		{"a language's name", p.tongue(Chinese, "th"), "泰语"},
		{"no language", p.tongue(English, "not a tag"), "not a tag"},
		{"the first line that says something", firstLine(" \n\n Hello \nthere"), "Hello"},
		{"a long one ends at a character", firstLine(strings.Repeat("长", 500)), strings.Repeat("长", 160)},
		{"nothing", firstLine(" \n"), ""},
		{"an act", p.said(English, Line{Kind: Event, Word: "taken"}), "took the ticket"},
		{"an act to a queue", p.said(Chinese, Line{Kind: Event, Word: "moved", Detail: "payments"}), "把工单转到支付与扣款"},
		{"an act until a moment", p.said(English, Line{At: monday, Kind: Event, Word: "snoozed", Detail: "2026-12-01T01:00:00Z"}), "put the ticket off until Tue 09:00"},
		{"a code to an address that is proven", p.said(English, Line{Kind: Event, Word: "check-identity", Detail: "phone"}), "had a one-time code sent to a proven address"},
		{"a code to one that the company's system has named", p.said(English, Line{Kind: Event, Word: "check-identity", Detail: "phone company"}), "had a one-time code sent to an address that your company's system named"},
		{"an act without a word", p.said(English, Line{Kind: Event, Word: "juggled", Detail: "x"}), "juggled"},
		{"an acknowledgement", p.said(Chinese, Line{Kind: Acknowledgement, Channel: "sms"}), "自动确认已用短信发出"},
		{"a question in the customer's language", p.ask(Fact{Key: "amount"}, "zh-Hant"), "请您告诉我们金额，好吗？"},
		{"a question as the house asks it", p.ask(Fact{Key: "the amount and currency"}, "en"), "Could you please send us the amount and currency?"},
		{"the same on a page in another language", p.ask(Fact{Key: "the amount and currency"}, "zh-Hans"), "请您提供金额和币种，好吗？"},
		{"why an urgent one was given out", p.reason(English, Reason{Word: "because", Of: halfUsed}, true).Of, "it is urgent"},
		{"why another one was", p.reason(Chinese, Reason{Word: "because", Of: halfUsed}, false).Of, "承诺时间已过半"},
		{"in English where we have no other", p.ask(Fact{Key: "amount"}, "th"), "Could you please tell us your amount?"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.got, c.want)
		}
	}
	if got := p.reason(English, Reason{Word: "queue", Of: "payments"}, false); got != (reason{"Such tickets go to ", "Payments", ""}) {
		t.Errorf("a reason is %+v", got)
	}
	for _, sign := range []string{"danger", "vulnerable", "legal", "complaint", "repeated", "waited", "in-flight", "pressing"} {
		for _, lang := range []string{English, Chinese} {
			if got := p.reason(lang, Reason{Word: "stake." + sign, Of: "w"}, false); got.Before == "" || got.Of != "w" || strings.Contains(got.Before, "stake") {
				t.Errorf("%s in %s: %+v", sign, lang, got)
			}
		}
	}
	if got := p.reason(English, Reason{Of: "since it is so"}, true); got != (reason{"", "since it is so", ""}) {
		t.Errorf("a reason without a word is %+v", got)
	}
	if got := p.reason(Chinese, Reason{Word: "words", Of: "%d 扣了"}, false); got != (reason{"提到“", "%d 扣了", "”"}) {
		t.Errorf("a reason of a stranger's words is %+v", got)
	}
}

func TestTheFlowOfATicket(t *testing.T) {
	line := func(minutes int, kind Kind, fresh bool) Line {
		return Line{ID: strconv.Itoa(minutes), At: monday.Add(time.Duration(minutes) * time.Minute), Kind: kind, New: fresh}
	}
	show := func(items []item) (out []string) {
		for _, i := range items {
			switch {
			case !i.Day.IsZero():
				out = append(out, "day")
			case i.New > 0:
				out = append(out, "new "+string(rune('0'+i.New)))
			case i.Fold:
				out = append(out, "folded")
			case i.Events != nil:
				out = append(out, "events "+string(rune('0'+len(i.Events))))
			case i.Open:
				out = append(out, "open "+string(i.Line.Kind))
			default:
				out = append(out, "closed "+string(i.Line.Kind))
			}
		}
		return out
	}
	for _, c := range []struct {
		name  string
		lines []Line
		want  string
	}{
		{"nothing", nil, ""},
		{"one message", []Line{line(0, Message, false)}, "day, open message"},
		{"older texts are closed, and what follows the last words is open", []Line{line(0, Message, false), line(1, Reply, false), line(2, Message, false), line(3, Reply, false)}, "day, closed message, closed reply, open message, open reply"},
		{"what is new is open", []Line{line(0, Message, false), line(1, Message, true), line(2, Message, true)}, "day, closed message, new 2, open message, open message"},
		{"a note is open", []Line{line(0, Note, false), line(1, Message, false)}, "day, open note, open message"},
		{"what failed is open", []Line{{ID: "1", At: monday, Kind: Reply, Sending: Sending{State: "failed"}}, line(1, Message, false)}, "day, open reply, open message"},
		{"acts stand together", []Line{line(0, Message, false), line(1, Event, false), line(2, Acknowledgement, false)}, "day, open message, events 2"},
		{"many are folded", []Line{line(0, Message, false), line(1, Event, false), line(2, Event, false), line(3, Event, false), line(4, Event, false)}, "day, open message, folded"},
		{"acts are never new", []Line{line(0, Message, false), line(1, Event, true)}, "day, open message, events 1"},
		{"days part", []Line{line(-24*60, Message, false), line(0, Message, false)}, "day, closed message, day, open message"},
		{"only ours", []Line{line(0, Reply, false)}, "day, closed reply"},
	} {
		if got := strings.Join(show(flow(c.lines, shanghai)), ", "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// views are what pages show, by the golden file's name.
func views(lang string) map[string]struct {
	page string
	data any
} {
	frame := Frame{Title: "T-25", Desk: "Topay", Lang: lang, Now: monday, User: "林晓", UserID: 7, Here: "queues/payments", Me: "/desk/me", SignOut: "/desk/sign-out", SignIn: "/desk/sign-in", Presence: "online",
		Languages: []Choice{{Tag: "en", Name: "EN", URL: "?lang=en", Here: lang == English}, {Tag: "zh", Name: "中文", URL: "?lang=zh", Here: lang == Chinese}},
		Counts:    Counts{Lists: []Count{{Name: "mine", N: 7, Tone: Risk}, {Name: "at-risk", N: 3, Tone: Over}, {Name: "unassigned", N: 1200}, {Name: "pending"}, {Name: "snoozed"}, {Name: "closed", N: -1}}, Queues: []Count{{Name: "payments", N: 18}}}}
	card := Card{Number: 25, Name: "王建国", Subject: "扣了两次款", Last: "什么时候到账？", Language: "zh-Hans", Channel: "sms", Category: "double", Urgent: true, Unread: true, Draft: true, Due: Due{At: monday.Add(14 * time.Minute), Left: 14 * time.Minute}}
	list := List{Queue: true, Name: "payments", Total: 51, Order: "deadline", Cards: []Card{card, {Number: 26, Channel: "email", Owner: "Chen Jing", Due: Due{At: monday.Add(-time.Hour), Left: -time.Hour}}}, Next: "abc"}
	ticket := Ticket{Number: 25, Subject: "扣了两次款", Language: "zh-Hans", Queue: "payments", Urgent: true, State: "open", Due: card.Due, Owed: "next-reply", Owner: "林晓", Mine: true, Acts: true, Earlier: 12, Before: "m-3",
		Lines: []Line{
			{ID: "m-3", At: monday.AddDate(0, 0, -1), Kind: Message, By: "王建国", Channel: "email", Language: "zh-Hans", Text: "您好", Quote: "> 引用", Files: []File{{Name: "a.png", Bytes: 2048, URL: "/desk/files/1"}, {Name: "b.exe", Bytes: 9, Scan: "malware"}, {Name: "卡.png", Bytes: 9, URL: "/desk/files/2", Show: "/desk/files/2?show", Scan: "unscanned"}, {Name: "say.ogg", URL: "/desk/files/3", Show: "/desk/files/3?show", Sound: true}, {Name: "c.pdf"}},
				Formed: "/desk/m/3/formatted", Original: "/desk/m/3/original"},
			{ID: "m-4", At: monday.AddDate(0, 0, -1), Kind: Acknowledgement, Channel: "sms", Text: "收到。"},
			{ID: "m-5", At: monday.AddDate(0, 0, -1), Kind: Event, By: "Chen Jing", Word: "taken"},
			{ID: "m-6", At: monday.Add(-time.Hour), Kind: Reply, By: "Chen Jing", Channel: "sms", Text: "请发流水。", Sending: Sending{Reply: 9, State: "failed", Cause: "number-off"}},
			{ID: "m-7", At: monday.Add(-time.Hour), Kind: Note, By: "赵敏", Text: "已查账 <b>"},
			{ID: "m-8", At: monday.Add(-time.Minute), Kind: Message, By: "王建国", Channel: "sms", Language: "zh-Hans", Text: "什么时候到账？", Cut: true, New: true},
			{ID: "m-9", At: monday, Kind: Reply, By: "林晓", Mine: true, Channel: "sms", Text: "今天。", Sending: Sending{Reply: 10, State: "held"}},
		},
		Person: Person{Name: "王建国", Language: "zh-Hans", Since: monday.AddDate(-2, 0, 0), Addresses: []Address{{Channel: "sms", Text: "+86 138 0013 5521", Proven: true}, {Channel: "telegram", Text: "@jianguo"}}},
		Facts:  []Fact{{Key: "order-number", Value: "TP-1"}, {Key: "amount"}},
		Why:    []Reason{{Word: "words", Of: "扣了两次"}, {Word: "category", Of: "double"}, {Word: "queue", Of: "payments"}, {Word: "language", Of: "zh-Hans"}, {Word: "given", Of: "林晓"}},
		Others: []Other{{Number: 3, Subject: "绑卡失败", State: "closed", At: monday.AddDate(0, -3, 0)}, {Number: 4, Subject: "Refund?", State: "open", At: monday.AddDate(0, -1, 0), By: acts.Known{ID: 8, Channel: "email", Address: "wang@customer.example"}}},
		Same: &acts.Same{Own: acts.Known{ID: 7, Channel: "sms", Address: "+86 138 0013 5521"}, Contacts: []acts.Known{{ID: 8, Name: "Wang", Channel: "email", Address: "wang@customer.example"}, {ID: 9, Name: "Wang <b>"}}, May: true, Codes: true, Suggested: []acts.Suggested{{Number: 31, Subject: "Refund <b>", Who: acts.Known{ID: 12, Channel: "email", Address: "wang@other.example"}, Evidence: []string{"wrote", "signature", "order", "name"}, Why: "number"}}, Joins: []string{"told", "order"}, Parts: []string{"mistake"},
			Steps: []acts.Step{{ID: 5, Kind: "join", Who: acts.Known{ID: 8, Channel: "email", Address: "wang@customer.example"}, With: acts.Known{ID: 7, Channel: "sms", Address: "+86 138 0013 5521"}, Why: "code", At: monday}, {ID: 3, Kind: "apart", Who: acts.Known{ID: 6, Name: "Li"}, With: acts.Known{ID: 7, Name: "Wang"}, Why: "distinct", By: "林晓", At: monday}, {ID: 4, Kind: "part", Who: acts.Known{ID: 6, Name: "Li"}, With: acts.Known{ID: 7}, Why: "mistake", By: "林晓", At: monday}}},
		Promised: []acts.Promised{{Kind: "first-reply", State: "kept", Due: monday, Done: monday.Add(-time.Hour)}, {Kind: "next-reply", Turn: 2, State: "due", Due: monday.Add(14 * time.Minute)}, {Kind: "resolution", State: "paused", Due: monday.AddDate(0, 0, 1), Were: []time.Time{monday}}},
		Later:    []Later{{Word: "hour", At: monday.Add(time.Hour)}, {Word: "tomorrow", At: monday.AddDate(0, 0, 1)}},
		Answer: &Answer{Key: "KEY", Seen: 8, Ground: "g<1>", Recipients: []Recipient{{Name: "王建国", Address: "+86 138 0013 5521", Proven: true}, {Address: "x@y.example", Copy: true}}, Channel: "sms", Language: "zh-Hans",
			Limits: Limits{Parts: true, Count: 2, Left: 28, Window: monday.Add(20 * time.Hour)}, Reply: Draft{Text: "王先生您好", Version: 4, SavedAt: monday}},
	}
	calm := ticket
	calm.Acts, calm.Answer, calm.Facts, calm.Why, calm.Others, calm.Same, calm.Lines, calm.State, calm.Due.Paused, calm.Mine = false, nil, nil, nil, nil, nil, ticket.Lines[:1], "closed", true, false
	clash := ticket
	again := *ticket.Answer
	again.Clash, again.Limits = ticket.Lines[5:6], Limits{Most: 4096}
	again.Recipients = []Recipient{ticket.Answer.Recipients[0], {Name: "Stop <b>", Address: "stop@y.example", Copy: true, Left: "opted-out"}}
	again.By, again.Ways, again.Limits.NoFiles = "w2", []acts.Way{{ID: acts.ByItself, Channel: "email", Address: "x@y.example"}, {ID: "w2", Channel: "sms", Address: "+86 138 0013 5521", Chosen: true}, {ID: "w3", Channel: "sms", Address: "+86 <b>", Why: "opted-out"}, {ID: "w4", Address: "771", Why: "no-way"}}, true
	clash.Answer, clash.State = &again, "snoozed"
	clash.Until = monday.AddDate(0, 0, 1)
	said := frame
	said.Presence, said.Mark = "away", "17.4"
	said.Notice, said.Sent = Notice{Word: "done.close", Of: "T-24", Undo: "/desk/tickets/T-24/reopen"}, &Sent{Reply: 9, Number: 24, To: "孙悦", Left: 8}
	return map[string]struct {
		page string
		data any
	}{
		"list":     {"list", ListPage{Frame: said, List: list}},
		"empty":    {"list", ListPage{Frame: frame, List: List{Name: "mine"}}},
		"ticket":   {"ticket", TicketPage{Frame: frame, List: list, Open: 25, Ticket: ticket}},
		"readonly": {"ticket", TicketPage{Frame: frame, List: list, Open: 25, Ticket: calm}},
		"clash":    {"ticket", TicketPage{Frame: said, List: list, Open: 25, Ticket: clash, Note: false}},
		"note":     {"ticket", TicketPage{Frame: frame, List: List{Name: "mine"}, Open: 25, Ticket: ticket, Note: true}},
		"error":    {"error", ErrorPage{Frame: frame, Message: "error.ticket", Of: "T-9", Kept: "text </textarea>"}},
	}
}

// drawn is everything but the icons, which are the same on each page.
var drawn = regexp.MustCompile(`(?s)<svg class="sprite".*?</svg>\n`)

func TestPagesAreAsTheyWere(t *testing.T) {
	p := pages(t)
	for _, lang := range []string{English, Chinese} {
		for name, v := range views(lang) {
			var out bytes.Buffer
			if err := p.Render(&out, lang, v.page, v.data); err != nil {
				t.Fatal(err)
			}
			got := drawn.ReplaceAllString(out.String(), "")
			file := filepath.Join("testdata", "golden", name+"."+lang+".html")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s in %s; run with -update if this is meant: %s", name, lang, diff)
			}
		}
	}
}

// No page in Chinese holds English words of ours, and none in English Chinese ones: only what people and customers wrote.
func TestPagesSpeakOneLanguage(t *testing.T) {
	p := pages(t)
	words, err := words.Read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ lang, other string }{{English, Chinese}, {Chinese, English}} {
		for name, v := range views(c.lang) {
			var out bytes.Buffer
			if err := p.Render(&out, c.lang, v.page, v.data); err != nil {
				t.Fatal(err)
			}
			for key, word := range words[c.other] {
				if word != words[c.lang][key] && len(word) > 12 && !strings.Contains(word, "%") && strings.Contains(out.String(), ">"+word+"<") {
					t.Errorf("%s in %s says %s: %q", name, c.lang, key, word)
				}
			}
		}
	}
}

// TestWhyATicketWasEscalated is said in words, and what was done.
func TestWhyATicketWasEscalated(t *testing.T) {
	p := pages(t)
	for _, c := range []struct{ detail, en, zh string }{
		{"first-reply 0.75|urgent|", "Escalated: 75 % of the time for the first reply is used, priority raised to urgent", "已升级处理：已用去 75 % 的时限（首次回复），优先级升为紧急"},
		{"next-reply:3 1;next-reply:3 -30m0s (12)||payments", "Escalated: 100 % of the time for the next reply is used, 30 min left for the next reply, moved to Payments", "已升级处理：已用去 100 % 的时限（再次回复），只剩 30 分钟（再次回复），转到支付与扣款"},
		{"resolution 1.5||", "Escalated: 150 % of the time for solving it is used", "已升级处理：已用去 150 % 的时限（解决）"},
	} {
		for lang, want := range map[string]string{English: c.en, Chinese: c.zh} {
			if got := p.said(lang, Line{Kind: Event, Word: "escalate", Detail: c.detail}); got != want {
				t.Errorf("%s: %q, want %q", c.detail, got, want)
			}
		}
	}
}

// What was sent left an empty draft behind, of which there is nothing to say.
func TestADraftThatWasSentIsNotSavedAnyMore(t *testing.T) {
	for text, want := range map[string]bool{"Dear Ann": true, "": false} {
		page := TicketPage{Frame: Frame{Lang: English, Now: monday}, Ticket: Ticket{Number: 7, State: "open", Acts: true, Answer: &Answer{Key: "KEY", Reply: Draft{Text: text, Version: 2, SavedAt: monday}}}}
		var out bytes.Buffer
		if err := pages(t).Render(&out, English, "ticket", page); err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(out.String(), "Draft saved "+monday.Format("15:04")); said != want {
			t.Errorf("of the draft %q it is said that it is saved: %t", text, said)
		}
	}
}
