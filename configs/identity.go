package configs

import (
	"net/url"

	"frontdesk/configs/values"
)

// Identity says how customers show who they are.
type Identity struct {
	// A system of yours that is asked by which addresses a customer can show who he is. Default: none; by those that he has proven in conversations.
	Addresses *AddressHook `yaml:"addresses"`
}

// AddressHook is a signed question to a system of yours.
type AddressHook struct {
	// Where it goes; https unless it stays on this machine.
	URL string `yaml:"url" check:"required"`
	// Key of the signature, as of webhooks.
	Secret values.Secret `yaml:"secret" check:"required"`
	// How long an agent waits for its answer. Default: 5s.
	Timeout values.Duration `yaml:"timeout"`
	// Its address may lie in a private network. Without, only the public Internet is called, and this machine where the url names it.
	Private bool `yaml:"private"`
}

// Local reports whether its address names this machine itself.
func (h AddressHook) Local() bool {
	u, err := url.Parse(h.URL)
	return err == nil && values.IsLoopback(u.Hostname())
}
