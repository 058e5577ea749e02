package sql

import (
	"context"
)

// patient marks a context whose writes wait for everybody else's. It travels in the context, since between the worker
// that knows and the transaction that asks lie layers that have nothing to do with it.
type patient struct{}

// Patient gives the context to writes of bulk work: on SQLite, which has one writer, at most one of
// them stands in its line, so that a live write never waits for more than one.
func Patient(ctx context.Context) context.Context { return context.WithValue(ctx, patient{}, true) }

// isPatient reports whether Patient made the context.
func isPatient(ctx context.Context) bool { return ctx.Value(patient{}) != nil }
