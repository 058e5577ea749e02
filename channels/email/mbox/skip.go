package mbox

import (
	"encoding/base64"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf16"

	"frontdesk/channels/email/header"
)

// Skip says why a stored mail is none that a customer wrote to the desk, or that its owner meant to keep.
type Skip string

// What mail programs keep beside the mails that count.
const (
	SkipDeleted Skip = "deleted" // thrown away, and still in the file or in the folder for it
	SkipSpam    Skip = "spam"
	SkipDraft   Skip = "draft" // never sent: drafts, templates, what waits to be sent
	SkipChat    Skip = "chat"
	SkipSystem  Skip = "system" // a program's own notes and files
)

// Skips are all of them.
var Skips = []Skip{SkipDeleted, SkipSpam, SkipDraft, SkipChat, SkipSystem}

// markedSkip reads the marks that mail programs leave in a mail's header. What was received is no draft, whatever its
// sender left in it.
// Each program has its own fields; the first that says something counts.
func markedSkip(raw []byte) Skip {
	if hexFlags(fieldOf(raw, "x-mozilla-status:"))&0x0008 != 0 || hexFlags(fieldOf(raw, "x-mozilla-status2:"))&0x00200000 != 0 {
		return SkipDeleted // Thunderbird: expunged, or marked as deleted on the server
	}
	if isJunk(fieldOf(raw, "x-mozilla-keys:")) || isJunk(fieldOf(raw, "x-keywords:")) {
		return SkipSpam
	}
	status := fieldOf(raw, "x-status:") // mutt, Pine, KMail, Dovecot
	_, evolution, _ := strings.Cut(fieldOf(raw, "x-evolution:"), "-")
	flags := hexFlags(evolution)
	switch {
	case strings.Contains(status, "D"), flags&0x2 != 0:
		return SkipDeleted
	case strings.Contains(status, "T"), flags&0x4 != 0:
		return SkipDraft
	case flags&0x80 != 0:
		return SkipSpam
	}
	if s := labelSkip(header.Text(fieldOf(raw, "x-gmail-labels:"), "")); s != "" {
		return s
	}
	switch kind := fieldOf(raw, "x-uniform-type-identifier:"); {
	case kind == "com.apple.mail-note":
		return SkipSystem
	case fieldOf(raw, "received:") != "":
		return ""
	case fieldOf(raw, "x-unsent:") == "1", fieldOf(raw, "x-mozilla-draft-info:") != "", kind == "com.apple.mail-draft":
		return SkipDraft
	}
	return ""
}

// hexFlags reads flags in hexadecimal; what is none has none.
func hexFlags(s string) uint64 {
	n, err := strconv.ParseUint(strings.TrimSpace(s), 16, 64)
	if err != nil {
		return 0
	}
	return n
}

// isJunk reports whether keywords say that a mail is spam, and not that it is none.
// Programs write both, since a person may correct his filter; the person's word counts.
func isJunk(keywords string) bool {
	junk := false
	for k := range strings.FieldsSeq(strings.ToLower(keywords)) {
		switch strings.Trim(k, "$,;") {
		case "junk", "spam":
			junk = true
		case "nonjunk", "notjunk", "notspam":
			return false
		}
	}
	return junk
}

// labelSkip reads the labels that Gmail writes into an export, in the language of the account.
func labelSkip(labels string) Skip {
	for label := range strings.SplitSeq(labels, ",") {
		if s := folderNames[strings.ToLower(strings.Trim(label, " \t\""))]; s != "" && s != SkipSystem {
			return s
		}
	}
	return ""
}

// maildirSkip reads the flags at the end of a Maildir name: "T" for what is thrown away, "D" for drafts. keywords are
// those of Dovecot, by their letters.
// The flags stand behind "2," and a separator; ":" is the form of Maildir, the others are what file systems without colons get.
func maildirSkip(name string, keywords map[byte]string) Skip {
	i := strings.LastIndex(name, "2,")
	if i < 1 || strings.IndexByte(":;!-_", name[i-1]) < 0 {
		return ""
	}
	flags := name[i+2:]
	var named []string
	for k := range len(flags) {
		if word := keywords[flags[k]]; word != "" {
			named = append(named, word)
		}
	}
	switch {
	case strings.Contains(flags, "T"):
		return SkipDeleted
	case strings.Contains(flags, "D"):
		return SkipDraft
	case isJunk(strings.Join(named, " ")):
		return SkipSpam
	}
	return ""
}

// dovecotKeywords reads a file dovecot-keywords: lines of a number and a keyword; the number is the letter's place.
func dovecotKeywords(text string) map[byte]string {
	out := map[byte]string{}
	for line := range strings.Lines(text) {
		number, word, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < 26 {
			out['a'+byte(n)] = word
		}
	}
	return out
}

// nameSkip says what a folder, or a file that is one, is for by its name: in the languages of mail programs, in the
// form of IMAP (RFC 3501 §5.1.3) and of Maildir++. MH puts a comma before the number of a mail that was removed.
// The name of the last level counts: a folder below the trash is skipped because folder hands its skip down.
func nameSkip(path string) Skip {
	name := filepath.Base(path)
	if n := strings.TrimLeft(name, ",#"); len(n) < len(name) && n != "" && strings.Trim(n, "0123456789") == "" {
		return SkipDeleted
	}
	for _, ext := range []string{".sbd", ".mbox", ".mbx", ".imapmbox"} {
		name = strings.TrimSuffix(name, ext)
	}
	name = strings.ToLower(strings.TrimSpace(imapName(name)))
	if i := strings.LastIndexAny(name, "./"); i >= 0 {
		if s := folderNames[name[i+1:]]; s != "" {
			return s
		}
	}
	return folderNames[name]
}

