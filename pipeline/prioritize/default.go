package prioritize

// Default is the policy of the first home, without its categories' own levels: words in Chinese
// (Simplified; Traditional ones are folded to them) and English.
// The words are those with which customers in danger, robbed or about to complain write. A word
// goes to the list that says what it is a sign of; one that customers also use for everyday matters does not belong here.
func Default() Policy {
	return Policy{
		Default: Normal,
		Words: []Words{
			{Name: "danger to life", Level: Urgent, Words: []string{"自杀", "轻生", "不想活", "活不下去", "suicide", "suicidal", "kill myself", "end my life"}},
			{Name: "security", Level: Urgent, Words: []string{"盗刷", "被盗", "盗用", "被骗", "诈骗", "黑客", "不是本人", "非本人", "未经授权", "手机丢了",
				"hacked", "stolen", "fraud", "fraudulent", "scammed", "unauthorised", "unauthorized", "phishing", "identity theft"}},
			{Name: "vulnerable customer", Level: High, Words: []string{"住院", "手术", "救命钱", "病危", "残疾", "失明", "丧葬", "交不起房租", "没钱吃饭",
				"hospital", "surgery", "funeral", "disabled person", "wheelchair", "bereavement", "evicted", "cannot buy food", "cant buy food"}},
			{Name: "escalation", Level: High, Words: []string{"律师", "起诉", "法院", "监管", "银保监会", "金管局", "消费者协会", "消委会", "12315", "媒体曝光", "曝光",
				"lawyer", "solicitor", "court", "ombudsman", "regulator", "legal action", "sue"}},
			{Name: "urgency", Level: High, Words: []string{"非常紧急", "十万火急", "加急", "马上处理", "急用钱", "urgent", "urgently", "emergency", "asap"}},
		},
		Sums: []Sum{
			{Currency: "CNY", AtLeast: 50_000, Level: High}, {Currency: "HKD", AtLeast: 50_000, Level: High},
			{Currency: "TWD", AtLeast: 200_000, Level: High}, {Currency: "USD", AtLeast: 7_000, Level: High},
			{Currency: "EUR", AtLeast: 7_000, Level: High}, {Currency: "GBP", AtLeast: 6_000, Level: High},
		},
		Repeats: 2,
	}
}
