package main

import (
	"os"
	"testing"

	"frontdesk/workers/store/storetest/postgres"
)

// asProgram makes the test binary the program itself, for tests that need processes of their own.
const asProgram = "FRONTDESK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "1" {
		main()
		return
	}
	os.Exit(postgres.Main(m, &databases))
}
