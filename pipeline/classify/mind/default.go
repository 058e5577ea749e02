package mind

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"frontdesk/pipeline/classify"
	"frontdesk/pipeline/classify/learned"
)

//go:embed default.model
var defaultModel []byte

// Default is the mind of the first home: its rules, and the model that was trained from the project's own examples.
// A test makes the same model from them, so an error here means a broken build.
func Default() (*Mind, error) {
	rules, err := classify.DefaultRules()
	if err != nil {
		return nil, err
	}
	c, err := classify.New(rules)
	if err != nil {
		return nil, err
	}
	m, err := DefaultModel()
	if err != nil {
		return nil, err
	}
	return New(c, m), nil
}

// DefaultModel is the model that comes with the program, for rules of a desk's own. It is read once, at the first call.
func DefaultModel() (*learned.Model, error) { return readDefault() }

var readDefault = sync.OnceValues(func() (*learned.Model, error) {
	parts, err := learned.Read(bytes.NewReader(defaultModel))
	if err != nil {
		return nil, fmt.Errorf("reading the default model: %w", err)
	}
	m, err := learned.New(parts)
	if err != nil {
		return nil, fmt.Errorf("reading the default model: %w", err)
	}
	return m, nil
})
