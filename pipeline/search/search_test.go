package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/message"
	"frontdesk/pipeline/search"
)

var folder = search.New()

// fits reports whether a list of words answers a query, as the databases decide it.
func fits(q search.Query, words []string) bool {
	if len(q.Terms) == 0 {
		return false
	}
	for _, t := range q.Terms {
		if !slices.ContainsFunc(t.Ways, func(way []search.Word) bool {
			for _, w := range way {
				if !slices.ContainsFunc(words, func(s string) bool { return s == w.Text || w.Begins && strings.HasPrefix(s, w.Text) }) {
					return false
				}
			}
			return true
		}) {
			return false
		}
	}
	return true
}

// TestWhatPeopleTypeFindsWhatWasWritten: text against query, and whether it is found.
func TestWhatPeopleTypeFindsWhatWasWritten(t *testing.T) {
	for _, c := range []struct {
		name, text, typed string
		want              bool
	}{
		{"a word", "Where is my refund?", "refund", true},
		{"its beginning", "Where is my refund?", "refu", true},
		{"its end does not", "Where is my refund?", "fund", false},
		{"two letters are a word", "I was told no", "to", false},
		{"two letters that are one", "Send it to me", "to", true},
		{"case and accents", "Meine Überweisung nach Málaga", "uberweisung MALAGA", true},
		{"accents written apart", "cafe\u0301 au lait", "CAFÉ", true},
		{"letters without an accent to take", "Straße nach Łódź", "strasse lodz", true},
		{"two Han characters", "我要申请退款，谢谢", "退款", true},
		{"one Han character", "我要申请退款，谢谢", "款", true},
		{"a longer run", "我要申请退款，谢谢", "申请退款", true},
		{"characters that stand apart are no word", "退了一笔款", "退款", false},
		{"a line break in a run", "我要申请退\r\n款，谢谢", "退款", true},
		{"Traditional text, Simplified query", "我要申請退款，請盡快處理帳戶", "账户", true},
		{"Simplified text, Traditional query", "请尽快处理账户", "處理帳戶", true},
		{"mixed scripts", "TP0012订单退款", "tp0012 退款", true},
		{"mixed scripts without a space", "TP0012订单退款", "TP0012订单", true},
		{"an order number without its letters", "order TP0012", "0012", true},
		{"the beginning of a number", "order 20260101", "2026", true},
		{"three digits are a number", "order 20260101", "202", false},
		{"full width is half width", "订单ＴＰ００１２", "tp0012", true},
		{"half width is full width", "order TP0012", "ＴＰ００１２", true},
		{"several words are all of them", "my card was stolen", "card lost", false},
		{"signs between words", "R.2026/12-7", "2026-12", true},
		{"Japanese", "パスワードを忘れました", "ﾊﾟｽﾜｰﾄﾞ", true},
		{"Korean", "환불을 받고 싶어요", "환불", true},
		{"Thai", "ฉันต้องการเงินคืน", "เงินคืน", true},
		{"Cyrillic", "Где мой возврат?", "ВОЗВРАТ", true},
		{"an address in a text", "write to Ann.Smith@Customer.example, please", "ann.smith@customer.example", true},
		{"its beginning", "write to ann.smith@customer.example", "ann.smith@cust", true},
		{"another's address is not one", "write to customer@ann.example", "ann@customer.example", false},
		{"a number in a text, as somebody else writes it", "call 139 1234 5678", "13912345678", true},
		{"with the code of its country", "call 139-1234-5678", "+86 139 1234 5678", true},
		{"two numbers that are no telephone number", "orders 20260101 and 12345", "20260101 12345", true},
		{"an operator of a query language is a word", "this AND that", "AND", true},
		{"what only looks like one", "a NEAR b", "NEAR/2(", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := folder.Words()
			w.Text(c.text)
			q := folder.Read(c.typed)
			if got := fits(q, w.List()); got != c.want {
				t.Errorf("%q in %q: %v, want %v\nquery %+v\nwords %q", c.typed, c.text, got, c.want, q.Terms, w.List())
			}
			if _, hits := folder.Snippet(c.text, q); (hits > 0) != c.want && c.want && !strings.HasPrefix(c.typed, "+") && !strings.Contains(c.typed, "139") {
				t.Errorf("%q is found in %q and not shown there", c.typed, c.text)
			}
		})
	}
}

