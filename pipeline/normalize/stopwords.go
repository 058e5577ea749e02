package normalize

import "strings"

// latinCodes are the languages of Latin script that are told apart; the first wins a tie.
var latinCodes = [...]string{"en", "es", "fr", "de", "pt", "it", "nl", "id", "vi", "tr", "pl"}

// latinLetters are letters that, among these languages, point to one or a few; latinEndings are endings of words that are not in
// the lists; latinWords are the commonest words.
var latinLetters, latinEndings, latinWords = func() (letters map[string]string, endings map[string][]string, words map[string]map[string]bool) {
	letters, endings, words = map[string]string{}, map[string][]string{}, map[string]map[string]bool{}
	for _, name := range latinLists.Names() {
		switch code, what, _ := strings.Cut(name, " "); what {
		case "letters":
			letters[code] = strings.Join(latinLists.Words(name), "")
		case "endings":
			endings[code] = latinLists.Words(name)
		case "words":
			words[code] = latinLists.Set(name)
		}
	}
	return letters, endings, words
}()
