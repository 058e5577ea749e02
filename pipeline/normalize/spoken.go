package normalize

import (
	"strings"

	"frontdesk/pipeline/message"
	"frontdesk/pipeline/normalize/tidy"
	"frontdesk/pipeline/words"
)

// Spoken is what the first words of a person tell about his language.
type Spoken struct {
	Language string // "" where they do not tell
	Latin    bool   // they are words in Latin letters, whatever the language: he hardly reads Chinese
}

// Speaks returns the language that a person writes in, by the subject and his first words. What programs and companies put
// around them says nothing about him: notices of confidentiality, warnings about mail from outside, adverts. The
// subject of a reply is somebody else's as a rule, so that it counts only where the words do not tell. core is
// the text without salutation and closing, visible the same with them.
func Speaks(subject, core, visible string, reply bool) Spoken {
	own := subject
	if reply {
		own = ""
	}
	var said strings.Builder
	for paragraph := range paragraphs(core) {
		said.WriteString(tidy.Clip(paragraph, maxSpoken) + "\n")
		if got := judge(joined(own, said.String())); got.Language != "" && letters(said.String()) >= enoughLetters {
			return got
		}
		if len(said.String()) > maxSpoken {
			break
		}
	}
	for _, text := range []string{joined(own, said.String()), said.String(), own + "\n" + firstParagraph(visible), subject, subject + "\n" + tidy.Clip(core, maxSpoken)} {
		if got := judge(text); got.Language != "" {
			return got
		}
	}
	return Spoken{Latin: judge(subject + "\n" + said.String()).Latin}
}

// joined is a subject and a text.
func joined(subject, text string) string {
	if subject == "" {
		return text
	}
	return subject + "\n" + text
}

const (
	enoughLetters = 6       // bytes of letters that carry a language: two Chinese characters, or a word
	maxSpoken     = 2 << 10 // bytes of first words
)

func firstParagraph(text string) string {
	for p := range paragraphs(text) {
		return p
	}
	return ""
}

// paragraphs yields what stands between empty lines, without the lines of programs and companies.
func paragraphs(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		text = tidy.Clip(text, coreSpoken)
		start, own := 0, false // own: the paragraph is one line so far, and that is no notice
		for at := 0; at < len(text); {
			end, next := len(text), len(text)
			if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
				end, next = at+i, at+i+1
			}
			line := text[at:end]
			long := len(line) >= noticeLine
			if isBlank(line) || long && isNotice(line) {
				if !spoke(text[start:at], own, yield) {
					return
				}
				start = next
			} else {
				own = long && at == start
			}
			at = next
		}
		spoke(text[min(start, len(text)):], own, yield)
	}
}

// spoke yields a paragraph that says something.
func spoke(p string, own bool, yield func(string) bool) bool {
	return isBlank(p) || !own && isNotice(p) || yield(strings.TrimSpace(p))
}

const (
	coreSpoken = 8 << 10 // bytes of a text that are looked at
	noticeLine = 60      // bytes of a line that can be a notice of its own, within a paragraph
	maxBegin   = 64      // bytes that hold every beginning of a notice
)

// isNotice reports whether a paragraph is a company's notice or a program's, by the words that such ones are made of.
func isNotice(p string) bool {
	p = tidy.Clip(p, 1<<10)
	head := message.Lower(tidy.Clip(strings.TrimLeft(p, "*[(<【（>!_- \t\u3000⚠\ufe0f"), maxBegin))
	if beginStarts.begin(head) {
		for _, begin := range noticeBegins {
			if strings.HasPrefix(head, begin) {
				return true
			}
		}
	}
	if len(p) < noticeLine {
		return false
	}
	l := message.Lower(p)
	first := ""
	return noticeWords.In(l, func(from, to int) bool {
		word := l[from:to]
		if first == "" {
			first = word
		}
		return word != first
	})
}

var beginStarts = startsOf(noticeBegins)

// noticeBegins begin a notice whatever follows, noticeWords make one where at least two of them stand together.
var (
	noticeBegins = []string{
		"caution: this email", "caution: external", "caution: this message", "caution - external", "external email", "external mail", "external sender", "external:", "external]", "this email originated", "this message originated", "this email was sent from outside",
		"you don't often get email", "you don’t often get email", "some people who received this message don't", "be careful with this message", "warning: this email", "warning: external", "disclaimer", "confidentiality notice", "legal notice", "virus-free", "please consider the environment",
		"think before you print", "vertraulichkeitshinweis", "achtung: externe", "externe e-mail", "avis de confidentialité", "attention : ce message", "attention: courriel externe", "aviso legal", "aviso de confidencialidad", "aviso de confidencialidade", "avviso di riservatezza",
		"correo externo", "e-mail externo", "外部邮件", "外部郵件", "此邮件来自外部", "该邮件来自外部", "本邮件来自外部", "邮件来自外部", "来自外部", "免责声明", "免責聲明", "保密声明", "保密聲明", "社外メール", "注意：社外", "注意: 社外", "외부 메일", "внимание: внешн", "внешняя почта",
	}
	noticeWords = words.NewList(
		"confidential", "intended recipient", "intended solely", "intended only", "addressee", "privileged", "in error", "notify the sender", "unauthorised", "unauthorized", "liability", "virus", "disclos", "registered office", "registered in england", "company number", "unsubscribe", "delete it", "delete this",
		"vertraulich", "irrtümlich", "unbefugt", "amtsgericht", "handelsregister", "geschäftsführer", "informieren sie bitte", "vernichten sie", "confidentiel", "destinataire", "par erreur", "détruire", "confidencial", "destinatario", "por error", "destinatário", "por engano", "eliminar", "riservat", "per errore", "destinatari",
		"vertrouwelijk", "geadresseerde", "abusievelijk", "poufn", "adresat", "gizli", "yanlışlıkla", "alıcı", "rahasia", "penerima", "конфиденциальн", "адресат", "ошибочно", "по ошибке",
		"保密信息", "机密", "機密", "收件人", "收件者", "误收", "誤收", "请立即删除", "請立即刪除", "立即删除", "通知发件人", "通知寄件", "法律责任", "法律責任", "禁止", "秘密情報", "誤って", "削除", "受信者", "기밀", "수신자", "삭제", "سري", "المرسل إليه", "bảo mật", "người nhận",
	)
)

// judge finds the language of a text, and whether it consists of Latin words: one of three letters at least, and nothing of
// East Asia.
func judge(text string) Spoken {
	c := countScripts(text)
	latin := false
	if c.han+c.kana+c.hangul == 0 && c.latin > 0 {
		for _, w := range c.tokens {
			latin = latin || len(w) >= 3
		}
	}
	return Spoken{Language: c.language(text), Latin: latin}
}
