package feature_test

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/feature"
)

// A file is read once for all loaders of a cache, and again when its text is another.
func TestCache(t *testing.T) {
	t.Parallel()
	ctx := new(feature.Cache).Context(t.Context())
	load := func(text string) *feature.Scenario {
		l := feature.NewLoader(nil)
		l.Share(ctx)
		list, err := l.Load(fstest.MapFS{"a.feature": {Data: []byte(text)}}, "a.feature", "")
		require.NoError(t, err)
		require.Len(t, list, 1)
		assert.Equal(t, text, l.Text("a.feature"))
		return list[0]
	}
	const text = "Feature: a\n  Scenario: b\n    Given c\n"
	first := load(text)
	assert.Same(t, first, load(text))
	other := load(text + "    And d\n")
	assert.Len(t, other.Steps, 2)
	assert.Same(t, first, load(text))

	l := feature.NewLoader(nil)
	l.Share(t.Context())
	list, err := l.Load(fstest.MapFS{"a.feature": {Data: []byte(text)}}, "a.feature", "")
	require.NoError(t, err)
	assert.NotSame(t, first, list[0], "without a cache")
}