// imapName decodes modified UTF-7. What is none stays.
func imapName(s string) string {
	var out strings.Builder
	for {
		head, rest, found := strings.Cut(s, "&")
		out.WriteString(head)
		if !found {
			return out.String()
		}
		code, after, closed := strings.Cut(rest, "-")
		switch {
		case closed && code == "":
			out.WriteByte('&')
		case closed:
			out.WriteString(shifted(code))
		default:
			out.WriteString("&" + rest)
			return out.String()
		}
		s = after
	}
}

// shifted decodes one run between "&" and "-": base64 with "," for "/", of UTF-16 (RFC 3501 §5.1.3).
func shifted(code string) string {
	b, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(code, ",", "/"))
	if err != nil {
		return "&" + code + "-"
	}
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}

// folderNames are the names of mail programs' own folders, lower case.
// They stand by what they are for, and in one list by language. To add one, write it in
// lower case, with "|" between, at its skip: names are compared as a whole. A name of two meanings must be left out, since
// customers' mails would be.
var folderNames = func() map[string]Skip {
	out := map[string]Skip{}
	for skip, names := range map[Skip]string{
		SkipDeleted: "διαγραμμένα|διαγραμμένα στοιχεία|tong sampah|item dipadam|item yang dihapus|đã xóa|thư đã xóa|удалено|видалені|gelöschte nachrichten|elementos borrados|borrados|已删除项目|已刪除項目|廢件匣|削除済み|지운편지함|삭제된 편지함|ขยะ|รายการที่ลบ|الرسائل المحذوفة|נמחקו|trash|deleted|deleted items|deleted messages|bin|wastebasket|papierkorb|gelöschte elemente|gelöschte objekte|gelöscht|corbeille|éléments supprimés|messages supprimés|papelera|elementos eliminados|eliminados|" +
			"lixeira|lixo|itens excluídos|itens eliminados|cestino|posta eliminata|elementi eliminati|prullenbak|verwijderde items|kosz|elementy usunięte|корзина|удаленные|удалённые|удаленные элементы|кошик|çöp kutusu|silinmiş öğeler|" +
			"papperskorgen|borttaget|borttagna objekt|papirkurv|slettet post|slettede elementer|roskakori|poistetut|koš|odstraněná pošta|kuka|törölt elemek|coș de gunoi|κάδος|已删除|已删除邮件|已删除的邮件|已刪除|已刪除的郵件|刪除的郵件|" +
			"废件箱|垃圾桶|回收站|ゴミ箱|ごみ箱|削除済みアイテム|휴지통|지운 편지함|삭제된 항목|thùng rác|mục đã xóa|sampah|item terhapus|ถังขยะ|รายการที่ถูกลบ|المهملات|العناصر المحذوفة|אשפה|פריטים שנמחקו",
		SkipSpam: "ανεπιθύμητη αλληλογραφία|e-mel sampah|垃圾邮件箱|스팸메일|จดหมายขยะ|رسائل غير مرغوب فيها|بريد مزعج|דואר לא רצוי|lixo eletrónico|spam-verdacht|небажана пошта|junk|junk e-mail|junk email|junk mail|junk-e-mail|spam|bulk|bulk mail|spamverdacht|unerwünscht|unerwünschte werbung|courrier indésirable|indésirables|pourriel|correo no deseado|no deseado|lixo eletrônico|lixo electrónico|" +
			"posta indesiderata|ongewenste e-mail|ongewenst|wiadomości-śmieci|спам|нежелательная почта|gereksiz|önemsiz|önemsiz e-posta|skräppost|søppelpost|uønsket e-mail|roskaposti|nevyžádaná pošta|levélszemét|ανεπιθύμητα|" +
			"垃圾邮件|垃圾郵件|垃圾箱|垃圾信件|垃圾信箱|广告邮件|廣告郵件|迷惑メール|정크 메일|스팸|스팸메일함|스팸함|thư rác|email sampah|สแปม|อีเมลขยะ|البريد العشوائي|البريد غير الهام|דואר זבל|ספאם",
		SkipDraft: "draft mail|εξερχόμενα προς αποστολή|임시보관|임시저장함|ร่าง|ฉบับร่าง|مسودة|nháp|thư đi|entwurf|kotak keluar|peti keluar|待发邮件|drafts|draft|templates|unsent messages|outbox|entwürfe|vorlagen|postausgang|brouillons|modèles|boîte d'envoi|borradores|plantillas|bandeja de salida|rascunhos|modelos|caixa de saída|bozze|modelli|posta in uscita|" +
			"concepten|sjablonen|postvak uit|szkice|kopie robocze|robocze|szablony|черновики|шаблоны|исходящие|чернетки|taslaklar|giden kutusu|utkast|mallar|kladder|luonnokset|koncepty|rozepsané|piszkozatok|ciorne|πρόχειρα|" +
			"草稿|草稿箱|草稿匣|草稿夹|发件箱|寄件匣|下書き|送信トレイ|임시보관함|임시 보관함|보낼 편지함|bản nháp|thư nháp|konsep|draf|ร่างจดหมาย|แบบร่าง|المسودات|مسودات|טיוטות",
		SkipChat:   "chat|chats|conversation history|chat history|聊天|聊天记录|聊天記錄|对话历史记录|チャット|会話の履歴|채팅|대화 기록|чат|чаты|журнал бесед|aufgezeichnete unterhaltungen|historique des conversations|historial de conversaciones",
		SkipSystem: "sync issues|synchronization issues|local failures|server failures|synchronisierungsprobleme|problèmes de synchronisation|problemas de sincronización|同步问题|同步問題|同期の失敗|rss feeds|rss-feeds|suggested contacts|quick step settings|conversation action settings",
	} {
		for name := range strings.SplitSeq(names, "|") {
			out[name] = skip
		}
	}
	return out
}()
