package normalize

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// sixteen are the languages that are told apart.
var sixteen = strings.Fields("zh en ja ko es fr de pt it ru ar th vi id tr nl")

// datasets is the folder of the public texts; the test is skipped where they are not at hand.
func datasets(t *testing.T) string {
	t.Helper()
	root := os.Getenv("FRONTDESK_SHARED")
	if root == "" {
		t.Skip("FRONTDESK_SHARED is not set: the public texts are not at hand")
	}
	return filepath.Join(root, "datasets")
}

// found counts how a set was understood.
type found struct{ right, abstained, all int }

func (f found) String() string {
	return fmt.Sprintf("%.1f %% of %d right, %.1f %% not told", 100*float64(f.right)/float64(f.all), f.all, 100*float64(f.abstained)/float64(f.all))
}

// atLeast complains of less.
func (f found) atLeast(t *testing.T, what string, percent float64) {
	t.Helper()
	t.Logf("%s: %s", what, f)
	if 100*float64(f.right) < percent*float64(f.all) || f.all == 0 {
		t.Errorf("%s: %s; want %.1f %%", what, f, percent)
	}
}

// tell counts a text; wanted is a language, or zh for both scripts.
func (f *found) tell(text, wanted string) {
	got := Language(text)
	if wanted == "zh" {
		got, _, _ = strings.Cut(got, "-")
	}
	f.all++
	switch got {
	case wanted:
		f.right++
	case "":
		f.abstained++
	}
}

// keptBack are the lines of a file that the model has not learned from: every fifth.
func keptBack(t *testing.T, name string) (out []string) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(read(t, name)), "\n") {
		if i%5 == 4 {
			out = append(out, line)
		}
	}
	return out
}

// TestLanguagesOfPublicTexts measures on what the model has not learned from.
func TestLanguagesOfPublicTexts(t *testing.T) {
	t.Parallel()
	root := datasets(t)
	for kind, least := range map[string]struct{ all, each float64 }{"sentences": {98, 94}, "word-pairs": {95, 87}} {
		var all found
		for _, code := range sixteen {
			var one found
			for _, line := range keptBack(t, filepath.Join(root, "langid", kind, code+".txt")) {
				one.tell(line, code)
			}
			one.atLeast(t, kind+" "+code, least.each)
			all.right, all.abstained, all.all = all.right+one.right, all.abstained+one.abstained, all.all+one.all
		}
		all.atLeast(t, kind, least.all)
	}
}

