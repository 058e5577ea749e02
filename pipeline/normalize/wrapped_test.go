package normalize

import (
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/pipeline/message"
)

// TestTheWordsReadOfWrappedMails: of a mail as programs and people wrap it exactly the words are read that somebody wrote now. The lists
// were written before rules were mended by them; docs/understanding.md says what their first try found.
func TestTheWordsReadOfWrappedMails(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/wrapped/*.txt")
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			mails := strings.Split(read(t, file), "\n=== ")[1:]
			exact := 0
			for _, mail := range mails {
				name, body, _ := strings.Cut(mail, "\n")
				got, want := wordsRead(body), wordsWritten(body)
				if got == want {
					exact++
					continue
				}
				t.Errorf("%s: read %q, want %q", name, got, want)
			}
			t.Logf("%d of %d exact", exact, len(mails))
			if len(files) < 1 || exact == 0 {
				t.Error("no mail was read")
			}
		})
	}
}

// wordsRead is what the line classifies of a mail in a list, whose marks are taken off.
func wordsRead(body string) string {
	plain := strings.NewReplacer("{{", "", "}}", "").Replace(body)
	m := message.Message{Text: plain}
	if strings.HasPrefix(plain, "<") {
		m = message.Message{HTML: plain}
	}
	return strings.Join(strings.Fields(Core(Body(m, 0).Visible)), " ")
}

// wordsWritten are the marked words.
func wordsWritten(body string) string {
	var out []string
	for part := range strings.SplitSeq(body, "{{") {
		if words, _, found := strings.Cut(part, "}}"); found {
			out = append(out, words)
		}
	}
	return strings.Join(strings.Fields(strings.Join(out, " ")), " ")
}
