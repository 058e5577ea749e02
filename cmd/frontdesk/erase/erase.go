// Package erase is the command that removes a person everywhere, and proves it by search: tables, and the bytes of the data directory.
package erase

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"frontdesk/cmd/frontdesk/command"
	"frontdesk/cmd/frontdesk/installation"
	"frontdesk/cmd/frontdesk/terminal"
	"frontdesk/configs"
	"frontdesk/pipeline/message"
	"frontdesk/workers/ops/control"
	"frontdesk/workers/store"
	"frontdesk/workers/store/erasure"
	"frontdesk/workers/store/logbook"
)

// Act is what the desk's log calls it.
const Act = command.ActPrefix + "erase"

// flags are the flags of the command.
type flags struct {
	dry, yes, block, vacuum bool
	// wait is how long messages of the person that are being decided or sent may hold the erasure up, and then readings of the
	// SQLite file.
	wait time.Duration
}

// Command is frontdesk erase. The store erases and proves it over its tables (package erasure); what the store does
// not know is done here: the mail sink, the send journal of the service, and the bytes of SQLite's files. If the
// process dies in its middle, the erasure stands in the list of unfinished ones, and running the command again goes
// on; each step may be done twice.
func Command(o *command.Options) *cobra.Command {
	f := &flags{}
	c := &cobra.Command{
		Use:   "erase [CONTACT]",
		Short: "Remove a person everywhere, and prove it by search",
		Long: `Remove a person everywhere: originals, files, texts, addresses, what is still to be sent. Rows that the
books need stay without text, address and key, so that the sums hold and nothing comes back when a mailbox
is read again. Afterwards all tables, and with SQLite the bytes of the data directory, are searched.

CONTACT is the number of a contact, as 'tickets --json' and 'trace --json' tell it, or an address: a mail
address, a telephone number with its plus sign, or telegram:ID. Without CONTACT, erasures are listed that
were begun and have not come to their end; running such a one again finishes it.

What the person sends later makes him a new customer, unless --block is given: then it is dropped.`,
		Example: `  frontdesk erase ann@customer.example --dry-run
  frontdesk erase 12
  frontdesk erase +8613800138000 --yes --json
  frontdesk erase telegram:7712345678 --block`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return run(cmd, o, f, args) },
	}
	c.Flags().BoolVar(&f.dry, "dry-run", false, "only say what would go")
	c.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&f.block, "block", false, "drop what the person sends later")
	c.Flags().BoolVar(&f.vacuum, "vacuum", false, "rewrite the SQLite file in any case, even when it is large: nobody can write meanwhile")
	c.Flags().DurationVar(&f.wait, "wait", 30*time.Second, "wait so long for what is being decided or sent, and for those who read the SQLite file")
	return o.JSONFlag(c)
}

func run(cmd *cobra.Command, o *command.Options, f *flags, args []string) error {
	return o.WithBase(cmd.Context(), nil, func(c configs.Config, b *installation.Base) error {
		e := &erasing{cmd: cmd, o: o, f: f, c: c, s: b.Store}
		if len(args) == 0 {
			return e.unfinished()
		}
		return e.run(args[0])
	})
}

// erasing is one run of the command.
type erasing struct {
	cmd *cobra.Command
	o   *command.Options
	f   *flags
	c   configs.Config
	s   *store.Store
}

// report is what --json prints of one run.
type report struct {
	erasure.Person
	DryRun bool `json:"dry_run,omitempty"`
	// Would is what would go (--dry-run), Done what went; one of them is nil.
	Would *erasure.Traces `json:"would,omitempty"`
	Done  *erasure.Erased `json:"done,omitempty"`
	// Files is nil on PostgreSQL, whose files are the server's.
	Files    *fileProof `json:"files,omitempty"`
	SinkGone int        `json:"sink_files_removed"`
	// Clean says that the searches have found nothing of the person any more.
	Clean bool `json:"clean"`
}

