package backend

import (
	"context"
	"io/fs"
	"slices"

	"flowtest/recordings"
)

type shippedKey struct{}

// Shipped returns a context whose runs replay the shipped recordings where their suite has none.
// They load those that they need: to load them all takes longer than all else that a run of one
// scenario does.
func Shipped(ctx context.Context) context.Context { return context.WithValue(ctx, shippedKey{}, true) }

// IsShipped reports whether the context is one of [Shipped].
func IsShipped(ctx context.Context) bool { return ctx.Value(shippedKey{}) != nil }

// ShippedFlows loads the shipped recordings of the flows with these names, and all of them if a
// name is that of no recording or there are no names.
func ShippedFlows(names []string) ([]*recordings.Flow, error) {
	fsys := recordings.Shipped()
	list, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	names = slices.Compact(names)
	isOf := func(name string) func(fs.DirEntry) bool {
		return func(d fs.DirEntry) bool { return d.Name() == name && d.IsDir() } // a folder has the name of its flow
	}
	all := len(names) == 0
	for _, name := range names {
		all = all || !slices.ContainsFunc(list, isOf(name))
	}
	if all {
		return recordings.LoadAll(fsys, ".")
	}
	flows := make([]*recordings.Flow, len(names))
	for i, name := range names {
		if flows[i], err = recordings.Load(fsys, name); err != nil {
			return nil, err
		}
	}
	return flows, nil
}
