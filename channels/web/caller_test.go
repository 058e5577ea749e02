package web

import "testing"

func TestCaller(t *testing.T) {
	for remote, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "fe80::1%eth0": "fe80::1%eth0", "": "invalid IP", "nonsense": "invalid IP",
	} {
		if got := caller(remote).String(); got != want {
			t.Errorf("%s: got %s, want %s", remote, got, want)
		}
	}
}
