package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/search"
)

// indexed are the words of texts.
func indexed(texts ...string) []string {
	w := folder.Words()
	for _, text := range texts {
		w.Text(text)
	}
	return w.List()
}

func finds(typed, text string) bool { return fits(folder.Read(typed), indexed(text)) }

// TestHalfANumber: which piece of a number finds it. What is typed of an order is its beginning or its end; the middle finds nothing.
func TestHalfANumber(t *testing.T) {
	for _, c := range []struct {
		name, text, typed string
		want              bool
	}{
		{"the whole", "order 202605039988", "202605039988", true},
		{"the first eight", "order 202605039988", "20260503", true},
		{"the first four", "order 202605039988", "2026", true},
		{"the first three are too few", "order 202605039988", "202", false},
		{"the last four", "order 202605039988", "9988", true},
		{"the last eight", "order 202605039988", "05039988", true},
		{"the last three are too few", "order 202605039988", "988", false},
		{"the middle", "order 202605039988", "0503", false},
		{"one digit more", "order 202605039988", "2026050399881", false},
		{"one digit other", "order 202605039988", "202605039989", false},
		{"with its digits in groups", "order 202605039988", "2026 0503 9988", true},
		{"written in groups, typed as one", "order 2026 0503 9988", "202605039988", true},
		{"letters before it, typed with them", "parcel SF1234567890", "SF1234567890", true},
		{"letters before it, in small ones", "parcel SF1234567890", "sf1234567890", true},
		{"letters before it, typed without", "parcel SF1234567890", "1234567890", true},
		{"letters before it, and its beginning", "parcel SF1234567890", "SF1234", true},
		{"one of two letters before it", "parcel SF1234567890", "F1234567890", false},
		{"other letters before it", "parcel SF1234567890", "YT1234567890", false},
		{"letters behind it", "seat 1234AB", "1234AB", true},
		{"letters behind it, typed without", "seat 1234AB", "1234", true},
		{"dashes in it, typed with them", "ref TP-2026-0501", "TP-2026-0501", true},
		{"dashes in it, a piece", "ref TP-2026-0501", "0501", true},
		{"dashes in it, typed as one", "ref TP-2026-0501", "TP20260501", false},
		{"digits of full width in the text", "订单２０２６０５０３", "20260503", true},
		{"digits of full width in the query", "订单20260503", "２０２６０５０３", true},
		{"digits of another script", "order ٢٠٢٦", "٢٠٢٦", true},
		{"a number in a sentence without spaces", "订单20260503退款", "20260503", true},
		{"a number at the end of a word of letters", "abc20260503", "20260503", true},
		{"an amount", "paid 1,299.00", "1299", false},
		{"an amount as it is written", "paid 1,299.00", "1,299.00", true},
		{"nought in front", "code 00123", "123", false},
		{"nought in front, typed", "code 00123", "00123", true},
		{"more digits than a telephone number has", "order 1234567890123456", "1234567890123456", true},
		{"more digits, and the last four", "order 1234567890123456", "3456", false},
		{"more digits, and the first four", "order 1234567890123456", "1234", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := finds(c.typed, c.text); got != c.want {
				t.Errorf("%q in %q: %v\nquery %+v\nwords %q", c.typed, c.text, got, folder.Read(c.typed).Terms, indexed(c.text))
			}
		})
	}
}

// TestATelephoneNumberIsFoundInEverySpelling: each spelling in a text by each that is typed.
func TestATelephoneNumberIsFoundInEverySpelling(t *testing.T) {
	for name, number := range map[string]struct {
		national, international []string
		others                  []string
	}{
		"the mainland's": {
			[]string{"13912345678", "139 1234 5678", "139-1234-5678", "139.1234.5678", "１３９１２３４５６７８", "１３９　１２３４　５６７８"},
			[]string{"+8613912345678", "+86 139 1234 5678", "+86-139-1234-5678", "0086 139 1234 5678", "008613912345678", "(+86) 139 1234 5678", "＋８６１３９１２３４５６７８"},
			[]string{"13912345679", "139 1234 567", "15912345678", "+86 139 1234 5679"},
		},
		"Hong Kong's": {
			[]string{"91234567", "9123 4567", "9123-4567", "９１２３４５６７"},
			[]string{"+85291234567", "+852 9123 4567", "00852 91234567", "(+852) 9123-4567"},
			[]string{"91234568", "9123 456", "81234567"},
		},
		"Britain's": {
			[]string{"07700 900123", "07700900123", "(07700) 900123", "07700-900-123"},
			[]string{"+447700900123", "+44 7700 900123", "+44 (0)7700 900123", "0044 7700 900123"},
			[]string{"07700 900124", "+44 7700 900124"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			all := slices.Concat(number.national, number.international)
			for _, written := range all {
				for _, text := range []string{written, "请打" + written + "，谢谢", "Call " + written + ". Thanks!", "tel:" + written + "\n", "「" + written + "」"} {
					words := indexed(text)
					for _, typed := range all {
						if !fits(folder.Read(typed), words) {
							t.Errorf("%q is not found in %q: %+v in %q", typed, text, folder.Read(typed).Terms, words)
						}
					}
					for _, typed := range number.others {
						if fits(folder.Read(typed), words) {
							t.Errorf("%q is found in %q", typed, text)
						}
					}
				}
			}
		})
	}
}

