package redact

import (
	"strings"
	"unicode/utf8"

	"frontdesk/pipeline/redact/fold"
)

// latinWords are the context words in Latin letters, lower-case and without accents.
var latinWords = []struct {
	context context
	words   string
}{
	{cardWord, `card cards debit credit discover diners rupay troy elo verve kaka kahao yinhangka cc ccn kreditkarte kartennummer karta kaart kart visa
		mastercard amex unionpay pan jcb maestro cardno cardnumber ccnumber creditcard tarjeta karte carte cartao`},
	{orderWord, `order orders orderid orderno tracking invoice transaction txn txid reference ref ticket parcel shipment waybill serial imei iccid uuid trace receipt
		bestellung commande pedido case payment tradeno trade`},
	{cvvWord, `cvv cvc csc cvn cid cvvcode cvvs cvccode securitycode cryptogramme prufziffer prufnummer kartenprufnummer anquanma value`},
	{codeWord, `token code codes otp otps codigo codice totp tfa mfa mtan smscode yanzhengma kod authcode verifycode bestatigungscode sicherheitscode onetimecode`},
	{bothWord, `security verification securite seguridad seguranca sicurezza verificacion verifica verificacao`},
	{pinWord, `pin pins pincode geheimzahl nip`},
	{passwordWord, `clave sifrem parolam password passwords passwort passwd passcode pwd pswd psw contrasena kennwort losenord wachtwoord adgangskode haslo heslo jelszo salasana sifre parola
		parole senha mdp motdepasse palavrapasse passord lozinka parol sandi mima zhifumima userpass geslo slaptazodis apikey secretkey`},
	{passWord, `pass pw secret passe khau key bearer`},
	{phraseWord, `passphrase`},
	{expiryWord, `exp expiry expires expiration expire valid thru ablaufdatum caducidad`},
	{digitsWord, `number nummer numero chiffre digits digit numbers ziffern chiffres digitos cifras cifre`},
	{backWord, `back reverse signature backside ruckseite dos behind reverso dorso retro`},
	{capitalWord, `tan fa`},
	{prefixWord, `sk rk pk`},
	{spokenWord, `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty
		fifty sixty seventy eighty ninety double triple quadruple treble nought oh nil null eins ein zwei zwo drei vier funf fuenf sechs sieben acht neun zehn elf zwolf
		un une deux trois quatre cinq sept huit neuf dix onze douze cero uno tres cuatro cinco seis siete ocho nueve diez um dois quatro sete oito nove due
		tre quattro cinque sei sette otto nul een twee drie vijf zes zeven negen ling yi er san si wu liu qi ba jiu yao liang shuang`},
	{numberedWord, `room flat floor suite apartment apt house building block street road avenue gate door desk seat platform page line chapter step version extension ext phone telephone
		tel fax mobile hotline invoices flight train bus locker box shelf year conference office store shop branch table deposit guard fee`},
	{vetoWord, `error err zip postal post promo promotion promotional discount coupon voucher country area status qr source bar sort swift bic branch bank routing
		referral invite invitation response http exit product item merchant reason tax dial dialing city return result failure decline fault currency gift
		booking airline category reservation dress style model part batch lot sku color pairing colour morse mcc`},
}

// latinIndex holds them; latinStarts has, for the first two letters of each, its length and its last letter as bits: most
// words of a text are turned away there.
var latinIndex, latinStarts = func() (map[string]context, *[1 << 10]uint32) {
	index, starts := map[string]context{}, new([1 << 10]uint32)
	for _, list := range latinWords {
		for w := range strings.FieldsSeq(list.words) {
			index[w] = list.context
			starts[latinStart(w[0], w[1])] |= latinBits(len(w), w[len(w)-1])
		}
	}
	return index, starts
}()

func latinStart(a, b byte) uint16 { return uint16(a&31)<<5 | uint16(b&31) }

// latinBits are one bit for the length of a word and one for its last letter.
func latinBits(n int, last byte) uint32 { return 1<<(n-2) | 1<<(16+last&15) }

// wordContext says what a lower-case ASCII word announces.
func wordContext(w []byte) context { return latinIndex[string(w)] }

// hanWord is a context word in Chinese, and the characters that may stand for its own.
type hanWord struct {
	word    string
	context context
}

// hanEntry says what a character of the Basic Multilingual Plane may begin: the list of words in its low
// byte, a digit and one in the bits above, and in the highest whether a word between the parts of a number.
type hanEntry uint16

const hanJoins hanEntry = 1 << 15

