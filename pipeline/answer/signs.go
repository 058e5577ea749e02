package answer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/words"
)

// signs is the one pattern by which a fact is recognised; refs.go and clock.go have the others. It runs
// over lower-case text in half width.
type signs struct {
	promotion *regexp.Regexp
}

func newSigns() signs {
	return signs{
		promotion: regexp.MustCompile(`[0-9一二三四五六七八九十双雙]+\p{Han}{0,4}(?:活[动動]|[节節])|[满滿][0-9]+|[a-z]{3,} (?:promotion|campaign)\b|首[单單]|\bcode [a-z0-9]{4,}\b`),
	}
}

// promoted looks for the name of a promotion. The pattern is slow, and few messages have what it needs.
func (s signs) promoted(text string) bool {
	for _, w := range [...]string{"活", "节", "節", "满", "滿", "首", " promotion", " campaign", "code "} {
		if strings.Contains(text, w) {
			return s.promotion.MatchString(text)
		}
	}
	return false
}

// Distance in bytes around a digit in which it can mean something.
const before, after = 48, 40

// nearDigits cuts out what stands around the digits of a text, in lines; most messages have few,
// and the patterns are slow.
func nearDigits(text string) string {
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' || i < done {
			continue
		}
		from, to := max(done, align(text, i-before)), i
		for last := i; to < len(text) && to <= last+after; to++ {
			if text[to] >= '0' && text[to] <= '9' {
				last = to
			}
		}
		to = align(text, to)
		out.WriteString(text[from:to])
		out.WriteByte('\n')
		done = to
	}
	return out.String()
}

