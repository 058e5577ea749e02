// Package entrance lets people into the operator's pages: tokens, sessions and links, the form of the login, and what protects all of them
// against pages of other sites.
package entrance

import (
	"net/http"

	"frontdesk/workers/ops/frame"
	"frontdesk/workers/store/operators"
)

// Config is what an Entrance knows. Token may not be empty; package ops refuses that.
type Config struct {
	*frame.Frames
	Operators    *operators.Store
	Ground       string   // upon which sessions rest
	Token        string   // opens everything
	Made         bool     // the token was made by a start; else it was configured
	MetricsToken string   // opens metrics and nothing else; empty: none
	Names        []string // host names under which the page is reached, besides addresses and localhost
	Proxied      []string // those of them that a proxy in front of the page may have
	// Remote is the address of who asks, behind proxies of ours; nil: whoever has connected.
	Remote func(*http.Request) string
	// Admitted is told of each request that is let in, before it is answered.
	Admitted func(*http.Request)
}

// Entrance lets in who has a secret. It is safe for concurrent use. Sessions lie in the database, so that every
// process knows them and a restart ends none.
type Entrance struct {
	Config
	guard *guard
}

// New makes an entrance.
func New(c Config) *Entrance { return &Entrance{Config: c, guard: newGuard(c)} }