// TestLanguageOfPublicQuestions: they are English, and the model has seen none of them.
func TestLanguageOfPublicQuestions(t *testing.T) {
	t.Parallel()
	root := datasets(t)
	rows, err := csv.NewReader(strings.NewReader(read(t, filepath.Join(root, "banking77/train.csv")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var bank, clinc found
	for _, row := range rows[1:] {
		bank.tell(row[0], "en")
	}
	bank.atLeast(t, "BANKING77", 99.5)
	var parts map[string][][2]string
	if err := json.Unmarshal([]byte(read(t, filepath.Join(root, "clinc150/data_full_train_val.json"))), &parts); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		for _, row := range parts[name] {
			clinc.tell(row[0], "en")
		}
	}
	clinc.atLeast(t, "CLINC150", 99)
}

// TestLanguageOfMessagesOfTheDesk: the model has learned from none of them.
func TestLanguageOfMessagesOfTheDesk(t *testing.T) {
	t.Parallel()
	var chinese, english found
	for _, name := range []string{"tune.txt", "held.txt", "blind.txt"} {
		for line := range strings.Lines(read(t, filepath.Join("../classify/testdata", name))) {
			line = strings.TrimSpace(line)
			switch {
			case line == "" || line[0] == '#' || line[0] == '[':
			case !hasHan(line):
				english.tell(line, "en")
			case hans(line) >= strings.Count(line, " "): // the others are English with a Chinese name or a word
				chinese.tell(line, "zh")
			}
		}
	}
	chinese.atLeast(t, "Chinese", 99.5)
	english.atLeast(t, "English", 99.5)
}

// TestLanguageOfShortTexts: one to five words, as people write them into a chat.
func TestLanguageOfShortTexts(t *testing.T) {
	t.Parallel()
	for language, texts := range map[string][]string{
		"en": {"any update?", "hello", "hi!!", "refund", "where is it", "card declined", "pls reply", "anyone there", "status?", "no money", "cancel", "urgent", "thanks", "thank you so much",
			"not working", "call me", "no", "yes", "why", "done", "login issue", "fees?", "any news", "it failed again", "again", "stolen phone", "PLEASE HELP", "limit", "a human please", "agent",
			"still nothing", "wrong amount", "otp not coming", "app crashed", "what's wrong", "can't pay", "Ticket 4411 news?", "PayPal not working", "USD rate today", "iPhone lost", "how", "when", "charged 2x",
			"my ac is block", "recieved nothing", "plz fix", "money gone", "send it again", "invoice", "closing my account"},
		"zh-Hans": {"在吗", "退款呢", "没到账", "转账 failed", "app 打不开", "我的 order 呢", "PayPal 绑不上", "help 一下", "card 丢了 need help asap", "我 want refund", "pending 三天了", "OK 谢谢", "客服？", "Apple Pay 能用吗", "急",
			"refund 什么时候到 please check asap", "iPhone 15 扫码没反应", "login 不了", "为什么 declined"},
		"zh-Hant": {"請問", "退款呢？幾時到", "轉帳 failed", "個 app 開唔到", "我嘅 refund 呢", "card 俾人 block 咗", "點解收唔到 code", "帳戶 locked"},
		"ja":      {"返金対応", "まだですか", "処理 確認中", "カード 使えない", "app が開かない"},
		"ko":      {"환불", "카드 안 돼요", "refund 언제 돼요"},
		"es":      {"mi dinero", "no funciona la app", "¿cuándo llega?"}, "fr": {"mon argent", "ça ne marche pas"}, "de": {"mein Geld", "geht nicht"}, "pt": {"meu dinheiro", "não funciona"}, "it": {"i miei soldi", "non funziona"},
		"nl": {"mijn geld", "werkt niet"}, "id": {"uang saya", "tidak bisa masuk"}, "vi": {"tiền của tôi", "không được"}, "tr": {"param nerede", "çalışmıyor"}, "pl": {"moje pieniądze", "nie działa"},
		"ru": {"где деньги", "Помогите пожалуйста", "объясните"}, "uk": {"де мої гроші"}, "bg": {"Къде са парите ми"}, "ar": {"أين أموالي"}, "fa": {"پول من کجاست"}, "ur": {"میرے پیسے کہاں ہیں"}, "th": {"เงินอยู่ไหน"},
	} {
		for _, text := range texts {
			if got := Language(text); got != language {
				t.Errorf("%q is %q, want %s", text, got, language)
			}
		}
	}
}

// TestWhatSaysNothingAboutTheLanguage: numbers, addresses, codes, brands, and letters of languages that are not told apart.
func TestWhatSaysNothingAboutTheLanguage(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"PayPal", "iPhone / WhatsApp", "Visa, Mastercard", "TX99-AB12", "www.shop.example/die/und/das", "https://x.example/der-die-das", "anna@der.example", "88 420", "OK", "👍👍", "USD 20", "YouTube",
		"Сәлем, менің ақшам қайда", "Дзе мае грошы? Я ўжо пісаў пра гэта ўчора"} {
		if got := Language(text); got != "" {
			t.Errorf("%q is %q", text, got)
		}
	}
}

// TestReadingALanguageAllocatesNothing, whatever it is.
func TestReadingALanguageAllocatesNothing(t *testing.T) {
	for _, text := range []string{"Hello, I tried to Top Up my account yesterday but the MONEY has not arrived.", "您好，我昨天充值了三百元 PayPal pending，请帮我查一下", "Où est mon remboursement, s'il vous plaît ?", "Где мои деньги?"} {
		Language(text)
		if n := testing.AllocsPerRun(50, func() { Language(text) }); n > 0 {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

// TestScriptsOfChinese: what is Simplified as it stands is Traditional once its characters are exchanged, by the public table and not by ours.
func TestScriptsOfChinese(t *testing.T) {
	t.Parallel()
	root := datasets(t)
	other := map[rune]rune{}
	for line := range strings.Lines(read(t, filepath.Join(root, "opencc/STCharacters.txt"))) {
		if from, to, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && from[0] != '#' {
			other[[]rune(from)[0]] = []rune(to)[0]
		}
	}
	var simplified, traditional found
	for line := range strings.Lines(read(t, filepath.Join(root, "langid/sentences/zh.txt"))) {
		exchanged := strings.Map(func(r rune) rune {
			if to, ok := other[r]; ok {
				return to
			}
			return r
		}, line)
		if exchanged != line {
			simplified.tell(line, "zh-Hans")
			traditional.tell(exchanged, "zh-Hant")
		}
	}
	simplified.atLeast(t, "Simplified", 99)
	traditional.atLeast(t, "Traditional", 99)
}

// hans counts the Chinese characters.
func hans(text string) (n int) {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}