func TestAddressesAreFoundInEverySpelling(t *testing.T) {
	for _, c := range []struct {
		name  string
		kind  message.AddressKind
		value string
		typed []string
		not   []string
	}{
		{"a number of the mainland", message.Phone, "+8613912345678", []string{"+8613912345678", "13912345678", "139 1234 5678", "139-1234-5678", "0086 139 1234 5678", "(+86) 139 1234 5678", "＋８６ １３９ １２３４ ５６７８", "5678", "12345678"}, []string{"13912345679", "1391234"}},
		{"a German number", message.Phone, "+491712345678", []string{"0171 2345678", "+49 (0)171 2345678", "0171/234-5678", "0049171 2345678"}, []string{"0171 2345679"}},
		{"an American number", message.Phone, "+12125550100", []string{"(212) 555-0100", "212.555.0100", "1-212-555-0100"}, []string{"212 555 0101"}},
		{"a mail address", message.Email, "ann.smith@customer.example", []string{"ann.smith@customer.example", "ANN.SMITH@customer.example", "ann.smith@", "smith", "customer.example", "@customer.example"}, []string{"smith@customer.example.org", "bob@customer.example"}},
		{"an address with a tag", message.Email, "ann+shop@customer.example", []string{"ann@customer.example", "ann+shop@customer.example"}, nil},
		{"a Telegram id", "telegram", "7712345678", []string{"7712345678"}, []string{"7712345679"}},
	} {
		w := folder.Words()
		w.Address(c.kind, c.value)
		for _, typed := range c.typed {
			if !fits(folder.Read(typed), w.List()) {
				t.Errorf("%s: %q does not find %s: %+v in %q", c.name, typed, c.value, folder.Read(typed).Terms, w.List())
			}
		}
		for _, typed := range c.not {
			if fits(folder.Read(typed), w.List()) {
				t.Errorf("%s: %q finds %s", c.name, typed, c.value)
			}
		}
	}
}

func TestNumbersOfTicketsAndMessages(t *testing.T) {
	for _, c := range []struct {
		typed           string
		ticket, message int64
		terms           int
	}{
		{"T-3", 3, 0, 0}, {"t-3", 3, 0, 0}, {" Ｔ－３ ", 3, 0, 0}, {"#44", 0, 44, 0}, {"＃44", 0, 44, 0}, {"3", 3, 3, 1},
		{"T-", 0, 0, 1}, {"#", 0, 0, 0}, {"T--3", 0, 0, 2}, {"#-3", 0, 0, 1}, {"T-99999999999999999999", 0, 0, 2}, {"0", 0, 0, 1}, {"", 0, 0, 0}, {"？！", 0, 0, 0}, {"T-3 refund", 0, 0, 3},
	} {
		q := folder.Read(c.typed)
		if q.Ticket != c.ticket || q.Message != c.message || len(q.Terms) != c.terms {
			t.Errorf("%q: ticket %d, message %d, %d terms; want %d, %d, %d", c.typed, q.Ticket, q.Message, len(q.Terms), c.ticket, c.message, c.terms)
		}
		if q.None() != (c.ticket+c.message == 0 && c.terms == 0) {
			t.Errorf("%q: none is %v", c.typed, q.None())
		}
	}
}

func TestAQueryIsBounded(t *testing.T) {
	for name, typed := range map[string]string{
		"many words": strings.Repeat("word ", 5000), "one long word": strings.Repeat("x", 100_000), "a long run": strings.Repeat("退款", 50_000),
		"many numbers": strings.Repeat("12345678 ", 5000), "many addresses": strings.Repeat("a@b.example ", 5000),
	} {
		q := folder.Read(typed)
		n := 0
		for _, term := range q.Terms {
			for _, way := range term.Ways {
				n += len(way)
			}
		}
		if !q.Cut || len(q.Terms) > search.MostTerms || n > 4*search.MostRunes {
			t.Errorf("%s: cut %v, %d terms of %d words", name, q.Cut, len(q.Terms), n)
		}
	}
}