func TestWordsAndTheirNeighbours(t *testing.T) {
	for _, c := range []struct {
		name, text, typed string
		want              bool
	}{
		{"a word in capitals", "REFUND", "refund", true},
		{"of full width", "ＲＥＦＵＮＤ", "refund", true},
		{"with a mark that nobody sees", "re\u200bfund", "refund", true},
		{"with a soft hyphen", "re\u00adfund", "refund", true},
		{"with a mark of direction", "\u200frefund\u200e", "refund", true},
		{"with a control character", "ref\x00und", "refund", false},
		{"with a control character, typed so", "ref\x00und", "ref\x00und", true},
		{"with bytes that are no text", "ref\xffund", "ref", true},
		{"a ligature", "ﬁne", "fine", true},
		{"an i without its dot", "ısı", "isi", true},
		{"an I with its dot", "İstanbul", "istanbul", true},
		{"an apostrophe", "don't", "don't", true},
		{"an apostrophe that bows", "don’t", "don't", true},
		{"an apostrophe left out", "don't", "dont", false},
		{"an underscore", "order_number", "number", true},
		{"a slash", "refund/cancel", "cancel", true},
		{"an end of a Greek word", "λόγος", "ΛΟΓΟΣ", true},
		{"Vietnamese with its marks", "hoàn tiền", "hoan tien", true},
		{"Vietnamese without its marks", "hoan tien", "hoàn tiền", true},
		{"Arabic", "أريد استرداد المبلغ", "استرداد", true},
		{"the beginning of an Arabic word", "أريد استرداد المبلغ", "استرد", true},
		{"Hebrew", "אני רוצה החזר", "החזר", true},
		{"Hindi", "मुझे धनवापसी चाहिए", "धनवापसी", true},
		{"Russian, another case of the word", "возврата", "возврат", true},
		{"Russian, a longer word than is there", "возврат", "возврата", false},
		{"a word and a picture", "refund🙏please", "refund", true},
		{"a picture alone", "refund 🙏", "🙏", false},
		{"Chinese, in the middle of a sentence", "请问我的退款呢", "退款", true},
		{"Chinese, turned round", "请问我的退款呢", "款退", false},
		{"Chinese, over a comma", "退，款", "退款", false},
		{"Chinese, over a space", "退 款", "退款", false},
		{"Chinese, over the end of a line", "退\n款", "退款", true},
		{"Chinese, over an empty paragraph", "退\n\n款", "退款", true},
		{"Chinese, a sentence that is longer than the text's", "退款", "我要退款", false},
		{"Chinese, with a full stop", "我要退款。", "退款。", true},
		{"Chinese between letters", "VIP会员卡", "会员", true},
		{"letters between Chinese", "我的VIP卡", "vip", true},
		{"the beginning of letters between Chinese", "我的VIPCARD卡", "vipc", true},
		{"Traditional for Simplified", "帳戶", "账户", true},
		{"two Traditional spellings of one word", "臺灣", "台灣", true},
		{"Simplified for Traditional", "账户", "帳戶", true},
		{"a character of another word", "账户", "帐单", false},
		{"Japanese in half width", "ｸﾚｼﾞｯﾄｶｰﾄﾞ", "クレジットカード", true},
		{"Japanese within a word", "クレジットカード", "カード", true},
		{"Japanese, the other syllabary", "カード", "かーど", false},
		{"Korean with its particle", "카드를", "카드", true},
		{"a name with a point", "J. Smith", "j smith", true},
		{"two words in another order", "stolen card", "card stolen", true},
		{"two words of which one is missing", "stolen card", "card lost", false},
		{"a word twice", "card", "card card", true},
		{"a version", "v5.2.1", "5.2.1", false},
		{"a version with its letter", "v5.2.1", "v5.2.1", true},
		{"signs of a query language", "a refund", `"refund" OR -refund`, false},
		{"signs of a query language around a word", "a refund", `"refund"*`, true},
		{"a percent sign", "100%", "%", false},
		{"nothing typed", "refund", "", false},
		{"spaces typed", "refund", " \u3000\t", false},
		{"nothing written", "", "refund", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := finds(c.typed, c.text); got != c.want {
				t.Errorf("%q in %q: %v\nquery %+v\nwords %q", c.typed, c.text, got, folder.Read(c.typed).Terms, indexed(c.text))
			}
		})
	}
}

