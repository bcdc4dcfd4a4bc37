package target_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
)

const (
	environmentID = "0f9e8d7c-6b5a-4938-8271-60f5e4d3c2b1"
	otherID       = "11111111-2222-3333-4444-555555555555"
)

// environment is a lookup over a map.
func environment(variables map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		v, ok := variables[name]
		return v, ok
	}
}

// load reads text as the flowtest.yaml of a folder.
func load(text string, variables map[string]string) (*target.File, error) {
	fsys := fstest.MapFS{"flowtest.yaml": {Data: []byte(text)}}
	return target.Load(fsys, "flowtest.yaml", environment(variables))
}

// choose loads text, which must be right, and chooses the target of that name.
func choose(t *testing.T, text, name string, variables map[string]string) (*target.Target, error) {
	t.Helper()
	f, err := load(text, variables)
	require.NoError(t, err)
	return f.Choose(name)
}

// mistakes returns the lines of an error, which wraps nothing, or may be nil.
func mistakes(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	require.NoError(t, errors.Unwrap(err))
	return strings.Split(err.Error(), "\n")
}

// attributes returns a user's attributes as a map.
func attributes(u target.User) map[string]string {
	all := map[string]string{}
	for _, name := range u.Names() {
		all[name], _ = u.Lookup(name)
	}
	return all
}
