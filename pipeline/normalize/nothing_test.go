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
		"hi my card was stolen", "Hi! refund", "urgent", "emergency", "help my card", "I need help with my refund", "someone has my card", "someone got in", "can you help me, I can't pay", "no help", "no service", "not working", "I need money", "are you open today?", "Hi, payment failed", "hi 20261129001", "20261129001", "T-12", "1", "OK", "yes", "no", "thanks", "STOP", "/refund", "/start my card was stolen", "/stop", "start", "test payment failed", "testing the refund", "History", "hire", "hissing",
		"你好，我的卡被盗了", "在吗，退款", "有人盗刷我的卡", "你好吗我要退款", "盗刷", "退款", "人呢钱呢", "救命", "客服电话", "在线支付失败", "早上付款失败", "喂，我的钱", "测试支付失败", "请问退款", "亲爱的客服，我要投诉", "被盗", "在哪里退款", "呀钱没了",
		"こんにちは、カードを盗まれました", "안녕하세요 카드를 도난당했습니다", "Selamat pagi kad saya dicuri", "halo uang saya hilang", "Xin chào, thẻ của tôi bị mất", "alo tiền", "สวัสดีครับ บัตรหาย", "Guten Tag, Karte gestohlen", "Bonjour carte volée", "Hola, me robaron", "Здравствуйте, украли карту", "مرحبا سرقت بطاقتي", "💳 stolen", "👍 refund", "€50", "50",
		"hi " + strings.Repeat("hello ", 60),
	} {
		if normalize.SaysNothing(text) {
			t.Errorf("%q says something", text)
		}
	}
}

// TestSentencesThatSayNothing: greetings to somebody, questions whether anybody is there, wishes for help or for a person.
func TestSentencesThatSayNothing(t *testing.T) {
	t.Parallel()
	const texts = "Good morning team|good morning everyone|hey guys|Is there anybody there?|good evening, how are you doing today?|Hi, hope you are doing well.|help|hello help|Can you help me please?|" +
		"I have a problem|I'd like to ask you something|I want to talk to a human|speak to a representative|live agent|Hi please|hlo|Do you speak Chinese?|am I talking to a bot|hello你好|你好hi|你好，有个问题|我想问个问题|麻烦问一下|请教一下|" +
		"我需要帮助|能帮我吗|帮帮我|人工客服|转人工服务|我要人工|客服在不在|有人能帮我吗|收到请回复|各位早安|老师您好|在|不好意思請問|唔該|搵人|有人喺度嗎|我要真人客服|轉接客服|可以幫我嗎|需要協助|團隊早安|hello呀|" +
		"necesito ayuda|bonjour, j'ai une question|Hallo zusammen|Ich brauche Hilfe|preciso de ajuda|halo kak, mau tanya|saya nak tanya|xin chào ad, cho hỏi|สอบถามหน่อยค่ะ|こんにちは、質問です|문의 있습니다|у меня вопрос|bir sorum var|عندي سؤال|नमस्ते जी"
	for text := range strings.SplitSeq(texts, "|") {
		if !normalize.SaysNothing(text) {
			t.Errorf("%q says nothing", text)
		}
	}
}

// TestAMatterInWordsOfAGreeting: one word tells it.
func TestAMatterInWordsOfAGreeting(t *testing.T) {
	t.Parallel()
	const texts = "I need my money|can you help me pay|someone got into my account|someone is using my card|I have a problem with my card|I have no service|I can not pay|is there a fee|are you closed|I want a refund|is this a scam|a machine ate my card|I have a new phone|" +
		"我需要退款|帮我冻结|帮我找回|有人转走我的钱|我要转账|有人用我的卡|找不到我的钱|请帮我查订单|我要投诉人工客服|你们骗人|我的卡不见了|转账问题|充值问题|我想注销|需要帮助，卡丢了|人工客服骂人|有人冒充客服|帮我改手机号|我有发票问题|没有人转账给我|唔見咗張卡|轉數快有問題|" +
		"necesito mi dinero|j'ai perdu ma carte|ich habe bezahlt|saya nak refund|mình cần tiền|ช่วยด้วย บัตรหาย|質問です、返金|у меня украли карту|kartım çalındı"
	for text := range strings.SplitSeq(texts, "|") {
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
