package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/configs"
	"frontdesk/workers/store"
)

// WithBase runs a command on the database, beside a service that may be running. check may be nil; it looks at what
// was asked for, before there need be a database. Nothing is migrated and no database is made: a wrong --data-dir is
// an error here, not an empty answer.
func (o *Options) WithBase(ctx context.Context, check func(configs.Config) error, work func(configs.Config, *installation.Base) error) error {
	c, err := o.Load()
	if err != nil {
		return err
	}
	if check != nil {
		if err := check(c); err != nil {
			return err
		}
	}
	b, err := installation.Open(ctx, c, false)
	if err != nil {
		return err
	}
	defer b.Close()
	if o.note != nil {
		if err := Note(ctx, b.Store, *o.note); err != nil {
			return err
		}
	}
	return work(c, b)
}

// WithStore is WithBase for what needs the store alone.
func (o *Options) WithStore(ctx context.Context, work func(*store.Store) error) error {
	return o.WithBase(ctx, nil, func(_ configs.Config, b *installation.Base) error { return work(b.Store) })
}

// KnownInbox refuses the name of an inbox that neither the configurations nor the database know. Nothing
// would be found of it, and that looks like a result.
func KnownInbox(ctx context.Context, name string, s *store.Store, cs ...configs.Config) error {
	if name == "" {
		return nil
	}
	var names []string
	for _, c := range cs {
		names = append(names, inboxNames(c)...)
	}
	seen, err := s.View.Inboxes(ctx)
	if err != nil {
		return err
	}
	for _, i := range seen {
		names = append(names, i.Name)
	}
	if !slices.Contains(names, name) {
		return NoInbox(name, names)
	}
	return nil
}

// inboxNames are the configured inboxes.
func inboxNames(c configs.Config) []string {
	var names []string
	for _, i := range c.Inboxes {
		names = append(names, i.Name)
	}
	return names
}

// NoInbox refuses a name and tells those that there are.
// names need not be sorted, and may hold one twice.
func NoInbox(name string, names []string) error {
	slices.Sort(names)
	return Usage(fmt.Errorf("there is no inbox %q; --inbox takes %s", name, strings.Join(slices.Compact(names), ", ")))
}
