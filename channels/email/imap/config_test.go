package imap

import (
	"strings"
	"testing"
	"time"
)

func TestIMAPConfig(t *testing.T) {
	good := Config{Inbox: "a", Host: "127.0.0.1", TLS: Plain, User: "u", Password: "p"}
	tokens := &fakeTokens{}
	for name, c := range map[string]struct {
		change func(*Config)
		ok     bool
	}{
		"as it is":                           {func(*Config) {}, true},
		"TLS anywhere":                       {func(c *Config) { c.Host, c.TLS = "mail.example.com", "" }, true},
		"no TLS beyond loopback":             {func(c *Config) { c.Host = "mail.example.com" }, false},
		"no TLS beyond loopback, on purpose": {func(c *Config) { c.Host, c.Insecure = "mail.example.com", true }, true},
		"tokens":                             {func(c *Config) { c.Auth, c.Tokens, c.Password = AuthXOAUTH2, tokens, "" }, true},
		"no host":                            {func(c *Config) { c.Host = "" }, false},
		"no user":                            {func(c *Config) { c.User = "" }, false},
		"no inbox":                           {func(c *Config) { c.Inbox = "" }, false},
		"no password":                        {func(c *Config) { c.Password = "" }, false},
		"no tokens":                          {func(c *Config) { c.Auth = AuthXOAUTH2 }, false},
		"an unknown way to sign in":          {func(c *Config) { c.Auth = "cram-md5" }, false},
		"an unknown way to protect":          {func(c *Config) { c.TLS = "ssl" }, false},
		"a port that is none":                {func(c *Config) { c.Port = 70000 }, false},
		"too large a batch":                  {func(c *Config) { c.Batch = 5000 }, false},
		"too small a mail":                   {func(c *Config) { c.MaxSize = 10 }, false},
		"too long a silence":                 {func(c *Config) { c.IdleFor = 10 * time.Minute }, false},
		"a negative time":                    {func(c *Config) { c.Poll = -1 }, false},
		"a folder name without end":          {func(c *Config) { c.Folder = strings.Repeat("%", 200) }, false},
		"flag with a name":                   {func(c *Config) { c.PostAction = "flag:$Frontdesk" }, true},
		"flag without a name":                {func(c *Config) { c.PostAction = "flag:" }, false},
		"flag with a space":                  {func(c *Config) { c.PostAction = "flag:a b" }, false},
		"move":                               {func(c *Config) { c.PostAction = "move:Done" }, true},
		"move to where it is":                {func(c *Config) { c.PostAction = "move:Inbox" }, false},
		"an unknown action":                  {func(c *Config) { c.PostAction = "delete" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			c.change(&cfg)
			_, err := New(cfg)
			if (err == nil) != c.ok {
				t.Fatalf("error = %v", err)
			}
		})
	}
}
