package imap

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/channels"
	"frontdesk/channels/channelstest/dovecot"
	"frontdesk/channels/email/internal/emailtest"
)

// probeCase is a folder and a post-action, and what the probe says of them.
type probeCase struct {
	name, folder, action string
	says, refuses        string // of says, parts between |
}

func (c probeCase) run(t *testing.T, cfg Config) {
	t.Helper()
	if c.folder != "" {
		cfg.Folder = c.folder
	}
	cfg.PostAction = c.action
	seen, err := newFetcher(t, cfg).Probe(t.Context())
	if (err != nil) != (c.refuses != "") {
		t.Fatalf("%s: Probe = %q, %v", c.name, seen, err)
	}
	said := seen
	if err != nil {
		said = err.Error()
		if emailtest.Error(t, err).Class != channels.Permanent {
			t.Errorf("%s: class %s of %v", c.name, emailtest.Error(t, err).Class, err)
		}
	}
	for part := range strings.SplitSeq(c.says+c.refuses, "|") {
		if !strings.Contains(said, part) {
			t.Errorf("%s: said %q, want %q", c.name, said, part)
		}
	}
}

// TestDovecotProbeProvesFoldersAndPostActions without access control lists, and changes nothing.
func TestDovecotProbeProvesFoldersAndPostActions(t *testing.T) {
	s := dovecot.Start(t)
	s.Doveadm("mailbox", "create", "-u", s.User, "Done", "客户", "100%")
	s.Deliver(s.User, testMail(1))
	probeCase{"what every program takes away that opens a folder", "", PostSeen, "INBOX", ""}.run(t, dovecotConfig(s)) // \Recent
	before := s.Doveadm("mailbox", "status", "-u", s.User, "all", "*") + s.Doveadm("fetch", "-u", s.User, "flags uid", "all")
	for _, c := range []probeCase{
		{"a folder that is not there", "Kunden", PostNone, "", `the mailbox has no folder "Kunden"|INBOX|Done|客户`},
		{"a folder with another name", "客户", PostNone, "客户: 0 mails", ""},
		{"seen", "", PostSeen, "INBOX: 1 mails", ""},
		{"a flag", "", "flag:$Frontdesk", "INBOX: 1 mails", ""},
		{"a move to a folder that is there", "", "move:Done", "moves to Done", ""},
		{"a move to a folder whose name has a wildcard", "", "move:100%", "moves to 100%", ""},
		{"a move to a folder that is not there", "", "move:Archive", "moves to Archive|the first mail makes it", ""},
		{"a move to a folder in one that is not there", "", "move:Archive.2026", "the first mail makes it", ""},
	} {
		c.run(t, dovecotConfig(s))
	}
	if after := s.Doveadm("mailbox", "status", "-u", s.User, "all", "*") + s.Doveadm("fetch", "-u", s.User, "flags uid", "all"); after != before {
		t.Errorf("the probes changed the mailbox:\n%s\nnow\n%s", before, after)
	}
}

