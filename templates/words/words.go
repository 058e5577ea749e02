// Package words reads the words of pages: one table for each set of pages, in both languages of people who work with Frontdesk; a leaf.
package words

import (
	"bufio"
	"fmt"
	"io/fs"
	"maps"
	"strings"
)

// Languages of the pages, as BCP 47 tags. zh is Simplified Chinese.
const (
	English = "en"
	Chinese = "zh"
)

// file is the table's name in each folder.
const file = "words.txt"

// Read reads words.txt: a line is key | English | Chinese, a line that begins with # and an empty one are passed over. A new word is a line: its key in a
// template is found in both languages, or stands there itself. more, by language and key, goes before what the table says. A line of another shape, and a key
// that is there twice, are errors.
func Read(from fs.FS, more map[string]map[string]string) (map[string]map[string]string, error) {
	f, err := from.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading words: %w", err)
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
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading words: %w", err)
	}
	for language, own := range more {
		if out[language] != nil {
			maps.Copy(out[language], own)
		}
	}
	return out, nil
}
