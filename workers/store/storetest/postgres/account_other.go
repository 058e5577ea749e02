//go:build !unix

package postgres

import "syscall"

// owner leaves the server to the account that runs the test.
func owner(string) (*syscall.SysProcAttr, error) { return nil, nil }
