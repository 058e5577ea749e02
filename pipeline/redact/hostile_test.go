package redact

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/internal/doubling"
	"frontdesk/pipeline/redact/numbers"
)

// TestMaskingIsLinear feeds what makes a scanner go back and forth.
func TestMaskingIsLinear(t *testing.T) {
	units := append(doubling.Units(), "1 ", "41-", "4", "4111 ", "4=\n", "1\n>>>>>>>>", "４", "4\u200b", "四", "password ", "password for for for ", "password          ", "密码是", "code 1234 is ", "security code 123 ", "password \"", "4111111111111111 12/27 123 ", "one two ", "double one ", "lO1 ", "①", "٤", "&#52;", "%34", "4\u0336", "4<br>", "4111 and ", "DE89 3704 ", ";4111111111111111=2712101", "a4111111111111111-", "cvv is not 123 ", "4111111111111111 12/27 ", "my pass is ", "\xe5\xef\xbc", "1   ", "11010519491231002X", "a", "password is"+strings.Repeat(" ", 500),
		"the three digits on the back ", "背面三位", "cid:image001 ", "411, ", "lO1_", "123, 4111 1111 1111 1111, ", "a1b2c3d4", "20261129-")
	for _, frame := range [][2]string{{"", ""}, {"card 4111111111111111 ", " 12/27 123"}, {"password is ", "x"}} {
		doubling.Text(t, 2<<10, frame[0], frame[1], units, func(s string) { Text(s) })
	}
}

// TestMaskingWithFormatsIsLinear: each number is held against each declared form.
func TestMaskingWithFormatsIsLinear(t *testing.T) {
	m, err := New([]string{`TX\d{16}`, `45\d{14}`, `[A-Z]{2}\d{6,20}`, `\d{3}-\d{7}-\d{7}`})
	if err != nil {
		t.Fatal(err)
	}
	doubling.Text(t, 2<<10, "", "", []string{"4", "4532015112830366 ", "TX4111111111111111", "4532015112830366-", "a4532015112830366_", "45 "}, func(s string) { m.Text(s) })
}

// TestMaskingFieldsIsLinear, of which a form may have many, also where their names are alike once they are masked.
func TestMaskingFieldsIsLinear(t *testing.T) {
	doubling.Check(t, 64, func(n int) func() {
		fields := map[string]string{}
		for i := range n {
			for c := range 10 {
				number := fmt.Sprintf("4%010d%d1111", i, c)
				if d := []byte(number); luhnOf(d) {
					fields[number] = "cvv 123"
				}
			}
		}
		return func() {
			if out, _ := Fields(fields); len(out) != len(fields) {
				t.Errorf("%d fields became %d", len(fields), len(out))
			}
		}
	})
}

func luhnOf(text []byte) bool {
	for i := range text {
		text[i] -= '0'
	}
	return numbers.Luhn(text)
}
