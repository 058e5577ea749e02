package normalize

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/words"
)

// maxNothing is the longest text, in bytes, of which it is asked whether it says anything: who writes more says something.
const maxNothing = 240

// SaysNothing reports whether a text does not tell what its writer wants: it has no letter and no digit (a sign, an emoji, no
// text at all), it is a program's command such as "/start" with or without the payload of a link, or each of its words
// belongs to a greeting, to a question whether anybody is there, or to a test of the line. A number says something, and so
// does one word more than these.
func SaysNothing(text string) bool {
	text = strings.TrimSpace(text)
	if len(text) > maxNothing {
		return false
	}
	if isCommand(text) {
		return true
	}
	rest := plainWords(text)
	for rest != "" {
		n := emptyPhrase(rest)
		if n == 0 {
			return false
		}
		rest = strings.TrimLeft(rest[n:], " ")
	}
	return true
}

// isCommand reports whether a text is what a chat's buttons send: "/start", "/start refund_campaign", "/menu@desk_bot". Only
// start has a payload, of at most 64 letters, digits, - and _ by Telegram's rules.
func isCommand(text string) bool {
	name, payload, _ := strings.Cut(strings.TrimPrefix(text, "/"), " ")
	name, _, _ = strings.Cut(strings.ToLower(name), "@")
	if !strings.HasPrefix(text, "/") || !slices.Contains([]string{"start", "menu", "hello", "new", "restart", "begin", "test"}, name) {
		return false
	}
	return payload == "" || name == "start" && len(payload) <= 64 && strings.IndexFunc(payload, func(r rune) bool {
		return !(r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}) < 0
}

// plainWords are the letters, marks and digits of a text in lower case and in their usual width, everything else as one space.
func plainWords(text string) string {
	if !words.Usual(text) {
		text = norm.NFKC.String(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	space := false
	for _, r := range message.Lower(text) {
		r = words.Narrow(r)
		switch {
		case r == '\'' || r == '’' || r == 0xfe0f || r == 0x200d || r == 0x20e3: // "anyone's"; what joins the parts of an emoji
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		default:
			space = true
		}
	}
	return b.String()
}

// emptyPhrase is the length of the longest phrase without content that a text begins with; 0 when there is none. Where a
// script writes spaces a phrase ends with a word; letters that somebody holds down ("hiii", "你好啊啊") belong to it.
func emptyPhrase(text string) int {
	first, _ := utf8.DecodeRuneInString(text)
	best := 0
	for _, p := range emptyPhrases[first] {
		if len(p) > best && strings.HasPrefix(text, p) {
			if n := held(text, len(p)); n == len(text) || text[n] == ' ' || unspaced(p) {
				best = n
			}
		}
	}
	return best
}

// held goes on over repetitions of the last letter before n.
func held(text string, n int) int {
	last, size := utf8.DecodeLastRuneInString(text[:n])
	for strings.HasPrefix(text[n:], string(last)) {
		n += size
	}
	return n
}

// unspaced reports whether a phrase is of a script without spaces between words.
func unspaced(phrase string) bool {
	r, _ := utf8.DecodeLastRuneInString(phrase)
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}

// emptyPhrases are the phrases by their first letter.
var emptyPhrases = func() map[rune][]string {
	out := map[rune][]string{}
	for phrase := range strings.SplitSeq(emptyWords, ",") {
		phrase = plainWords(phrase)
		first, _ := utf8.DecodeRuneInString(phrase)
		out[first] = append(out[first], phrase)
	}
	return out
}()

// emptyWords say nothing, alone and one after the other. No word of a matter may stand here, nor one that asks for something.
const emptyWords = `hi,hello,hey,helo,hallo,hullo,yo,hiya,howdy,heya,sup,whats up,hi there,hello there,hey there,hi all,hi team,hello team,hi everyone,hello everyone,
dear sir,dear madam,dear sir or madam,dear sirs,dear team,sir,madam,good morning,good afternoon,good evening,good day,morning,evening,greetings,gm,
anyone there,anybody there,is anyone there,is anybody there,anyone here,anybody here,is anyone here,anyone online,is anyone online,are you there,are you online,you there,u there,anyone home,
can you see this,can you hear me,can anyone hear me,does this work,is this working,is this thing on,test,testing,this is a test,just a test,just testing,test message,testing 123,testing 1 2 3,test 1 2 3,test test,test123,
ping,hello customer service,hello support,hi support,hi customer service,hi customer support,hello customer support,how are you,how are you doing,how do you do,i have a question,i have a quick question,quick question,may i ask a question,can i ask a question,can i ask something,can i ask you something,
你好,您好,你们好,你們好,大家好,妳好,哈喽,哈啰,哈囉,哈罗,嗨,嘿,喂,喂喂,安安,在吗,在嗎,在么,在麼,在不,在不在,在没,在线吗,在線嗎,在線上嗎,有人吗,有人嗎,有人么,有人在吗,有人在嗎,有没有人,有沒有人,有没有人在,有沒有人在,有人没,请问,請問,请问有人吗,請問有人嗎,
请问在吗,請問在嗎,亲,亲在吗,親,客服,客服在吗,客服在嗎,客服有人吗,客服你好,客服您好,人呢,早,早安,早上好,上午好,中午好,午安,下午好,晚上好,晚安,早晨,打扰了,打擾了,打扰一下,打擾一下,不好意思打扰了,測試,测试,测试一下,測試一下,测试消息,我想咨询一下,我想問一下,我想问一下,想问一下,想問一下,咨询一下,諮詢一下,
有個問題想問,有个问题想问,喺度嗎,喺唔喺度,有冇人,你哋好,啊,呀,呢,哦,吗,
こんにちは,こんにちわ,こんばんは,おはよう,おはようございます,もしもし,はじめまして,初めまして,お世話になります,お世話になっております,すみません,誰かいますか,いますか,テスト,テストです,
안녕,안녕하세요,안녕하십니까,여보세요,저기요,계세요,계신가요,거기 누구 있나요,누구 있어요,수고하십니다,수고하세요,테스트,테스트입니다,문의드립니다,
selamat pagi,selamat siang,selamat sore,selamat malam,selamat petang,selamat tengah hari,selamat tengahari,salam,salam sejahtera,assalamualaikum,assalamu alaikum,halo,hai,permisi,ada orang,ada orang tak,ada sesiapa,apa khabar,apa kabar,tumpang tanya,cuba,ujian,tes,
xin chào,chào,chào bạn,chào anh,chào chị,chào shop,chào em,chao,xin chao,alo,a lô,alô,alo alo,có ai không,có ai ở đó không,co ai khong,shop ơi,ad ơi,bạn ơi,cho mình hỏi,cho em hỏi,
สวัสดี,สวัสดีครับ,สวัสดีค่ะ,สวัสดีคะ,หวัดดี,ฮัลโหล,มีใครอยู่ไหม,ทดสอบ,ครับ,ค่ะ,
guten tag,guten morgen,guten abend,moin,servus,grüezi,ist da jemand,jemand da,bonjour,bonsoir,salut,coucou,il y a quelqu'un,y a quelqu'un,allo,hola,buenas,buenos días,buenos dias,buenas tardes,buenas noches,hay alguien,hay alguien ahí,prueba,
olá,ola,oi,bom dia,boa tarde,boa noite,tem alguém aí,teste,ciao,salve,buongiorno,buonasera,c'è qualcuno,hoi,goedemorgen,goedemiddag,goedenavond,goedendag,is daar iemand,
здравствуйте,здравствуй,привет,добрый день,добрый вечер,доброе утро,есть кто,есть кто нибудь,алло,ау,тест,вітаю,доброго дня,привіт,merhaba,selam,günaydın,iyi günler,iyi akşamlar,kimse var mı,orada mısınız,
مرحبا,اهلا,أهلا,السلام عليكم,صباح الخير,مساء الخير,هل من أحد,هالو,تجربة,नमस्ते,नमस्कार,kumusta,kamusta,magandang umaga,magandang hapon,magandang gabi,may tao ba,po`
