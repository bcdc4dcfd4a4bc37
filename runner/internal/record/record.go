// Package record makes recordings: of the journeys of a run, of an app that is
// driven through a proxy, and of a live flow that a recording is compared with. It does not know the
// command line, nor how a recording is learned from journeys: package learn does.
package record

import (
	"maps"
	"slices"
	"strconv"

	"flowtest/runner/target"
)

// WithUsers returns the target with more users, whose attributes it has by name.
// A name that the target has already gets a number.
func WithUsers(t *target.Target, users map[string]map[string]string) *target.Target {
	if len(users) == 0 {
		return t
	}
	with := *t
	with.Users = maps.Clone(t.Users)
	if with.Users == nil {
		with.Users = map[string]target.User{}
	}
	for _, name := range slices.Sorted(maps.Keys(users)) {
		as := name
		for n := 2; ; n++ {
			if _, taken := with.Users[as]; !taken {
				break
			}
			as = name + "-" + strconv.Itoa(n)
		}
		with.Users[as] = target.NewUser(users[name])
	}
	return &with
}
