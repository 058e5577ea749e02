package said

import "testing"

// TestWhatTheLineSaysIsSaidInChinese: by the words of whichever pages show it. That each sentence has its Chinese is tried beside the operator's pages.
func TestWhatTheLineSaysIsSaidInChinese(t *testing.T) {
	p, err := Read(map[string]string{"parked.cause.spam": "疑似垃圾信息", "cause.automated": "机器发送", "other.word": "别的"})
	if err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"withheld: spam":           "暂不发送：疑似垃圾信息",
		"withheld: automated":      "暂不发送：机器发送",
		"the stored mail is empty": "所存邮件为空",
		"the mail has 9 octets, the limit is 5; its first 5 were fetched": "邮件共 9 字节，上限为 5；已取回前 5 字节",
		"decoding mail: malformed header":                                 "解读邮件失败：malformed header",
		"word":                                                            "word",
		"<b>":                                                             "<b>",
	} {
		if got := p.In("zh", words); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
		if got := p.In("en", words); got != words {
			t.Errorf("%q in English: %q", words, got)
		}
	}
}
