package redact

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"frontdesk/pipeline/redact/fold"
)

// TestEachListOfWordsIsRead: a list that nothing asks for would be forgotten, and one of an unknown sort would announce nothing.
func TestEachListOfWordsIsRead(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := ""
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		content, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		code += string(content)
	}
	sorts := map[string]int{}
	for _, name := range wordLists.Names() {
		sort, of, _ := strings.Cut(name, " ")
		if sort == "latin" || sort == "han" || sort == "foreign" {
			sorts[sort]++
			if announcing[of] == noContext {
				t.Errorf("[%s] announces nothing that is known", name)
			}
			continue
		}
		if !strings.Contains(code, "("+strconv.Quote(name)+")") {
			t.Errorf("nothing reads [%s]", name)
		}
	}
	if len(sorts) != 3 {
		t.Errorf("of the three sorts there are %v", sorts)
	}
}

// TestWordsCanBeFound: a word of Latin letters that is longer than what is looked up, has a capital or a sign would never be found.
func TestWordsCanBeFound(t *testing.T) {
	t.Parallel()
	n := 0
	contextWords("latin", func(w string, c context) {
		n++
		if len(w) < 2 || len(w) > maxWord || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%q is never looked up", w)
		}
		if bits := latinBits(len(w), w[len(w)-1]); latinStarts[latinStart(w[0], w[1])]&bits != bits || wordContext([]byte(w)) == noContext {
			t.Errorf("%q, which announces %d, is not found", w, c)
		}
	})
	contextWords("han", func(w string, c context) {
		n++
		if got, size := hanContext(w + "x"); size == 0 || len(w) == size && got != c {
			t.Errorf("%q, which announces %d, is found as %d of %d bytes", w, c, got, size)
		}
	})
	contextWords("foreign", func(w string, c context) {
		n++
		for _, form := range []string{w, fold.Text(w).Text} {
			if got, size := foreignContext(form + "xxxx"); size == 0 || size == len(form) && got != c {
				t.Errorf("%q, which announces %d, is found as %d of %d bytes", form, c, got, size)
			}
		}
	})
	if n < 400 {
		t.Errorf("%d words are read", n)
	}
}

// TestAWordIsNotHiddenByAShorterOne: of Chinese words that begin alike the longer one counts.
func TestAWordIsNotHiddenByAShorterOne(t *testing.T) {
	t.Parallel()
	contextWords("han", func(long string, c context) {
		contextWords("han", func(short string, other context) {
			if c != other && strings.HasPrefix(long, short) && long != short {
				if got, size := hanContext(long); got != c || size != len(long) {
					t.Errorf("%q stands before %q and hides it", short, long)
				}
			}
		})
	})
}

// TestEachWordForPasswordsIsObeyed: "word: value" is masked for each of them, in small letters and in capitals.
func TestEachWordForPasswordsIsObeyed(t *testing.T) {
	t.Parallel()
	for _, sort := range []string{"latin", "han", "foreign"} {
		for _, w := range wordLists.Words(sort + " password") {
			for _, word := range []string{w, strings.ToUpper(w)} {
				if sort == "foreign" && word != w {
					continue
				}
				text := "x " + word + ": Kx7!pq2z"
				if got, _ := Text(text); got != "x "+word+": "+passwordMask {
					t.Errorf("%q became %q", text, got)
				}
			}
		}
	}
}

// TestEachWordForCodesIsObeyed likewise.
func TestEachWordForCodesIsObeyed(t *testing.T) {
	t.Parallel()
	for _, sort := range []string{"latin", "han", "foreign"} {
		for _, w := range wordLists.Words(sort + " code") {
			text := "x " + w + ": 493021"
			if got, _ := Text(text); got != "x "+w+": "+otpMask {
				t.Errorf("%q became %q", text, got)
			}
		}
		for _, w := range wordLists.Words(sort + " value") {
			text := "card " + w + ": 123"
			if got, _ := Text(text); got != "card "+w+": "+cvvMask && w != "value" && w != "cid" {
				t.Errorf("%q became %q", text, got)
			}
		}
	}
}

// TestAWordThatMakesACodeHarmless: each of them, directly before "code".
func TestAWordThatMakesACodeHarmless(t *testing.T) {
	t.Parallel()
	for _, w := range wordLists.Words("latin veto") {
		text := "the " + w + " code 493021 came"
		if got, _ := Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}
