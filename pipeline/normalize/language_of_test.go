package normalize

import "frontdesk/pipeline/normalize/tidy"

// Language returns the BCP 47 code of the language that a text is written in: "zh-Hans", "zh-Hant",
// or a bare language code; "" where the text does not tell. Chinese with English words in it
// is Chinese; English with a Chinese name in it is English.
func Language(text string) string {
	c := countScripts(tidy.Clip(text, 16<<10))
	return c.language(text)
}
