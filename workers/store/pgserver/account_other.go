//go:build !unix

package pgserver

import "syscall"

// owner leaves the server to the account that runs this process.
func owner(string) (*syscall.SysProcAttr, error) { return nil, nil }
