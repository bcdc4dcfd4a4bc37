package recordings_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/recordings"
)

func TestTakesReachEveryShippedHop(t *testing.T) {
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	require.NoError(t, err)
	for _, f := range flows {
		for name, detailed := range map[string]bool{"JSON": false, "detailed": true} {
			t.Run(f.Name+" in "+name, func(t *testing.T) {
				takes, missed := recordings.Takes(f, recordings.Walk{Detailed: detailed})
				reached := map[string]bool{}
				for _, take := range takes {
					for _, x := range take {
						reached[x.Hop] = true
					}
				}
				for _, h := range missed {
					assert.True(t, detailed, "hop %q is not reached", h.Name)
				}
				for _, h := range f.Hops {
					if !detailed || h.Answer().Detailed != nil {
						assert.True(t, reached[h.Name], "hop %q is not reached", h.Name)
					}
				}
			})
		}
	}
}