func TestSnippets(t *testing.T) {
	for _, c := range []struct{ name, text, typed, want string }{
		{"the hit in its sentence", "Hello. Where is my refund? Thanks.", "refund", "Where is my [refund]? Thanks."},
		{"a beginning marks the word", "Where is my refund?", "ref", "Where is my [refund]?"},
		{"two hits", "card stolen", "stolen card", "[card] [stolen]"},
		{"Chinese", "你好。我要申請退款，謝謝", "退款", "我要申請[退款]，謝謝"},
		{"where more stands together", "A card. " + strings.Repeat("Nothing to see here. ", 20) + "The card was stolen.", "stolen card", "The [card] was [stolen]."},
		{"no hit", "Hello.", "refund", ""},
		{"white space is one space", "my\t\t  refund", "refund", "my [refund]"},
		{"what is cut off", strings.Repeat("word ", 40) + "refund " + strings.Repeat("word ", 40), "refund", "…"},
	} {
		parts, _ := folder.Snippet(c.text, folder.Read(c.typed))
		var got strings.Builder
		for _, p := range parts {
			if p.Hit {
				got.WriteString("[" + p.Text + "]")
			} else {
				got.WriteString(p.Text)
			}
		}
		if got.String() != c.want && (c.want != "…" || !strings.HasPrefix(got.String(), "…") || !strings.HasSuffix(got.String(), "…")) {
			t.Errorf("%s: %q, want %q", c.name, got.String(), c.want)
		}
	}
}

func TestMakingWordsIsLinear(t *testing.T) {
	for name, piece := range map[string]string{"signs of addresses": "a.", "at signs": "@", "addresses": "a@b.c", "digits": "1 ", "one number": "1", "brackets": "(+", "a run": "退", "line breaks": "款\n", "accents": "e\u0301", "ligatures": "ﷺ"} {
		t.Run(name, func(t *testing.T) {
			doubling.Check(t, 2<<10, func(n int) func() {
				text := strings.Repeat(piece, n/len(piece))
				q := folder.Read("退款 card 139 1234 5678 a.b@c.example 款")
				return func() {
					w := folder.Words()
					w.Text(text)
					folder.Snippet(text, q)
				}
			})
		})
	}
}

// FuzzRead: whatever is typed makes a bounded query, of words that an index can hold; and a text is found by itself.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"T-3", "#44", "退款", `"a" OR b*`, "ann@customer.example", "+86 139 1234 5678", "a\x00b\xff", "' \\ : & | ! <->", "ＴＰ００１２", "()()", "ﷺ", "\ue001x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := folder.Read(s)
		if len(q.Terms) > search.MostTerms {
			t.Fatalf("%d terms", len(q.Terms))
		}
		s = strings.ToValidUTF8(s, " ") // as every text in a database is
		w := folder.Words()
		w.Text(s)
		for _, word := range w.List() {
			check(t, word)
		}
		for _, term := range q.Terms {
			for _, way := range term.Ways {
				for _, word := range way {
					check(t, word.Text)
				}
			}
		}
		if len(q.Terms) > 0 && !q.Cut && !fits(q, w.List()) {
			t.Errorf("%q does not find itself: %+v in %q", s, q.Terms, w.List())
		}
		parts, hits := folder.Snippet(s, q)
		if (hits > 0) != (len(parts) > 0) {
			t.Errorf("%d hits in %d parts", hits, len(parts))
		}
		for _, p := range parts {
			if !utf8.ValidString(p.Text) {
				t.Errorf("a part is no text: %q", p.Text)
			}
		}
	})
}

func check(t *testing.T, word string) {
	t.Helper()
	if word == "" || len(word) > 300 || !utf8.ValidString(word) {
		t.Errorf("no word: %q", word)
	}
	for _, r := range word {
		if r < utf8.RuneSelf && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			t.Errorf("a sign in %q", word)
		}
	}
}

func BenchmarkWords(b *testing.B) {
	text := strings.Repeat("我昨天转账500元到朋友账户，钱扣了但是对方没有收到。Where is my refund for order TP0012? ", 5)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		w := folder.Words()
		w.Text(text)
		w.List()
	}
}
