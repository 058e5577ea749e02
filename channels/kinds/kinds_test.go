package kinds

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/pipeline/pipelinetest"
)

// TestTheLineIsTestedWithTheTraitsThatItHas holds those that tests of the line take to the folders' own.
func TestTheLineIsTestedWithTheTraitsThatItHas(t *testing.T) {
	if diff := cmp.Diff(All().Line(), pipelinetest.Channels()); diff != "" {
		t.Error(diff)
	}
}
