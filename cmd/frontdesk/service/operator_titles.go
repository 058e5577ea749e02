package service

import (
	"frontdesk/configs"
	"frontdesk/templates/console"
	"slices"
)

// pageTitles are the configured names of queues and categories, by language of the operator's page and key
// ("desk.billing", "category.refund"). A name that is there in another language only is better than a key.
func pageTitles(c configs.Config) map[string]map[string]string {
	out := map[string]map[string]string{}
	for lang, order := range map[string][]string{console.English: {"en"}, console.Chinese: {"zh-Hans", "zh", "zh-Hant"}} {
		out[lang] = map[string]string{}
		for _, q := range c.Queues {
			put(out[lang], "desk."+q.Name, q.Title, order)
		}
		for _, k := range c.Categories {
			put(out[lang], "category."+k.Key, k.Names, order)
		}
	}
	return out
}

// put takes the first name that is there, in the order of languages.
func put(words map[string]string, key string, names map[string]string, order []string) {
	for _, lang := range append(slices.Clip(order), "en", "zh-Hans", "zh-Hant") {
		if name := names[lang]; name != "" {
			words[key] = name
			return
		}
	}
}
