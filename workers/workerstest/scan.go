package workerstest

import (
	"context"
	"strings"

	"frontdesk/workers/enrich/scanners"
)

// VirusScanner says what the test has it say; nil answers "clean".
type VirusScanner func(ctx context.Context, content []byte) (scanners.Opinion, error)

// ScanFile asks it.
func (f VirusScanner) ScanFile(ctx context.Context, content []byte) (scanners.Opinion, error) {
	if f == nil {
		return scanners.Opinion{Verdict: scanners.Clean}, nil
	}
	return f(ctx, content)
}

// Infected finds malware in whatever holds the word VIRUS.
func Infected(_ context.Context, content []byte) (scanners.Opinion, error) {
	if strings.Contains(string(content), "VIRUS") {
		return scanners.Opinion{Verdict: scanners.Malware, Name: "Test.Virus"}, nil
	}
	return scanners.Opinion{Verdict: scanners.Clean}, nil
}

// Probed is a probe that ends as it is told.
type Probed struct{ Err error }

// Probe ends.
func (p Probed) Probe(context.Context) (string, error) { return "", p.Err }