func TestAddressesAndTheirNeighbours(t *testing.T) {
	for _, c := range []struct {
		name, text, typed string
		want              bool
	}{
		{"the whole", "ann@customer.example", "ann@customer.example", true},
		{"in brackets", "Ann <ann@customer.example>", "ann@customer.example", true},
		{"typed in brackets", "ann@customer.example", "<ann@customer.example>", true},
		{"with a comma behind it", "ann@customer.example, please", "ann@customer.example,", true},
		{"with a full stop behind it", "Write to ann@customer.example.", "ann@customer.example", true},
		{"between Chinese", "请发到ann@customer.example谢谢", "ann@customer.example", true},
		{"with a sign of full width", "ann＠customer.example", "ann@customer.example", true},
		{"typed with a sign of full width", "ann@customer.example", "ann＠customer.example", true},
		{"up to its domain", "ann@customer.example", "ann@customer", true},
		{"up to the sign", "ann@customer.example", "ann@", true},
		{"its domain", "ann@customer.example", "customer.example", true},
		{"its domain with the sign", "ann@customer.example", "@customer.example", true},
		{"half its name", "joann@customer.example", "ann@customer.example", false},
		{"another's at the same domain", "bob@customer.example and ann", "ann@customer.example", false},
		{"a longer domain", "ann@customer.example", "ann@customer.example.org", false},
		{"with a tag", "ann+shop@customer.example", "ann+shop@customer.example", true},
		{"with a point", "ann.smith@customer.example", "ann.smith@customer.example", true},
		{"with a point left out", "ann.smith@customer.example", "annsmith@customer.example", false},
		{"in a link", "mailto:ann@customer.example?subject=x", "ann@customer.example", true},
		{"two signs", "ann@@customer.example", "ann@customer.example", false},
		{"a name with a sign", "@anna_desk", "anna", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := finds(c.typed, c.text); got != c.want {
				t.Errorf("%q in %q: %v\nquery %+v\nwords %q", c.typed, c.text, got, folder.Read(c.typed).Terms, indexed(c.text))
			}
		})
	}
}

// TestTheOrderOfTextsMakesNoWord: a ticket has many texts, and words are those of each.
func TestTheOrderOfTextsMakesNoWord(t *testing.T) {
	texts := []string{"my card was stolen", "退", "款", "order 2026", "0503", "ann@", "customer.example", "+86 139", "1234 5678"}
	want := indexed(texts...)
	slices.Reverse(texts)
	if diff := cmp.Diff(want, indexed(texts...)); diff != "" {
		t.Error(diff)
	}
	for _, typed := range []string{"退款", "20260503", "ann@customer.example", "13912345678"} {
		if fits(folder.Read(typed), want) {
			t.Errorf("%q is found, though its pieces stand in different texts", typed)
		}
	}
}

func TestTheSameTextTwiceIsTheSameIndex(t *testing.T) {
	text := "我要退款，订单TP0012，电话+86 139 1234 5678，邮箱ann@customer.example。My card was stolen."
	if diff := cmp.Diff(indexed(text), indexed(text, text)); diff != "" {
		t.Error(diff)
	}
	if !slices.IsSorted(indexed(text)) || len(slices.Compact(indexed(text))) != len(indexed(text)) {
		t.Errorf("the words are not sorted, or not different: %q", indexed(text))
	}
}

func TestAChoiceIsFoundAsAChoiceAlone(t *testing.T) {
	w := folder.Words()
	w.Fact("state", "Open")
	w.Fact("queue", "支付 团队")
	w.Text("the state of my order is closed; queue=billing")
	has := func(word search.Word) bool { return slices.Contains(w.List(), word.Text) }
	for _, c := range []struct {
		name, value string
		want        bool
	}{{"state", "open", true}, {"state", "OPEN", true}, {"state", "closed", false}, {"queue", "支付 团队", true}, {"queue", "支付", false}, {"queue", "billing", false}, {"State", "open", false}} {
		if got := has(search.Fact(c.name, c.value)); got != c.want {
			t.Errorf("%s=%s: %v", c.name, c.value, got)
		}
	}
	if search.Fact("a", "b").Begins || search.Fact("a", "b=c") == search.Fact("a=b", "x") {
		t.Error("a choice is found by its beginning, or is another's")
	}
	if finds("state=open", "") || fits(folder.Read("state=open"), []string{search.Fact("state", "open").Text}) {
		t.Error("what somebody types is read as a choice")
	}
}

