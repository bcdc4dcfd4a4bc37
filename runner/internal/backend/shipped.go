package backend

import (
	"context"
	"io/fs"
	"slices"
	"sync"

	"flowtest/recordings"
)

type shippedKey struct{}

// Shipped returns a context in which suites without recordings replay the shipped ones. They
// load only those that they need: loading all takes longer than the rest of a run of one
// scenario.
func Shipped(ctx context.Context) context.Context { return context.WithValue(ctx, shippedKey{}, true) }

// IsShipped reports whether a context comes from [Shipped].
func IsShipped(ctx context.Context) bool { return ctx.Value(shippedKey{}) != nil }

// allShipped loads the shipped recordings, once in a process.
var allShipped = sync.OnceValues(func() ([]*recordings.Flow, error) {
	return recordings.LoadAll(recordings.Shipped(), ".")
})

// ShippedFlows loads the shipped recordings with these names. It loads all of them if there are
// no names or a name is unknown. An earlier call may have returned the same ones: no caller may
// change them.
func ShippedFlows(names []string) ([]*recordings.Flow, error) {
	fsys := recordings.Shipped()
	list, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	names = slices.Compact(names)
	isOf := func(name string) func(fs.DirEntry) bool {
		return func(d fs.DirEntry) bool { return d.Name() == name && d.IsDir() } // a folder is named after its flow
	}
	all := len(names) == 0
	for _, name := range names {
		all = all || !slices.ContainsFunc(list, isOf(name))
	}
	if all {
		flows, err := allShipped()
		return slices.Clone(flows), err
	}
	flows := make([]*recordings.Flow, len(names))
	for i, name := range names {
		if flows[i], err = recordings.Load(fsys, name); err != nil {
			return nil, err
		}
	}
	return flows, nil
}
