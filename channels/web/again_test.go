package web

import (
	"errors"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/channels"
	"frontdesk/channels/webhook"
)

// refusedPage is the page of a refusal.
func refusedPage(t *testing.T, err error) (int, string) {
	t.Helper()
	e, ok := errors.AsType[*channels.Error](err)
	if !ok || e.Answer == nil {
		t.Fatalf("got %v, want a page", err)
	}
	return e.Answer.Status, string(e.Answer.Body)
}

// TestAFormThatIsShownAgainSaysThatItsFilesAreGone, for each reason there is, in each language; and does not where no
// files came along.
func TestAFormThatIsShownAgainSaysThatItsFilesAreGone(t *testing.T) {
	shot := file{"files", "shot.jpg", "image/jpeg", "\xff\xd8\xff00"}
	for name, change := range map[string]map[string]string{
		"a number without its country": {"email": "", "phone": "61234567"},
		"a bad mail address":           {"email": "li@example"},
		"no address":                   {"email": "", "phone": ""},
		"no proof":                     {"altcha": ""},
		"a text in no charset":         {"name": inGBK},
	} {
		for lang, want := range map[string]string{"en": "choose them again", "zh-Hans": "重新选择文件", "zh-Hant": "重新選擇檔案"} {
			t.Run(name+" in "+lang, func(t *testing.T) {
				f := newTestForm(t, nil)
				values := goodForm(t, f, testTime.Add(-time.Minute))
				values["lang"] = lang
				maps.Copy(values, change)
				_, err := f.Receive(formRequest(t, values, shot), testTime)
				_, page := refusedPage(t, err)
				said := regexp.MustCompile(`role="alert">([^<]*)`).FindStringSubmatch(page)
				if said == nil || !strings.Contains(said[1], want) {
					t.Errorf("with files the page says %q", said)
				}
				_, err = f.Receive(formRequest(t, values), testTime)
				if _, page = refusedPage(t, err); strings.Contains(page, want) {
					t.Error("without files the page speaks of files")
				}
			})
		}
	}
}

// TestAUsedProofWithFilesSaysSoToo: what is refused only when it is recorded.
func TestAUsedProofWithFilesSaysSoToo(t *testing.T) {
	f := newTestForm(t, nil)
	values := goodForm(t, f, testTime.Add(-time.Minute))
	values["lang"] = "en"
	got, err := f.Receive(formRequest(t, values, file{"files", "a.pdf", "application/pdf", "%PDF-1.7"}), testTime)
	if err != nil {
		t.Fatal(err)
	}
	answer := got.Reply([]channels.Recorded{{Key: "x", Other: true}})
	if page := string(answer.Body); answer.Status != http.StatusUnprocessableEntity || !strings.Contains(page, "choose them again") || !strings.Contains(page, "退款还没有到账。") {
		t.Errorf("%d %s", answer.Status, page)
	}
}

func TestAFormWithFilesThatAreTooLargeKeepsWhatWasTyped(t *testing.T) {
	f := newTestForm(t, nil)
	video := file{"files", "video.mp4", "video/mp4", strings.Repeat("0", 300<<10)}
	for lang, want := range map[string]string{"en": "too large. Please send fewer", "zh-Hans": "文件过大", "zh-Hant": "檔案過大"} {
		t.Run(lang, func(t *testing.T) {
			values := goodForm(t, f, testTime)
			values["lang"], values["order"], values["text"] = lang, "A-77", "SENTINEL my long story"
			r := formRequest(t, values, video)
			r.Body = r.Body[:webhook.MaxHead]
			status, page := refusedPage(t, f.Overlong(r))
			if status != http.StatusRequestEntityTooLarge || !strings.Contains(page, want) {
				t.Errorf("%d, without %q", status, want)
			}
			texts := textsFor(t, lang)
			for _, kept := range []string{"SENTINEL my long story", "A-77", "li.lei@example.com", "李雷", texts.Again, `lang="` + lang + `"`} {
				if !strings.Contains(page, kept) {
					t.Errorf("%q is lost", kept)
				}
			}
		})
	}
}

// TestTheBeginningOfAPostIsReadAsFarAsItGoes: cut off anywhere, nothing that is cut is shown, and nothing panics.
func TestTheBeginningOfAPostIsReadAsFarAsItGoes(t *testing.T) {
	_, raw := multi(t, map[string]string{"text": "a whole story"}, file{"files", "a", "text/plain", "x"})
	boundary := strings.TrimPrefix(strings.SplitN(string(raw), "\r\n", 2)[0], "--")
	for n := range raw {
		if text := readBeginning(boundary, raw[:n]).values["text"]; text != "" && text != "a whole story" {
			t.Fatalf("of %d bytes the text is %q", n, text)
		}
	}
	if p := readBeginning(boundary, raw); p.values["text"] != "a whole story" || len(p.files) != 0 {
		t.Errorf("got %+v", p)
	}
	if p := readBeginning("", raw); len(p.values) != 0 {
		t.Errorf("without a boundary: %+v", p)
	}
}

// TestTheTrapIsNothingThatProgramsFillIn: what browsers and password managers look for in a field's name, id and label.
func TestTheTrapIsNothingThatProgramsFillIn(t *testing.T) {
	filled := regexp.MustCompile(`(?i)name|mail|phone|tel|mobile|fax|addr|street|city|town|state|province|region|country|zip|post|company|business|org|web|site|url|home|link|card|cc|cvv|cvc|csc|iban|bank|account|user|login|pass|pwd|otp|code|pin|token|birth|bday|age|sex|gender|title|search|query|amount|price|coupon|promo|subject|message|comment|date|ssn|id$|licen[cs]e|nick|social|twitter|skype`)
	if filled.MatchString(honeypot) {
		t.Errorf("the trap is named %q", honeypot)
	}
	f := newTestForm(t, nil)
	for _, lang := range f.config.Languages {
		if label := textsFor(t, lang).Trap; filled.MatchString(label) {
			t.Errorf("its label is %q", label)
		}
		page := string(f.answer(200, shown{Language: lang}).Body)
		for _, want := range []string{`name="` + honeypot + `"`, "data-1p-ignore", "data-bwignore", `data-lpignore="true"`, `autocomplete="off"`} {
			if !strings.Contains(page, want) {
				t.Errorf("the page has no %s", want)
			}
		}
	}
}
