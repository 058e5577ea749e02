package redact

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBankQuestionsHoldNoSecrets runs over ten thousand questions to a bank, which speak of cards,
// codes and passwords all the time and hold none.
func TestBankQuestionsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	root := os.Getenv("FRONTDESK_SHARED")
	if root == "" {
		t.Skip("FRONTDESK_SHARED is not set: the public questions are not at hand")
	}
	b, err := os.ReadFile(filepath.Join(root, "datasets/banking77/train.csv"))
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for line := range strings.Lines(string(b)) {
		total++
		question := line[:strings.LastIndexByte(line, ',')+1] // the label behind it is no question
		if masked, found := Text(question); found != nil {
			t.Errorf("%v in %q: %q", found, question, masked)
		}
	}
	if total < 10000 {
		t.Errorf("only %d questions", total)
	}
}
