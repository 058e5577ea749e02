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
// belongs to a greeting, to a question whether anybody is there or a wish for a person or for help, or to a test of the line. A
// number says something, and so does one word more than these.
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
// script writes spaces a phrase ends with a word, or where another script begins ("hello你好"); letters that somebody holds down ("hiii", "你好啊啊") belong to it.
func emptyPhrase(text string) int {
	first, _ := utf8.DecodeRuneInString(text)
	best := 0
	for _, p := range emptyPhrases[first] {
		if len(p) > best && strings.HasPrefix(text, p) {
			if n := held(text, len(p)); n == len(text) || text[n] == ' ' || unspaced(p) || unspaced(text[n:n+sizeAt(text, n)]) {
				best = n
			}
		}
	}
	return best
}

// sizeAt is the length of the letter at n.
func sizeAt(text string, n int) int {
	_, size := utf8.DecodeRuneInString(text[n:])
	return size
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
	for phrase := range strings.SplitSeq(emptyWords+","+plainEnglish+","+plainChinese, ",") {
		phrase = plainWords(phrase)
		first, _ := utf8.DecodeRuneInString(phrase)
		out[first] = append(out[first], phrase)
	}
	return out
}()

// plainEnglish are words that greetings, questions whether anybody is there and wishes for help or for a person are made of: "good
// morning team", "could I speak to a real person please". Whatever is made of them alone tells no matter, so no word stands
// here that can say what somebody has, lacks or wants beside help; "no" and "not" would turn such a sentence round.
const plainEnglish = `hello,good,morning,afternoon,evening,day,night,today,team,all,everyone,everybody,guys,folks,friend,friends,bro,man,mate,dear,sir,sirs,madam,maam,ladies,gentlemen,respected,
i,im,id,we,us,me,you,your,am,is,are,do,does,can,could,would,may,might,have,has,ive,got,need,want,wish,like,know,please,pls,plz,kindly,to,a,an,the,with,for,and,or,if,youre,whos,theres,
there,here,home,around,online,available,anyone,anybody,someone,somebody,any,one,some,quick,small,little,few,thing,something,about something,question,questions,problem,problems,issue,issues,
ask,asking,talk,talking,speak,speaking,chat,chatting,english,chinese,mandarin,cantonese,reach,connect,contact,help,helping,helped,assist,assistance,support,supporter,customer,customers,service,services,care,desk,agent,agents,advisor,representative,rep,operator,assistant,
live,real,human,person,people,bot,robot,machine,how,hows,doing,hope,well,fine,great,nice,meet,meeting,everything,again,new,hlo,hllo,helllo,hy,hay,hellow,goodmorning,good mornin,good moring,good mrng,gud morning,gud evening,gud day,wassup,whatsup,heyy,
ignore,this,hello world,mic check,sound check,world,feel free`

