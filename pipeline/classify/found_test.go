package classify

import "testing"

// TestShortMattersFindTheirCategories: what customers write in a few words, in both languages.
func TestShortMattersFindTheirCategories(t *testing.T) {
	t.Parallel()
	rules, err := DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	model, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	for category, texts := range map[string][]string{
		"password-reset": {"I did not get the code", "收不到验证码", "收不到驗證碼", "The verification code never arrived", "没有收到短信验证码", "didn't receive the OTP", "no SMS code received", "验证码一直收不到", "驗證碼沒收到"},
		"registration":   {"I did not get the code to register", "注册时收不到验证码"},
		"funds-missing":  {"提现", "提现一直没到账", "提現", "my withdrawal is pending", "withdrawal not received"},
		"payment-failed": {"I cannot withdraw my balance", "提现失败", "余额提不出来", "無法提現", "withdrawal failed"},
		"refund":         {"chargeback", "I filed a chargeback with my bank", "charge back", "拒付", "我要申请拒付", "爭議款項"},
		"security-fraud": {"How do I dispute this charge?", "dispute a transaction", "有人问我要验证码，我被骗了"},
		"invoice":        {"Invoice", "Please send me the invoice", "发票", "我要开发票", "發票", "請開發票", "I need a VAT invoice", "开票", "fapiao", "需要收据", "I need a receipt for my payment"},
	} {
		for _, text := range texts {
			got := model.Classify(Input{Text: text}).Category
			if got != category {
				t.Errorf("%q is %s, want %s", text, got, category)
			}
		}
	}
}