func TestWhichWordsAreWholeAddresses(t *testing.T) {
	w := folder.Words()
	w.Address(message.Email, "ann@customer.example")
	w.Address(message.Phone, "+8613912345678")
	w.Fact("state", "open")
	whole := 0
	for _, word := range w.List() {
		if search.Address(word) {
			whole++
		}
	}
	if whole != 2 {
		t.Errorf("%d words are whole addresses of %q", whole, w.List())
	}
	for _, word := range []string{"", "ann", "13912345678", search.Fact("state", "open").Text} {
		if search.Address(word) {
			t.Errorf("%q is a whole address", word)
		}
	}
}

// TestAMaskedNumberIsNotFound: what a page hides must not be found by who knows it.
func TestAMaskedNumberIsNotFound(t *testing.T) {
	w := folder.Words()
	w.Text("my card is •••• 1111, my code ••••••")
	w.Address(message.Phone, "+86 139 •••• 5678")
	for _, typed := range []string{"4111111111111111", "4111 1111 1111 1111", "13912345678", "+8613912345678"} {
		if fits(folder.Read(typed), w.List()) {
			t.Errorf("%q is found", typed)
		}
	}
	for _, typed := range []string{"1111", "5678"} {
		if !fits(folder.Read(typed), w.List()) {
			t.Errorf("%q, which is shown, is not found", typed)
		}
	}
}

func TestTheIndexOfATicketIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"many different words":   manyWords(60_000),
		"one long word":          strings.Repeat("x", 1<<20),
		"a long run":             strings.Repeat("退款申请", 1<<16),
		"many numbers":           strings.Repeat("+86 139 1234 5678 ", 1<<14),
		"many addresses":         strings.Repeat("a@b.example ", 1<<15),
		"signs":                  strings.Repeat("@+(.", 1<<17),
		"marks that nobody sees": strings.Repeat("\u200b", 1<<17),
		"accents":                "e" + strings.Repeat("\u0301", 1<<17),
	} {
		words := indexed(text)
		bytes := 0
		for _, w := range words {
			bytes += len(w)
			if len(w) > 300 || !utf8.ValidString(w) {
				t.Errorf("%s: a word of %d bytes", name, len(w))
			}
		}
		if len(words) > 20_000 || bytes > 400<<10 {
			t.Errorf("%s: %d words, %d bytes", name, len(words), bytes)
		}
	}
}

// manyWords are n words, no two alike.
func manyWords(n int) string {
	var b strings.Builder
	for i := range n {
		for v := i + 1; v > 0; v /= 26 {
			b.WriteByte(byte('a' + v%26))
		}
		b.WriteString("q ")
	}
	return b.String()
}

// TestWhatIsTypedIsBounded at the exact places.
func TestWhatIsTypedIsBounded(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		terms       int
		cut         bool
	}{
		{"as many words as fit", strings.Repeat("ab ", search.MostTerms), search.MostTerms, false},
		{"one more", strings.Repeat("ab ", search.MostTerms+1), search.MostTerms, true},
		{"as many characters as fit", strings.Repeat("款", search.MostRunes), 1, false},
		{"one more character", strings.Repeat("款", search.MostRunes+1), 1, true},
		{"spaces around do not count", strings.Repeat(" ", 500) + "ab" + strings.Repeat(" ", 500), 1, false},
		{"spaces between do", "ab" + strings.Repeat(" ", search.MostRunes) + "cd", 1, true},
		{"characters of several words in one piece", "退款refund退款refund", 4, false},
		{"nothing", "", 0, false},
	} {
		q := folder.Read(c.typed)
		if len(q.Terms) != c.terms || q.Cut != c.cut {
			t.Errorf("%s: %d terms, cut is %v; want %d, %v", c.name, len(q.Terms), q.Cut, c.terms, c.cut)
		}
	}
}

