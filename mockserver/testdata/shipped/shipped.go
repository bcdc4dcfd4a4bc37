// Package shipped has the recordings that come with flowtest, as they are and with
// mistakes. The tests of several packages use it; below testdata it is no part of what
// others can rely on.
package shipped

import (
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

var load = sync.OnceValues(func() ([]*recordings.Flow, error) {
	return recordings.LoadAll(recordings.Shipped(), ".")
})

// Flows returns the recordings. They are loaded once for all tests, which only read them.
func Flows(tb testing.TB) []*recordings.Flow {
	tb.Helper()
	flows, err := load()
	require.NoError(tb, err)
	return slices.Clone(flows)
}

// Edited is the recording of the flow "sign-on" with a text of one of its files replaced.
func Edited(tb testing.TB, file, old, by string) []*recordings.Flow {
	tb.Helper()
	fsys := fstest.MapFS{}
	const dir = "sign-on"
	list, err := fs.ReadDir(recordings.Shipped(), dir)
	require.NoError(tb, err)
	for _, f := range list {
		text, err := fs.ReadFile(recordings.Shipped(), dir+"/"+f.Name())
		require.NoError(tb, err)
		if f.Name() == file {
			require.Contains(tb, string(text), old)
			text = []byte(strings.ReplaceAll(string(text), old, by))
		}
		fsys[dir+"/"+f.Name()] = &fstest.MapFile{Data: text}
	}
	flows, err := recordings.LoadAll(fsys, ".")
	require.NoError(tb, err)
	return flows
}

// What is edited, each to break one requirement.
const (
	FormFile   = "sign-on-form.json"
	HasCompany = `  "companyId": "{{envID}}",` + "\n"
)

// WithoutCompany breaks MODEL-companyId-PRESENCE at the first screen.
func WithoutCompany(tb testing.TB) []*recordings.Flow {
	tb.Helper()
	return Edited(tb, FormFile, HasCompany, "")
}
