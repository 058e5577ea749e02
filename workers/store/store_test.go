package store_test

import (
	"os"
	"testing"

	"frontdesk/workers/store"
	"frontdesk/workers/store/storetest"
	"frontdesk/workers/store/storetest/postgres"
)

var (
	server  postgres.Server                  // for tests
	durable = postgres.Server{Durable: true} // for benchmarks
)

func TestMain(m *testing.M) { os.Exit(postgres.Main(m, &server, &durable)) }

func openSQLite(t testing.TB) *store.Store { return storetest.SQLite(t) }

func openPostgres(t testing.TB) *store.Store {
	return storetest.Open(t, store.Options{URL: server.Database(t), Dir: t.TempDir()})
}

func TestSQLite(t *testing.T) { suite(t, openSQLite) }

func TestPostgreSQL(t *testing.T) {
	server.Database(t) // skips the whole suite, saying so, where there is no server
	suite(t, openPostgres)
}
