package understanding

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"frontdesk/pipeline/classify/training"
)

// maxSet is more than any of the sets has, so that a wrong file takes no memory.
const maxSet = 256 << 20

// content reads a file of a set.
func content(folder string, path ...string) ([]byte, error) {
	name := filepath.Join(append([]string{folder}, path...)...)
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening the messages: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxSet))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return data, nil
}

// readOwn reads messages under [category] lines, one a line; " // " ends a subject, # begins a comment.
func readOwn(data []byte) (out []training.Example, err error) {
	category := ""
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			category = strings.Trim(line, "[]")
		case category == "":
			return nil, fmt.Errorf("line %d: a message before the first [category]", n)
		default:
			subject, text, found := strings.Cut(line, " // ")
			if !found {
				subject, text = "", line
			}
			out = append(out, training.Example{Subject: subject, Text: text, Label: category})
		}
	}
	return out, nil
}

// readBanking reads the table of BANKING77: text and category.
func readBanking(data []byte) (out []training.Example, err error) {
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading the table: %w", err)
	}
	for i, row := range rows {
		if len(row) != 2 {
			return nil, fmt.Errorf("row %d: %d columns, want text and category", i+1, len(row))
		}
		if i > 0 {
			out = append(out, training.Example{Text: row[0], Label: row[1]})
		}
	}
	return out, nil
}

// clincSet is the file of CLINC150: pairs of text and category.
type clincSet struct {
	Train   [][2]string `json:"train"`
	Val     [][2]string `json:"val"`
	Outside [][2]string `json:"oos_val"`
}

// readClinc reads the part to learn from, and the one to measure on, with what is outside.
func readClinc(data []byte) (train, held []training.Example, err error) {
	var set clincSet
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, nil, fmt.Errorf("reading the set: %w", err)
	}
	if len(set.Train) == 0 || len(set.Val) == 0 {
		return nil, nil, errors.New("there is no train, or no val: it is not the file data_full of CLINC150")
	}
	return pairs(set.Train), append(pairs(set.Val), pairs(set.Outside)...), nil
}

func pairs(list [][2]string) (out []training.Example) {
	for _, p := range list {
		out = append(out, training.Example{Text: p[0], Label: p[1]})
	}
	return out
}

// heldShare: one of so many messages is held out.
const heldShare = 10

// split holds out a tenth of the messages, by the digest of their texts: always the same ones, in whatever order they stand, and one text on
// one side only.
func split(all []training.Example) (train, held []training.Example) {
	for _, e := range all {
		if sum := sha256.Sum256([]byte(e.Text)); (int(sum[0])<<8|int(sum[1]))%heldShare == 0 {
			held = append(held, e)
		} else {
			train = append(train, e)
		}
	}
	return train, held
}
