package redact

import "testing"

func TestTextsThatSpeakOfACard(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"here is a photo of my card": true, "我的卡照片": true, "银行卡.jpg": true, "paid with •••• 4242": true, "the CVV is on it": true, "ＶＩＳＡ": true, "4111111111111111": true, "截图：绑卡失败": true,
		"here is a screenshot of the error": false, "页面卡住了": false, "parcel.png": false, "": false, "订单号 20261122 的截图": false,
	} {
		if got := SpeaksOfCard(text); got != want {
			t.Errorf("SpeaksOfCard(%q) = %v", text, got)
		}
	}
}
