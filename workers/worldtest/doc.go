// Package worldtest is a simulator. One seed makes a world: providers that repeat, reorder, delay and
// cut off, customers and machines who write, a person at the desk, and the real workers on a real
// SQLite file, over virtual days. Faults fall before and after every effect; processes die and others
// begin on the same file. The world keeps a book of its own about what it handed over and what it was
// told, and holds the database and the providers against it.
//
// docs/testing.md says how to run it and how a seed becomes a regression test.
package worldtest
