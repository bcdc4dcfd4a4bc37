package cover

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Indexes in any order are kept as runs of consecutive ones, each once.
func TestScenarios(t *testing.T) {
	t.Parallel()
	var s Scenarios
	for _, i := range []int32{5, 3, 4, 9, 0, 4, 5, 8} {
		s.add(i)
	}
	assert.Equal(t, Scenarios{{0, 0}, {3, 5}, {8, 9}}, s)
	assert.Equal(t, 6, s.Len())
	assert.Equal(t, []int32{0, 3, 4}, s.First(3))
	assert.Equal(t, Scenarios{{1, 6}}, s.renumbered([]int32{6, -1, -1, 5, 4, 3, -1, -1, 2, 1}))

	assert.Equal(t, Scenarios{{0, 2}}, Scenarios{{0, 2}}.and(nil))
	assert.Equal(t, Scenarios{{0, 6}, {8, 9}}, Scenarios{{0, 1}, {5, 6}, {9, 9}}.and(Scenarios{{1, 4}, {8, 8}}))

	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var s Scenarios
		want := map[int32]bool{}
		for range random.IntN(40) {
			i := random.Int32N(30)
			want[i] = true
			s.add(i)
		}
		list := s.First(s.Len())
		require.Len(t, list, len(want))
		require.True(t, slices.IsSorted(list))
		for i := 1; i < len(s); i++ {
			require.Greater(t, s[i][0], s[i-1][1]+1, "runs that touch are one")
		}
		for _, i := range list {
			require.True(t, want[i])
		}
	}
}
