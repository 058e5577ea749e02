package answer

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Key is the one spelling of a fact's or a field's name: lower case, half width, words joined by "-". "orderNumber",
// "Order_Number", "ORDER NUMBER" and "order-number:" are one name. What programs and forms call a built-in fact otherwise
// ("order_no", "orderId", "订单号") is that fact's key.
func Key(name string) string {
	key := spelled(name)
	if fact, ok := otherNames[key]; ok {
		return fact
	}
	if fact, ok := otherNames[strings.ReplaceAll(key, "-", "")]; ok {
		return fact
	}
	return key
}

// longestName bounds what is looked at of a name, in bytes.
const longestName = 256

// spelled joins the words of a name.
func spelled(name string) string {
	var out strings.Builder
	var before rune
	for _, r := range width.Narrow.String(name[:min(len(name), longestName)]) {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsNumber(r):
			r = '-'
		case unicode.IsUpper(r) && unicode.IsLower(before):
			out.WriteByte('-')
		}
		if r != '-' || before != '-' {
			out.WriteRune(unicode.ToLower(r))
		}
		before = r
	}
	return strings.Trim(out.String(), "-")
}

// factNames are the built-in facts with what they are called elsewhere, as Key spells it without "-".
var factNames = map[string]string{
	"order-number": "order ordernumber ordernum orderno ordernr orderid orderref orderreference orderkey purchasenumber purchaseid 订单 订单号 订单编号 订单号码 訂單 訂單號 訂單號碼 訂單編號 单号 單號",
	"transaction-number": "transaction transactionnumber transactionno transactionid transactionref txn txnid txnno txid tradeno paymentid paymentreference paymentref referenceno referencenumber " +
		"流水号 流水號 交易号 交易號 交易流水号 交易流水號 交易编号 交易編號 交易单号 交易單號 交易参考编号 交易參考編號 支付单号 支付單號",
	"amount":             "amount sum total price amountpaid paidamount paymentamount totalamount 金额 金額 付款金额 付款金額 支付金额 支付金額",
	"time":               "time date datetime timestamp when occurredat paidat transactiontime transactiondate paymenttime paymentdate 时间 時間 日期 发生时间 發生時間 交易时间 交易時間",
	"error-message":      "error errormessage errortext errormsg errmsg errorcode 错误 錯誤 错误信息 錯誤訊息 错误提示 錯誤提示 报错 報錯",
	"payment-method":     "paymentmethod paymenttype paymethod payby paidby 支付方式 付款方式",
	"phone-model":        "phonemodel device devicemodel handset model 手机型号 手機型號 机型 機型 设备型号 設備型號",
	"app-version":        "appversion version clientversion appver build buildnumber 版本 版本号 版本號 app版本",
	"registered-account": "registeredaccount account accountid accountname accountemail accountphone registeredemail registeredphone userid username loginname 账户 帳戶 账号 帳號 用户名 用戶名 注册邮箱 註冊電郵 注册手机号 註冊手機號",
	"recipient":          "recipient payee beneficiary merchant merchantname shop recipientname 收款人 收款方 商户 商戶 商户名称 商戶名稱",
	"bank-name":          "bank bankname 银行 銀行 银行名称 銀行名稱 开户行 開戶行",
	"country":            "country region countrycode destinationcountry 国家 國家 地区 地區",
	"promotion-name":     "promotion promotionname promo promocode coupon couponcode couponname campaign voucher 活动 活動 活动名称 活動名稱 优惠券 優惠券",
}

var otherNames = func() map[string]string {
	out := map[string]string{}
	for fact, names := range factNames {
		for n := range strings.FieldsSeq(names) {
			out[n] = fact
		}
	}
	return out
}()

// named reports whether a field gives the fact, however the field is spelled. A key of an installation's own stands for itself.
func (e Evidence) named(key string) bool {
	for name, value := range e.Fields {
		if strings.TrimSpace(value) != "" && (spelled(name) == key || Key(name) == key) {
			return true
		}
	}
	return false
}

// Numbers are the values of those fields that name an order or a transaction, a line each.
func Numbers(fields map[string]string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if key := Key(name); key == "order-number" || key == "transaction-number" {
			value := fields[name]
			out = append(out, value[:min(len(value), longestName)])
		}
	}
	return strings.Join(out, "\n")
}

// Spell gives the fields that answer a built-in fact that fact's key; all others keep their names, and so does a second
// one for the same fact. The map given is not changed.
func Spell(fields map[string]string) map[string]string {
	if len(fields) == 0 {
		return fields
	}
	out := make(map[string]string, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		key := Key(name)
		_, fact := factNames[key]
		_, given := fields[key]
		_, taken := out[key]
		if !fact || given || taken {
			key = name
		}
		out[key] = fields[name]
	}
	return out
}
