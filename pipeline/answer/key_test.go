package answer

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestANameHasOneSpelling(t *testing.T) {
	for name, want := range map[string]string{
		"order-number": "order-number", "order_number": "order-number", "orderNumber": "order-number", "ORDER NUMBER": "order-number", "Order No.": "order-number",
		"order": "order-number", "orderId": "order-number", "OrderID": "order-number", "订单号": "order-number", "訂單編號": "order-number", "ｏｒｄｅｒ＿ｎｏ": "order-number",
		"txn_id": "transaction-number", "交易流水号": "transaction-number", "金额": "amount", "appVersion": "app-version", "App版本": "app-version", "bank": "bank-name",
		"loyaltyTier": "loyalty-tier", "会员 等级": "会员-等级", "": "", "--": "", "border": "border", "reorder": "reorder",
	} {
		if got := Key(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestAFieldAnswersItsFactHoweverBothAreSpelled(t *testing.T) {
	f := New(strings.ToLower)
	for _, c := range []struct {
		name  string
		fact  string
		field string
		given bool
	}{
		{"as the form spells it", "order-number", "order-number", true},
		{"as an older configuration spells the fact", "order_number", "order-number", true},
		{"as a program spells it", "order-number", "orderNo", true},
		{"as a Chinese form spells it", "order-number", "订单编号", true},
		{"a transaction under another name", "transaction-number", "paymentId", true},
		{"a fact of one's own", "loyalty_tier", "LoyaltyTier", true},
		{"a fact of one's own that is a built-in's other name", "order", "order", true},
		{"another field", "order-number", "colour", false},
	} {
		list, err := f.Checklist([]Fact{{Key: c.fact, Ask: "it"}})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(list.Missing(Evidence{Fields: map[string]string{c.field: "7"}})) == 0; got != c.given {
			t.Errorf("%s: given is %v, want %v", c.name, got, c.given)
		}
		if len(list.Missing(Evidence{Fields: map[string]string{c.field: " "}})) == 0 {
			t.Errorf("%s: an empty field gives the fact", c.name)
		}
	}
}

func TestFieldsAreSpelledByTheFactsThatTheyGive(t *testing.T) {
	got := Spell(map[string]string{"orderNo": "TP1", "order": "TP2", "Tier": "gold", "topic": "refund", "txn": "9", "amount": "5", "sum": "6"})
	want := map[string]string{"order-number": "TP2", "orderNo": "TP1", "Tier": "gold", "topic": "refund", "transaction-number": "9", "amount": "5", "sum": "6"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("spelled (-want +got):\n%s", diff)
	}
	if got := Numbers(map[string]string{"order-number": "TP1", "note": "123456", "交易号": "X9"}); got != "TP1\nX9" {
		t.Errorf("numbers are %q", got)
	}
}
