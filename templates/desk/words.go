package desk

import (
	"bufio"
	"fmt"
	"maps"
	"strings"
)

// readWords reads the table of words: a line is key | English | Chinese.
func readWords(more map[string]map[string]string) (map[string]map[string]string, error) {
	f, err := files.Open("words.txt")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string]map[string]string{English: {}, Chinese: {}}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) != 3 {
			return nil, fmt.Errorf("line %d: %d cells, want key | English | Chinese", n, len(cells))
		}
		key := strings.TrimSpace(cells[0])
		if _, twice := out[English][key]; twice {
			return nil, fmt.Errorf("line %d: %s is there twice", n, key)
		}
		out[English][key], out[Chinese][key] = strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])
	}
	for lang, words := range more {
		if out[lang] != nil {
			maps.Copy(out[lang], words)
		}
	}
	return out, lines.Err()
}

// text is the word of that key with its verbs filled in. A key without a word stands for itself, so that nothing ever vanishes from a
// page.
func (p *Pages) text(lang, key string, args ...any) string {
	word, ok := p.words[lang][key]
	if !ok {
		word = key
	}
	if len(args) == 0 {
		return word
	}
	return fmt.Sprintf(word, args...)
}

// value is the word for a value that the store gave, such as a queue or a cause. A value that has none is shown as it is.
func (p *Pages) value(lang, group string, value any) string {
	s := fmt.Sprint(value)
	if word, ok := p.words[lang][group+"."+s]; ok {
		return word
	}
	return s
}