// unfinished lists erasures that have begun and not ended, with exit code 1 when there are any, for whoever watches
// by a script.
func (e *erasing) unfinished() error {
	ids, err := e.s.Erasure.Unfinished(e.cmd.Context())
	if err != nil {
		return err
	}
	if e.o.JSON {
		if err := e.print(ids); err != nil {
			return err
		}
	} else if len(ids) == 0 {
		fmt.Fprintln(e.cmd.OutOrStdout(), "no erasure is unfinished")
	}
	for _, id := range ids {
		if !e.o.JSON {
			fmt.Fprintf(e.cmd.OutOrStdout(), "contact %d: begun and not finished; run 'frontdesk erase %d' again\n", id, id)
		}
	}
	if len(ids) > 0 {
		return command.Finding(nil)
	}
	return nil
}

func (e *erasing) print(v any) error {
	b, err := json.MarshalIndent(withLists(v), "", "  ")
	if err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	_, err = fmt.Fprintln(e.cmd.OutOrStdout(), string(b))
	return err
}

// run searches first where somebody is to be asked, so that he sees what would go; with --yes the erasure's own
// search does. A person of whom nothing is there is told as nobody. --block goes on all the same: it is meant for
// what comes later.
func (e *erasing) run(who string) error {
	p, err := e.person(who)
	if err != nil {
		return err
	}
	if e.f.dry || !e.f.yes {
		found, err := e.s.Erasure.Find(e.cmd.Context(), p, e.progress("searching"))
		if err != nil {
			return err
		}
		if e.f.dry && e.o.JSON {
			return e.print([]report{{Person: p, DryRun: true, Would: &found, Clean: found.Left() == 0}})
		}
		if found.Nothing() && !e.f.block {
			tellNobody(e.cmd.OutOrStdout(), found.Searched)
			return nil
		}
		tellFound(terminal.Visibly(e.cmd.ErrOrStderr()), p, found)
		if e.f.dry {
			return nil
		}
		if err := e.confirm(); err != nil {
			return err
		}
	}
	return e.erase(p)
}

// person reads CONTACT. An address that nobody has is a person of its own: parked messages may be his. A contact that
// was erased before is no contact any more, so only its addresses find what came since.
func (e *erasing) person(who string) (erasure.Person, error) {
	ctx := e.cmd.Context()
	if id, err := strconv.ParseUint(who, 10, 63); err == nil && id > 0 { // unsigned: a plus sign begins a telephone number
		p, err := e.s.Erasure.Person(ctx, int64(id))
		if errors.Is(err, store.ErrNotFound) {
			return p, command.Finding(fmt.Errorf("there is no contact %d; one that is erased can be searched for by an address", id))
		}
		return p, err
	}
	a, err := addressOf(who)
	if err != nil {
		return erasure.Person{}, err
	}
	return e.s.Erasure.PersonAt(ctx, a.Identity())
}

// addressOf reads an address as people write it: a mail address, a number with its plus sign, or kind:value. Blanks
// and dashes within a number are left out; the kind is the channel's kind of address (telegram), which is not checked
// here: an unknown one finds nobody.
func addressOf(who string) (message.Address, error) {
	who = strings.TrimSpace(who)
	kind, value, named := strings.Cut(who, ":")
	switch {
	case named && kind != "" && value != "":
		return message.Address{Kind: message.AddressKind(kind), Value: value}, nil
	case strings.Contains(who, "@"):
		return message.Address{Kind: message.Email, Value: who}, nil
	case strings.HasPrefix(who, "+"):
		return message.Address{Kind: message.Phone, Value: "+" + strings.Map(digitsOnly, who)}, nil
	}
	return message.Address{}, command.Usage(errors.New(howNamed))
}

func digitsOnly(r rune) rune {
	if '0' <= r && r <= '9' {
		return r
	}
	return -1
}

// errNobody is for scripts and pipes: an erasure cannot be taken back, so silence is no consent.
var errNobody = command.Usage(errors.New("nobody is there to be asked; give --yes to erase, or --dry-run to look"))