// plainChinese are the pieces of such sentences in Chinese, which are written without spaces: "我需要帮助", "轉真人客服".
const plainChinese = `我,你,您,我们,我們,咱们,妳,请,請,想,我要,我想,我想要,我需要,需要,可以,可不可以,能,能不能,能否,可否,有,个,個,一个,一個,几个,些,一些,点,点儿,问题,問題,小问题,小問題,疑问,疑問,事,问,問,问下,問下,问问,問問,一下,下,请教,請教,咨询,諮詢,谘询,了解,帮,幫,帮我,幫我,帮帮我,幫幫我,帮忙,幫忙,帮帮忙,幫幫忙,帮个忙,幫個忙,帮下忙,
帮助,幫助,协助,協助,支援一下,求助,求帮助,求幫助,人工,真人,人工客服,真人客服,在线客服,在線客服,線上客服,人工服务,人工服務,客服人员,客服人員,转接,转人工,转人工服务,轉人工服務,找人工,找真人,服务台,服務台,吗,嗎,轉接,轉人工,轉真人,找,找人,搵,搵人,联系,聯繫,聯絡,联络,接,有人,有客服,有人能,人,在,在的,在的话,在線,在线,线上,線上,哪位,谁,誰,麻烦,麻煩,麻烦了,麻煩了,劳驾,勞駕,不好意思,唔好意思,唔該,唔该,
打扰,打擾,各位,大家,老师,老師,老板,老闆,小姐姐,小姐,先生,女士,美女,帅哥,帥哥,朋友,亲爱的,親愛的,掌柜的,小二,团队,團隊,同事,好,好呀,好哇,早呀,早啊,晚好,中午,下午,上午,晚上,嗨喽,嗨咯,哈咯,哈囉,嗯,嗯嗯,那个,那個,哈哈,呵呵,吧,哇,咯,喽,囉,呗,啦,喔,哟,喲,嘛,么,麼,喺度,係咪,有冇,可唔可以,得唔得,幫手,帮手,
收到吗,收到嗎,收到请回复,收到請回覆,收到请回,收到請回,看到请回复,看到請回覆,看到请回,看到請回,看到回复,看到回覆,能收到吗,能收到嗎,能看到吗,能看到嗎,看得到吗,看得到嗎,听得到吗,聽得到嗎,有人回复吗,有人回覆嗎,试试,試試,试一下,試一下,测一下,測一下,请忽略,請忽略,忽略`

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
مرحبا,اهلا,أهلا,السلام عليكم,صباح الخير,مساء الخير,هل من أحد,هالو,تجربة,नमस्ते,नमस्कार,kumusta,kamusta,magandang umaga,magandang hapon,magandang gabi,may tao ba,po,
ji,सर,जी,सहायता,मदद,मदद चाहिए,नमस्ते जी,سلام,سلام عليكم,عندي سؤال,لدي سؤال,مساعدة,أحتاج مساعدة,ahlan,marhaba,salam alaikum,salaam,shalom,שלום,γεια σας,γεια,hej,hejsan,god morgon,god dag,hei,moi,terve,dzień dobry,dzien dobry,cześć,witam,dobrý den,ahoj,bună,bună ziua,buna ziua,szia,jó napot,tere,labas,sveiki,sawubona,jambo,habari,
hallo zusammen,zusammen,hallo team,ich habe eine frage,eine frage,frage,ich brauche hilfe,brauche hilfe,hilfe bitte,bitte,j'ai une question,une question,j'ai besoin d'aide,besoin d'aide,aidez moi,s'il vous plaît,svp,bonjour à tous,à tous,l'équipe,necesito ayuda,ayuda por favor,por favor,tengo una pregunta,una pregunta,una consulta,equipo,buenas equipo,preciso de ajuda,preciso ajuda,tenho uma dúvida,uma dúvida,pessoal,ho bisogno di aiuto,ho una domanda,una domanda,a tutti,hulp nodig,ik heb een vraag,een vraag,
min,kak,kakak,bang,mas,mbak,bos,bro,tuan,puan,encik,cik,semua,admin,saya nak tanya,nak tanya,mau tanya,mau nanya,saya mau tanya,saya ingin bertanya,ingin bertanya,boleh tanya,saya ada soalan,ada soalan,ada pertanyaan,boleh tolong,tolong,tolong bantu,minta bantuan,minta tolong,butuh bantuan,saya butuh bantuan,saya perlukan bantuan,perlu bantuan,bantu saya,tolong saya,ya,
ad,admin ơi,mình cần hỗ trợ,em cần hỗ trợ,tôi cần hỗ trợ,cần hỗ trợ,cần giúp đỡ,giúp mình với,giúp em với,cho hỏi,cho tôi hỏi,xin hỏi,xin cho hỏi,ạ,với,
สวัสดีค่า,สอบถาม,สอบถามหน่อย,ขอสอบถาม,ขอสอบถามหน่อย,รบกวนสอบถาม,ช่วยด้วย,ขอความช่วยเหลือ,คะ,ค่า,นะคะ,
質問があります,質問です,お尋ねします,お伺いします,助けてください,質問,どなたかいますか,문의 있습니다,문의있습니다,문의드려요,문의 드립니다,문의드릴게요,질문 있어요,질문이 있습니다,질문있습니다,도와주세요,도움이 필요합니다,상담원,상담원 연결,상담원 연결해주세요,
помогите,помогите пожалуйста,пожалуйста,есть вопрос,у меня вопрос,у меня есть вопрос,вопрос,нужна помощь,здрасьте,добрый,доброго времени суток,оператор,yardım,yardım lazım,yardıma ihtiyacım var,bir sorum var,sorum var,lütfen`
