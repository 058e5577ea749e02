package screen

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"frontdesk/pipeline/words"
)

// optOut reads the words with which customers of short messages leave and come back. They count only from
// whom the channel vouches for: who types somebody's address into a form must not silence him for ever. What
// the provider says goes before what the text says: he acts on words of his own choice.
func (c *check) optOut() {
	if c.mail() || c.Kind == Echo || c.Kind == Auto || !c.m.Traits.Carrier && !c.m.Proven { // a text comes from the provider, who knows the number
		return
	}
	c.OptOut = c.m.OptOut
	if c.m.Traits.Carrier {
		c.wordOfText()
	} else if c.OptOut == "" {
		c.wordOfChat()
	}
	switch c.OptOut {
	case "stop":
		c.because("the customer does not want messages any more")
	case "start":
		c.because("the customer wants messages again")
	case "help":
		c.because("the word that the provider itself answers with its notice")
	}
}

// wordOfText reads a whole text that is one such word.
func (c *check) wordOfText() {
	word := bare(c.text)
	c.unclear = carrierWords[word]
	switch {
	case c.OptOut != "" || word == "":
	case c.unclear || stopWords[word] || stopsInChinese(word):
		c.OptOut = "stop"
	case startWords[word], c.f.Stopped && backWords[word]:
		c.OptOut = "start"
	case helpWords[word]:
		c.OptOut = "help"
	}
}

// wordOfChat reads the commands of chats. /start is how every chat with a bot begins: it takes a stop back, and stays a message.
func (c *check) wordOfChat() {
	first, _, _ := strings.Cut(c.text, " ")
	command, _, _ := strings.Cut(first, "@") // groups name the bot behind the command
	switch {
	case command == "/stop" && first == strings.TrimRight(c.text, " .!。！"):
		c.OptOut = "stop"
	case command == "/start" && c.f.Stopped:
		c.OptOut = "start"
	}
}

// longestOptWord is how long a text may be, in bytes, that is looked at for such a word.
const longestOptWord = 120

// bare is a text as its letters and digits alone: in one case, without accents, in the ordinary width, without spaces, signs
// and pictures. Empty for a text too long to be a word.
func bare(s string) string {
	if len(s) > longestOptWord {
		return ""
	}
	usual := words.Usual(s)
	if !usual {
		s = norm.NFKD.String(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		if r = words.Narrow(r); unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	if usual {
		return b.String()
	}
	return norm.NFC.String(b.String())
}

func bareWords(list string) map[string]bool {
	out := map[string]bool{}
	for word := range strings.SplitSeq(list, ",") {
		out[bare(strings.ToLower(word))] = true
	}
	return out
}

// The words are those on which Twilio acts, by default and in the lists that it offers for other languages, and those that
// customers are told to write elsewhere. A word that also means to cancel an order is in none of them.
var stopWords = bareWords("stop, stopall, stop all, unsubscribe, optout, opt out, revoke," + // English
	"arret, arrêt, arrêter, arretez, arrêtez, désabonner, désabonnement, désinscrire, se désabonner," + // French
	"baja, alto, parar, pare, detener, dar de baja, darse de baja, desuscribir, desuscribirse," + // Spanish
	"descadastrar, descadastre, remover, pare," + // Portuguese
	"stopp, abmelden, abbestellen, austragen," + // German
	"ferma, fermare, disiscriviti, disiscrivimi, basta," + // Italian
	"stoppen, afmelden, uitschrijven," + // Dutch
	"avsluta, avregistrera, afmeld, avmeld, lopeta, peruuta tilaus," + // Nordic
	"wypisz, rezygnuję, zatrzymaj, odhlásit, leiratkozás, dezabonare," + // Central Europe
	"стоп, отписаться, отписка, отпишите, відписатися," + // Russian, Ukrainian
	"dur, durdur, ret, abonelikten çık," + // Turkish
	"berhenti, henti, batal langganan, nyahlanggan," + // Indonesian, Malay
	"dừng, từ chối, tc, huỷ đăng ký, hủy đăng ký," + // Vietnamese
	"หยุด, ยกเลิกการรับ," + // Thai
	"停止, 停止配信, 配信停止, 受信拒否, 解除, ストップ," + // Japanese
	"중지, 수신거부, 정지, 무료수신거부," + // Korean
	"توقف, إيقاف, ايقاف, إلغاء الاشتراك, הסר, עצור, הפסק, बंद, रोकें, रुकें") // Arabic, Hebrew, Hindi

var startWords = bareWords("start, unstop, subscribe, 订阅, 訂閱, 恢复接收, 恢復接收")

// backWords count from whom has left: from anybody else they are words.
var backWords = bareWords("yes, resume, resubscribe, opt in, 重新订阅, 重新訂閱, 恢复, 恢復, 开始, 開始, 再開, 시작, старт, начать, inicio, iniciar, empezar, comenzar, começar, reprendre, commencer, starten, anmelden, inizia, başla, mulai, mula, bắt đầu, เริ่ม, ابدأ")

// helpWords are answered by the provider itself, with its notice.
var helpWords = bareWords("help, info")

// carrierWords make a carrier or Twilio stop deliveries, though the customer may have meant an
// order: no message can be sent any more, but a ticket is opened.
var carrierWords = bareWords("cancel, end, quit")

// Chinese texts end in a line such as 退订回T, 回复TD退订 or 拒收请回复R, and customers write back any part of it.
var (
	chineseStops   = []string{"取消订阅", "取消訂閱", "停止接收", "不再接收", "退订", "退訂", "拒收", "tdhf", "td", "t", "r", "n"}
	chineseRemarks = []string{"请", "請", "回复", "回覆", "回", "发送", "發送", "发", "發", "短信", "簡訊", "到"}
)

// alone are the letters that stand for 退订 by themselves, too.
var alone = map[string]bool{"t": true, "td": true, "r": true, "tdhf": true}

// stopsInChinese reports whether a bare text is made of such parts alone.
func stopsInChinese(word string) bool {
	if alone[word] {
		return true
	}
	han, stops := false, false
	for rest := word; rest != ""; {
		n := 0
		for i, list := range [][]string{chineseStops, chineseRemarks} {
			for _, part := range list {
				if n == 0 && strings.HasPrefix(rest, part) {
					n, stops = len(part), stops || i == 0
				}
			}
		}
		if n == 0 {
			return false
		}
		han = han || rest[0] >= 0x80
		rest = rest[n:]
	}
	return han && stops
}
