package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"frontdesk/channels"
)

// mostFolders is how many folders of a mailbox are looked through for one that is named.
const mostFolders = 2000

// Probe signs in, opens the folder read-only and tells what is there. Then it proves that the post-action can be done, without
// doing it: that the user may (RFC 4314 where the server tells rights, else by how it opens the folder), that flags stay, and
// that the other folder is there, or can be made. Nothing is changed.
func (f *Fetcher) Probe(ctx context.Context) (string, error) {
	var seen string
	err := f.aside(ctx, "probing folder", f.cfg.Folder, false, func(s *session) error {
		how := "polled"
		if s.has(imap.CapIdle) {
			how = "with IDLE"
		}
		seen = fmt.Sprintf("%s: %d mails, UIDVALIDITY %d, next UID %d, %s", f.cfg.Folder, s.count, s.validity, s.next, how)
		action, err := s.proveAction(ctx, f.cfg)
		seen += action
		return err
	})
	if known, ok := errors.AsType[*channels.Error](err); ok && errors.Is(known.Err, errRefused) {
		err = f.absent(ctx, known)
	}
	return seen, err
}

// absent says of a folder that could not be opened whether it is there, and which ones are.
// Names of folders differ by provider and language (INBOX.Spam, 垃圾邮件), so those that are there are listed.
func (f *Fetcher) absent(ctx context.Context, refusal *channels.Error) error {
	s, err := f.connect(ctx)
	if err != nil {
		return refusal
	}
	defer s.close()
	names, err := s.folders(ctx, "*")
	if err != nil || len(names) == 0 {
		return refusal
	}
	said := *refusal
	said.Err = fmt.Errorf("the folder %q is there and the user may not open it; give him the right to read it, or name another folder in folders", f.cfg.Folder)
	if !slices.ContainsFunc(names, func(n imap.ListData) bool { return n.Mailbox == f.cfg.Folder }) {
		said.Class, said.Err = channels.Permanent, fmt.Errorf("the mailbox has no folder %q; folders takes %s", f.cfg.Folder, namesOf(names))
	}
	return &said
}

// namesOf lists some of the folders, for people.
// Folders that can hold no mail are left out; twenty are enough to recognise one's own.
func namesOf(list []imap.ListData) string {
	var out []string
	for _, n := range list {
		if len(out) == 20 {
			return strings.Join(out, ", ") + " …"
		}
		if !slices.Contains(n.Attrs, imap.MailboxAttrNoSelect) {
			out = append(out, n.Mailbox)
		}
	}
	return strings.Join(out, ", ")
}

// folders lists what fits a pattern.
func (s *session) folders(ctx context.Context, pattern string) (out []imap.ListData, err error) {
	err = s.run(ctx, s.quiet, func() error {
		cmd := s.client.List("", pattern, nil)
		for n := cmd.Next(); n != nil; n = cmd.Next() {
			if len(out) < mostFolders {
				out = append(out, *n)
			}
		}
		return cmd.Close()
	})
	return out, err
}

// right is a right that a post-action needs, by the letters of RFC 4314 and, behind them, RFC 2086.
// The first letter is that of RFC 4314; what completes "the user has no right to …".
type right struct{ letters, what string }

// in reports whether it is among the rights. The letters of old (c, d) count for a server alone that knows none of those which took
// their place (RFC 4314 §2.1.1).
func (r right) in(rights string) bool {
	if strings.ContainsAny(rights, "kxte") {
		return strings.Contains(rights, r.letters[:1])
	}
	return strings.ContainsAny(rights, r.letters)
}

var (
	// The rights that the actions need (RFC 4314 §4).
	maySee    = right{"s", `keep \Seen`}
	mayFlag   = right{"w", "set flags"}
	mayDelete = right{"td", "delete mails"}
	mayPurge  = right{"ed", "expunge mails"}
	mayInsert = right{"i", "put mails into it"}
	mayMake   = right{"kc", "make folders"}
)

// proveAction proves that the post-action can be done, and tells what is worth knowing of it.
// A move needs the rights to delete and expunge here and to insert there, with MOVE as without.
func (s *session) proveAction(ctx context.Context, c Config) (string, error) {
	verb, arg, _ := strings.Cut(c.PostAction, ":")
	switch verb {
	case PostNone:
		return "", nil
	case PostSeen:
		return "", s.mayMark(ctx, c.Folder, imap.FlagSeen, maySee)
	case "flag":
		return "", s.mayMark(ctx, c.Folder, imap.Flag(arg), mayFlag)
	}
	if err := s.mayMark(ctx, c.Folder, imap.FlagDeleted, mayDelete, mayPurge); err != nil {
		return "", err
	}
	there, err := s.proveTarget(ctx, arg)
	if err != nil {
		return "", err
	}
	switch {
	case s.has(imap.CapMove):
		return there, nil
	case s.has(imap.CapUIDPlus):
		return there + ", moved by copying and deleting", nil
	}
	return there + `, moved by copying; the mail stays in its folder as \Deleted until somebody expunges it`, nil
}