// hanIndex is looked up for every Chinese character of a text: most have nothing there.
var hanIndex, hanLists = func() (*[1 << 16]hanEntry, [][]hanWord) {
	index, lists := new([1 << 16]hanEntry), [][]hanWord{nil}
	for _, list := range [][]hanWord{cardWords, orderWords, codeWords, passwordWords} {
		for _, w := range list {
			r, _ := utf8.DecodeRuneInString(w.word)
			if index[r] == 0 {
				index[r] = hanEntry(len(lists))
				lists = append(lists, nil)
			}
			lists[index[r]] = append(lists[index[r]], w)
		}
	}
	for r, v := range fold.HanDigits() {
		index[r] |= hanEntry(v+1) << 8
	}
	for _, w := range joinHan {
		r, _ := utf8.DecodeRuneInString(w)
		index[r] |= hanJoins
	}
	return index, lists
}()

// hanAt returns the entry of the three-byte character at the start of s.
func hanAt(s string) hanEntry {
	return hanIndex[uint16(s[0])<<12|uint16(s[1]&0x3f)<<6|uint16(s[2]&0x3f)]
}

// hanContext looks for a context word at the start of s; n is its length in bytes, 0 without one.
func hanContext(s string) (c context, n int) {
	list := hanAt(s) & 0xff
	if list == 0 {
		return noContext, 0
	}
	for _, w := range hanLists[list] {
		if strings.HasPrefix(s, w.word) {
			return w.context, len(w.word)
		}
	}
	return noContext, 0
}

var (
	cardWords = []hanWord{
		{"卡号", cardWord}, {"卡號", cardWord}, {"卡片号", cardWord}, {"银行卡", cardWord}, {"銀行卡", cardWord}, {"银联", cardWord}, {"銀聯", cardWord},
		{"信用卡", cardWord}, {"卡是", cardWord}, {"卡尾", cardWord}, {"付款卡", cardWord}, {"卡为", cardWord}, {"卡 ", cardWord}, {"借记卡", cardWord}, {"借記卡", cardWord}, {"储蓄卡", cardWord}, {"儲蓄卡", cardWord}, {"卡：", cardWord}, {"卡:", cardWord},
	}
	orderWords = []hanWord{
		{"订单", orderWord}, {"訂單", orderWord}, {"单号", orderWord}, {"單號", orderWord}, {"流水", orderWord}, {"运单", orderWord}, {"運單", orderWord},
		{"快递", orderWord}, {"快遞", orderWord}, {"交易号", orderWord}, {"交易號", orderWord}, {"交易单", orderWord}, {"交易編號", orderWord}, {"交易编号", orderWord},
		{"编号", orderWord}, {"編號", orderWord}, {"物流", orderWord}, {"发票", orderWord}, {"發票", orderWord}, {"参考号", orderWord}, {"參考號", orderWord},
		{"工单", orderWord}, {"工單", orderWord}, {"商户", orderWord}, {"商戶", orderWord}, {"凭证", orderWord}, {"有效期", expiryWord}, {"到期", expiryWord}, {"过期", expiryWord}, {"過期", expiryWord}, {"有效至", expiryWord},
	}
	codeWords = []hanWord{
		{"验证码", codeWord}, {"驗證碼", codeWord}, {"验证碼", codeWord}, {"动态码", codeWord}, {"動態碼", codeWord}, {"动态密码", codeWord}, {"動態密碼", codeWord},
		{"动态口令", codeWord}, {"動態口令", codeWord}, {"校验码", codeWord}, {"校驗碼", codeWord}, {"短信码", codeWord}, {"短信验证", codeWord}, {"一次性密码", codeWord},
		{"一次性密碼", codeWord}, {"确认码", codeWord}, {"確認碼", codeWord}, {"安全码", bothWord}, {"安全碼", bothWord},
		{"后三位", cvvWord}, {"後三位", cvvWord}, {"后3位", cvvWord}, {"末三位", cvvWord}, {"末3位", cvvWord}, {"后三码", cvvWord}, {"後三碼", cvvWord}, {"末三码", cvvWord}, {"末三碼", cvvWord}, {"验证值", cvvWord}, {"驗證值", cvvWord}, {"短信里", codeWord}, {"短信上", codeWord}, {"后四位安全", cvvWord}, {"安全代码", bothWord}, {"安全代碼", bothWord}, {"安全號碼", cvvWord}, {"安全号码", cvvWord},
		{"三位数", digitsWord}, {"三位數", digitsWord}, {"三个数", digitsWord}, {"三個數", digitsWord}, {"三位", digitsWord}, {"位数", digitsWord}, {"位數", digitsWord}, {"数字", digitsWord}, {"數字", digitsWord}, {"三码", digitsWord}, {"三碼", digitsWord}, {"背面", backWord}, {"背后", backWord},
		{"背後", backWord}, {"反面", backWord}, {"卡后面", backWord}, {"卡後面", backWord}, {"卡片后面", backWord}, {"卡片後面", backWord}, {"卡后边", backWord}, {"后面", backWord}, {"後面", backWord}, {"后边", backWord}, {"签名栏", backWord}, {"簽名欄", backWord}, {"签名条", backWord}, {"末四位安全", cvvWord}, {"检验码", cvvWord}, {"檢查碼", cvvWord}, {"认证码", codeWord},
		{"認證碼", codeWord}, {"認証コード", codeWord}, {"確認コード", codeWord}, {"登录码", codeWord}, {"授权码", codeWord}, {"確認番号", codeWord}, {"授權碼", codeWord},
	}
	passwordWords = []hanWord{{"密码", passwordWord}, {"密碼", passwordWord}, {"口令", passwordWord}, {"暗証番号", passwordWord}, {"暗证", passwordWord}, {"パスワード", passwordWord}, {"密码", passwordWord}}
)