// align moves an index back to the beginning of a character, and into the text.
func align(text string, at int) int {
	at = min(max(at, 0), len(text))
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// aroundAt cuts out what stands around the first few at signs.
func aroundAt(text string) string {
	var out strings.Builder
	for range 4 {
		at := strings.IndexByte(text, '@')
		if at < 0 {
			break
		}
		end := align(text, at+80)
		out.WriteString(text[align(text, at-80):end])
		out.WriteByte('\n')
		text = text[max(end, at+1):]
	}
	return out.String()
}

// stands reports whether one of the names is in the text, Latin ones as whole words.
func stands(names *words.List, text string) bool {
	return names.In(text, func(from, to int) bool { return alone(text, from, to) })
}

// hasWide reports whether text has anything outside ASCII.
func hasWide(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// times are words of time that need no digits.
var times = words.NewList("今天", "今早", "今晨", "今晚", "今日", "昨天", "昨晚", "昨日", "昨夜", "前天", "刚才", "刚刚", "剛才", "剛剛",
	"上周", "上週", "上个月", "上個月", "上月", "上星期", "上个星期", "上個星期", "上礼拜", "上禮拜", "周一", "周二", "周三", "周四", "周五", "周六", "周日",
	"週一", "週二", "週三", "週四", "週五", "週六", "週日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日", "星期天",
	"天前", "小时前", "小時前", "周前", "週前", "月前", "点钟", "點鐘", "点半", "點半", "半夜", "凌晨", "中午",
	"today", "yesterday", "tonight", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
	"this morning", "this afternoon", "this evening", "last night", "last week", "last month", "overnight", "days ago", "day ago", "weeks ago", "week ago",
	"hours ago", "hour ago", "months ago", "month ago", "minutes ago")

// quotes looks for words between quotation marks, at least so many characters.
func quotes(text string, least int) bool {
	for _, pair := range [...][2]string{{"“", "”"}, {"「", "」"}, {"『", "』"}, {"《", "》"}, {"【", "】"}, {"\"", "\""}} {
		_, rest, found := strings.Cut(text, pair[0])
		if inner, _, closed := strings.Cut(rest, pair[1]); found && closed && utf8.RuneCountInString(inner) >= least && !strings.Contains(inner, "\n") {
			return true
		}
	}
	return false
}

// follows looks for a cue with at least so many letters or digits behind it, up to the next
// punctuation.
func follows(text string, cues []string, least int) bool {
	for _, cue := range cues {
		for rest := text; ; {
			at := strings.Index(rest, cue)
			if at < 0 {
				break
			}
			rest = rest[at+len(cue):]
			if letters(rest) >= least {
				return true
			}
		}
	}
	return false
}

// letters counts the letters and digits up to the next punctuation; what may stand between a cue
// and its words is stepped over.
func letters(text string) int {
	n := 0
	for _, r := range strings.TrimLeft(text, " :：是为為了\"'“「") {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			n++
		case r != ' ':
			return n
		}
	}
	return n
}

var errorCues = []string{"提示", "显示", "顯示", "报错", "報錯", "错误码", "錯誤碼", "错误代码", "錯誤代碼", "弹出", "彈出", "it says", "it said", "saying", "message", "error code", "error:", "error ", "shows "}

var recipientCues = []string{"收款人是", "收款人为", "收款人為", "收款人:", "收款人：", "收款方是", "收款方:", "收款方：", "商户名", "商戶名", "商家名", "商户是", "商戶是", "商家是", "商户:", "商戶:",
	"商户：", "商戶：", "对方叫", "對方叫", "recipient is", "recipient name", "recipient:", "payee is", "payee:", "payee name", "merchant is", "merchant:", "merchant name", "beneficiary is", "beneficiary:",
	"to mr ", "to mrs ", "to ms ", "to mr. ", "to mrs. ", "to ms. "}

// namesFor lists the names whose presence gives a fact.
var namesFor = map[string]*words.List{
	"payment-method": words.NewList("微信", "支付宝", "支付寶", "银联", "銀聯", "信用卡", "借记卡", "借記卡", "储蓄卡", "儲蓄卡", "扣账卡", "扣帳卡", "银行转账", "銀行轉帳", "银行卡", "銀行卡", "花呗", "花唄", "余额支付",
		"八达通", "八達通", "现金", "現金", "alipay", "wechat", "paypal", "apple pay", "google pay", "visa", "mastercard", "unionpay", "amex", "octopus", "credit card", "debit card", "bank transfer", "cash", "fps", "paynow", "wire"),
	"phone-model": words.NewList("iphone", "ipad", "galaxy", "samsung", "huawei", "honor", "xiaomi", "redmi", "oppo", "vivo", "oneplus", "pixel", "nokia", "motorola", "realme", "华为", "華為", "小米", "红米", "紅米", "荣耀", "榮耀", "三星", "魅族", "一加手"),
	"bank-name":   words.NewList("银行", "銀行", "工行", "农行", "農行", "建行", "招行", "交行", "中行", "汇丰", "匯豐", "恒生", "渣打", "bank of", "hsbc", "icbc", "citibank", "barclays", "dbs", "ocbc", "uob", "revolut", "monzo", "hang seng", "standard chartered"),
	"country": words.NewList("中国", "中國", "大陆", "大陸", "内地", "內地", "香港", "澳门", "澳門", "台湾", "台灣", "臺灣", "美国", "美國", "英国", "英國", "日本", "韩国", "韓國", "新加坡", "马来西亚", "馬來西亞", "泰国", "泰國", "越南", "菲律宾", "菲律賓",
		"印度", "印尼", "澳洲", "澳大利亚", "澳大利亞", "加拿大", "德国", "德國", "法国", "法國", "意大利", "西班牙", "欧洲", "歐洲", "新西兰", "新西蘭", "紐西蘭", "俄罗斯", "俄羅斯", "巴西",
		"china", "hong kong", "macau", "taiwan", "usa", "united states", "america", "uk", "united kingdom", "britain", "england", "japan", "korea", "singapore", "malaysia", "thailand", "vietnam",
		"philippines", "india", "indonesia", "australia", "canada", "germany", "france", "italy", "spain", "europe", "new zealand", "russia", "brazil", "ireland", "netherlands", "switzerland",
		"poland", "mexico", "nigeria", "kenya", "south africa", "uae", "dubai"),
}
