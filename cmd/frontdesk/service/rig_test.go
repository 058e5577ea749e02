package service

import (
	"testing"

	"frontdesk/channels/kinds"
	"frontdesk/configs"
)

// testConfig is the embedded default on free ports.
func testConfig(t testing.TB) configs.Config {
	t.Helper()
	c := configs.Default(t.TempDir(), kinds.All())
	c.Listen.HTTP, c.Listen.Ops, c.Listen.Desk, c.Listen.SMTP = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	return c
}
