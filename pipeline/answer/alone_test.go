package answer

import "testing"

func TestAWordStandsAlone(t *testing.T) {
	for _, c := range []struct {
		name, term, text string
		want             bool
	}{
		{"a word", "card", "my card is lost", true},
		{"at the beginning", "card", "card is lost", true},
		{"at the end", "card", "my card", true},
		{"the beginning of a word", "card", "my cardholder", false},
		{"the end of a word", "card", "my postcard", false},
		{"the second time", "card", "postcard, card", true},
		{"before a digit", "card", "card2", false},
		{"beside Chinese", "card", "我的card丢了", true},
		{"beside an apostrophe", "card", "the card's number", true},
		{"before a letter with an accent", "cart", "cartão", false},
		{"a Cyrillic word", "карта", "моя карта", true},
		{"the beginning of a Cyrillic word", "карт", "моя карта", false},
		{"Chinese within a sentence", "丢了", "卡丢了怎么办", true},
		{"Chinese that is parted", "丢了", "丢 了", false},
		{"Korean is written apart", "카드", "제 카드", true},
		{"Korean with its particle", "카드", "카드를", false},
		{"Japanese within a word", "カード", "クレジットカードです", true},
		{"two words", "lost card", "a lost card", true},
		{"two words with two spaces", "lost card", "a lost  card", false},
	} {
		if got := holds(c.text, c.term); got != c.want {
			t.Errorf("%s: %q in %q: %v", c.name, c.term, c.text, got)
		}
	}
}
