package publicnet

import (
	"net/netip"
	"testing"
)

// TestWhatIsThePublicInternet; the whole list is walked by whoever dials (channels/internal/safehttp).
func TestWhatIsThePublicInternet(t *testing.T) {
	for ip, want := range map[string]bool{"93.184.216.34": true, "2606:2800:220:1::": true, "127.0.0.1": false, "10.1.2.3": false, "169.254.169.254": false, "::1": false, "fc00::1": false, "fe80::1%eth0": false, "::ffff:192.168.0.1": false, "64:ff9b::a00:1": false} {
		if got := Public(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %t", ip, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address at all")
	}
}
