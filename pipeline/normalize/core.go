package normalize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize/tidy"
)

// Core takes the salutation from the start and the closing with the name lines from the end of a
// message, for classification and fingerprints. It is careful: what it does not know stays, and
// a message that is nothing but politeness is returned whole.
func Core(visible string) string {
	s := strings.TrimSpace(visible)
	core := strings.TrimSpace(dropClosing(dropGreeting(s)))
	if letters(core) == 0 && !strings.ContainsAny(core, "0123456789") {
		return s
	}
	return core
}

// Bounds of what passes for a salutation, a closing and a name.
const (
	maxGreeting  = 48 // runes of a salutation line
	maxName      = 32 // runes of a name line
	nameLines    = 4  // lines that may follow a closing
	greetingHops = 3  // salutations in a row
	closingHops  = 4  // closing lines in a row: "此致", "敬礼"
)

// dropGreeting removes up to three salutations: "您好，", "Dear Sir or Madam,", "Hi Anna!".
func dropGreeting(s string) string {
	for range greetingHops {
		rest := dropOneGreeting(s)
		if rest == s || strings.TrimSpace(rest) == "" {
			return s
		}
		s = rest
	}
	return s
}

func dropOneGreeting(s string) string {
	head, rest, found := strings.Cut(s, "\n")
	lower := message.Lower(tidy.Clip(head, 200))
	if !greetingStarts.begin(lower) {
		return s
	}
	for _, g := range greetings {
		if !strings.HasPrefix(lower, g) || !boundary(lower[len(g):], g) {
			continue
		}
		if found && utf8.RuneCountInString(head) <= maxGreeting && greetingLine(lower[len(g):]) {
			return strings.TrimLeft(rest, " \t\n\u3000")
		}
		return afterGreeting(s, len(g))
	}
	return s
}

