package imap

import (
	"context"
	"fmt"
	"strings"

	"github.com/emersion/go-imap/v2"

	"frontdesk/channels"
)

// Mark does the configured post-action on the mail of a delivery key: a flag, or a move. A mail that
// is gone, that was moved already, or whose folder has other UIDs by now is left alone: no error.
// It opens the folder that the key names, which need not be the configured one any more, on the second connection. It may be called
// beside Fetch, and twice for one mail.
func (f *Fetcher) Mark(ctx context.Context, key string) error {
	if f.cfg.PostAction == PostNone {
		return nil
	}
	k, err := parseKey(key)
	if err != nil {
		return &channels.Error{Op: "marking mail of inbox " + f.cfg.Inbox, Class: channels.Permanent, Err: err}
	}
	return f.aside(ctx, "marking mail", k.folder, true, func(s *session) error {
		if s.validity != k.validity || k.turn != f.remembered().turnOf(k.validity) {
			return nil
		}
		return s.mark(ctx, k.uid, f.cfg.PostAction)
	})
}

// turnOf is the current turn under a UIDVALIDITY.
func (c cursor) turnOf(validity uint32) int {
	if c.UIDValidity == validity {
		return c.Turn
	}
	return 0
}

// mark looks first whether the mail is still there and not deleted by somebody: what is gone is no error, and nothing to move.
func (s *session) mark(ctx context.Context, uid imap.UID, action string) error {
	there, err := s.search(ctx, &imap.SearchCriteria{
		UID: []imap.UIDSet{imap.UIDSetNum(uid)}, NotFlag: []imap.Flag{imap.FlagDeleted},
	})
	if err != nil || len(there) == 0 {
		return err
	}
	verb, arg, _ := strings.Cut(action, ":")
	switch verb {
	case PostSeen:
		return s.flag(ctx, uid, imap.FlagSeen)
	case "flag":
		return s.flag(ctx, uid, imap.Flag(arg))
	}
	return s.move(ctx, uid, arg)
}

// flag adds a flag without asking for the new list (.SILENT, RFC 9051 §6.4.6).
func (s *session) flag(ctx context.Context, uid imap.UID, flag imap.Flag) error {
	err := s.run(ctx, s.quiet, func() error {
		return s.client.Store(imap.UIDSetNum(uid), &imap.StoreFlags{
			Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag},
		}, nil).Close()
	})
	if err != nil {
		return fmt.Errorf("setting a flag: %w", err)
	}
	return nil
}

// move moves a mail, and makes the folder where the server says that it is not there (RFC 9051 §7.1, TRYCREATE).
func (s *session) move(ctx context.Context, uid imap.UID, folder string) error {
	err := s.moveInto(ctx, uid, folder)
	if status, refused := status(err); !refused || status.Code != imap.ResponseCodeTryCreate {
		return err
	}
	if err := s.run(ctx, s.quiet, func() error { return s.client.Create(folder, nil).Wait() }); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	return s.moveInto(ctx, uid, folder)
}

// moveInto uses MOVE (RFC 6851), or copies and deletes this one mail. Without UIDPLUS (RFC 4315) the copy's
// original keeps \Deleted and is not expunged, because EXPUNGE would take other people's mails along.
func (s *session) moveInto(ctx context.Context, uid imap.UID, folder string) error {
	set := imap.UIDSetNum(uid)
	if s.has(imap.CapMove) {
		return s.run(ctx, s.quiet, func() error {
			_, err := s.client.Move(set, folder).Wait()
			return err
		})
	}
	err := s.run(ctx, s.quiet, func() error {
		_, err := s.client.Copy(set, folder).Wait()
		return err
	})
	if err != nil {
		return fmt.Errorf("copying: %w", err)
	}
	if err := s.flag(ctx, uid, imap.FlagDeleted); err != nil {
		return err
	}
	if !s.has(imap.CapUIDPlus) {
		return nil
	}
	return s.run(ctx, s.quiet, func() error { return s.client.UIDExpunge(set).Close() })
}
