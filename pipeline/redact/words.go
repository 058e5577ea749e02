package redact

import "strings"

// wordContext says what a lower-case ASCII word announces.
func wordContext(w []byte) context {
	switch string(w) {
	case "card", "cards", "visa", "mastercard", "amex", "unionpay", "pan", "jcb", "maestro", "cardno", "cardnumber", "ccnumber", "creditcard", "tarjeta", "karte", "carte", "cartao":
		return cardWord
	case "order", "orders", "orderid", "orderno", "tracking", "invoice", "transaction", "txn", "txid", "reference", "ref", "ticket", "parcel", "shipment", "waybill",
		"serial", "imei", "iccid", "uuid", "trace", "receipt", "bestellung", "commande", "pedido", "case", "payment", "tradeno", "trade":
		return orderWord
	case "cvv", "cvc", "csc", "cvn", "cid":
		return cvvWord
	case "code", "codes", "otp", "codigo":
		return codeWord
	case "security":
		return bothWord
	case "pin":
		return pinWord
	case "password", "passwort", "passwd", "passphrase", "passcode", "pwd", "contrasena", "kennwort":
		return passwordWord
	}
	return noContext
}

// vetoesCode reports whether a word makes the "code" after it harmless: "error code 50012".
func vetoesCode(w []byte) bool {
	switch string(w) {
	case "error", "err", "zip", "postal", "post", "promo", "promotion", "promotional", "discount", "coupon", "voucher", "country", "area", "status", "qr", "source", "bar",
		"sort", "swift", "bic", "branch", "bank", "routing", "referral", "invite", "invitation", "response", "http", "exit", "product", "item", "merchant", "reason", "tax",
		"dial", "dialing", "city", "return", "result", "failure", "decline", "fault", "currency", "gift", "tracking", "order", "booking", "airline", "category", "mcc":
		return true
	}
	return false
}

// hanWord is a context word in Chinese, and the characters that may stand for its own.
type hanWord struct {
	word    string
	context context
}

// hanContext looks for a context word at the start of s; n is its length in bytes, 0 without one.
// The switch on the first character keeps ordinary text from being compared at all.
func hanContext(s string) (c context, n int) {
	if hanStarts[s[1]]&(1<<(s[0]&7)) == 0 {
		return noContext, 0
	}
	var list []hanWord
	switch s[:3] {
	case "卡", "银", "銀", "信", "借", "储", "儲":
		list = cardWords
	case "订", "訂", "单", "單", "流", "运", "運", "快", "交", "编", "編", "物", "发", "發", "参", "參", "工", "商", "凭":
		list = orderWords
	case "验", "驗", "动", "動", "校", "短", "一", "确", "確", "安", "后", "後", "末":
		list = codeWords
	case "密", "口":
		list = passwordWords
	}
	for _, w := range list {
		if strings.HasPrefix(s, w.word) {
			return w.context, len(w.word)
		}
	}
	return noContext, 0
}

// hanStarts are the first two bytes of all these words, the first one in three bits of it: most other
// characters do not begin so.
var hanStarts = func() (t [256]uint8) {
	for _, list := range [][]hanWord{cardWords, orderWords, codeWords, passwordWords} {
		for _, w := range list {
			t[w.word[1]] |= 1 << (w.word[0] & 7)
		}
	}
	return t
}()

var (
	cardWords = []hanWord{
		{"卡号", cardWord}, {"卡號", cardWord}, {"卡片号", cardWord}, {"银行卡", cardWord}, {"銀行卡", cardWord}, {"银联", cardWord}, {"銀聯", cardWord},
		{"信用卡", cardWord}, {"借记卡", cardWord}, {"借記卡", cardWord}, {"储蓄卡", cardWord}, {"儲蓄卡", cardWord}, {"卡：", cardWord}, {"卡:", cardWord},
	}
	orderWords = []hanWord{
		{"订单", orderWord}, {"訂單", orderWord}, {"单号", orderWord}, {"單號", orderWord}, {"流水", orderWord}, {"运单", orderWord}, {"運單", orderWord},
		{"快递", orderWord}, {"快遞", orderWord}, {"交易号", orderWord}, {"交易號", orderWord}, {"交易单", orderWord}, {"交易編號", orderWord}, {"交易编号", orderWord},
		{"编号", orderWord}, {"編號", orderWord}, {"物流", orderWord}, {"发票", orderWord}, {"發票", orderWord}, {"参考号", orderWord}, {"參考號", orderWord},
		{"工单", orderWord}, {"工單", orderWord}, {"商户", orderWord}, {"商戶", orderWord}, {"凭证", orderWord},
	}
	codeWords = []hanWord{
		{"验证码", codeWord}, {"驗證碼", codeWord}, {"验证碼", codeWord}, {"动态码", codeWord}, {"動態碼", codeWord}, {"动态密码", codeWord}, {"動態密碼", codeWord},
		{"动态口令", codeWord}, {"動態口令", codeWord}, {"校验码", codeWord}, {"校驗碼", codeWord}, {"短信码", codeWord}, {"短信验证", codeWord}, {"一次性密码", codeWord},
		{"一次性密碼", codeWord}, {"确认码", codeWord}, {"確認碼", codeWord}, {"安全码", bothWord}, {"安全碼", bothWord},
		{"后三位", cvvWord}, {"後三位", cvvWord}, {"后3位", cvvWord}, {"末三位", cvvWord},
	}
	passwordWords = []hanWord{{"密码", passwordWord}, {"密碼", passwordWord}, {"口令", passwordWord}}
)

// gapWords may stand between a context word and its number: "the code you sent me was 493021".
var gapWords = map[string]bool{
	"is": true, "was": true, "are": true, "my": true, "the": true, "you": true, "sent": true, "me": true, "i": true, "got": true, "received": true, "entered": true,
	"number": true, "no": true, "it": true, "here": true, "as": true, "be": true, "g": true, "digits": true, "digit": true, "on": true, "back": true, "of": true,
	"this": true, "that": true, "says": true, "shows": true, "code": true, "cvv": true, "cvc": true, "es": true, "ist": true, "est": true, "to": true, "login": true, "your": true, "for": true, "s": true,
}

// gapHan are the Chinese characters that may.
const gapHan = "是为為我收到的了码碼号號短信输輸入填写寫：，“”「」『』（）【】"

// maxGap is the longest stretch between a context word and its number, in bytes.
const maxGap = 36

// plain reports whether s says nothing that parts a context word from its number.
func plain(s string) bool {
	if len(s) > maxGap {
		return false
	}
	lines := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case classes[c] == letter:
			j := i + 1
			for j < len(s) && classes[s[j]] == letter {
				j++
			}
			if !gapWords[strings.ToLower(s[i:j])] {
				return false
			}
			i = j
			continue
		case c == '\n':
			if lines++; lines > 1 {
				return false
			}
		case c < 0x80 && !strings.ContainsRune(" \t\r:=\"'()[]-#>,`*", rune(c)):
			return false
		case c >= 0x80:
			n := gapRune(s[i:])
			if n == 0 {
				return false
			}
			i += n
			continue
		}
		i++
	}
	return true
}

// gapRune returns the length of an allowed character at the start of s, 0 for any other.
func gapRune(s string) int {
	for i, r := range s {
		if i > 0 {
			break
		}
		if n := len(string(r)); strings.ContainsRune(gapHan, r) || r == 0xa0 || r == 0x3000 {
			return n
		}
	}
	return 0
}
