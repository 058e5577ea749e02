package web

import (
	"strconv"
	"time"
)

// texts are the words of the page in one language.
// A new language is one function like english, one case in textsOf and one entry in pageLanguages (section.go); page.html needs
// no change. Every field must have words: a test compares the three.
type texts struct {
	Own string // the language's name in itself
	// Title heads the page, behind the desk's name in the browser's tab; Intro stands below it.
	Title string
	Intro string
	// Name to Send are the labels and hints of the form.
	Name     string
	Email    string
	Phone    string
	Either   string // hint below the addresses
	Topic    string
	Choose   string
	Order    string
	Message  string
	Warning  string // what never to write
	Files    string
	Again    string // what to do about files that came along with a form that is shown again
	Optional string
	Send     string
	Working  string // while the proof of work runs
	Failed   string // the challenge could not be fetched
	NoScript string
	Trap     string // label of the honeypot, for whoever finds it after all
	// Thanks to Another are shown in place of the form when a message was received; Follows says what the visitor may expect.
	Thanks  string
	Follows string
	Another string
	// Questions is the title of the page of questions; Look to TooManySearches are on it.
	Questions       string
	Look            string
	Search          string
	Fits            string
	NoneFits        string
	All             string
	Write           string // the way to the form
	TooManySearches string
	Switch          string // label of the list of languages
	// Problems are by the keys that problem, Receive and reply give, such as no-address.
	Problems map[string]string
}

// textsOf returns the words of a language, and whether there are any.
func textsOf(tag string) (texts, bool) {
	switch tag {
	case "en":
		return english(), true
	case "zh-Hans":
		return simplified(), true
	case "zh-Hant":
		return traditional(), true
	}
	return english(), false
}

// The three functions below hold the same keys. They are functions so that no package variable can be written to.
func english() texts {
	return texts{
		Own: "English", Title: "Contact us", Intro: "Tell us what happened. We answer by e-mail or by SMS.",
		Name: "Your name", Email: "E-mail", Phone: "Mobile number", Either: "We need one of the two to answer you.",
		Topic: "Topic", Choose: "Please choose", Order: "Order or transaction number", Message: "Your message",
		Warning: "Never send us a password, a one-time code or a full card number.",
		Files:   "Screenshots or documents", Again: "Your files did not stay with the form: please choose them again before you send it.", Optional: "optional", Send: "Send",
		Working:  "One moment, your browser is proving that you are not a robot…",
		Failed:   "The connection failed. Please check it and send again.",
		NoScript: "This form needs JavaScript to keep robots out. Please turn it on, or write to us:",
		Trap:     "Leave this field empty", Thanks: "Thank you, we have received your message.",
		Follows: "If you gave an e-mail address, a confirmation with your ticket number is sent there shortly. A mobile number gets one only if you have written to us from it before; your message is read in any case.", Another: "Send another message", Switch: "Language",
		Questions: "Frequent questions", Look: "What is your question?", Search: "Search", Fits: "These may help", NoneFits: "We have found no answer to this. Please write to us.",
		All: "All questions", Write: "Write to us", TooManySearches: "Too many searches came from your network. Please try again later, or write to us.",
		Problems: map[string]string{
			"too-large": "Your files are too large. Please send fewer or smaller ones.", "too-long": "Your message is too long. Please shorten it, or attach it as a file.", "unreadable": "Your message did not arrive whole. Please send it again.",
			"too-many": "Too many messages came from your network. Please try again later.", "unproven": "The check that you are not a robot has expired. Please send again.", "used": "This page had sent a message before, so this one was not taken yet. Please send it again.",
			"no-address": "Please give an e-mail address or a mobile number, so that we can answer you.", "bad-email": "This e-mail address cannot be right. Please correct it.",
			"bad-phone": "Please write the mobile number with its country code, such as +852 2123 4567.", "no-text": "Please tell us what happened.",
		},
	}
}

