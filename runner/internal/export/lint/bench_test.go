package lint_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/lint"
)

// An export of the size of the largest that is public is read and checked.
func BenchmarkCheck(b *testing.B) {
	s := newShop(b)
	one, err := json.Marshal(s)
	require.NoError(b, err)
	const size = 3_900 << 10
	flows := s.Flows
	for n := len(one); n < size; n += len(one) {
		s.Flows = append(s.Flows, flows...)
	}
	data, err := json.Marshal(s)
	require.NoError(b, err)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := export.Parse(data)
		require.NoError(b, err)
		require.NotEmpty(b, lint.Check(f, nil))
	}
}