// confirm asks on a terminal; anything else must say --yes.
func (e *erasing) confirm() error {
	in := e.cmd.InOrStdin()
	if !terminal.IsTerminal(in) {
		return errNobody
	}
	fmt.Fprint(e.cmd.ErrOrStderr(), "This cannot be undone. Type erase to go on: ")
	answer, err := bufio.NewReader(in).ReadString('\n')
	if errors.Is(err, io.EOF) && answer == "" {
		return errNobody
	}
	if strings.TrimSpace(answer) != "erase" {
		return command.Finding(errors.New("nothing was erased"))
	}
	return nil
}

// erase does it, in the order in which nothing can come back: the tables, the sink's files, the journal of the
// service (which it tidies when it is rung), and only then the search of the files, so that it finds nothing of what
// is still about to go.
func (e *erasing) erase(p erasure.Person) error {
	ctx := e.cmd.Context()
	line := logbook.Line{Act: Act}
	if p.Contact > 0 { // by this number alone: the address is what is to go
		line.Object = strconv.FormatInt(p.Contact, 10)
	}
	if err := command.Note(ctx, e.s, line); err != nil {
		return err
	}
	done, err := e.s.Erasure.Erase(ctx, p, erasure.Erasure{Who: command.Operator(), Block: e.f.block, Wait: e.waiter(), Tell: e.progress("searching")}, time.Now())
	var busy *erasure.BusyError
	switch {
	case errors.As(err, &busy):
		return command.Finding(fmt.Errorf("%w (messages %v); nothing more was erased: see that 'frontdesk serve' runs, and run this again", busy, busy.Messages))
	case errors.Is(err, erasure.ErrRestless):
		return command.Finding(fmt.Errorf("%w; run this again", err))
	case err != nil:
		return fmt.Errorf("%w; run this again to finish", err)
	}
	r := report{Person: p, Done: &done}
	if r.SinkGone, err = e.sink(p, done); err != nil {
		return err
	}
	if err := control.Ring(ctx, e.c.DataDir); err != nil { // the service clears its notes of what was sent
		return err
	}
	if r.Files, err = e.files(done); err != nil {
		return err
	}
	r.Clean = done.Proof.Left() == 0 && (r.Files == nil || len(r.Files.Found) == 0 && !r.Files.Logged)
	return e.conclude(r)
}

// conclude prints and gives the exit code: 1 as long as anything is left, since then the erasure is not proven.
func (e *erasing) conclude(r report) error {
	if e.o.JSON {
		if err := e.print([]report{r}); err != nil {
			return err
		}
	} else if r.Done.Nothing() && !e.f.block && r.Clean {
		tellNobody(e.cmd.OutOrStdout(), r.Done.Proof.Searched)
	} else {
		tellErased(terminal.Visibly(e.cmd.OutOrStdout()), r)
	}
	if r.Files != nil && r.Files.Logged {
		return command.Finding(errors.New("what was erased may still lie in the database's write-ahead log, since somebody reads it: " +
			"see whether an audit, a backup or another command is running, and run this again with an address of the person and --yes when it has ended"))
	}
	if !r.Clean {
		return command.Finding(errors.New("something of this person is left: see above"))
	}
	return nil
}

// waiter rings the service and waits, until the time is over. Erase calls it while something of the person is under
// way, and asks again after each true; false makes it end with BusyError. Without a service nobody decides, so the
// time runs out.
func (e *erasing) waiter() func(context.Context) bool {
	end := time.Now().Add(e.f.wait)
	return func(ctx context.Context) bool {
		if err := control.Ring(ctx, e.c.DataDir); err != nil || time.Now().After(end) {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(250 * time.Millisecond):
			return true
		}
	}
}

// progress tells on the error stream how far a long search is, every two seconds at most: a search that opens
// everything sealed takes minutes on a large desk, and standard output belongs to the result.
func (e *erasing) progress(word string) func(string, int64) {
	last := time.Now()
	return func(table string, rows int64) {
		if time.Since(last) > 2*time.Second {
			last = time.Now()
			fmt.Fprintf(e.cmd.ErrOrStderr(), "%s %s: %d rows\n", word, table, rows)
		}
	}
}