// simplified is written for readers in mainland China.
func simplified() texts {
	return texts{
		Own: "简体中文", Title: "联系我们", Intro: "请告诉我们发生了什么，我们会通过邮件或短信答复您。",
		Name: "您的姓名", Email: "电子邮箱", Phone: "手机号码", Either: "请至少填写其中一项，以便我们答复您。",
		Topic: "问题类型", Choose: "请选择", Order: "订单号或交易号", Message: "问题描述",
		Warning: "请勿发送密码、验证码或完整的银行卡号。",
		Files:   "截图或文件", Again: "之前选择的文件没有保留，提交前请重新选择文件。", Optional: "选填", Send: "提交",
		Working: "请稍候，浏览器正在进行人机验证……", Failed: "网络连接失败，请检查网络后重新提交。",
		NoScript: "本表单需要启用 JavaScript 以防止机器人。请启用后重试，或写信给我们：",
		Trap:     "此栏请留空", Thanks: "谢谢，我们已收到您的留言。", Follows: "如您填写了电子邮箱，带有工单编号的确认信息将很快发送至该邮箱。若仅填写手机号码，只有曾用该号码给我们发过短信时才会收到短信确认；无论如何，我们都会查看您的留言。",
		Another: "再次留言", Switch: "语言",
		Questions: "常见问题", Look: "您想了解什么？", Search: "搜索", Fits: "以下内容可能对您有帮助", NoneFits: "没有找到相关解答，请联系我们。",
		All: "全部问题", Write: "联系我们", TooManySearches: "来自您所在网络的搜索过多，请稍后再试，或联系我们。",
		Problems: map[string]string{
			"too-large": "文件过大，请减少文件数量或大小后重新提交。", "too-long": "内容过长，请缩短后重新提交，或以附件形式发送。", "unreadable": "您的留言未能完整送达，请重新提交。",
			"too-many": "来自您所在网络的留言过多，请稍后再试。", "unproven": "人机验证已过期，请重新提交。", "used": "此页面之前已提交过一条留言，本次内容尚未收到。请再次提交。",
			"no-address": "请填写电子邮箱或手机号码，以便我们答复您。", "bad-email": "电子邮箱格式不正确，请修改。",
			"bad-phone": "手机号码不正确，非中国大陆号码请加上国家或地区代码，例如 +852 2123 4567。", "no-text": "请描述您遇到的问题。",
		},
	}
}

// traditional uses the words of Hong Kong, which readers in Taiwan understand.
func traditional() texts {
	return texts{
		Own: "繁體中文", Title: "聯絡我們", Intro: "請告訴我們發生了什麼事，我們會以電郵或短訊回覆您。",
		Name: "您的姓名", Email: "電郵地址", Phone: "手機號碼", Either: "請至少填寫其中一項，以便我們回覆您。",
		Topic: "問題類型", Choose: "請選擇", Order: "訂單號或交易號", Message: "問題描述",
		Warning: "請勿發送密碼、驗證碼或完整的銀行卡號。",
		Files:   "截圖或文件", Again: "之前選擇的檔案沒有保留，提交前請重新選擇檔案。", Optional: "選填", Send: "提交",
		Working: "請稍候，瀏覽器正在進行人機驗證……", Failed: "網絡連線失敗，請檢查網絡後重新提交。",
		NoScript: "本表單需要啟用 JavaScript 以防止機械人。請啟用後重試，或寫信給我們：",
		Trap:     "此欄請留空", Thanks: "謝謝，我們已收到您的留言。", Follows: "如您填寫了電子郵箱，附有工單編號的確認訊息將很快發送至該郵箱。若僅填寫手機號碼，只有曾用該號碼向我們發過短訊時才會收到短訊確認；無論如何，我們都會查看您的留言。",
		Another: "再次留言", Switch: "語言",
		Questions: "常見問題", Look: "您想了解什麼？", Search: "搜尋", Fits: "以下內容可能對您有幫助", NoneFits: "沒有找到相關解答，請聯絡我們。",
		All: "全部問題", Write: "聯絡我們", TooManySearches: "來自您所在網絡的搜尋過多，請稍後再試，或聯絡我們。",
		Problems: map[string]string{
			"too-large": "檔案過大，請減少檔案數量或大小後重新提交。", "too-long": "內容過長，請縮短後重新提交，或以附件形式傳送。", "unreadable": "您的留言未能完整送達，請重新提交。",
			"too-many": "來自您所在網絡的留言過多，請稍後再試。", "unproven": "人機驗證已過期，請重新提交。", "used": "此頁面之前已提交過一則留言，本次內容尚未收到。請再次提交。",
			"no-address": "請填寫電郵地址或手機號碼，以便我們回覆您。", "bad-email": "電郵地址格式不正確，請修改。",
			"bad-phone": "手機號碼不正確，請加上國家或地區代碼，例如 +852 2123 4567。", "no-text": "請描述您遇到的問題。",
		},
	}
}

// seconds writes a wait as Retry-After wants it (RFC 9110 §10.2.3).
func seconds(wait time.Duration) string { return strconv.Itoa(int(wait.Seconds())) }
