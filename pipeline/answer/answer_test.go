package answer

import (
	"strings"
	"testing"

	"frontdesk/pipeline/message"

	"github.com/google/go-cmp/cmp"
)

func TestMissing(t *testing.T) {
	f := New(nil)
	picture := []message.Attachment{{Name: "IMG_1.PNG", MediaType: "application/octet-stream", Size: 10}}
	cases := []struct {
		name, fact string
		evidence   Evidence
		missing    bool
	}{
		{"an announced number", "order-number", Evidence{Text: "my order no. is 88213"}, false},
		{"an announced Chinese number", "order-number", Evidence{Text: "订单号：TP20260501001"}, false},
		{"an announced Traditional number", "transaction-number", Evidence{Text: "交易編號 A-12345"}, false},
		{"a number in the subject", "order-number", Evidence{Subject: "Order 55231 refund"}, false},
		{"a long token by itself", "transaction-number", Evidence{Text: "见 20260503998877"}, false},
		{"the word without a number", "order-number", Evidence{Text: "where is my order? I paid 200"}, true},
		{"a telephone number is no order number", "order-number", Evidence{Text: "请回电 13812345678"}, true},
		{"a date is no order number", "order-number", Evidence{Text: "在20260503付款的"}, true},
		{"a field of the form", "order-number", Evidence{Fields: map[string]string{"order-number": "7"}}, false},
		{"an empty field", "order-number", Evidence{Fields: map[string]string{"order-number": " "}}, true},
		{"an amount", "amount", Evidence{Text: "付了200元"}, false},
		{"no amount", "amount", Evidence{Text: "付了钱"}, true},
		{"two amounts", "expected-amount", Evidence{Text: "199元扣了299元"}, false},
		{"the same amount twice", "expected-amount", Evidence{Text: "扣了199元，199元"}, true},
		{"one amount", "expected-amount", Evidence{Text: "扣了199元"}, true},
		{"a Chinese date", "time", Evidence{Text: "5月3日付的"}, false},
		{"a Chinese day", "time", Evidence{Text: "昨天下午三点"}, false},
		{"a Traditional day", "time", Evidence{Text: "上週轉的"}, false},
		{"an English day", "time", Evidence{Text: "It left on Monday"}, false},
		{"an English time ago", "time", Evidence{Text: "three days ago"}, false},
		{"a date in figures", "time", Evidence{Text: "on 2026-05-03"}, false},
		{"the month May is not the verb", "time", Evidence{Text: "I may call"}, true},
		{"no time", "time", Evidence{Text: "付款失败"}, true},
		{"a picture by its name", "screenshot", Evidence{Attachments: picture}, false},
		{"a picture by its type", "screenshot", Evidence{Attachments: []message.Attachment{{MediaType: "image/jpeg; name=x"}}}, false},
		{"a logo of a signature", "screenshot", Evidence{Attachments: []message.Attachment{{MediaType: "image/png", Inline: true, Size: 3000}}}, true},
		{"a picture inside the mail", "screenshot", Evidence{Attachments: []message.Attachment{{MediaType: "image/png", Inline: true, Size: 90000}}}, false},
		{"another attachment", "screenshot", Evidence{Attachments: []message.Attachment{{Name: "a.docx", MediaType: "application/msword"}}}, true},
		{"the word screenshot is none", "screenshot", Evidence{Text: "截图已附上"}, true},
		{"the sender's address", "registered-account", Evidence{Addresses: []message.Address{{Kind: message.Email, Value: "a@x.example"}}}, false},
		{"a chat id reaches no account", "registered-account", Evidence{Addresses: []message.Address{{Kind: "telegram", Value: "1"}}}, true},
		{"an address in the text", "registered-account", Evidence{Text: "my account is a.b@x.example"}, false},
		{"a number in the text", "registered-account", Evidence{Text: "注册手机 13812345678"}, false},
		{"a quoted error", "error-message", Evidence{Text: "页面提示“系统繁忙请稍后”"}, false},
		{"an error without quotes", "error-message", Evidence{Text: "it says payment error 5003"}, false},
		{"no error", "error-message", Evidence{Text: "打不开"}, true},
		{"a phone", "phone-model", Evidence{Text: "my iPhone 15"}, false},
		{"a Chinese phone", "phone-model", Evidence{Text: "華為手機"}, false},
		{"just a phone", "phone-model", Evidence{Text: "my phone"}, true},
		{"a version", "app-version", Evidence{Text: "App 版本 5.2.1"}, false},
		{"a system", "app-version", Evidence{Text: "Android 14"}, false},
		{"no version", "app-version", Evidence{Text: "the app"}, true},
		{"a method", "payment-method", Evidence{Text: "用支付宝付的"}, false},
		{"no method", "payment-method", Evidence{Text: "付的"}, true},
		{"a bank", "bank-name", Evidence{Text: "招商银行"}, false},
		{"an English bank", "bank-name", Evidence{Text: "my HSBC account"}, false},
		{"no bank", "bank-name", Evidence{Text: "to my account"}, true},
		{"a country", "country", Evidence{Text: "send to Germany"}, false},
		{"us is not the US in every word", "country", Evidence{Text: "because of the bus"}, true},
		{"a recipient", "recipient", Evidence{Text: "收款人是王小明"}, false},
		{"no recipient", "recipient", Evidence{Text: "对方没收到"}, true},
		{"a named promotion", "promotion-name", Evidence{Text: "五一活动的返现"}, false},
		{"no promotion", "promotion-name", Evidence{Text: "优惠没有"}, true},
		{"a key of the installation's own", "seat", Evidence{Text: "row 5"}, true},
		{"its sign", "seat", Evidence{Text: "SEAT 5A"}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := checklist(t, f, Fact{Key: c.fact, Ask: "it", Signs: []string{"seat"}}).Missing(c.evidence)
			if (len(got) == 1) != c.missing {
				t.Errorf("missing %v, want %v", got, c.missing)
			}
		})
	}
}

