package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"frontdesk/workers/store"
	"frontdesk/workers/store/logbook"
)

// ActPrefix begins the acts of the command line in the desk's log.
const ActPrefix = "command-"

// Annotations of commands that change something.
const (
	actOf = "act" // what the log calls it
	actIf = "act-if"
)

// Acts says that a command changes something. What it does is entered into the desk's log before it is done, with the words behind it, which must name
// logins and numbers alone. when: a flag without which it only looks.
func Acts(c *cobra.Command, act string, when ...string) *cobra.Command {
	if c.Annotations == nil {
		c.Annotations = map[string]string{}
	}
	c.Annotations[actOf] = ActPrefix + act
	if len(when) > 0 {
		c.Annotations[actIf] = when[0]
	}
	return c
}

// ActOf is what the log calls what a command does; empty: it only looks, or notes by itself what it does.
func ActOf(c *cobra.Command) string { return c.Annotations[actOf] }

// Begin is called before a command runs.
func (o *Options) Begin(c *cobra.Command, args []string) {
	o.note = nil
	act := ActOf(c)
	if when := c.Annotations[actIf]; act == "" || when != "" && !c.Flags().Changed(when) {
		return
	}
	o.note = &logbook.Line{Act: act, Object: listed(args), Detail: said(c)}
}

// listed are as many words as a line of the log holds, with how many are left out.
func listed(words []string) string {
	const most = 180 // bytes; the log cuts what is longer
	text := ""
	for i, w := range words {
		if len(text)+1+len(w) > most {
			return strings.TrimSpace(fmt.Sprintf("%s +%d", text, len(words)-i))
		}
		text += " " + w
	}
	return strings.TrimSpace(text)
}

// tellable are the flags that say more of what is done and name no customer.
var tellable = []string{"role", "queue", "level", "take", "language", "category", "channel", "cause", "inbox", "limit", "learn", "all"}

// said are those of them that were given, as role=lead queue=refunds.
func said(c *cobra.Command) string {
	var out []string
	c.Flags().Visit(func(f *pflag.Flag) {
		if slices.Contains(tellable, f.Name) {
			out = append(out, f.Name+"="+strings.Trim(f.Value.String(), "[]"))
		}
	})
	return strings.Join(out, " ")
}

// Note enters into the desk's log what somebody is about to do by the command line. What cannot be noted is not done.
func Note(ctx context.Context, s *store.Store, l logbook.Line) error {
	l.At, l.Who = time.Now(), logbook.CommandLine+strings.ToLower(Operator())
	if err := s.Logbook.Note(ctx, l); err != nil {
		return fmt.Errorf("entering it into the desk's log, without which it is not done: %w", err)
	}
	return nil
}
