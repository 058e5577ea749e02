package installation

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"frontdesk/configs"
	"frontdesk/workers/store/keyring"
)

// NoKeyError says that no master key has that name.
type NoKeyError struct {
	name  string
	names []string
}

func (e *NoKeyError) Error() string {
	return fmt.Sprintf("there is no master key %q; --name takes %s", e.name, strings.Join(e.names, ", "))
}

// IntakeKeyOf derives the intake key of a configured master key, of the first one for name "". The error is a
// *NoKeyError where there is none of that name. The same master key gives the same intake key each time.
func IntakeKeyOf(c configs.Config, name string) (keyring.IntakeKey, error) {
	var names []string
	for _, k := range c.Keys.Master {
		names = append(names, k.Name)
		if name != "" && k.Name != name {
			continue
		}
		key, err := masterKey(k)
		if err != nil {
			return keyring.IntakeKey{}, fmt.Errorf("reading master key %s: %w", k.Name, err)
		}
		return keyring.Master{Name: k.Name, Key: key}.IntakeKey()
	}
	return keyring.IntakeKey{}, &NoKeyError{name, names}
}

// intakeKeysDo reports whether this process needs no more than intake keys, and has some.
func intakeKeysDo(c configs.Config) bool {
	return len(c.Keys.Intake) > 0 && len(c.Roles) > 0 && !slices.ContainsFunc(c.Roles, func(r string) bool { return r != configs.RoleIntake })
}

func intakeKeys(c configs.Config) ([]keyring.IntakeKey, error) {
	var out []keyring.IntakeKey
	for _, k := range c.Keys.Intake {
		key, err := intakeKey(k)
		if err != nil {
			return nil, fmt.Errorf("reading intake key %s: %w", k.Name, err)
		}
		out = append(out, key)
	}
	return out, nil
}

// intakeKey reads what `frontdesk keys intake` has printed, from a variable of the environment or a file.
func intakeKey(k configs.IntakeKey) (keyring.IntakeKey, error) {
	if k.Env != "" {
		text, ok := os.LookupEnv(k.Env)
		if !ok {
			return keyring.IntakeKey{}, fmt.Errorf("the environment variable %s is not set; it holds what 'frontdesk keys intake' prints where the master key is", k.Env)
		}
		return keyring.ParseIntake(k.Name, text)
	}
	text, err := os.ReadFile(k.File)
	if err != nil {
		return keyring.IntakeKey{}, fmt.Errorf("%w; 'frontdesk keys intake' prints it where the master key is", err)
	}
	key, err := keyring.ParseIntake(k.Name, string(text))
	if err != nil {
		return keyring.IntakeKey{}, fmt.Errorf("%s: %w", k.File, err)
	}
	return key, nil
}

// wrongHalf says which role asks for a master key that is not here.
func wrongHalf(c configs.Config, err error) error {
	if len(c.Keys.Intake) > 0 && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w (the roles work and desk, and every command beside the service, need the master key; only --roles intake does with keys.intake)", err)
	}
	return err
}

// matchingIntake compares the intake keys that lie here with the master keys of their names.
func matchingIntake(c configs.Config) error {
	for _, k := range c.Keys.Intake {
		have, err := intakeKey(k)
		if err != nil {
			continue // it need not be where the master key is
		}
		want, err := IntakeKeyOf(c, k.Name)
		if err == nil && !bytes.Equal([]byte(have.Text()), []byte(want.Text())) {
			return fmt.Errorf("intake key %s is not that of the master key of this name: make it again with 'frontdesk keys intake --name %s'", k.Name, k.Name)
		}
	}
	return nil
}

// TooMuchKnown says what a process that faces the Internet has and does not need; empty when there is nothing.
func TooMuchKnown(c configs.Config) string {
	if len(c.Roles) == 0 || slices.ContainsFunc(c.Roles, func(r string) bool { return r != configs.RoleIntake }) {
		return ""
	}
	if len(c.Keys.Intake) == 0 {
		return "a process that only takes in has the master key and can read everything recorded: give it the intake key (keys.intake, 'frontdesk keys intake') in its place"
	}
	for _, k := range c.Keys.Master {
		if _, err := masterKey(k); err == nil {
			return "master key " + k.Name + " can be read by a process that only takes in and does not need it: take it away from there"
		}
	}
	return ""
}