// boundary keeps "hi" from matching "history" and "嗨" from needing a space.
func boundary(rest, greeting string) bool {
	if last := greeting[len(greeting)-1]; rest == "" || last >= 0x80 || last == ' ' {
		return true
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '\''
}

// greetingLine reports whether the rest of a salutation line is names and punctuation.
func greetingLine(rest string) bool {
	if strings.ContainsAny(rest, "?？0123456789") {
		return false
	}
	words := strings.Fields(strings.Trim(rest, ",.!:;，。！：；、 ~～"))
	return len(words) <= 5 && !strings.ContainsAny(strings.Join(words, " "), ".。！!:：") && han(rest) <= 8
}

// han counts Chinese characters.
func han(s string) int {
	n := 0
	for _, r := range s {
		if commonHan(r) || unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

// afterGreeting removes "您好，" or "Hi Anna," before words of the same line: a mark must follow
// within three words or, in Chinese, six characters.
func afterGreeting(s string, at int) string {
	head, _, _ := strings.Cut(s, "\n")
	i := strings.IndexAny(head[min(at, len(head)):], ",!，！。：、~～")
	if i < 0 {
		if strings.HasPrefix(head[min(at, len(head)):], " ") && at > 0 && s[at-1] >= 0x80 {
			return s[at+1:] // "您好 我的订单"
		}
		return s
	}
	name := head[at : at+i]
	if len(strings.Fields(name)) > 3 || han(name) > 6 || strings.ContainsAny(name, "0123456789?？") {
		return s
	}
	_, n := utf8.DecodeRuneInString(head[at+i:])
	return strings.TrimLeft(s[at+i+n:], " \t\n\u3000,!，！。~～")
}

// dropClosing removes closing lines with the few name lines below them, or thanks at the end of
// the last line.
func dropClosing(s string) string {
	for range closingHops {
		i := closingAt(s)
		if i < 0 {
			break
		}
		s = strings.TrimRight(s[:i], " \t\n\u3000")
	}
	return dropThanks(s)
}

// closingAt returns where the line of the closing starts, -1 if there is none above at most four
// name lines. The first line of a text is no closing.
func closingAt(s string) int {
	names := 0
	for end := len(s); names <= nameLines; {
		start := strings.LastIndexByte(s[:end], '\n') + 1
		if start == 0 {
			return -1
		}
		l := strings.TrimSpace(s[start:end])
		switch {
		case l == "":
		case isClosing(l):
			return start
		case isNameLine(l):
			names++
		default:
			return -1
		}
		end = start - 1
	}
	return -1
}

// isClosing reports whether a line is a closing formula, perhaps with a name behind it.
func isClosing(l string) bool {
	if utf8.RuneCountInString(l) > maxGreeting {
		return false
	}
	lower := message.Lower(strings.Trim(l, " \t\u3000*_-—~～"))
	if !closingStarts.begin(lower) {
		return false
	}
	for _, c := range closings {
		rest, ok := strings.CutPrefix(lower, c)
		if !ok || !boundary(rest, c) {
			continue
		}
		rest = strings.Trim(rest, " \t,.!;:，。！；：、~～\u3000")
		return rest == "" || (len(strings.Fields(rest)) <= 3 && han(rest) <= 6 && !strings.ContainsAny(rest, "0123456789?？.。,，"))
	}
	return false
}

// isNameLine reports whether a line below a closing can be a name, a title or an address.
func isNameLine(l string) bool {
	if utf8.RuneCountInString(l) > maxName || strings.ContainsAny(l, "?？!！。；;:：") {
		return false
	}
	return len(strings.Fields(l)) <= 4 && han(l) <= 10
}

// dropThanks removes thanks at the end of the last sentence.
func dropThanks(s string) string {
	t := strings.TrimRight(s, " \t\n\u3000,.!;，。！；、~～")
	if !endsWithAny(message.Lower(tail(t, maxThanks)), thanks) {
		return s
	}
	lower := strings.ToLower(t)
	if len(lower) != len(t) { // a character whose lower case has another length: offsets would lie
		return s
	}
	for _, c := range thanks {
		head, ok := strings.CutSuffix(lower, c)
		if !ok {
			continue
		}
		rest := strings.TrimRight(head, " \t\u3000")
		apart := c[0] >= 0x80 && len(rest) < len(head) // Chinese sets thanks apart with a space
		if rest == "" || !apart && !strings.ContainsAny(lastRune(rest), ".!?;,\n，。！？；、~") {
			return s
		}
		return strings.TrimRight(s[:len(rest)], " \n,，、")
	}
	return s
}

// starts are the first two bytes of words, the first one in three bits of it: most texts begin otherwise.
type starts [256]uint8

func startsOf(words []string) *starts {
	var out starts
	for _, w := range words {
		out[w[1]] |= 1 << (w[0] & 7)
	}
	return &out
}

// begin reports whether one of the words may stand at the beginning of s.
func (t *starts) begin(s string) bool { return len(s) > 1 && t[s[1]]&(1<<(s[0]&7)) != 0 }

var greetingStarts, closingStarts, signatureStarts = startsOf(greetings), startsOf(closings), startsOf(signatureHeads)

// maxThanks bounds the thanks in bytes, in upper case.
const maxThanks = 160

// tail is the end of s, at most n bytes of it, from a character boundary on.
func tail(s string, n int) string {
	at := max(0, len(s)-n)
	for at < len(s) && !utf8.RuneStart(s[at]) {
		at++
	}
	return s[at:]
}

func endsWithAny(s string, ends []string) bool {
	for _, e := range ends {
		if strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}

// greetings start a message, lower case; longer ones before their beginnings.
var greetings = []string{
	"dear ", "hello", "hi there", "hi", "hey there", "hey", "good morning", "good afternoon", "good evening", "good day", "greetings", "to whom it may concern", "howdy",
	"尊敬的", "敬启者", "亲爱的", "親愛的", "您好", "你好", "你们好", "你們好", "各位好", "客服您好", "客服你好", "客服", "早上好", "上午好", "中午好", "下午好", "晚上好", "早安", "午安", "晚安", "哈喽", "哈囉", "嗨", "在吗", "在嗎", "请问在吗",
	"sehr geehrter", "sehr geehrtes", "sehr geehrte", "werte ", "werter ", "wertes ", "liebes ", "grüß gott", "grüss gott", "liebe ", "lieber ", "hallo", "guten tag", "guten morgen", "guten abend", "moin", "grüezi", "servus",
	"bonjour", "bonsoir", "salut", "cher ", "chère ", "madame, monsieur", "madame", "monsieur", "messieurs",
	"hola", "buenos días", "buenos dias", "buenas tardes", "buenas noches", "buenas", "estimado", "estimada", "estimados", "querido", "muy señores míos", "muy señor mío", "saludos",
	"olá", "ola", "bom dia", "boa tarde", "boa noite", "prezado", "prezada", "prezados", "exmos", "exmo", "exma", "caro ", "cara ",
	"buongiorno", "buonasera", "salve", "ciao", "gentile", "gentili", "egregio", "gentilissimi", "gentilissima", "gentilissimo", "spettabile", "spett", "geachte", "beste", "goedemorgen", "goedemiddag", "goedendag",
	"здравствуйте", "добрый день", "доброе утро", "добрый вечер", "привет", "уважаемый", "уважаемая", "уважаемые", "доброго времени суток", "вітаю", "доброго дня", "шановні", "шановний", "шановна",
	"お世話になっております", "お世話になります", "いつもお世話になっております", "こんにちは", "こんばんは", "はじめまして", "拝啓", "ご担当者様", "担当者様", "関係者各位", "サポート御中",
	"안녕하세요", "안녕하십니까", "안녕", "담당자님", "고객센터", "merhabalar", "merhaba", "selam", "sayın", "xin chào", "kính gửi", "chào", "halo", "selamat pagi", "selamat siang", "dzień dobry", "witam", "szanowni", "szanowny", "szanowna", "cześć", "selamat sore", "selamat petang", "selamat malam", "dengan hormat", "yth", "tuan/puan", "tuan", "puan", "assalamualaikum", "salam sejahtera",
	"เรียน", "สวัสดีครับ", "สวัสดีค่ะ", "สวัสดี", "مرحبًا", "مرحباً", "مرحبا", "سلام", "नमस्कार", "नमस्ते", "вітаємо", "السلام عليكم", "تحية طيبة", "السادة", "عزيزي", "أهلاً", "שלום", "לכבוד", "היי", "γεια σας", "γειά σας", "γεια", "καλημέρα", "καλησπέρα", "αγαπητ", "αξιότιμ",
}

// closings end a message, lower case; they stand at the start of a line.
var closings = []string{
	"best regards", "kind regards", "warm regards", "kindest regards", "with best regards", "with kind regards", "many regards", "regards", "best wishes", "all the best", "best",
	"yours sincerely", "yours faithfully", "yours truly", "sincerely yours", "sincerely", "respectfully", "cordially", "cheers", "br", "rgds", "brgds",
	"thanks and regards", "thanks & regards", "thank you and best regards", "many thanks", "thanks in advance", "thank you in advance", "thanks again", "thanks a lot", "thank you very much", "thank you so much",
	"thank you", "thanks", "thx", "tia", "looking forward", "have a nice day", "have a great day",
	"此致敬礼", "此致", "敬礼", "敬上", "谨上", "谨启", "顺祝商祺", "顺颂商祺", "顺祝", "顺颂", "祝好", "祝商祺", "祝您", "祝工作顺利", "祝生活愉快", "谢谢您", "谢谢你", "谢谢", "感谢您", "感谢", "多谢", "万分感谢", "非常感谢", "十分感谢", "期待回复", "盼复", "望回复", "等待回复", "期待您的回复",
	"謝謝您", "謝謝你", "謝謝", "感謝您", "感謝", "多謝", "非常感謝", "敬祝", "順頌商祺", "順祝商祺", "順祝", "順頌", "敬禮", "祝您", "盼覆", "煩請回覆",
	"mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "freundliche grüße", "freundliche grüsse", "viele grüße", "beste grüße", "liebe grüße", "herzliche grüße", "mfg", "lg", "vg", "gruß", "grüße", "vielen dank", "danke",
	"cordialement", "bien cordialement", "bien à vous", "sincères salutations", "salutations", "meilleures salutations", "merci d'avance", "merci beaucoup", "merci",
	"saludos cordiales", "un saludo", "un cordial saludo", "saludos", "atentamente", "muchas gracias", "gracias",
	"atenciosamente", "att", "cumprimentos", "melhores cumprimentos", "abraços", "obrigado", "obrigada", "cordiali saluti", "distinti saluti", "saluti", "grazie mille", "grazie",
	"met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groet", "groeten", "mvg", "bedankt", "alvast bedankt",
	"с уважением", "спасибо заранее", "спасибо", "заранее спасибо", "благодарю", "з повагою", "дякую",
	"よろしくお願いいたします", "よろしくお願い致します", "よろしくお願いします", "宜しくお願い致します", "宜しくお願いいたします", "敬具", "以上", "ありがとうございます",
	"감사합니다", "고맙습니다", "saygılarımla", "teşekkürler", "iyi çalışmalar", "trân trọng", "cảm ơn", "terima kasih", "pozdrawiam", "z poważaniem", "dziękuję",
	"hormat saya", "hormat kami", "ขอแสดงความนับถือ", "ขอบคุณครับ", "ขอบคุณค่ะ", "ขอบคุณ", "مع التحية", "مع خالص التحية", "تحياتي", "شكراً", "شكرا", "בברכה", "תודה רבה", "תודה", "με εκτίμηση", "ευχαριστώ", "ευχαριστούμε",
}

// thanks are cut off the end of the last sentence, longer ones before their ends.
var thanks = []string{
	"thank you very much", "thank you so much", "thanks in advance", "thank you in advance", "many thanks", "thanks a lot", "thank you", "thanks", "thx",
	"非常感谢", "万分感谢", "十分感谢", "谢谢您", "谢谢你", "谢谢啦", "谢谢了", "谢谢", "感谢您", "感谢", "多谢", "谢了", "非常感謝", "謝謝您", "謝謝你", "謝謝", "感謝您", "感謝", "多謝",
	"vielen dank", "danke", "merci beaucoup", "merci", "muchas gracias", "gracias", "obrigado", "obrigada", "grazie", "спасибо", "よろしくお願いします", "よろしくお願いいたします", "감사합니다",
}

func lastRune(s string) string {
	_, n := utf8.DecodeLastRuneInString(s)
	return s[len(s)-n:]
}
