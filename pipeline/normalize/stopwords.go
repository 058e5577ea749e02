package normalize

// latinCodes are the languages of Latin script that are told apart; the first wins a tie.
var latinCodes = [...]string{"en", "es", "fr", "de", "pt", "it", "nl", "id", "vi", "tr", "pl"}

// latinLetters are letters that, among these languages, point to one or a few.
var latinLetters = map[string]string{
	"es": "ñ¿¡áíóú", "fr": "çèêàùœëïîôû", "de": "äöüß", "pt": "ãõçáâêóí", "it": "òìùèà",
	"vi": "ơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "tr": "şğıöüç", "pl": "łąęśćńżź",
}

// latinEndings are endings of words that are not in the lists.
var latinEndings = map[string][]string{
	"en": {"ing", "ed", "ly", "tion", "ness", "ment", "ght", "ould", "ies"},
	"es": {"ción", "ciones", "dad", "ando", "iendo", "ado", "ido", "mente", "os", "as", "es"},
	"fr": {"tion", "eux", "ment", "eur", "aux", "ée", "és", "er", "ait", "que", "ais"},
	"de": {"ung", "keit", "lich", "isch", "schaft", "heit", "en", "er", "te", "sch", "cht"},
	"pt": {"ção", "ções", "dade", "ando", "endo", "ado", "ido", "mente", "ões", "inho", "eira", "nha"},
	"it": {"zione", "zioni", "tà", "ando", "endo", "ato", "ito", "mente", "ggi", "glio", "chi", "tti", "lla", "i"},
	"nl": {"ij", "lijk", "heid", "ing", "en", "aar", "oor", "oot", "eer", "cht"},
	"id": {"kan", "nya", "an", "lah", "ng", "ah"},
	"tr": {"lar", "ler", "dır", "dir", "yor", "nın", "nin", "mak", "mek", "lik", "lık", "dan", "den"},
	"pl": {"ego", "owy", "nie", "ych", "ami", "ski", "czy", "rz", "ość", "wać"},
}

