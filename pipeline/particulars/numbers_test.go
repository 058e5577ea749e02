package particulars

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNumbersInATicketsTexts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"an order", "order TP20260503 please", []string{"TP20260503"}},
		{"in small letters", "order tp20260503", []string{"TP20260503"}},
		{"between Chinese", "订单TP20260503没到", []string{"TP20260503"}},
		{"six digits", "123456", []string{"123456"}},
		{"five are too few", "12345", nil},
		{"letters alone", "abcdefgh", nil},
		{"six digits among letters", "a1b2c3d4e5f6", []string{"A1B2C3D4E5F6"}},
		{"a dash parts its pieces", "2026-0503-142233", []string{"20260503142233"}},
		{"twice", "TP123456 tp123456", []string{"TP123456"}},
		{"too long", strings.Repeat("1", 41), nil},
		{"as long as one may be", strings.Repeat("1", 40), []string{strings.Repeat("1", 40)}},
		{"of full width", "１２３４５６", []string{"123456"}},
		{"a card that is masked", "•••• 1111", nil},
		{"more than eight", "100001 100002 100003 100004 100005 100006 100007 100008 100009", []string{"100001", "100002", "100003", "100004", "100005", "100006", "100007", "100008"}},
		{"nothing", "", nil},
	} {
		if diff := cmp.Diff(c.want, Numbers(c.text)); diff != "" {
			t.Errorf("%s: %q (-want +got):\n%s", c.name, c.text, diff)
		}
	}
	for _, around := range [][2]string{{"", "。谢谢"}, {"您好", "\n"}, {"(", ")"}, {"#", "#"}} {
		if got := Numbers(around[0] + "TP20260503" + around[1]); !slices.Equal(got, []string{"TP20260503"}) {
			t.Errorf("between %q: %q", around, got)
		}
	}
}