func shown(text, typed string) (string, int) {
	parts, hits := folder.Snippet(text, folder.Read(typed))
	var b strings.Builder
	for _, p := range parts {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String(), hits
}

func TestSnippetsAndTheirNeighbours(t *testing.T) {
	for _, c := range []struct {
		name, text, typed, want string
		hits                    int
	}{
		{"a word", "I want my refund.", "refund", "I want my [refund].", 1},
		{"a word in capitals", "I want my REFUND.", "refund", "I want my [REFUND].", 1},
		{"a word with its accents", "près de Málaga", "malaga", "près de [Málaga]", 1},
		{"a word of full width", "ＴＰ００１２订单", "tp0012", "[ＴＰ００１２]订单", 1},
		{"the end of an order's number", "order TP0012", "0012", "order TP[0012]", 1},
		{"a piece of a word is not shown", "prerefund", "refund", "", 0},
		{"the same word twice is one hit", "refund, refund", "refund", "[refund], [refund]", 1},
		{"two words are two", "card and refund", "refund card", "[card] and [refund]", 2},
		{"one of two", "card only", "refund card", "[card] only", 1},
		{"Chinese", "我要申请退款", "退款", "我要申请[退款]", 1},
		{"Traditional for Simplified", "我要申請退款", "申请", "我要[申請]退款", 1},
		{"Chinese that stands over the end of a line", "我要退\n款", "退款", "我要[退\n款]", 1},
		{"Chinese with letters", "订单TP0012退款", "tp0012退款", "订单[TP0012][退款]", 2},
		{"a mail address", "write to ann@customer.example now", "ann@customer.example", "write to [ann@customer.example] now", 1},
		{"a sentence before is left out", "Hello there. My refund?", "refund", "My [refund]?", 1},
		{"a Chinese sentence before is left out", "您好。我的退款呢？", "退款", "我的[退款]呢？", 1},
		{"a point in a number ends no sentence", "version 5.2 refund", "refund", "version 5.2 [refund]", 1},
		{"lines are joined", "line one\nrefund", "refund", "[refund]", 1},
		{"a picture beside it", "🙏refund🙏", "refund", "🙏[refund]🙏", 1},
		{"from right to left", "אני רוצה החזר בבקשה", "החזר", "אני רוצה [החזר] בבקשה", 1},
		{"nothing typed", "refund", "", "", 0},
		{"nothing written", "", "refund", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, hits := shown(c.text, c.typed); got != c.want || hits != c.hits {
				t.Errorf("%q in %q: %q with %d hits, want %q with %d", c.typed, c.text, got, hits, c.want, c.hits)
			}
		})
	}
}

// TestASnippetIsAPieceOfItsText: without its marks and with white space folded, it stands in the text.
func TestASnippetIsAPieceOfItsText(t *testing.T) {
	fill := []string{"", "Hello there. ", strings.Repeat("Nothing to see here. ", 30), strings.Repeat("很抱歉打扰您。", 40), strings.Repeat("word ", 200), strings.Repeat("字", 300), "🙏🙏 ", "\xff\xfe", "e\u0301\u0301 "}
	for _, before := range fill {
		for _, after := range fill {
			text := before + "my refund 退款" + after
			parts, hits := folder.Snippet(text, folder.Read("refund 退款"))
			if hits != 2 {
				t.Errorf("%d hits between %.20q and %.20q", hits, before, after)
				continue
			}
			var b strings.Builder
			marked := 0
			for _, p := range parts {
				b.WriteString(p.Text)
				if p.Hit {
					marked++
				}
			}
			got := strings.Trim(b.String(), "…")
			whole := strings.Join(strings.Fields(strings.ToValidUTF8(text, "\ufffd")), " ")
			if !strings.Contains(whole, strings.TrimSpace(got)) || utf8.RuneCountInString(got) > 200 || marked != 2 {
				t.Errorf("%q is no piece of the text, is too long, or marks %d", got, marked)
			}
		}
	}
}

// FuzzPhones: a number is found by itself in each spelling, and no word of an index has a sign or a space.
func FuzzPhones(f *testing.F) {
	f.Add("13912345678", "-")
	f.Add("0086139", " ")
	f.Add("1234567", "(0)")
	f.Fuzz(func(t *testing.T, number, gap string) {
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, number)
		if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || len(gap) > 1 || !strings.ContainsAny(gap, " -.") && gap != "" {
			return
		}
		grouped := digits[:3] + gap + digits[3:]
		for _, text := range []string{digits, grouped, "x " + grouped + " y"} {
			for _, typed := range []string{digits, grouped} {
				if !finds(typed, text) {
					t.Errorf("%q is not found in %q: %+v in %q", typed, text, folder.Read(typed).Terms, indexed(text))
				}
			}
		}
		for _, word := range indexed(grouped) {
			if strings.ContainsFunc(word, unicode.IsSpace) {
				t.Errorf("a space in %q", word)
			}
		}
	})
}
