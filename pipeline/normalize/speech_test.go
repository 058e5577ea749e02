package normalize

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestLettersOfEachScriptAreCounted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, in string
		want     counts
	}{
		{"nothing", "", counts{}},
		{"English", "my card", counts{latin: 6, words: 2}},
		{"an apostrophe", "don't", counts{latin: 4, words: 1}},
		{"a hyphen", "log-in", counts{latin: 5, words: 2}},
		{"an order number is no word", "TP0012 is", counts{latin: 4, words: 1}},
		{"an address is nothing", "anna@customer.example", counts{}},
		{"a link is nothing", "https://x.example/a", counts{}},
		{"a slash is a word's", "and/or", counts{latin: 5, words: 2}},
		{"accents", "où", counts{latin: 2, words: 1}},
		{"Chinese", "我的卡", counts{han: 3, common: 2, spoken: 1}},
		{"Chinese and English", "我的card", counts{han: 2, common: 2, spoken: 1, latin: 4, words: 1}},
		{"Chinese with a brand", "我的PayPal", counts{han: 2, common: 2, spoken: 1, latin: 6}},
		{"Japanese", "カードの", counts{kana: 3}},
		{"Japanese without kana", "返金対応", counts{han: 4, japanese: 2}},
		{"Korean", "카드", counts{hangul: 2}},
		{"Russian", "карта", counts{cyrillic: 5}},
		{"Ukrainian", "їжа", counts{cyrillic: 3, ukrainian: 1}},
		{"Russian letters that its neighbours lack", "объекты", counts{cyrillic: 7, russian: 1}},
		{"Bulgarian", "сълза", counts{cyrillic: 5, bulgarian: 1}},
		{"Kazakh", "қала", counts{cyrillic: 4, slavic: 1}},
		{"Arabic", "بطاقة", counts{arabic: 5}},
		{"Persian", "پول", counts{arabic: 3, persian: 1}},
		{"Urdu", "پیسے", counts{arabic: 4, persian: 2, urdu: 1}},
		{"Thai", "บัตร", counts{thai: 4}},
		{"Hebrew", "כרטיס", counts{hebrew: 5}},
		{"Greek", "κάρτα", counts{greek: 5}},
		{"Hindi", "कार्ड", counts{devanagari: 5}},
		{"digits", "123 45", counts{}},
		{"pictures", "👍🙏", counts{}},
	} {
		got := countScripts(c.in)
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(counts{}), cmpopts.IgnoreFields(counts{}, "latins", "long")); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", c.name, c.in, diff)
		}
	}
}

func TestParagraphsOfAPerson(t *testing.T) {
	t.Parallel()
	const notice = "This e-mail is confidential and intended solely for the intended recipient. If you received it in error, notify the sender."
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"one", "my card", []string{"my card"}},
		{"two", "my card\n\nis lost", []string{"my card", "is lost"}},
		{"lines of one", "my card\nis lost", []string{"my card\nis lost"}},
		{"empty lines with spaces", "a\n \t\nb", []string{"a", "b"}},
		{"a notice", "my card\n\n" + notice, []string{"my card"}},
		{"a notice alone", notice, nil},
		{"a notice without an empty line before", "my card is lost\n" + notice, []string{"my card is lost"}},
		{"a warning", "CAUTION: This email came from outside.\n\nmy card", []string{"my card"}},
		{"a warning in brackets", "[External email] Be careful\n\nmy card", []string{"my card"}},
		{"a Chinese warning", "【外部邮件】请注意\n\n我的卡", []string{"我的卡"}},
		{"white space", "\n\n \n", nil},
		{"nothing", "", nil},
	} {
		var got []string
		for p := range paragraphs(c.in) {
			got = append(got, p)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		for range paragraphs(c.in) {
			break
		}
	}
}

func TestWhatAPersonSpeaks(t *testing.T) {
	t.Parallel()
	const notice = "This e-mail is confidential and intended solely for the intended recipient. If you received it in error, notify the sender."
	for _, c := range []struct {
		name, subject, text string
		reply               bool
		language            string
		latin               bool
	}{
		{"Chinese", "退款", "我的钱还没到账", false, "zh-Hans", false},
		{"Chinese over an English notice", "退款", "我的钱还没到账\n\n" + notice, false, "zh-Hans", false},
		{"Traditional", "退款", "請問錢何時退回", false, "zh-Hant", false},
		{"English", "refund", "where is my refund please", false, "en", true},
		{"an English answer under a Chinese subject", "回复：退款", "where is my refund please", true, "en", true},
		{"a Chinese answer under an English subject", "Re: refund", "我的钱还没到账", true, "zh-Hans", false},
		{"a picture under a Chinese subject", "退款", "👍", false, "zh-Hans", false},
		{"a number under a Chinese answer's subject", "回复：退款", "12345", true, "zh-Hans", false},
		{"Chinese with English words", "", "我的 PayPal 被 locked 了", false, "zh-Hans", false},
		{"English with a Chinese name", "", "Hi, this is 张三, where is my refund?", false, "en", false},
		{"German", "Konto", "meine Karte ist weg und ich brauche Hilfe", false, "de", true},
		{"nothing", "", "", false, "", false},
		{"a number", "", "12345", false, "", false},
		{"a name of nothing known", "", "Xyzzy Plugh", false, "", true},
	} {
		got := Speaks(c.subject, c.text, c.text, c.reply)
		if got.Language != c.language || got.Letters != c.latin {
			t.Errorf("%s: %+v, want %q, %v", c.name, got, c.language, c.latin)
		}
	}
}

func TestChineseScriptsAreToldApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"characters of both", "退款", "zh-Hans"},
		{"one of Simplified", "请", "zh-Hans"},
		{"one of Traditional", "請", "zh-Hant"},
		{"more of Traditional", "請請请", "zh-Hant"},
		{"as many of each", "請请", "zh-Hans"},
		{"more of Simplified", "請请请", "zh-Hans"},
		{"nothing", "", "zh-Hans"},
		{"letters", "abc", "zh-Hans"},
		{"a character beyond the usual ones", "\U00020000", "zh-Hans"},
	} {
		if got := chinese(c.in); got != c.want {
			t.Errorf("%s: %q is %s, want %s", c.name, c.in, got, c.want)
		}
	}
	s := hanScript()
	if s.side('请') != simplifiedSide || s.side('請') != traditionalSide || s.side('退') != bothSides || s.side('a') != bothSides || s.side('\U00020000') != s.look('\U00020000') {
		t.Error("a character stands on the wrong side")
	}
}

func TestPiecesOfCores(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"Best regards":               true,
		"best regards,":              true,
		"Best regards, Anna":         true,
		"*Best regards*":             true,
		"Best regards to all of you": false,
		"Best regards 123":           false,
		"Thanks?":                    false,
		"谢谢！":                        true,
		"谢谢您的帮助和支持":                  true,
		"谢谢您一直以来的帮助和支持":              false,
		"谢谢张经理":                      true,
		"":                           false,
		strings.Repeat("Best ", 20):  false,
		"br":                         true,
		"brother":                    false,
	} {
		if got := isClosing(in); got != want {
			t.Errorf("%q closes: %v", in, got)
		}
	}
	for in, want := range map[string]bool{
		"Anna Li":                  true,
		"Anna Maria von Li":        true,
		"Anna Maria von und zu Li": false,
		"张三":                       true,
		"某某股份有限公司客户服务部": false,
		"Where?":                 false,
		"Tel: 123":               false,
		strings.Repeat("x", 40):  false,
		"+1 555 0100":            true,
		"sales@customer.example": true,
	} {
		if got := isNameLine(in); got != want {
			t.Errorf("%q is a name: %v", in, got)
		}
	}
	for in, want := range map[string]bool{"": true, " Anna": true, " Anna Li,": true, " Anna,": true, " order 7": false, " Anna?": false, " a b c d e f": false, "经理": true, "某某股份有限公司客户服务部": false} {
		if got := greetingLine(in); got != want {
			t.Errorf("%q ends a salutation: %v", in, got)
		}
	}
}

func TestPhrasesThatAreHeldDown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want int
	}{{"hi", 2}, {"hiii", 4}, {"hi there", 8}, {"history", 0}, {"hi你好", 2}, {"你好", 6}, {"你好啊", 6}, {"你好好", 9}, {"你好退款", 6}, {"退款", 0}, {"hellohello", 0}} {
		if got := emptyPhrase(c.in); got != c.want {
			t.Errorf("%q begins with a phrase of %d bytes, want %d", c.in, got, c.want)
		}
	}
	for in, want := range map[string]string{"Hello,  World!": "hello world", "don’t": "dont", "ＨＩ": "hi", "👍 hi": "hi", "1️⃣": "1", "你好，在吗？": "你好 在吗", "": "", "…": "", "É e\u0301": "é é"} {
		if got := plainWords(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// TestCharactersOfJapanAreNoChineseOnes, so that none of them can stand in a Chinese message.
func TestCharactersOfJapanAreNoChineseOnes(t *testing.T) {
	t.Parallel()
	s := hanScript()
	for _, r := range hanJapanese {
		if s.side(r) != bothSides || strings.ContainsRune(hanCommon+hanSpoken, r) {
			t.Errorf("%c is Chinese", r)
		}
	}
}
