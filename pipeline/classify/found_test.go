package classify

import (
	"strings"
	"testing"
)

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

// TestShortMattersInOtherWords: the same matters as people word them otherwise, in Cantonese and with slips of the pen, and words alike that mean something else.
func TestShortMattersInOtherWords(t *testing.T) {
	t.Parallel()
	model := standard(t)
	for category, texts := range map[string]string{
		"invoice":         "I need a tax receipt|VAT receipt needed|Proof of payment for accounting, please|Where is my receipt?|I have not got my receipt yet|Receipt missing|The receipt has a wrong name|抬头写错了，要重开|我要統編|给我开个票|電子收據沒有收到|收據唔見咗|可唔可以開發票俾我|公司要报销，请开票",
		"password-reset":  "没有验证码|验证码发不过来|手机收不到验证短信|收唔到驗證碼|驗證碼一直冇嚟|沒有收到驗證簡訊|認證簡訊收不到|我未收到一次性密碼|验证码无法接收|验证码发送失败|验证码过期了|沒有傳驗證碼給我|never received the code|Where is my code?|code not coming|I can't get the code|cannot receive OTP|2FA code not arriving|please resend the code|The code you sent does not work|still waiting for the code|I requested the code 3 times and nothing arrived|one-time password not received|i didnt recieve code",
		"registration":    "I signed up but the code never came|注册的时候验证码发不出来",
		"funds-missing":   "提现到银行卡|取现|withdraw|Withdraw to bank|how can I cash out|where is my payout|钱包里的钱怎么取出来|提款未過數|withdrawl",
		"payment-failed":  "钱没提出来|攞唔到錢出嚟|領不出錢|I can't get my money out|提領失敗|卡被銀行拒付了",
		"refund":          "dispute|my bank opened a dispute|payment reversal|退单|交易争议|我要对这笔扣款提出异议|信用卡爭議款|爭議帳款|撤销交易|信用卡否認交易|我跟商家有争议|charged back",
		"security-fraud":  "有人叫我把验证码发给他|somebody called and wanted the code|I gave someone the code from my SMS|I keep receiving codes I did not request|收到不是我请求的验证码|有人把我的钱提现了|我的提现不是我操作的",
		"promotion":       "My coupon code does not work|referral code not received|优惠码未收到",
		"account-locked":  "wrong code entered too often, account locked",
		"technical":       "The website sends error code 500|the code in your API documentation is wrong",
		"wrong-amount":    "The receipt shows a different total|withdrawal fee",
		"payment-methods": "withdrawal limit|绑定提现银行卡",
		"other":           "where is the code of conduct|thanks, I got the code now",
	} {
		for text := range strings.SplitSeq(texts, "|") {
			if got := model.Classify(Input{Text: text}); got.Category != category {
				t.Errorf("%q is %s, want %s: %v", text, got.Category, category, got.Reasons)
			}
		}
	}
}
