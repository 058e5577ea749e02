package understanding

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"frontdesk/pipeline/classify/mind"
	"frontdesk/pipeline/classify/training"
	"frontdesk/pipeline/words"
)

// defaultMind asks the mind that comes with the program, in each language by itself.
func defaultMind(b *bench) ([]figure, error) {
	data, err := content(b.own, "blind.txt")
	if err != nil {
		return nil, fmt.Errorf("%w; --own names the folder pipeline/classify/testdata of the project's source", err)
	}
	all, err := readOwn(data)
	if err != nil {
		return nil, fmt.Errorf("blind.txt: %w", err)
	}
	began := time.Now()
	m, err := mind.Default()
	if err != nil {
		return nil, err
	}
	took := float64(time.Since(began).Microseconds()) / 1000
	var chinese, english []training.Example
	for _, e := range all {
		if strings.ContainsFunc(e.Subject+e.Text, words.Han) {
			chinese = append(chinese, e)
		} else {
			english = append(english, e)
		}
	}
	out := []figure{of("default, Chinese", whole(m), chinese, mind.Outside), of("default, English", whole(m), english, mind.Outside)}
	for i := range out {
		out[i].LoadMS = took
	}
	return out, nil
}

// banking learns from nine of ten questions to a bank, and is asked about the tenth.
func banking(b *bench) ([]figure, error) {
	train, held, err := bankingParts(b.datasets)
	if err != nil {
		return nil, err
	}
	f, err := b.taught("banking77", train, nil, held, "", 1)
	return []figure{f}, err
}

func bankingParts(folder string) (train, held []training.Example, err error) {
	data, err := content(folder, "banking77", "train.csv")
	if err != nil {
		return nil, nil, err
	}
	all, err := readBanking(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if err != nil {
		return nil, nil, fmt.Errorf("banking77/train.csv: %w", err)
	}
	train, held = split(all)
	return train, held, nil
}

// clincOutside is the label that CLINC150 gives to what is outside.
const clincOutside = "oos"

// clinc learns from the training part of CLINC150, and is asked about the validation part with what is outside. Of that it has seen nothing.
func clinc(b *bench) ([]figure, error) {
	data, err := content(b.datasets, "clinc150", "data_full_train_val.json")
	if err != nil {
		return nil, err
	}
	train, held, err := readClinc(data)
	if err != nil {
		return nil, fmt.Errorf("clinc150/data_full_train_val.json: %w", err)
	}
	f, err := b.taught("clinc150", train, nil, held, clincOutside, 1)
	return []figure{f}, err
}

// fewEach is how many labels a category has where they are few.
const fewEach = 10

// fewLabels learns from ten labelled questions a category; the rest of the part to learn from is given without its labels.
func fewLabels(b *bench) ([]figure, error) {
	train, held, err := bankingParts(b.datasets)
	if err != nil {
		return nil, err
	}
	var draws []figure
	for draw := range b.draws {
		labelled, others := drawn(train, fewEach, uint64(draw+1))
		f, err := b.taught(fmt.Sprintf("few, draw %d", draw+1), labelled, others, held, "", uint64(draw+1))
		if err != nil {
			return nil, err
		}
		draws = append(draws, f)
	}
	if len(draws) == 1 {
		return draws, nil
	}
	return append(draws, mean(draws)), nil
}

// drawn labels so many messages of each category by lot.
func drawn(all []training.Example, each int, seed uint64) (labelled, others []training.Example) {
	random := rand.New(rand.NewPCG(seed, 29))
	count := map[string]int{}
	for _, i := range random.Perm(len(all)) {
		e := all[i]
		if count[e.Label] < each {
			count[e.Label]++
			labelled = append(labelled, e)
			continue
		}
		e.Label = ""
		others = append(others, e)
	}
	return labelled, others
}

// mean is that of some draws.
func mean(draws []figure) figure {
	out := draws[0]
	out.Name = fmt.Sprintf("few, mean of %d draws", len(draws))
	n := float64(len(draws))
	out.Right, out.Surest, out.Named, out.Precision, out.Micros, out.LoadMS, out.TrainSeconds = 0, 0, 0, 0, 0, 0, 0
	for _, f := range draws {
		out.Right += f.Right / n
		out.Surest += f.Surest / n
		out.Named += f.Named / n
		out.Precision += f.Precision / n
		out.Micros += f.Micros / n
		out.LoadMS += f.LoadMS / n
		out.TrainSeconds += f.TrainSeconds / n
		out.Bytes = max(out.Bytes, f.Bytes)
	}
	return out
}

// taught trains a model and measures it on messages that it has not seen.
func (b *bench) taught(name string, labelled, others, held []training.Example, outside string, seed uint64) (figure, error) {
	if len(held) == 0 {
		return figure{}, fmt.Errorf("%d messages are too few: none is held out to measure on", len(labelled))
	}
	result, seconds, err := b.train(name, labelled, others, seed)
	if err != nil {
		return figure{}, err
	}
	m, size, ms, err := loaded(result.Parts)
	if err != nil {
		return figure{}, err
	}
	f := of(name, alone(m), held, outside)
	f.Learned, f.Unlabelled, f.Bytes, f.LoadMS, f.TrainSeconds = len(labelled), len(others), size, ms, seconds
	return f, nil
}
