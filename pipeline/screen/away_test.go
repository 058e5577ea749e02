package screen

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCustomersWhoAreAway: sentences of customers beside one that says that they are away, before and behind it, with and
// without a full stop, under headings that people write, and in the subject alone. None is taken for a notice.
func TestCustomersWhoAreAway(t *testing.T) {
	t.Parallel()
	root := os.Getenv("FRONTDESK_SHARED")
	if root == "" {
		t.Skip("FRONTDESK_SHARED is not set: the data sets are not at hand")
	}
	f, err := os.Open(filepath.Join(root, "datasets", "banking77", "train.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 9000 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i := 1; i < len(rows); i += 7 {
		s := strings.Join(strings.Fields(rows[i][0]), " ")
		noNoticeOf(t, "Re: Your ticket", "I'm on vacation until Friday. "+s, true)
		noNoticeOf(t, "Re: Your ticket", s+" I am out of the office, thanks.", true)
		noNoticeOf(t, "Vacation", "I'm on vacation. "+s, false)
		noNoticeOf(t, "Out of office", s+" I'm away until Monday", false)
		noNoticeOf(t, "Away: "+s, "", false)
	}
}

// TestChineseCustomersWhoAreAway is the same with the sentences about payments.
func TestChineseCustomersWhoAreAway(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../cmd/frontdesk/testdata/machines/chinese-payments.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		subject, s, _ := strings.Cut(strings.TrimSpace(line), "\t")
		noNoticeOf(t, "Re: 工单", "我正在休假。"+s, true)
		noNoticeOf(t, "Re: 工单", s+"，我正在出差。", true)
		noNoticeOf(t, "休假", "我在出差中，"+s, false)
		noNoticeOf(t, "休假："+subject, "", false)
	}
}

func noNoticeOf(t *testing.T, subject, text string, answer bool) {
	t.Helper()
	m, f := answerOf(subject, text, answer)
	if got := Check(m, f, settings); got.Kind == Auto || got.Park != "" {
		t.Errorf("%q, %q: %+v", subject, text, verdictOf(got))
	}
}
