package normalize_test

import (
	"strings"
	"testing"

	"frontdesk/pipeline/normalize"
)

// TestFirstWordsThatSayNothing: what opens a talk in many languages, and on chats.
func TestFirstWordsThatSayNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " \n ", "Hi", "hi!", "HELLO", "Hellooo", "hiii", "Hey there 👋", "Good morning!", "Hello, is anyone there?", "Hi, are you there??", "hello hello", "Dear Sir or Madam,", "Hi, I have a question",
		"/start", "/start refund_campaign", "/start@desk_bot", "/START", "/menu", "/start cVsDfe-2_", "test", "Testing 1 2 3", "Test.", "this is a test", "ping", "?", "???", "...", "👍", "🙏🏽🙏🏽", "❤️", "👨‍👩‍👧", "!", "。", "ｈｉ",
		"你好", "您好！", "你好，在吗？", "在吗", "在嗎？？", "有人吗", "请问有人在吗", "喂喂喂", "哈喽～", "亲，在吗", "客服在吗", "早上好", "晚上好，打扰了", "你好啊啊", "妳好", "有冇人", "測試", "你好 👋", "你好，请问", "您好，我想咨询一下",
		"こんにちは", "もしもし？", "おはようございます。", "안녕하세요", "안녕하세요!!", "여보세요", "Selamat pagi", "salam, ada orang?", "Assalamualaikum", "Halo", "Xin chào", "alo alo", "Chào shop, có ai không?", "สวัสดีครับ", "Guten Tag!", "Bonjour, il y a quelqu'un ?",
		"¡Hola! ¿Hay alguien?", "Olá, bom dia", "Здравствуйте!", "Merhaba, kimse var mı?", "مرحبا", "السلام عليكم", "नमस्ते", "Kumusta po",
	} {
		if !normalize.SaysNothing(text) {
			t.Errorf("%q says nothing", text)
		}
	}
}

// TestAMatterIsNoGreeting: one word more than a greeting, a number, a name of a thing.
func TestAMatterIsNoGreeting(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"hi my card was stolen", "Hi! refund", "hello help", "help", "urgent", "Hi, payment failed", "hi 20261129001", "20261129001", "T-12", "1", "OK", "yes", "no", "thanks", "STOP", "/refund", "/start my card was stolen", "/stop", "start", "test payment failed", "testing the refund", "History", "hire", "hissing",
		"你好，我的卡被盗了", "在吗，退款", "有人盗刷我的卡", "你好吗我要退款", "盗刷", "退款", "人呢钱呢", "救命", "客服电话", "在线支付失败", "早上付款失败", "喂，我的钱", "测试支付失败", "请问退款", "亲爱的客服，我要投诉", "被盗", "在哪里退款", "呀钱没了",
		"こんにちは、カードを盗まれました", "안녕하세요 카드를 도난당했습니다", "Selamat pagi kad saya dicuri", "halo uang saya hilang", "Xin chào, thẻ của tôi bị mất", "alo tiền", "สวัสดีครับ บัตรหาย", "Guten Tag, Karte gestohlen", "Bonjour carte volée", "Hola, me robaron", "Здравствуйте, украли карту", "مرحبا سرقت بطاقتي", "💳 stolen", "👍 refund", "€50", "50",
		"hi " + strings.Repeat("hello ", 60),
	} {
		if normalize.SaysNothing(text) {
			t.Errorf("%q says something", text)
		}
	}
}

func FuzzSaysNothing(f *testing.F) {
	for _, s := range []string{"hi", "/start x", "你好，在吗", "hi my card", "👨‍👩‍👧", "\xff", "ạ̈"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		nothing := normalize.SaysNothing(s)
		if nothing != normalize.SaysNothing(" "+s+"\n") {
			t.Error("space around it changes what it says")
		}
		if normalize.SaysNothing(s + " my card was stolen") {
			t.Error("a matter behind it is not seen")
		}
	})
}
