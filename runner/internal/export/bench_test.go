package export_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/export"
)

// large is an export of the size of the largest that is public.
func large(tb testing.TB) []byte {
	tb.Helper()
	var one struct{ Flows []any }
	require.NoError(tb, json.Unmarshal(shop(tb), &one))
	const size = 3_900 << 10
	flows := one.Flows
	for n := len(shop(tb)); n < size; n += len(shop(tb)) {
		flows = append(flows, one.Flows...)
	}
	b, err := json.Marshal(object{"flows": flows})
	require.NoError(tb, err)
	return b
}

func BenchmarkParse(b *testing.B) {
	data := large(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := export.Parse(data)
		require.NoError(b, err)
	}
}
