package learn_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner/internal/learn"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// The scenarios of a run end in another order each time: the recording is the same.
func TestARecordingDoesNotDependOnTheOrderOfItsJourneys(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) // the same orders every time
	for _, f := range shipped.Flows(t) {
		t.Run(f.Name, func(t *testing.T) {
			var transcripts []davinci.Exchanges
			for _, detailed := range []bool{false, true} {
				for range 2 {
					more, _ := walk.Journeys(f, walk.Options{Detailed: detailed, User: canaries["carol"], First: len(transcripts)})
					transcripts = append(transcripts, more...)
				}
			}
			for n, transcript := range transcripts {
				for i := range transcript {
					transcript[i].Began = day.Date.Add(time.Duration(n)*time.Minute + time.Duration(i)*time.Second)
				}
			}
			o := learn.Options{Name: f.Name, Users: canaries, Keep: true}
			want, err := learn.Learn(transcripts, o)
			require.NoError(t, err)
			files, err := want.Flow.Files()
			require.NoError(t, err)
			for range 2 {
				random.Shuffle(len(transcripts), func(i, j int) { transcripts[i], transcripts[j] = transcripts[j], transcripts[i] })
				got, err := learn.Learn(transcripts, o)
				require.NoError(t, err)
				other, err := got.Flow.Files()
				require.NoError(t, err)
				assert.Equal(t, files, other)
				assert.Len(t, got.Unsure, len(want.Unsure))
			}
		})
	}
}
