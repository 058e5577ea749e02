package email

import (
	"strings"
	"testing"
	"time"
)

func TestIMAPConfig(t *testing.T) {
	good := IMAPConfig{Inbox: "a", Host: "127.0.0.1", TLS: IMAPPlain, User: "u", Password: "p"}
	tokens := &imapTokens{}
	for name, c := range map[string]struct {
		change func(*IMAPConfig)
		ok     bool
	}{
		"as it is":                           {func(*IMAPConfig) {}, true},
		"TLS anywhere":                       {func(c *IMAPConfig) { c.Host, c.TLS = "mail.example.com", "" }, true},
		"no TLS beyond loopback":             {func(c *IMAPConfig) { c.Host = "mail.example.com" }, false},
		"no TLS beyond loopback, on purpose": {func(c *IMAPConfig) { c.Host, c.Insecure = "mail.example.com", true }, true},
		"Gmail by its name":                  {func(c *IMAPConfig) { *c = IMAPConfig{Inbox: "a", Preset: "gmail", User: "u", Tokens: tokens} }, true},
		"an unknown preset":                  {func(c *IMAPConfig) { c.Preset = "aol" }, false},
		"no host":                            {func(c *IMAPConfig) { c.Host = "" }, false},
		"no user":                            {func(c *IMAPConfig) { c.User = "" }, false},
		"no inbox":                           {func(c *IMAPConfig) { c.Inbox = "" }, false},
		"no password":                        {func(c *IMAPConfig) { c.Password = "" }, false},
		"no tokens":                          {func(c *IMAPConfig) { c.Auth = AuthXOAUTH2 }, false},
		"an unknown way to sign in":          {func(c *IMAPConfig) { c.Auth = "cram-md5" }, false},
		"an unknown way to protect":          {func(c *IMAPConfig) { c.TLS = "ssl" }, false},
		"a port that is none":                {func(c *IMAPConfig) { c.Port = 70000 }, false},
		"too large a batch":                  {func(c *IMAPConfig) { c.Batch = 5000 }, false},
		"too small a mail":                   {func(c *IMAPConfig) { c.MaxSize = 10 }, false},
		"too long a silence":                 {func(c *IMAPConfig) { c.IdleFor = 10 * time.Minute }, false},
		"a negative time":                    {func(c *IMAPConfig) { c.Poll = -1 }, false},
		"a folder name without end":          {func(c *IMAPConfig) { c.Folder = strings.Repeat("%", 200) }, false},
		"flag with a name":                   {func(c *IMAPConfig) { c.PostAction = "flag:$Frontdesk" }, true},
		"flag without a name":                {func(c *IMAPConfig) { c.PostAction = "flag:" }, false},
		"flag with a space":                  {func(c *IMAPConfig) { c.PostAction = "flag:a b" }, false},
		"move":                               {func(c *IMAPConfig) { c.PostAction = "move:Done" }, true},
		"move to where it is":                {func(c *IMAPConfig) { c.PostAction = "move:Inbox" }, false},
		"an unknown action":                  {func(c *IMAPConfig) { c.PostAction = "delete" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			c.change(&cfg)
			f, err := NewIMAPFetcher(cfg)
			if (err == nil) != c.ok {
				t.Fatalf("error = %v", err)
			}
			if err == nil && cfg.Preset == "gmail" && (f.cfg.Host != "imap.gmail.com" || f.cfg.Port != 993 || f.cfg.Auth != AuthXOAUTH2) {
				t.Errorf("Gmail is %s:%d with %s", f.cfg.Host, f.cfg.Port, f.cfg.Auth)
			}
		})
	}
}
