package redact

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"frontdesk/pipeline/redact/fold"

	"frontdesk/pipeline/redact/values"
)

func scan(s string) *scanner { return &scanner{s: s, src: s, Folded: fold.Original(s)} }

// groupsOf are the lengths of the groups of digits from the first digit of a text on, with what stands before each.
func groupsOf(s string) string {
	x := scan(s)
	n, _, more := x.collect(strings.IndexAny(s, "0123456789"))
	var out []string
	for _, g := range x.groups[:n] {
		out = append(out, fmt.Sprint(g.n)+[...]string{"", "s", "d", "p", "m", "l", "w"}[g.sep])
	}
	if more {
		out = append(out, "…")
	}
	return strings.Join(out, " ")
}

func TestGroupsOfDigits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"one run", "4111111111111111", "16"},
		{"spaces", "4111 1111 1111 1111", "4 4s 4s 4s"},
		{"two spaces", "4111  1111", "4 4s"},
		{"dashes", "4111-1111", "4 4d"},
		{"an underscore", "4111_1111", "4 4d"},
		{"points", "4111.1111", "4 4p"},
		{"a comma", "4111,1111", "4 4p"},
		{"a star", "4111*1111", "4 4p"},
		{"a dash between spaces", "4111 - 1111", "4 4d"},
		{"a mark", "4111#1111", "4 4m"},
		{"the end of a line", "4111\n1111", "4 4l"},
		{"the end of a line of old", "4111\r\n1111", "4 4l"},
		{"a quoted line", "4111\n> 1111", "4 4l"},
		{"a line twice quoted", "4111\n>> 1111", "4 4l"},
		{"an empty line", "4111\n\n1111", "4 4l"},
		{"three empty lines", "4111\n\n\n\n1111", "4"},
		{"a tag", "4111<br>1111", "4 4l"},
		{"a word that joins", "4111 and 1111", "4 4w"},
		{"another word", "4111 apples 1111", "4"},
		{"eight signs", "4111--------1111", "4 4d"},
		{"nine signs", "4111---------1111", "4"},
		{"letters", "4111x1111", "4"},
		{"Chinese", "4111元1111", "4"},
		{"a dash of print", "4111–1111", "4 4d"},
		{"a long dash", "4111—1111", "4 4d"},
		{"a bullet", "•••• 1111", "4"},
		{"the end", "4111 ", "4"},
		{"more groups than fit", strings.Repeat("1 ", maxGroups+2), strings.TrimSpace("1 "+strings.Repeat("1s ", maxGroups-1)) + " …"},
	} {
		if got := groupsOf(c.in); got != c.want {
			t.Errorf("%s: %q has the groups %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

// TestDigitsOfEveryScript: Unicode has some sixty rows of digits. A card in each of them is a card.
func TestDigitsOfEveryScript(t *testing.T) {
	t.Parallel()
	rows := 0
	try := func(zero rune) {
		rows++
		written := strings.Map(func(r rune) rune { return zero + r - '0' }, "4111111111111111")
		for _, text := range []string{written, "card " + written + ".", "卡号" + written + "。", strings.Join(strings.Split(written, ""), "\u200b")} {
			got, found := Text(text)
			if len(found) != 1 || found[0] != (Finding{Card, 1}) || strings.Contains(got, written[:len(written)/2]) {
				t.Errorf("%q, in the digits from %U, became %q", text, zero, got)
			}
		}
	}
	for _, r := range unicode.Nd.R16 {
		for zero := rune(r.Lo); zero <= rune(r.Hi); zero += 10 {
			try(zero)
		}
	}
	for _, r := range unicode.Nd.R32 {
		for zero := rune(r.Lo); zero <= rune(r.Hi); zero += 10 {
			try(zero)
		}
	}
	if rows < 50 {
		t.Errorf("%d rows of digits", rows)
	}
}

// TestEverySeparatorInEveryGrouping of printed cards.
func TestEverySeparatorInEveryGrouping(t *testing.T) {
	t.Parallel()
	for _, sep := range []string{" ", "  ", "\u00a0", "\u2009", "\u202f", "\u3000", "-", "–", "—", "‐", "‑", "_", ".", ",", "/", "、", "，", "－", "\t", " - ", "\n", "\r\n", "\n> ", "<br>", "*", "\u200b", "\u00ad", "·"} {
		for number, lengths := range map[string][]int{"4111111111111111": {4, 4, 4, 4}, "378282246310005": {4, 6, 5}, "30569309025904": {4, 6, 4}, "5500000000000004": {8, 8}, "6205500000000000004": {4, 4, 4, 4, 3}} {
			if len(lengths) == 2 && strings.ContainsAny(sep, ".,/") {
				continue // which may be an amount or a list
			}
			text, at := "", 0
			for i, n := range lengths {
				if i > 0 {
					text += sep
				}
				text, at = text+number[at:at+n], at+n
			}
			got, found := Text("x " + text + " y")
			if len(found) != 1 || found[0] != (Finding{Card, 1}) || got != "x "+cardMask+number[len(number)-4:]+" y" {
				t.Errorf("%q became %q with %v", text, got, found)
			}
		}
	}
}

func TestWhatMayStandBetweenAWordAndItsNumber(t *testing.T) {
	t.Parallel()
	for gap, want := range map[string]bool{
		"":                            true,
		" ":                           true,
		": ":                          true,
		" is ":                        true,
		" was: ":                      true,
		" you sent me was ":           true,
		" = ":                         true,
		"：":                           true,
		"是":                           true,
		"\n":                          true,
		"\n\n":                        true,
		"\n\n\n":                      false,
		" (3 digits) ":                false,
		" for the card ":              true,
		"的":                           true,
		"收到的":                         true,
		" \"":                         true,
		" and then I went home with ": false,
		". ":                          false,
		"! ":                          false,
		"; ":                          false,
		"。":                           false,
		" \u3000":                     true,
		" \u00a0":                     true,
		"🙏":                           false,
		" apples ":                    false,
		strings.Repeat(" ", maxGap):   true,
		strings.Repeat(" ", maxGap+1): false,
		"\xff":                        false,
		"|":                           true,
		"</b><b>":                     false,
		"<":                           true,
	} {
		if got := plain(gap); got != want {
			t.Errorf("%q: %v", gap, got)
		}
	}
}

func TestWhatANumberCounts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"$⟨123⟩":        true,
		"#⟨123⟩":        true,
		"€ ⟨123⟩":       true,
		"¥⟨123⟩":        true,
		"￥⟨123⟩":        true,
		"USD ⟨123⟩":     true,
		"rmb⟨123⟩":      true,
		"paid ⟨123⟩":    true,
		"⟨123⟩ usd":     true,
		"⟨123⟩USD":      true,
		"⟨123⟩元":        true,
		"⟨123⟩ 块":       true,
		"⟨123⟩ days":    true,
		"⟨123⟩ day":     true,
		"⟨123⟩%":        true,
		"⟨123⟩ people":  true,
		"⟨123⟩天":        true,
		"⟨123⟩ 次":       true,
		"⟨123⟩ hours":   true,
		"⟨123⟩km":       true,
		"⟨123⟩ kgx":     false,
		"⟨123⟩ user":    false,
		"⟨123⟩ cvv":     false,
		"cvv ⟨123⟩":     false,
		"⟨123⟩":         false,
		"is ⟨123⟩.":     false,
		"⟨123⟩ dayx":    false,
		"⟨123⟩ euros":   true,
		"⟨123⟩积分":       true,
		"⟨123⟩ points":  true,
		"⟨123⟩ dollars": true,
		"⟨123⟩，":        false,
	} {
		i, j := strings.Index(in, "⟨"), strings.Index(in, "⟩")-len("⟨")
		s := strings.NewReplacer("⟨", "", "⟩", "").Replace(in)
		if got := values.Amount(s, i, j); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
	for in, want := range map[string]bool{"k": true, "MB": true, "GiB x": true, "ms": true, " k": false, "kilo": false, "": false, "x": false, "px,": true, "元": false} {
		if got := values.Measured(in, 0); got != want {
			t.Errorf("measured by %q: %v", in, got)
		}
	}
}

func TestWhatTiesANumberToItsWord(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{"is x": 3, "was ": 4, "= x": 2, "=x": 1, "是x": 3, "就是x": 6, "（x": 3, "(x": 1, "：x": 3, ": x": 2, "isx": 0, "": 0, "x": 0, "—x": 0, "— x": 4} {
		if got := values.Link(in); got != want {
			t.Errorf("%q begins with a link of %d bytes, want %d", in, got, want)
		}
	}
	for in, want := range map[string]bool{" is my code": true, ", is x": true, "（验证码）": true, " cvv": true, " CVC": true, " csc 123": false, " cvv: 123": false, " coffee": false, "": false, " ": false, "x": false, "\" is x": true, "[": true} {
		if got := scan(in).tied(0); got != want {
			t.Errorf("%q is tied: %v", in, got)
		}
	}
	for in, want := range map[string]int{":": 1, "=x": 1, "\"": 1, "(": 1, "：x": 3, "是x": 3, "就是x": 6, "改成了x": 9, "设为x": 6, "는 x": 3, "は": 3, "→": 3, "x": 0, "的": 0, "。": 0, ".": 0} {
		if got := values.Sign(in); got != want {
			t.Errorf("%q begins with a sign of %d bytes, want %d", in, got, want)
		}
	}
}

func TestWhatLooksLikeAPassword(t *testing.T) {
	t.Parallel()
	for v, want := range map[string]bool{
		"abc123":     true,
		"Zhang-1990": true,
		"1234":       true,
		"123":        false,
		"12":         false,
		"abc":        false,
		"swordfish":  false,
		"p@ss":       true,
		"a@":         false,
		"a-b":        false,
		"12-34":      true,
		"2026/05/03": true,
		"12:30":      true,
		"...":        false,
		"":           false,
		"!!!":        false,
		"ab!":        false,
		"abc!":       true,
		"it's":       false,
		"x1":         true,
	} {
		if got := values.Secretive(v); got != want {
			t.Errorf("%q: %v", v, got)
		}
	}
	for v, want := range map[string]bool{"wrong": true, "WRONG": true, "working": true, "changed": true, "isn't": true, "red": false, "king": false, "sing": false, "needed": true, "": false, "hunter2": false, "correct?": true, "n/a": true, "swordfish": false} {
		if got := values.Ordinary(v); got != want {
			t.Errorf("%q is ordinary: %v", v, got)
		}
	}
	for v, want := range map[string]bool{"a@b.example": true, "a@b": false, "ab.example": false, "@b.c": true, "": false} {
		if got := values.Address(v); got != want {
			t.Errorf("%q is an address: %v", v, got)
		}
	}
	for _, c := range []struct{ in, want string }{
		{"hunter2.", "hunter2"},
		{"\"hunter2\"", "hunter2"},
		{"(hunter2)", "hunter2"},
		{"<hunter2>", "hunter2"},
		{"hunter2,", "hunter2"},
		{"hun.ter", "hun.ter"},
		{"密码", ""},
		{"abc密", "abc"},
		{"", ""},
		{" x", ""},
		{"...", ""},
		{"a!b!", "a!b"},
		{"[`x`]", "x"},
	} {
		x := scan(c.in)
		if from, to := x.token(0); c.in[from:max(from, to)] != c.want {
			t.Errorf("%q holds %q, want %q", c.in, c.in[from:max(from, to)], c.want)
		}
	}
}

func TestPasswordsAndWhatBindsThem(t *testing.T) {
	t.Parallel()
	masks(t, map[string]string{
		"password: Kx7pq2":                              "password: ••••••••",
		"password:Kx7pq2":                               "password:••••••••",
		"password = Kx7pq2":                             "password = ••••••••",
		"password\tKx7pq2":                              "password\t••••••••",
		"password:\nKx7pq2":                             "password:\n••••••••",
		"password\nKx7pq2":                              "password\n••••••••",
		"I forgot my password\nKx7pq2":                  "",
		"password - Kx7pq2":                             "password - ••••••••",
		"password of my bank is Kx7pq2":                 "password of my bank is ••••••••",
		"password that I use for all of them is Kx7pq2": "",
		"password will be Kx7pq2":                       "",
		"the passwords are Kx7pq2 and Zz9rt1":           "the passwords are •••••••• and Zz9rt1",
		"password is \"open sesame now\"":               "password is \"••••••••\"",
		"password is 'a b' or so":                       "password is '••••••••' or so",
		"password is \"unclosed one":                    "",
		"password: hunter2 pin: 4021":                   "password: •••••••• pin: ••••••••",
		"Password: " + strings.Repeat("x", 65):          "",
		"Password: " + strings.Repeat("x", 64):          "Password: ••••••••",
		"密码：Kx7pq2，账号：li":                               "密码：••••••••，账号：li",
		"密码是「Kx7pq2」":                                   "密码是「••••••••」",
		"密码→Kx7pq2":                                     "密码→••••••••",
		"密码设为Kx7pq2了":                                   "密码设为••••••••了",
		"密码为空":                                          "",
		"密码改不了":                                         "",
		"请重置密码":                                         "",
		"비밀번호는 Kx7pq2":                                  "비밀번호는 ••••••••",
		"パスワードは Kx7pq2":                                 "パスワードは ••••••••",
		"パスワードを忘れました":                                   "",
		"كلمة المرور: Kx7pq2":                           "كلمة المرور: ••••••••",
		"passphrase: one two three four five six seven eight nine ten": "passphrase: •••••••• ten",
		"my pin is 4021, thanks": "my pin is ••••••••, thanks",
		"my pin is 402":          "",
		"my pin is four":         "",
		"pin 12345678":           "pin ••••••••",
		"key: Kx7pq2":            "key: ••••••••",
		"the key is here":        "",
		"secret Kx7pq2":          "secret ••••••••",
		"bearer eyJhbGciOi.J9x":  "bearer ••••••••",
		"a secret sale 2026":     "",
		"sk_test_4eC39HqLyjWDarjtT1zdp7dc stays nowhere": "•••••••• stays nowhere",
		"rk_live_4eC39HqL":     "••••••••",
		"pk_test_4eC39HqLyjWD": "",
	})
}

func TestDatesAndValuesBehindACard(t *testing.T) {
	t.Parallel()
	const card, masked = "4111 1111 1111 1111", "•••• 1111"
	for _, date := range []string{"12/27", "12-27", "12/2027", "12 / 27", "1227", "exp 12/27", "exp: 12/2027", "valid thru 12/27", "有效期12/27", "有效期：12/2027", "(12/27)"} {
		for _, value := range []string{" 123", ", 123", " cvv 123", " CVC: 123", "，安全码123", "\n123", " / 123"} {
			want := masked + " " + date + strings.Replace(value, "123", "•••", 1)
			if got, found := Text(card + " " + date + value); got != want || len(found) != 2 {
				t.Errorf("%q became %q with %v", card+" "+date+value, got, found)
			}
		}
		if got, found := Text(card + " " + date + ". Thanks"); got != masked+" "+date+". Thanks" || len(found) != 1 {
			t.Errorf("a date alone, %q, became %q with %v", date, got, found)
		}
	}
	masks(t, map[string]string{
		card + " 13/27 5":      masked + " 13/27 5",
		card + " 2026":         masked + " 2026",
		card + " 100 USD":      masked + " 100 USD",
		card + " 123.45":       masked + " 123.45",
		card + " 123-456":      masked + " 123-456",
		card + " 12:30":        masked + " 12:30",
		card + " 500积分":        masked + " 500积分",
		card + " apples 123":   masked + " apples 123",
		card + " is mine. 123": masked + " is mine. 123",
		"378282246310005 1234": "•••• 0005 •••",
		"378282246310005 2026": "•••• 0005 2026",
		"123 " + card:          "••• " + masked,
		"order 123 " + card:    "order 123 " + masked,
		"$123 " + card:         "$123 " + masked,
		"%B4111111111111111^LI/WEI^27121010000000123?": "%B•••• 1111^LI/WEI^•••?",
		";4111111111111111=27121010000000123?":         ";•••• 1111=•••?",
	})
}

func TestFormsThatHoldANumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, number, wide, signed string
	}{
		{"order TX4111-22 x", "4111", "TX4111", "TX4111-22"},
		{"4111", "4111", "4111", "4111"},
		{"a/4111.b_c-", "4111", "4111", "a/4111.b_c"},
		{"卡4111号", "4111", "4111", "4111"},
		{"(4111)", "4111", "4111", "4111"},
		{"x1y4111z2", "4111", "x1y4111z2", "x1y4111z2"},
	} {
		i := strings.Index(c.in, c.number)
		x := scan(c.in)
		if from, to := x.identifier(i, i+len(c.number), false); c.in[from:to] != c.wide {
			t.Errorf("%s of %q is in %q, want %q", c.number, c.in, c.in[from:to], c.wide)
		}
		if from, to := x.identifier(i, i+len(c.number), true); c.in[from:to] != c.signed {
			t.Errorf("%s of %q is with signs in %q, want %q", c.number, c.in, c.in[from:to], c.signed)
		}
	}
	for in, want := range map[string]bool{"DE89 3704 0044 0532 0130 00": true, "DE89370400440532013000": true, "DE88 3704 0044 0532 0130 00": false, "XDE89370400440532013000": false, "de89370400440532013000": false, "DE89\n370400440532013000": false, "IBAN:GB82WEST12345698765432": true} {
		i := strings.IndexAny(in, "01")
		if strings.HasPrefix(in, "IBAN") {
			i = strings.Index(in, "1234")
		}
		if got := scan(in).account(i, i+2); got != want {
			t.Errorf("%q is an account: %v", in, got)
		}
	}
}

func TestLastDigitsAreShownAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	masks(t, map[string]string{
		"4111111111111111": "•••• 1111",
		"４１１１１１１１１１１１１１１１":        "•••• 1111",
		"四一一一一一一一一一一一一一一一":        "•••• 一一一一",
		"肆壹壹壹 壹壹壹壹 壹壹壹壹 壹壹壹壹":     "•••• 壹壹壹壹",
		"5500 0000 0000 0004x":    "•••• 0004x",
		"11010519491231002X":      "•••• 002X",
		"110105 19491231 002 x":   "•••• 002X",
		"④①①①①①①①①①①①①①①①":        "•••• 1111",
		"&#52;111111111111111":    "•••• 1111",
		"4111111111111111&#8203;": "•••• 1111&#8203;",
		"%34111111111111111":      "•••• 1111",
	})
}