// mayMark proves that flags of the folder can be changed.
func (s *session) mayMark(ctx context.Context, folder string, flag imap.Flag, needed ...right) error {
	if s.has(imap.CapACL) {
		return s.mayAll(ctx, folder, needed...)
	}
	// A server without ACL tells it by the way it opens the folder for us, which changes no mail.
	if err := s.choose(ctx, folder, true); err != nil {
		return err
	}
	if s.conn.wire.Shut.Load() {
		return denied("the server opens the folder %q read-only for this user, so post_action cannot be done; give him the right to change it, or set post_action: none", folder)
	}
	keyword := !strings.HasPrefix(string(flag), `\`)
	fits := func(f imap.Flag) bool {
		return strings.EqualFold(string(f), string(flag)) || keyword && f == imap.FlagWildcard
	}
	if len(s.flags) > 0 && !slices.ContainsFunc(s.flags, fits) {
		return denied("the folder %q does not keep the flag %s for good; set another post_action (seen, move or none)", folder, flag)
	}
	return nil
}

// denied is Permanent: somebody has to change a right or the configuration.
func denied(format string, args ...any) error {
	return &channels.Error{Op: "proving post_action", Class: channels.Permanent, Err: fmt.Errorf(format, args...)}
}

// mayAll proves that the user has rights on a folder.
func (s *session) mayAll(ctx context.Context, folder string, needed ...right) error {
	rights, err := s.rights(ctx, folder)
	if err != nil {
		return err
	}
	for _, r := range needed {
		if !r.in(rights) {
			return denied("the user has no right to %s in the folder %q (it needs %q, he has %q); give it to him, or set another post_action", r.what, folder, r.letters[:1], rights)
		}
	}
	return nil
}

// rights are the letters that the user has on a folder (MYRIGHTS, RFC 4314 §3.5).
func (s *session) rights(ctx context.Context, folder string) (rights string, err error) {
	err = s.run(ctx, s.quiet, func() error {
		data, err := s.client.MyRights(folder).Wait()
		if err == nil {
			rights = data.Rights.String()
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("asking for rights: %w", err)
	}
	return rights, nil
}

// proveTarget proves that mails can go into a folder, or that it can be made.
func (s *session) proveTarget(ctx context.Context, folder string) (string, error) {
	list, err := s.folders(ctx, pattern(folder))
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(list, func(n imap.ListData) bool { return n.Mailbox == folder || strings.EqualFold(folder, "INBOX") })
	switch {
	case i < 0:
		return s.proveMaking(ctx, folder)
	case slices.Contains(list[i].Attrs, imap.MailboxAttrNoSelect):
		return "", denied("the folder %q of move_to can hold no mails; name another one", folder)
	case s.has(imap.CapACL):
		return fmt.Sprintf(", moves to %s", folder), s.mayAll(ctx, folder, mayInsert)
	}
	return fmt.Sprintf(", moves to %s", folder), nil
}

// pattern finds a folder among others; what would be a wildcard in its name fits itself.
func pattern(folder string) string { return strings.ReplaceAll(folder, "*", "%") }

// proveMaking proves that a folder can be made, as far as the server tells before it is tried.
// The hierarchy's separator is asked for by LIST "" "" (RFC 9051 §6.3.9). Whatever the server does not tell counts as possible: then
// the first move finds out, and its error is logged.
func (s *session) proveMaking(ctx context.Context, folder string) (string, error) {
	will := fmt.Sprintf(", moves to %s, which is not there yet: the first mail makes it", folder)
	root, err := s.folders(ctx, "")
	if err != nil || len(root) == 0 || root[0].Delim == 0 {
		return will, err
	}
	above, _, nested := cutLast(folder, string(root[0].Delim))
	if !nested {
		return will, nil
	}
	list, err := s.folders(ctx, pattern(above))
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(list, func(n imap.ListData) bool { return n.Mailbox == above })
	switch {
	case i < 0:
		return will, nil
	case slices.Contains(list[i].Attrs, imap.MailboxAttrNoInferiors):
		return "", denied("there is no folder %q, and %q can hold no folders; name another one in move_to", folder, above)
	case s.has(imap.CapACL):
		if err := s.mayAll(ctx, above, mayMake); err != nil {
			return "", denied("there is no folder %q, and the user may make none in %q; make it for him, or name another one in move_to", folder, above)
		}
	}
	return will, nil
}

// cutLast cuts around the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
