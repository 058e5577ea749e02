package mbox

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/doubling"
)

func TestMarksOfMailPrograms(t *testing.T) {
	const received = "Received: from mx by desk.example; Fri, 20 Nov 2026 10:00:00 +0800\n"
	for _, c := range []struct {
		name, header string
		want         Skip
	}{
		{"an ordinary mail", received, ""},
		{"Thunderbird: read", "X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00000000\n" + received, ""},
		{"Thunderbird: expunged", "X-Mozilla-Status: 0009\nX-Mozilla-Status2: 00000000\n" + received, SkipDeleted},
		{"Thunderbird: expunged, with an attachment", "X-Mozilla-Status: 0008\nX-Mozilla-Status2: 10000000\n", SkipDeleted},
		{"Thunderbird: deleted on the server", "X-Mozilla-Status: 0001\nX-Mozilla-Status2: 00200000\n" + received, SkipDeleted},
		{"Thunderbird: junk", "X-Mozilla-Status: 0001\nX-Mozilla-Keys: Junk $label1\n" + received, SkipSpam},
		{"Thunderbird: no junk", "X-Mozilla-Status: 0001\nX-Mozilla-Keys: NonJunk\n" + received, ""},
		{"Thunderbird: a draft", "X-Mozilla-Status: 0000\nX-Mozilla-Draft-Info: internal/draft; vcard=0\n", SkipDraft},
		{"Thunderbird: the mark that a sender left in it", "X-Mozilla-Draft-Info: internal/draft; vcard=0\n" + received, ""},
		{"mutt: answered", "Status: RO\nX-Status: A\n" + received, ""},
		{"mutt: deleted", "Status: RO\nX-Status: AD\n" + received, SkipDeleted},
		{"Pine: a draft", "Status: RO\nX-Status: T\n", SkipDraft},
		{"Dovecot: junk", "Status: RO\nX-Keywords: $Junk\n" + received, SkipSpam},
		{"Dovecot: taken for junk and put back", "X-Keywords: Junk $NotJunk\n" + received, ""},
		{"Evolution: seen", "X-Evolution: 0000001a-0010\n" + received, ""},
		{"Evolution: deleted", "X-Evolution: 0000001a-0012\n" + received, SkipDeleted},
		{"Evolution: junk", "X-Evolution: 0000001a-0090\n" + received, SkipSpam},
		{"Evolution: a draft", "X-Evolution: 0000001a-0014\n", SkipDraft},
		{"Gmail: inbox", "X-Gmail-Labels: Inbox,Important,Opened\n" + received, ""},
		{"Gmail: spam", "X-Gmail-Labels: Spam,Unread\n" + received, SkipSpam},
		{"Gmail: trash", "X-Gmail-Labels: Opened,Trash\n" + received, SkipDeleted},
		{"Gmail: a draft", "X-Gmail-Labels: Drafts\n", SkipDraft},
		{"Gmail: a chat", "X-Gmail-Labels: Chat\n", SkipChat},
		{"Gmail in German: bin", "X-Gmail-Labels: Papierkorb,\n =?UTF-8?Q?Ge=C3=B6ffnet?=\n" + received, SkipDeleted},
		{"Gmail in Chinese: spam", "X-Gmail-Labels: =?UTF-8?B?5Z6D5Zy+6YKu5Lu2?=\n" + received, SkipSpam},
		{"Gmail in Japanese: a draft", "X-Gmail-Labels: =?UTF-8?B?5LiL5pu444GN?=\n", SkipDraft},
		{"Gmail: a label of one's own", "X-Gmail-Labels: Inbox,\"Spam reports\",Trash talk\n" + received, ""},
		{"Outlook: never sent", "X-Unsent: 1\n", SkipDraft},
		{"a mail made from a file that was never sent", "X-Unsent: 1\n" + received, ""},
		{"Apple: a note", "X-Uniform-Type-Identifier: com.apple.mail-note\n", SkipSystem},
		{"Apple: a draft", "X-Uniform-Type-Identifier: com.apple.mail-draft\n", SkipDraft},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := markedSkip([]byte(c.header + "Subject: x\n\nX-Status: D\n")); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestFlagsInMaildirNames(t *testing.T) {
	keywords := dovecotKeywords("0 $Forwarded\n1 $Junk\n2 NonJunk\nnonsense\n99 x\n")
	for name, want := range map[string]Skip{
		"1700000000.1.host:2,S": "", "1700000000.1.host": "", "1700000000.1.host:2,": "", "1700000000.1.host:2,RS": "", "1700000000.1.host:2,ST": SkipDeleted, "1700000000.1.host;2,T": SkipDeleted, "1700000000.1.host!2,FT": SkipDeleted,
		"1700000000.1.host:2,D": SkipDraft, "1700000000.1.host:2,DS": SkipDraft, "1700000000.1.host:2,Sa": "", "1700000000.1.host:2,Sb": SkipSpam, "1700000000.1.host:2,Sbc": "", "1700000000.M12,T.host:2,S": "", "1700000000.12,T": "",
	} {
		if got := maildirSkip(name, keywords); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestFoldersOfMailPrograms(t *testing.T) {
	for path, want := range map[string]Skip{
		"/m/Inbox": "", "/m/INBOX.mbox": "", "/m/Sent": "", "/m/Archives": "", "/m/Spam reports": "", "/m/Trash": SkipDeleted, "/m/Trash.sbd": SkipDeleted, "/m/.Trash": SkipDeleted, "/m/.INBOX.Trash": SkipDeleted, "/m/Deleted Messages.mbox": SkipDeleted,
		"/m/[Gmail].Spam": SkipSpam, "/m/Junk E-mail": SkipSpam, "/m/.Junk": SkipSpam, "/m/Drafts": SkipDraft, "/m/Unsent Messages": SkipDraft, "/m/Templates": SkipDraft, "/m/Chats.mbox": SkipChat, "/m/Conversation History": SkipChat,
		"/m/Sync Issues": SkipSystem, "/m/Papierkorb": SkipDeleted, "/m/Gel&APY-schte Elemente": SkipDeleted, "/m/Entw&APw-rfe": SkipDraft, "/m/已删除": SkipDeleted, "/m/.&XfJSIJZk-": SkipDeleted, "/m/.&V4NXPpCuTvY-": SkipSpam, "/m/.&g0l6Pw-": SkipDraft,
		"/m/垃圾邮件": SkipSpam, "/m/迷惑メール": SkipSpam, "/m/下書き": SkipDraft, "/m/휴지통": SkipDeleted, "/m/Корзина": SkipDeleted, "/m/Corbeille": SkipDeleted, "/m/Correo no deseado": SkipSpam, "/m/Rascunhos": SkipDraft, "/m/Bozze": SkipDraft, "/m/Prullenbak": SkipDeleted,
		"/m/Διαγραμμένα": SkipDeleted, "/m/Tong Sampah": SkipDeleted, "/m/Thư đã xóa": SkipDeleted, "/m/Удалено": SkipDeleted, "/m/Borrados": SkipDeleted, "/m/已删除项目": SkipDeleted, "/m/지운편지함": SkipDeleted, "/m/רשומים": "", "/m/נמחקו": SkipDeleted, "/m/บัตร": "",
		"/m/垃圾邮件箱": SkipSpam, "/m/스팸메일": SkipSpam, "/m/E-mel Sampah": SkipSpam, "/m/จดหมายขยะ": SkipSpam, "/m/بريد مزعج": SkipSpam, "/m/ร่าง": SkipDraft, "/m/مسودة": SkipDraft, "/m/임시보관": SkipDraft, "/m/待发邮件": SkipDraft, "/m/Kotak Keluar": SkipDraft,
		"/m/Çöp Kutusu": SkipDeleted, "/m/Thư rác": SkipSpam, "/m/17": "", "/m/,17": SkipDeleted, "/m/#17": SkipDeleted, "/m/R&D": "", "/m/R&-D": "", "/m/&nonsense": "", "/m/Chatham": "",
	} {
		if got := nameSkip(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestWhatIsLeftOutOfFolders(t *testing.T) {
	mail := func(subject string) string { return "Subject: " + subject + "\nFrom: a@b.example\n\nx\n" }
	box := func(subjects ...string) string {
		out := ""
		for _, s := range subjects {
			out += sep + mail(s) + "\n"
		}
		return out
	}
	thunderbird := t.TempDir()
	writeMail(t, filepath.Join(thunderbird, "Inbox"), box("one")+sep+"X-Mozilla-Status: 0008\n"+mail("expunged")+"\n")
	writeMail(t, filepath.Join(thunderbird, "Inbox.msf"), "index")
	writeMail(t, filepath.Join(thunderbird, "Trash"), box("thrown"))
	writeMail(t, filepath.Join(thunderbird, "Trash.sbd", "2025"), box("thrown before"))
	writeMail(t, filepath.Join(thunderbird, "Junk"), box("junk"))
	writeMail(t, filepath.Join(thunderbird, "Inbox.sbd", "Cards"), box("card"))
	maildir := t.TempDir()
	writeMail(t, filepath.Join(maildir, "cur", "1700000001.a:2,S"), mail("seen"))
	writeMail(t, filepath.Join(maildir, "cur", "1700000002.a:2,ST"), mail("thrown"))
	writeMail(t, filepath.Join(maildir, "new", "1700000003.a"), mail("new"))
	writeMail(t, filepath.Join(maildir, "dovecot.index"), "index")
	writeMail(t, filepath.Join(maildir, ".Spam", "cur", "1700000004.a:2,S"), mail("spam"))
	writeMail(t, filepath.Join(maildir, ".Spam", "new", "1700000005.a"), mail("new spam"))
	writeMail(t, filepath.Join(maildir, ".Cards", "cur", "1700000006.a:2,S"), mail("card"))
	writeMail(t, filepath.Join(maildir, ".Cards", "new", "1700000007.a"), mail("new card"))
	for path, want := range map[string]map[string]Skip{
		thunderbird:                         {"one": "", "expunged": SkipDeleted, "thrown": SkipDeleted, "thrown before": SkipDeleted, "junk": SkipSpam, "card": ""},
		filepath.Join(thunderbird, "Trash"): {"thrown": ""}, // what is named is meant
		maildir:                             {"seen": "", "thrown": SkipDeleted, "new": "", "spam": SkipSpam, "new spam": SkipSpam, "card": "", "new card": ""},
		filepath.Join(maildir, ".Spam"):     {"spam": "", "new spam": ""},
	} {
		m := skipsOfMails(t, path)
		if diff := cmp.Diff(want, m); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// skipsOfMails leaves out what looks like no mail.
func skipsOfMails(t testing.TB, path string) map[string]Skip {
	t.Helper()
	out := map[string]Skip{}
	m := &Mailboxes{Paths: []string{path}, Limit: 1 << 20, Digest: plainDigest}
	for mail, err := range m.Mails(t.Context()) {
		if err == nil && mail.Raw != nil {
			out[fieldOf(mail.Raw, "subject:")] = mail.Skip
		}
	}
	return out
}

// Readers of what mail programs wrote down: each costs time in proportion to its length.
func TestReadersOfMarksCostLinearTime(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures what reading costs, which the race detector would distort")
	}
	units := append(doubling.Units(), "\n ", "\"", "&", "&-", "&XfJ-", ",", "$Junk ")
	for name, read := range map[string]func(string){
		"folder":   func(s string) { nameSkip("/m/" + s) },
		"labels":   func(s string) { labelSkip(s) },
		"marks":    func(s string) { markedSkip([]byte("X-Gmail-Labels: " + s)) },
		"flags":    func(s string) { maildirSkip("1.a:2,"+s, nil) },
		"keywords": func(s string) { dovecotKeywords(s) },
	} {
		t.Run(name, func(t *testing.T) { doubling.Text(t, 16<<10, "", "", units, read) })
	}
}

// FuzzMarks reads foreign marks: none is more than one of the reasons that there are.
func FuzzMarks(f *testing.F) {
	f.Add("&XfJSIJZk-.Trash,&-")
	f.Add("X-Mozilla-Status: 0008\r\n")
	f.Add("1.a:2,Ta")
	f.Fuzz(func(t *testing.T, s string) {
		for _, skip := range []Skip{nameSkip(s), labelSkip(s), markedSkip([]byte(s)), maildirSkip(s, dovecotKeywords(s))} {
			if skip != "" && !slices.Contains(Skips, skip) {
				t.Errorf("%q is left out as %q", s, skip)
			}
		}
	})
}