// gapWords may stand between a context word and its number: "the code you sent me was 493021".
var gapWords = map[string]bool{
	"de": true, "la": true, "del": true, "securite": true, "seguridad": true, "seguranca": true, "verificacion": true, "verificacao": true, "confirmation": true, "lautet": true, "e": true,

	"card": true, "number:": true, "and": true, "at": true, "just": true, "value": true, "which": true, "came": true, "now": true, "today": true, "by": true, "sms": true, "text": true, "message": true, "email": true, "from": true, "bank": true, "they": true, "gave": true, "in": true, "a": true, "says:": true, "verification": true, "security": true, "real": true, "correct": true, "have": true, "used": true, "use": true, "typed": true, "three": true, "four": true, "six": true, "pin": true, "is": true, "was": true, "are": true, "my": true, "the": true, "you": true, "sent": true, "me": true, "i": true, "got": true, "received": true, "entered": true,
	"number": true, "no": true, "und": true, "dann": true, "it": true, "here": true, "as": true, "be": true, "g": true, "digits": true, "digit": true, "on": true, "back": true, "of": true,
	"this": true, "that": true, "says": true, "shows": true, "code": true, "cvv": true, "cvc": true, "es": true, "ist": true, "est": true, "to": true, "login": true, "your": true, "for": true, "s": true,
}

// gapHan are the Chinese characters that may.
const gapHan = "卡数字數发發给給您你分别別背面上面银行銀收刚剛才发來来写着寫著显示顯示三四六位，、／是为為我收到的了码碼号號短信输輸入填写寫：，“”「」『』（）【】"

// maxGap is the longest stretch between a context word and its number, in bytes.
const maxGap = 48

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
			if lines++; lines > 2 {
				return false
			}
		case c < 0x80 && !strings.ContainsRune(" \t\r:=\"'()[]{}-#>,`*/|<_~?&", rune(c)):
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

// foreignWords are words of other scripts for passwords and codes.
var foreignWords = []hanWord{
	{"пароль", passwordWord}, {"Пароль", passwordWord}, {"парол", passwordWord}, {"비밀번호", passwordWord}, {"암호", passwordWord}, {"كلمة المرور", passwordWord}, {"كلمة السر", passwordWord},
	{"סיסמה", passwordWord}, {"סיסמא", passwordWord}, {"पासवर्ड", passwordWord}, {"รหัสผ่าน", passwordWord}, {"κωδικός", passwordWord}, {"пин", passwordWord}, {"ПИН", passwordWord}, {"パスワード", passwordWord}, {"暗証", passwordWord},
	{"セキュリティ", cvvWord}, {"код подтверждения", codeWord}, {"код безопасности", cvvWord}, {"код", codeWord}, {"Код", codeWord}, {"인증번호", codeWord}, {"인증코드", codeWord}, {"رمز التحقق", codeWord}, {"رمز", codeWord}, {"קוד", codeWord}, {"รหัส", codeWord}, {"コード", codeWord}, {"보안코드", cvvWord},
	{"карта", cardWord}, {"карты", cardWord}, {"카드", cardWord}, {"カード", cardWord}, {"بطاقة", cardWord}, {"บัตร", cardWord},
}

// foreignTable holds them by their first two bytes, folded as texts are.
var foreignTable = func() map[[2]byte][]hanWord {
	out := map[[2]byte][]hanWord{}
	for _, w := range foreignWords {
		for _, form := range []string{w.word, fold.Text(w.word).Text} {
			key := [2]byte{form[0], form[1]}
			out[key] = append(out[key], hanWord{form, w.context})
		}
	}
	return out
}()

// foreignContext looks for a context word of another script at the start of s.
func foreignContext(s string) (context, int) {
	if len(s) < 4 {
		return noContext, 0
	}
	for _, w := range foreignTable[[2]byte{s[0], s[1]}] {
		if strings.HasPrefix(s, w.word) {
			return w.context, len(w.word)
		}
	}
	return noContext, 0
}