func checklist(t testing.TB, f *Finder, facts ...Fact) *Checklist {
	t.Helper()
	list, err := f.Checklist(facts)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestMissingKeepsTheOrder(t *testing.T) {
	facts := []Fact{{Key: "amount", Ask: "金额"}, {Key: "order-number", Ask: "订单号"}, {Key: "time", Ask: "时间"}}
	want := []Fact{facts[0], facts[2]}
	if diff := cmp.Diff(want, checklist(t, New(nil), facts...).Missing(Evidence{Text: "订单号 123456"})); diff != "" {
		t.Error(diff)
	}
}

func TestChecklistNeverAsksForSecrets(t *testing.T) {
	for _, fact := range []Fact{{Key: "x", Ask: "您的支付密码"}, {Key: "card-number", Ask: "it"}} {
		if _, err := New(nil).Checklist([]Fact{{Key: "amount", Ask: "金额"}, fact}); err == nil {
			t.Errorf("%+v is taken", fact)
		}
	}
}

func TestValidateFact(t *testing.T) {
	for _, refused := range [][2]string{
		{"password", "it"}, {"x", "your Password please"}, {"x", "the one-time code"}, {"x", "OTP"}, {"x", "your PIN"}, {"x", "CVV2"}, {"card_number", "x"},
		{"x", "the card number"}, {"x", "银行卡号"}, {"x", "銀行卡號"}, {"x", "短信验证码"}, {"x", "您的密碼"}, {"x", "ＣＶＶ"}, {"secret-key", ""}, {"x", "API key"}, {"x", "卡背面的安全码"},
		{"x", "the last four digits of your card and the CVC"},
	} {
		if err := validateFact(refused[0], refused[1]); err == nil || !strings.Contains(err.Error(), "never asked") {
			t.Errorf("%v is taken: %v", refused, err)
		}
	}
	for _, taken := range [][2]string{
		{"order-number", "订单号"}, {"amount", "金额及币种"}, {"card-last4", "银行卡后四位"}, {"x", "the last four digits of the card number"}, {"x", "shipping address"}, {"x", "your opinion"},
	} {
		if err := validateFact(taken[0], taken[1]); err != nil {
			t.Errorf("%v is refused: %v", taken, err)
		}
	}
}

// FuzzFacts checks that foreign text never makes the patterns fail.
func FuzzFacts(f *testing.F) {
	f.Add("¥200 订单号 TP1", "order-number")
	f.Add("1,299.00 usd 5万", "time")
	finder := New(nil)
	f.Fuzz(func(t *testing.T, text, key string) {
		if list, err := finder.Checklist([]Fact{{Key: key, Ask: text, Signs: []string{text}}, {Key: "order-number"}, {Key: "time"}, {Key: "error-message"}}); err == nil {
			list.Missing(Evidence{Subject: text, Text: text})
		}
	})
}

func BenchmarkMissing(b *testing.B) {
	f := New(nil)
	list := checklist(b, f, Fact{Key: "order-number"}, Fact{Key: "amount"}, Fact{Key: "time"}, Fact{Key: "screenshot"})
	e := Evidence{Text: strings.Repeat("请问我的退款到哪里了，我已经等很久了。", 5)}
	b.ReportAllocs()
	for b.Loop() {
		list.Missing(e)
	}
}
