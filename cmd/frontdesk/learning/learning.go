// Package learning are the commands that train a model on a desk's own messages, and try it.
package learning

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/pipeline/classify/learned"
)

// Commands are train, classify, understand and models.
func Commands(o *command.Options) []*cobra.Command {
	return []*cobra.Command{newTrain(o), newClassify(o), newUnderstand(o), newModels(o)}
}

// names are what a model may be called: its name is the name of a file.
var names = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// ending of the files of models.
const ending = ".model"

// shelf is the folder in which the models of an installation lie.
type shelf string

// shelfOf is the folder of the installation that the flags name.
func shelfOf(o *command.Options) (shelf, error) {
	c, err := o.Load()
	if err != nil {
		return "", err
	}
	return shelf(filepath.Join(c.DataDir, "models")), nil
}

// path is where a model lies. The error says what a name may be.
func (s shelf) path(name string) (string, error) {
	if !names.MatchString(name) {
		return "", command.Usage(fmt.Errorf("%q is no name for a model: small letters, digits, dots and dashes, 64 at most", name))
	}
	return filepath.Join(string(s), name+ending), nil
}

// read reads a model. The error names those that there are.
func (s shelf) read(name string) (learned.Parts, error) {
	path, err := s.path(name)
	if err != nil {
		return learned.Parts{}, err
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		there, listed := s.list()
		if listed != nil {
			return learned.Parts{}, listed
		}
		return learned.Parts{}, command.Usage(fmt.Errorf("there is no model %q; %s", name, existing(there)))
	}
	if err != nil {
		return learned.Parts{}, fmt.Errorf("opening the model: %w", err)
	}
	defer file.Close()
	p, err := learned.Read(file)
	if err != nil {
		return p, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// model opens a model of the shelf to ask it.
func (s shelf) model(name string) (*learned.Model, error) {
	p, err := s.read(name)
	if err != nil {
		return nil, err
	}
	return learned.New(p)
}

// existing tells which models there are.
func existing(there []string) string {
	if len(there) == 0 {
		return "frontdesk train makes one"
	}
	return "there are " + strings.Join(there, ", ")
}

// list are the names of the models, sorted; none where the folder is not there.
func (s shelf) list() ([]string, error) {
	entries, err := os.ReadDir(string(s))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing the models: %w", err)
	}
	var out []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ending); ok && names.MatchString(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, nil
}

// write puts a model into its place: whole or not at all, so that a service that reads it never finds half of one.
func (s shelf) write(name string, p learned.Parts) (path string, size int64, err error) {
	if path, err = s.path(name); err != nil {
		return "", 0, err
	}
	if err := os.MkdirAll(string(s), 0o700); err != nil {
		return "", 0, fmt.Errorf("making the folder of models: %w", err)
	}
	file, err := os.CreateTemp(string(s), "."+name+".*")
	if err != nil {
		return "", 0, fmt.Errorf("writing the model: %w", err)
	}
	defer os.Remove(file.Name()) // after the rename it is no longer there
	err = learned.Write(file, p)
	err = errors.Join(err, file.Sync())
	info, stat := file.Stat()
	if err = errors.Join(err, stat, file.Close()); err != nil {
		return "", 0, err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return "", 0, fmt.Errorf("putting the model into its place: %w", err)
	}
	return path, info.Size(), nil
}