// TestDovecotProbeAsksForRights where the server has access control lists.
func TestDovecotProbeAsksForRights(t *testing.T) {
	s := dovecot.Start(t, dovecot.Rights("INBOX owner lrwts\nDone owner lr\nShared owner lrs\nShut owner l\nWell owner lrwsteik\n"))
	for _, folder := range []string{"Done", "Shared", "Shut", "Well"} {
		s.Doveadm("mailbox", "create", "-u", s.User, folder)
	}
	for _, c := range []probeCase{
		{"nothing to do", "Shared", PostNone, "Shared: 0 mails", ""},
		{"a folder that may not be read", "Shut", PostNone, "", `the folder "Shut" is there and the user may not open it`},
		{"seen", "Shared", PostSeen, "Shared: 0 mails", ""},
		{"a flag without the right", "Shared", "flag:$Frontdesk", "", `no right to set flags in the folder "Shared"|he has "lrs"`},
		{"a flag", "", "flag:$Frontdesk", "INBOX: 0 mails", ""},
		{"a move without the right to expunge", "", "move:Well", "", "expunge"},
		{"a move into a folder without the right", "Well", "move:Done", "", `put mails into it in the folder "Done"`},
		{"a move", "Well", "move:Well.x", "the first mail makes it", ""},
		{"a move to a folder that may not be made", "Well", "move:Done.2026", "", `may make none in "Done"`},
	} {
		if c.name == "a folder that may not be read" {
			cfg := dovecotConfig(s)
			cfg.Folder = c.folder
			if _, err := newFetcher(t, cfg).Probe(t.Context()); err == nil || !strings.Contains(err.Error(), c.refuses) {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		c.run(t, dovecotConfig(s))
	}
}

// TestProbeHearsHowAFolderIsOpened from servers that tell nothing of rights.
func TestProbeHearsHowAFolderIsOpened(t *testing.T) {
	for _, c := range []struct{ name, flags, opened, action, refuses string }{
		{"read-write", `\Seen \Deleted \*`, "READ-WRITE", "flag:$Frontdesk", ""},
		{"read-only", ``, "READ-ONLY", PostSeen, "read-only"},
		{"read-only in small letters", ``, "read-only", PostSeen, "read-only"},
		{"no keywords", `\Seen \Deleted`, "READ-WRITE", "flag:$Frontdesk", "does not keep the flag $Frontdesk"},
		{"this keyword", `\Seen \Deleted $frontdesk`, "READ-WRITE", "flag:$Frontdesk", ""},
		{"no \\Seen", `\Deleted \*`, "READ-WRITE", PostSeen, `does not keep the flag \Seen`},
		{"nothing deleted", `\Seen \*`, "READ-WRITE", "move:Done", `does not keep the flag \Deleted`},
		{"nothing said", "", "READ-WRITE", "flag:$Frontdesk", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newFake(t)
			s.hook = func(conn *fakeConn, tag, line string) bool {
				if !strings.HasPrefix(line, "SELECT") {
					return false
				}
				conn.examine()
				if c.flags != "" {
					conn.say("* OK [PERMANENTFLAGS (%s)] limited", c.flags)
				}
				conn.say("%s OK [%s] done", tag, c.opened)
				return true
			}
			cfg := s.config()
			cfg.PostAction = c.action
			seen, err := newFetcher(t, cfg).Probe(t.Context())
			if (err != nil) != (c.refuses != "") || err != nil && !strings.Contains(err.Error(), c.refuses) {
				t.Errorf("Probe = %q, %v", seen, err)
			}
		})
	}
}

// TestDovecotMoveMakesItsFolder, once, as the probe has said.
func TestDovecotMoveMakesItsFolder(t *testing.T) {
	s := dovecot.Start(t)
	cfg := dovecotConfig(s)
	cfg.PostAction = "move:Archive.2026"
	f := newFetcher(t, cfg)
	cursor := fetch(t, f, nil).Next
	for n := range 2 {
		s.Deliver(s.User, testMail(n))
		var got []channels.Delivery
		got, cursor = drain(t, f, cursor, 1)
		if err := f.Mark(t.Context(), got[0].Key); err != nil {
			t.Fatal(err)
		}
	}
	if out := s.Doveadm("mailbox", "status", "-u", s.User, "messages", "Archive.2026"); !strings.Contains(out, fmt.Sprint("messages=", 2)) {
		t.Errorf("the folder holds %s, want 2 mails", out)
	}
}

func TestRightsOfOldCountOnlyWhereThereAreNoNewOnes(t *testing.T) {
	for _, c := range []struct {
		rights string
		right  right
		want   bool
	}{
		{"lrswipcda", mayDelete, true}, {"lrswipcda", mayPurge, true}, {"lrswipcda", mayMake, true}, {"lrswip", mayDelete, false},
		{"lrwtsd", mayDelete, true}, {"lrwtsd", mayPurge, false}, {"lrkc", mayMake, true}, {"lrxc", mayMake, false}, {"", mayFlag, false},
	} {
		if got := c.right.in(c.rights); got != c.want {
			t.Errorf("the right to %s in %q: %v", c.right.what, c.rights, got)
		}
	}
}
