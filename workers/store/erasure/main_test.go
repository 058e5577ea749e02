package erasure_test

import (
	"os"
	"testing"

	"frontdesk/workers/store"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/storetest/postgres"
)

var server postgres.Server

func TestMain(m *testing.M) { os.Exit(postgres.Main(m, &server)) }

func openSQLite(t testing.TB) *store.Store { return storetest.SQLite(t) }

func openPostgres(t testing.TB) *store.Store {
	return storetest.Open(t, store.Options{URL: server.Database(t), Dir: t.TempDir()})
}
