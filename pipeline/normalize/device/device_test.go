package device

import (
	"testing"

	"frontdesk/internal/doubling"
)

func TestLinesOfDevices(t *testing.T) {
	for line, want := range map[string]bool{
		"Sent from my iPhone": true, "发自我的华为手机": true, "Get Outlook for Android": true, "Sent with Proton Mail secure email.": true, "Dictated to Siri, please forgive errors.": true,
		"Please excuse typos": true, "来自 HUAWEI P60": true, "": false, "From my phone I cannot log in": false, "sent from my account without my consent": false, "get help for phones": false, "来自银行的短信说我中奖了": false,
	} {
		if got := Signature(line); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

func TestLinesInBrackets(t *testing.T) {
	for line, want := range map[string]bool{
		"(来自Topay App 意见反馈，版本 8.2.1)": true, "[Sent via the help form]": true, "(来自Topay App": false, "来自Topay App": false, "(see the picture)": false, "": false, "(": false,
	} {
		if got := SentBy(line); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

func TestHeadsHaveTheirTable(t *testing.T) {
	for _, words := range signatureHeads {
		if len(words) < 2 || !signatureStarts.Begin(words) {
			t.Errorf("%q is never looked for", words)
		}
	}
}

func TestDevicesCostTimeInProportion(t *testing.T) {
	doubling.Text(t, 16<<10, "Sent from ", "", doubling.Units(), func(text string) { Signature(text); SentBy("(" + text + ")") })
}