// latinWords are the commonest words of each language and the words of the trade in it.
var latinWords = map[string]map[string]bool{
	"en": set("the|and|a|an|card|cards|cancel|transaction|transfers|cancelling|per|is|to|of|my|i|you|not|it|for|have|with|this|that|was|on|please|can|can't|cannot|why|how|what|when|your|but|are|be|do|does|don't|i'm|has|been|" +
		"payment|refund|order|account|password|money|card|help|thanks|hello|hi|hey|dear|transfer|received|failed|failure|declined|wrong|still|paid|charged|bank|balance|login|log|" +
		"want|need|would|could|should|from|at|by|an|we|they|there|which|who|will|had|get|got|me|he|she|his|her|their|our|its|were|if|about|after|before|because|am|" +
		"where|top|up|verify|identity|cash|withdrawal|fee|exchange|rate|or|as|in|so|did|just|out|stop|lost|stolen|check|status|pending|these|than|then|them|into|only|some|any|all|again|been|didn't|it's|didnt|cant"),
	"es": set("el|la|los|las|de|que|y|en|un|una|es|por|con|no|mi|para|se|me|lo|su|pero|como|más|ha|he|está|este|esta|al|del|muy|ya|porque|cuando|tengo|hola|gracias|pago|pedido|" +
		"cuenta|contraseña|dinero|tarjeta|reembolso|ayuda|necesito|puedo|quiero|favor|ustedes|fue|son|también|sobre|entre|hay|si|sin|todo|donde|cómo|qué|le|les|nos"),
	"fr": set("le|la|les|de|des|du|et|est|un|une|je|ne|pas|que|qui|mon|ma|mes|pour|avec|sur|ce|cette|dans|vous|nous|il|elle|au|aux|à|été|ai|j'ai|n'ai|c'est|mais|ou|plus|bonjour|merci|" +
		"paiement|commande|compte|passe|remboursement|argent|carte|aide|toujours|votre|vos|par|se|son|sa|ses|leur|comme|en|tout|être|avoir|fait|sont|était|puis|pourquoi|comment"),
	"de": set("guten|tag|der|die|das|und|ist|ich|nicht|ein|eine|zu|mit|den|dem|des|für|auf|von|im|es|sie|wir|mein|meine|meinen|aber|habe|hat|wurde|wie|warum|bitte|danke|hallo|zahlung|" +
		"bestellung|konto|passwort|geld|karte|rückerstattung|hilfe|noch|kann|ihre|ihr|auch|als|aus|bei|nach|oder|über|sich|sind|war|werden|wird|einen|einer|einem|am|an|dass|nur|kein|keine|fehlgeschlagen|mehr|zum|zur|vor"),
	"pt": set("o|a|os|as|de|que|e|em|um|uma|é|por|com|não|meu|minha|para|se|me|mas|como|mais|foi|está|este|esta|ao|do|da|dos|das|no|na|nos|nas|muito|já|porque|quando|tenho|olá|obrigado|obrigada|pagamento|" +
		"pedido|conta|senha|dinheiro|cartão|reembolso|ajuda|preciso|posso|quero|favor|você|vocês|são|também|sobre|ou|ser|ter|seu|sua|isso|pelo|pela|até|ainda"),
	"it": set("il|lo|la|i|gli|le|di|che|e|in|un|una|è|per|con|non|mio|mia|si|mi|ma|come|più|ha|ho|sono|questo|questa|al|del|della|dei|delle|nel|nella|molto|già|perché|quando|ciao|buongiorno|grazie|pagamento|" +
		"ordine|conto|password|soldi|carta|rimborso|aiuto|posso|vorrei|stato|anche|da|dal|dalla|alla|sul|sulla|se|o|ed|ai|suo|sua|cosa|essere|era|ci|ancora"),
	"nl": set("de|het|een|en|van|is|ik|niet|op|te|dat|die|in|voor|met|mijn|zijn|maar|heb|heeft|werd|hoe|waarom|aan|er|ook|als|bij|naar|om|u|je|we|wij|nog|kan|uw|hallo|bedankt|dank|betaling|" +
		"bestelling|rekening|wachtwoord|geld|kaart|terugbetaling|hulp|geen|uit|over|door|wordt|worden|was|of|dit|deze|ze|hij|zij|tot|meer|wel|al|graag"),
	"id": set("yang|dan|di|ke|dari|ini|itu|untuk|dengan|tidak|saya|anda|sudah|belum|ada|akan|pada|juga|karena|bisa|kami|kita|mereka|adalah|dalam|oleh|atau|sebagai|tolong|mohon|terima|kasih|pembayaran|" +
		"pesanan|akun|uang|kartu|bantuan|kenapa|bagaimana|saat|lebih|telah|para|tersebut|hari|tahun|harus|lagi|masih|masuk|gagal|selamat|nya|apa|seperti"),
	"vi": set("và|là|của|có|không|tôi|được|cho|với|các|một|trong|này|đã|người|những|đến|khi|từ|về|như|để|ra|vào|bạn|xin|chào|cảm|ơn|thanh|toán|đơn|hàng|tài|khoản|mật|khẩu|tiền|thẻ|hoàn|giúp|chưa|bị|sao|làm|thế|nào|tại|năm|ở|sẽ|cũng|nhưng|tiền|rồi"),
	"tr": set("ve|bir|bu|da|de|için|ile|çok|ne|var|yok|değil|ama|gibi|daha|ben|benim|sen|siz|biz|olarak|olan|oldu|en|kadar|sonra|her|mi|mı|merhaba|teşekkürler|lütfen|ödeme|sipariş|hesap|hesabım|şifre|para|kart|iade|yardım|neden|nasıl|ya|ki|o|şu|ancak|veya|göre|tarafından"),
	"pl": set("i|w|na|z|do|nie|się|to|że|jest|o|jak|po|co|za|od|dla|ale|czy|mój|moje|mam|ma|przez|był|było|są|już|tylko|bardzo|dzień|dobry|dziękuję|proszę|płatność|zamówienie|konto|hasło|pieniądze|karta|zwrot|pomoc|dlaczego|kiedy|jego|tym|przy|oraz|może|tak|ich|lub"),
}
