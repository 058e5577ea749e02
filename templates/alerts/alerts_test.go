package alerts

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"frontdesk/templates/words"
)

func TestWhatIsSaidOutside(t *testing.T) {
	w, err := New(map[string]map[string]string{"en": {"queue.refunds": "Refunds"}, "zh": {"queue.refunds": "退款"}})
	if err != nil {
		t.Fatal(err)
	}
	one := Line{Kind: "answered", Ticket: "T-7", Queue: "refunds", N: 1, URL: "https://desk.example/desk/tickets/T-7"}
	for _, c := range []struct {
		name, language, subject, text string
		of                            Letter
	}{
		{"one event", "en", "Topay: the customer has answered (T-7)", "T-7, queue Refunds: the customer has answered\n  https://desk.example/desk/tickets/T-7\n", Letter{Desk: "Topay", Lines: []Line{one}}},
		{"in Chinese", "zh", "Topay：客户已回复（T-7）", "T-7，队列 退款：客户已回复\n  https://desk.example/desk/tickets/T-7\n", Letter{Desk: "Topay", Lines: []Line{one}}},
		{"many, with more that found no room", "en", "Topay: 5 notifications", "T-7, queue Refunds: the customer has answered (3 times)\nT-8, queue elsewhere: your own words are unknown here\n… and 3 more\n\nWhat you are told, and how: https://desk.example/desk/me/alerts\n",
			Letter{Desk: "Topay", URL: "https://desk.example/desk/me/alerts", More: 3, Lines: []Line{{Kind: "answered", Ticket: "T-7", Queue: "refunds", N: 3}, {Kind: "odd", Ticket: "T-8", Queue: "elsewhere", N: 1}}}},
		{"a test", "en", "Topay: a test", "This is the test that you have asked for. It has arrived.\n", Letter{Desk: "Topay", Test: true}},
		{"a subject that would be more than one line", "en", "Topay: the customer has answered (T-7)", "T-7, queue Refunds: the customer has answered – “Bcc: mallory@evil.example =cmd gpj.exe”\n",
			Letter{Desk: "Topay\r\n", Lines: []Line{{Kind: "answered", Ticket: "T-7", Queue: "refunds", N: 1, Subject: "Bcc: mallory@evil.example\r\n=cmd\u202egpj.exe"}}}},
		{"a language that is not spoken", "fr", "Topay: a test", "This is the test that you have asked for. It has arrived.\n", Letter{Desk: "Topay", Test: true}},
	} {
		subject, text := w.Write(c.language, c.of)
		want := strings.Replace(c.text, "your own words are unknown here", "", 1)
		if subject != c.subject || text != want || strings.ContainsAny(subject, "\r\n") {
			t.Errorf("%s: %q, %q", c.name, subject, text)
		}
	}
}

func TestAChatIsToldNoMarkup(t *testing.T) {
	if got := Chat("<!channel> <https://evil.example|bank> & co"); got != "&lt;!channel&gt; &lt;https://evil.example|bank&gt; &amp; co" {
		t.Error(got)
	}
}

// TestAForeignTextCallsNobodyInAnyChat: it looks as it did, and no chat finds more in it than words.
func TestAForeignTextCallsNobodyInAnyChat(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"everybody":                       {"@all @channel @here", "@|all @|channel @|here"},
		"everybody, as another chat does": {"<!here> <!channel|x> <@U12>", "<|!here> <|!channel|x> <|@|U12>"},
		"somebody, by a wide sign":        {"\uff20tom", "\uff20|tom"},
		"an address":                      {"see https://evil.example/x", "see https:|//evil.|example/x"},
		"one without its scheme":          {"WWW.1a.example", "WWW.|1a.|example"},
		"a name of two scripts":           {"bank\u3002example", "bank\u3002|example"},
		"a sentence":                      {"Paid. Why? 到账。谢谢", "Paid. Why? 到账。谢谢"},
		"words that lead elsewhere":       {"[your bank](//evil) ![x](y) [a][b]", "[your bank]|(//evil) ![x]|(y) [a]|[b]"},
		"another way to write":            {"mailto:a@b.example tel:1", "mailto:|a@|b.|example tel:|1"},
		"a tag, a channel, a picture":     {"#pay ~town :tada:", "#|pay ~|town :|tada:"},
	} {
		if got := strings.ReplaceAll(Harmless(c.text), string(apart), "|"); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// called is what chats find in texts: Slack, Mattermost, Discord, Rocket.Chat.
var called = regexp.MustCompile(`(?i)@[\pL\pN_]|<[!@#a-z]|\b[a-z][a-z0-9+.-]*:[^\s\x{200b}]|\bwww\d{0,3}\.[^\s\x{200b}]|\]\(|\pL\.\pL|[#~][\pL\pN]`)

func FuzzHarmless(f *testing.F) {
	for _, text := range []string{"@all <!here> https://evil.example [a](b)", "@\u200ball", "a.b:c@d#e~f", "]\r(", "@\u202eall", "\xff@\xffx"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Harmless(text)
		if strings.ReplaceAll(got, string(apart), "") != strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), string(apart), "") && utf8.ValidString(text) {
			t.Errorf("%q was changed into %q", text, got)
		}
		if found := called.FindString(line(got)); found != "" {
			t.Errorf("%q in %q", found, got)
		}
	})
}

func TestEveryWordIsWritten(t *testing.T) {
	all, err := words.Read(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	verbs := regexp.MustCompile(`%[ds]`)
	for key, english := range all[words.English] {
		chinese := all[words.Chinese][key]
		if english == "" || chinese == "" || strings.Join(verbs.FindAllString(english, -1), "") != strings.Join(verbs.FindAllString(chinese, -1), "") {
			t.Errorf("%s: %q, %q", key, english, chinese)
		}
		if strings.ContainsFunc(english, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s is Chinese in English", key)
		}
	}
}
